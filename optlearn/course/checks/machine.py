"""A machine that reads several examples in one round: what a larger batch costs."""

import functools
from dataclasses import dataclass

import numpy as np

RATES = np.geomspace(0.01, 1.9, 30)


@dataclass(frozen=True)
class Machine:
    """Trains a bowl from noisy gradients, and counts its rounds.

    Parameters
    ----------
    capacity : int
        Examples that it reads in one round.
    condition : float
        The largest curvature, which is 1, over the smallest.
    noise : float
        Noise of one example's gradient, for each weight.
    seed : int
    """

    capacity: int
    condition: float
    noise: float
    seed: int

    @functools.lru_cache(maxsize=1000)  # noqa: B019 - small, and experiments ask again and again
    def steps(self, size, lr, most=600, walkers=16):
        """Return the steps until the mean loss of the walkers is 2 % of the first."""
        rng = np.random.default_rng(self.seed)
        curvatures = np.geomspace(1 / self.condition, 1, 6)
        w = np.ones((walkers, 6))
        target = 0.02 * curvatures.sum() / 2
        for step in range(most + 1):
            if np.mean(w**2 @ curvatures) / 2 <= target:
                return step
            noise = self.noise * rng.normal(size=w.shape) / np.sqrt(size)
            w = w - lr * (curvatures * w + noise)
        return np.inf

    def rounds(self, size, lr):
        """Return the rounds until the target; inf where it does not arrive within 600 steps."""
        return self.steps(float(size), float(lr)) * -(-size // self.capacity)

    def best(self, size):
        """Return the fewest rounds over a grid of learning rates."""
        return min(self.rounds(size, lr) for lr in RATES)
