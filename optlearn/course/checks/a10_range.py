"""Assignment 10, question 5: a learning-rate range test."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .answers import several
from .engine import asks
from .loops import bowl
from .probe import call, counted, number, numbers, short
from .ranges import WRONG_TESTS, range_test
from .report import IN_PLACE, Mistake, Part, WrongError, grade

#: How far a number may be off, as a share of the right one.
NEAR = 1e-9
NAMES = ("rates", "losses", "advice")


@dataclass(frozen=True)
class Task:
    """A loss with its slope, and what a range test is asked to do on it."""

    loss: object
    slope: object
    start: object
    low: float
    high: float
    steps: int
    stop: float = 4.0

    def by(self, function, **twist):
        """Return what ``function`` gives on arguments of its own."""
        start = self.start.copy() if isinstance(self.start, np.ndarray) else list(self.start)
        loss = counted(lambda w: float(self.loss(w)))
        how = self.low, self.high, self.steps, self.stop
        return function(loss, counted(self.slope), start, *how, **twist)

    @cached_property
    def right(self):
        return self.by(range_test)


def _bowl(curvatures, start, *how):
    c = np.asarray(curvatures, dtype=float)
    return Task(lambda w: float(np.sum(c * w * w)) / 2, bowl(c), start, *how)


def tasks(rng):
    """Return the range tests by what they show, drawn from ``rng``."""
    curvatures = np.geomspace(1 / rng.uniform(5, 30), 1, 4)
    start = rng.normal(size=4) + 2
    valley = _bowl(curvatures, start, 1e-3, 1.5, int(rng.integers(30, 60)))
    wall = _bowl(3 * curvatures, start, 1e-4, 10.0, int(rng.integers(60, 120)))
    # A slope that stays, so that the loss falls and then rises slowly.
    slow = Task(
        lambda w: 0.5 + abs(w[0] - 4), lambda w: np.array([-1.0, 0.0]), np.zeros(2), 0.02, 0.3, 60,
        float(rng.uniform(2, 2.6)),
    )  # fmt: skip
    # The loss falls until it is no number, and no comparison with a number is true of that.
    cliff = Task(
        lambda w: 20.0 - w[0] + w[1] if w[0] < 6 else np.nan,
        lambda w: np.array([-1.0, 1.0]),
        [3.0, -2.0],
        1e-3,
        5.0,
        40,
    )
    return {
        "by hand": [_bowl([1, 4], np.array([2.0, -1.0]), 0.01, 0.16, 3)],
        "whole": [valley, _bowl([0.5, 1], [3, 2], 0.1, 0.9, 2)],
        "lost": [wall, slow, cliff],
    }


@asks(
    "10.range",
    "implement",
    reference=lambda *args: range_test(*args),
    hints=(
        "It is a training like any other. Only the rate grows, and the loss before each step is "
        "noted.",
        "η_t = low (high / low)^((t − 1) / (n − 1)). End where the loss is above `stop` times the "
        "lowest so far, or no number.",
        "for lr in np.geomspace(low, high, steps): value = loss(w); if not np.isfinite(value) or "
        "(losses and value > stop * min(losses)): break; keep both; step. "
        "advice = rates[np.argmin(losses)] / 10",
    ),
)
def examine(function, task, rng):
    """Check ``range_test(loss, gradient, start, low, high, steps, stop)``."""
    drawn = tasks(rng)
    ran = _Ran(function, [task for group in drawn.values() for task in group])
    whole = [*drawn["by hand"], *drawn["whole"]]
    tests = (
        (
            "the rates grow by one factor",
            lambda: ran.agrees(whole, 0),
            "What is the first rate, what is the last, and what is the same between neighbours?",
        ),
        (
            "each loss belongs to the weights before its step",
            lambda: ran.agrees(whole, 1),
            "From where does the second step start, and which loss is noted first?",
        ),
        (
            "it ends where the loss is lost",
            lambda: (ran.agrees(drawn["lost"], 0), ran.agrees(drawn["lost"], 1)),
            "With what is each loss compared, and what if it is no number?",
        ),
        (
            "the advice is a tenth of the rate with the lowest loss",
            lambda: ran.agrees([*whole, *drawn["lost"]], 2),
            "At which place in the list is the loss lowest, and which rate stands there?",
        ),
    )
    parts = [Part(name, 1, test, think) for name, test, think in tests]
    think = "If the array is the caller's own, what do `+=` and `-=` do to it?"
    left = Part("your start is left alone", 1, lambda: _is_left(function), think, manner=True)
    return grade([*parts, left])


class _Ran:
    """A learner's range test on all tasks, run once."""

    def __init__(self, function, everything):
        self.function, self.everything, self.found = function, everything, {}

    def given(self, task, which):
        """Return the rates, the losses or the advice on one task."""
        if id(task) not in self.found:
            self.found[id(task)] = several(call(task.by, _callable(self.function)), NAMES)
        value = self.found[id(task)][which]
        return np.array(number(value, "the advice")) if which == 2 else _row(value, NAMES[which])

    def agrees(self, group, which):
        """Raise WrongError where one of the three answers differs on a task of the group."""
        for task in group:
            got, want = self.given(task, which), np.asarray(task.right[which])
            if which < 2 and self.keeps_the_lost(task):
                got = got[:-1]
            if got.shape != want.shape:
                raise WrongError(
                    f"there are {len(got)} {NAMES[which]}, expected {len(want)}.", self.mistake
                )
            if not np.allclose(got, want, rtol=NEAR, atol=0):
                raise WrongError(_differs(got, want, NAMES[which]), self.mistake)

    def keeps_the_lost(self, task):
        """Return whether the loss that ended the test, and its rate, were kept as well."""
        rates, losses = (self.given(task, which) for which in (0, 1))
        count = len(task.right[0])
        return count < task.steps and len(rates) == len(losses) == count + 1

    @cached_property
    def mistake(self):
        """The known mistake that gives all of the learner's answers, or None."""
        for name, (sentence, twist) in WRONG_TESTS.items():
            if all(self._same(task, task.by(range_test, **twist)) for task in self.everything):
                return Mistake(name, sentence)
        return None

    def _same(self, task, theirs):
        try:
            mine = [self.given(task, which) for which in range(3)]
        except Exception:  # a function that breaks here has nothing to compare
            return False
        return all(
            a.shape == np.shape(b) and np.allclose(a, b, rtol=NEAR, atol=0, equal_nan=True)
            for a, b in zip(mine, theirs)
        )


def _callable(function):
    return function if callable(function) else lambda *args: call(function)


def _row(value, what):
    row = numbers(value, what=f"the {what}")
    if row.ndim != 1:
        raise WrongError(f"the {what} should be a list of numbers, they have shape {row.shape}.")
    return row


def _differs(got, want, what):
    if not got.ndim:
        return f"your advice is {short(float(got))}, expected {short(float(want))}."
    at = int(np.argmax(~np.isclose(got, want, rtol=NEAR, atol=0)))
    mine, right = short(got[at]), short(want[at])
    said = f"{mine}, expected {right}" if mine != right else f"{mine}, off by {got[at] - want[at]}"
    return f"number {at + 1} of your {what} is {said}."


def _is_left(function):
    start = np.array([2.0, -1.0])
    loss, slope = counted(lambda w: float(w @ w)), counted(bowl([2, 2]))
    call(function, loss, slope, start, 0.01, 0.1, 3, 4.0)
    if start.tolist() != [2.0, -1.0]:
        raise WrongError(f"after your test the caller's start is {short(start)}.", IN_PLACE)
