"""The counter: what a batch, a step and an epoch are, and who computes what in one step."""

from typing import ClassVar

import numpy as np
import traitlets

from .. import nn, optim, plots, schedules
from .base import VIEW, Checked, Part, choice, digits, module, number, whole

PARTS = {"steps": "count the steps", "neuron": "one step of one neuron"}
#: Who works in a step of training, in this order, and at what.
WORKERS = (
    ("loader", "hands out the next example"),
    ("model", "computes the output"),
    ("loss", "says how wrong the output is"),
    ("backpropagation", "says which way is down"),
    ("schedule", "says how far to go"),
    ("optimizer", "moves the weights"),
)
#: What the loader hands out, in turns: the answers of the neuron 2 x - 1.
EXAMPLES = ((1.0, 1.0), (2.0, 3.0), (-1.0, -3.0), (0.5, 0.0))


def counter(part="steps", **controls):
    """Return an explorer of the words that count: sample, batch, step, epoch.

    Parameters
    ----------
    part : {"steps", "neuron"}, default "steps"
        ``"steps"`` counts: ``samples`` (from 1 to 2000, default 300), ``batch_size`` (from 1 to
        2000, default 32), ``epochs`` (from 1 to 12, default 3), ``drop_last`` (default False).
        ``"neuron"`` takes one neuron through training and shows whose work each number is:
        ``lr`` (from 0.01 to 0.5, default 0.1), ``factor`` (the schedule multiplies the rate by it
        after each step, from 0.5 to 1, default 0.9), ``steps`` (from 1 to 12, default 4).
    **controls
        What the controls of that part show first.

    Examples
    --------
    >>> print(counter(samples=1078, epochs=5).text().splitlines()[0])
    1078 samples in batches of 32: 34 steps an epoch, 170 updates in 5 epochs (not 5)
    """
    choice("part", part, PARTS)
    return {"steps": Counter, "neuron": Neuron}[part](**controls)


class Counter(Part):
    """The widget that ``counter("steps")`` returns."""

    _esm = module("chart.js", *VIEW, "counter.js")
    usual: ClassVar = {"samples": 300, "batch_size": 32, "epochs": 3, "drop_last": False}

    samples = Checked(lambda value: whole("samples", value, 1, 2000))
    batch_size = Checked(lambda value: whole("batch_size", value, 1, 2000))
    epochs = Checked(lambda value: whole("epochs", value, 1, 12))
    drop_last = Checked(bool)

    def sizes(self):
        """Return the sizes of the batches of one epoch; a batch is never larger than the data."""
        size = min(self.batch_size, self.samples)
        full, rest = divmod(self.samples, size)
        return [size] * full + [rest] * (rest > 0 and not self.drop_last)

    def text(self):
        sizes = self.sizes()
        steps = len(sizes) * self.epochs
        left_out = self.samples - sum(sizes)
        instead = f" (not {self.epochs})" if len(sizes) > 1 else ""
        return "\n".join(
            [
                f"{self.samples} samples in batches of {sizes[0]}: {_times(len(sizes), 'step')} an "
                f"epoch, {_times(steps, 'update')} in {_times(self.epochs, 'epoch')}{instead}",
                "one step = one batch = one update of all weights; one epoch = every batch once",
                f"last batch of an epoch: {sizes[-1]} samples",
                f"samples left out in each epoch: {left_out}",
                f"samples seen in all, repeats included: {sum(sizes) * self.epochs}",
            ]
        )

    def axes(self):
        sizes = self.sizes()
        ax = plots.axes(6.4, 3.2)
        edges = np.cumsum([0, *sizes])
        for epoch in range(self.epochs):
            for i, size in enumerate(sizes):
                color = plots.COLORS[1 if size < sizes[0] else (5 if i % 2 else 0)]
                ax.barh(epoch + 1, size, left=edges[i], color=color, height=0.7)
        ax.invert_yaxis()
        ax.set_yticks(range(1, self.epochs + 1))
        ax.set(xlabel="samples (one box is one batch: one update)", ylabel="epoch")
        ax.set_title(self.text().splitlines()[0], fontsize=9)
        return ax


class Neuron(Part):
    """The widget that ``counter("neuron")`` returns."""

    _esm = module("chart.js", *VIEW, "neuron.js")
    usual: ClassVar = {"lr": 0.1, "factor": 0.9, "steps": 4}

    lr = Checked(lambda v: number("lr", v, "choose 0.01 to 0.5", lambda x: 0.01 <= x <= 0.5))
    factor = Checked(lambda v: number("factor", v, "choose 0.5 to 1", lambda x: 0.5 <= x <= 1))
    steps = Checked(lambda value: whole("steps", value, 1, 12))
    #: The workers of a step, and the examples that the loader has.
    choices = traitlets.Dict().tag(sync=True)

    def __init__(self, **controls):
        super().__init__(**controls)
        self.choices = {"workers": WORKERS, "examples": EXAMPLES}

    def record(self):
        """Return one dictionary a step: what each worker computed, by the library's own parts."""
        neuron = nn.Sequential(nn.Linear(1, 1, rng=0, dtype=float))
        loss = nn.MSELoss()
        schedule = schedules.exponential(self.lr, self.factor)
        weight, bias = neuron.parameters()
        weight.data, bias.data = [[0.5]], [0.0]
        optimizer = optim.SGD(neuron.parameters(), lr=schedule)
        rows = []
        for t in range(self.steps):
            x, y = EXAMPLES[t % len(EXAMPLES)]
            out = neuron(np.array([[x]]))
            row = {"x": x, "y": y, "w": weight.data.item(), "b": bias.data.item()}
            row |= {"out": out.item(), "loss": loss(out, np.array([[y]]))}
            neuron.backward(loss.backward())
            row |= {"dw": weight.grad.item(), "db": bias.grad.item(), "lr": optimizer.lr}
            optimizer.step()
            rows.append(row | {"w_new": weight.data.item(), "b_new": bias.data.item()})
        return rows

    def text(self):
        rows = self.record()
        first, last = rows[0], rows[-1]
        t = {k: digits(v) for k, v in first.items()}
        return "\n".join(
            [
                "the optimizer computes no loss and no gradient: it moves weights by gradients",
                f"loader: example x = {t['x']}, y = {t['y']}",
                f"model: out = {t['w']} * {t['x']} + {t['b']} = {t['out']}",
                f"loss: ({t['out']} - {t['y']})^2 = {t['loss']}",
                f"backpropagation: d loss / dw = {t['dw']}, d loss / db = {t['db']}",
                f"schedule: learning rate {t['lr']}",
                f"optimizer: w = {t['w']} - {t['lr']} * {t['dw']} = {t['w_new']}, b = {t['b_new']}",
                f"after {_times(self.steps, 'step')}: w = {digits(last['w_new'])}, "
                f"b = {digits(last['b_new'])} (the answers come from w = 2, b = -1)",
            ]
        )

    def axes(self):
        rows = self.record()
        runs = {
            "weight w": [rows[0]["w"], *(row["w_new"] for row in rows)],
            "bias b": [rows[0]["b"], *(row["b_new"] for row in rows)],
        }
        ax = plots.curves(runs, ylabel="value", log=False)
        ax.set_title(self.text().splitlines()[0], fontsize=9)
        return ax


def _times(count, what):
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
