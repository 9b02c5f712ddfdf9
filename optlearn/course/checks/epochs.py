"""Loops over epochs and batches: what they were asked, what they read, and where they go wrong.

A loop draws its own order, so its path cannot be known beforehand. It is judged on the batches that
it asks a gradient for, and on the path that follows from these batches.
"""

from dataclasses import dataclass, field

import numpy as np

from .batches import fits_sizes
from .probe import CALLS, call, numbers, short
from .report import Mistake, WrongError
from .trajectories import compare, deviates


def descend(gradient, start, lr, n, size, epochs, drop_last, rng):
    """Return the path of mini-batch gradient descent."""
    w = np.array(start, dtype=float)
    path = [w]
    for _ in range(epochs):
        order = rng.permutation(n)
        for first in range(0, n, size):
            batch = order[first : first + size]
            if len(batch) == size or not drop_last:
                w = w - lr * gradient(w, batch)
                path.append(w)
    return np.array(path)


@dataclass(frozen=True)
class Job:
    """Examples, each a bowl of its own, and what a loop is asked to do with them."""

    curvatures: np.ndarray
    minima: np.ndarray
    size: int
    epochs: int
    drop_last: bool
    seed: int
    start: object
    lr: float = 0.3

    @property
    def n(self):
        return len(self.minima)

    def gradient(self, w, batch):
        return (self.curvatures[batch] * (w - self.minima[batch])).mean(axis=0)

    def sizes(self, drop_last):
        """Return the sizes of the batches of one epoch."""
        whole, rest = divmod(self.n, self.size)
        return [self.size] * whole + [rest] * (rest > 0 and not drop_last)

    def by(self, loop, seed=None):
        """Return the walk of ``loop`` on arguments of its own."""
        walk = Walk(self)
        start = list(self.start) if isinstance(self.start, list) else self.start.copy()
        rng = np.random.default_rng(self.seed if seed is None else seed)
        how = self.lr, self.n, self.size, self.epochs, self.drop_last, rng
        path = numbers(call(loop, walk.ask, start, *how), what="the path")
        if path.ndim != 2 or path.shape[1] != len(start):
            raise WrongError(
                f"the path should have shape (points, {len(start)}), yours has {path.shape}: keep "
                "every point, the start first."
            )
        walk.path = path
        return walk


@dataclass
class Walk:
    """The batches that a loop asked for, and the path that it returned."""

    job: Job
    batches: list = field(default_factory=list)
    path: np.ndarray | None = None

    def ask(self, w, batch):
        """Return the gradient of a batch, and remember the batch."""
        batch = list(batch) if isinstance(batch, tuple) else batch
        try:
            numbered = np.atleast_1d(np.arange(self.job.n)[batch])
        except (IndexError, TypeError):
            raise WrongError(
                f"batch should hold numbers of examples from 0 to {self.job.n - 1}, it is "
                f"{short(batch)}."
            ) from None
        if not numbered.size or numbered.ndim > 1:
            raise WrongError(
                f"batch should be a list of at least one number, it is {short(batch)}."
            )
        if len(self.batches) >= CALLS:
            raise WrongError(f"it asked for more than {CALLS} gradients: does it stop?")
        self.batches.append(numbered)
        return self.job.gradient(np.array(w, dtype=float), numbered)

    @property
    def sizes(self):
        return [len(batch) for batch in self.batches]

    def epochs(self):
        """Return the batches of each epoch; their sizes have to be right for that."""
        fits_sizes(self)
        count = len(self.job.sizes(self.job.drop_last)) or 1
        return [self.batches[i : i + count] for i in range(0, len(self.batches), count)]


def jobs(rng):
    """Return the jobs by what they show, drawn from ``rng``."""

    def job(n, size, epochs=3, drop_last=False, as_list=False):
        start = rng.normal(size=3) * 5
        return Job(
            rng.uniform(0.5, 1.5, (n, 3)),
            rng.normal(size=(n, 3)),
            size,
            epochs,
            drop_last,
            int(rng.integers(2**32)),
            start.tolist() if as_list else start,
        )

    odd = int(rng.integers(5, 8))
    return {
        "even": [job(24, 4), job(40, 8, epochs=4, as_list=True)],
        "kept": [job(7 * odd + 3, odd), job(5, 8), job(6, 1), job(12, 12), job(9, 4, epochs=0)],
        "dropped": [
            job(7 * odd + 3, odd, drop_last=True),
            job(24, 6, drop_last=True),
            job(5, 8, drop_last=True),
        ],
    }


# ------------------------------------------------------------------------------------ the steps


def steps_against(walks):
    """Raise WrongError where a path is not the one that its batches lead to."""
    for walk in walks:
        if not walk.batches and walk.job.epochs and not walk.job.drop_last:
            raise WrongError("the gradient is never asked for.")
        try:
            compare(walk.path, _follow(walk))
        except WrongError as wrong:
            raise WrongError(wrong.difference, _known_step(walks)) from None


def _follow(walk, step=lambda w, g, lr, batch: w - lr * g):
    """Return the path of ``step`` over the batches of a walk."""
    w = np.array(walk.job.start, dtype=float)
    path = [w]
    for batch in walk.batches:
        w = step(w, walk.job.gradient(w, batch), walk.job.lr, len(batch))
        path.append(w)
    return np.array(path)


def _stale(walk):
    """Return the path whose gradients are all taken where the epoch began."""
    w, path = np.array(walk.job.start, dtype=float), []
    path.append(w)
    for batches in walk.epochs():
        place = w
        for batch in batches:
            w = w - walk.job.lr * walk.job.gradient(place, batch)
            path.append(w)
    return np.array(path)


def _known_step(walks):
    for name, (sentence, wrong) in WRONG_STEPS.items():
        try:
            if all(deviates(walk.path, wrong(walk)) is None for walk in walks):
                return Mistake(name, sentence)
        except WrongError:  # sizes that cut no epochs
            continue
    return None


#: name -> (sentence, the path of this mistake over the batches of a walk)
WRONG_STEPS = {
    "climbs": (
        "It climbs: the step is added instead of subtracted.",
        lambda walk: _follow(walk, lambda w, g, lr, size: w + lr * g),
    ),
    "forgets_lr": (
        "The learning rate is not used.",
        lambda walk: _follow(walk, lambda w, g, lr, size: w - g),
    ),
    "divides_again": (
        "The gradient of a batch is a mean already: do not divide by the batch size again.",
        lambda walk: _follow(walk, lambda w, g, lr, size: w - lr * g / size),
    ),
    "sums_the_batch": (
        "The step grows with the batch: the gradient is a mean, do not multiply it by the size.",
        lambda walk: _follow(walk, lambda w, g, lr, size: w - lr * g * size),
    ),
    "stands_still": (
        "The weights never change.",
        lambda walk: _follow(walk, lambda w, g, lr, size: w),
    ),
    "keeps_one_array": (
        "All points of the path are the same array, changed in place: keep a copy of each.",
        lambda walk: np.repeat(_follow(walk)[-1:], len(walk.batches) + 1, axis=0),
    ),
    "keeps_the_start_twice": (
        "The point is kept before the step: the start shows up twice and the last point is lost.",
        lambda walk: (
            np.concatenate([_follow(walk)[:1], _follow(walk)[:-1]])
            if walk.batches
            else _follow(walk)
        ),
    ),
    "forgets_the_start": ("The path does not hold the start.", lambda walk: _follow(walk)[1:]),
    "forgets_the_end": ("The path does not hold the last point.", lambda walk: _follow(walk)[:-1]),
    "keeps_a_point_an_epoch": (
        "One point is kept an epoch: keep one after each step, that is after each batch.",
        lambda walk: _follow(walk)[:: max(1, len(walk.job.sizes(walk.job.drop_last)))],
    ),
    "steps_from_the_epochs_start": (
        "All gradients of an epoch are taken at its first place: ask at the weights of now.",
        _stale,
    ),
}
