"""The gradient of a table of logits as learners write it: the right one, and the wrong ones.

A row holds the logits of what follows its token. The loss is the mean cross-entropy over pairs.
"""

from functools import partial

import numpy as np

from .probe import call, numbers, short
from .report import IN_PLACE, Mistake, Part, WrongError


def row_error(row, following):
    """Return the softmax of a row, less 1 at what followed."""
    e = np.exp(row - np.max(row))
    q = e / e.sum()
    q[following] -= 1
    return q


def table_gradient(w, x, y):
    """Return the gradient of the mean cross-entropy over the pairs, shape ``(V, V)``."""
    g = np.zeros_like(w)
    for token, following in zip(x, y):
        g[token] += row_error(w[token], following) / len(x)
    return g


class Asked:
    """A function that a learner wrote, beside the right one, over groups of cases."""

    def __init__(self, function, right, wrong, groups):
        self.function, self.right, self.wrong, self.groups = function, right, wrong, groups

    def parts(self, thinks):
        """Return a part for each group of cases, and one for leaving the arguments alone."""
        made = [
            Part(name, 1, partial(self.agrees, name), think)
            for name, think in zip(self.groups, thinks, strict=True)
        ]
        think = "If an array is the caller's own, what do `+=` and `-=` do to it?"
        return [*made, Part("your arguments are left alone", 1, self.leaves, think, manner=True)]

    def ask(self, case):
        got = numbers(call(self.function, *(np.copy(each) for each in case)))
        return numbers(got, np.shape(case[0]), "the result")

    def agrees(self, name):
        for case in self.groups[name]:
            got, want = self.ask(case), self.right(*case)
            if not _same(got, want):
                at = np.unravel_index(np.argmax(_off(got, want)), want.shape)
                place = ", ".join(str(int(i)) for i in at)
                raise WrongError(
                    f"entry [{place}] is {short(float(got[at]))}, expected "
                    f"{short(float(want[at]))}.",
                    self.known(),
                )

    def known(self):
        """Return the mistake that gives the learner's numbers in all cases, or None."""
        cases = [case for group in self.groups.values() for case in group]
        try:
            mine = [self.ask(case) for case in cases]
        except Exception:  # a function that breaks on one of them has no numbers to compare
            return None
        for name, (sentence, wrong) in self.wrong.items():
            if all(_same(got, wrong(*case)) for got, case in zip(mine, cases)):
                return Mistake(name, sentence)
        return None

    def leaves(self):
        case = [np.copy(each) for each in next(iter(self.groups.values()))[0]]
        before = [each.copy() for each in case]
        call(self.function, *case)
        if any(not np.array_equal(a, b) for a, b in zip(case, before)):
            raise WrongError("after your call an array of the caller has changed.", IN_PLACE)


def _off(got, want):
    off = np.abs(got - want)
    return np.where(np.isnan(off), np.inf, off)


def _same(got, want):
    return np.allclose(got, want, rtol=1e-9, atol=1e-12)


def rows(rng):
    """Return ``(row, following)`` for each part."""
    by_hand = np.log([1.0, 2.0, 5.0])
    return {
        "a row by hand": [(by_hand, 1)],
        "rows of other lengths": [(rng.normal(size=n), int(rng.integers(n))) for n in (2, 5, 40)],
        "rows with large numbers": [(20 * rng.normal(size=6), int(rng.integers(6))) for _ in "ab"],
    }


def _hot(row, following):
    return np.arange(len(row)) == following


def _softmax(w, axis=-1):
    e = np.exp(w - np.max(w))
    return e / e.sum(axis=axis, keepdims=True)


#: name -> (sentence, function of the row and what followed)
WRONG_ERRORS = {
    "forgets-the-target": ("This is q alone: subtract what came.", lambda r, f: _softmax(r)),
    "turns-the-sign": ("It is q less what came.", lambda r, f: _hot(r, f) - _softmax(r)),
    "subtracts-everywhere": ("Only what followed came.", lambda r, f: _softmax(r) - 1),
    "keeps-the-logits": ("The softmax is missing.", lambda r, f: r - _hot(r, f)),
    "forgets-to-normalise": ("q sums to 1.", lambda r, f: np.exp(r) - _hot(r, f)),
    "divides-by-the-largest": (
        "q sums to 1: divide by the sum, not by the largest.",
        lambda r, f: np.exp(r - np.max(r)) - _hot(r, f),
    ),
    "normalises-the-error": (
        "The 1 is subtracted from q, not from the exponentials.",
        lambda r, f: (np.exp(r) - _hot(r, f)) / np.exp(r).sum(),
    ),
    "takes-the-loss": ("This is the loss, not its slope.", lambda r, f: -np.log(_softmax(r))),
    "subtracts-at-the-start": (
        "The 1 belongs at what followed, not at entry 0.",
        lambda r, f: _softmax(r) - _hot(r, 0),
    ),
    "divides-by-the-length": (
        "The softmax divides by the sum of the exponentials.",
        lambda r, f: np.exp(r) / len(r) - _hot(r, f),
    ),
}


def tables(rng):
    """Return ``(w, x, y)`` for each part."""

    def drawn(size, batch, scale=1.0):
        share = 1 / np.arange(1, size + 1)
        x = rng.choice(size, batch, p=share / share.sum())
        return scale * rng.normal(size=(size, size)), x, rng.integers(size, size=batch)

    once = rng.normal(size=(6, 6)), rng.permutation(6)[:4], rng.integers(6, size=4)
    return {
        "two pairs, by hand": [(np.zeros((3, 3)), np.array([0, 2]), np.array([1, 1]))],
        "tokens that come once": [once],
        "tokens that come often": [drawn(5, 40), drawn(3, 9)],
        "a table with large numbers, and rare tokens": [drawn(12, 100, 10.0)],
    }


def _pairs(w, x, y, row=row_error):
    return np.array([row(w[token], following) for token, following in zip(x, y)])


def _added(w, x, rows):
    g = np.zeros_like(w)
    np.add.at(g, x, rows)
    return g


def _once(w, x, y):
    g = np.zeros_like(w)
    g[x] = _pairs(w, x, y) / len(x)
    return g


def _shares(w, x, y):
    """Return how often each pair comes, as counts."""
    return _added(w, x, np.eye(len(w))[y])


def _divided(w, x, y):
    counts = np.bincount(x, minlength=len(w))[:, None]
    return _added(w, x, _pairs(w, x, y)) / np.maximum(counts, 1)


#: name -> (sentence, function of the table and the pairs)
WRONG_TABLES = {
    "loses-repeated-tokens": (
        "A token that comes twice counts once: `g[x] += ...` writes each row only once.",
        _once,
    ),
    "sums": (
        "It sums over the pairs: the loss is their mean.",
        lambda w, x, y: len(x) * table_gradient(w, x, y),
    ),
    "divides-by-its-count": (
        "Each row is divided by its own count, so the frequency is gone: it belongs in here.",
        _divided,
    ),
    "divides-by-the-vocabulary": (
        "It divides by the number of tokens, not by that of the pairs.",
        lambda w, x, y: len(x) / len(w) * table_gradient(w, x, y),
    ),
    "forgets-the-target": (
        "What followed is never subtracted.",
        lambda w, x, y: _added(w, x, _softmax(w)[x]) / len(x),
    ),
    "turns-the-sign": ("The sign is turned over.", lambda w, x, y: -table_gradient(w, x, y)),
    "exchanges-the-tokens": (
        "The row is that of the token, the column that of what followed.",
        lambda w, x, y: table_gradient(w, y, x),
    ),
    "transposes": ("Rows and columns are exchanged.", lambda w, x, y: table_gradient(w, x, y).T),
    "moves-absent-rows": (
        "Rows of tokens that did not come have a gradient of 0.",
        lambda w, x, y: (_softmax(w) - _shares(w, x, y)) / len(x),
    ),
    "forgets-the-frequency": (
        "The softmax enters once for each time that its token comes.",
        lambda w, x, y: _softmax(w) - _shares(w, x, y) / len(x),
    ),
    "normalises-columns": (
        "The softmax goes along a row: each row sums to 1.",
        lambda w, x, y: _added(w, x, _softmax(w, axis=0)[x] - np.eye(len(w))[y]) / len(x),
    ),
    "normalises-the-table": (
        "The softmax goes along a row, not over the whole table.",
        lambda w, x, y: _added(w, x, _softmax(w, axis=None)[x] - np.eye(len(w))[y]) / len(x),
    ),
    "keeps-the-logits": (
        "The softmax is missing.",
        lambda w, x, y: _added(w, x, w[x] - np.eye(len(w))[y]) / len(x),
    ),
    "subtracts-at-the-token": (
        "The 1 belongs at what followed, not at the token itself.",
        lambda w, x, y: table_gradient(w, x, x),
    ),
    "reads-one-pair": (
        "Only the last pair is left: add them up.",
        lambda w, x, y: table_gradient(w, x[-1:], y[-1:]) / len(x),
    ),
}
