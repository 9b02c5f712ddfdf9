"""What a mistake is, and the list of all of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class WrongRule:
    """One mistake.

    Attributes
    ----------
    name : str
    rule : str
        The rule of :mod:`optlearn.rules` that it was meant to be.
    function : callable
        ``(w, g, *state, t, **hyper) -> (w, *state)``, with the arguments of the right rule.
    sentence : str
        What went wrong, in one friendly sentence.
    """

    name: str
    rule: str
    function: Callable
    sentence: str


KNOWN = []


def mistake(rule, sentence):
    """Register the decorated function under its own name."""

    def register(function):
        KNOWN.append(WrongRule(function.__name__, rule, function, sentence))
        return function

    return register


def ratio(x, root):
    """Return ``x / root``, and 0 where nothing but zeros has been seen.

    Learners who lose the eps divide 0 by 0 there; a path is compared while it holds numbers.
    """
    return x / np.where(root == 0, 1, root)


def means(m, v, g, betas):
    """Return the running means of the gradients and of their squares after ``g``."""
    beta1, beta2 = betas
    return beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2


def corrected(m, v, betas, t):
    """Return both means, corrected for their start at zero."""
    beta1, beta2 = betas
    return m / (1 - beta1**t), v / (1 - beta2**t)
