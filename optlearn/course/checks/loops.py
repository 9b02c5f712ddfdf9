"""Loops around gradient descent: the right one, the wrong ones, and how to tell them apart.

All have the signature ``(gradient, start, lr, steps, tolerance) -> path``.
"""

from dataclasses import dataclass

import numpy as np

from ... import wrong_rules
from .probe import call, counted, numbers
from .report import Mistake, WrongError
from .trajectories import compare, deviates, quadratic


def descend(gradient, start, lr, steps, tolerance, rule=None):
    """Return the path of gradient descent; it ends where the gradient's norm is <= tolerance."""
    w = np.array(start, dtype=float)
    path = [w]
    for t in range(1, steps + 1):
        g = gradient(w)
        if np.linalg.norm(g) <= tolerance:
            break
        w = w - lr * g if rule is None else rule(w, g, t=t, lr=lr)[0]
        path.append(w)
    return np.array(path)


@dataclass(frozen=True)
class Run:
    """What a loop is asked to do."""

    gradient: object
    start: object
    lr: float
    steps: int
    tolerance: float = 0.0

    def by(self, loop):
        """Return the path of ``loop`` on arguments of its own."""
        start = self.start.copy() if isinstance(self.start, np.ndarray) else list(self.start)
        return loop(counted(self.gradient), start, self.lr, self.steps, self.tolerance)


def bowl(curvatures):
    """Return the gradient of a bowl with these curvatures along its axes."""
    return lambda w: np.asarray(curvatures, dtype=float) * w


def runs(rng):
    """Return the runs of each part, drawn from ``rng``."""
    valley = quadratic(rng, 5, 1e3)
    start = rng.normal(size=5)
    free = Run(lambda w: valley @ w, start, 1.7, 300)
    path = free.by(descend)
    norms = np.linalg.norm(path @ valley, axis=1)
    # Between the norms of two neighbours, so that rounding cannot decide where a path ends.
    ends = [float(np.sqrt(norms[k] * norms[k + 1])) for k in rng.integers(3, 200, 3)]
    simple = bowl([1, 4])
    return {
        "first": [Run(simple, np.array([2.0, -1.0]), 0.1, 1)],
        "long": [free, Run(lambda w: 1e-7 * (valley @ w), start * 1e-3, 1.3e7, 200)],
        "stop": [Run(lambda w: valley @ w, start, 1.7, 300, end) for end in ends],
        "edges": [
            Run(simple, np.array([1.0, 1.0]), 0.1, 0),
            Run(simple, np.array([0.0, 0.0]), 0.1, 9, 1e-6),
            Run(simple, [3, 2], 0.1, 4),
        ],
    }


def path_of(loop, run):
    """Return a learner's path as an array, or raise WrongError."""
    given = call(run.by, loop) if callable(loop) else call(loop)
    size = len(run.start)
    path = numbers(given, what="the path")
    if path.ndim != 2 or path.shape[1] != size:
        raise WrongError(
            f"the path should have shape (points, {size}), yours has {path.shape}: keep every "
            "point, the start first."
        )
    return path


def follows(loop, asked, mistake):
    """Raise WrongError where ``loop`` leaves the right path in one of the runs ``asked``."""
    for run in asked:
        try:
            compare(path_of(loop, run), run.by(descend))
        except WrongError as wrong:
            raise WrongError(wrong.difference, wrong.mistake or mistake()) from None


def recognise(loop, asked):
    """Return the known mistake whose paths are those of ``loop`` in all runs, or None."""
    try:
        mine = [path_of(loop, run) for run in asked]
    except Exception:  # a loop that breaks has no path to compare
        return None
    for mistake, wrong_loop in _mistakes():
        theirs = (run.by(wrong_loop) for run in asked)
        if all(deviates(a, b) is None for a, b in zip(mine, theirs)):
            return mistake
    return None


def _mistakes():
    for name, (sentence, loop) in WRONG_LOOPS.items():
        yield Mistake(name, sentence), loop
    for wrong in wrong_rules.for_rule("sgd"):
        yield wrong, lambda *args, rule=wrong.function: descend(*args, rule=rule)


# --------------------------------------------------------------------------------- wrong loops


def _gradient_once(gradient, start, lr, steps, tolerance):
    g = gradient(np.array(start, dtype=float))
    return descend(lambda w: g, start, lr, steps, tolerance)


def _same_array(gradient, start, lr, steps, tolerance):
    path = descend(gradient, start, lr, steps, tolerance)
    return np.repeat(path[-1:], len(path), axis=0)


def _start_twice(gradient, start, lr, steps, tolerance):
    path = descend(gradient, start, lr, steps, tolerance)
    return np.concatenate([path[:1], path[:-1]]) if len(path) > 1 else path


def _stops_late(gradient, start, lr, steps, tolerance):
    path = descend(gradient, start, lr, steps, tolerance)
    if len(path) <= steps:
        path = np.concatenate([path, path[-1:] - lr * gradient(path[-1])])
    return path


def _steps_from_anywhere(gradient, start, lr, steps, tolerance):
    first = descend(gradient, start, lr, min(steps, 1), -1.0)
    rest = descend(gradient, first[-1], lr, max(steps - 1, 0), tolerance)
    return np.concatenate([first, rest[1:]])


def _stops_by(norm):
    """Return the loop that stops where ``norm(g, lr) <= tolerance``."""

    def loop(gradient, start, lr, steps, tolerance):
        path = descend(gradient, start, lr, steps, -1.0)
        small = [norm(gradient(w), lr) <= tolerance for w in path]
        return path[: small.index(True) + 1] if any(small) else path

    return loop


def _with_steps(change):
    """Return the loop that takes ``change`` steps more than it should."""

    def loop(gradient, start, lr, steps, tolerance):
        return descend(gradient, start, lr, max(steps + change, 0), tolerance)

    return loop


#: name -> (sentence, loop)
WRONG_LOOPS = {
    "loop_computes_gradient_once": (
        "The gradient is computed once, before the loop: it never changes.",
        _gradient_once,
    ),
    "loop_keeps_one_array": (
        "All points of the path are the same array, changed in place: keep a copy of each.",
        _same_array,
    ),
    "loop_keeps_the_start_twice": (
        "The point is kept before the step: the start shows up twice and the last point is lost.",
        _start_twice,
    ),
    "loop_forgets_the_start": (
        "The path does not hold the start.",
        lambda *args: descend(*args)[1:],
    ),
    "loop_forgets_the_end": (
        "The path does not hold the last point.",
        lambda *args: descend(*args)[:-1],
    ),
    "loop_takes_one_step_more": ("It takes one step more than it may.", _with_steps(1)),
    "loop_takes_one_step_less": ("It takes one step less than it may.", _with_steps(-1)),
    "loop_never_stops_early": (
        "The tolerance is not used: it goes on where the slope is already small.",
        _stops_by(lambda g, lr: np.inf),
    ),
    "loop_stops_late": (
        "It stops one step late: it steps first and looks at the old slope afterwards.",
        _stops_late,
    ),
    "loop_steps_before_it_looks": (
        "It takes a first step even from a start where the slope is already small.",
        _steps_from_anywhere,
    ),
    "loop_stops_on_the_step": (
        "The tolerance is compared with the length of the step, not of the gradient.",
        _stops_by(lambda g, lr: lr * np.linalg.norm(g)),
    ),
    "loop_stops_on_the_largest": (
        "The tolerance is compared with the largest slope, not with the norm of the gradient.",
        _stops_by(lambda g, lr: np.max(np.abs(g))),
    ),
    "loop_stops_on_the_square": (
        "The tolerance is compared with the squared norm: the root is missing.",
        _stops_by(lambda g, lr: float(np.sum(g * g))),
    ),
    "loop_stops_on_the_sum": (
        "The tolerance is compared with the sum of the slopes, where plus and minus cancel.",
        _stops_by(lambda g, lr: float(np.sum(g))),
    ),
}
