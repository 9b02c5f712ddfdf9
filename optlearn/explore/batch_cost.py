"""The cost of a batch: steps, examples and time until a training loss is reached."""

import math
import textwrap

import numpy as np
import traitlets

from .. import experiments, plots
from .base import VIEW, Checked, Explorer, choice, digits, module, whole

RATES = {
    "tuned": "each batch size its own, tuned",
    "same-1": "the best of batch 1 for all",
    "same-16": "the best of batch 16 for all",
}
COSTS = {"steps": "steps", "examples": "examples", "time": "rounds of the hardware"}


def batch_cost(rates="tuned", cost="steps", *, batch_size=16, parallel=32):
    """Return an explorer of what it costs to reach a training loss, by batch size.

    It plays back runs that were computed beforehand (the experiment ``batch.cost``).

    Parameters
    ----------
    rates : {"tuned", "same-1", "same-16"}, default "tuned"
        A learning rate of its own for each batch size, or one for all of them.
    cost : {"steps", "examples", "time"}, default "steps"
        What is counted. Time is in rounds: a machine takes ``parallel`` examples at once, so a
        step takes as many rounds as its batch fills.
    batch_size : int, default 16
        The size whose numbers are read out, a power of 2 up to 512.
    parallel : int, default 32
        From 1 to 512.

    Examples
    --------
    >>> batch_cost("same-1").rates
    'same-1'
    """
    return BatchCost(rates=rates, cost=cost, batch_size=batch_size, parallel=parallel)


def _size(value):
    sizes = experiments.get("batch.cost").result()["sizes"]
    if value not in sizes:
        known = ", ".join(map(str, sizes))
        raise ValueError(f"batch_size is {value!r}: choose one of {known}")
    return int(value)


class BatchCost(Explorer):
    """The widget that :func:`batch_cost` returns."""

    _esm = module("chart.js", *VIEW, "batch_cost.js")

    rates = Checked(lambda value: choice("rates", value, RATES))
    cost = Checked(lambda value: choice("cost", value, COSTS))
    batch_size = Checked(_size)
    parallel = Checked(lambda value: whole("parallel", value, 1, 512))
    #: The computed runs, and what the menus offer.
    choices = traitlets.Dict().tag(sync=True)

    def __init__(self, **controls):
        found = experiments.get("batch.cost").result()
        names = {"rates": RATES, "cost": COSTS}
        super().__init__(choices={"found": found, "names": names}, **controls)

    def costs(self, rates=None, cost=None):
        """Return the cost of each run, shape (sizes, seeds); infinite where it never arrives."""
        found = self.choices["found"]
        sizes = np.array(found["sizes"])[:, None]
        runs = found[rates or self.rates]["steps"]
        steps = np.array(
            [[n if isinstance(n, int | float) else np.inf for n in row] for row in runs]
        )
        each = {"steps": 1, "examples": sizes, "time": np.ceil(sizes / self.parallel)}
        return steps * each[cost or self.cost]

    def middles(self, rates=None, cost=None):
        """Return the median over seeds, one a size."""
        return np.median(self.costs(rates, cost), axis=1)

    def text(self):
        found = self.choices["found"]
        sizes, middles = found["sizes"], self.middles()
        rate = found[self.rates]["lr"]
        rows = [
            f"batch {size}: {_said(middle)} at learning rate "
            f"{digits(rate[i] if self.rates == 'tuned' else rate)}"
            for i, (size, middle) in enumerate(zip(sizes, middles, strict=True))
        ]
        return "\n".join([self.finding(), "median of the seeds, " + COSTS[self.cost] + ":", *rows])

    def finding(self):
        """Say in one line what the runs show."""
        found = self.choices["found"]
        steps = self.middles(self.rates, "steps")
        small, large = found["sizes"][0], found["sizes"][-1]
        if self.rates == "tuned":
            examples = self.middles("tuned", "examples")
            return (
                f"with tuned rates larger batches need fewer steps ({_said(steps[0])} at {small}, "
                f"{_said(steps[-1])} at {large}) but {digits(examples[-1] / examples.min())} times "
                "the examples of the cheapest"
            )
        arriving = [i for i, middle in enumerate(steps) if math.isfinite(middle)]
        first = found["sizes"][arriving[0]]
        return (
            f"at learning rate {digits(found[self.rates]['lr'])} for all, batch {large} takes "
            f"{_said(steps[-1])} steps, and batch {first} takes {_said(steps[arriving[0]])}"
            + (", and smaller ones never arrive" if first > small else "")
        )

    def axes(self):
        sizes = np.array(self.choices["found"]["sizes"])
        ax = plots.axes()
        for number, rates in enumerate(RATES):
            costs = np.where(np.isfinite(self.costs(rates)), self.costs(rates), np.nan)
            style = {"color": plots.COLORS[number], "linestyle": plots.DASHES[number]}
            chosen = 2.6 if rates == self.rates else 1.2
            ax.plot(sizes, np.median(costs, 1), "o", label=RATES[rates], linewidth=chosen, **style)
            ax.fill_between(sizes, costs.min(1), costs.max(1), alpha=0.2, color=style["color"])
        ax.set(xscale="log", yscale="log", xlabel="batch size (examples)")
        ax.set_ylabel(f"{COSTS[self.cost]} to the target")
        ax.legend(title="learning rate")
        ax.set_title(textwrap.fill(self.finding(), 80), fontsize=9)
        return ax


def _said(middle):
    return digits(middle) if math.isfinite(middle) else "never arrives"
