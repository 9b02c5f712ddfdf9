"""Data sets by name, each with its fixed split."""

import functools

from . import bundled, synthetic
from .parts import SPLITS, split

_MAKERS = {
    "digits": bundled.digits,
    "noisy_digits": bundled.noisy_digits,
    "breast_cancer": bundled.breast_cancer,
    "wine": bundled.wine,
    "diabetes": bundled.diabetes,
    "moons": bundled.moons,
    "spirals": synthetic.spirals,
    "xor": synthetic.xor,
    "bag_of_words": lambda: split(*synthetic.bag_of_words(3000, rng=0)),
    "copy": lambda: split(*synthetic.copy_task(2000, rng=0), stratify=False),
}

#: The names that :func:`load` knows.
NAMES = tuple(_MAKERS)


def load(name, split="train", *, shape=None):
    """Return one part of a data set.

    ================  ==========================================================================
    name              one example
    ================  ==========================================================================
    ``digits``        8x8 image of a handwritten digit: 64 grey values from 0 to 1; 10 classes
    ``noisy_digits``  the same, 300 for training, a fifth of their labels wrong; validation and
                      test are those of ``digits``
    ``breast_cancer`` 30 measurements, standardised; 2 classes
    ``wine``          13 measurements, standardised; 3 classes
    ``diabetes``      10 measurements and the disease a year later, all standardised: regression
    ``moons``         2-D; 2 classes
    ``spirals``       2-D; 3 classes
    ``xor``           the four points with one class a diagonal
    ``bag_of_words``  which of 1000 words a text of 15 holds; 2 classes (:func:`bag_of_words`)
    ``copy``          8 tokens of 32, then 8 blanks (:func:`copy_task`)
    ================  ==========================================================================

    Parameters
    ----------
    name : str
    split : {"train", "validation", "test"}, default "train"
        60, 20 and 20 % of the examples, each class in proportion; an example is in one part only.
        ``"xor"`` has too few to split: all parts are the four points.
    shape : tuple of int, optional
        Of one example. Digits are images for a convolution with ``(1, 8, 8)``, and sequences of
        eight rows with ``(8, 8)``.

    Returns
    -------
    x : numpy.ndarray of float64, shape (examples, features)
        Whole numbers for tokens.
    y : numpy.ndarray of int, shape (examples,)
        For ``"copy"`` one a token, ``(examples, 16)``; for ``"diabetes"`` numbers,
        ``(examples, 1)``, as ``MSELoss`` takes them.

    Notes
    -----
    Standardised means mean 0 and standard deviation 1 over the training examples, and the same
    shift and scale for the others: nothing is learned from validation or test.
    """
    if name not in _MAKERS:
        raise ValueError(f"unknown data set {name!r}: known are {', '.join(NAMES)}")
    if split not in SPLITS:
        raise ValueError(f"unknown split {split!r}: known are {', '.join(SPLITS)}")
    x, y = (part.copy() for part in _made(name)[split])
    if shape is not None:
        try:
            x = x.reshape(len(x), *shape)
        except ValueError:
            raise ValueError(
                f"an example of {name!r} has {x[0].size} numbers, which do not fit shape {shape}"
            ) from None
    return x, y


@functools.cache
def _made(name):
    return _MAKERS[name]()
