"""Assignment 12, question 5: tell four layers apart by what they do to a sequence of rows."""

from collections import Counter

import numpy as np

from .engine import Task, asks
from .probe import call, is_blank, short
from .report import BlankError, Mistake, Part, WrongError, grade

ROWS, NUMBERS = 6, 4


def dense(rng):
    """Return a layer in which every number sees every number."""
    weights = rng.normal(size=(ROWS * NUMBERS, ROWS * NUMBERS))
    return lambda x: np.tanh(0.1 * x.reshape(-1) @ weights).reshape(ROWS, NUMBERS)


def convolution(rng):
    """Return a filter over three rows, the same at every place, with zeros at both ends."""
    before, here, after = rng.normal(size=(3, NUMBERS, NUMBERS))

    def layer(x):
        padded = np.pad(x, ((1, 1), (0, 0)))
        return padded[:-2] @ before + padded[1:-1] @ here + padded[2:] @ after

    return layer


def recurrent(rng):
    """Return a state that is carried from row to row."""
    enter, stay = rng.normal(size=(NUMBERS, NUMBERS)), rng.normal(size=(NUMBERS, NUMBERS))

    def layer(x):
        state, seen = np.zeros(NUMBERS), []
        for row in x:
            state = np.tanh(0.5 * row @ enter + 0.5 * state @ stay)
            seen.append(state)
        return np.array(seen)

    return layer


def attention(rng):
    """Return a mean over all rows, weighed by how they fit, without a vector for each place."""
    ask, offer, tell = rng.normal(size=(3, NUMBERS, NUMBERS))

    def layer(x):
        fits = 0.1 * (x @ ask) @ (x @ offer).T
        e = np.exp(fits - fits.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True) @ x @ tell

    return layer


LAYERS = {
    "dense": dense,
    "convolution": convolution,
    "recurrent": recurrent,
    "attention": attention,
}


def identify(layer):
    """Return which layer it is: change one row, and turn all rows around."""
    x = np.arange(1.0, 1 + ROWS * NUMBERS).reshape(ROWS, NUMBERS) / 30
    other = x.copy()
    other[2] += 0.5
    changed = np.flatnonzero(np.abs(layer(other) - layer(x)).max(axis=1) > 1e-9).tolist()
    if changed == [1, 2, 3]:
        return "convolution"
    if changed == [2, 3, 4, 5]:
        return "recurrent"
    return "attention" if np.allclose(layer(x[::-1]), layer(x)[::-1]) else "dense"


def guarded(layer):
    """Return ``layer`` on a copy of its argument, which must have the right shape."""

    def ask(x):
        x = np.array(x, dtype=float)
        if x.shape != (ROWS, NUMBERS):
            raise WrongError(f"a layer takes {ROWS} rows of {NUMBERS} numbers, got {x.shape}.")
        return layer(x)

    return ask


def _draw(rng):
    boxes = [guarded(LAYERS[str(kind)](rng)) for kind in rng.permutation(list(LAYERS))]
    text = (
        f"Four layers, one of each kind, in `boxes`. Each maps {ROWS} rows of {NUMBERS} numbers to "
        f"{ROWS} rows of {NUMBERS} numbers."
    )
    return Task(text, boxes=boxes)


#: (what it is, what was said) -> sentence
_CONFUSED = {
    ("dense", "attention"): "Both let every row see all rows. Turn the rows around: what happens?",
    ("attention", "dense"): "Both let every row see all rows. Turn the rows around: what happens?",
    ("convolution", "recurrent"): "Does a change reach the rows before it, or far behind it?",
    ("recurrent", "convolution"): "Does a change reach the rows before it, or far behind it?",
    ("recurrent", "attention"): "Does a change reach the rows before it?",
    ("attention", "recurrent"): "Does a change reach the rows before it?",
    ("dense", "recurrent"): "Does a change reach the rows before it?",
    ("recurrent", "dense"): "Does a change reach the rows before it?",
}


@asks(
    "12.layers",
    "diagnose",
    draw=_draw,
    reference=identify,
    hints=(
        "Change one row in the middle, and look which rows of the output change. Two layers then "
        "are told. For the other two, put the rows into another order.",
        "A filter over three rows: output t sees t − 1, t and t + 1. A state: output t sees rows "
        "up to t. Attention: f(turned x) is turned f(x).",
        "other = x.copy(); other[2] += 1; changed = the rows where layer(other) and layer(x) "
        "differ; [1, 2, 3]: ...; [2, 3, 4, 5]: ...; np.allclose(layer(x[::-1]), layer(x)[::-1]): "
        "...; else ...",
    ),
)
def layers(function, task, rng):
    """Check ``identify(layer) -> name`` on layers of each kind that are drawn anew."""
    drawn = [(kind, guarded(make(rng))) for kind, make in LAYERS.items() for _ in range(3)]
    found = []

    def said():
        if not found:
            found.extend((kind, _name(call(function, layer))) for kind, layer in drawn)
        return Counter(found)

    def tells(kind):
        for (truth, name), times in said().items():
            if (truth == kind) != (name == kind):
                sentence = _CONFUSED.get((truth, name))
                raise WrongError(
                    f"{times} of 3 layers that are {_named(truth)} you call {_named(name)}.",
                    Mistake(f"takes-{truth}-for-{name}", sentence) if sentence else None,
                )

    thinks = (
        "Which rows of the output see which rows of the input?",
        "How far does a change of one row reach, before and behind it?",
        "Can an early row of the output know of a later row of the input?",
        "What does a mean over all rows know of their order?",
    )
    return grade(
        Part(f"you tell {_named(kind)}", 1, lambda kind=kind: tells(kind), think)
        for kind, think in zip(LAYERS, thinks)
    )


def _named(kind):
    return {"attention": "self-attention", "recurrent": "a recurrent layer"}.get(kind) or (
        f"a {kind} layer" if kind == "dense" else "a convolution"
    )


def _name(given):
    if is_blank(given):
        raise BlankError
    name = given.strip().lower() if isinstance(given, str) else None
    if name not in LAYERS:
        raise WrongError(f"one of {', '.join(LAYERS)} is expected, you gave {short(given)}.")
    return name
