"""The heat map: which learning rates work at which momentum, and where the wall stands."""

import numpy as np
import traitlets

from .. import landscapes, plots, training
from .base import VIEW, Checked, Explorer, choice, digits, module, whole, within

METHODS = {"sgd": "gradient descent", "momentum": "heavy ball", "nesterov": "Nesterov"}
#: What the vertical axis of the map can be.
AXES = {"momentum": "momentum", "condition": "condition number"}
#: The cells. Learning rates are in units of 1/L: the steepest curvature of the bowl is 1.
RATES = [round(0.05 * i, 2) for i in range(1, 85)]
MOMENTA = [round(0.02 * i, 2) for i in range(50)]
CONDITIONS = [float(f"{10 ** (3 * i / 49):.3g}") for i in range(50)]
STEPS = 10, 300


def heatmap(
    optimizer="momentum", across="momentum", *, lr=1.0, momentum=0.9, condition=100, steps=100
):
    """Return a map of how much of the loss is left, cell by cell, on a bowl.

    Each cell is a run of its own: a learning rate and a momentum (or a condition number). Click a
    cell, or move to it by the sliders, and its path appears beside the map.

    Parameters
    ----------
    optimizer : {"momentum", "nesterov", "sgd"}, default "momentum"
    across : {"momentum", "condition"}, default "momentum"
        The vertical axis; the other one keeps the value given.
    lr : float, default 1
        Learning rate of the chosen cell, in units of 1/L, from 0.05 to 4.2.
    momentum : float, default 0.9
        From 0 to 0.98; gradient descent has none and ignores it.
    condition : float, default 100
        Ratio of the bowl's curvatures, from 1 to 1000.
    steps : int, default 100
        From 10 to 300.

    Examples
    --------
    >>> print(heatmap("nesterov", lr=1.5).text().splitlines()[0][:47])
    Nesterov, condition 100, 100 steps: no learning
    """
    return Heatmap(
        optimizer=optimizer, across=across, lr=lr, momentum=momentum, condition=condition,
        steps=steps,
    )  # fmt: skip


class Heatmap(Explorer):
    """The widget that :func:`heatmap` returns."""

    _esm = module("rules.js", "landscapes.js", "chart.js", *VIEW, "heatmap.js")

    optimizer = Checked(lambda value: choice("optimizer", value, METHODS))
    across = Checked(lambda value: choice("across", value, AXES))
    lr = within("lr", RATES[0], RATES[-1])
    momentum = within("momentum", MOMENTA[0], MOMENTA[-1])
    condition = within("condition", CONDITIONS[0], CONDITIONS[-1])
    steps = Checked(lambda value: whole("steps", value, *STEPS))
    #: The cells of the map, and what the menus offer.
    choices = traitlets.Dict().tag(sync=True)

    def __init__(self, **controls):
        grid = {"lr": RATES, "momentum": MOMENTA, "condition": CONDITIONS}
        names = {"optimizer": METHODS, "across": AXES}
        super().__init__(choices={"grid": grid, "names": names}, **controls)

    def rows(self):
        """Return the values along the vertical axis."""
        return np.array(MOMENTA if self.across == "momentum" else CONDITIONS)

    def left(self):
        """Return the share of the loss that is left in each cell, shape (rows, columns).

        Where a run grows beyond all bounds the share is infinite.
        """
        if self.across == "momentum":
            return left(self.optimizer, RATES, self.rows(), self.condition, self.steps)
        return np.concatenate(
            [left(self.optimizer, RATES, [self.momentum], k, self.steps) for k in self.rows()]
        )

    def text(self):
        shares, rows = self.left(), self.rows()
        row, column = np.unravel_index(np.argmin(shares), shares.shape)
        here = left(self.optimizer, [self.lr], [self.momentum], self.condition, self.steps)[0, 0]
        plain = left("sgd", RATES, [0], self.condition, self.steps)[0]
        wall, (rate, mu) = (
            limit(self.optimizer, self.momentum),
            optimum(self.optimizer, self.condition),
        )
        what = f"{METHODS[self.optimizer]}, condition {digits(self.condition)}, {self.steps} steps"
        chosen = f"learning rate {digits(self.lr)}/L"
        if self.optimizer != "sgd":
            chosen += f", momentum {digits(self.momentum)}"
        own = "" if self.optimizer == "sgd" else f" at momentum {digits(self.momentum)}"
        return "\n".join(
            [
                f"{what}: no learning rate above {digits(wall)}/L is stable{own}",
                f"map: learning rate by {AXES[self.across]}, colour: share of the loss left",
                f"chosen cell, {chosen}: {_said(here)}",
                f"best cell, learning rate {digits(RATES[column])}/L, "
                f"{AXES[self.across]} {digits(rows[row])}: {_said(shares[row, column])}",
                f"best of gradient descent without momentum: {_said(plain.min())}",
                f"share of the cells in which the loss falls: {np.mean(shares < 1):.0%}",
                f"theory's best for many steps: learning rate {digits(rate)}/L, "
                f"momentum {digits(mu)}",
            ]
        )

    def axes(self):
        ax = plots.axes(6.4, 4.4)
        shares, rows = self.left(), self.rows()
        plots.shares(shares, RATES, rows, ax)
        if self.across == "momentum":
            ax.plot([limit(self.optimizer, mu) for mu in rows], rows, "--", color="black")
        else:
            ax.set_yscale("log")
            ax.axvline(limit(self.optimizer, self.momentum), linestyle="--", color="black")
        ax.plot(self.lr, getattr(self, self.across), "o", color="white", markeredgecolor="black")
        ax.set(xlabel="learning rate (units of 1/L)", ylabel=AXES[self.across])
        ax.set_title(self.text().splitlines()[0].replace(": ", ":\n"), fontsize=9)
        return ax


def left(optimizer, rates, momenta, condition, steps):
    """Return the share of the loss left after ``steps``, shape (momenta, rates)."""
    bowl = landscapes.get("quadratic", condition=condition)
    mu, lr = (a.ravel() for a in np.meshgrid(momenta, rates, indexing="ij"))
    plain = optimizer == "sgd" or not np.any(mu)  # without momentum all three are one
    name, hyper = ("sgd", {}) if plain else (optimizer, {"momentum": mu})
    starts = np.tile(np.array(bowl.start, float), (len(lr), 1))
    ends = training.trace(bowl, name, starts, steps, keep="last", lr=lr, **hyper)
    with np.errstate(all="ignore"):
        shares = bowl.value(ends) / bowl.value(np.array(bowl.start, float))
    return np.where(np.isfinite(shares), shares, np.inf).reshape(len(momenta), len(rates))


def limit(optimizer, mu):
    r"""Return the largest stable learning rate in units of 1/L.

    2 for gradient descent, :math:`2(1+\mu)` for the heavy ball and
    :math:`2(1+\mu)/(1+2\mu)` for Nesterov's form.
    """
    return {"sgd": 2, "momentum": 2 * (1 + mu), "nesterov": 2 * (1 + mu) / (1 + 2 * mu)}[optimizer]


def optimum(optimizer, condition):
    """Return the learning rate, in units of 1/L, and the momentum that are fastest in the end.

    On a bowl, in the limit of many steps: Polyak (1964) for the heavy ball; Lessard, Recht &
    Packard (2016), table 1, for all three.
    """
    k = condition
    if optimizer == "sgd":
        return 2 * k / (k + 1), 0.0
    if optimizer == "momentum":
        return 4 * k / (np.sqrt(k) + 1) ** 2, ((np.sqrt(k) - 1) / (np.sqrt(k) + 1)) ** 2
    root = np.sqrt(3 * k + 1)
    return 4 * k / (3 * k + 1), (root - 2) / (root + 2)


def _said(share):
    return "grows" if not share < 1 else f"{digits(share)} of the loss is left"
