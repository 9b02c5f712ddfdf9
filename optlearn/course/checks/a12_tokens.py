"""Assignment 12, questions 1 to 4: rare tokens, from numbers by hand to the gradient of a table."""

from functools import partial

import numpy as np

from .answers import predicted, several
from .engine import Task, asks
from .ordering import ordered, shuffled
from .report import Part, grade
from .tables import WRONG_ERRORS, WRONG_TABLES, Asked, row_error, rows, table_gradient, tables

# ------------------------------------------------------------------------ 1. predict by hand


def _draw_predict(rng):
    rank, batch = int(rng.choice([4, 5, 8, 10])), int(rng.choice([20, 40, 50]))
    first, q = float(rng.choice([0.2, 0.25])), float(rng.choice([0.1, 0.2, 0.3]))
    count, followed = int(rng.integers(5, 9)), int(rng.integers(3, 5))
    filters, side = int(rng.choice([4, 6, 12])), int(rng.choice([3, 5]))
    text = (
        f"Batches of {batch} pairs. Token 1 comes with the frequency {first}\n"
        f"Your rare token has rank {rank}\n"
        f"For the entry: it comes {count} times in a batch, {followed} times followed by token 7, "
        f"and q is {q}\n"
        f"Your layer: {filters} filters of {side} by {side}, over pictures of 8 by 8 with 1 channel"
    )
    numbers = {"count": count, "followed": followed, "filters": filters, "side": side}
    return Task(text, rank=rank, batch=batch, first=first, q=q, **numbers)


def _rights(task):
    return (
        task.batch * task.first / task.rank,
        (task.count * task.q - task.followed) / task.batch,
        task.rank,
        1.0,
        task.filters * (task.side**2 + 1),
    )


def _slips(task):
    """Return, for each of the five, what a mistake makes of it."""
    k, c, d, q, batch = task.rank, task.count, task.followed, task.q, task.batch
    return (
        (
            (task.first / k, "gives-the-frequency", "This is its frequency: how many is that?"),
            (batch / k, "forgets-the-first", "Token 1 does not come in every pair."),
            (batch * task.first, "takes-the-first", "This is how often token 1 comes."),
            (batch * task.first / k**0.5, "takes-the-root", "Zipf's law has 1/k, without a root."),
            (batch * task.first / k**2, "squares-the-rank", "Zipf's law has 1/k, not its square."),
        ),
        (
            ((c * q - d) / c, "forgets-the-frequency", "The mean goes over the whole batch."),
            (c * q - d, "sums", "The loss is a mean: divide by the size of the batch."),
            ((d - c * q) / batch, "turns-the-sign", "It is what the model says, less what came."),
            ((q - d) / batch, "counts-it-once", "The model speaks each time that the token comes."),
            (c * q / batch, "forgets-the-target", "What followed has to be subtracted."),
            ((c * q - 1) / batch, "subtracts-one", "Token 7 followed more than once."),
        ),
        (
            (1.0, "takes-descent-for-adam", "One rate for all: the step goes with the gradient."),
            (1 / k, "turns-it-over", "Asked is how many times as far the frequent one goes."),
            (k**0.5, "takes-the-root", "No root: the gradient itself is p times the error."),
            (k**2, "squares-the-rank", "The frequency enters once."),
        ),
        (
            (k, "takes-adam-for-descent", "Adam divides by the size of the gradient."),
            (1 / k, "expects-longer-rare-steps", "The frequency cancels, no more than that."),
            (k**0.5, "expects-half-the-way", "Without noise it cancels wholly, not by half."),
        ),
        _weight_slips(task.filters, task.side**2),
    )


def _weight_slips(filters, square, pixels=64):
    return (
        (filters * square, "forgets-the-biases", "Each filter has a bias as well."),
        (square + 1, "counts-one-filter", "This is one filter."),
        (filters * square + 1, "shares-the-bias", "Each filter has a bias of its own."),
        (
            filters * (square + 1) * pixels,
            "counts-the-places",
            "The same weights serve at every place: they are counted once.",
        ),
        (
            filters * (pixels + 1),
            "takes-it-for-dense",
            "A filter sees a few pixels at a time, not the whole picture.",
        ),
    )


@asks(
    "12.predict",
    "predict",
    draw=_draw_predict,
    hints=(
        "How often a token comes stands in its gradient. What does each optimizer make of a "
        "gradient that is some times as large? And a filter has the same weights at every place.",
        "Bₖ = B p₁ / k. Entry: (c q − d) / B. A step of descent is η g; Adam's first step is "
        "η g / |g|. A filter of s by s has s² weights and a bias.",
        "batch · first / rank; (count · q − followed) / batch; descent: p₁ / pₖ; Adam: "
        "(p₁ / p₁) / (pₖ / pₖ); filters · (side² + 1)",
    ),
)
def predict(answer, task, rng):
    """Check ``[often, entry, descent, adam, weights]``."""
    answer = several(answer, ("often", "entry", "descent", "adam", "weights"))
    names = ("how often it comes", "the entry", "descent's ratio", "Adam's ratio", "the weights")
    thinks = (
        "What does Zipf's law say of rank k, when rank 1 is known?",
        "How often did the model say q, how often was it right, and over what is the mean?",
        "By what is the gradient of the frequent row larger?",
        "By what does Adam divide, when the gradient has no noise?",
        "How many numbers has one filter, its bias counted?",
    )
    return grade(
        Part(name, 1, lambda g=g, r=r, s=s, n=name: predicted(g, r, list(s), n), think)
        for g, r, s, name, think in zip(answer, _rights(task), _slips(task), names, thinks)
    )


# ------------------------------------------------------------------------ 2. order the lines

LINES = (
    "g = 0 * w",
    "for token, following in zip(x, y):",
    "    e = np.exp(w[token])",
    "    error = e / e.sum()",
    "    error[following] -= 1",
    "    g[token] += error / len(x)",
    "    g[token] = error / len(x)",
    "    error[token] -= 1",
)


@asks(
    "12.order",
    "implement",
    draw=partial(shuffled, LINES),
    hints=(
        "One pair after the other. A token that comes twice must be counted twice. And at which "
        "place does the error know what followed?",
        "zeros → [row of the token → softmax → less 1 at what followed → add its share] → [...]",
        "First g, then `for`; inside: e, the error from e, less 1 at [following], += into g.",
    ),
)
def order(letters, task, rng):
    """Check a list of letters by running the lines in that order."""
    program = ordered(letters, task, makes="g")
    asked = Asked(
        lambda w, x, y: program(w=w, x=x, y=y, np=np), table_gradient, WRONG_TABLES, tables(rng)
    )

    def makes_the_gradient():
        for name in asked.groups:
            asked.agrees(name)

    think = "Read it aloud for a token that comes twice: what is in its row of g by then?"
    return grade([Part("your lines make the gradient", 1, makes_the_gradient, think)])


# ---------------------------------------------------------------------------- 3. fill the blank


@asks(
    "12.error",
    "implement",
    reference=row_error,
    hints=(
        "What the model says, less what came. What the model says sums to 1, and what came is a "
        "row of zeros with a single 1.",
        "q = exp(row) / Σ exp(row). The error is q − P, where P is 1 at what followed.",
        "e = np.exp(row); error = e / ...; error[...] -= 1",
    ),
)
def error(function, task, rng):
    """Check ``row_error(row, following) -> error``."""
    thinks = (
        "What are the three exponentials, and what is their sum?",
        "Which entry is what followed, and what do all entries of the error sum to?",
        "What do all entries of the error sum to?",
    )
    return grade(Asked(function, row_error, WRONG_ERRORS, rows(rng)).parts(thinks))


# ---------------------------------------------------------------------------- 4. write freely


@asks(
    "12.gradient",
    "implement",
    reference=table_gradient,
    hints=(
        "Each pair has an error, and it belongs in the row of its token. What if a token comes "
        "twice, and what if it does not come?",
        "gₖ = 1/B Σ (q − P) over the pairs whose token is k, where B is the number of all pairs.",
        "g = np.zeros_like(w); for token, following in zip(x, y): g[...] += "
        "row_error(w[...], ...) / len(...); return g",
    ),
)
def gradient(function, task, rng):
    """Check ``table_gradient(w, x, y) -> g``."""
    thinks = (
        "Which two rows are meant, and what is the softmax of a row of zeros?",
        "Over what is the mean, and which row stays 0?",
        "What is in the row of a token that has come twice?",
        "Which rows are 0, and what does every other row sum to?",
    )
    return grade(Asked(function, table_gradient, WRONG_TABLES, tables(rng)).parts(thinks))
