"""Data sets made from a formula and a seed."""

import numpy as np

from ..backend import as_rng
from .parts import SPLITS, split


def spirals():
    """Return three arms of 200 points each, wound once around."""
    rng, arms, each = as_rng(0), 3, 200
    radius = np.sqrt(rng.uniform(0.02, 1, (arms, each)))
    turn = 2 * np.pi * (radius + np.arange(arms)[:, None] / arms) + rng.normal(0, 0.1, (arms, each))
    x = np.stack([radius * np.cos(turn), radius * np.sin(turn)], -1).reshape(-1, 2)
    return split(x, np.repeat(np.arange(arms), each))


def xor():
    """Return the corners of a square, one class a diagonal; too few to split."""
    x = np.array([(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)])
    return {name: (x, np.array([0, 1, 1, 0])) for name in SPLITS}


def zipf(size):
    r"""Return Zipf's law, :math:`p_k \propto 1/k` for :math:`k = 1, \dots, n`."""
    shares = 1 / np.arange(1, size + 1)
    return shares / shares.sum()


def bag_of_words(examples, *, vocabulary=1000, words=15, rng=None):
    r"""Return texts as bags of words, few of them frequent and most of them rare.

    The words of a text are drawn by Zipf's law, and each has an opinion :math:`o \sim N(0, 1)`.
    The label is 1 if the opinions in the text, less their mean over all texts, and logistic noise
    sum to more than zero: a logistic regression describes it exactly, with weights :math:`o`.

    Parameters
    ----------
    examples : int
    vocabulary : int, default 1000
    words : int, default 15
        Drawn for a text, repeats included.
    rng : int or numpy.random.Generator, optional

    Returns
    -------
    x : numpy.ndarray of float64, shape (examples, vocabulary)
        1 where the text holds the word, else 0. Column 0 is the most frequent word.
    y : numpy.ndarray of int, shape (examples,)
    """
    _check_whole(examples=examples, vocabulary=vocabulary, words=words)
    rng, frequencies = as_rng(rng), zipf(vocabulary)
    opinions = rng.normal(size=vocabulary)
    x = np.zeros((examples, vocabulary))
    drawn = rng.choice(vocabulary, size=(examples, words), p=frequencies)
    np.put_along_axis(x, drawn, 1, axis=1)
    held = 1 - (1 - frequencies) ** words  # the share of texts that hold a word
    return x, ((x - held) @ opinions + rng.logistic(size=examples) > 0).astype(int)


def copy_task(examples, *, length=8, vocabulary=32, rng=None):
    """Return sequences of tokens to be said again after they have ended.

    An input is ``length`` tokens and then as many blanks; the answer is blank while the tokens
    come and then the same tokens in order. A model has to carry every token over ``length``
    steps.

    Parameters
    ----------
    examples : int
    length : int, default 8
    vocabulary : int, default 32
        Tokens are 1 to ``vocabulary``, drawn by Zipf's law, token 1 the most frequent; 0 is the
        blank. So there are ``vocabulary + 1`` classes.
    rng : int or numpy.random.Generator, optional

    Returns
    -------
    x, y : numpy.ndarray of int, shape (examples, 2 * length)

    References
    ----------
    The copying problem of Hochreiter & Schmidhuber (1997), as in Arjovsky, Shah & Bengio, "Unitary
    evolution recurrent neural networks", ICML 2016; there with a longer gap of blanks, and with a
    token that marks its end.
    """
    _check_whole(examples=examples, length=length, vocabulary=vocabulary)
    tokens = 1 + as_rng(rng).choice(vocabulary, size=(examples, length), p=zipf(vocabulary))
    blanks = np.zeros_like(tokens)
    return np.hstack([tokens, blanks]), np.hstack([blanks, tokens])


def _check_whole(**values):
    for name, value in values.items():
        if not isinstance(value, int | np.integer) or value < 1:
            raise ValueError(f"{name} must be a whole number >= 1, got {value!r}")
