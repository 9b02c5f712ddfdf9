"""Read what a learner found: numbers, several of them, and labels of runs."""

import numpy as np

from .probe import is_blank, number, short
from .report import BlankError, Mistake, WrongError


def close(given, right):
    """Return whether a number has the three digits that are asked for; a count has all of them."""
    share = 1e-9 if isinstance(right, int | np.integer) else 1e-3
    # Strictly: what a slip that divides by zero gives is not close to every number.
    return given == right or abs(given - right) < share * max(1.0, abs(right))


def predicted(given, right, slips, name):
    """Raise WrongError unless the number ``given`` is right.

    Parameters
    ----------
    given : number
        What the learner wrote.
    right : float
    slips : list of tuple
        ``(number, name, sentence)`` of each mistake that gives a number of its own.
    name : str
        What the number is, such as "the new x".
    """
    value = number(given, name)
    if not close(value, right):
        known = next((slip for slip in slips if close(value, slip[0])), None)
        raise WrongError(
            f"you have {short(value)}, which is not it.", Mistake(*known[1:]) if known else None
        )


def several(given, names):
    """Return ``given`` where it is as long a list, tuple or array as ``names``."""
    if is_blank(given):
        raise BlankError
    if not isinstance(given, list | tuple | np.ndarray) or len(given) != len(names):
        count = {2: "two", 3: "three", 4: "four", 5: "five"}[len(names)]
        raise WrongError(f"{count} things are expected: {', '.join(names)}; got {short(given)}.")
    return given


def recognised(given, cases, table):
    """Return the mistake that gives these numbers in all cases, or None.

    Parameters
    ----------
    given : list of float
        The learner's number for each case.
    cases : list of tuple
        The arguments of the formulas.
    table : list of tuple
        ``(name, formula, sentence)`` of each known mistake.
    """
    for name, formula, sentence in table:
        if np.allclose(given, [formula(*case) for case in cases], rtol=1e-6, atol=0):
            return Mistake(name, sentence)
    return None


def labels(answer, keys, known, example, *, repeats=False):
    """Return the label that was given to each of ``keys``; a blank where there is none.

    A dictionary or a list will do, in capitals or not. Each label may be given once, but for
    ``repeats``.
    """
    if isinstance(answer, list | tuple) and len(answer) == len(keys):
        answer = dict(zip(keys, answer))
    if not isinstance(answer, dict):
        raise WrongError(f'a dictionary is expected, such as {{"A": "{example}", ...}}.')
    named = {str(key).strip().upper(): label for key, label in answer.items()}
    given = [named.get(key) for key in keys]
    said = [str(label).strip().lower() for label in given if not is_blank(label)]
    unknown = [label for label in said if label not in known]
    if unknown:
        raise WrongError(f"“{unknown[0]}” is no label; the labels are: {', '.join(known)}.")
    if len(set(said)) < len(said) and not repeats:
        raise WrongError("a label is used twice: each letter has one of its own.")
    return {
        key: label if is_blank(label) else str(label).strip().lower()
        for key, label in zip(keys, given)
    }


def read(label, truth, misread):
    """Raise WrongError unless ``label`` is the truth; ``misread`` names what was confused."""
    if is_blank(label):
        raise BlankError
    if label != truth:
        known = misread.get((truth, label))
        raise WrongError(f"“{label}” does not fit.", Mistake(*known) if known else None)
