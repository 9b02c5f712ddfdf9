"""Assignment 08, vanishing and exploding: the rungs from five numbers by hand to clipping."""

from functools import partial

import numpy as np

from . import clipping
from .answers import predicted, several
from .engine import Task, asks
from .loops import bowl
from .ordering import ordered, shuffled
from .probe import call, counted, numbers
from .report import Mistake, Part, WrongError, grade
from .trajectories import compare, deviates
from .wrong_clipping import WRONG_CLIPS, WRONG_NORMS

# ------------------------------------------------------------------------ 1. predict by hand

#: Three entries whose squares add up to the square of a whole number.
ENTRIES = ((3, 4, 12, 13), (2, 3, 6, 7), (1, 4, 8, 9), (2, 6, 9, 11), (4, 4, 7, 9), (2, 10, 11, 15))


def _draw_predict(rng):
    slope, weight = float(rng.choice([0.25, 0.2, 0.4])), float(rng.choice([0.5, 1, 1.5, 2]))
    lost = int(rng.choice([50, 500, 20_000]))
    *entries, norm = ENTRIES[rng.integers(len(ENTRIES))]
    bound = int(rng.integers(entries[0] + 1, norm))
    text = (
        f"Your chain: slope {slope} in each activation, weight {weight:g} in each layer\n"
        f"Lost means: at most 1/{lost} of the gradient is left\n"
        f"Your gradient: [{entries[0]}, {entries[1]}] in the weights, [{entries[2]}] in the bias\n"
        f"Your bound: {bound}"
    )
    return Task(text, slope=slope, weight=weight, lost=lost, entries=entries, bound=bound)


def _rights(task):
    """Return the five numbers that are asked for."""
    left = np.log(task.lost) / -np.log(task.slope * task.weight)
    norm = float(np.linalg.norm(task.entries))
    first = float(task.entries[0])
    return int(np.ceil(left)), 1 / task.slope, norm, first * task.bound / norm, first


def _chain_slips(task, layers):
    factor = task.slope * task.weight
    real = np.log(task.lost) / -np.log(factor)
    chain = [
        (real, "keeps-the-fraction", "Layers are whole: round up."),
        (layers - 1, "rounds-down", "One layer earlier too much is left: round up."),
        (
            int(np.ceil(np.log(task.lost) / -np.log(task.slope))),
            "forgets-the-weights",
            "Each layer multiplies by its weight as well.",
        ),
        (
            int(np.ceil(np.log10(task.lost) / -np.log(factor))),
            "mixes-the-logarithms",
            "Both logarithms need one base.",
        ),
        (task.lost, "counts-without-the-product", "Each layer multiplies: take logarithms."),
    ]
    holds = [
        (task.slope, "turns-it-over", "The weight makes up for the slope: divide 1 by it."),
        (1, "forgets-the-slope", "Weights of 1 leave the slope of the activation as the factor."),
        (1 / factor, "divides-by-the-factor", "The new weight stands in place of the old one."),
        (1 / task.weight, "takes-the-weight", "Divide 1 by the slope, not by the weight."),
        (1 - task.slope, "subtracts", "Slope and weight are multiplied: divide instead."),
    ]
    return chain, holds


def _clip_slips(task, norm):
    first, second, bias, c = *task.entries, task.bound
    lengths = [
        (norm**2, "forgets-the-root", "The root is missing."),
        (first + second + bias, "adds-the-sizes", "Square the entries, add, and take the root."),
        (np.hypot(first, second), "forgets-the-bias", "The bias belongs to the gradient, too."),
        (
            np.hypot(first, second) + bias,
            "adds-the-norms",
            "Add all squares under one root, not the norms of the arrays.",
        ),
        (bias, "takes-the-largest", "The length counts all entries, not the largest alone."),
    ]
    by_norm = [
        (first, "clips-by-value", "All entries get the same factor: the norm is above the bound."),
        (c, "gives-the-bound", "The whole gradient gets the length of the bound, not each entry."),
        (
            first * c / np.hypot(first, second),
            "clips-each-array",
            "One norm for all arrays together, not one for each.",
        ),
        (first / norm, "makes-length-one", "This has length 1: multiply by the bound."),
        (first * c, "forgets-the-norm", "Divide by the norm."),
        (first * norm / c, "turns-it-over", "The bound stands above, the norm below."),
        (first * c / norm**2, "forgets-the-root", "Divide by the norm, not by its square."),
    ]
    by_value = [
        (first * c / norm, "clips-by-norm", "By value each entry is cut by itself."),
        (c, "lifts-to-the-bound", "It is below the bound: nothing is cut, and nothing is lifted."),
        (0, "drops-it", "Clipping cuts what is too large. It does not drop anything."),
        (first * c / bias, "scales-by-the-largest", "By value each entry is cut by itself."),
    ]
    return lengths, by_norm, by_value


@asks(
    "08.predict",
    "predict",
    draw=_draw_predict,
    hints=(
        "Going back, each layer multiplies by its slope and by its weight. Clipping by norm has "
        "one factor for everything, clipping by value looks at each entry alone.",
        "(s w)ⁿ ≤ 1 / lost, so n ≥ ln(lost) / −ln(s w). It holds where s w = 1. The norm is the "
        "root of all squares. By norm: g c / ‖g‖. By value: min(g, c).",
        "layers = ceil(log(lost) / -log(slope * weight)); holds = 1 / slope; norm = √(a² + b² + "
        "c²) over all three; by_norm = a * bound / norm; by_value = min(a, bound)",
    ),
)
def predict(answer, task, rng):
    """Check ``[layers, holds, norm, by_norm, by_value]``."""
    answer = several(answer, ("layers", "holds", "norm", "by_norm", "by_value"))
    rights = _rights(task)
    slips = (*_chain_slips(task, rights[0]), *_clip_slips(task, rights[2]))
    table = (
        ("the layers until it is lost", "What does one layer multiply by, and how often?"),
        ("the weight that holds", "When is the product of slope and weight 1?"),
        ("the norm of the whole", "Which squares stand under the root?"),
        ("clipped by norm", "Which factor makes the whole as long as the bound?"),
        ("clipped by value", "Is this entry too large?"),
    )
    return grade(
        Part(name, 1, lambda g=g, r=r, s=s, n=name: predicted(g, r, s, n), think)
        for (name, think), g, r, s in zip(table, answer, rights, slips)
    )


# ------------------------------------------------------------------------ 2. order the lines

LINES = (
    "w = start",
    "path = [w]",
    "for t in range(steps):",
    "    g = gradient(w)",
    "    norm = np.linalg.norm(g)",
    "    g = g * min(1, max_norm / norm)",
    "    w = w - lr * g",
    "    path.append(w)",
    "    g = g * max_norm / norm",
    "    w = w * min(1, max_norm / norm)",
)


@asks(
    "08.order",
    "implement",
    draw=partial(shuffled, LINES),
    hints=(
        "A gradient has to be there before it is measured, and clipped before it moves anything.",
        "start → [gradient → norm → clip → step → keep] → [gradient → norm → clip → step → keep]",
        "First w and the path, then `for`; inside: g, its norm, g times min(1, ...), the step, "
        "append.",
    ),
)
def order(letters, task, rng):
    """Check a list of letters by running the lines in that order."""
    program = ordered(letters, task)
    think = "Read it aloud: how long is g when it moves w, and what happens to a short one?"
    return grade([Part("your lines clip and step", 1, lambda: _steps_clipped(program), think)])


def _steps_clipped(program):
    """Raise WrongError unless ``program`` walks as descent with clipping does."""
    for start, steps in ((np.array([9.0, -4.0]), 3), (np.array([0.5, 3.0]), 25)):
        names = {"gradient": counted(bowl([1, 4])), "start": start.copy(), "steps": steps, "np": np}
        given = call(partial(program, lr=0.2, max_norm=2.0, **names))
        got = numbers(given, what="the path")
        want = _path(start, steps)
        if got.ndim != 2 or got.shape[1] != 2:
            raise WrongError("the path should hold every point, the start first.")
        if deviates(got, want) is not None:
            known = next((m for m, factor in _ORDERS if _walks(got, start, steps, factor)), None)
            compare(got, want, known)


def _walks(got, start, steps, factor):
    return deviates(got, _path(start, steps, factor)) is None


def _path(start, steps, factor=lambda norm: min(1, 2.0 / norm)):
    path = [start]
    for _ in range(steps):
        g = bowl([1, 4])(path[-1])
        path.append(path[-1] - 0.2 * factor(np.linalg.norm(g)) * g)
    return np.array(path)


_ORDERS = (
    (
        Mistake("always_scales", "Short gradients are made longer: take min(1, ...)."),
        lambda norm: 2.0 / norm,
    ),
    (
        Mistake("never_clips", "The gradient moves w before it is clipped, or it never is."),
        lambda norm: 1.0,
    ),
)


# ------------------------------------------------------------- 3. fill the blank, 4. write freely


def _graded(function, ask, asked, known, parts):
    """Return the report on ``parts``, each ``(name, points, kinds, test, think)``."""
    found = []

    def test(kinds, compare_one):
        try:
            for case in asked:
                if case.kind in kinds:
                    compare_one(ask(function, case), case)
        except WrongError as wrong:
            if not found:
                found.append(clipping.recognise(ask, function, asked, known))
            raise WrongError(wrong.difference, found[0]) from None

    return grade(
        Part(name, points, partial(test, kinds, compare_one), think)
        for name, points, kinds, compare_one, think in parts
    )


@asks(
    "08.norm",
    "implement",
    reference=clipping.norm,
    hints=(
        "Imagine all entries of all arrays in one long list. Its length is asked for.",
        "‖g‖ = √(Σ over arrays Σ over entries g²)",
        "norm = np.sqrt(sum(np.sum(g**2) for g in ...))",
    ),
)
def norm(function, task, rng):
    """Check ``joint_norm(gradients)``."""
    think = "Which squares stand under the root, and where do the arrays come together?"
    parts = (
        ("arrays of any shape", 2, ("long",), clipping.same_norm, think),
        ("short ones", 1, ("short",), clipping.same_norm, think),
        ("zeros", 1, ("zero",), clipping.same_norm, "What is the length of nothing?"),
    )
    asked = clipping.cases(rng)
    return _graded(function, clipping.ask_norm, asked, WRONG_NORMS, parts)


@asks(
    "08.clip",
    "implement",
    reference=clipping.clip,
    hints=(
        "Measure all arrays together. If they are too long, all get the same factor; if not, none.",
        "g ← g · min(1, c / ‖g‖), with one ‖g‖ for all arrays. Where ‖g‖ is 0 there is nothing to "
        "divide by, and nothing to clip.",
        "norm = norm_of(gradients); factor = ... if norm > max_norm else 1.0; "
        "return [factor * g for g in gradients], norm",
    ),
)
def clip(function, task, rng):
    """Check ``clip_by_norm(gradients, max_norm) -> (gradients, norm)``."""

    def same_gradients(answer, case):
        clipping.same_gradients(answer[0], case)

    def same_norm(answer, case):
        clipping.same_norm(answer[1], case)

    factor = "Which one factor shortens all arrays together to the bound?"
    alone = "What should happen to a gradient that is shorter than the bound?"
    parts = (
        ("a long gradient becomes as long as the bound", 2, ("long",), same_gradients, factor),
        ("a short gradient stays as it is", 1, ("short",), same_gradients, alone),
        ("zeros stay zeros", 1, ("zero",), same_gradients, "Is there something to divide by?"),
        (
            "the norm before clipping",
            1,
            ("long", "short", "zero"),
            same_norm,
            "Of which arrays is the norm, and from before or after?",
        ),
    )
    return _graded(function, clipping.ask_clip, clipping.cases(rng), WRONG_CLIPS, parts)
