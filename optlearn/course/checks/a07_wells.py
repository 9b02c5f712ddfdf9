"""Assignment 07, question 5: find the noise that carries walks into the deeper well."""

from functools import lru_cache

import numpy as np

from .engine import Task, asks
from .probe import call, number, short
from .report import Mistake, Part, WrongError, grade

#: Runs that a search may make, and the noises among which it searches.
BUDGET, RANGE = 12, (0.01, 100.0)
#: The share of the best that has to be reached.
ENOUGH = 0.75
WALKS, STEPS = 300, 600


def shares(ratios, tilt, momentum, seed):
    """Return the share of walks that end in the deeper well, for each noise over the slopes.

    The wells are those of ``landscapes.double_well`` along their long axis, and the walks begin at
    the bottom of the shallow one.
    """
    ratios = np.reshape(ratios, (-1, 1))
    x, b = np.ones((len(ratios), WALKS)), 0.0
    with np.errstate(all="ignore"):  # under much noise walks run away
        for noise in _draws(seed):
            slope = x * x * x
            slope -= x
            slope += tilt
            slope += ratios * noise
            b = momentum * b + slope
            x = x - 0.05 * b
    return np.mean(x < 0, axis=1)


@lru_cache(maxsize=8)  # a search asks for the same walks again and again
def _draws(seed):
    return np.random.default_rng(seed).normal(size=(STEPS, WALKS))


class Wells:
    """Two wells, of which the left one is deeper; the slopes are ``scale`` times as large.

    ``share(noise)`` runs many walks from the shallow well. Their learning rate fits the scale.
    """

    def __init__(self, scale, tilt, momentum, seed):
        self.scale, self.tilt, self.momentum, self.seed = scale, tilt, momentum, seed
        self.runs = 0

    def share(self, noise):
        """Return the share of the walks that end in the deeper well, and count the run."""
        noise = number(noise, "the noise")
        if not (np.isfinite(noise) and noise >= 0):
            raise WrongError(f"a noise is a number from 0 up, you tried {short(noise)}.")
        self.runs += 1
        if self.runs > BUDGET:
            raise WrongError(
                f"it asked for more than {BUDGET} runs.",
                Mistake(
                    "exceeds-the-budget", "Search coarsely first, then finely around the best."
                ),
            )
        return self.true_share(noise)

    def true_share(self, noise):
        return float(shares(noise / self.scale, self.tilt, self.momentum, self.seed)[0])

    def fresh(self):
        """Return the same wells with a whole budget."""
        return Wells(self.scale, self.tilt, self.momentum, self.seed)

    @property
    def best(self):
        """The largest share that any noise reaches."""
        return _best(self.tilt, self.momentum, self.seed)


@lru_cache(maxsize=64)
def _best(tilt, momentum, seed):
    return float(np.max(shares(np.geomspace(0.05, 20, 60), tilt, momentum, seed)))


def _wells(rng, scale):
    """Return the wells without momentum and with it, by the momentum."""
    tilt, seed = float(rng.choice([0.15, 0.2, 0.25])), int(rng.integers(2**32))
    return {mu: Wells(scale, tilt, mu, seed) for mu in (0.0, 0.9)}


def _draw_tune(rng):
    scale = float(rng.choice([0.2, 0.3, 0.5, 2, 4, 6]))
    wells = _wells(rng, scale)
    text = (
        f"Your wells: slopes {scale:g} times those of the lesson, tilt {wells[0.0].tilt}\n"
        f"Each run: {WALKS} walks of {STEPS} steps from the shallow well\n"
        f"Noise: from {RANGE[0]:g} to {RANGE[1]:g}; at most {BUDGET} runs a search"
    )
    return Task(text, wells=wells)


def reference(share):
    """Return a good noise: search coarsely, then finely around the best."""
    coarse = np.geomspace(*RANGE, 7)
    middle = coarse[np.argmax([share(noise) for noise in coarse])]
    fine = middle * np.array([0.35, 0.5, 0.7, 1.4, 2])
    return fine[np.argmax([share(noise) for noise in fine])]


@asks(
    "07.tune",
    "tune",
    draw=_draw_tune,
    reference=reference,
    hints=(
        "Too little noise frees nobody, and too much carries walks out of the good well again. "
        "First find out which power of ten is right.",
        "Seven noises, each 4.6 times the one before, cover 0.01 to 100. Spend the other five runs "
        "around the best of them.",
        "coarse = np.geomspace(0.01, 100, 7); best = max(coarse, key=share); "
        "fine = best * np.array([0.35, 0.5, 0.7, 1.4, 2]); return max(fine, key=share)",
    ),
)
def tune(function, task, rng):
    """Check ``find_noise(share) -> noise`` without momentum and with it."""
    # Far apart, so that no one noise fits all.
    scales = rng.uniform((0.15, 3), (0.4, 7))
    drawn = [task.wells, *(_wells(rng, float(scale)) for scale in scales)]
    think = "Which noises have you tried on both sides of your best, and how far away are they?"
    return grade(
        Part(
            f"the noise that finds the deeper well, {name}",
            1,
            lambda mu=mu: [_finds(function, wells[mu].fresh()) for wells in drawn],
            think,
        )
        for mu, name in ((0.0, "without momentum"), (0.9, "with momentum 0.9"))
    )


def _finds(function, wells):
    noise = number(call(function, wells.share), "the noise")
    if not (np.isfinite(noise) and noise >= 0):
        raise WrongError(f"a noise is a number from 0 up, you gave {short(noise)}.")
    reached = wells.true_share(noise)
    if reached < ENOUGH * wells.best:
        raise WrongError(
            f"where slopes are {wells.scale:g} times as large, noise {short(noise)} brings "
            f"{reached:.0%} of the walks into the deeper well; another noise brings "
            f"{wells.best:.0%}.",
            _known(noise, reached, wells),
        )


def _known(noise, reached, wells):
    """Return what was probably done, or None."""
    if noise == 0:
        return Mistake("adds-no-noise", "Without noise no walk ever leaves the shallow well.")
    if np.isclose(noise, reached) or np.isclose(noise, wells.best):
        return Mistake("gives-the-share", "This is a share of the walks: the noise is asked for.")
    if wells.runs == 0:
        return Mistake("never-measures", "No run was made: other wells need another noise.")
    if noise >= 0.99 * RANGE[1]:
        return Mistake(
            "takes-the-most-noise", "More noise carries walks out of the good well, too."
        )
    if wells.true_share(noise * 1.5) > reached + 0.1:
        return Mistake("stops-too-low", "A little more noise would free many more walks.")
    if wells.true_share(noise / 1.5) > reached + 0.1:
        return Mistake("goes-too-far", "This much noise carries walks out of the good well, too.")
    return None
