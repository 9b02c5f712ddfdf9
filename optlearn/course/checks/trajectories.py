"""Follow a rule over many steps, and compare it with the right rule and with the wrong ones.

One step proves little: half of all mistakes look right after it. The cases below last hundreds of
steps and make every part of a formula count: curvatures that differ ten-thousandfold, slopes of
1e-7, slopes that are mostly zero, weights in a matrix.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .probe import call, numbers, short
from .report import WrongError

#: Rewritings of a right formula agree far better than this, single precision far worse.
RTOL = 1e-9


@dataclass(frozen=True)
class Case:
    """A start, a gradient ``(t, w) -> g``, a learning rate and a number of steps."""

    name: str
    start: np.ndarray
    gradient: Callable
    lr: float
    steps: int


def by_hand():
    """Return the case of one step whose numbers can be checked on paper."""
    return Case("one step", np.array([1.0, 2.0]), lambda t, w: np.array([3.0, -4.0]), 0.1, 1)


def cases(rng):
    """Return the long cases, drawn from ``rng``."""
    valley = quadratic(rng, 5, 1e4)
    tiny = rng.normal(size=(200, 4)) * 1e-7
    sparse = rng.normal(size=(300, 6)) * (rng.random((300, 6)) < 0.1)
    wild = rng.normal(size=(100, 3)) * 10.0 ** rng.integers(-6, 7, (100, 3))
    matrix = rng.normal(size=(60, 3, 2))
    return [
        Case("a narrow valley", rng.normal(size=5), lambda t, w: valley @ w, 1.7, 300),
        Case("slopes of 1e-7", rng.normal(size=4) * 1e-6, lambda t, w: tiny[t - 1], 0.3, 200),
        Case("slopes that are mostly zero", rng.normal(size=6), lambda t, w: sparse[t - 1], 2, 300),
        Case("slopes from 1e-6 to 1e6", rng.normal(size=3), lambda t, w: wild[t - 1], 0.05, 100),
        Case("a matrix of weights", rng.normal(size=(3, 2)), lambda t, w: matrix[t - 1], 0.7, 60),
    ]


def quadratic(rng, size, condition):
    """Return a random symmetric matrix with eigenvalues from 1 / condition to 1."""
    axes, _ = np.linalg.qr(rng.normal(size=(size, size)))
    values = np.geomspace(1 / condition, 1, size)
    return (axes * values) @ axes.T


def follow(rule, case, state=0, **hyper):
    """Return the path of ``rule`` over ``case``, shape ``(steps + 1, *start.shape)``.

    ``rule`` has the signature of :mod:`optlearn.rules` with ``state`` arrays of state. Every call
    gets arrays of its own, so a rule that writes into its input is judged on what it returns.
    """
    w, slots = case.start, [np.zeros_like(case.start) for _ in range(state)]
    path = [w]
    for t in range(1, case.steps + 1):
        g = case.gradient(t, w)
        w, *slots = rule(w.copy(), g.copy(), *slots, t=t, lr=case.lr, **hyper)
        w = numbers(w, case.start.shape, "the new weights")
        path.append(w)
    return np.array(path)


def as_rule(step):
    """Return a learner's ``step(w, g, lr)`` in the signature of the rules."""
    return lambda w, g, t, lr: (call(step, w, g, lr),)


def deviates(got, want, rtol=RTOL):
    """Return the first index at which two paths differ, or None.

    Each weight is compared on the scale that it has had so far; infinities and nan must agree.
    """
    count = min(len(got), len(want))
    if not count:
        return None if len(got) == len(want) else 0
    a, b = got[:count], want[:count]
    with np.errstate(all="ignore"):
        scale = np.maximum.accumulate(np.where(np.isfinite(b), np.abs(b), 0), axis=0)
        same = (np.abs(a - b) <= rtol * scale) | (a == b) | (np.isnan(a) & np.isnan(b))
    wrong = ~same.reshape(count, -1).all(axis=1)
    if wrong.any():
        return int(np.argmax(wrong))
    return None if len(got) == len(want) else count


def compare(got, want, mistake=None):
    """Raise WrongError at the first step at which two paths differ."""
    at = deviates(got, want)
    if at is None:
        return
    if at == min(len(got), len(want)):
        raise WrongError(
            f"your path has {len(got)} points, expected {len(want)}; they agree until then.",
            mistake,
        )
    where = "at the start" if at == 0 else f"at step {at}"
    before = f"; the step starts at {short(want[at - 1].ravel())}" if at == 1 else ""
    raise WrongError(f"{where} you have {_digits(got[at], want[at])}{before}.", mistake)


def _digits(got, want):
    """Return two arrays side by side, with the first number that differs where they are long."""
    got, want = got.ravel(), want.ravel()
    mine, right = short(got), short(want)
    if mine == right:
        i = int(np.argmax(np.abs(got - want)))
        return f"{mine}, off by {short(abs(got[i] - want[i]))} in weight {i + 1}"
    return f"{mine}, expected {right}"


def recognise(paths, drawn, mistakes, state=0, **hyper):
    """Return the first of ``mistakes`` whose path equals the learner's in every case, or None.

    A path is followed while it holds numbers: a mistake may divide by a slope of 0 where the known
    one takes care. Half of all steps have to be left.
    """
    ends = [numbers_until(path) for path in paths]
    if sum(ends) < sum(len(path) for path in paths) / 2:
        return None
    for wrong in mistakes:
        theirs = (follow(wrong.function, case, state, **hyper) for case in drawn)
        pairs = zip(paths, theirs, ends)
        if all(deviates(mine[:end], other[:end]) is None for mine, other, end in pairs):
            return wrong
    return None


def numbers_until(path):
    """Return how many points of a path come before the first nan."""
    broken = np.isnan(path.reshape(len(path), -1)).any(axis=1)
    return int(np.argmax(broken)) if broken.any() else len(path)
