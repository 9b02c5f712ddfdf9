"""Assignment 14, questions 3 and 4: who is how far behind, and a league over a range of rates."""

import numpy as np

from .engine import asks
from .leagues import follows, leagues, recognise, tuned
from .probe import call, is_blank, numbers, short
from .report import IN_PLACE, BlankError, Mistake, Part, WrongError, grade

# ------------------------------------------------------------------------ 3. fill the blanks


def regrets(scores):
    """Return how far each optimizer is behind the best of each problem, and its worst case."""
    behind = scores.max(axis=1, keepdims=True) - scores
    return behind, behind.max(axis=0)


#: (name, formula of the scores, sentence)
_BEHINDS = (
    ("turns-it-over", lambda s: -regrets(s)[0], "How far behind is never below 0."),
    (
        "compares-problems",
        lambda s: s.max(axis=0) - s,
        "Each column was compared with its own best: compare the optimizers of one problem.",
    ),
    (
        "takes-one-best-for-all",
        lambda s: s.max() - s,
        "Each problem has a best score of its own.",
    ),
    (
        "subtracts-the-mean",
        lambda s: s.mean(axis=1, keepdims=True) - s,
        "Behind the best, not behind the mean.",
    ),
    (
        "looks-at-the-last-place",
        lambda s: s - s.min(axis=1, keepdims=True),
        "This is the lead over the last one.",
    ),
    (
        "divides",
        lambda s: s / s.max(axis=1, keepdims=True),
        "This is a ratio: subtract instead.",
    ),
    ("gives-the-best", lambda s: s.max(axis=1, keepdims=True) + 0 * s, "Subtract the score."),
)
_WORSTS = (
    (
        "takes-the-mean",
        lambda s: regrets(s)[0].mean(axis=0),
        "This is the mean over problems: asked is the worst of them.",
    ),
    (
        "takes-the-best-case",
        lambda s: regrets(s)[0].min(axis=0),
        "This is the best case of each optimizer.",
    ),
    (
        "goes-by-problem",
        lambda s: regrets(s)[0].max(axis=1),
        "This is one number a problem: asked is one an optimizer.",
    ),
    ("takes-one-number", lambda s: regrets(s)[0].max(), "Each optimizer has a worst case."),
    ("gives-the-lowest-score", lambda s: s.min(axis=0), "This is a score, not a distance."),
    ("adds-up", lambda s: regrets(s)[0].sum(axis=0), "This is the sum over problems."),
)


@asks(
    "14.regrets",
    "implement",
    reference=regrets,
    hints=(
        "First compare along a row, then look down a column.",
        "behind[p, a] = max over all a of scores[p, a], less scores[p, a]; worst[a] = max over p.",
        "behind = scores.max(axis=1, keepdims=True) - ...; worst = behind.max(axis=...)",
    ),
)
def fill(function, task, rng):
    """Check ``regrets(scores) -> (behind, worst)``."""
    shapes = ((4, 3), (3, 5), (4, 4))
    tables = [(rng.normal(50, 20, shape)).round(2) for shape in shapes] + [-rng.random((2, 3))]

    def right(which, known):
        found = [_pair(call(function, table.copy()))[which] for table in tables]
        name = ("behind", "worst")[which]
        mistake = _array_mistake(found, tables, known)
        for table, given in zip(tables, found):
            want = regrets(table)[which]
            try:
                got = numbers(given, want.shape, f"`{name}` for a table of {table.shape}")
            except WrongError as wrong:
                raise WrongError(wrong.difference, mistake) from None
            if not np.allclose(got, want, rtol=1e-9, atol=1e-9):
                raise WrongError(
                    f"for the scores {short(table[0])} in the first row and {table.shape} in all, "
                    f"`{name}` begins {short(got.ravel())}, expected {short(want.ravel())}.",
                    mistake,
                )

    parts = (
        ("how far each is behind", _BEHINDS, "With whom does a row compare each of its scores?"),
        ("the worst case of each", _WORSTS, "Along which axis do the problems lie?"),
    )
    left = Part(
        "the scores are left alone", 1, lambda: _is_left(function), "Whose array is `scores`?", True
    )
    return grade(
        [
            *(
                Part(name, 2, lambda i=i, t=table: right(i, t), think)
                for i, (name, table, think) in enumerate(parts)
            ),
            left,
        ]
    )


def _pair(given):
    if not isinstance(given, tuple | list) or len(given) != 2:
        if is_blank(given):
            raise BlankError
        raise WrongError(f"it should return (behind, worst), it returned {short(given)}.")
    if is_blank(given[0]) and is_blank(given[1]):
        raise BlankError
    return given


def _array_mistake(found, tables, known):
    """Return the mistake whose formula gives these arrays for all tables, or None."""
    for name, formula, sentence in known:
        try:
            pairs = [(np.asarray(a, dtype=float), formula(t)) for a, t in zip(found, tables)]
        except (TypeError, ValueError):  # not numbers
            return None
        if all(np.shape(a) == np.shape(b) and np.allclose(a, b) for a, b in pairs):
            return Mistake(name, sentence)
    return None


def _is_left(function):
    table = np.array([[70.0, 80.0], [60.0, 50.0]])
    _pair(call(function, table))
    if table.tolist() != [[70, 80], [60, 50]]:
        raise WrongError(f"after your lines `scores` is {short(table.ravel())}.", IN_PLACE)


# ---------------------------------------------------------------------------- 4. write freely


@asks(
    "14.league",
    "implement",
    reference=tuned,
    hints=(
        "For each problem and each optimizer: which rates may be chosen, which of them is best, "
        "and what is its test score?",
        "η̂ = argmax V(η) over η ≤ `highest`, without the runs that diverged. Then S = T(η̂), and "
        "an edge is η̂ = min or max of the allowed rates.",
        "allowed = rates <= highest; chosen = np.nanargmax(np.where(allowed, validation, np.nan), "
        "axis=2); np.take_along_axis(test, chosen[:, :, None], axis=2)[:, :, 0]; compare "
        "rates[chosen] with rates[allowed].min() and .max()",
    ),
)
def league(function, task, rng):
    """Check ``tuned_scores(validation, test, rates, highest) -> (scores, edges)``."""
    drawn, known = leagues(rng), []

    def mistake():
        if not known:
            known.append(recognise(function, [one for group in drawn.values() for one in group]))
        return known[0]

    def part(name, group, which, think):
        return Part(name, 1, lambda: follows(function, drawn[group], which, mistake), think)

    return grade(
        [
            part("the test scores of the best rates", "whole", 0, "Which data choose the rate?"),
            part("no rate above the highest", "narrow", 0, "Is `highest` itself allowed?"),
            part("rates in any order", "mixed", 0, "Does your code need sorted rates?"),
            part(
                "runs that diverged are left out",
                "diverged",
                0,
                "What does `argmax` make of a score that is not a number?",
            ),
            part("rates at an edge", "narrow", 1, "Which two rates are the edges of this range?"),
            part("edges in any order", "mixed", 1, "Which two rates are the edges of this range?"),
            Part("your arrays are left alone", 1, lambda: _leaves(function), "Whose arrays?", True),
        ]
    )


def _leaves(function):
    rng = np.random.default_rng(0)
    validation, test, rates = rng.random((2, 2, 3)), rng.random((2, 2, 3)), np.array([1.0, 2, 3])
    before = validation.copy(), test.copy(), rates.copy()
    if is_blank(call(function, validation, test, rates, 2.0)):
        raise BlankError
    if not all(np.array_equal(a, b) for a, b in zip(before, (validation, test, rates))):
        raise WrongError("after your lines the caller's scores or rates have changed.", IN_PLACE)
