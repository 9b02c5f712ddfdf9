"""Assignment 13, layer-wise optimizers: five numbers by hand, and a loop over groups in order."""

from functools import partial

import numpy as np

from .answers import predicted, several
from .engine import Task, asks
from .ordering import ordered, shuffled
from .probe import call, numbers, short
from .report import Mistake, Part, WrongError, grade

#: How many times the rate of the rest the head gets.
HEAD = 10

# ------------------------------------------------------------------------ 1. predict by hand


def _draw_predict(rng):
    lr, decay = float(rng.choice([0.02, 0.03, 0.05])), float(rng.choice([0.2, 0.3, 0.4]))
    weights = rng.permutation([2, 3, 4]) * rng.choice([-1, 1], 3)
    weight, bias, head = (int(w) for w in weights)
    slopes = rng.permutation([0.04, 0.6, 30]) * rng.choice([-1, 1], 3)
    sides = int(rng.integers(10, 14)), int(rng.integers(15, 20))
    rows, columns = sides if rng.random() < 0.5 else sides[::-1]
    others = int(rng.integers(110, 190))
    text = (
        f"Your learning rate: {lr}, and {HEAD * lr:g} for the head. Your weight decay: {decay}\n"
        f"A weight of the hidden matrix: {weight}, its slope {slopes[0]:g}\n"
        f"A bias of the hidden layer: {bias}, its slope {slopes[1]:g}\n"
        f"A weight of the head's matrix: {head}, its slope {slopes[2]:g}\n"
        f"The hidden matrix: {rows} x {columns}. All other parameters: {others} numbers"
    )
    return Task(
        text,
        lr=lr,
        decay=decay,
        weights=(weight, bias, head),
        slopes=slopes,
        shape=(rows, columns),
        others=others,
    )


def adamw_first(w, slope, lr, decay):
    """Return where AdamW's first step leads: one rate against the slope, after the decay."""
    return (1 - lr * decay) * w - lr * np.sign(slope)


_SLOPE = "steps-by-the-slope", "Adam's first step is one rate long, however steep the slope is."
_CLIMBS = "climbs", "It climbs: the step goes against the sign of the slope."
_BARE = "forgets-the-decay", "A matrix decays: it shrinks by rate times decay times weight."
_WHOLE = "decays-without-the-rate", "The decay is multiplied by the rate as well."


def _decayed_slips(w, slope, lr, decay):
    """Return the mistakes around a weight that decays."""
    sign = np.sign(slope)
    return [
        (w - lr * sign, *_BARE),
        ((1 - lr * decay) * w - lr * slope, *_SLOPE),
        ((1 - lr * decay) * w + lr * sign, *_CLIMBS),
        ((1 - decay) * w - lr * sign, *_WHOLE),
        ((1 + lr * decay) * w - lr * sign, "decays-outwards", "The decay pulls towards zero."),
        ((1 - lr * decay) * w, "forgets-the-step", "It decays, and it steps as well."),
    ]


def _bias_slips(w, slope, lr, decay):
    return [
        (adamw_first(w, slope, lr, decay), "decays-the-bias", "A bias is no matrix: no decay."),
        (w - HEAD * lr * np.sign(slope), "takes-the-heads-rate", "The bias is not the head's."),
        (w - lr * slope, *_SLOPE),
        (w + lr * np.sign(slope), *_CLIMBS),
        (w, "stands-still", "It has no decay, but it steps."),
    ]


def _head_slips(w, slope, lr, decay):
    fast, sign = HEAD * lr, np.sign(slope)
    return [
        *_decayed_slips(w, slope, fast, decay),
        (adamw_first(w, slope, lr, decay), "keeps-one-rate", "The head has a rate of its own."),
        (
            (1 - lr * decay) * w - fast * sign,
            "decays-at-the-other-rate",
            "The decay takes the rate of its own group.",
        ),
    ]


def _state_slips(hidden, others):
    return [
        (2 * (hidden + others), "adamw-for-all", "This is AdamW for all: Muon keeps one number."),
        (hidden + others, "muon-for-all", "AdamW keeps two numbers for a weight, m and v."),
        (2 * hidden + others, "exchanges-the-two", "It is Muon that keeps one number a weight."),
        (2 * others, "forgets-the-momentum", "Muon keeps a momentum for the hidden matrix."),
        (hidden, "forgets-the-rest", "The other parameters have state as well."),
    ]


def _length_slips(rows, columns):
    few, many = sorted((rows, columns))
    return [
        (many**0.5, "takes-the-longer-side", "There are as many values as the shorter side."),
        (few, "forgets-the-root", "The length is the root of the summed squares."),
        ((few * many) ** 0.5, "takes-signs", "This is the length of a step of signs, as Lion's."),
        (1.0, "keeps-one-direction", "Each direction has length 1, and there are several."),
        (few * many, "counts-the-entries", "These are the entries of the matrix."),
    ]


def _asked(task):
    """Return ``(name, right, slips, think)`` of the five numbers."""
    (rows, columns), lr, decay = task.shape, task.lr, task.decay
    (weight, bias, head), (down, drift, steep) = task.weights, task.slopes
    hidden, others = rows * columns, task.others
    return (
        (
            "the weight of the hidden matrix",
            adamw_first(weight, down, lr, decay),
            _decayed_slips(weight, down, lr, decay),
            "How long is Adam's first step, and by how much does the decay shrink the weight?",
        ),
        (
            "the bias",
            adamw_first(bias, drift, lr, 0.0),
            _bias_slips(bias, drift, lr, decay),
            "Which of rate and decay does the bias's group have?",
        ),
        (
            "the weight of the head",
            adamw_first(head, steep, HEAD * lr, decay),
            _head_slips(head, steep, lr, decay),
            "Where does the rate of a group enter: in the step, in the decay, or in both?",
        ),
        (
            "the numbers of state",
            hidden + 2 * others,
            _state_slips(hidden, others),
            "What does each of the two optimizers keep for a weight?",
        ),
        (
            "the length of the exact step",
            min(rows, columns) ** 0.5,
            _length_slips(rows, columns),
            "How many singular values has the step, and what do their squares add up to?",
        ),
    )


@asks(
    "13.predict",
    "predict",
    draw=_draw_predict,
    hints=(
        "AdamW's first step is one learning rate long, whatever the slope. Each group has its "
        "own rate and its own decay.",
        "w ← (1 − η λ) w − η · sign(g), with the η and λ of the group. Muon keeps one number a "
        "weight, AdamW two. The squares of a matrix sum to those of its singular values.",
        "(1 - lr*decay)*w - lr*sign; for the bias decay 0; for the head 10*lr in both places; "
        "rows*columns + 2*others; sqrt(min(rows, columns))",
    ),
)
def predict(answer, task, rng):
    """Check ``[weight, bias, head, state, length]``."""
    answer = several(answer, ("weight", "bias", "head", "state", "length"))
    return grade(
        Part(name, 1, lambda g=g, r=r, s=s, n=name: predicted(g, r, s, n), think)
        for g, (name, r, s, think) in zip(answer, _asked(task))
    )


# ------------------------------------------------------------------------ 2. order the lines

LINES = (
    "w = dict(start)",
    "path = [dict(w)]",
    "for t in range(steps):",
    "    g = gradient(w)",
    "    for name in w:",
    "        w[name] = w[name] - lr[name] * g[name]",
    "    path.append(dict(w))",
    "        g = gradient(w)",
    "        path.append(dict(w))",
)
_AGAIN = Mistake(
    "asks_again_between_groups",
    "The second group gets a slope at a place where the first has moved already: one backward "
    "pass serves all groups.",
)


def product(w):
    """Return the slopes of ½ (body · head − 6)², a network of two weights in a row."""
    error = w["body"] * w["head"] - 6
    return {"body": error * w["head"], "head": error * w["body"]}


def _walk(start, lr, steps, again=False):
    """Return the path; with ``again`` each group asks for its slope after the one before moved."""
    w, path = dict(start), [dict(start)]
    for _ in range(steps):
        g = product(w)
        for name in w:
            slope = product(w) if again else g
            w[name] = w[name] - lr[name] * slope[name]
        path.append(dict(w))
    return path


def _walks(program):
    start, lr, steps = {"body": 1.0, "head": 2.0}, {"body": 0.02, "head": 0.1}, 5
    given = call(
        partial(program, gradient=product, start=dict(start), lr=dict(lr), steps=steps, np=np)
    )
    if not isinstance(given, list) or not all(isinstance(point, dict) for point in given):
        raise WrongError(f"the path should be a list of dictionaries, it is {short(given)}.")
    got, want = _points(given), _points(_walk(start, lr, steps))
    if len(got) != len(want):
        raise WrongError(f"your path has {len(got)} points, expected {len(want)}.")
    off = np.flatnonzero(~np.isclose(got, want, rtol=1e-9).all(axis=1))
    if off.size:
        again = np.allclose(got, _points(_walk(start, lr, steps, again=True)), rtol=1e-9)
        raise WrongError(
            f"at step {off[0]} body and head are {short(got[off[0]])}, expected "
            f"{short(want[off[0]])}.",
            _AGAIN if again else None,
        )


def _points(path):
    """Return a path of dictionaries as an array, one row a point."""
    return numbers([[point["body"], point["head"]] for point in path], what="the path")


@asks(
    "13.order",
    "implement",
    draw=partial(shuffled, LINES),
    hints=(
        "All groups step from one and the same backward pass. When is a point of the path whole?",
        "start → [slopes of all → step of each group → keep] → [slopes of all → ...]",
        "First w and the path, then the outer `for`; inside: g; the inner `for` with one line in "
        "it; append.",
    ),
)
def order(letters, task, rng):
    """Check a list of letters by running the lines in that order."""
    program = ordered(letters, task)
    think = "How often does this program run the backward pass in one step, and when?"
    return grade([Part("each group steps with its own rate", 1, lambda: _walks(program), think)])
