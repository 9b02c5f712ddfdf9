"""Range tests as learners write them: the right one, and the wrong ones."""

import numpy as np


def range_test(loss, gradient, start, low, high, steps, stop, grid=None, move=None, keeps=None,
               lost=None, advise=None):  # fmt: skip
    """Return the rates, the loss before each step, and a tenth of the rate with the lowest.

    The other arguments replace a piece by a mistake.

    Parameters
    ----------
    grid : callable, optional
        ``(low, high, steps) -> rates``.
    move : callable, optional
        ``(w, g, lr, start) -> w``.
    keeps : callable, optional
        ``(before, after) -> loss`` that is kept, given the loss before and after the step.
    lost : callable, optional
        ``(loss, losses so far, stop) -> bool``.
    advise : callable, optional
        ``(rates, losses) -> rate``.
    """
    lrs, losses = (grid or np.geomspace)(low, high, steps), []
    w = np.array(start, dtype=float)
    for lr in lrs:
        value = loss(w)
        after = (move or _step)(w, gradient(w), lr, start)
        value = keeps(value, loss(after)) if keeps else value
        if (lost or _lost)(value, losses, stop):
            break
        losses.append(value)
        w = after
    lrs = lrs[: len(losses)]
    return lrs, np.array(losses), (advise or _tenth)(lrs, np.array(losses))


def _step(w, g, lr, start):
    return w - lr * g


def _lost(value, losses, stop):
    return not np.isfinite(value) or value > stop * min(losses, default=np.inf)


def _tenth(lrs, losses):
    return lrs[np.argmin(losses)] / 10


#: name -> (sentence, what is replaced)
WRONG_TESTS = {
    "adds_instead": (
        "The rates grow by the same amount, not by the same factor.",
        {"grid": np.linspace},
    ),
    "counts_the_fences": (
        "The last rate falls short of `high`: n rates have n − 1 gaps between them.",
        {"grid": lambda low, high, n: low * (high / low) ** (np.arange(n) / n)},
    ),
    "skips_the_first_rate": (
        "The first rate should be `low` itself.",
        {"grid": lambda low, high, n: low * (high / low) ** (np.arange(1, n + 1) / n)},
    ),
    "goes_down": (
        "It begins with the highest rate.",
        {"grid": lambda a, b, n: np.geomspace(b, a, n)},
    ),
    "keeps_the_rate": ("The rate does not grow.", {"grid": lambda low, high, n: np.full(n, low)}),
    "starts_anew": (
        "Each step starts at `start` again: it should go on from where it stands.",
        {"move": lambda w, g, lr, start: np.array(start, dtype=float) - lr * g},
    ),
    "stands_still": ("The weights never change.", {"move": lambda w, g, lr, start: w}),
    "climbs": ("It climbs: the step is subtracted.", {"move": lambda w, g, lr, start: w + lr * g}),
    "keeps_the_loss_after": (
        "The loss is taken after the step: it belongs to the weights before it.",
        {"keeps": lambda before, after: after},
    ),
    "never_ends": ("It goes on when the loss is lost.", {"lost": lambda *a: False}),
    "ends_at_the_first_rise": (
        "It ends as soon as the loss rises: some rise is allowed, up to `stop` times the lowest.",
        {"lost": lambda v, losses, stop: not np.isfinite(v) or v > min(losses, default=np.inf)},
    ),
    "compares_with_the_first": (
        "Each loss is compared with the first one, not with the lowest.",
        {"lost": lambda v, losses, s: not np.isfinite(v) or v > s * (losses or [np.inf])[0]},
    ),
    "compares_with_the_last": (
        "Each loss is compared with the one before it, not with the lowest.",
        {"lost": lambda v, losses, s: not np.isfinite(v) or v > s * (losses or [np.inf])[-1]},
    ),
    "forgets_nan": (
        "A loss that is no number is kept: nan > anything is false, so ask np.isfinite.",
        {"lost": lambda v, losses, stop: v > stop * min(losses, default=np.inf)},
    ),
    "fixes_the_limit": (
        "The limit is 4 whatever `stop` says.",
        {"lost": lambda v, losses, stop: _lost(v, losses, 4.0)},
    ),
    "advises_the_lowest": (
        "The advice is the rate with the lowest loss itself: take a tenth of it.",
        {"advise": lambda lrs, losses: lrs[np.argmin(losses)]},
    ),
    "advises_a_tenth_of_the_last": (
        "The advice is a tenth of the last rate, not of the one with the lowest loss.",
        {"advise": lambda lrs, losses: lrs[-1] / 10},
    ),
    "advises_the_loss": (
        "The advice is a loss: look up the rate that stands at the same place.",
        {"advise": lambda lrs, losses: losses.min() / 10},
    ),
    "advises_the_place": (
        "The advice is a place in the list: look up the rate that stands there.",
        {"advise": lambda lrs, losses: float(np.argmin(losses))},
    ),
    "advises_the_steepest": (
        "The advice is where the loss falls fastest: that is the other rule of thumb.",
        {"advise": lambda lrs, losses: lrs[np.argmin(np.diff(losses, append=losses[-1]))]},
    ),
}
