"""Hundreds of runs over a landscape at once: who escapes, and when. The twin of js/escape.js."""

from dataclasses import dataclass

import numpy as np

from .. import landscapes, rules
from ..backend import as_rng

#: Numbers in the pool, and how many of them make 1: two bytes each hold them exactly.
POOL, UNIT = 32768, 8192
#: Where the noise of a run begins in the pool, in terms of the run's number.
APART = 7919
#: Loss below which a start at the cliff counts as solved.
SOLVED = 1e-3


@dataclass(frozen=True)
class Question:
    """What is asked of a landscape.

    Attributes
    ----------
    axis : str
        The setting that is varied: ``"distance"``, ``"noise"`` or ``"clip"``.
    values : tuple of float
        Its values.
    steps : int
        The most steps of a run.
    runs : int
        Runs of each value.
    ranges : dict
        The values that each control offers.
    defaults : dict
        What the controls show first.
    """

    axis: str
    values: tuple
    steps: int
    runs: int
    ranges: dict
    defaults: dict


def _decades(low, high, each=1):
    """Return numbers from 10**low to 10**high, ``each`` a decade."""
    return tuple(float(f"{10 ** (k / each):.3g}") for k in range(low * each, high * each + 1))


CLIPS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
MOMENTA = tuple(round(0.05 * i, 2) for i in range(20))

QUESTIONS = {
    "saddle": Question(
        "distance", _decades(-12, 0, 2), 5000, 24,
        {
            "lr": _decades(-2, -1, 12) + tuple(round(0.02 * i, 2) for i in range(6, 25)),
            "noise": (0.0, *_decades(-12, 0, 2)),
            "momentum": MOMENTA,
            "clip": (0.0, *CLIPS),
            "distance": (0.0, *_decades(-12, 0, 2)),
        },
        {"lr": 0.05, "noise": 0.0, "momentum": 0.0, "clip": 0.0, "distance": 1e-12},
    ),
    "double_well": Question(
        "noise", tuple(0.25 * i for i in range(17)), 1000, 200,
        {
            "lr": _decades(-2, -1, 12) + tuple(round(0.01 * i, 2) for i in range(11, 31)),
            "noise": tuple(round(0.05 * i, 2) for i in range(81)),
            "momentum": MOMENTA,
            "clip": (0.0, *CLIPS),
        },
        {"lr": 0.05, "noise": 1.0, "momentum": 0.0, "clip": 0.0},
    ),
    "cliff": Question(
        "clip", (*CLIPS, 0.0), 300, 200,
        {
            "lr": (*_decades(-2, 0, 12), 1.5, 2.0, 3.0),
            "noise": (0.0, *_decades(-5, -1, 2)),
            "momentum": MOMENTA,
            "clip": (0.0, *_decades(-2, 1, 12)),
        },
        {"lr": 0.6, "noise": 0.0, "momentum": 0.0, "clip": 0.0},
    ),
}  # fmt: skip


def pool(rng=0):
    """Return the normal numbers that all runs draw their noise from, as 16-bit whole numbers."""
    drawn = as_rng(rng).normal(size=POOL) * UNIT
    return np.clip(np.rint(drawn), -32767, 32767).astype(np.int16)


def starts(name, rng=0):
    """Return 200 starting points: on both sides of the saddle's ridge, or behind the cliff."""
    box = ((-2.8, 2.8), (-1.0, 1.0)) if name == "saddle" else ((5.0, 6.5), (-3.2, -2.2))
    return as_rng(rng).uniform(*np.transpose(box), (200, 2))


def ridge(land):
    """Return weight 1 where the two wells meet."""
    return float(np.sort(np.roots([1.0, 0.0, -1.0, land.coefficients[0]]).real)[1])


def when(name, start, run, settings, numbers):
    """Return the step at which each run gets where it should, infinite if it never does.

    On the saddle it leaves the ridge behind. After its last step it has to be in the deeper one
    of the two wells; at the cliff the loss has to be below 0.001.

    Parameters
    ----------
    name : str
    start : array of shape (N, 2)
    run : array of shape (N,)
        The number of each run, by which its noise differs from the others'.
    settings : dict
        ``lr``, ``momentum``, ``noise`` and ``clip``: numbers, or arrays of shape (N,).
    numbers : array
        Of :func:`pool`.
    """
    land, steps = landscapes.get(name), QUESTIONS[name].steps
    arrived = np.full(len(start), np.inf)
    for t, w in walk(land, start, run, settings, numbers, steps):
        if name == "saddle":
            arrived[(np.abs(w[:, 1]) > 1) & np.isinf(arrived)] = t
            if np.isfinite(arrived).all():
                break
    with np.errstate(all="ignore"):
        if name == "double_well":
            arrived[(w[:, 0] > -3) & (w[:, 0] < ridge(land))] = steps
        elif name == "cliff":
            arrived[land.value(w) < SOLVED] = steps
    return arrived


def walk(land, start, run, settings, numbers, steps):
    """Yield each step's number and the weights after it, shape (N, 2)."""
    w = np.array(start, dtype=float)
    b = np.zeros_like(w)
    lr, momentum = (np.reshape(settings[name], (-1, 1)) for name in ("lr", "momentum"))
    with np.errstate(all="ignore"):
        for t in range(1, steps + 1):
            g = land.gradient(w) + disturbance(run, t, settings["noise"], numbers)
            w, b = rules.momentum(w, clipped(g, settings["clip"]), b, t, lr, momentum)
            yield t, w


def disturbance(run, t, noise, numbers):
    """Return the noise of step ``t``, shape (N, 2).

    Each run walks through the pool with a stride of its own, an odd one, so that it meets every
    number once and no two runs meet many of them in the same order.
    """
    places = APART * run[:, None] + (2 * run[:, None] + 1) * (2 * t + np.arange(2))
    return np.reshape(noise, (-1, 1)) * (numbers[places % POOL] / UNIT)


def clipped(g, clip):
    """Scale the gradients of a norm above ``clip`` down to it; 0 clips none."""
    clip = np.reshape(clip, (-1, 1))
    norm = np.sqrt(g[:, :1] * g[:, :1] + g[:, 1:] * g[:, 1:])
    scale = np.where(clip > 0, np.minimum(1, clip / (norm + 1e-6)), 1)
    return g * scale


def interval(hits, of):
    """Return the 95 % interval of a share (Wilson, 1927)."""
    z, share = 1.96, hits / of
    middle = share + z * z / (2 * of)
    half = z * np.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)
