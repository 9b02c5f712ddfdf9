"""Labels made wrong on purpose."""

import numpy as np

from ..backend import as_rng


def label_noise(y, fraction, rng=None):
    """Return labels of which ``fraction`` are replaced by another class, drawn at random.

    Parameters
    ----------
    y : array of int, shape (examples,)
    fraction : float
        From 0 to 1; exactly ``round(fraction * len(y))`` labels change.
    rng : int or numpy.random.Generator, optional
    """
    if not 0 <= fraction <= 1:
        raise ValueError(f"fraction must be from 0 to 1, got {fraction}")
    rng, y = as_rng(rng), np.array(y)
    classes = np.unique(y)
    if len(classes) < 2:
        raise ValueError("label noise needs at least two classes, got one")
    wrong = rng.choice(len(y), size=round(fraction * len(y)), replace=False)
    shift = rng.integers(1, len(classes), size=len(wrong))
    y[wrong] = classes[(np.searchsorted(classes, y[wrong]) + shift) % len(classes)]
    return y
