"""Compare two settings over the same seeds, and say what could have been seen."""

import math
from dataclasses import dataclass

import numpy as np

from .table import text


@dataclass(frozen=True)
class Comparison:
    r"""The difference of two settings that shared their seeds.

    With the differences :math:`d_1, \dots, d_n`, one a seed, of mean :math:`\bar d` and standard
    deviation :math:`s`, the 95 % confidence interval is
    :math:`\bar d \pm t_{0.975,\,n-1}\, s / \sqrt n`.

    Attributes
    ----------
    metric : str
    differences : tuple of float
        First minus second setting, one a seed.
    """

    metric: str
    differences: tuple

    @property
    def n(self):
        """The number of seeds."""
        return len(self.differences)

    @property
    def effect(self):
        r"""The mean difference :math:`\bar d`, first minus second."""
        return float(np.mean(self.differences))

    @property
    def ci95(self):
        """The interval that holds the true difference in 95 of 100 such experiments."""
        reach = t_quantile(0.975, self.n - 1) * self._error
        return self.effect - reach, self.effect + reach

    @property
    def smallest_effect(self):
        r"""The true difference that this many seeds would show 4 times in 5 (80 % power).

        :math:`(t_{0.975,\,n-1} + t_{0.8,\,n-1})\, s / \sqrt n`: a smaller one is not excluded by
        an interval that holds 0.
        """
        return (t_quantile(0.975, self.n - 1) + t_quantile(0.8, self.n - 1)) * self._error

    @property
    def differs(self):
        """Whether the interval excludes 0."""
        low, high = self.ci95
        return not low <= 0 <= high

    @property
    def _error(self):
        return float(np.std(self.differences, ddof=1)) / math.sqrt(self.n)

    def __str__(self):
        low, high = self.ci95
        verdict = "they differ" if self.differs else "undecided"
        effect, low, high = (text(value, "+.2g") for value in (self.effect, low, high))
        smallest = text(self.smallest_effect, ".2g")
        return (
            f"{verdict}: {self.metric} {effect}, 95 % interval {low} to {high}, over {self.n} "
            f"seeds, which would show a difference of {smallest} 4 times in 5"
        )


def t_quantile(p, df):
    """Return the value below which Student's t lies with probability ``p``, at least 0.5."""
    low, high = 0.0, 1.0
    while t_cdf(high, df) < p:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if t_cdf(middle, df) < p else (low, middle)
    return (low + high) / 2


def t_cdf(t, df):
    r"""Return the probability that Student's t lies below ``t``, for whole ``df``.

    Abramowitz & Stegun, "Handbook of Mathematical Functions", equations 26.7.3 and 26.7.4, with
    :math:`\theta = \arctan(t / \sqrt{df})`.
    """
    theta = math.atan(t / math.sqrt(df))
    sin, cos = math.sin(theta), math.cos(theta)
    odd = df % 2
    term, total = (cos, cos) if odd else (1.0, 1.0)
    for k in range(2 + odd, df - 1, 2):
        term *= cos * cos * (k - 1) / k
        total += term
    if df == 1:
        total = 0.0
    within = 2 / math.pi * (theta + sin * total) if odd else sin * total
    return (1 + within) / 2
