"""The budget game: ten runs to beat Adam with its default learning rate."""

import math
from typing import ClassVar

import numpy as np

from ... import experiments, plots
from ..base import VIEW, Checked, choice, digits, module
from .played import NAMES, Played, percent, points

BUDGET = 10
OPTIMIZERS = {name: NAMES[name] for name in ("sgd", "momentum", "adam")}
#: What a player has to beat: Adam as libraries set it.
DEFAULT = ["adam", 32, 0.001]


def _setting(what, value):
    """Return a setting if the table has runs with it."""
    if what == "optimizer":
        return choice(what, value, OPTIMIZERS)
    known = experiments.get("budget.runs").result()[{"batch_size": "batches", "lr": "rates"}[what]]
    if value not in known:
        raise ValueError(f"{what} is {value!r}: choose one of {', '.join(map(str, known))}")
    return value


def _spent(runs):
    """Return runs that the budget allows and the table has."""
    if len(runs) > BUDGET:
        raise ValueError(f"spent holds {len(runs)} runs: the budget is {BUDGET}")
    settings = ("optimizer", "batch_size", "lr")
    return [list(map(_setting, settings, run)) for run in runs]


class Budget(Played):
    """The widget that ``runs("budget")`` returns."""

    _esm = module("chart.js", *VIEW, "runs_budget.js")
    experiment = "budget.runs"
    usual: ClassVar = {"optimizer": "sgd", "batch_size": 32, "lr": 0.01, "spent": ()}

    optimizer = Checked(lambda value: _setting("optimizer", value))
    batch_size = Checked(lambda value: _setting("batch_size", value))
    lr = Checked(lambda value: _setting("lr", value))
    #: The runs so far, as ``[optimizer, batch_size, lr]``.
    spent = Checked(_spent)

    def __init__(self, **controls):
        super().__init__(**controls)
        self.found = {**self.found, "expected": self.expected(), "default": DEFAULT}

    def names(self):
        return {"optimizer": OPTIMIZERS}

    def _look_up(self, run, part="validation"):
        name, size, lr = run
        row = self.result[part][name][self.result["batches"].index(size)]
        return row[self.result["rates"].index(lr)]

    def table(self, part="validation"):
        """Return all accuracies of a part, flat."""
        return np.ravel([self.result[part][name] for name in OPTIMIZERS])

    def best(self):
        """Return the setting that is best on validation data."""
        keys = [
            [name, size, lr]
            for name in OPTIMIZERS for size in self.result["batches"] for lr in self.result["rates"]
        ]  # fmt: skip
        return keys[int(np.argmax(self.table()))]

    def expected(self):
        """Return the mean of the best validation accuracy of ten different runs drawn at random.

        Of all draws, the share whose best is the one of rank k is C(k-1, 9) / C(N, 10).
        """
        values = np.sort(self.table())
        ways = [math.comb(k, BUDGET - 1) for k in range(len(values))]
        return float(np.dot(values, ways) / math.comb(len(values), BUDGET))

    def text(self):
        count = len(self.spent)
        default, test = self._look_up(DEFAULT), self._look_up(DEFAULT, "test")
        rows = [
            f"{count} of {BUDGET} runs spent; to beat: Adam at its default rate 0.001, "
            f"{percent(default)} on validation data"
        ]
        for name, size, lr in self.spent:
            score = percent(self._look_up([name, size, lr]))
            rows.append(f"{OPTIMIZERS[name]}, batch {size}, learning rate {digits(lr)}: {score}")
        if count == BUDGET:
            mine, best = max(self.spent, key=self._look_up), self.best()
            gain = self._look_up(mine, "test") - test
            ideal = self._look_up(best, "test") - test
            rows[0] = (
                f"your best on validation data gets {points(gain)} over Adam's default on test "
                f"data; the table's best, {OPTIMIZERS[best[0]]}, batch {best[1]}, rate "
                f"{digits(best[2])}, {points(ideal)}; ten random runs find "
                f"{percent(self.expected())} on validation data"
            )
        return "\n".join(rows)

    def axes(self):
        ax = plots.axes()
        markers = dict(zip(OPTIMIZERS, "os^", strict=True))
        for number, (name, marker) in enumerate(markers.items()):
            runs = [run for run in self.spent if run[0] == name]
            scores = [100 * self._look_up(run) for run in runs]
            ax.plot(
                [lr for *_, lr in runs], scores, marker, color=plots.COLORS[number],
                label=OPTIMIZERS[name],
            )  # fmt: skip
        ax.axhline(100 * self._look_up(DEFAULT), linestyle="--", color=plots.COLORS[6])
        ax.set(xscale="log", xlim=(0.8e-4, 1.3), ylim=(0, 100))
        ax.set(xlabel="learning rate", ylabel="validation accuracy (%)")
        ax.legend()
        ax.set_title(self.text().splitlines()[0].replace("; ", ";\n"), fontsize=9)
        return ax
