"""The X-ray: one step of an optimizer with the numbers in its formula."""

import functools
import re

import numpy as np
import traitlets

from .. import plots
from . import formulas
from .base import VIEW, Checked, Explorer, choice, digits, module, number, whole

OPTIMIZERS = {
    "adam": "Adam", "amsgrad": "AMSGrad", "adamw": "AdamW", "rmsprop": "RMSprop",
    "adagrad": "Adagrad", "adadelta": "Adadelta", "momentum": "momentum", "nesterov": "Nesterov",
    "sgd": "gradient descent", "lion": "Lion",
}  # fmt: skip
GRADIENTS = {
    "constant": "always the same",
    "noisy": "noisy",
    "sparse": "once in ten steps",
    "reddi": "Reddi's example",
}
STEPS = 1000
#: Reddi's example: the slope is this in one step of three and -1 in the others, on [-1, 1].
RARE = 4.0
#: What can be set, with its bounds and how it starts.
SETTINGS = {
    "lr": (1e-4, 1.0, 0.1),
    "beta1": (0.0, 0.999, 0.9),
    "beta2": (0.0, 0.9999, 0.999),
    "momentum": (0.0, 0.99, 0.9),
    "alpha": (0.0, 0.999, 0.99),
    "rho": (0.0, 0.999, 0.9),
    "eps": (1e-12, 1.0, 1e-8),
    "weight_decay": (0.0, 1.0, 0.01),
    "scale": (1e-9, 1e3, 1.0),
}


def xray(optimizer="adam", gradient="constant", *, correct=True, t=1, **settings):
    r"""Return an explorer of single steps: each line of the rule with its numbers.

    Parameters
    ----------
    optimizer : str, default "adam"
        One of ``xray.OPTIMIZERS``: the article's optimizers, AMSGrad, AdamW and Lion.
    gradient : {"constant", "noisy", "sparse", "reddi"}, default "constant"
        What the steps see. ``"reddi"`` is the example in which Adam can end at the worst point:
        the slope is 4 in one step of three and -1 in the others, the weight stays within [-1, 1],
        and the learning rate falls like :math:`1/\sqrt t`. On average downhill leads to -1.
    correct : bool, default True
        Whether the bias of the means is corrected (Adam's kin only).
    t : int, default 1
        The step that is shown, from 1 to 1000.
    **settings
        ``lr``, ``beta1``, ``beta2``, ``momentum``, ``alpha``, ``rho``, ``eps``, ``weight_decay``,
        and ``scale``, by which all gradients are multiplied.

    References
    ----------
    Reddi, Kale & Kumar, "On the convergence of Adam and beyond", ICLR 2018, section 3.

    Examples
    --------
    >>> print(xray(correct=False).text().splitlines()[0])
    Adam without bias correction steps too far at first: 3.16 learning rates at step 1, 6.57 at step 12
    """  # noqa: E501
    unknown = [name for name in settings if name not in SETTINGS]
    if unknown:
        raise TypeError(f"there is no setting {unknown[0]!r}: there are {', '.join(SETTINGS)}")
    if gradient == "reddi":
        settings = {"beta1": 0.0, "beta2": 1 / (1 + RARE**2), **settings}
    if optimizer == "adadelta":  # its learning rate is a factor, and 1 in the paper
        settings = {"lr": 1.0, **settings}
    start = {name: usual for name, (_, _, usual) in SETTINGS.items()}
    return Xray(
        optimizer=optimizer, gradient=gradient, correct=correct, t=t, settings={**start, **settings}
    )


def _settings(values):
    if values.keys() != SETTINGS.keys():
        raise ValueError(f"settings are {', '.join(SETTINGS)}, got {', '.join(values)}")
    return {
        name: number(
            name, values[name], f"choose a number from {low:g} to {high:g}",
            lambda v, low=low, high=high: low <= v <= high,
        )
        for name, (low, high, _) in SETTINGS.items()
    }  # fmt: skip


class Xray(Explorer):
    """The widget that :func:`xray` returns."""

    _esm = module("chart.js", *VIEW, "xray.js", before=formulas.javascript())

    optimizer = Checked(lambda value: choice("optimizer", value, OPTIMIZERS))
    gradient = Checked(lambda value: choice("gradient", value, GRADIENTS))
    correct = Checked(bool)
    t = Checked(lambda value: whole("t", value, 1, STEPS))
    settings = Checked(_settings)
    #: What the menus offer, and the noise of the noisy gradient.
    choices = traitlets.Dict().tag(sync=True)

    def __init__(self, **controls):
        choices = {
            "optimizers": OPTIMIZERS, "gradients": GRADIENTS, "steps": STEPS, "rare": RARE,
            "bounds": SETTINGS, "noise": noise(),
            "uses": {name: uses(name) for name in OPTIMIZERS},
        }  # fmt: skip
        super().__init__(choices=choices, **controls)

    def walk(self, correct=None):
        """Return the weight before and after each step, and the numbers of each line."""
        correct = self.correct if correct is None else correct
        values = {"w": 0.0, **dict.fromkeys(formulas.STATE[self.optimizer], 0.0)}
        weights, lines = [values["w"]], []
        for t in range(1, STEPS + 1):
            values |= self.settings | {
                "t": t,
                "g": slope(self.gradient, t) * self.settings["scale"],
            }
            if self.gradient == "reddi":
                values["lr"] = self.settings["lr"] / np.sqrt(t)
            before = formulas.compute(self.optimizer, values, correct)
            if self.gradient == "reddi":
                values["w"] = min(1.0, max(-1.0, values["w"]))
            lines.append((before, dict(values)))
            weights.append(values["w"])
        return np.array(weights), lines

    def lengths(self, correct=None):
        """Return how far each step goes, in learning rates."""
        weights, _ = self.walk(correct)
        return np.abs(np.diff(weights)) / self.settings["lr"]

    def finding(self):
        """Say in one line what the steps show."""
        name = OPTIMIZERS[self.optimizer]
        if self.gradient == "reddi":
            end = self.walk()[0][-1]
            place = (
                "the best point" if end < -0.5 else "the worst point" if end > 0.5 else "neither"
            )
            return (
                f"{name} on Reddi's example ends at {digits(end)}, {place}: the best is -1 "
                f"and the worst 1{self._betas()}"
            )
        lengths = self.lengths()
        top = int(np.argmax(lengths))
        if formulas.corrects(self.optimizer) and not self.correct:
            return (
                f"{name} without bias correction steps too far at first: {digits(lengths[0])} "
                f"learning rates at step 1, {digits(lengths[top])} at step {top + 1}"
            )
        return (
            f"{name}, gradient {GRADIENTS[self.gradient]}: {digits(lengths[0])} learning rates at "
            f"step 1, {digits(lengths[-1])} at step {STEPS}"
        )

    def _betas(self):
        used = [name for name in ("beta1", "beta2") if name in uses(self.optimizer)]
        said = ", ".join(f"{name} {digits(self.settings[name])}" for name in used)
        return f" ({said})" if said else ""

    def text(self):
        _, lines = self.walk()
        before, after = lines[self.t - 1]
        shown = formulas.lines(self.optimizer, self.correct)
        own = ", ".join(f"{k} {digits(self.settings[k])}" for k in uses(self.optimizer))
        rows = [
            f"{name} = {text} = {filled(text, values)} = {digits(_result(shown, before, after, i))}"
            for i, ((name, text, _), values) in enumerate(zip(shown, before, strict=True))
        ]
        return "\n".join(
            [self.finding(), own, f"step {self.t}, g = {digits(before[0]['g'])}", *rows]
        )

    def axes(self):
        ax = plots.axes(6.4, 3.6)
        if self.gradient == "reddi":
            ax.plot(self.walk()[0], color=plots.COLORS[0])
            ax.set(xlabel="step", ylabel="weight (best -1, worst 1)", ylim=(-1.1, 1.1))
        else:
            both = [True, False] if formulas.corrects(self.optimizer) else [self.correct]
            for correct in both:
                style = {"color": plots.COLORS[not correct], "linestyle": plots.DASHES[not correct]}
                label = "bias corrected" if correct else "not corrected"
                ax.plot(range(1, STEPS + 1), self.lengths(correct), label=label, **style)
            if len(both) > 1:
                ax.legend()
            ax.set(xscale="log", xlabel="step", ylabel="length of the step (learning rates)")
        ax.set_title(self.finding().replace(": ", ":\n", 1), fontsize=9)
        return ax


def _result(shown, before, after, i):
    """Return what line ``i`` gives: what the next line of that name starts from, or the end."""
    name = shown[i][0]
    later = before[i + 1] if i + 1 < len(before) else after
    return later[name]


def slope(gradient, t):
    """Return the gradient of step ``t`` before it is scaled."""
    if gradient == "constant":
        return 1.0
    if gradient == "noisy":
        return 1.0 + 2.0 * noise()[t - 1]
    if gradient == "sparse":
        return 1.0 if t % 10 == 1 else 0.0
    return RARE if t % 3 == 1 else -1.0


@functools.cache
def noise():
    """Return the noise of the noisy gradient, the same for everybody."""
    return np.random.default_rng(0).normal(size=STEPS).round(3).tolist()


def uses(optimizer):
    """Return the settings that the lines of an optimizer read, and the scale."""
    read = " ".join(text for _, text, _ in formulas.LINES[optimizer])
    found = [name for name in SETTINGS if re.search(rf"\b{name}\b", read)]
    return [*found, "scale"]


def filled(text, values):
    """Return a line with numbers in place of its names."""
    return re.sub(r"\b([a-zA-Z]\w*)\b(?!\()", lambda match: digits(values[match[1]]), text)
