"""Products with a Hessian and power iteration: right ones, wrong ones, and how to tell them apart.

A product has the signature ``(gradient, w, v, eps) -> Hessian times v``; a power iteration has
``(gradient, w, v) -> eigenvalue``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from ... import landscapes
from .probe import call, counted, number, numbers, short
from .report import IN_PLACE, Mistake, WrongError

#: Calls of the gradient that a power iteration may make. A whole Hessian would need more.
CALLS = 500
#: Weights of the largest place.
MANY = 600
EPS = 1e-5


def product(gradient, w, v, eps=EPS):
    """Return the Hessian at ``w`` times ``v``, from two gradients."""
    return (gradient(w + eps * v) - gradient(w - eps * v)) / (2 * eps)


def power(gradient, w, v, steps=120, product=product, read=lambda v, hv: v @ hv, turn=None):
    """Return the eigenvalue of largest size, by power iteration from the direction ``v``."""
    for _ in range(steps):
        v = v / np.linalg.norm(v)
        hv = product(gradient, w, v)
        estimate = read(v, hv)
        v = hv if turn is None else turn(v, hv)
    return estimate


@dataclass(frozen=True)
class Place:
    """Where a curvature is asked for: a gradient, the weights and a direction to start from."""

    name: str
    gradient: Callable
    hessian: np.ndarray
    w: np.ndarray
    v: np.ndarray

    @property
    def product(self):
        return self.hessian @ self.v

    @cached_property
    def steepest(self):
        """The eigenvalue of largest size, with its sign."""
        return max(np.linalg.eigvalsh(self.hessian), key=abs)


def places(rng):
    """Return the places, drawn from ``rng``."""
    bowl = np.array([[3.0, 1.0], [1.0, 2.0]])
    valley, at = landscapes.rosenbrock(), rng.uniform(0.6, 1.4, 2)
    down = _turned(rng, [-5.0, 3.2, 1.5, 0.7, -0.2])
    low = 0.1 * rng.normal(size=5)
    many = _turned(rng, [6.0, *np.geomspace(4, 1e-3, MANY - 1)])
    values, axes = np.linalg.eigh(_turned(rng, [8.0, 5.0, 1.0, 0.5]))
    start = rng.normal(size=MANY)
    return (
        _quadratic("a small bowl", bowl, np.array([1.0, 2.0]), np.array([1.0, -1.0])),
        Place("a bent valley", valley.gradient, valley.hessian(at), at, rng.uniform(0.5, 2, 2)),
        Place(
            "steepest downward",
            lambda w: down @ w + w**3,
            down + np.diag(3 * low**2),
            low,
            rng.normal(size=5),
        ),
        _quadratic(f"{MANY} weights", many, rng.normal(size=MANY), start),
        _quadratic(
            "a start across the steep way",
            (axes * values) @ axes.T,
            rng.normal(size=4),
            axes[:, 2] + axes[:, 1] + 1e-5 * axes[:, 3],
        ),
    )


def _quadratic(name, hessian, w, v):
    return Place(name, lambda w: hessian @ w, hessian, w, v)


def _turned(rng, values):
    """Return a symmetric matrix with these eigenvalues and random axes."""
    axes, _ = np.linalg.qr(rng.normal(size=(len(values), len(values))))
    return (axes * values) @ axes.T


# ------------------------------------------------------------------------------- the learner's


def ask_product(function, place):
    """Raise WrongError unless ``function`` gives the product at a place."""
    got = _asked(function, place, place.v.shape, EPS)
    near = np.abs(got - place.product) <= 1e-3 * np.linalg.norm(place.product)
    if not near.all():
        raise WrongError(
            f"at w = {short(place.w)} along v = {short(place.v)} you have {short(got)}, expected "
            f"{short(place.product)}."
        )


def ask_power(function, place):
    """Raise WrongError unless ``function`` finds the steepest curvature at a place, to 1 %."""
    got = number(_asked(function, place, None), "the curvature")
    if not abs(got - place.steepest) <= 0.01 * abs(place.steepest):
        raise WrongError(
            f"you have {short(got)}, the curvature of largest size is {short(place.steepest)}."
        )


def _asked(function, place, shape, *more):
    gradient = counted(place.gradient, CALLS)
    given = call(partial(_call, function), gradient, place.w.copy(), place.v.copy(), *more)
    return numbers(given, shape)


def _call(function, gradient, w, v, *more):
    return function(gradient, w, v, *more)


def leaves_alone(function, place, *more):
    """Raise WrongError where ``function`` changes the weights or the direction that it gets."""
    w, v = place.w.copy(), place.v.copy()
    call(function, counted(place.gradient, CALLS), w, v, *more)
    if not (np.array_equal(w, place.w) and np.array_equal(v, place.v)):
        raise WrongError("after the call the caller's arrays hold other numbers.", IN_PLACE)


def recognise(function, asked, known, near, *more):
    """Return the known mistake that gives the learner's numbers at all places, or None.

    ``near`` is how near, as a share: products are the same to many digits, power iterations may
    have made more steps or fewer.
    """
    try:
        mine = [_asked(function, place, None, *more) for place in asked]
    except Exception:  # an answer that breaks has no numbers to compare
        return None
    for name, sentence, wrong in known:
        theirs = (wrong(place.gradient, place.w, place.v, *more) for place in asked)
        if all(_same(a, np.asarray(b), near) for a, b in zip(mine, theirs)):
            return Mistake(name, sentence)
    return None


def _same(a, b, near):
    if a.shape != b.shape:
        return False
    scale = np.max(np.abs(b), initial=0, where=np.isfinite(b))
    return np.allclose(a, b, rtol=near, atol=near * scale, equal_nan=True)
