"""How many seeds it takes until a difference may be claimed."""

from typing import ClassVar

import numpy as np

from ... import plots, tuning
from ...tuning.compare import t_quantile
from ..base import VIEW, Checked, choice, digits, module, whole
from .played import NAMES, Played, percent, points

PAIRS = {
    "momentum-adam": "momentum less Adam",
    "sgd-momentum": "plain SGD less momentum",
    "sgd-adam": "plain SGD less Adam",
}
SEEDS = 40


class Seeds(Played):
    """The widget that ``runs("seeds")`` returns."""

    _esm = module("chart.js", *VIEW, "runs_seeds.js")
    experiment = "seeds.claims"
    usual: ClassVar = {"pair": "momentum-adam", "seeds": 3, "first": 0}

    pair = Checked(lambda value: choice("pair", value, PAIRS))
    seeds = Checked(lambda value: whole("seeds", value, 2, SEEDS))
    first = Checked(lambda value: whole("first", value, 0, SEEDS - 1))

    def __init__(self, **controls):
        super().__init__(**controls)
        quantiles = [[t_quantile(p, n - 1) for n in range(2, SEEDS + 1)] for p in (0.975, 0.8)]
        self.found = {**self.found, "quantiles": quantiles}

    def names(self):
        return {"pair": PAIRS}

    def comparison(self, count=None):
        """Return the comparison over the first ``count`` seeds from the chosen one on."""
        a, b = (np.array(self.result["accuracy"][name]) for name in self.pair.split("-"))
        chosen = (self.first + np.arange(count or self.seeds)) % SEEDS
        return tuning.Comparison("accuracy", tuple((a - b)[chosen].tolist()))

    def text(self):
        a, b = self.pair.split("-")
        now, full = self.comparison(), self.comparison(SEEDS)
        low, high = full.ci95
        shares = self.result["subsets"][self.pair]
        rows = [
            f"{self.seeds} seeds, {PAIRS[self.pair]}: {_verdict(now)}, {points(now.effect)}, "
            f"95 % interval {_points(now.ci95)}",
            f"smallest difference that {self.seeds} seeds would show 4 times in 5: "
            f"{points(now.smallest_effect, '')}",
            f"all {SEEDS} seeds: {_verdict(full)}, {points(full.effect)}, {_points((low, high))}",
        ]
        if self.seeds in shares["sizes"]:
            i = shares["sizes"].index(self.seeds)
            rows += [
                f"of all sets of {self.seeds} seeds {percent(shares['opposite'][i])} have the "
                f"better mean on the other side than all {SEEDS}",
                f"their 95 % interval claims a difference in "
                f"{percent(shares['claimed'][i] + shares['claimed_opposite'][i])}",
            ]
        rows.append(
            "learning rates tuned on validation data with other seeds: "
            + ", ".join(f"{NAMES[name]} {digits(self.result['rates'][name])}" for name in (a, b))
        )
        return "\n".join(rows)

    def axes(self):
        ax = plots.axes()
        sizes = np.arange(2, SEEDS + 1)
        made = [self.comparison(int(n)) for n in sizes]
        effects = 100 * np.array([one.effect for one in made])
        low, high = 100 * np.array([one.ci95 for one in made]).T
        ax.fill_between(sizes, low, high, color=plots.COLORS[0], alpha=0.2, label="95 % interval")
        ax.plot(sizes, effects, color=plots.COLORS[0], label="mean difference")
        ax.axhline(0, color=plots.COLORS[6], linewidth=1)
        ax.axvline(self.seeds, color=plots.COLORS[1], linestyle="--")
        ax.set(xlabel="number of seeds", ylabel="difference (percentage points)", ylim=(-6, 6))
        ax.legend()
        ax.set_title(self.text().splitlines()[0], fontsize=9)
        return ax


def _verdict(comparison):
    return "they differ" if comparison.differs else "undecided"


def _points(interval):
    low, high = interval
    return f"{100 * low:+.2g} to {100 * high:+.2g}"
