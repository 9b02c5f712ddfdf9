"""Assignment 07, landscapes: the rungs from four numbers by hand to a sharpness of your own."""

from functools import partial

import numpy as np

from . import curvatures
from .answers import predicted, several
from .engine import Task, asks
from .ordering import ordered, shuffled
from .probe import call, numbers
from .report import Mistake, Part, WrongError, grade
from .trajectories import compare, deviates
from .wrong_curvatures import WRONG_POWERS, WRONG_PRODUCTS

# ------------------------------------------------------------------------ 1. predict by hand


def _draw_predict(rng):
    same = int(rng.integers(1, 3))
    across, lr = same + int(rng.integers(1, 5)), float(rng.choice([0.1, 0.2]))
    power, rate = int(rng.choice([6, 8, 9, 10, 12])), float(rng.choice([0.16, 0.25, 0.4, 0.8]))
    text = (
        f"Your Hessian where the slope is zero:\n  {same:2d} {across:2d}\n  {across:2d} {same:2d}\n"
        f"Your learning rate: {lr}\nYour start: 1e-{power} beside the ridge\n"
        f"The learning rate of your network: {rate}"
    )
    return Task(text, same=same, across=across, lr=lr, near=10.0**-power, rate=rate)


def _rights(task):
    """Return the four numbers that are asked for."""
    low = task.same - task.across
    factor = 1 - task.lr * low
    return low, factor, int(np.ceil(np.log(1 / task.near) / np.log(factor))), 2 / task.rate


def _slips(task, rights):
    """Return, for each of the four, what a mistake makes of it."""
    (low, *_), high, lr = rights, task.same + task.across, task.lr
    curvature = [
        (high, "takes-the-larger", "This is the other curvature, the way up."),
        (-low, "loses-the-sign", "Along this way it bends down: the sign belongs to it."),
        (task.same, "reads-the-diagonal", "The diagonal holds no curvature: the ground is turned."),
        (
            task.same**2 - task.across**2,
            "gives-the-determinant",
            "This is the product of both curvatures.",
        ),
        (2 * task.same, "gives-the-trace", "This is the sum of both curvatures."),
        (task.across, "reads-the-corner", "The corner is half the difference of the curvatures."),
    ]
    growth = [
        (1 + lr * low, "turns-the-sign", "It grows there: minus times minus is plus."),
        (1 - lr * high, "takes-the-larger", "This is the factor along the other way, which ends."),
        (1 - lr * task.same, "reads-the-diagonal", "Take the curvature, not the diagonal."),
        (-lr * low, "forgets-the-one", "The distance itself stays: add the 1."),
        (low, "gives-the-curvature", "This is the curvature: one minus learning rate times it."),
    ]
    edge = [
        (1 / task.rate, "forgets-the-two", "The 2 is missing: at the wall each jump is 2 d long."),
        (task.rate / 2, "turns-it-over", "It is upside down: 2 over the learning rate."),
        (2 * task.rate, "multiplies", "Divide 2 by the rate: larger rates bear less."),
        (2 / lr, "takes-the-other-rate", "This is the wall of the first rate, not the network's."),
        (0, "ends-flat", "It does not become flat: it stays as sharp as it just bears."),
    ]
    return curvature, growth, _leaving(task, *rights[1:3]), edge


def _leaving(task, factor, steps):
    """Return what a mistake makes of the steps until it has left."""
    digits = -np.log10(task.near)
    real = np.log(1 / task.near) / np.log(factor)
    return [
        (real, "keeps-the-fraction", "Steps are whole: the next whole number is the answer."),
        (steps - 1, "rounds-down", "One step earlier it is not there yet: round up."),
        (digits / np.log(factor), "mixes-the-logarithms", "Both logarithms need one base."),
        (1 / task.near, "counts-without-growth", "Each step multiplies: take logarithms."),
        (
            1 / (task.near * (factor - 1)),
            "walks-at-the-first-speed",
            "Its steps grow along with the distance: take logarithms.",
        ),
        (digits, "counts-powers-of-ten", "One step is no power of ten: divide by its logarithm."),
    ]


@asks(
    "07.predict",
    "predict",
    draw=_draw_predict,
    hints=(
        "The ground is turned by 45 degrees: its own directions are (1, 1) and (1, −1). Multiply "
        "the Hessian by both. Each comes back as a multiple of itself.",
        "The curvatures are a + b and a − b. A step multiplies the distance by 1 − η c. "
        "So t = ln(1/d₀) / ln(1 − η c), rounded up. At the edge the sharpness is 2 / η.",
        "low = a - b; factor = 1 - lr * low; steps = ceil(log(1 / near) / log(factor)); "
        "edge = 2 / rate",
    ),
)
def predict(answer, task, rng):
    """Check ``[low, factor, steps, edge]``."""
    answer = several(answer, ("curvature", "factor", "steps", "edge"))
    table = (
        ("the smaller curvature", "What does the Hessian make of (1, −1)?"),
        ("the factor on the way out", "Which sign has the curvature there, and what is minus it?"),
        ("the steps until it is out", "How often does a step multiply until 1 is reached?"),
        ("the sharpness at the edge", "Which factor belongs to a jump that only changes sides?"),
    )
    rights = _rights(task)
    return grade(
        Part(name, 1, lambda g=g, r=r, s=s, n=name: predicted(g, r, s, n), think)
        for (name, think), g, r, s in zip(table, answer, rights, _slips(task, rights))
    )


# ------------------------------------------------------------------------ 2. order the lines

LINES = (
    "v = start",
    "path = []",
    "for t in range(steps):",
    "    v = v / np.linalg.norm(v)",
    "    hv = hessian @ v",
    "    path.append(v @ hv)",
    "    v = hv",
    "    v = v - hv",
    "    path.append(np.sum(hv))",
)
ITERATES = "".join(f"{line}\n" for line in LINES[:7])


@asks(
    "07.order",
    "implement",
    draw=partial(shuffled, LINES),
    hints=(
        "What has to exist before the loop starts? And which length has v to have when it is read?",
        "start → [length 1 → product → estimate → turn] → [length 1 → product → estimate → turn]",
        "First v and the path, then `for`; inside: divide by the norm, hv, append v @ hv, v = hv.",
    ),
)
def order(letters, task, rng):
    """Check a list of letters by running the lines in that order."""
    program = ordered(letters, task)
    think = "Read it aloud: how long is v, and where does it point, when each line runs?"
    return grade([Part("your lines are power iteration", 1, lambda: _iterates(program), think)])


def _iterates(program):
    """Raise WrongError unless ``program`` gives the estimates of power iteration."""
    cases = [(np.array([[4.0, 1.0], [1.0, -3.0]]), np.array([3.0, 4.0]), 6)]
    cases.append((np.diag([5.0, 2.0, 1.0]) + 0.5, np.array([0.1, 2.0, -1.0]), 9))
    for hessian, start, steps in cases:
        names = {"hessian": hessian.copy(), "start": start.copy(), "steps": steps, "np": np}
        got = numbers(call(partial(program, **names)), what="the path")
        want = _estimates(hessian, start, steps)
        if got.ndim != 1:
            raise WrongError("the path should hold one number a step: v @ hv.")
        if deviates(got, want) is not None:
            known = next(
                (
                    Mistake(name, sentence)
                    for name, sentence, how in _ORDERS
                    if deviates(got, _estimates(hessian, start, steps, **how)) is None
                ),
                None,
            )
            compare(got[:, None], want[:, None], known)


def _estimates(hessian, start, steps, turn=lambda v, hv: hv, norm=np.linalg.norm, read=np.dot):
    v, path = start, []
    for _ in range(steps):
        v = v / norm(v)
        hv = hessian @ v
        path.append(read(v, hv))
        v = turn(v, hv)
    return np.array(path)


_ORDERS = (
    ("walks_downhill", "v - hv is gradient descent: go on with hv.", {"turn": np.subtract}),
    ("never_turns", "The direction never changes: go on with hv.", {"turn": lambda v, hv: v}),
    ("never_normalises", "v grows from step to step: make its length 1.", {"norm": lambda v: 1}),
    (
        "sums_the_product",
        "The sum of hv is no curvature: read v @ hv.",
        {"read": lambda v, hv: np.sum(hv)},
    ),
)


# ------------------------------------------------------------- 3. fill the blank, 4. write freely


def _parts(function, asked, ask, known, near, think, *more):
    """Return a part for each place, and one for leaving the caller's arrays alone."""
    found = []

    def test(place):
        try:
            ask(function, place)
        except WrongError as wrong:
            if not found:
                found.append(curvatures.recognise(function, asked, known, near, *more))
            raise WrongError(wrong.difference, found[0]) from None

    yield from (Part(place.name, 1, partial(test, place), think) for place in asked)
    yield Part(
        "w and v are left alone",
        1,
        lambda: curvatures.leaves_alone(function, asked[0], *more),
        "Which of your lines writes into an array that was handed to you?",
        manner=True,
    )


@asks(
    "07.product",
    "implement",
    reference=curvatures.product,
    hints=(
        "A Hessian says how the gradient changes. So take the gradient at two places close to w, "
        "one ahead along v and one behind.",
        "H v ≈ (∇f(w + ε v) − ∇f(w − ε v)) / (2 ε)",
        "ahead = gradient(w + eps * v); behind = gradient(w - ...); hv = (...) / (2 * eps)",
    ),
)
def product(function, task, rng):
    """Check ``hessian_times(gradient, w, v, eps)``."""
    think = "How far apart are your two places, and in which direction does one see the other?"
    asked = curvatures.places(rng)
    ask, eps = curvatures.ask_product, curvatures.EPS
    return grade(_parts(function, asked, ask, WRONG_PRODUCTS, 1e-6, think, eps))


@asks(
    "07.sharpness",
    "implement",
    reference=curvatures.power,
    hints=(
        "Each product with the Hessian makes the steepest part of v grow most. After many of them "
        "hardly anything else is left. How much does a product stretch it then?",
        "v ← v / ‖v‖, then h ← H v. The estimate is v · h, and h is the next v.",
        "repeat 100 times: v = v / np.linalg.norm(v); hv = product(gradient, w, v); "
        "estimate = v @ hv; v = hv. Return the last estimate.",
    ),
)
def sharpness(function, task, rng):
    """Check ``sharpness(gradient, w, v)``."""
    think = "After your last product, which part of the start is still in v, and what is v @ hv?"
    asked = curvatures.places(rng)
    return grade(_parts(function, asked, curvatures.ask_power, WRONG_POWERS, 1e-3, think))
