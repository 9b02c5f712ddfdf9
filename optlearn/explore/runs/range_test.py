"""The range test: guess the best learning rate from it, then see what full trainings say."""

from typing import ClassVar

import numpy as np

from ... import plots
from ..base import VIEW, Checked, choice, digits, module, number
from .played import NAMES, Played, percent

OPTIMIZERS = {name: NAMES[name] for name in ("sgd", "adam")}
LABELS = {"noisy": "a fifth of them wrong", "clean": "all right"}
RULES = {"steepest": "steepest fall", "tenth": "a tenth of the lowest point"}


class RangeTest(Played):
    """The widget that ``runs("range_test")`` returns."""

    _esm = module("chart.js", *VIEW, "runs_range_test.js")
    experiment = "ranges.folk"
    usual: ClassVar = {"optimizer": "sgd", "labels": "noisy", "guess": 0.1, "revealed": False}

    optimizer = Checked(lambda value: choice("optimizer", value, OPTIMIZERS))
    labels = Checked(lambda value: choice("labels", value, LABELS))
    guess = Checked(
        lambda value: number(
            "guess", value, "choose a rate from 0.0001 to 1", lambda v: 1e-4 <= v <= 1
        )
    )
    revealed = Checked(bool)

    def names(self):
        return {"optimizer": OPTIMIZERS, "labels": LABELS, "rules": RULES}

    def here(self):
        """Return the tests and the trainings of the chosen optimizer and labels."""
        return self.result[f"{self.optimizer}-{self.labels}"]

    def text(self):
        here = self.here()
        count = len(here["curves"])
        what = f"{OPTIMIZERS[self.optimizer]}, labels {LABELS[self.labels]}"
        low, high = here["rates"][0], here["rates"][-1]
        test = f"{count} range tests from {digits(low)} to {digits(high)}, each with its own seed"
        if not self.revealed:
            return f"{what}: which learning rate is best? Guess, then reveal.\n{test}"
        best = here["best"]
        scores = np.mean(here["accuracy"], axis=1)
        rows = [f"{what}: the best rate is {digits(best)} ({percent(scores.max())})", test]
        for rule, name in RULES.items():
            advice = here["advice"][rule]
            score = at_rate(here, float(np.median(advice)))
            rows.append(
                f"rule {name!r}: {digits(min(advice))} to {digits(max(advice))}, "
                f"{off(best, min(advice))} to {off(best, max(advice))}; its median gets "
                f"{percent(score)}"
            )
        rows.append(
            f"your guess {digits(self.guess)}: {off(best, self.guess)}, "
            f"{percent(at_rate(here, self.guess))}"
        )
        rows.append("accuracy on validation data after full trainings, mean over the seeds")
        return "\n".join(rows)

    def axes(self):
        here = self.here()
        ax = plots.axes()
        for i, curve in enumerate(here["curves"]):
            name = "smoothed training loss, a line a seed" if i == 0 else None
            ax.plot(
                here["rates"][: len(curve)], curve, color=plots.COLORS[0], alpha=0.6, label=name
            )
        ax.set(xscale="log", xlabel="learning rate", ylabel="loss in the range test")
        ax.set_ylim(0.9 * min(map(min, here["curves"])), 1.3 * here["curves"][0][0])
        ax.axvline(self.guess, color=plots.COLORS[6], linestyle=":", label="guess")
        if self.revealed:
            for k, (rule, name) in enumerate(RULES.items(), start=1):
                ax.axvspan(
                    min(here["advice"][rule]), max(here["advice"][rule]), alpha=0.2,
                    color=plots.COLORS[k], label=name,
                )  # fmt: skip
            ax.axvline(here["best"], color=plots.COLORS[2], linestyle="--", label="best")
        ax.legend(fontsize=8)
        ax.set_title(self.text().splitlines()[0], fontsize=9)
        return ax


def at_rate(here, rate):
    """Return the mean accuracy at the trained rate nearest to ``rate``, by their ratio."""
    distances = np.abs(np.log(np.array(here["trained"]) / rate))
    return float(np.mean(here["accuracy"][int(np.argmin(distances))]))


def off(best, rate):
    """Say how far a rate lies from the best one."""
    ratio = rate / best
    if abs(np.log(ratio)) < np.log(1.1):
        return "right"
    factor = float(digits(max(ratio, 1 / ratio)))
    return f"{factor:g} times too {'high' if ratio > 1 else 'low'}"
