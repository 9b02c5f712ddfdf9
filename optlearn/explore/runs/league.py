"""The league: optimizers on small tasks, and how the range of rates decides who wins."""

from typing import ClassVar

import numpy as np

from ... import plots
from ..base import VIEW, Checked, choice, digits, module
from .played import NAMES, Played

TASKS = {
    "bowl": "turned bowl (powers of 10 that the loss falls)",
    "digits": "noisy digits, two layers (accuracy, %)",
    "words": "bags of words (accuracy, %)",
    "images": "digits, convolution (accuracy, %)",
    "rows": "digits row by row, recurrent (accuracy, %)",
}
#: The rates of each range; all optimizers get the same.
RANGES = {"narrow": (1e-4, 0.05), "wide": (1e-4, 40.0)}
SAID = {"narrow": "0.0001 to 0.0316", "wide": "0.0001 to 31.6"}


class League(Played):
    """The widget that ``runs("league")`` returns."""

    _esm = module("chart.js", *VIEW, "runs_league.js")
    experiment = "league.scores"
    usual: ClassVar = {"rates": "narrow", "task": "digits"}

    rates = Checked(lambda value: choice("rates", value, RANGES))
    task = Checked(lambda value: choice("task", value, TASKS))

    def names(self):
        return {"optimizer": NAMES, "task": TASKS, "rates": SAID, "ranges": RANGES}

    def entries(self, task, rates=None):
        """Return by optimizer the score of its best rate within a range, and its rank.

        The rate is chosen on validation data, the score is that on test data. One is ranked
        behind another if it scores less by more than the standard deviation over seeds of either.
        """
        low, high = RANGES[rates or self.rates]
        inside = [i for i, lr in enumerate(self.result["rates"]) if low <= lr <= high]
        found = {}
        for name, row in self.result["scores"][task].items():
            best = max(inside, key=lambda i: row["validation"][i])
            found[name] = {
                "lr": self.result["rates"][best], "test": row["test"][best], "sd": row["sd"][best],
                "edge": best in (inside[0], inside[-1]),
            }  # fmt: skip
        for one in found.values():
            one["rank"] = 1 + sum(
                other["test"] - one["test"] > max(one["sd"], other["sd"])
                for other in found.values()
            )
        return found

    def standing(self, rates=None):
        """Return the mean rank of each optimizer, the best first."""
        tables = [self.entries(task, rates) for task in TASKS]
        means = {name: float(np.mean([t[name]["rank"] for t in tables])) for name in tables[0]}
        return dict(sorted(means.items(), key=lambda item: item[1]))

    def text(self):
        other = "wide" if self.rates == "narrow" else "narrow"
        rows = [
            f"rates {SAID[self.rates]}: {_order(self.standing())} (mean rank)",
            f"rates {SAID[other]}: {_order(self.standing(other))}",
        ]
        for task, what in TASKS.items():
            entries = sorted(self.entries(task).items(), key=lambda item: item[1]["rank"])
            said = [
                f"{one['rank']} {NAMES[name]} {_score(task, one['test'])}" + "!" * one["edge"]
                for name, one in entries
            ]
            rows.append(f"{what.split(' (')[0]}: {', '.join(said)}")
        rows.append("same rank: within one standard deviation of 5 seeds; !: best rate at the end")
        return "\n".join(rows)

    def axes(self):
        ax = plots.axes()
        factor = 1 if self.task == "bowl" else 100
        for number, (name, row) in enumerate(self.result["scores"][self.task].items()):
            ax.plot(
                self.result["rates"], factor * np.array(row["validation"]), marker="o",
                color=plots.COLORS[number], linestyle=plots.DASHES[number], label=NAMES[name],
            )  # fmt: skip
        ax.axvspan(*RANGES[self.rates], color=plots.COLORS[6], alpha=0.08)
        ax.set(xscale="log", xlabel="learning rate (grey: the range)", ylabel=TASKS[self.task])
        ax.legend(fontsize=8)
        ax.set_title(self.text().splitlines()[0].replace(": ", ":\n", 1), fontsize=9)
        return ax


def _order(standing):
    return ", ".join(f"{NAMES[name]} {digits(rank)}" for name, rank in standing.items())


def _score(task, value):
    return digits(value) if task == "bowl" else digits(100 * value)
