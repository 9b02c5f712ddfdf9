"""Optimizers on a landscape of two weights: their settings, their walks, and who ends lowest."""

import inspect
from dataclasses import dataclass

import numpy as np

from .. import optim, rules
from .base import choice, number

#: Every elementwise optimizer, in the order of the registry, and what menus call it.
OPTIMIZERS = {
    "sgd": "gradient descent",
    "momentum": "momentum",
    "nesterov": "Nesterov momentum",
    "adagrad": "Adagrad",
    "rmsprop": "RMSprop",
    "adadelta": "Adadelta",
    "adam": "Adam",
    "amsgrad": "AMSGrad",
    "adamw": "AdamW",
    "adamax": "Adamax",
    "nadam": "NAdam",
    "radam": "RAdam",
    "lion": "Lion",
    "schedule_free_sgd": "Schedule-Free SGD",
    "schedule_free_adamw": "Schedule-Free AdamW",
}
#: A path has diverged where a weight or the loss leaves these limits, or is no number at all.
FAR, HIGH = 1e6, 1e12
#: Normal numbers for the noise of the gradient; a seed begins ``SHIFT`` rows after the one before.
NOISE = np.random.default_rng(2026).standard_normal((2048, 2))
SHIFT = 97
#: The learning rates that are tried where each optimizer gets the best for itself.
TRIED = [float(f"{digit}e{power}") for power in range(-4, 1) for digit in (1, 3)] + [10.0]
#: Starts of a map of basins, along weight 1 and weight 2.
GRID = 64, 48
DIVERGES, ELSEWHERE = -1, -2


@dataclass(frozen=True)
class Given:
    """What an optimizer gets instead of the gradient: ``scale`` times (gradient + noise)."""

    scale: float = 1.0
    noise: float = 0.0
    seed: int = 0

    def __call__(self, gradient, t):
        row = (self.seed * SHIFT + t) % len(NOISE)
        return self.scale * (gradient + self.noise * NOISE[row])


PLAIN = Given()


@dataclass(frozen=True)
class Walk:
    """A path of weights, shape ``(length + 1, 2)``, and whether it ended by diverging."""

    points: np.ndarray
    diverged: bool
    state: dict

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


def hyperparameters(optimizer):
    """Return what there is to set besides the learning rate, with the usual values.

    Weight decay is among it where the optimizer was published with it.
    """
    entry = optim.get(optimizer)
    own = {k: v for k, v in entry.hyperparameters.items() if k != "lr"}
    if entry.decay != "coupled":
        own["weight_decay"] = inspect.signature(entry.cls).parameters["weight_decay"].default
    return {k: list(v) if isinstance(v, tuple) else v for k, v in own.items()}


def checked(optimizer, hyper):
    """Return the hyperparameters of one optimizer if all are its own and in their range."""
    known = ("lr", *hyperparameters(optimizer))
    if not isinstance(hyper, dict):
        raise TypeError(f"settings of {optimizer} must be a dict, got {hyper!r}")
    return {
        choice(f"setting of {optimizer}", name, known): _checked(optimizer, name, value)
        for name, value in hyper.items()
    }


def _checked(optimizer, name, value):
    what = f"{name} of {optimizer}"
    if name == "centered":
        return bool(value)
    if name == "betas":
        try:
            first, second = value
        except (TypeError, ValueError):
            raise ValueError(f"{what} is {value!r}: give two, such as (0.9, 0.999)") from None
        lowest = _lowest(optimizer)
        return [_share(what, first, lowest), _share(what, second)]
    if name in ("momentum", "alpha", "rho", "dampening"):
        return _share(what, value, _lowest(optimizer))
    if name in ("lr", "eps"):
        return number(what, value, "choose a number > 0", lambda v: v > 0)
    return number(what, value, "choose a number >= 0", lambda v: v >= 0)


def _lowest(optimizer):
    return 0.01 if optimizer.startswith("schedule_free") else 0.0  # they divide by it


def _share(what, value, lowest=0.0):
    remedy = f"choose a number in [{lowest:g}, 1)"
    return number(what, value, remedy, lambda v: lowest <= v < 1)


def march(landscape, optimizer, w, steps, hyper, given):
    """Yield the weights and the state after each step; ``w`` has shape (..., 2)."""
    entry = optim.get(optimizer)
    hyper = {**hyper}
    decay = hyper.pop("weight_decay", 0.0) if entry.decay == "decoupled" else 0.0
    hyper = {k: v for k, v in hyper.items() if k in entry.arguments}
    state = [np.zeros_like(w) for _ in entry.rule_state]
    with np.errstate(all="ignore"):
        for t in range(1, steps + 1):
            g = given(landscape.gradient(w), t)
            w = rules.decoupled_decay(w, hyper["lr"], decay) if decay else w
            w, *state = entry.rule(w, g, *state, t, **hyper)
            yield w, state


def follow(landscape, optimizer, start, steps, hyper, given=PLAIN):
    """Walk down ``landscape`` by the rule of ``optimizer``; ends early where the path diverges.

    ``simulate`` in ``js/rules.js`` does the same operations in the same order.
    """
    points, state = [np.array(start, dtype=float)], []
    names = optim.get(optimizer).rule_state
    for w, state in march(landscape, optimizer, points[0], steps, hyper, given):
        points.append(w)
        with np.errstate(all="ignore"):
            near = np.all(np.abs(w) <= FAR) and landscape.value(w) <= HIGH
        if not near:
            return Walk(np.array(points), True, dict(zip(names, state, strict=True)))
    return Walk(np.array(points), False, dict(zip(names, state, strict=False)))


def compass(landscape, optimizer, start, steps, hyper, given=PLAIN):
    """Return the weights after ``steps`` and the vectors that make the next step, by name."""
    walk = follow(landscape, optimizer, start, steps + 1, hyper, given)
    here, there = walk.points[-2:]
    vectors = {"down the gradient": -given(landscape.gradient(here), len(walk.points) - 1)}
    memory = walk.state.get("m", walk.state.get("b"))
    if memory is not None and (optimizer != "rmsprop" or hyper["momentum"]):
        vectors["down the momentum"] = -memory
    return here, {**vectors, "step taken": there - here}


def basins(landscape, optimizer, steps, hyper, given=PLAIN):
    """Return where the path from each point of ``GRID`` ends, from the lower left row by row.

    The number of the minimum that it is near to, or ``DIVERGES``, or ``ELSEWHERE``.
    """
    (x0, x1), (y0, y1) = landscape.bounds
    columns, rows = GRID
    x = x0 + (x1 - x0) * (np.arange(columns) + 0.5) / columns
    y = y0 + (y1 - y0) * (np.arange(rows) + 0.5) / rows
    w = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
    gone = np.zeros(len(w), bool)
    for last, _ in march(landscape, optimizer, w, steps, hyper, given):
        with np.errstate(all="ignore"):
            gone |= ~(np.all(np.abs(last) <= FAR, -1) & (landscape.value(last) <= HIGH))
        w = last
    away = np.where(gone[:, None, None], np.inf, w[:, None, :] - landscape.minima)
    away = (away * away).sum(-1)
    near = away.min(1) <= (0.03 * (x1 - x0)) ** 2
    ends = np.where(near, away.argmin(1), np.where(gone, DIVERGES, ELSEWHERE))
    return ends.reshape(rows, columns)


def above(landscape, walk):
    """Return how far the end is above the lowest minimum; inf if it ran away.

    Less than 1e-12 counts as 1e-12: below, rounding decides.
    """
    first, last, least = (
        float(landscape.value(w)) for w in (walk.points[0], walk.points[-1], landscape.minima[0])
    )
    return max(last - least, 1e-12) if not walk.diverged and last < first else np.inf


def ranking(heights):
    """Return the names from the lowest end to the highest; equals keep their order."""
    return sorted(heights, key=heights.get)


def winner(heights):
    """Return who ends at least twice as low as every other one, or None."""
    first, *others = ranking(heights)
    if heights[first] == np.inf:
        return None
    return first if all(heights[n] >= 2 * heights[first] for n in others) else None


def tuned(landscape, optimizer, start, steps, hyper, given=PLAIN):
    """Return which of the learning rates ``TRIED`` ends lowest, the smallest of equals."""
    return min(
        TRIED,
        key=lambda lr: above(
            landscape, follow(landscape, optimizer, start, steps, {**hyper, "lr": lr}, given)
        ),
    )
