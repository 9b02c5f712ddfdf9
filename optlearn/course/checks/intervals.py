"""Paired intervals as learners write them: the right one, and the wrong ones."""

from functools import cache

import numpy as np

from ...tuning.compare import t_quantile
from .report import WrongError

#: More degrees of freedom than any right solution asks for.
MOST = 600


@cache
def t(p, df):
    """Return Student's t; a search for a number of seeds asks again and again for the same."""
    if not 1 <= df <= MOST:
        raise WrongError(f"t was asked for {df} degrees of freedom: 1 to {MOST} are enough.")
    return t_quantile(p, df)


def paired_interval(a, b, t):
    """Return both ends of the 95 % interval of the mean of ``a - b``."""
    d = np.asarray(a, dtype=float) - np.asarray(b, dtype=float)
    return _around(d, t(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d)))


def _around(d, reach):
    return d.mean() - reach, d.mean() + reach


def _reaching(reach):
    """Return the interval of ``reach(d, n, t)`` around the mean difference."""

    def interval(a, b, t):
        d = np.asarray(a, dtype=float) - np.asarray(b, dtype=float)
        return _around(d, reach(d, len(d), t))

    return interval


def _unpaired(a, b, t):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    spread = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / len(a))
    return _around(a - b, t(0.975, 2 * len(a) - 2) * spread)


def _unpaired_plainly(a, b, t):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    spread = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / len(a))
    return _around(a - b, t(0.975, len(a) - 1) * spread)


_PAIRS = "The seeds are shared: take the spread of the differences, not that of each side."

#: name -> (sentence, ``(a, b, t) -> (low, high)``)
WRONG_INTERVALS = {
    "divides_by_n": (
        "The spread is divided by n: np.std divides by n unless you say ddof=1.",
        _reaching(lambda d, n, t: t(0.975, n - 1) * d.std() / np.sqrt(n)),
    ),
    "forgets_the_root": (
        "The spread of one difference is not that of their mean: divide by the root of n.",
        _reaching(lambda d, n, t: t(0.975, n - 1) * d.std(ddof=1)),
    ),
    "divides_by_the_number": (
        "The spread of a mean falls like the root of n, not like n.",
        _reaching(lambda d, n, t: t(0.975, n - 1) * d.std(ddof=1) / n),
    ),
    "forgets_t": (
        "This is the standard error alone: multiply it by t.",
        _reaching(lambda d, n, t: d.std(ddof=1) / np.sqrt(n)),
    ),
    "takes_the_normal": (
        "1.96 is for very many seeds: with few of them t is larger.",
        _reaching(lambda d, n, t: 1.96 * d.std(ddof=1) / np.sqrt(n)),
    ),
    "takes_two": (
        "2 is a rule of thumb: with few seeds t is larger.",
        _reaching(lambda d, n, t: 2 * d.std(ddof=1) / np.sqrt(n)),
    ),
    "takes_n_for_the_freedom": (
        "t is asked for n: n differences leave n − 1 degrees of freedom.",
        _reaching(lambda d, n, t: t(0.975, n) * d.std(ddof=1) / np.sqrt(n)),
    ),
    "looks_to_one_side": (
        "0.95 leaves 5 % out on one side: an interval leaves 2.5 % out on each.",
        _reaching(lambda d, n, t: t(0.95, n - 1) * d.std(ddof=1) / np.sqrt(n)),
    ),
    "adds_the_power": (
        "This is the smallest effect seen, not how far the interval reaches.",
        _reaching(lambda d, n, t: (t(0.975, n - 1) + t(0.8, n - 1)) * d.std(ddof=1) / np.sqrt(n)),
    ),
    "halves_the_reach": (
        "The interval reaches so far to *each* side: do not halve it.",
        _reaching(lambda d, n, t: t(0.975, n - 1) * d.std(ddof=1) / np.sqrt(n) / 2),
    ),
    "doubles_the_reach": (
        "The interval reaches so far to each side: do not double it.",
        _reaching(lambda d, n, t: t(0.975, n - 1) * d.std(ddof=1) / np.sqrt(n) * 2),
    ),
    "takes_the_variance": (
        "This is the variance: take its root, the standard deviation.",
        _reaching(lambda d, n, t: t(0.975, n - 1) * d.var(ddof=1) / np.sqrt(n)),
    ),
    "takes_the_range": (
        "This is the distance of the extremes, not the standard deviation.",
        _reaching(lambda d, n, t: t(0.975, n - 1) * np.ptp(d) / np.sqrt(n)),
    ),
    "gives_the_extremes": (
        "These are the smallest and the largest difference: one seed more would widen them.",
        lambda a, b, t: (np.min(np.subtract(a, b)), np.max(np.subtract(a, b))),
    ),
    "ignores_the_pairs": (_PAIRS, _unpaired),
    "ignores_the_shared_seeds": (_PAIRS, _unpaired_plainly),
    "uses_one_side_alone": (
        "The spread is that of the first setting: take that of the differences.",
        lambda a, b, t: _around(
            np.subtract(a, b), t(0.975, len(a) - 1) * np.std(a, ddof=1) / np.sqrt(len(a))
        ),
    ),
    "turns_it_over": (
        "The sign is turned over: it is the first less the second.",
        lambda a, b, t: paired_interval(b, a, t),
    ),
    "exchanges_the_ends": (
        "The upper end comes first: return the lower one first.",
        lambda a, b, t: paired_interval(a, b, t)[::-1],
    ),
}
