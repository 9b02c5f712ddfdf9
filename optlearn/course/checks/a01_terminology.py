"""Assignment 01, questions 1 and 2: count a training run, and take one neuron through a step."""

import math

from .answers import predicted, several
from .engine import Task, asks
from .report import Part, grade

# ------------------------------------------------------------------------ 1. count the updates


def _draw_count(rng):
    size, epochs = int(rng.choice([16, 24, 32, 48])), int(rng.integers(3, 8))
    samples = size * int(rng.integers(4, 10)) + int(rng.integers(size // 4, size - 3))
    text = f"Your run: {samples} samples, batches of {size}, {epochs} epochs"
    return Task(text, samples=samples, batch_size=size, epochs=epochs)


_SENTENCES = {
    "forgets-the-last-batch": "The samples that are left over make a small batch of their own.",
    "keeps-the-fraction": "A batch is handed out or not: the number is a whole one.",
    "keeps-the-last-batch": "Without the small last batch the number is rounded down.",
    "gives-the-batch-size": "This is the batch size: how many samples, not how many batches.",
    "gives-the-samples": "This is the number of samples: a step uses a whole batch of them.",
    "steps-once-an-epoch": "The weights change once for each batch, not once for each epoch.",
    "counts-one-epoch": "This is the number of one epoch.",
    "counts-all-epochs": "This is the number of all epochs together.",
    "steps-at-each-sample": "A step uses a whole batch, not one sample.",
    "fills-all-batches": "The samples are not a multiple of the batch size: the last is smaller.",
    "counts-what-is-missing": "This is what the last batch lacks, not what it holds.",
    "lets-batches-span-epochs": "A batch ends with its epoch: round first, then multiply.",
    "drops-one-batch-in-all": "The small batch is dropped in every epoch, not once.",
}


def _named(*slips):
    return [(value, name, _SENTENCES[name]) for value, name in slips]


def _epoch_slips(n, size, epochs):
    """Return the mistakes around one epoch: of its steps, and of its last batch."""
    up, down, left = math.ceil(n / size), n // size, n % size
    return (
        _named(
            (down, "forgets-the-last-batch"),
            (n / size, "keeps-the-fraction"),
            (epochs * up, "counts-all-epochs"),
            (size, "gives-the-batch-size"),
            (n, "steps-at-each-sample"),
            (1, "steps-once-an-epoch"),
        ),
        _named(
            (size, "fills-all-batches"),
            (size - left, "counts-what-is-missing"),
            (n / size - down, "keeps-the-fraction"),
        ),
    )


def _run_slips(n, size, epochs):
    """Return the mistakes around the whole run: with its small batches, and without."""
    up, down = math.ceil(n / size), n // size
    return (
        _named(
            (epochs, "steps-once-an-epoch"),
            (epochs * down, "forgets-the-last-batch"),
            (math.ceil(epochs * n / size), "lets-batches-span-epochs"),
            (epochs * n / size, "keeps-the-fraction"),
            (up, "counts-one-epoch"),
            (epochs * n, "steps-at-each-sample"),
            (n, "gives-the-samples"),
        ),
        _named(
            (epochs * up, "keeps-the-last-batch"),
            (epochs * up - 1, "drops-one-batch-in-all"),
            (down, "counts-one-epoch"),
            (epochs, "steps-once-an-epoch"),
            (epochs * n / size, "keeps-the-fraction"),
            (epochs * n // size, "lets-batches-span-epochs"),
        ),
    )


#: (what is asked for, a question to think about)
_COUNTS = (
    ("the steps in one epoch", "How many boxes does the loader fill, the last one included?"),
    ("the size of the last batch", "How many samples are left when the full batches are gone?"),
    (
        "the steps of the whole run",
        "How often do the weights change in one epoch, and how many epochs are there?",
    ),
    (
        "the steps without the small batches",
        "How many small batches does the run have, and what happens to each?",
    ),
)


@asks(
    "01.count",
    "predict",
    draw=_draw_count,
    hints=(
        "Fill boxes in your head. The last box of each epoch takes what is left.",
        "One epoch takes ⌈N / B⌉ steps: rounded up. The last batch holds what N leaves over when "
        "you divide it by B.",
        "steps = math.ceil(N / B); last = N % B; all = E * steps; dropped = E * (N // B)",
    ),
)
def count(answer, task, rng):
    """Check ``[steps_per_epoch, last_batch, all_steps, steps_when_dropped]``."""
    names = ("steps_per_epoch", "last_batch", "all_steps", "steps_when_dropped")
    n, size, epochs = task.samples, task.batch_size, task.epochs
    steps, least = math.ceil(n / size), n // size
    rights = steps, n % size, epochs * steps, epochs * least
    slips = (*_epoch_slips(n, size, epochs), *_run_slips(n, size, epochs))
    return _graded(several(answer, names), rights, slips, _COUNTS)


def _graded(answer, rights, slips, asked):
    return grade(
        Part(name, 1, lambda g=g, r=r, s=s, n=name: predicted(g, r, s, n), think)
        for g, r, s, (name, think) in zip(answer, rights, slips, asked)
    )


# ---------------------------------------------------------------------- 2. one neuron by hand


def _draw_neuron(rng):
    w, b = float(rng.choice([-1.5, 0.5, 1.5, 2.5])), float(rng.choice([-2.0, -1.0, 3.0, 4.0]))
    x, lr = int(rng.choice([-3, -2, 2, 3, 4])), float(rng.choice([0.01, 0.05, 0.1]))
    y = w * x + b + float(rng.choice([-4, -3, 3, 4]))
    text = (
        f"Your neuron: w = {w:g}, b = {b:g}\nYour sample: x = {x}, right answer y = {y:g}\n"
        f"Your learning rate: {lr}"
    )
    return Task(text, w=w, b=b, x=x, y=y, lr=lr)


def _step_slips(old, slope, lr, diff):
    """Return what a step becomes by mistake."""
    return [
        (old + lr * slope, "climbs", "It climbs: the step is added instead of subtracted."),
        (old - slope, "forgets-lr", "The learning rate is forgotten."),
        (old - lr * slope / 2, "forgets-the-two", "The slope of a square has a 2 in front."),
        (-lr * slope, "returns-the-step", "This is the step alone: add it to the old value."),
        (lr * slope, "returns-the-step", "This is the step alone: subtract it."),
        (old - lr * diff**2, "subtracts-the-loss", "The step follows the slope, not the loss."),
        (old, "stands-still", "Nothing moved: this is the value before the step."),
    ]


def _forward_slips(w, b, x, y):
    """Return the mistakes around the output, and around the loss."""
    out, diff = w * x + b, w * x + b - y
    return (
        [
            (w * x, "forgets-the-bias", "The bias is missing: it is added at the end."),
            (w + x + b, "adds-the-input", "The weight multiplies the input."),
            ((w + b) * x, "scales-the-bias", "The bias is added, x does not scale it."),
            (y, "gives-the-answer", "This is the right answer, not what the neuron says."),
            (out - y, "gives-the-difference", "This is the difference to the right answer."),
        ],
        [
            (diff, "forgets-the-square", "This is the difference: the loss is its square."),
            (-diff, "forgets-the-square", "This is the difference: the loss is its square."),
            (-(diff**2), "loses-the-sign", "A square is never below 0."),
            (diff**2 / 2, "halves-the-loss", "The loss of this course has no 1/2 in front."),
            (2 * diff, "gives-the-slope", "This is the outer slope, not the loss."),
        ],
    )


def _slope_slips(w, x, diff):
    return [
        (2 * diff, "forgets-the-input", "The inner slope is missing: multiply by x."),
        (diff * x, "forgets-the-two", "The slope of a square has a 2 in front."),
        (-2 * diff * x, "turns-the-difference", "It is output minus answer, in this order."),
        (diff**2 * x, "keeps-the-square", "The slope of a square is twice its inside."),
        (2 * diff * w, "takes-the-weight", "The inner slope of w · x by w is x, not w."),
    ]


#: (what is asked for, a question to think about)
_NUMBERS = (
    ("the output", "What does the neuron do with its input before it adds the bias?"),
    ("the loss", "How far is the output from the right answer, and what is done with that?"),
    (
        "the weight's slope",
        "If w grows by a little, by how much does the output grow? And then the loss?",
    ),
    ("the new weight", "Which way does the loss fall, and how much of the slope do you go?"),
    ("the new bias", "If b grows by a little, by how much does the output grow?"),
)


@asks(
    "01.neuron",
    "predict",
    draw=_draw_neuron,
    hints=(
        "Forwards first: output, then loss. Then backwards: outer slope times inner slope.",
        "out = w x + b, loss = (out − y)². The slopes are 2 (out − y) · x and 2 (out − y) · 1. "
        "A step subtracts the learning rate times the slope.",
        "out = w*x + b; d = out - y; loss = d*d; slope = 2*d*x; w - lr*2*d*x; b - lr*2*d",
    ),
)
def neuron(answer, task, rng):
    """Check ``[out, loss, slope, new_w, new_b]``."""
    names = ("out", "loss", "slope", "new_w", "new_b")
    w, b, x, y, lr = task.w, task.b, task.x, task.y, task.lr
    diff = w * x + b - y
    g_w, g_b = 2 * diff * x, 2 * diff
    no_input = (w - lr * g_b, "forgets-the-input", "The weight's slope has the input in it.")
    too_much = (b - lr * g_w, "gives-the-bias-the-input", "The bias's inner slope is 1, not x.")
    slips = (
        *_forward_slips(w, b, x, y),
        _slope_slips(w, x, diff),
        [*_step_slips(w, g_w, lr, diff), no_input],
        [too_much, *_step_slips(b, g_b, lr, diff)],
    )
    rights = w * x + b, diff**2, g_w, w - lr * g_w, b - lr * g_b
    return _graded(several(answer, names), rights, slips, _NUMBERS)
