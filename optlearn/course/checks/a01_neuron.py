"""Assignment 01, questions 4 to 6: the training of one neuron, from shuffled lines to a loop."""

import copy
from functools import cached_property, partial

import numpy as np

from .answers import several
from .engine import asks
from .neurons import WRONG_SLOPES, recognise, slopes, train
from .ordering import ordered, shuffled
from .probe import call, is_blank, numbers, short
from .report import IN_PLACE, BlankError, Mistake, Part, WrongError, grade
from .trajectories import RTOL, compare

# ------------------------------------------------------------------------ 4. order the lines

LINES = (
    "path = [(w, b)]",
    "for epoch in range(epochs):",
    "    for x, y in batches:",
    "        out = w * x + b",
    "        g = 2 * (out - y)",
    "        w, b = w - lr * g * x, b - lr * g",
    "        w, b = w + lr * g * x, b + lr * g",
    "    w, b = w - lr * g * x, b - lr * g",
    "        path.append((w, b))",
)


def batched(x, y, size):
    """Return the samples in batches, as a loader hands them out."""
    return [(x[i : i + size], y[i : i + size]) for i in range(0, len(x), size)]


@asks(
    "01.order",
    "implement",
    draw=partial(shuffled, LINES),
    hints=(
        "Which worker's line is which? Model, backpropagation, optimizer: in this order.",
        "start → for each epoch → for each batch → [output → slope → step → keep]",
        "First the path, then both `for` lines; inside: out, g, the line with minus that is "
        "indented twice, append.",
    ),
)
def order(letters, task, rng):
    """Check a list of letters by running the lines in that order."""
    program, runs = ordered(letters, task), []
    for epochs in (1, 4):
        x = np.array([1.0, 2.0, -1.0])
        runs.append((batched(x, 2 * x - 1, 1), 0.5, 0.0, 0.1, epochs))

    def loop(batches, w, b, lr, epochs):
        single = [(float(x[0]), float(y[0])) for x, y in batches]
        return program(batches=single, w=w, b=b, lr=lr, epochs=epochs)

    walked = _Trained(loop, runs)
    think = "Read it aloud: what is known when each line runs, and how often does it run?"
    return grade([Part("your lines train the neuron", 1, partial(walked.compare, runs), think)])


# ---------------------------------------------------------------------------- 5. fill the blank


def _slope_cases(rng):
    """Return ``(name, cases)``: numbers, negative ones, all sizes, arrays."""
    wide = 10.0 ** rng.integers(-4, 5, (40, 3)) * rng.normal(size=(40, 3))
    return (
        ("one sample by hand", [(2.0, 5.0, 1.0)]),
        ("outputs that are too small and too large", [tuple(v) for v in rng.normal(size=(40, 3))]),
        ("numbers from 1e-4 to 1e4", [tuple(v) for v in wide]),
        ("a batch in arrays", [tuple(rng.normal(size=(3, 7))) for _ in range(5)]),
    )


@asks(
    "01.slopes",
    "implement",
    reference=slopes,
    hints=(
        "Go backwards from the loss. Which slopes do you meet on the way to w, and to b?",
        "The outer slope is 2 (out − y). The inner one is x for the weight, and 1 for the bias.",
        "outer = 2 * (... - ...); g_w = outer * ...; g_b = outer",
    ),
)
def backward(function, task, rng):
    """Check ``backward(x, out, y) -> (g_w, g_b)``."""
    groups = _slope_cases(rng)
    everything = [case for _, group in groups for case in group]

    def answer(case):
        given = call(function, *(np.copy(v) if np.ndim(v) else float(v) for v in case))
        if isinstance(given, np.ndarray) and given.dtype == object:
            given = list(given)
        pair = several(given, ("g_w", "g_b"))
        return [
            numbers(v, np.shape(case[0]), f"{name} of {_sample(case)}")
            for v, name in zip(pair, ("g_w", "g_b"))
        ]

    def known():
        try:
            mine = [_flat(answer(case)) for case in everything]
        except (WrongError, BlankError):
            return None
        return next(
            (Mistake(n, s) for n, f, s in WRONG_SLOPES if _gives(f, everything, mine)), None
        )

    def holds(group):
        for case in group:
            for mine, right, name in zip(answer(case), slopes(*case), ("weight", "bias")):
                if not np.allclose(mine, right, rtol=RTOL, atol=0):
                    raise WrongError(
                        f"with {_sample(case)} the {name}'s slope is {_shown(right)}, "
                        f"yours is {_shown(mine)}.",
                        known(),
                    )

    thinks = (
        "Move w by 0.001 in your head: by how much does the output change, and the loss?",
        "Which sign should the slope have when the output is too small?",
        "What else is in your slope, besides the difference and the input?",
        "Does each sample of the batch get a slope of its own?",
    )
    return grade(
        Part(name, 1, partial(holds, group), think) for (name, group), think in zip(groups, thinks)
    )


def _flat(pair):
    return np.concatenate([np.ravel(v) for v in pair])


def _gives(formula, cases, slopes):
    """Return whether a wrong formula gives these slopes in all cases."""
    pairs = zip(slopes, (_flat(formula(*case)) for case in cases))
    return all(np.allclose(mine, theirs, rtol=RTOL, atol=0) for mine, theirs in pairs)


def _shown(value):
    return short(float(value)) if np.ndim(value) == 0 else short(np.asarray(value))


def _sample(case):
    return "x = {}, out = {}, y = {}".format(*map(_shown, case))


# ---------------------------------------------------------------------------- 6. write freely


def _runs(rng):
    """Return the runs of each part, drawn from ``rng``."""
    x, start = rng.normal(size=27), rng.normal(size=2)
    y = 2 * x - 1 + 0.5 * rng.normal(size=27)
    wild = rng.normal(size=12) * 10.0 ** rng.integers(-3, 2, 12)
    lists = [([1.0, 2.0], [1.0, 0.0]), ([-1.0], [2.0])]
    return {
        "first": [([(np.array([3.0]), np.array([1.0]))], 0.5, 1.0, 0.1, 1)],
        "batch": [(batched(x[:8], y[:8], 4), *start, 0.1, 1)],
        "long": [(batched(x, y, 4), *start, 0.05, 40), (batched(x, y, 1), *start, 0.02, 8)],
        "wild": [(batched(wild, wild - 3, 5), *start, 1e-4, 100)],
        "edges": [(batched(x, y, 4), *start, 0.1, 0), (lists, 0, 1, 0.1, 2)],
    }


class _Trained:
    """The paths of a learner's loop, and what they tell."""

    def __init__(self, loop, runs):
        self.loop, self.runs = loop, runs

    def path(self, run):
        """Return a learner's path, on batches of its own."""
        batches, *rest = run
        own = copy.deepcopy(batches)
        path = numbers(_tidy(call(self.loop, own, *rest)), what="the path")
        if not path.size:
            return path.reshape(0, 2)
        if path.ndim != 2 or path.shape[1] != 2:
            raise WrongError(
                f"the path should have shape (steps + 1, 2), yours has {path.shape}: keep (w, b), "
                "the start first."
            )
        return path

    def compare(self, runs):
        """Raise WrongError where the learner leaves the right path in one of ``runs``."""
        for run in runs:
            try:
                compare(self.path(run), train(*run))
            except WrongError as wrong:
                raise WrongError(wrong.difference, self.mistake) from None

    @cached_property
    def mistake(self):
        try:
            return recognise([self.path(run) for run in self.runs], self.runs)
        except (WrongError, BlankError):  # a loop that breaks has no path to compare
            return None


def _tidy(path):
    """Return the path with arrays of one number as numbers: ``(w, b)`` may hold either."""
    if isinstance(path, list | tuple) and path and not is_blank(path[0]):
        try:
            return [[np.asarray(v).item() for v in place] for place in path]
        except (TypeError, ValueError):
            return path
    return path


@asks(
    "01.train",
    "implement",
    reference=train,
    hints=(
        "It is the program of the shuffled lines. New is only that a batch holds several samples.",
        "For each batch: outputs, slopes of all its samples, their two means, one step.",
        "for each epoch, for x, y in batches: out = w * np.array(x) + b; g_w, g_b = "
        "backward(x, out, y); w = w - lr * np.mean(g_w); the same for b; keep (w, b)",
    ),
)
def training(function, task, rng):
    """Check ``train(batches, w, b, lr, epochs) -> path``."""
    runs = _runs(rng)
    walked = _Trained(function, [run for group in runs.values() for run in group])
    texts = {
        "first": ("one step with one sample", "Which two places does a path of one step hold?"),
        "batch": (
            "two batches of four samples",
            "What does the loss of a batch mean, and what is its slope then?",
        ),
        "long": (
            "hundreds of steps, the last batch smaller",
            "What is computed anew for each batch, and from which weights?",
        ),
        "wild": (
            "inputs from 0.001 to 10",
            "Which of your numbers should not depend on the size of the input?",
        ),
        "edges": (
            "no epochs, and batches given as lists",
            "What should the path hold when there is nothing to do?",
        ),
    }
    parts = [
        Part(texts[key][0], 1, partial(walked.compare, group), texts[key][1])
        for key, group in runs.items()
    ]
    untouched = Part(
        "the batches are left alone",
        1,
        lambda: _batches_are_left_alone(function),
        "Does `x *= ...` make a new array, or change the one that the next epoch needs?",
        manner=True,
    )
    return grade([*parts, untouched])


def _batches_are_left_alone(function):
    batches = [(np.array([1.0, 2.0]), np.array([3.0, -4.0])), (np.array([5.0]), np.array([6.0]))]
    before = [tuple(v.tolist() for v in batch) for batch in batches]
    call(function, batches, 0.5, 0.0, 0.1, 2)
    if [tuple(v.tolist() for v in batch) for batch in batches] != before:
        raise WrongError("after your training the caller's batches hold other numbers.", IN_PLACE)
