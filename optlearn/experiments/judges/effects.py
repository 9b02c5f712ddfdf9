"""Differences between arms that shared their seeds."""

import numpy as np


def minus(a, b):
    """Return the differences, one a seed."""
    return np.subtract(a, b)


def points(a, b):
    """Return the difference of two accuracies in percentage points."""
    return 100 * np.subtract(a, b)


def log10(values):
    """Return powers of ten: equal factors are equal differences."""
    return np.log10(np.array(values, dtype=float))
