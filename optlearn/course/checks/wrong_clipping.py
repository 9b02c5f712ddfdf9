"""The classic mistakes in the norm of several gradients, and in clipping by it."""

import numpy as np

from .clipping import clip, norm


def _each(gradients):
    return [float(np.linalg.norm(g)) for g in gradients]


def _all(gradients):
    return np.concatenate([np.ravel(g) for g in gradients])


_SQUARES = "The length of several arrays is the root of all squares together."

#: (name, sentence, norm)
WRONG_NORMS = (
    ("adds_the_norms", f"The norms are added up. {_SQUARES}", lambda gs: sum(_each(gs))),
    (
        "takes_the_largest_norm",
        f"Only the longest array counts. {_SQUARES}",
        lambda gs: max(_each(gs)),
    ),
    ("averages_the_norms", f"The norms are averaged. {_SQUARES}", lambda gs: np.mean(_each(gs))),
    (
        "takes_the_first",
        "Only the first array counts: add the squares of all.",
        lambda gs: _each(gs)[0],
    ),
    (
        "takes_the_last",
        "Only the last array counts: add the squares of all.",
        lambda gs: _each(gs)[-1],
    ),
    (
        "forgets_the_root",
        "The root is missing: this is the sum of the squares.",
        lambda gs: norm(gs) ** 2,
    ),
    (
        "forgets_the_squares",
        "The norms stand under the root as they are: square them first.",
        lambda gs: np.sqrt(sum(_each(gs))),
    ),
    (
        "adds_the_sizes",
        "The sizes of all entries are added: square them, and take the root.",
        lambda gs: np.sum(np.abs(_all(gs))),
    ),
    (
        "takes_the_largest_entry",
        "This is the largest entry: the length counts all of them.",
        lambda gs: np.max(np.abs(_all(gs))),
    ),
    (
        "averages_the_squares",
        "The squares are averaged, not added: then many weights count like one.",
        lambda gs: np.sqrt(np.mean(_all(gs) ** 2)),
    ),
    (
        "averages_over_arrays",
        "The sum of the squares is divided by the number of arrays.",
        lambda gs: norm(gs) / np.sqrt(len(gs)),
    ),
    (
        "adds_before_squaring",
        "The entries of an array are added before they are squared: they may cancel.",
        lambda gs: np.sqrt(sum(np.sum(g) ** 2 for g in gs)),
    ),
    (
        "adds_all_before_squaring",
        "All entries are added before they are squared: they may cancel.",
        lambda gs: np.abs(np.sum(_all(gs))),
    ),
    (
        "forgets_the_matrices",
        "Arrays with more than one axis are left out.",
        lambda gs: norm([g for g in gs if g.ndim == 1]),
    ),
    ("forgets_the_last", "The last array is left out.", lambda gs: norm(gs[:-1])),
    ("forgets_the_first", "The first array is left out.", lambda gs: norm(gs[1:])),
    (
        "sums_the_entries",
        "The entries are added with their signs: square them, add, and take the root.",
        lambda gs: np.sum(_all(gs)),
    ),
    (
        "halves_the_squares",
        "A half belongs to losses, not to lengths.",
        lambda gs: norm(gs) / np.sqrt(2),
    ),
)


def _scaled(factor):
    """Return the clipping that multiplies all gradients by ``factor(norm, bound)``."""

    def wrong(gradients, max_norm):
        with np.errstate(all="ignore"):
            length = np.float64(norm(gradients))
            return [factor(length, max_norm) * g for g in gradients], length

    return wrong


def _by(measure):
    """Return the clipping that holds another length against the bound."""

    def wrong(gradients, max_norm):
        length = float(measure(gradients))
        factor = max_norm / length if length > max_norm else 1.0
        return [factor * g for g in gradients], length

    return wrong


def _entries(change):
    """Return the clipping that changes each array by itself."""
    return lambda gs, c: ([change(g, c) for g in gs], norm(gs))


def _clip_one(g, c):
    return clip([g], c)[0][0]


def _first_only(gradients, max_norm):
    return [_clip_one(gradients[0], max_norm), *gradients[1:]], norm(gradients)


def _last_stays(gradients, max_norm):
    return [*clip(gradients, max_norm)[0][:-1], gradients[-1]], norm(gradients)


def _norm_after(gradients, max_norm):
    clipped, _ = clip(gradients, max_norm)
    return clipped, norm(clipped)


#: (name, sentence, clipping)
WRONG_CLIPS = (
    (
        "clips_each_array",
        "Each array is clipped by itself: that turns the direction of the whole.",
        _entries(_clip_one),
    ),
    (
        "clips_by_value",
        "Each entry is cut by itself: that turns the direction.",
        _entries(lambda g, c: np.clip(g, -c, c)),
    ),
    (
        "always_scales",
        "Short gradients are made longer: leave them as they are.",
        _scaled(lambda n, c: c / n if n else 1.0),
    ),
    ("divides_zero_by_zero", "A gradient of zeros becomes nan.", _scaled(lambda n, c: c / n)),
    ("never_clips", "The gradient comes back as it was, however long.", _scaled(lambda n, c: 1.0)),
    (
        "takes_the_maximum",
        "It takes the larger of 1 and the fraction: long gradients stay, short ones grow.",
        _scaled(lambda n, c: max(1.0, c / n) if n else 1.0),
    ),
    (
        "turns_it_over",
        "The fraction is upside down: the bound over the norm.",
        _scaled(lambda n, c: n / c if n > c else 1.0),
    ),
    (
        "makes_length_one",
        "A long gradient gets length 1: it should get the length of the bound.",
        _scaled(lambda n, c: 1 / n if n > c else 1.0),
    ),
    (
        "forgets_the_norm",
        "It multiplies by the bound alone: divide by the norm as well.",
        _scaled(lambda n, c: c if n > c else 1.0),
    ),
    (
        "drops_long_gradients",
        "A long gradient is thrown away: shorten it.",
        _scaled(lambda n, c: 0.0 if n > c else 1.0),
    ),
    (
        "subtracts_the_excess",
        "What is too long is subtracted from each entry's factor: divide instead.",
        _scaled(lambda n, c: 1 - (n - c) if n > c else 1.0),
    ),
    (
        "forgets_the_root",
        "The norm lacks its root: it is the sum of squares.",
        _by(lambda gs: norm(gs) ** 2),
    ),
    ("adds_the_norms", "The norms of the arrays are added up.", _by(lambda gs: sum(_each(gs)))),
    (
        "takes_the_largest_norm",
        "Only the longest array is measured.",
        _by(lambda gs: max(_each(gs))),
    ),
    (
        "takes_the_largest_entry",
        "The largest entry is held against the bound, not the norm.",
        _by(lambda gs: np.max(np.abs(_all(gs)))),
    ),
    (
        "averages_the_squares",
        "The squares are averaged, not added.",
        _by(lambda gs: np.sqrt(np.mean(_all(gs) ** 2))),
    ),
    ("measures_the_first", "Only the first array is measured.", _by(lambda gs: _each(gs)[0])),
    ("measures_the_last", "Only the last array is measured.", _by(lambda gs: _each(gs)[-1])),
    ("clips_the_first_only", "Only the first array is clipped.", _first_only),
    ("forgets_the_last", "The last array is not clipped.", _last_stays),
    ("gives_the_norm_after", "The norm is asked for as it was before clipping.", _norm_after),
    (
        "loses_the_signs",
        "The signs are lost.",
        lambda gs, c: ([np.abs(g) for g in clip(gs, c)[0]], norm(gs)),
    ),
    (
        "adds_one_below",
        "1 is added to the norm: against dividing by zero a tiny number is enough.",
        _scaled(lambda n, c: min(1.0, c / (n + 1))),
    ),
)
