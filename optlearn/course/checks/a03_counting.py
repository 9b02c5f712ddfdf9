"""Assignment 03, question 1: count steps and epochs by hand."""

from math import ceil

import numpy as np

from .answers import predicted
from .engine import Task, asks
from .report import Part, WrongError, grade


def _draw_predict(rng):
    while True:
        size, n = int(rng.choice([16, 24, 32, 48])), int(rng.integers(200, 500))
        epochs, steps = int(rng.integers(4, 9)), int(rng.integers(100, 300))
        whole, rest = divmod(n, size)
        # Every slip has to lead to a number of its own.
        apart = 0.15 < steps / whole % 1 < 0.7 and ceil(steps / whole) != ceil(steps / (whole + 1))
        runs_over = epochs * rest > size and epochs * rest / size % 1 > 0.2
        if rest and 2 * rest != size and runs_over and apart:
            break
    text = (
        f"Your examples: {n}\nYour batch size: {size}\nYour epochs, for the third number: {epochs}"
        f"\nYour steps, for the fourth number: {steps}"
    )
    return Task(text, n=n, size=size, epochs=epochs, steps=steps)


_FRACTION = "keeps-the-fraction", "There is no part of a step: a batch is read or it is not."
_KEPT = "keeps-the-last-batch", "With drop_last=True the smaller batch is no step."
_TOGETHER = (
    "lets-epochs-run-together",
    "What is left over does not wait for the next epoch: each epoch drops its own.",
)


def _one_epoch(n, size):
    """Return ``(name, right, slips, think)`` of the two numbers about one epoch."""
    whole, rest = divmod(n, size)
    steps = [
        (whole, "drops-the-last-batch", "The smaller batch at the end is a step as well."),
        (n / size, *_FRACTION),
        (n, "counts-examples", "These are the examples; a step reads a batch of them."),
        (1, "one-step-an-epoch", "One step an epoch is full-batch gradient descent."),
    ]
    last = [
        (size, "takes-the-last-for-full", "The last batch holds only what is left."),
        (size - rest, "counts-what-is-missing", "So many are missing to a full batch."),
        (n / size - whole, *_FRACTION),
    ]
    first = "How often can you take a full batch, and what happens to the rest?"
    second = "How many examples have the full batches read before it?"
    return (
        ("the steps of one epoch", whole + 1, steps, first),
        ("the size of the last batch", rest, last, second),
    )


def _many_epochs(n, size, epochs, steps):
    """Return the same of the two numbers with drop_last."""
    whole = n // size
    made = [
        (epochs * (whole + 1), *_KEPT),
        (whole, "forgets-the-epochs", "This is one epoch: each epoch goes over them anew."),
        (epochs * n // size, *_TOGETHER),
        (epochs * n / size, *_FRACTION),
    ]
    begun = [
        (steps / whole, *_FRACTION),
        (steps // whole, "stops-too-early", "After these epochs some steps are missing."),
        (ceil(steps / (whole + 1)), *_KEPT),
        (ceil(steps * size / n), *_TOGETHER),
        (steps, "one-step-an-epoch", "An epoch has more than one step."),
    ]
    last = "Is the last epoch that you need a whole one?"
    return (
        ("the steps with drop_last", epochs * whole, made, "How many steps has one epoch now?"),
        ("the epochs that begin", ceil(steps / whole), begun, last),
    )


@asks(
    "03.predict",
    "predict",
    draw=_draw_predict,
    hints=(
        "An epoch reads each example once. Cut the examples into batches and see what is left.",
        "Full batches: n // size. Left over: n % size. Without drop_last the rest is a step too.",
        "n // size + 1, then n % size, then epochs * (n // size), then steps / (n // size), "
        "rounded up.",
    ),
)
def predict(answer, task, rng):
    """Check ``[steps_in_an_epoch, last_batch, steps_dropped, epochs_needed]``."""
    if not isinstance(answer, list | tuple | np.ndarray) or len(answer) != 4:
        raise WrongError(
            "four numbers are expected: [steps_in_an_epoch, last_batch, steps_dropped, "
            "epochs_needed]."
        )
    one = _one_epoch(task.n, task.size)
    many = _many_epochs(task.n, task.size, task.epochs, task.steps)
    return grade(
        Part(name, 1, lambda g=g, r=right, s=slips, n=name: predicted(g, r, s, n), think)
        for g, (name, right, slips, think) in zip(answer, (*one, *many))
    )
