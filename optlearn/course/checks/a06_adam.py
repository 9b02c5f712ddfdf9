"""Assignment 06, Adam: the rungs from four numbers by hand to a rule of your own."""

from functools import partial

import numpy as np

from ... import rules, wrong_rules
from ...wrong_rules.base import corrected, means
from .answers import predicted, several
from .engine import Task, asks
from .ordering import ordered, shuffled, walks_as
from .probe import call, is_blank, numbers, short
from .report import Part, WrongError, grade
from .updates import asks_rule, examine

# ------------------------------------------------------------------------ 1. predict by hand


def _draw_predict(rng):
    betas = [(0.5, 0.96), (0.5, 0.99), (0.8, 0.99), (0.6, 0.96), (0.9, 0.9975)]
    betas = betas[rng.integers(len(betas))]
    slopes = (int(rng.integers(3, 7)), int(rng.choice([-2, -1, 1, 2])))
    start, lr = int(rng.integers(1, 5)), float(rng.choice([0.2, 0.5]))
    share = float(rng.choice([0.25, 1, 4, 9]))
    text = (
        f"Your start: w = {start}, with both means 0\n"
        f"Your first two slopes: {slopes[0]}, then {slopes[1]}\n"
        f"Your learning rate: {lr}\nYour betas: {betas[0]} and {betas[1]}; eps is 1e-8\n"
        f"Your tiny slope: {share * 1e-8:g}"
    )
    return Task(text, start=start, slopes=slopes, lr=lr, betas=betas, tiny=share * 1e-8)


def _walk(rule, task, steps):
    """Return where the first ``steps`` slopes of the task lead."""
    w, m, v = float(task.start), 0.0, 0.0
    for t, g in enumerate(task.slopes[:steps], 1):
        w, m, v = rule(w, g, m, v, t=t, lr=task.lr, betas=task.betas, eps=1e-8)
    return float(w)


def _place_slips(task, steps):
    """Return where each known mistake leads, and some that only a hand makes."""
    w, lr, (g, h) = task.start, task.lr, task.slopes
    right = _walk(rules.adam, task, steps)
    ends = [(_walk(known.function, task, steps), known) for known in wrong_rules.for_rule("adam")]
    return [
        (w - lr * g - lr * h * (steps == 2), "descends", "This is gradient descent, not Adam."),
        (right - w, "returns-the-step", "This is the way alone: add it to the start."),
        (w, "stands-still", "Nothing moved: this is the start."),
        *([(w - lr, "takes-one-step", "This is the place after one step.")] * (steps == 2)),
        (w - lr * steps, "takes-equal-steps", "Only the first step is one learning rate long."),
        *((end, known.name, known.sentence) for end, known in ends if np.isfinite(end)),
    ]


def _length_slips(task):
    beta1, beta2 = task.betas
    right = (1 - beta1) / np.sqrt(1 - beta2)
    return [
        (1.0, "keeps-the-correction", "This is the first step with the correction."),
        (1 / right, "turns-it-over", "It is upside down: m is above the line, the root below."),
        (1 - beta1, "corrects-v-only", "v is too small as well, and it is divided by."),
        (1 / np.sqrt(1 - beta2), "corrects-m-only", "m is too small as well."),
        ((1 - beta1) / (1 - beta2), "forgets-the-root", "The root of v is divided by, not v."),
        (right * task.lr, "gives-the-distance", "Give it in learning rates: divide by yours."),
    ]


def _tiny_slips(task):
    share = task.tiny / 1e-8
    beta1, beta2 = task.betas
    raw = share * (1 - beta1) / (share * np.sqrt(1 - beta2) + 1)
    return [
        (1.0, "forgets-eps", "The slope is no larger than some eps: that cannot be left out."),
        (1 / (share + 1), "gives-the-rest", "This is the share that eps takes away."),
        (share, "forgets-the-size", "Below the line stand the size of the slope and eps."),
        (1 + 1 / share, "turns-it-over", "It is upside down: eps stands below the line."),
        (share / np.hypot(share, 1), "eps-under-the-root", "The eps is added after the root."),
        (raw, "forgets-correction", "Both means are corrected before the step."),
        (0.0, "stands-still", "It is shorter than usual, but not zero."),
    ]


@asks(
    "06.predict",
    "predict",
    draw=_draw_predict,
    hints=(
        "At the first step the corrected means are the slope and its square. At the second step "
        "both hold two slopes, the older one with less weight.",
        "m ← β₁ m + (1 − β₁) g and v ← β₂ v + (1 − β₂) g². Divide them by 1 − β₁ᵗ and 1 − β₂ᵗ. "
        "The step is η m̂ / (√v̂ + ε).",
        "w₁ = w − lr. Then m = β₁·(1 − β₁)·g₁ + (1 − β₁)·g₂, v likewise with squares, "
        "w₂ = w₁ − lr·(m / (1 − β₁²)) / √(v / (1 − β₂²)). Without correction: "
        "(1 − β₁) / √(1 − β₂). Tiny: g / (g + eps)",
    ),
)
def predict(answer, task, rng):
    """Check ``[first, second, uncorrected, tiny]``."""
    answer = several(answer, ("first", "second", "uncorrected", "tiny"))
    beta1, beta2 = task.betas
    table = (
        (
            "w after the first step",
            _walk(rules.adam, task, 1),
            _place_slips(task, 1),
            "What are the two corrected means after one slope, and what is their ratio?",
        ),
        (
            "w after the second step",
            _walk(rules.adam, task, 2),
            _place_slips(task, 2),
            "How much weight has each of the two slopes in m, and in v?",
        ),
        (
            "the first step without correction",
            (1 - beta1) / np.sqrt(1 - beta2),
            _length_slips(task),
            "How large a part of the slope is in m, and how large a part of its size in the root?",
        ),
        (
            "the first step on a tiny slope",
            task.tiny / (task.tiny + 1e-8),
            _tiny_slips(task),
            "What stands below the line, when the slope is about as large as eps?",
        ),
    )
    return grade(
        Part(name, 1, lambda g=g, r=r, s=s, n=name: predicted(g, r, s, n), think)
        for g, (name, r, s, think) in zip(answer, table)
    )


# ------------------------------------------------------------------------ 2. order the lines

LINES = (
    "w, m, v = start, 0 * start, 0 * start",
    "path = [w]",
    "for t in range(1, steps + 1):",
    "    g = gradient(w)",
    "    m = beta1 * m + (1 - beta1) * g",
    "    v = beta2 * v + (1 - beta2) * g**2",
    "    m_hat = m / (1 - beta1**t)",
    "    v_hat = v / (1 - beta2**t)",
    "    w = w - lr * m_hat / (np.sqrt(v_hat) + eps)",
    "    path.append(w)",
    "    m = m / (1 - beta1**t)",
    "    w = w - lr * m_hat / np.sqrt(v_hat + eps)",
)


@asks(
    "06.order",
    "implement",
    draw=partial(shuffled, LINES),
    hints=(
        "What does each line need? A mean needs the new slope, a correction needs the new mean.",
        "start → [slope → two means → two corrections → step → keep] → [slope → ...] → ...",
        "First w, m, v and the path, then `for`; inside: g, m, v, m_hat, v_hat, the step with eps "
        "outside the root, append.",
    ),
)
def order(letters, task, rng):
    """Check a list of letters by running the lines in that order."""
    beta1, beta2 = betas = 0.7, 0.95
    program = partial(ordered(letters, task), beta1=beta1, beta2=beta2)
    think = "Read it aloud: which m does each line see, and which m does the next round see?"
    walks = partial(walks_as, "adam", program, betas=betas, eps=0.1)
    return grade([Part("your lines are Adam", 1, walks, think)])


# ------------------------------------------------------------- 3. fill the blanks, 4. write freely


@asks(
    "06.correct",
    "implement",
    reference=lambda m, v, t, betas: corrected(m, v, betas, t),
    hints=(
        "Both means began at 0. After t steps, how much weight have the slopes collected in each?",
        "m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ). In Python a power is `beta1**t`.",
        "m_hat = m / (1 - ...**t); v_hat = v / (1 - ...**t)",
    ),
)
def correct(function, task, rng):
    """Check ``corrected(m, v, t, betas) -> (m_hat, v_hat)`` by the Adam that it makes."""

    def adam(w, g, m, v, t, lr, betas=(0.9, 0.999), eps=1e-8):
        m, v = means(m, v, g, betas)
        found = function(m, v, t, betas) if callable(function) else call(function)
        if is_blank(found):
            return None
        if not isinstance(found, list | tuple | np.ndarray) or len(found) != 2:
            raise WrongError(f"it should return (m_hat, v_hat), it returned {short(found)}.")
        missing = [n for n, one in zip(("m_hat", "v_hat"), found) if is_blank(one)]
        if len(missing) == 2:
            return None
        if missing:
            raise WrongError(f"{missing[0]} is still missing.")
        m_hat, v_hat = numbers(found[0], m.shape, "m_hat"), numbers(found[1], v.shape, "v_hat")
        return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v

    return examine("adam", adam, rng)


asks_rule(
    "06.adam",
    "adam",
    hints=(
        "Two running means go on from step to step, uncorrected. The corrected ones are made anew "
        "in every step and serve that step alone.",
        "m ← β₁ m + (1 − β₁) g. v ← β₂ v + (1 − β₂) g². Then m̂ = m / (1 − β₁ᵗ), "
        "v̂ = v / (1 − β₂ᵗ). The step is w ← w − η m̂ / (√v̂ + ε).",
        "beta1, beta2 = betas; m = ...; v = ...; m_hat, v_hat as in question 3; "
        "w = w - lr * m_hat / (np.sqrt(v_hat) + eps); return w, m, v",
    ),
)
