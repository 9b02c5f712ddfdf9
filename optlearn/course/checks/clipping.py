"""The norm of several gradients and clipping by it: right ones, wrong ones, and the cases.

A norm has the signature ``(gradients) -> number``; clipping has ``(gradients, max_norm) ->
(gradients, number)``, where the number is the norm before clipping.
"""

from dataclasses import dataclass

import numpy as np

from .probe import call, is_blank, number, numbers, short
from .report import BlankError, Mistake, WrongError

#: As exact as clipping has to be: a tiny number below the fraction, as in PyTorch, is welcome.
NEAR = 1e-5


def norm(gradients):
    """Return the norm of all gradients together."""
    return float(np.sqrt(sum(np.sum(np.square(g)) for g in gradients)))


def clip(gradients, max_norm):
    """Return the gradients, together no longer than ``max_norm``, and their norm before."""
    length = norm(gradients)
    return _times(gradients, max_norm / length if length > max_norm else 1.0), length


def _times(gradients, factor):
    return [factor * g for g in gradients]


@dataclass(frozen=True)
class Case:
    """Gradients of some parameters, and a bound."""

    kind: str
    gradients: list
    max_norm: float

    def fresh(self):
        """Return gradients of the learner's own, which may be changed."""
        return [g.copy() for g in self.gradients]


def cases(rng):
    """Return the cases of each kind, drawn from ``rng``."""
    shapes = (3,), (4, 2, 3, 3), (2, 3), (1,)
    layers = [rng.normal(size=shape) for shape in shapes]
    wild = [rng.normal(size=shape) * 10.0**k for shape, k in zip(shapes, rng.permutation(range(4)))]
    return (
        Case("long", [np.array([3.0, 4.0]), np.array([12.0])], 6.5),
        Case("long", layers, 1.5),
        Case("long", wild, 0.5),
        Case("long", [*layers[:2], rng.normal(size=2) * 1e9], 20.0),
        Case("short", [np.array([3.0, 4.0]), np.array([12.0])], 50.0),
        Case("short", layers, 1.001 * norm(layers)),
        Case("short", [1e-9 * g for g in layers], 1.0),
        Case("zero", [np.zeros(shape) for shape in shapes], 1.0),
    )


# ------------------------------------------------------------------------------- the learner's


def ask_norm(function, case):
    """Return the learner's norm of a case."""
    given = call(function, case.fresh())
    if is_blank(given):
        raise BlankError
    return number(given, "the norm")


def ask_clip(function, case):
    """Return the learner's clipped gradients and norm of a case."""
    given = call(function, case.fresh(), case.max_norm)
    if is_blank(given):
        raise BlankError
    if not isinstance(given, tuple | list) or len(given) != 2 or is_blank(given[1]):
        raise WrongError(
            f"two things are expected: the gradients and the norm; got {short(given)}."
        )
    if is_blank(given[0]):
        raise BlankError
    arrays, length = given
    if not isinstance(arrays, tuple | list) or len(arrays) != len(case.gradients):
        raise WrongError(
            f"the first thing should be a list of {len(case.gradients)} arrays, as many as came "
            f"in; got {short(arrays)}."
        )
    kept = [numbers(a, g.shape, "a gradient") for a, g in zip(arrays, case.gradients)]
    return kept, number(length, "the norm")


def same_norm(got, case):
    """Raise WrongError unless ``got`` is the norm of a case."""
    right = norm(case.gradients)
    if not abs(got - right) <= NEAR * right:
        raise WrongError(
            f"of {_described(case)} the norm is {short(right)}, you have {short(got)}."
        )


def same_gradients(got, case):
    """Raise WrongError unless ``got`` are the gradients of a case, clipped."""
    want, _ = clip(case.gradients, case.max_norm)
    scale = np.max([np.max(np.abs(g)) for g in want])
    for mine, right in zip(got, want):
        if not np.all(np.abs(mine - right) <= NEAR * scale):
            raise WrongError(
                f"{_described(case)} with norm {short(norm(case.gradients))}, clipped at "
                f"{short(case.max_norm)}: in one array you have {short(mine.ravel())}, expected "
                f"{short(right.ravel())}."
            )


def _described(case):
    shapes = ", ".join(str(g.shape) for g in case.gradients)
    return f"gradients of shapes {shapes}"


def recognise(ask, function, asked, known):
    """Return the known mistake that gives the learner's answers in all cases, or None."""
    try:
        mine = [_flat(ask(function, case)) for case in asked]
    except Exception:  # an answer that breaks has no numbers to compare
        return None
    for name, sentence, wrong in known:
        try:
            theirs = (_flat(ask(wrong, case)) for case in asked)
            if all(_same(a, b) for a, b in zip(mine, theirs)):
                return Mistake(name, sentence)
        except WrongError:  # this mistake breaks where the learner's does not
            continue
    return None


def _flat(answer):
    if isinstance(answer, float):
        return np.array([answer])
    arrays, length = answer
    return np.concatenate([*(a.ravel() for a in arrays), [length]])


def _same(a, b):
    return a.shape == b.shape and np.allclose(a, b, rtol=1e-4, atol=0, equal_nan=True)
