"""Assignment 03, questions 2 to 4: batches, from shuffled lines to a loop of your own."""

from functools import partial

import numpy as np

from .batches import fits_sizes, reads_once, shuffles
from .engine import asks
from .epochs import descend, jobs, steps_against
from .ordering import ordered, shuffled
from .probe import call, numbers, short
from .report import IN_PLACE, Mistake, Part, WrongError, grade

# ------------------------------------------------------------------------ 2. order the lines

LINES = (
    "w = start",
    "path = [w]",
    "order = rng.permutation(n)",
    "for epoch in range(epochs):",
    "    order = rng.permutation(n)",
    "    for first in range(0, n, size):",
    "        batch = order[first : first + size]",
    "        batch = order[:size]",
    "        w = w - lr * gradient(w, batch)",
    "        path.append(w)",
)


@asks(
    "03.order",
    "implement",
    draw=partial(shuffled, LINES),
    hints=(
        "There are two loops. What happens once, what once an epoch, what once a batch?",
        "start → epoch: [shuffle → batch: [cut → step → keep] → batch: [...]] → epoch: ...",
        "First w, then the path; the outer `for`; the indented shuffle; the inner `for`; then "
        "first : first + size, the step, append.",
    ),
)
def order(letters, task, rng):
    """Check a list of letters by running the lines in that order."""
    program = ordered(letters, task)

    def loop(gradient, start, lr, n, size, epochs, drop_last, rng):
        start = np.array(start)
        return program(
            gradient=gradient, start=start, lr=lr, n=n, size=size, epochs=epochs, rng=rng
        )

    drawn = jobs(rng)

    def runs():
        walks = [job.by(loop) for job in (*drawn["even"], drawn["kept"][0])]
        for walk in walks:
            fits_sizes(walk)
        reads_once(walks)
        shuffles(loop, walks[:2])
        steps_against(walks)

    think = "Read it aloud: what is done once, what in every epoch, and what in every batch?"
    return grade([Part("your lines train on batches", 1, runs, think)])


# ---------------------------------------------------------------------------- 3. fill the blank


def _mean_cases(rng):
    """Return ``(gradients of the examples, batch)`` for each part."""
    by_hand = np.array([[1.0, 2.0], [3.0, -4.0], [5.0, 0.0], [-2.0, 7.0]])
    flat, matrix = rng.normal(size=(50, 5)), rng.normal(size=(30, 3, 2))
    large = flat * 10.0 ** rng.integers(-6, 7, (50, 5))
    batches = [rng.permutation(50)[:size] for size in (2, 7, 49)]
    return {
        "a batch of two, by hand": [(by_hand, [1, 3])],
        "batches of other sizes": [
            *((each, batch) for each in (flat, large) for batch in batches),
            (flat, batches[1].tolist()),
        ],
        "a batch of one example": [(flat, [int(rng.integers(5, 50))])],
        "a matrix of weights": [(matrix, rng.permutation(30)[:8])],
    }


@asks(
    "03.mean",
    "implement",
    reference=lambda each, batch: each[np.asarray(batch)].mean(axis=0),
    hints=(
        "Pick the rows of the examples in the batch, then take their mean, weight by weight.",
        "g = 1/B Σ gᵢ over the examples i in the batch, where B is their number.",
        "`each[batch]` picks rows; `.mean(axis=...)` goes over the examples: which axis is that?",
    ),
)
def mean(function, task, rng):
    """Check ``mean_gradient(each, batch) -> g``."""
    drawn = _mean_cases(rng)
    everything = [case for group in drawn.values() for case in group]
    thinks = (
        "Which two rows are meant, and what is the mean of each column?",
        "By how many examples do you divide, and do you read only those of the batch?",
        "What is the mean of one gradient?",
        "Over which axis do the examples lie, and which numbers must stay apart?",
    )
    parts = [
        Part(name, 1, lambda group=group: _means_agree(function, group, everything), think)
        for (name, group), think in zip(drawn.items(), thinks)
    ]
    return grade(
        [*parts, _manner("the array you were given is left alone", _each_is_left, function)]
    )


def _means_agree(function, group, everything):
    for each, batch in group:
        want = each[np.asarray(batch)].mean(axis=0)
        got = numbers(call(function, each.copy(), batch), what="the gradient")
        if got.shape != want.shape or not _same(got, want):
            raise WrongError(
                f"for a batch of {len(batch)} you have {short(got.ravel())}, expected "
                f"{short(want.ravel())}.",
                _known_mean(function, everything),
            )


def _same(got, want):
    return got.shape == np.shape(want) and np.allclose(got, want, rtol=1e-9, atol=1e-12)


def _known_mean(function, everything):
    try:
        mine = [numbers(call(function, each.copy(), batch)) for each, batch in everything]
    except Exception:  # a function that breaks on one of them has no numbers to compare
        return None
    for name, (sentence, wrong) in WRONG_MEANS.items():
        pairs = zip(mine, everything)
        if all(_same(got, wrong(each, np.asarray(batch))) for got, (each, batch) in pairs):
            return Mistake(name, sentence)
    return None


#: name -> (sentence, function of all gradients and the batch)
WRONG_MEANS = {
    "sums": ("It sums: divide by the size of the batch.", lambda e, b: e[b].sum(axis=0)),
    "divides_by_all": (
        "It divides by all examples instead of those of the batch.",
        lambda e, b: e[b].sum(axis=0) / len(e),
    ),
    "reads_all": ("It reads all examples, not the batch alone.", lambda e, b: e.mean(axis=0)),
    "reads_the_first": (
        "It reads the first rows instead of the rows that the batch names.",
        lambda e, b: e[: len(b)].mean(axis=0),
    ),
    "reads_one": ("Only one example of the batch is read.", lambda e, b: e[b[0]]),
    "reads_the_last": ("Only the last example of the batch is left.", lambda e, b: e[b[-1]]),
    "mixes_the_weights": (
        "One number for all weights: each weight needs a mean of its own.",
        lambda e, b: np.array(e[b].mean()),
    ),
    "takes_the_median": ("This is the median, not the mean.", lambda e, b: np.median(e[b], axis=0)),
    "divides_by_the_root": (
        "It divides by the root of the size: that is how the noise falls, not the mean.",
        lambda e, b: e[b].sum(axis=0) / np.sqrt(len(b)),
    ),
    "climbs": ("The sign is turned over: the step will subtract it.", lambda e, b: -e[b].mean(0)),
    "drops_the_sign": ("The signs are lost: slopes may cancel.", lambda e, b: abs(e[b]).mean(0)),
    "keeps_the_rows": ("One row an example is left: take their mean.", lambda e, b: e[b]),
}


def _each_is_left(function):
    each = np.array([[1.0, 2.0], [3.0, -4.0]])
    call(function, each, [0, 1])
    if each.tolist() != [[1, 2], [3, -4]]:
        raise WrongError(f"after your line `each` is {short(each.ravel())}.", IN_PLACE)


def _manner(name, test, function):
    think = "If the array is the caller's own, what do `+=` and `-=` do to it?"
    return Part(name, 1, lambda: test(function), think, manner=True)


# ---------------------------------------------------------------------------- 4. write freely


@asks(
    "03.loop",
    "implement",
    reference=descend,
    hints=(
        "It is the program of the shuffled lines, with one question more: is this batch full?",
        "For each epoch a new order; for each batch of it w ← w − η g. Skip a batch that is "
        "smaller than `size` where `drop_last` is true.",
        "for first in range(0, n, size): batch = order[first : first + size]; if drop_last and "
        "len(batch) < size: break; w = ...; path.append(w)",
    ),
)
def loop(function, task, rng):
    """Check ``minibatch_sgd(gradient, start, lr, n, size, epochs, drop_last, rng) -> path``."""
    drawn = jobs(rng)

    def walks(*groups):
        return [job.by(function) for group in groups for job in drawn[group]]

    def sized(group):
        for walk in walks(group):
            fits_sizes(walk)

    tests = (
        (
            "each step goes against the gradient of its batch, and is kept",
            lambda: steps_against(walks("even", "kept", "dropped")),
            "Which points does the path of two batches hold, and where is each gradient taken?",
        ),
        (
            "the last batch holds what is left",
            lambda: sized("kept"),
            "How many examples has each batch, if 10 are cut into batches of 4?",
        ),
        (
            "drop_last leaves out a smaller batch, and no other",
            lambda: sized("dropped"),
            "When is the last batch too small, and when is it full?",
        ),
        (
            "an epoch reads each example once",
            lambda: reads_once(walks("even")),
            "How often is one and the same example read in an epoch?",
        ),
        (
            "each epoch has a new order, drawn from rng",
            lambda: shuffles(function, walks("even")),
            "Where in your loops is the order drawn, and from what?",
        ),
    )
    parts = [Part(name, 1, test, think) for name, test, think in tests]
    return grade([*parts, _manner("your start is left alone", _start_is_left, function)])


def _start_is_left(function):
    start, rng = np.array([2.0, -1.0]), np.random.default_rng(0)
    call(function, lambda w, batch: np.array([1.0, 4.0]), start, 0.1, 4, 2, 2, False, rng)
    if start.tolist() != [2.0, -1.0]:
        raise WrongError(f"after your loop the caller's start is {short(start)}.", IN_PLACE)
