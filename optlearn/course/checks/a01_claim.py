"""Assignment 01, question 8: refute a fluent sentence on when the weights change."""

import numpy as np

from .a01_neuron import batched
from .answers import several
from .engine import Task, asks
from .neurons import once_an_epoch, train
from .probe import call, number, short
from .report import Mistake, Part, WrongError, grade

# ------------------------------------------------------------------------ 8. refute the sentence

#: Steps that an experiment may take.
MOST = 20_000


class Laboratory:
    """Train one neuron, and let somebody watch its weights.

    Parameters
    ----------
    samples : int
    seed : int
    waits : bool, default False
        Step once an epoch, as the sentence says it.
    """

    def __init__(self, samples, seed, waits=False):
        rng = np.random.default_rng(seed)
        self.samples, self.waits, self.runs = samples, waits, []
        self.x = rng.normal(size=samples)
        self.y = 2 * self.x - 1 + rng.normal(size=samples)

    def train(self, batch_size, epochs, watch):
        """Call ``watch(weights)`` at the start and after each batch; the array is the live one."""
        for value, name in ((batch_size, "batch_size"), (epochs, "epochs")):
            if not isinstance(value, int | np.integer) or value < 1:
                raise ValueError(f"{name} must be a whole number from 1 up, got {value!r}")
        batches = batched(self.x, self.y, int(batch_size))
        if epochs * len(batches) > MOST:
            raise ValueError(f"at most {MOST} batches: fewer epochs or larger batches will do")
        loop = once_an_epoch if self.waits else train
        path = loop(batches, 0.5, 0.0, 0.05, int(epochs))
        changes = int(np.any(path[1:] != path[:-1], axis=1).sum())
        self.runs.append((int(epochs), len(batches), changes, len(path)))
        weights = np.empty(2)
        for place in path:
            weights[:] = place
            watch(weights)


def _draw_refute(rng):
    lab = Laboratory(int(rng.integers(60, 200)), int(rng.integers(2**32)))
    text = f"Your laboratory: one neuron and {lab.samples} samples"
    return Task(text, samples=lab.samples, train=lab.train)


@asks(
    "01.refute",
    "refute",
    draw=_draw_refute,
    hints=(
        "Choose a run for which the sentence and the lesson promise different numbers. Then watch.",
        "The sentence promises E changes, the lesson E · ⌈N / B⌉. A change is a place that "
        "differs from the one before it.",
        "seen = []; train(10, 3, lambda weights: seen.append(weights.copy())); counted = sum of "
        "np.any(a != b) for a, b in zip(seen, seen[1:]); return 3, counted",
    ),
)
def refute(function, task, rng):
    """Check ``experiment(train, samples) -> (promised, counted)``.

    It runs in a laboratory that steps after each batch, and in one that waits for the epoch's end.
    A count that is computed and not watched is the same in both.
    """
    found = {}

    def watched(waits):
        """Return what the learner says, and the runs behind it."""
        if waits not in found:
            samples = _draw_refute(rng).samples if waits else task.samples
            lab = Laboratory(samples, int(rng.integers(2**32)), waits)
            given = several(call(function, lab.train, lab.samples), ("promised", "counted"))
            found[waits] = number(given[0], "promised"), number(given[1], "counted"), lab.runs
        promised, counted, runs = found[waits]
        if not runs:
            raise WrongError(
                "your experiment trains nothing.",
                Mistake("computes-instead-of-watching", "A formula is no experiment: run it."),
            )
        return promised, counted, runs

    def apart():
        promised, _, runs = watched(False)
        mine = [run for run in runs if run[0] == promised]
        if not mine:
            raise WrongError(
                f"the sentence promises one change for each epoch, and you say {short(promised)} "
                f"for a run of {runs[-1][0]} epochs.",
                _promise(promised, runs),
            )
        if all(batches == 1 for _, batches, _, _ in mine):
            raise WrongError(
                f"in your run of {mine[-1][0]} epochs both claims promise {mine[-1][0]} changes.",
                Mistake("cannot-tell", "With one batch an epoch is a step: nothing is refuted."),
            )

    return grade(
        [
            Part(
                "your run tells the two claims apart",
                1,
                apart,
                "For which batch sizes do the two claims promise the same number?",
            ),
            Part(
                "your count is what the weights did, here and where the sentence is true",
                2,
                lambda: [_counts(*watched(waits), waits) for waits in (False, True)],
                "Which two arrays do you compare, and are they still two when you do?",
            ),
        ]
    )


def _promise(promised, runs):
    if any(promised == changes for _, _, changes, _ in runs):
        return Mistake("promises-what-it-counts", "This is the count: the sentence says less.")
    return None


def _counts(promised, counted, runs, waits):
    """Raise WrongError unless ``counted`` is the number of changes in one of the runs."""
    if any(counted == changes for _, _, changes, _ in runs):
        return
    _, _, changes, calls = runs[-1]
    place = "a laboratory that waits for the end of each epoch" if waits else "the laboratory"
    known = None
    if counted == 0 or (counted == 1 and changes > 1):
        known = "keeps-one-array", "All you keep is the one live array: keep `weights.copy()`."
    elif counted == calls:
        known = "counts-the-start", "The first call shows the start: nothing has changed yet."
    elif counted == calls - 1:
        known = "counts-the-batches", "You count the calls: compare each place with the one before."
    raise WrongError(
        f"in {place} the weights changed {changes} times, you counted {short(counted)}.",
        Mistake(*known) if known else None,
    )
