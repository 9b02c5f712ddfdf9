"""Assignment 10, questions 1 and 2: rates by hand, and a loop that asks a schedule."""

from functools import partial

import numpy as np

from . import rates
from .answers import predicted, several
from .engine import Task, asks
from .loops import bowl
from .ordering import ordered, shuffled
from .probe import call, counted, numbers
from .report import Mistake, Part, WrongError, grade
from .trajectories import compare, deviates

# ------------------------------------------------------------------------ 1. predict by hand


def _draw_predict(rng):
    peak, warmup = float(rng.choice([0.4, 0.6, 0.8, 1.2])), int(rng.choice([8, 16]))
    fall, rise = int(rng.choice([60, 90, 120])), int(rng.integers(3, 6))
    factor, times = int(rng.integers(2, 6)), int(rng.integers(4, 7))
    k, lr = int(rng.choice([9, 16, 25])), float(rng.choice([0.1, 0.2, 0.3]))
    third = warmup + 1 + fall // 3
    low = 0.001
    text = (
        f"Your schedule: peak {peak}, {warmup + fall} steps with {warmup} of warm-up, final rate 0"
        f"\nYour two steps: t = {rise} and t = {third}"
        f"\nYour range test: {times} steps, from {low} to {low * factor ** (times - 1):g}"
        f"\nYour batches: rate {lr} was best for batch 32; you go to batch {32 * k}"
    )
    return Task(
        text, peak=peak, steps=warmup + fall, warmup=warmup, rise=rise, third=third, low=low,
        high=low * factor ** (times - 1), times=times, k=k, lr=lr,
    )  # fmt: skip


def _early_slips(task):
    peak, t, warmup = task.peak, task.rise, task.warmup
    return [
        (peak * (t - 1) / warmup, "begins-at-zero", "Step 1 has one share of the peak already."),
        (peak * t / (warmup + 1), "rises-too-slowly", "Step W has the peak: divide by W."),
        (peak, "forgets-the-warmup", "This is the peak: in the warm-up the rate is below it."),
        (peak * t / task.steps, "rises-to-the-end", "The rise lasts W steps, not all of them."),
        (t / warmup, "forgets-the-peak", "This is the share: multiply it by the peak."),
    ]


def _late_slips(task):
    peak, t, warmup, steps = task.peak, task.third, task.warmup, task.steps
    fall = steps - warmup
    return [
        (peak * 2 / 3, "falls-in-a-line", "This is a straight line: a cosine begins gently."),
        (peak / 4, "takes-what-is-lost", "This much is gone: the rate is what is left."),
        (peak / 2, "takes-the-cosine-alone", "This is peak · cos: the half wave is (1 + cos) / 2."),
        (peak * 1.5, "forgets-the-half", "1 + cos goes from 2 to 0: halve it."),
        (
            rates.cosine(t, peak, steps),
            "forgets-the-warmup",
            "The fall begins after the warm-up: t − 1 − W steps of it are behind.",
        ),
        (
            rates.cosine(t + 1 - warmup, peak, fall),
            "one-step-ahead",
            "This is one step ahead: step W + 1 has nothing of the fall behind it.",
        ),
        (
            rates.cosine(t - warmup, peak, steps),
            "counts-all-steps",
            "The fall lasts T − W steps: the warm-up is part of T.",
        ),
    ]


def _factor_slips(task):
    ratio = task.high / task.low
    return [
        (ratio ** (1 / task.times), "counts-the-fences", "n rates have n − 1 gaps between them."),
        (ratio, "gives-the-whole-range", "This is the factor from the first to the last."),
        (
            (task.high - task.low) / (task.times - 1),
            "adds-instead",
            "It is multiplied at each step, not added to.",
        ),
        (ratio / (task.times - 1), "divides-instead", "Equal factors multiply: take a root."),
        (ratio ** (1 / (task.times + 1)), "counts-too-many", "n rates have n − 1 gaps."),
    ]


def _scaling_slips(task, mine, other, name):
    k, lr = task.k, task.lr
    return [
        (other, "exchanges-the-rules", f"This is what the {name} rule says."),
        (lr, "keeps-the-rate", "This is the old rate: both rules raise it."),
        (lr * lr / mine, "turns-it-over", "A larger batch has less noise: the rate goes up."),
        (lr * 32 * k, "counts-the-examples", "What counts is how many times as large it became."),
        (lr * k**2, "squares-it", "This is k squared times the rate."),
    ]


@asks(
    "10.predict",
    "predict",
    draw=_draw_predict,
    hints=(
        "In the warm-up the rate is a share of the peak. After it, ask how much of the fall is "
        "behind: your second step was chosen so that it is a third.",
        "η t / W, then η (1 + cos π s) / 2 with s = (t − 1 − W) / (T − W). The factor multiplies "
        "the first rate n − 1 times. The rules say k η and √k η.",
        "early = peak·t/W; late = peak·(1 + cos(pi/3))/2, where cos(pi/3) = 1/2; "
        "factor = (high/low)**(1/(n − 1)); linear = k·lr; root = √k·lr",
    ),
)
def predict(answer, task, rng):
    """Check ``[early, late, factor, linear, root]``."""
    answer = several(answer, ("early", "late", "factor", "linear", "root"))
    linear, root = task.k * task.lr, task.k**0.5 * task.lr
    schedule = task.peak, task.steps, task.warmup, 0.0
    table = (
        (
            "the rate in the warm-up",
            rates.warmup_cosine(task.rise, *schedule),
            _early_slips(task),
            "Which share of the warm-up is over at this step?",
        ),
        (
            "the rate in the fall",
            rates.warmup_cosine(task.third, *schedule),
            _late_slips(task),
            "How many steps of the fall are behind, and of how many?",
        ),
        (
            "the factor of the range test",
            (task.high / task.low) ** (1 / (task.times - 1)),
            _factor_slips(task),
            "How often is the first rate multiplied until it has become the last?",
        ),
        (
            "the linear rule",
            linear,
            _scaling_slips(task, linear, root, "square-root"),
            "How many times as large is the batch?",
        ),
        (
            "the square-root rule",
            root,
            _scaling_slips(task, root, linear, "linear"),
            "By which factor does the noise of a gradient fall?",
        ),
    )
    return grade(
        Part(name, 1, lambda g=g, r=r, s=s, n=name: predicted(g, r, s, n), think)
        for g, (name, r, s, think) in zip(answer, table)
    )


# ------------------------------------------------------------------------ 2. order the lines

LINES = (
    "w = start",
    "path = [w]",
    "lr = schedule(1)",
    "for t in range(steps):",
    "for t in range(1, steps + 1):",
    "    lr = schedule(t)",
    "    lr = lr * schedule(t)",
    "    w = w - lr * gradient(w)",
    "    path.append(w)",
)


def _falling(t):
    """Return the rate of step ``t`` in the check's own schedule; it is defined for 0 as well."""
    return 0.4 / (2.0 + t)


def _trained(program, steps):
    """Return the path that the learner's program walks."""
    slope = counted(bowl([1, 4]))
    names = {"start": np.array([2.0, -1.0]), "schedule": _falling, "gradient": slope, "np": np}
    return numbers(call(partial(program, steps=steps, **names)), what="the path")


def _walk(lrs):
    w, slope = np.array([2.0, -1.0]), bowl([1, 4])
    path = [w]
    for lr in lrs:
        w = w - lr * slope(w)
        path.append(w)
    return np.array(path)


def _lrs(steps):
    return [_falling(t) for t in range(1, steps + 1)]


#: (name, the rates that it uses, sentence)
_WRONG_LOOPS = (
    ("asks-once", lambda n: [_falling(1)] * n, "The schedule is asked once: ask it at each step."),
    (
        "counts-from-zero",
        lambda n: [_falling(t) for t in range(n)],
        "range(steps) begins at 0: the first step is t = 1.",
    ),
    (
        "compounds",
        lambda n: np.cumprod([_falling(1), *_lrs(n)])[1:],
        "The schedule gives the rate itself: do not multiply it by the last one.",
    ),
    (
        "uses-the-last-rate",
        lambda n: [_falling(1), *_lrs(n)][:n],
        "The step is taken before the schedule is asked: it uses the rate of the step before.",
    ),
)


@asks(
    "10.order",
    "implement",
    draw=partial(shuffled, LINES),
    hints=(
        "The schedule is asked anew at each step, before the step is taken.",
        "start → [ask for the rate → step → keep] → [ask → step → keep] → ..., with t = 1, 2, ...",
        "First w, then the path; `for` from 1 to steps + 1; inside: lr = schedule(...), the step, "
        "append.",
    ),
)
def order(letters, task, rng):
    """Check a list of letters by running the lines in that order."""
    program = ordered(letters, task)

    def runs():
        paths = {steps: _trained(program, steps) for steps in (1, 6)}
        known = next(
            (
                Mistake(name, sentence)
                for name, lrs, sentence in _WRONG_LOOPS
                if all(deviates(path, _walk(lrs(n))) is None for n, path in paths.items())
            ),
            None,
        )
        for steps, path in paths.items():
            if path.ndim != 2 or path.shape[1] != 2:
                raise WrongError(f"the path should hold points of 2 weights, it is {path.shape}.")
            compare(path, _walk(_lrs(steps)), known)

    think = "Read it aloud: which rate does the first step use, and who says so?"
    return grade([Part("your lines train with a schedule", 1, runs, think)])
