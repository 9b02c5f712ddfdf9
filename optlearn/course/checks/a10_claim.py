"""Assignment 10, question 8: a sentence on the range test refuted."""

import numpy as np

from .engine import Task, asks
from .noisy import NoisyBowl
from .probe import call, is_blank, number, short
from .report import BlankError, Mistake, Part, WrongError, grade

#: How many times lower the loss of your rate has to be.
CLEARLY = 2
MOST = 5000


class Study:
    """A range test and trainings of any length on one noisy bowl.

    Parameters
    ----------
    condition, variance : float
        Of the :class:`NoisyBowl`.
    """

    def __init__(self, condition, variance):
        self.bowl = NoisyBowl(np.geomspace(1 / condition, 1, 6), variance)

    def test(self):
        """Return the rates and losses of a range test of 100 steps."""
        rates = np.geomspace(1e-3, 10, 100)
        losses = self.bowl.follow(rates)[:-1]
        lost = losses > 4 * np.minimum.accumulate(losses)
        end = int(np.argmax(lost))  # a rate of 10 loses every bowl of curvature 1
        return rates[:end], losses[:end]

    @property
    def advised(self):
        rates, losses = self.test()
        return float(rates[np.argmin(losses)] / 10)

    def train(self, lr, steps):
        """Return the mean loss after ``steps`` steps at the rate ``lr``."""
        steps = number(steps, "the number of steps")
        if not (steps == int(steps) and 1 <= steps <= MOST):
            raise WrongError(f"a training has 1 to {MOST} steps, you asked for {short(steps)}.")
        return float(self.bowl.end(number(lr, "the rate"), int(steps)))


def _study(rng):
    return Study(float(rng.integers(8, 21)), float(rng.choice([0.01, 0.02, 0.03, 0.05])))


def _draw_refute(rng):
    study = _study(rng)
    text = (
        f"Your range test advises a rate of {study.advised:.3g}.\n"
        f"With it the loss is {study.train(study.advised, 300):.2g} after 300 steps."
    )
    return Task(text, test=study.test, train=study.train, study=study)


@asks(
    "10.refute",
    "refute",
    draw=_draw_refute,
    hints=(
        "A short training has to come down, a long one has to end low. Which of them wants the "
        "higher rate?",
        "After n steps the start has shrunk by (1 − η c)ⁿ and the noise hovers like η. A long n "
        "makes the first small, so that the second decides.",
        "rates, losses = test(); advised = rates[np.argmin(losses)] / 10; for steps in (20, 3000): "
        "best = min(rates, key=lambda lr: train(lr, steps)); "
        "ratio = train(advised, steps) / train(best, steps)",
    ),
)
def refute(function, task, rng):
    """Check ``experiment(test, train) -> (steps, rate, ratio), (steps, rate, ratio)``."""
    studies = [task.study, *(_study(rng) for _ in range(3))]
    answers = []

    def tests(which):
        if not answers:
            answers.extend(_pair(call(function, one.test, one.train)) for one in studies)
        for study, answer in zip(studies, answers):
            which(study, *answer)

    parts = (
        (
            "a training for which the advice is clearly too low",
            lambda study, higher, lower: _beats(study, *higher, above=True),
            "How long is a training that has no time to come down at a low rate?",
        ),
        (
            "a training for which the advice is clearly too high",
            lambda study, higher, lower: _beats(study, *lower, above=False),
            "How long is a training whose end is decided by the noise?",
        ),
        (
            "your ratios are those of your runs",
            lambda study, *both: [_ratio_is_right(study, *one) for one in both],
            "The loss of which rate over the loss of which other, after how many steps?",
        ),
    )
    return grade(Part(name, 1, lambda test=test: tests(test), think) for name, test, think in parts)


def _pair(given):
    if is_blank(given):
        raise BlankError
    if not isinstance(given, list | tuple) or len(given) != 2:
        raise WrongError(
            "two things are expected: (steps, higher, ratio), (steps, lower, ratio); got "
            f"{short(given)}."
        )
    if all(is_blank(one) for one in given):
        raise BlankError
    return [_three(one, name) for one, name in zip(given, ("higher", "lower"))]


def _three(given, name):
    if not isinstance(given, list | tuple | np.ndarray) or len(given) != 3:
        raise WrongError(f"three numbers are expected: (steps, {name}, ratio); got {short(given)}.")
    steps, lr, ratio = (
        number(value, what) for value, what in zip(given, ("steps", f"the {name} rate", "ratio"))
    )
    if not (np.isfinite(lr) and lr > 0):
        raise WrongError(f"a learning rate is above 0, you gave {short(lr)}.")
    return steps, lr, ratio


def _beats(study, steps, lr, ratio, above):
    advised = study.advised
    if (lr > advised) != above:
        side, wanted = ("below", "higher") if above else ("above", "lower")
        raise WrongError(
            f"your rate {short(lr)} lies {side} the advised {short(advised)}: the {wanted} one "
            f"stands {'first' if above else 'second'}.",
            Mistake("exchanges-the-two", "The short training wants the higher rate."),
        )
    mine, theirs = study.train(lr, steps), study.train(advised, steps)
    if not theirs >= CLEARLY * mine:
        raise WrongError(
            f"after {steps:g} steps your rate {short(lr)} has loss {short(mine)}, the advised "
            f"{short(advised)} has {short(theirs)}: that is not {CLEARLY} times as much."
        )


def _ratio_is_right(study, steps, lr, ratio):
    mine, theirs = study.train(lr, steps), study.train(study.advised, steps)
    right = theirs / mine if np.isfinite(mine) else 0.0
    if not abs(ratio - right) <= 0.02 * right:
        table = {
            "turns-it-over": (mine / theirs, "It is upside down: advised over yours."),
            "compares-the-rates": (study.advised / lr, "This is the ratio of the rates."),
            "gives-the-difference": (theirs - mine, "This is the difference: divide instead."),
        }
        known = next(
            (Mistake(k, s) for k, (v, s) in table.items() if np.isclose(ratio, v, rtol=1e-3)), None
        )
        raise WrongError(
            f"after {steps:g} steps you report {short(ratio)}, the runs give {short(right)}.", known
        )
