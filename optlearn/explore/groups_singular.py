"""Singular values of a momentum before and after Newton and Schulz's iteration."""

import functools
from typing import ClassVar

import numpy as np
import traitlets

from .. import datasets, nn, optim, plots, rules
from .base import VIEW, Part, chosen, counted, digits, module

MATRICES = {
    "digits": "hidden layer, digits (32 x 64)",
    "normal": "drawn at random (32 x 64)",
    "tall": "drawn at random (64 x 16)",
}
MOST = 10


class Singular(Part):
    """The widget that ``groups("singular")`` returns."""

    _esm = module("chart.js", *VIEW, "groups_singular.js")
    usual: ClassVar = {"matrix": "digits", "steps": 5}

    matrix = chosen("matrix", MATRICES)
    steps = counted("steps", 0, MOST)
    #: The singular values of each matrix, and what the menu offers.
    choices = traitlets.Dict().tag(sync=True)

    def __init__(self, **controls):
        super().__init__(**controls)
        values = {name: singular(matrix(name)).tolist() for name in MATRICES}
        self.choices = {"matrix": MATRICES, "values": values}

    def values(self, steps):
        """Return the singular values after so many steps, the largest first."""
        return singular(rules.orthogonalize(matrix(self.matrix), steps))

    def text(self):
        before, after = self.values(0), self.values(self.steps)
        return "\n".join(
            [
                f"after {self.steps} of Newton and Schulz's steps the singular values lie between "
                f"{digits(after[-1])} and {digits(after[0])}, before between {digits(before[-1])} "
                f"and {digits(before[0])}",
                f"momentum: {MATRICES[self.matrix]}, scaled to length 1",
                f"largest over smallest: before {digits(before[0] / before[-1])}, after "
                f"{digits(after[0] / after[-1])}",
                "a step multiplies a small value by 3.44; near 1 they stay between 0.68 and 1.2, "
                "and none settles; Muon takes 5 steps",
            ]
        )

    def axes(self):
        runs = {"before": self.values(0), f"after {self.steps} steps": self.values(self.steps)}
        x = np.arange(1, len(runs["before"]) + 1)
        ax = plots.curves(runs, x=x, xlabel="number, the largest first", ylabel="singular value")
        ax.axhline(1, color="black", linewidth=1, linestyle=":")
        ax.set_title(self.text().splitlines()[0].replace(", before", ",\nbefore"), fontsize=9)
        return ax


def singular(matrix):
    """Return the singular values, the largest first."""
    return np.linalg.svd(matrix, compute_uv=False)


@functools.cache
def matrix(name):
    """Return the momentum of a name; that of the digits after 20 of Muon's own steps."""
    if name != "digits":
        shape = {"normal": (32, 64), "tall": (64, 16)}[name]
        return np.random.default_rng(0).normal(size=shape)
    x, y = datasets.load("digits")
    hidden, out = nn.Linear(64, 32, rng=0, dtype=float), nn.Linear(32, 10, rng=1, dtype=float)
    model, loss = nn.Sequential(hidden, nn.Tanh(), out), nn.CrossEntropyLoss()
    hidden_optimizer = optim.Muon([hidden.weight], lr=0.02)
    rest = optim.AdamW([hidden.bias, out.weight, out.bias], lr=0.003)
    optimizer = optim.MultiOptimizer(hidden_optimizer, rest, params=model.parameters())
    for start in range(0, 20 * 32, 32):
        loss(model(x[start : start + 32]), y[start : start + 32])
        model.backward(loss.backward())
        optimizer.step()
    return np.array(hidden_optimizer.state["m"]).reshape(32, 64)
