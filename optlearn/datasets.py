"""Data sets that come with scikit-learn or from a formula, and the loader that cuts batches.

Nothing is ever downloaded. Every data set has one fixed split into training, validation and test
examples: choose settings on the validation part, and look at the test part once.
"""

import functools

import numpy as np

from .backend import as_rng

SPLITS = ("train", "validation", "test")


def load(name, split="train"):
    """Return one part of a data set.

    Parameters
    ----------
    name : str
        ``"digits"`` (8x8 images of handwritten digits, 64 grey values from 0 to 1, 10 classes),
        ``"noisy_digits"`` (300 of the training digits, a fifth of their labels wrong; validation
        and test are those of ``"digits"``), ``"breast_cancer"`` (30 standardised measurements,
        2 classes), ``"moons"`` (2-D, 2 classes) or ``"spirals"`` (2-D, 3 classes).
    split : {"train", "validation", "test"}, default "train"
        60, 20 and 20 % of the examples, each class in proportion.

    Returns
    -------
    x : numpy.ndarray of float64, shape (examples, features)
    y : numpy.ndarray of int, shape (examples,)
    """
    if name not in _MAKERS:
        raise ValueError(f"unknown data set {name!r}: known are {', '.join(NAMES)}")
    if split not in SPLITS:
        raise ValueError(f"unknown split {split!r}: known are {', '.join(SPLITS)}")
    x, y = _made(name, split)
    return x.copy(), y.copy()


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


class DataLoader:
    """Cut examples into batches; each pass over it is one epoch.

    Parameters
    ----------
    x : array, shape (examples, ...)
    y : array, shape (examples, ...)
    batch_size : int, default 32
        From 1 to the number of examples, which makes gradient descent of it.
    shuffle : bool, default True
        Draw a new order for each epoch.
    drop_last : bool, default False
        Leave out a last batch that is too small.
    rng : int or numpy.random.Generator, optional
        For the order.

    Raises
    ------
    ValueError
        If the data are empty, of unequal length or not finite, or ``batch_size`` does not fit.
    """

    def __init__(self, x, y, batch_size=32, shuffle=True, drop_last=False, rng=None):
        x, y = np.asarray(x), np.asarray(y)
        if x.ndim == 0 or y.ndim == 0 or len(x) != len(y):
            raise ValueError(f"x and y need one row an example, got shapes {x.shape} and {y.shape}")
        if len(x) == 0:
            raise ValueError("the data set is empty: a loader needs at least one example")
        for what, values in (("x", x), ("y", y)):
            if np.issubdtype(values.dtype, np.floating) and not np.isfinite(values).all():
                row = np.argwhere(~np.isfinite(values))[0][0]
                raise ValueError(f"{what} holds a value that is not finite, first in row {row}")
        if not isinstance(batch_size, int | np.integer) or not 1 <= batch_size <= len(x):
            raise ValueError(
                f"batch_size must be a whole number from 1 to {len(x)} (all examples), "
                f"got {batch_size!r}"
            )
        self.x, self.y = x, y
        self.batch_size, self.shuffle, self.drop_last = int(batch_size), shuffle, drop_last
        self.rng = as_rng(rng)

    def __len__(self):
        """Return the number of batches, which is the number of steps in an epoch."""
        whole, rest = divmod(len(self.x), self.batch_size)
        return whole + (1 if rest and not self.drop_last else 0)

    def __iter__(self):
        order = self.rng.permutation(len(self.x)) if self.shuffle else np.arange(len(self.x))
        for i in range(len(self)):
            batch = order[i * self.batch_size : (i + 1) * self.batch_size]
            yield self.x[batch], self.y[batch]


@functools.cache
def _made(name, split):
    return _MAKERS[name](split)


def _split(x, y, split):
    from sklearn.model_selection import train_test_split

    x, x_test, y, y_test = train_test_split(x, y, test_size=0.2, stratify=y, random_state=0)
    x, x_validation, y, y_validation = train_test_split(
        x, y, test_size=0.25, stratify=y, random_state=0
    )
    parts = {"train": (x, y), "validation": (x_validation, y_validation), "test": (x_test, y_test)}
    return parts[split]


def _digits(split):
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    return _split(x / 16, y, split)


def _noisy_digits(split):
    x, y = _digits(split)
    if split != "train":
        return x, y
    return x[:300], label_noise(y[:300], 0.2, rng=0)


def _breast_cancer(split):
    from sklearn.datasets import load_breast_cancer

    x, y = load_breast_cancer(return_X_y=True)
    known, _ = _split(x, y, "train")
    x, y = _split(x, y, split)
    return (x - known.mean(0)) / known.std(0), y


def _moons(split):
    from sklearn.datasets import make_moons

    return _split(*make_moons(600, noise=0.2, random_state=0), split)


def _spirals(split):
    rng, arms, each = as_rng(0), 3, 200
    radius = np.sqrt(rng.uniform(0.02, 1, (arms, each)))
    turn = 2 * np.pi * (radius + np.arange(arms)[:, None] / arms) + rng.normal(0, 0.1, (arms, each))
    x = np.stack([radius * np.cos(turn), radius * np.sin(turn)], -1).reshape(-1, 2)
    return _split(x, np.repeat(np.arange(arms), each), split)


_MAKERS = {
    "digits": _digits,
    "noisy_digits": _noisy_digits,
    "breast_cancer": _breast_cancer,
    "moons": _moons,
    "spirals": _spirals,
}

#: The names that :func:`load` knows.
NAMES = tuple(_MAKERS)
