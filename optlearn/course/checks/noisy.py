"""The mean loss of SGD on a bowl with noise, by formula: as if infinitely many walkers went."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class NoisyBowl:
    """A bowl whose gradient is that of a batch.

    Attributes
    ----------
    curvatures : numpy.ndarray
    variance : float
        Of the noise in one example's gradient, for each weight; a batch of B has 1 / B of it.
    """

    curvatures: np.ndarray
    variance: float

    def follow(self, lrs, size=1):
        """Return the mean loss before each step and after the last, for one rate a step."""
        squares, found = np.ones_like(self.curvatures), []
        with np.errstate(all="ignore"):  # a rate beyond the wall overflows
            for lr in lrs:
                found.append(self._loss(squares))
                shrink = (1 - lr * self.curvatures) ** 2
                squares = shrink * squares + lr**2 * self.variance / size
            return np.array([*found, self._loss(squares)])

    def end(self, lr, steps, size=1):
        """Return the mean loss after ``steps`` steps at one rate; inf where it runs away.

        ``lr`` may be an array of rates.
        """
        lr = np.asarray(lr, dtype=float)[..., None]
        with np.errstate(all="ignore"):
            shrink = (1 - lr * self.curvatures) ** 2
            left = shrink**steps
            count = np.where(shrink == 1, steps, (1 - left) / np.where(shrink == 1, 1, 1 - shrink))
            loss = self._loss(left + lr**2 * self.variance / size * count)
        return np.where(np.isfinite(loss), loss, np.inf)[()]

    def _loss(self, squares):
        return squares @ self.curvatures / 2
