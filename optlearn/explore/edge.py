"""The edge of stability: the sharpness of a real network beside 2/lr, played back."""

import numpy as np
import traitlets

from .. import experiments, plots
from .base import VIEW, Checked, Explorer, digits, module, whole

EXPERIMENT = "edge.stability"
#: The last looks, over which the sharpness is averaged: a quarter of the run.
LATE = 20


def _rate(value):
    known = experiments.get(EXPERIMENT).result()["rates"]
    if value not in known:
        raise ValueError(f"lr is {value!r}: choose one of {', '.join(map(str, known))}")
    return float(value)


class Edge(Explorer):
    """The widget that ``surface("edge")`` returns."""

    _esm = module("chart.js", *VIEW, "edge.js")

    lr = Checked(_rate)
    seed = Checked(lambda value: whole("seed", value, 0, 4))
    #: The computed runs.
    found = traitlets.Dict().tag(sync=True)

    def __init__(self, lr=0.5, seed=0):
        super().__init__(lr=lr, seed=seed, found=experiments.get(EXPERIMENT).result())

    def late(self, lr):
        """Return the mean sharpness of the last looks, one number a seed."""
        runs = self.found["sharpness"][self.found["rates"].index(lr)]
        return np.array([np.mean(run[-LATE:]) for run in runs])

    def text(self):
        found = self.found
        rows = []
        for i, lr in enumerate(found["rates"]):
            limit = f"{digits(lr)}: 2/lr {digits(2 / lr)}, "
            if found["diverged"][i][0] is not None:
                first, last = min(found["diverged"][i]), max(found["diverged"][i])
                rows.append(f"{limit}every run diverges, at step {first} to {last}")
                continue
            late, rises = self.late(lr), 100 * np.array(found["rises"][i])
            rows.append(
                f"{limit}sharpness {digits(late.min())} to {digits(late.max())}, "
                f"loss rises in {rises.min():.0f} to {rises.max():.0f} % of late steps"
            )
        count = len(found["loss"][0])
        return "\n".join([self.finding(), f"learning rate, {count} seeds:", *rows])

    def finding(self):
        """Say in one line what the chosen run does."""
        found, i, lr = self.found, self.found["rates"].index(self.lr), self.lr
        loss, sharp = found["loss"][i][self.seed], found["sharpness"][i][self.seed]
        what = f"learning rate {digits(lr)}: the sharpness"
        if found["diverged"][i][self.seed] is not None:
            return (
                f"{what} {digits(sharp[0])} is far above 2/lr = {digits(2 / lr)} at the start, and "
                f"the run diverges at step {found['diverged'][i][self.seed]}"
            )
        end = np.mean(sharp[-LATE:])
        way = "climbs" if end > sharp[0] else "falls"
        near = "and stays near" if abs(end * lr / 2 - 1) < 0.1 else "which is still below"
        return (
            f"{what} {way} from {digits(sharp[0])} to {digits(end)} {near} 2/lr = "
            f"{digits(2 / lr)}; the loss falls from {digits(loss[0])} to {digits(loss[-1])} "
            f"although it rises in {100 * found['rises'][i][self.seed]:.0f} % of the late steps"
        )

    def axes(self):
        found, i = self.found, self.found["rates"].index(self.lr)
        ax = plots.axes(7.2, 4.2)
        for seed, run in enumerate(found["sharpness"][i]):
            chosen = seed == self.seed
            style = {"linewidth": 2.4 if chosen else 0.9, "alpha": 1 if chosen else 0.5}
            steps = found["steps"][: len(run)]
            ax.plot(steps, run, "o-" if len(run) == 1 else "-", color=plots.COLORS[0], **style)
        ax.axhline(2 / self.lr, linestyle="--", color=plots.COLORS[1])
        falls = found["sharpness"][i][self.seed][0] > 2 / self.lr
        where, side = (found["steps"][-1], "right") if falls else (12, "left")
        ax.annotate("2/lr", (where, 2 / self.lr), va="top" if falls else "bottom", ha=side)
        ax.set(ylim=(0, None), xlim=(0, found["steps"][-1]), xlabel="step")
        ax.set_ylabel("sharpness (largest curvature of the loss)")
        ax.set_title(self.finding().replace("; ", ";\n"), fontsize=9)
        return ax
