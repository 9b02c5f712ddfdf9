"""Leagues of tuned optimizers: the right table, the wrong ones, and how to tell them apart.

All have the signature ``(validation, test, rates, highest) -> (scores, edges)``, over arrays of
shape ``(problems, optimizers, rates)``.
"""

from dataclasses import dataclass

import numpy as np

from .probe import call, is_blank, numbers, short
from .report import BlankError, Mistake, WrongError


def tuned(validation, test, rates, highest):
    """Return the test scores of the rates that validation chooses, and whether they lie at an edge.

    Only rates up to ``highest`` may be chosen. A score that is not a number is a run that
    diverged.
    """
    allowed = rates <= highest
    chosen = np.nanargmax(np.where(allowed, validation, np.nan), axis=2)
    return _taken(test, chosen), _edges(rates[allowed], rates[chosen])


def _taken(table, chosen):
    """Return the entries of ``table`` at one rate for each problem and optimizer."""
    return np.take_along_axis(table, chosen[:, :, None], axis=2)[:, :, 0]


def _edges(allowed, rates):
    return (rates == allowed.min()) | (rates == allowed.max())


@dataclass(frozen=True)
class League:
    """What is asked for: two arrays of scores, the rates, and the highest that is allowed."""

    validation: np.ndarray
    test: np.ndarray
    rates: np.ndarray
    highest: float

    def by(self, function):
        """Return ``(scores, edges)`` of a learner's function on arrays of its own."""
        given = call(
            function, self.validation.copy(), self.test.copy(), self.rates.copy(), self.highest
        )
        if is_blank(given):
            raise BlankError
        if not isinstance(given, tuple | list) or len(given) != 2:
            raise WrongError(f"it should return (scores, edges), it returned {short(given)}.")
        shape = self.test.shape[:2]
        scores, edges = given
        return numbers(scores, shape, "scores"), _as_truth(edges, shape)


def _as_truth(edges, shape):
    """Return edges as an array of True and False; ones and zeros will do."""
    if is_blank(edges):
        raise BlankError
    try:
        array = np.array(edges)
        fits = array.shape == shape and np.isin(array, [0, 1]).all()
    except Exception:  # anything may come
        fits = False
    if not fits:
        raise WrongError(f"edges should be True or False for {shape}; yours are {short(edges)}.")
    return array.astype(bool)


def leagues(rng):
    """Return the leagues of each part, drawn from ``rng``."""
    rates = np.geomspace(1e-4, 10, 11)
    whole = _drawn(rng, rates, (4, 3))
    mixed = rng.permutation(rates)
    below = _drawn(rng, rates, (3, 3), level=-20)
    return {
        "whole": [League(*whole, rates, 10.0), League(*_drawn(rng, rates, (2, 5)), rates, 99.0)],
        "narrow": [League(*whole, rates, float(rates[k])) for k in (3, 6)]
        + [League(*whole, rates, 0.5)],
        "mixed": [League(*_drawn(rng, mixed, (3, 4)), mixed, high) for high in (10.0, 0.02)],
        "diverged": [League(*_broken(rng, *below), rates, high) for high in (10.0, 0.2)],
    }


def _drawn(rng, rates, shape, level=80):
    """Return validation and test scores: a hill over the rates for each optimizer, with noise.

    On the first problem the first optimizer falls with the rate, and the second one rises.
    """
    places = rng.uniform(-3.6, 0.6, (*shape, 1))
    hills = level - rng.uniform(2, 6, (*shape, 1)) * (np.log10(rates) - places) ** 2
    hills[0, :2] = level + np.outer([-10, 10], np.log10(rates))
    hills += rng.normal(0, 3, (*shape, 1))
    return hills + rng.uniform(-2, 2, hills.shape), hills + rng.uniform(-2, 2, hills.shape)


def _broken(rng, validation, test):
    """Return scores in which some runs have diverged, the first and the best among them."""
    best = validation.argmax(axis=2)
    for i, j in np.ndindex(best.shape):
        lost = [0, int(best[i, j])][: 1 + rng.integers(2)]
        validation[i, j, lost] = test[i, j, lost] = np.nan
    return validation, test


def follows(function, asked, which, mistake):
    """Raise WrongError where scores (``which`` 0) or edges (1) differ in one of the leagues."""
    for league in asked:
        got, want = league.by(function)[which], league.by(tuned)[which]
        same = np.isclose(got, want, rtol=1e-9, equal_nan=False) if which == 0 else got == want
        if not same.all():
            i, j = np.argwhere(~same)[0]
            said = short(float(got[i, j])) if which == 0 else bool(got[i, j])
            right = short(float(want[i, j])) if which == 0 else bool(want[i, j])
            raise WrongError(
                f"with rates up to {league.highest:.3g}, {('score', 'edge')[which]} [{i}, {j}] is "
                f"{right}; yours is {said}.",
                mistake(),
            )


def recognise(function, asked):
    """Return the known mistake that gives the tables of ``function`` in all leagues, or None."""
    mine = [_tables(function, league) for league in asked]
    for name, (sentence, wrong) in WRONG_LEAGUES.items():
        if all(_same(a, _tables(wrong, league)) for a, league in zip(mine, asked)):
            return Mistake(name, sentence)
    return None


def _tables(function, league):
    """Return the tables as two arrays, or None where the function breaks."""
    try:
        return league.by(function)
    except (WrongError, BlankError):
        return None


def _same(mine, other):
    if mine is None or other is None:
        return mine is other
    return all(np.allclose(a, b, rtol=1e-9, equal_nan=True) for a, b in zip(mine, other))


# ------------------------------------------------------------------------------- wrong tables


def _choosing(by):
    """Return the table for the indices that ``by(validation, test, rates, allowed)`` gives."""

    def table(validation, test, rates, highest):
        allowed = rates <= highest
        chosen = np.broadcast_to(by(validation, test, rates, allowed), test.shape[:2])
        return _taken(test, chosen), _edges(rates[allowed], rates[chosen])

    return table


def _best(scores, allowed):
    return np.nanargmax(np.where(allowed, scores, np.nan), axis=2)


def _with(scores=lambda v, t, r, chosen: _taken(t, chosen), edges=None):
    """Return the table that reads its scores, or its edges, off the right choice in another way."""

    def table(validation, test, rates, highest):
        allowed = rates <= highest
        chosen = _best(validation, allowed)
        found = _edges(rates[allowed], rates[chosen])
        if edges is not None:
            found = edges(rates, rates[allowed], rates[chosen], chosen)
        return scores(validation, test, rates, chosen), found

    return table


#: name -> (sentence, function)
WRONG_LEAGUES = {
    "chooses_on_test": (
        "The rate with the best test score was chosen: validation data choose.",
        _choosing(lambda v, t, r, ok: _best(t, ok)),
    ),
    "reports_validation": (
        "The validation score is reported: the test score at this rate is asked for.",
        _with(lambda v, t, r, chosen: _taken(v, chosen)),
    ),
    "ignores_the_range": (
        "Rates above `highest` are chosen, too.",
        _choosing(lambda v, t, r, ok: _best(v, True)),
    ),
    "leaves_the_highest_out": (
        "The highest rate itself is allowed: ≤, not <.",
        _choosing(lambda v, t, r, ok: _best(v, ok & (r < r[ok].max()))),
    ),
    "takes_the_lowest_score": (
        "It takes the rate with the lowest score: scores are better the higher they are.",
        _choosing(lambda v, t, r, ok: np.nanargmin(np.where(ok, v, np.nan), axis=2)),
    ),
    "takes_the_highest_rate": (
        "It takes the highest rate that is allowed, not the best one.",
        _choosing(lambda v, t, r, ok: np.argmax(np.where(ok, r, -1))),
    ),
    "shares_one_rate": (
        "One rate for all: each optimizer has its own best one on each problem.",
        _choosing(
            lambda v, t, r, ok: np.nanargmax(np.where(ok, np.nanmean(v, axis=(0, 1)), np.nan))
        ),
    ),
    "shares_a_rate_by_problem": (
        "All optimizers of a problem get one rate: each has its own best one.",
        _choosing(
            lambda v, t, r, ok: np.nanargmax(np.where(ok, np.nanmean(v, axis=1), np.nan), axis=1)[
                :, None
            ]
        ),
    ),
    "shares_a_rate_by_optimizer": (
        "An optimizer gets one rate for all problems: each problem has its own.",
        _choosing(
            lambda v, t, r, ok: np.nanargmax(np.where(ok, np.nanmean(v, axis=0), np.nan), axis=1)
        ),
    ),
    "takes_diverged_runs": (
        "A run that diverged is taken for the best one: leave out what is not a number.",
        _choosing(lambda v, t, r, ok: np.argmax(np.where(ok, v, -np.inf), axis=2)),
    ),
    "believes_that_rates_are_sorted": (
        "The rates need not be sorted: ask each whether it is allowed.",
        _choosing(
            lambda v, t, r, ok: np.nanargmax(
                np.where(np.arange(len(r)) < ok.sum(), v, np.nan), axis=2
            )
        ),
    ),
    "gives_the_rates": (
        "These are the rates that were chosen: their test scores are asked for.",
        _with(lambda v, t, r, chosen: r[chosen]),
    ),
    "sees_the_upper_edge_alone": (
        "The lowest rate is an edge as well.",
        _with(edges=lambda rates, allowed, taken, at: taken == allowed.max()),
    ),
    "sees_the_lower_edge_alone": (
        "The highest rate that is allowed is an edge as well.",
        _with(edges=lambda rates, allowed, taken, at: taken == allowed.min()),
    ),
    "takes_edges_of_all_rates": (
        "The edge is that of the allowed rates, not of all.",
        _with(edges=lambda rates, allowed, taken, at: _edges(rates, taken)),
    ),
    "takes_edges_by_place": (
        "The first and the last place are edges only where the rates are sorted.",
        _with(edges=lambda rates, allowed, taken, at: (at == 0) | (at == len(allowed) - 1)),
    ),
    "turns_the_edges_over": (
        "The edges are turned over: True is for a rate at an edge.",
        _with(edges=lambda rates, allowed, taken, at: ~_edges(allowed, taken)),
    ),
}
