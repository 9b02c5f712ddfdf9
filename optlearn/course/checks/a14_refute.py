"""Assignment 14, question 7: refute that one learning rate for all is fair."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from ... import landscapes, rules
from .answers import several
from .engine import Task, asks
from .probe import call, number, short
from .report import Mistake, Part, WrongError, grade

RATES = np.geomspace(0.001, 10, 31)
#: By which factor a winner ends lower, and below which share of the start both have to come.
LOWER, DOWN = 2, 0.1
#: How exactly the ratio of the best losses is to be measured.
NEAR = 0.01
STEPS = 100
PAIRS = (("momentum", "adam"), ("adagrad", "adam"), ("gradient descent", "momentum"))
#: name -> the rule, and its arrays of state
RULES = {
    "gradient descent": (rules.sgd, 0),
    "momentum": (rules.momentum, 1),
    "adagrad": (rules.adagrad, 1),
    "adam": (rules.adam, 2),
}


@dataclass(frozen=True)
class Course:
    """A turned bowl, on which an optimizer takes a hundred steps at some rate."""

    condition: float
    place: tuple

    @cached_property
    def hessian(self):
        return landscapes.quadratic(condition=self.condition, angle=45).hessian(np.zeros(2))

    @cached_property
    def start(self):
        turn = np.array([[1, -1], [1, 1]]) / np.sqrt(2)
        return turn @ np.array(self.place, dtype=float)

    @cached_property
    def first_loss(self):
        return self.heights(self.start)

    def heights(self, w):
        """Return the loss at one place, or at each row of an array."""
        return np.sum((w @ self.hessian) * w, axis=-1) / 2

    def losses(self, optimizer, rates):
        """Return the losses after 100 steps, one a rate; that of the start where a run diverged."""
        rule, size = RULES[optimizer]
        lr = np.asarray(rates, dtype=float)[:, None]
        w = np.tile(self.start, (len(lr), 1))
        state = [np.zeros_like(w)] * size
        with np.errstate(all="ignore"):  # the highest rates run away
            for t in range(1, STEPS + 1):
                w, *state = rule(w, w @ self.hessian, *state, t=t, lr=lr)
            ends = self.heights(w)
            return np.where(ends < self.first_loss, ends, self.first_loss)

    def loss_after(self, optimizer, lr):
        """Return the loss after 100 steps at one rate, such as ``loss_after("adam", 0.1)``."""
        if optimizer not in RULES:
            raise ValueError(f"optimizer must be one of {', '.join(RULES)}; got {optimizer!r}")
        return self._loss_after(optimizer, float(lr))

    @lru_cache(maxsize=4096)  # noqa: B019 - small, and experiments ask again and again
    def _loss_after(self, optimizer, lr):
        return float(self.losses(optimizer, [lr])[0])


def _draw_refute(rng):
    """Draw a bowl on which either optimizer wins at some shared rate, with neither diverging."""
    first, second = PAIRS[rng.integers(len(PAIRS))]
    while True:
        condition, start = int(rng.integers(10, 40)), rng.choice([-3, -2, 2, 3], 2)
        course = Course(condition, tuple(start.tolist()))
        losses = _losses(course, first, second)
        if min(_wins(course, *losses).sum(), _wins(course, *losses[::-1]).sum()) >= 1:
            break
    text = (
        f"Your bowl: condition number {condition}, turned by 45 degrees, {STEPS} steps\n"
        f"Your pair: {first} and {second}\n"
        f"Your rates: {len(RATES)}, from {RATES[0]:g} to {RATES[-1]:g}"
    )
    return Task(
        text,
        first=first,
        second=second,
        course=course,
        loss_after=course.loss_after,
        rates=RATES.copy(),
    )


def _losses(course, first, second):
    """Return the losses of both optimizers over all rates, one row each."""
    return np.array([course.losses(name, RATES) for name in (first, second)])


def _wins(course, mine, other):
    """Return where ``mine`` ends lower than half of ``other``, and both have come down."""
    down = DOWN * course.first_loss
    return (LOWER * mine < other) & (mine < down) & (other < down)


@asks(
    "14.refute",
    "refute",
    draw=_draw_refute,
    hints=(
        "Run both at every rate. At which rates does the first end far lower, and at which the "
        "second?",
        "For each rate: L₁(η) and L₂(η). Where both are small, look at the ratio. And with a rate "
        "for each: min L₁ / min L₂.",
        "one = np.array([loss_after(first, lr) for lr in rates]); the same for second; keep rates "
        "where both are below a tenth of the largest; np.argmin and np.argmax of one / two there; "
        "one.min() / two.min()",
    ),
)
def refute(function, task, rng):
    """Check ``experiment(loss_after, first, second, rates) -> (for_first, for_second, ratio)``."""
    drawn, found = [task, _draw_refute(rng), _draw_refute(rng)], {}
    names = ("for_first", "for_second", "ratio")

    def measured(i):
        """Return the learner's three numbers on course ``i``, run once for all parts."""
        if i not in found:
            one = drawn[i]
            given = call(function, one.loss_after, one.first, one.second, one.rates.copy())
            found[i] = several(given, names)
        return found[i]

    def wins(which):
        for i, one in enumerate(drawn):
            given = [number(value, names[k]) for k, value in enumerate(measured(i)[:2])]
            _is_win(one, which, given)

    def ratio():
        for i, one in enumerate(drawn):
            _is_ratio(number(measured(i)[2], "the ratio"), one)

    shared = "What do both losses look like over all rates, one curve beside the other?"
    return grade(
        [
            Part("a shared rate at which the first wins", 1, lambda: wins(0), shared),
            Part("a shared rate at which the second wins", 1, lambda: wins(1), shared),
            Part(
                "the ratio with the best rate of each",
                1,
                ratio,
                "Does each of the two losses have its own minimum over the rates?",
            ),
        ]
    )


def _is_win(task, which, given):
    """Raise WrongError unless the optimizer wins at its rate, and neither has diverged."""
    names, lr = (task.first, task.second), given[which]
    if not (np.isfinite(lr) and lr > 0):
        raise WrongError(f"a learning rate is above 0, you gave {short(lr)}.")
    mine, other = (task.loss_after(name, lr) for name in (names[which], names[1 - which]))
    if _wins(task.course, mine, other):
        return
    start, known = task.course.first_loss, None
    if max(mine, other) >= DOWN * start:
        known = Mistake(
            "wins_where_one_fails", "One of the two is not down there: that would be no surprise."
        )
    elif LOWER * other < mine:
        known = Mistake("exchanges_the_two", "At this rate the other one wins.")
    raise WrongError(
        f"at the shared rate {short(lr)} {names[which]} ends at {short(mine)}, {names[1 - which]} "
        f"at {short(other)}, from {short(start)}. The first should be below half of the second, "
        "and both below a tenth of the start.",
        known,
    )


def _is_ratio(given, task):
    one, two = _losses(task.course, task.first, task.second)
    right = one.min() / two.min()
    if abs(given - right) <= NEAR * right:
        return
    slips = [
        (1 / right, "turns-it-over", "It is upside down: first over second."),
        (one.min() / two[one.argmin()], "shares-the-rate-of-the-first", "Each at its own best."),
        (one[two.argmin()] / two.min(), "shares-the-rate-of-the-second", "Each at its own best."),
        (one.min() - two.min(), "gives-the-difference", "This is the difference: divide instead."),
        (RATES[one.argmin()] / RATES[two.argmin()], "compares-the-rates", "Divide the losses."),
        (np.log10(right), "gives-the-power", "This is the power of ten: give the ratio."),
        (one.max() / two.max(), "takes-the-worst", "Tuning takes the lowest loss."),
        (one.mean() / two.mean(), "averages-the-rates", "Tuning takes the best rate, no mean."),
    ]
    known = next((s[1:] for s in slips if np.isclose(given, s[0], rtol=1e-6, atol=0)), None)
    raise WrongError(
        f"you report {short(given)}; {task.first} at its best rate ends at {short(one.min())}, "
        f"{task.second} at {short(two.min())}.",
        Mistake(*known) if known else None,
    )
