"""Training loops around one neuron: the right one, the wrong ones, and how to tell them apart.

All have the signature ``(batches, w, b, lr, epochs) -> path``, where a batch is a pair of arrays,
inputs and right answers, and the path holds ``(w, b)`` at the start and after each step.
"""

from functools import partial

import numpy as np

from .report import Mistake
from .trajectories import deviates, numbers_until


def slopes(x, out, y):
    """Return how the squared error grows with the weight and with the bias."""
    return 2 * (out - y) * x, 2 * (out - y)


def mean_slopes(x, y, w, b, slopes=slopes):
    """Return the gradient of the mean squared error over a batch."""
    x, y = np.asarray(x), np.asarray(y)
    return np.array([np.mean(slope) for slope in slopes(x, w * x + b, y)])


def train(batches, w, b, lr, epochs, gradient=mean_slopes):
    """Return the path of one neuron: a step for each batch, in every epoch."""
    path = [np.array([w, b], dtype=float)]
    for _ in range(epochs):
        for x, y in batches:
            path.append(path[-1] - lr * gradient(x, y, *path[-1]))
    return np.array(path)


# --------------------------------------------------------------------------------- wrong slopes

#: (name, formula of x, out, y, sentence)
WRONG_SLOPES = (
    (
        "forgets_the_two",
        lambda x, out, y: ((out - y) * x, out - y),
        "The slope of a square is twice what is squared: the 2 is missing.",
    ),
    (
        "turns_the_difference",
        lambda x, out, y: (2 * (y - out) * x, 2 * (y - out)),
        "The sign is turned round: with such slopes each step makes the loss grow.",
    ),
    (
        "forgets_the_input",
        lambda x, out, y: (2 * (out - y), 2 * (out - y)),
        "The inner slope is missing: the weight is multiplied by x, so its slope is, too.",
    ),
    (
        "gives_the_bias_the_input",
        lambda x, out, y: (2 * (out - y) * x, 2 * (out - y) * x),
        "The bias is added, not multiplied by x: its inner slope is 1.",
    ),
    (
        "forgets_the_bias",
        lambda x, out, y: (2 * (out - y) * x, 0 * out),
        "The bias gets no slope: it is a parameter, too.",
    ),
    (
        "forgets_the_weight",
        lambda x, out, y: (0 * out, 2 * (out - y)),
        "The weight gets no slope: only the bias learns.",
    ),
    (
        "forgets_the_outer_slope",
        lambda x, out, y: (x + 0 * out, 1 + 0 * out),
        "These are the inner slopes alone: multiply them by the outer one.",
    ),
    (
        "takes_one_for_the_bias",
        lambda x, out, y: (2 * (out - y) * x, 1 + 0 * out),
        "The bias's inner slope is 1, but the outer slope belongs to it, too.",
    ),
    (
        "forgets_the_difference",
        lambda x, out, y: (2 * x + 0 * out, 2 + 0 * out),
        "The difference is missing: an output that is right has slope 0.",
    ),
    (
        "keeps_the_square",
        lambda x, out, y: ((out - y) ** 2 * x, (out - y) ** 2),
        "This is the loss itself times the inner slope, not the loss's slope.",
    ),
    (
        "takes_the_size",
        lambda x, out, y: (2 * abs(out - y) * x, 2 * abs(out - y)),
        "The difference has lost its sign: too small and too large look alike.",
    ),
    (
        "multiplies_by_the_output",
        lambda x, out, y: (2 * (out - y) * out, 2 * (out - y)),
        "The inner slope of the weight is the input x, not the output.",
    ),
    (
        "multiplies_by_the_answer",
        lambda x, out, y: (2 * (out - y) * y, 2 * (out - y)),
        "The inner slope of the weight is the input x, not the right answer.",
    ),
    (
        "exchanges_the_slopes",
        lambda x, out, y: (2 * (out - y), 2 * (out - y) * x),
        "The two slopes are exchanged: the weight's comes first.",
    ),
    (
        "halves_the_bias",
        lambda x, out, y: (2 * (out - y) * x, out - y),
        "The bias's slope lacks the 2: both share the outer slope.",
    ),
    (
        "adds_the_chain",
        lambda x, out, y: (2 * (out - y) + x, 2 * (out - y) + 1),
        "Along a chain slopes are multiplied, not added.",
    ),
)


def slopes_called(name):
    """Return the wrong slopes of this name."""
    return next(formula for known, formula, _ in WRONG_SLOPES if known == name)


# --------------------------------------------------------------------------------- wrong loops


def once_an_epoch(batches, w, b, lr, epochs):
    """Add the slopes of all batches up, and step when the epoch is over."""
    path = [np.array([w, b], dtype=float)]
    for _ in range(epochs):
        g = np.mean([mean_slopes(x, y, *path[-1]) for x, y in batches], axis=0)
        path += [path[-1]] * (len(batches) - 1) + [path[-1] - lr * g]
    return np.array(path)


def _one_point_an_epoch(batches, *args):
    return once_an_epoch(batches, *args)[:: len(batches)]


def pile_up(batches, w, b, lr, epochs):
    """Add each new gradient to all those before it."""
    total = np.zeros(2)

    def piled(x, y, w, b):
        nonlocal total
        total = total + mean_slopes(x, y, w, b)
        return total

    return train(batches, w, b, lr, epochs, piled)


def _slopes_of_the_epoch(batches, w, b, lr, epochs):
    path = np.array([[w, b]], dtype=float)
    for _ in range(epochs):
        now = path[-1]
        epoch = train(batches, *now, lr, 1, lambda x, y, w, b, now=now: mean_slopes(x, y, *now))
        path = np.concatenate([path, epoch[1:]])
    return path


def _one_after_the_other(batches, w, b, lr, epochs):
    def gradient(x, y, w, b):
        g_w, _ = mean_slopes(x, y, w, b)
        return np.array([g_w, mean_slopes(x, y, w - lr * g_w, b)[1]])

    return train(batches, w, b, lr, epochs, gradient)


def _by_the_first_size(batches, w, b, lr, epochs):
    size = len(batches[0][0])
    return train(
        batches, w, b, lr, epochs, lambda x, y, w, b: mean_slopes(x, y, w, b) * len(x) / size
    )


def _keeps_one_list(batches, *args):
    path = train(batches, *args)
    return np.repeat(path[-1:], len(path), axis=0)


def _keeps_the_start_twice(batches, *args):
    path = train(batches, *args)
    return np.concatenate([path[:1], path[:-1]]) if len(path) > 1 else path


def _epochs(change):
    def loop(batches, w, b, lr, epochs):
        return train(batches, w, b, lr, max(epochs + change(epochs), 0))

    return loop


def _gradient(gradient):
    return lambda *args: train(*args, gradient)


#: name -> (sentence, loop)
WRONG_LOOPS = {
    "steps_once_an_epoch": (
        "It steps once an epoch: the weights change after each batch.",
        _one_point_an_epoch,
    ),
    "waits_for_the_epoch": (
        "The weights wait for the end of the epoch: step after each batch.",
        once_an_epoch,
    ),
    "slopes_of_the_epochs_start": (
        "All batches of an epoch get the weights that it began with: use those of now.",
        _slopes_of_the_epoch,
    ),
    "sums_the_batch": (
        "The slopes of a batch are added up: take their mean.",
        _gradient(lambda x, y, w, b: mean_slopes(x, y, w, b) * len(x)),
    ),
    "uses_the_last_sample": (
        "Only the last sample of each batch counts: take the mean over all of them.",
        _gradient(lambda x, y, w, b: mean_slopes(x[-1:], y[-1:], w, b)),
    ),
    "uses_the_first_sample": (
        "Only the first sample of each batch counts: take the mean over all of them.",
        _gradient(lambda x, y, w, b: mean_slopes(x[:1], y[:1], w, b)),
    ),
    "divides_by_the_first_size": (
        "The last batch is smaller: divide by its own number of samples.",
        _by_the_first_size,
    ),
    "piles_slopes_up": (
        "The slopes of earlier batches are still in the sum: begin each batch afresh.",
        pile_up,
    ),
    "steps_one_after_the_other": (
        "The bias's slope is taken with the new weight: find both slopes first, then step.",
        _one_after_the_other,
    ),
    "forgets_lr": (
        "The learning rate is forgotten.",
        lambda batches, w, b, lr, epochs: train(batches, w, b, 1.0, epochs),
    ),
    "means_before_slopes": (
        "The batch is averaged before the slope is taken: average the slopes.",
        _gradient(lambda x, y, w, b: mean_slopes(np.mean(x), np.mean(y), w, b)),
    ),
    "forgets_the_start": ("The path does not hold the start.", lambda *a: train(*a)[1:]),
    "forgets_the_end": ("The path does not hold the last step.", lambda *a: train(*a)[:-1]),
    "keeps_the_start_twice": (
        "The place is kept before the step: the start shows up twice and the end is lost.",
        _keeps_the_start_twice,
    ),
    "keeps_one_list": (
        "All entries of the path are one and the same list, changed in place.",
        _keeps_one_list,
    ),
    "keeps_the_end_alone": ("Only the end is kept: keep every place.", lambda *a: train(*a)[-1:]),
    "keeps_the_start_alone": (
        "Only the start is kept: keep the place after each step, too.",
        lambda *args: train(*args)[:1],
    ),
    "trains_one_epoch": (
        "It makes one pass, whatever number of epochs is asked for.",
        _epochs(lambda epochs: 1 - epochs),
    ),
    "trains_one_epoch_more": ("It makes one epoch too many.", _epochs(lambda epochs: 1)),
    "trains_one_epoch_less": ("It makes one epoch too few.", _epochs(lambda epochs: -1)),
}


def mistakes():
    """Return ``(mistake, loop)`` of all wrong loops, those around wrong slopes included."""
    around = [
        (Mistake(name, sentence), _gradient(partial(mean_slopes, slopes=formula)))
        for name, formula, sentence in WRONG_SLOPES
    ]
    return [(Mistake(n, sentence), loop) for n, (sentence, loop) in WRONG_LOOPS.items()] + around


def recognise(paths, runs):
    """Return the known mistake that takes these paths in all runs, or None.

    A path is followed while it holds numbers, which has to be for a step at least.
    """
    kept = [path[: numbers_until(path)] if np.isnan(path).any() else path for path in paths]
    if any(mine is not whole and len(mine) < 2 for mine, whole in zip(kept, paths)):
        return None
    for mistake, loop in mistakes():
        pairs = zip(kept, paths, (loop(*run) for run in runs))
        if all(
            deviates(mine, theirs if mine is whole else theirs[: len(mine)]) is None
            for mine, whole, theirs in pairs
        ):
            return mistake
    return None
