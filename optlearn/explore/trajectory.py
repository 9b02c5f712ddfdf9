"""The trajectory explorer: watch an optimizer walk over a landscape of two weights."""

import inspect
from dataclasses import dataclass

import numpy as np
import traitlets

from .. import landscapes, optim, plots
from . import ground
from .base import VIEW, Checked, Explorer, digits, module, number, whole

#: Optimizers with a twin in ``js/rules.js``, and what the menu calls them.
OPTIMIZERS = {
    "sgd": "gradient descent",
    "momentum": "momentum",
    "nesterov": "Nesterov momentum",
}
#: A path has diverged where a weight or the loss leaves these limits, or is no number at all.
FAR, HIGH = 1e6, 1e12
STEPS = 1, 1000


def trajectory(
    landscape="quadratic",
    optimizer="sgd",
    *,
    lr=None,
    momentum=0.9,
    steps=50,
    start=None,
    **settings,
):
    """Return an explorer of one optimizer's path over a landscape of two weights.

    Every argument is what a control shows first, and an attribute of the same name afterwards:
    it follows the control, and assigning it moves the picture.

    Parameters
    ----------
    landscape : str or Landscape, default "quadratic"
        One of ``landscapes.NAMES``, or what ``landscapes.get`` returned.
    optimizer : str, default "sgd"
        ``"sgd"``, ``"momentum"`` or ``"nesterov"``.
    lr : float, optional
        Learning rate; by default half of the inverse of the curvature at the sharpest minimum or
        at the start, whichever is smaller.
    momentum : float, default 0.9
        In [0, 1); plain gradient descent has none and ignores it.
    steps : int, default 50
        From 1 to 1000.
    start : pair of float, optional
        Where the path begins, inside the landscape's ``bounds``.
    **settings
        The landscape's own, such as ``condition=50, angle=30`` for a quadratic.

    Examples
    --------
    >>> explorer = trajectory("quadratic", "sgd", lr=2.01, condition=10)
    >>> print(explorer.text().splitlines()[0])
    quadratic, gradient descent, learning rate 2.01 = 2.01/L: zigzags outwards, after 50 steps the loss is 3.04 (start 1.7)
    """  # noqa: E501
    surface, settings = ground.resolve(landscape, settings)
    return Trajectory(
        surface,
        settings,
        optimizer=optimizer,
        lr=ground.usual_rate(surface) if lr is None else lr,
        momentum=momentum,
        steps=steps,
        start=surface.start if start is None else start,
    )


def _known_optimizer(name):
    optim.get(name)
    if name not in OPTIMIZERS:
        known = ", ".join(OPTIMIZERS)
        raise ValueError(f"optimizer {name!r} cannot be explored yet: choose one of {known}")
    return name


def _rate(value):
    remedy = "choose a learning rate > 0, such as 0.1"
    return number("lr", value, remedy, lambda lr: lr > 0)


def _momentum(value):
    return number("momentum", value, "choose a number in [0, 1)", lambda mu: 0 <= mu < 1)


def _point(value):
    remedy = "give two weights, such as start=(-1.5, 2.0)"
    try:
        x, y = value
    except (TypeError, ValueError):
        raise ValueError(f"start is {value!r}: {remedy}") from None
    return [number("start weight 1", x, remedy), number("start weight 2", y, remedy)]


class Trajectory(Explorer):
    """The widget that :func:`trajectory` returns."""

    _esm = module("rules.js", "landscapes.js", *VIEW, "trajectory.js")

    landscape = Checked(ground.known)
    settings = Checked(dict)
    optimizer = Checked(_known_optimizer)
    lr = Checked(_rate)
    momentum = Checked(_momentum)
    steps = Checked(lambda value: whole("steps", value, *STEPS))
    start = Checked(_point)
    #: What the menus offer, with the numbers that the browser needs for each.
    choices = traitlets.Dict().tag(sync=True)
    #: The landscape's numbers under the present settings, computed here.
    surface = traitlets.Dict().tag(sync=True)

    def __init__(self, surface, settings, **controls):
        self._now = surface
        super().__init__(
            landscape=surface.name,
            settings=settings,
            surface=ground.describe(surface, settings),
            choices={"optimizers": OPTIMIZERS, "landscapes": ground.menu()},
            **controls,
        )

    @traitlets.validate("settings")
    def _settings_fit(self, proposal):
        return ground.resolve(self.landscape, proposal.value)[1]

    @traitlets.validate("start")
    def _start_in_sight(self, proposal):
        bounds = landscapes.get(self.landscape).bounds
        if not ground.inside(proposal.value, bounds):
            raise ValueError(
                f"start {tuple(proposal.value)} is outside the picture of {self.landscape}: "
                f"choose weights within {bounds[0]} and {bounds[1]}"
            )
        return proposal.value

    @traitlets.observe("landscape", "settings")
    def _follow_landscape(self, change):
        if self.surface.get("landscape") == self.landscape:
            if self.surface["settings"] == self.settings:
                return
        elif change.name == "landscape" and not ground.accepts(self.landscape, self.settings):
            self.settings = ground.defaults(self.landscape)
        self._now, _ = ground.resolve(self.landscape, self.settings)
        if not ground.inside(self.start, self._now.bounds):
            self.start = self._now.start
        self.surface = ground.describe(self._now, self.settings)

    def path(self):
        """Return the weights after each step, shape ``(steps + 1, 2)``; shorter if it diverged."""
        return self._walk().points

    def text(self):
        land, walk = self._now, self._walk()
        first, last = walk.points[0], walk.points[-1]
        slope = np.linalg.norm(land.gradient(last))
        own = ", ".join(f"{k} {digits(v)}" for k, v in self.settings.items())
        return "\n".join(
            [
                self._finding(walk),
                f"landscape settings: {own or 'none'}",
                f"momentum {digits(self.momentum)}" if self._moving else "no momentum",
                f"2/L at the start {_limit(land, first)}, at the end {_limit(land, last)}",
                f"gradient norm at the end {digits(slope)}",
                "step: loss at (weight 1, weight 2)",
                *_rows(land, walk.points),
            ]
        )

    def axes(self):
        walk = self._walk()
        ax = plots.contour_with_path(self._now, walk.points)
        ax.set_title(self._finding(walk).replace(": ", ":\n", 1), fontsize=9)
        return ax

    @property
    def _moving(self):
        return "momentum" in inspect.signature(optim.get(self.optimizer).rule).parameters

    def _walk(self):
        hyper = {"lr": self.lr, "momentum": self.momentum}
        return follow(self._now, self.optimizer, self.start, self.steps, hyper)

    def _finding(self, walk):
        """Say in one line what is run and what comes of it."""
        land, points = self._now, walk.points
        name, count = land.name.replace("_", " "), len(points) - 1
        curvature = float(land.sharpness(points[0]))
        relative = f" = {digits(self.lr * curvature)}/L" if curvature > 1e-3 else ""
        what = f"{name}, {OPTIMIZERS[self.optimizer]}, learning rate {digits(self.lr)}{relative}"
        begin, end = (digits(land.value(points[i])) for i in (0, -1))
        manner = walk.manner(land)
        if manner == "diverges":
            return f"{what}: diverges at step {count} (loss at the start {begin})"
        steps = "1 step" if count == 1 else f"{count} steps"
        return f"{what}: {manner}, after {steps} the loss is {end} (start {begin})"


@dataclass(frozen=True)
class Walk:
    """A path of weights, shape ``(length + 1, 2)``, and whether it ended by diverging."""

    points: np.ndarray
    diverged: bool

    def manner(self, landscape):
        """Return how the path goes: "diverges", "descends", "zigzags" ..."""
        if self.diverged:
            return "diverges"
        moves = np.diff(self.points, axis=0)
        moved = (moves * moves).sum(1)[1:] > 1e-18  # less is rounding, not movement
        turned = (moves[:-1] * moves[1:]).sum(1) < 0
        zigzags = 2 * (turned & moved).sum() > moved.sum()
        first, last = (float(landscape.value(self.points[i])) for i in (0, -1))
        if last > first + 1e-9 * abs(first):
            return "zigzags outwards" if zigzags else "climbs"
        return "zigzags" if zigzags else "descends"


def follow(landscape, optimizer, start, steps, hyper):
    """Walk down ``landscape`` by the rule of ``optimizer``; ends early where the path diverges.

    ``simulate`` in ``js/rules.js`` does the same operations in the same order.
    """
    rule = optim.get(optimizer).rule
    names = list(inspect.signature(rule).parameters)
    hyper = {k: v for k, v in hyper.items() if k in names}
    state = [np.zeros(2) for _ in names[2 : names.index("t")]]
    w = np.array(start, dtype=float)
    points = [w]
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(1, steps + 1):
            w, *state = rule(w, landscape.gradient(w), *state, t, **hyper)
            points.append(w)
            if not (np.all(np.abs(w) <= FAR) and landscape.value(w) <= HIGH):
                return Walk(np.array(points), diverged=True)
    return Walk(np.array(points), diverged=False)


def _rows(landscape, points):
    """Return six rows, evenly spread over the path."""
    chosen = np.unique(np.linspace(0, len(points) - 1, 6).round().astype(int))
    for step in chosen:
        x, y = map(digits, points[step])
        with np.errstate(over="ignore", invalid="ignore"):
            loss = digits(landscape.value(points[step]))
        yield f"{step:>4}: {loss} at ({x}, {y})"


def _limit(landscape, w):
    curvature = float(landscape.sharpness(w))
    return digits(2 / curvature) if curvature > 1e-6 else "-"
