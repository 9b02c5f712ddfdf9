"""Assignment 04, momentum: the rungs from four numbers by hand to two rules of your own."""

from functools import partial

from ... import rules
from .a04_walls import walls
from .answers import predicted, several
from .engine import Task, asks
from .ordering import ordered, shuffled, walks_as
from .report import Part, grade
from .updates import asks_rule

# ------------------------------------------------------------------------ 1. predict by hand


def _draw_predict(rng):
    curvature, start = int(rng.choice([3, 6, 7, 9])), int(rng.integers(2, 6))
    lr, momentum = float(rng.choice([0.05, 0.1])), float(rng.choice([0.5, 0.8, 0.9]))
    text = (
        f"Your bowl: f(w) = 1/2 · {curvature} w²\nYour start: w = {start}, with an empty buffer\n"
        f"Your learning rate: {lr}\nYour momentum: {momentum}"
    )
    return Task(text, curvature=curvature, start=start, lr=lr, momentum=momentum)


def _walk(rule, task, steps):
    """Return where ``steps`` steps of a rule lead from the task's start."""
    w, b = task.start, 0.0
    for t in range(1, steps + 1):
        w, b = rule(w, task.curvature * w, b, t=t, lr=task.lr, momentum=task.momentum)
    return w


def _heavy_slips(task):
    c, w, lr, mu = task.curvature, task.start, task.lr, task.momentum
    first = w - lr * c * w
    return [
        (first * (1 - lr * c), "forgets-the-buffer", "These are two steps without momentum."),
        (first, "takes-one-step", "This is the place after one step: take a second one."),
        (first - lr * mu * c * w, "forgets-the-new-slope", "The new slope joins the old buffer."),
        (
            first - lr * (1 + mu) * c * w,
            "slope-of-the-start",
            "The second slope is taken where you stand then, not at the start.",
        ),
        (
            first - lr * (c * w + c * first),
            "never-decays",
            "The old buffer fades before the new slope is added: multiply it by the momentum.",
        ),
        (
            first - lr * (mu * c * w + (1 - mu) * c * first),
            "averages",
            "The new slope enters the buffer whole, not 1 − momentum of it.",
        ),
        (_walk(rules.nesterov, task, 2), "looks-ahead", "This is Nesterov's second place."),
        (w, "stands-still", "Nothing moved: this is the start."),
    ]


def _nesterov_slips(task):
    c, w, lr, mu = task.curvature, task.start, task.lr, task.momentum
    return [
        (w - lr * c * w, "looks-nowhere", "This is the heavy ball: add momentum times the buffer."),
        (w - lr * mu * c * w, "forgets-the-slope", "The slope itself is missing from the step."),
        (w - 2 * lr * c * w, "looks-too-far", "The buffer is multiplied by the momentum first."),
        (w + lr * (1 + mu) * c * w, "climbs", "It climbs: the step is added, not subtracted."),
        (_walk(rules.nesterov, task, 2), "takes-two-steps", "One step is asked for here."),
        (w, "stands-still", "Nothing moved: this is the start."),
    ]


def _wall_slips(task, mine, other, which):
    """Return the mistakes around a wall ``mine``, where ``other`` is that of the other form."""
    c, mu = task.curvature, task.momentum
    return [
        (2 / c, "keeps-the-plain-wall", "This is the wall without momentum."),
        (other, "exchanges-the-walls", f"This is the wall of {which}."),
        (mine / 2, "forgets-the-two", "The 2 is missing: at the wall each jump is 2 w long."),
        (mine * c, "forgets-the-curvature", "Divide by the curvature: a steep bowl bears less."),
        (
            2 * (1 - mu) / c,
            "takes-the-effective-rate",
            "The factor 1 − momentum is for slopes that stay; at the wall they flip.",
        ),
        (2 / (c * (1 + 2 * mu)), "forgets-the-sum", "The factor 1 + momentum above is missing."),
    ]


@asks(
    "04.predict",
    "predict",
    draw=_draw_predict,
    hints=(
        "The buffer is empty at first, so the heavy ball starts like gradient descent. "
        "At a wall the slope flips at each step.",
        "b ← μ b + g, then w ← w − η b; for Nesterov w ← w − η (g + μ b). "
        "The walls are 2 (1 + μ) / L, and that divided by 1 + 2 μ.",
        "b = c·w; w₁ = w − lr·b; b = momentum·b + c·w₁; w₂ = w₁ − lr·b. "
        "Nesterov: w − lr·(c·w + momentum·c·w). Walls: 2·(1 + momentum)/c, "
        "2·(1 + momentum)/((1 + 2·momentum)·c)",
    ),
)
def predict(answer, task, rng):
    """Check ``[heavy_ball, nesterov, heavy_wall, nesterov_wall]``."""
    names = ("heavy_ball", "nesterov", "heavy_wall", "nesterov_wall")
    answer = several(answer, names)
    heavy, ahead = walls(task.curvature, task.momentum)
    table = (
        (
            "the heavy ball after two steps",
            _walk(rules.momentum, task, 2),
            _heavy_slips(task),
            "What is in the buffer after the first step, and what is left of it in the second?",
        ),
        (
            "Nesterov after one step",
            _walk(rules.nesterov, task, 1),
            _nesterov_slips(task),
            "How often does the newest slope count in Nesterov's step?",
        ),
        (
            "the heavy ball's wall",
            heavy,
            _wall_slips(task, heavy, ahead, "Nesterov"),
            "What does a slope that flips at every step leave in the buffer?",
        ),
        (
            "Nesterov's wall",
            ahead,
            _wall_slips(task, ahead, heavy, "the heavy ball"),
            "Which part of Nesterov's step is not damped when the slope flips?",
        ),
    )
    return grade(
        Part(name, 1, lambda g=g, r=r, s=s, n=name: predicted(g, r, s, n), think)
        for g, (name, r, s, think) in zip(answer, table)
    )


# ------------------------------------------------------------------------ 2. order the lines

LINES = (
    "w = start",
    "b = 0 * start",
    "path = [w]",
    "for t in range(steps):",
    "    g = gradient(w)",
    "    b = momentum * b + g",
    "    b = momentum * b - g",
    "    w = w - lr * b",
    "    w = w - lr * g",
    "    path.append(w)",
)


@asks(
    "04.order",
    "implement",
    draw=partial(shuffled, LINES),
    hints=(
        "Three things have to exist before the loop starts. What does a step subtract?",
        "start → [slope → buffer → step → keep] → [slope → buffer → step → keep] → ...",
        "First w, b and the path, then `for`; inside: g, plus g into the buffer, minus lr * b, "
        "append.",
    ),
)
def order(letters, task, rng):
    """Check a list of letters by running the lines in that order."""
    program = ordered(letters, task)
    think = "Read it aloud: what does the buffer hold when each line runs, and what does it move?"
    return grade(
        [
            Part(
                "your lines are the heavy ball",
                1,
                lambda: walks_as("momentum", program, momentum=0.8),
                think,
            )
        ]
    )


# ------------------------------------------------------------- 3. fill the blank, 4. write freely

asks_rule(
    "04.momentum",
    "momentum",
    takes=("w", "g", "b", "t", "lr", "momentum"),
    hints=(
        "The buffer is a sum of slopes that fade. The step follows the buffer, not the slope.",
        "b ← μ b + g, then w ← w − η b, where μ is `momentum` and η is `lr`.",
        "new_b = momentum * ... + ...; new_w = w - lr * new_...",
    ),
)

asks_rule(
    "04.nesterov",
    "nesterov",
    hints=(
        "The buffer is the one of the heavy ball. Only the step differs: it goes where the buffer "
        "would take you next.",
        "b ← μ b + g, then w ← w − η (g + μ b), with the new buffer in the step.",
        "new_b as before; then new_w = w - lr * (g + momentum * new_b); return both.",
    ),
)
