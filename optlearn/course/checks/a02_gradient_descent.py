"""Assignment 02, gradient descent: the rungs from two numbers by hand to a loop of your own."""

from functools import partial

import numpy as np

from ... import rules, wrong_rules
from .answers import predicted
from .engine import Task, asks
from .loops import Run, bowl, descend, follows, recognise, runs
from .ordering import ordered, shuffled
from .probe import call, counted, short
from .report import IN_PLACE, BlankError, Part, WrongError, grade
from .trajectories import as_rule, by_hand, cases, compare, follow
from .trajectories import recognise as recognise_rule

# ------------------------------------------------------------------------ 1. predict by hand


def _draw_predict(rng):
    start = (int(rng.integers(1, 5)), int(rng.integers(-4, 0)))
    curvature, lr = int(rng.choice([4, 5, 8, 10])), float(rng.choice([0.05, 0.1, 0.2]))
    text = (
        f"Your bowl: f(x, y) = 1/2 (x² + {curvature} y²)\n"
        f"Your start: x = {start[0]}, y = {start[1]}\nYour learning rate: {lr}"
    )
    return Task(text, start=start, curvature=curvature, lr=lr)


def _slips(w, c, lr):
    """Return what a step from ``w`` along one axis of curvature ``c`` becomes by mistake."""
    return [
        (w + lr * c * w, "climbs", "It climbs: the step is added instead of subtracted."),
        (w - c * w, "forgets-lr", "The learning rate is forgotten."),
        (w - lr * w, "forgets-curvature", "The slope is curvature times weight, not the weight."),
        (w - lr * c * w / 2, "keeps-the-half", "The slope of 1/2 c y² is c y: the half cancels."),
        (-lr * c * w, "returns-the-step", "This is the step alone: add it to the start."),
        (lr * c * w, "returns-the-step", "This is the step alone: subtract it from the start."),
        (w - lr * c, "forgets-the-weight", "The slope depends on where you stand: c times y."),
        (w - lr * c * w * w, "squares-the-weight", "The slope of y² is 2y, not y²."),
        (w, "stands-still", "Nothing moved: this is the start."),
    ]


@asks(
    "02.predict",
    "predict",
    draw=_draw_predict,
    hints=(
        "Each weight takes a step of its own: from where it stands, against its slope.",
        "new = old − lr · slope. The slope of ½ c y² is c y. A step stays stable below 2 / L, "
        "where L is the largest curvature.",
        "x − lr · 1 · x, then y − lr · c · y, then 2 / c, with your own c, lr and start.",
    ),
)
def predict(answer, task, rng):
    """Check ``[new_x, new_y, largest_lr]``."""
    if not isinstance(answer, list | tuple | np.ndarray) or len(answer) != 3:
        raise WrongError("three numbers are expected: [new_x, new_y, largest_lr].")
    (x, y), c, lr = task.start, task.curvature, task.lr
    limits = [
        (1 / c, "halves-the-limit", "1/L is safe, but a step may be up to twice as long: 2/L."),
        (2.0, "uses-the-flat-side", "The steep direction decides, not the flat one."),
        (c, "gives-the-curvature", "This is the curvature; the limit is 2 divided by it."),
        (2 / (c + 1), "gives-the-best-rate", "This is the fastest learning rate, not the largest."),
        (c / 2, "turns-it-over", "It is upside down: 2 divided by the curvature."),
    ]
    names = "the new x", "the new y", "the largest learning rate"
    rights = x - lr * x, y - lr * c * y, 2 / c
    slips = _slips(x, 1, lr), _slips(y, c, lr), limits
    thinks = (
        "How steep is the bowl at your start, in the direction of x alone?",
        "By how much is the bowl steeper in the direction of y?",
        "After one step y is (1 − lr · c) times what it was. When does that shrink?",
    )
    return grade(
        Part(name, 1, lambda g=g, r=r, s=s, n=name: predicted(g, r, s, n), think)
        for name, g, r, s, think in zip(names, answer, rights, slips, thinks)
    )


# ------------------------------------------------------------------------ 2. order the lines

LINES = (
    "w = start",
    "path = [w]",
    "g = gradient(w)",
    "for t in range(steps):",
    "    g = gradient(w)",
    "    w = w - lr * g",
    "    w = w + lr * g",
    "    path.append(w)",
)


@asks(
    "02.order",
    "implement",
    draw=partial(shuffled, LINES),
    hints=(
        "What has to exist before the loop starts? What changes in every round?",
        "start → [gradient → step → keep] → [gradient → step → keep] → ...",
        "First w, then the path with w in it, then `for`; inside: gradient, minus, append.",
    ),
)
def order(letters, task, rng):
    """Check a list of letters by running the lines in that order."""
    program = ordered(letters, task)

    def loop(gradient, start, lr, steps, tolerance):
        return program(gradient=gradient, start=start, lr=lr, steps=steps)

    asked = [Run(bowl([1, 4]), np.array([2.0, -1.0]), 0.1, k) for k in (1, 5)]
    think = "Read it aloud: what is known when each line runs, and what does it change?"
    return grade([_path_part("your lines walk down the bowl", 1, loop, asked, asked, think)])


def _path_part(name, points, loop, asked, everything, think):
    return Part(
        name, points, lambda: follows(loop, asked, lambda: recognise(loop, everything)), think
    )


# ---------------------------------------------------------------------------- 3. fill the blank


@asks(
    "02.step",
    "implement",
    reference=lambda w, g, lr: rules.sgd(w, g, t=1, lr=lr)[0],
    hints=(
        "The gradient points uphill. You want to go down, by a part of it.",
        "new w = w − η g, where η is the learning rate `lr`.",
        "new_w = w - ... * ...",
    ),
)
def step(function, task, rng):
    """Check ``step(w, g, lr) -> new w``."""
    rule, drawn = as_rule(function), [by_hand(), *cases(rng)]
    mistakes = wrong_rules.for_rule("sgd")

    def known():
        try:
            mine = [follow(rule, case) for case in drawn]
        except (WrongError, BlankError):
            return None
        return recognise_rule(mine, drawn, mistakes)

    def walks(case):
        try:
            compare(follow(rule, case), follow(rules.sgd, case))
        except WrongError as wrong:
            raise WrongError(wrong.difference, known()) from None

    think = (
        "Take one weight and one slope: which way does the loss fall, and how far do you go?",
        "Which part of your line does not grow and shrink with the slope?",
    )
    parts = [
        Part(case.name, 1, lambda case=case: walks(case), think[i > 0])
        for i, case in enumerate(drawn)
    ]
    untouched = Part(
        "the arrays you were given are left alone",
        1,
        lambda: _leaves_alone(function),
        "Does `w -= ...` make a new array, or change the one that someone else still needs?",
        manner=True,
    )
    return grade([*parts, untouched])


def _leaves_alone(function):
    w, g = np.array([1.0, 2.0]), np.array([3.0, -4.0])
    call(function, w, g, 0.1)
    for array, before, name in ((w, [1, 2], "w"), (g, [3, -4], "g")):
        if array.tolist() != before:
            raise WrongError(f"after your step the caller's {name} is {short(array)}.", IN_PLACE)


# ---------------------------------------------------------------------------- 4. write freely


@asks(
    "02.loop",
    "implement",
    reference=descend,
    hints=(
        "It is the program of the shuffled lines, with one question more in each round: is the "
        "slope small enough to stop?",
        "Stop where ‖g‖ ≤ tolerance, else w ← w − η g. The norm is `np.linalg.norm(g)`.",
        "copy the start; path = [w]; for each of the steps: g = gradient(w); if the norm of g is "
        "small enough: break; w = ...; path.append(w); return np.array(path)",
    ),
)
def loop(function, task, rng):
    """Check ``gradient_descent(gradient, start, lr, steps, tolerance) -> path``."""
    asked = runs(rng)
    everything = [run for group in asked.values() for run in group]
    texts = {
        "first": ("the first step", "Which two points does a path of one step hold?"),
        "long": (
            "hundreds of steps in a narrow valley",
            "What must be computed anew in every round of the loop?",
        ),
        "stop": (
            "it stops as soon as the slope is small",
            "At which point do you measure the slope, and what happens before you decide?",
        ),
        "edges": (
            "no steps, a start at the minimum, a start given as a list",
            "What should the path hold when there is nothing to do?",
        ),
    }
    parts = [
        _path_part(texts[key][0], 1, function, group, everything, texts[key][1])
        for key, group in asked.items()
    ]
    untouched = Part(
        "your start is left alone",
        1,
        lambda: _start_is_left_alone(function),
        "If `w` is the caller's own array, what does `w -= ...` do to it?",
        manner=True,
    )
    return grade([*parts, untouched])


def _start_is_left_alone(function):
    start = np.array([2.0, -1.0])
    call(function, counted(bowl([1, 4])), start, 0.1, 3, 0.0)
    if start.tolist() != [2.0, -1.0]:
        raise WrongError(f"after your loop the caller's start is {short(start)}.", IN_PLACE)
