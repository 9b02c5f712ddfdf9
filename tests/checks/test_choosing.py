"""Questions 14.predict, 14.order, 14.regrets and 14.league: a fair table, by hand and in code."""

import itertools

import numpy as np
import pytest
from answers import Hostile, crashes, exits, not_implemented, rejected

from optlearn.course.checks import check, variant, working
from optlearn.course.checks.a14_choosing_an_optimizer import LINES
from optlearn.course.checks.leagues import WRONG_LEAGUES

# ------------------------------------------------------------------------------------ predict


def lead(table, count):
    scores = []
    for validation, test in table:
        best = max(range(count), key=lambda i: validation[i])
        scores.append(test[best])
    return scores[0] - scores[1]


def right_numbers():
    task = variant("14.predict")
    return [
        lead(task.table, 3),
        lead(task.table, 5),
        16 * task.billions,
        task.optimizers * task.rates * task.seeds + task.optimizers * task.new,
    ]


@pytest.mark.parametrize("form", [list, tuple, np.array, lambda a: [round(v, 1) for v in a]])
def test_predict_accepts(student, form):
    report = check("14.predict", form(right_numbers()))
    assert report, report


def at(t, i, j):
    return t.table[0, 1, i] - t.table[1, 1, j]


def best(t, which, count):
    return int(np.argmax(t.table[which, 0, :count]))


WRONG_NUMBERS = [
    (0, lambda t: t.table[0, 1, :3].max() - t.table[1, 1, :3].max(), "chooses-on-test"),
    (0, lambda t: t.table[0, 0, :3].max() - t.table[1, 0, :3].max(), "reports-validation"),
    (0, lambda t: at(t, best(t, 0, 3), best(t, 0, 3)), "shares-the-rate-of-A"),
    (0, lambda t: -lead(t.table, 3), "turns-the-lead-over"),
    (0, lambda t: lead(t.table, 5), "takes-the-other-range"),
    (0, lambda t: 77, None),
    (1, lambda t: t.table[0, 1].max() - t.table[1, 1].max(), "chooses-on-test"),
    (1, lambda t: t.table[0, 0].max() - t.table[1, 0].max(), "reports-validation"),
    (1, lambda t: at(t, best(t, 0, 5), best(t, 0, 5)), "shares-the-rate-of-A"),
    (1, lambda t: at(t, best(t, 1, 5), best(t, 1, 5)), "shares-the-rate-of-B"),
    (1, lambda t: -lead(t.table, 5), "turns-the-lead-over"),
    (1, lambda t: lead(t.table, 3), "takes-the-other-range"),
    (1, lambda t: "3.2", None),
    (2, lambda t: 8 * t.billions, "counts-the-state-alone"),
    (2, lambda t: 12 * t.billions, "forgets-a-part"),
    (2, lambda t: 4 * t.billions, "counts-the-weights-alone"),
    (2, lambda t: 16 * t.billions + 1, None),
    (2, lambda t: 16e9 * t.billions, None),
    (3, lambda t: t.optimizers * t.rates * t.seeds, "forgets-to-measure"),
    (3, lambda t: t.optimizers * t.rates * (t.seeds + t.new), "measures-every-rate"),
    (3, lambda t: t.rates * t.seeds + t.new, "counts-one-optimizer"),
    (3, lambda t: t.optimizers * t.rates * t.seeds + t.new, "measures-the-winner-alone"),
    (3, lambda t: t.optimizers * (t.rates + t.seeds + t.new), "adds-the-seeds"),
    (3, lambda t: t.optimizers * (t.rates + t.new), "chooses-on-one-seed"),
    (3, lambda t: right_numbers()[3] + 1, None),
    (3, lambda t: right_numbers()[3] - 1, None),
]


@pytest.mark.parametrize(("place", "wrong", "mistake"), WRONG_NUMBERS)
def test_predict_rejects_for_every_student(place, wrong, mistake, monkeypatch):
    names = set()
    for student in range(25):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        answer = right_numbers()
        answer[place] = wrong(variant("14.predict"))
        report = rejected("14.predict", answer)
        assert report.score == pytest.approx(3 / 4)
        names.add(report.matched)
    assert mistake in names  # two mistakes may give one number to some student


def test_the_range_turns_the_lead_for_everybody(monkeypatch):
    for student in range(40):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        narrow, wide, *_ = right_numbers()
        assert wide < 0 < narrow


# -------------------------------------------------------------------------------------- order

TABLE, NAMES, SEEN, RATES, ASK, BEST, TEST, PEEK, LAST = LINES


def letters(*lines):
    names = {line: letter for letter, line in variant("14.order").lines.items()}
    return [names[line] for line in lines]


@pytest.mark.parametrize("form", [list, tuple, "".join, ", ".join, " ".join])
def test_order_accepts(student, form):
    report = check("14.order", form(letters(TABLE, NAMES, SEEN, RATES, ASK, BEST, TEST)))
    assert report, report


def test_the_text_on_the_lines_is_true():
    """Of all ways to fill the outer loop one works: two lines are wrong wherever they stand."""
    inside, right = (SEEN, RATES, ASK, BEST, TEST, PEEK, LAST), []
    for count in range(3, len(inside) + 1):
        for lines in itertools.permutations(inside, count):
            if lines[0] == SEEN and check("14.order", letters(TABLE, NAMES, *lines)):
                right.append(lines)
    assert right == [(SEEN, RATES, ASK, BEST, TEST)]


@pytest.mark.parametrize(
    ("lines", "mistake"),
    [
        ((TABLE, NAMES, SEEN, RATES, PEEK, BEST, TEST), "chooses_on_test"),
        ((TABLE, NAMES, SEEN, RATES, ASK, PEEK, BEST, TEST), "chooses_on_test"),
        ((TABLE, NAMES, SEEN, RATES, PEEK, ASK, BEST, TEST), "tests_too_often"),
        ((TABLE, NAMES, SEEN, RATES, ASK, BEST, LAST, TEST), "tests_too_often"),
        ((TABLE, NAMES, SEEN, RATES, ASK, BEST, LAST), "takes_the_highest_rate"),
        ((TABLE, NAMES, SEEN, RATES, ASK, BEST, TEST, LAST), "takes_the_highest_rate"),
        ((TABLE, NAMES, SEEN, RATES, ASK, BEST), None),
        ((TABLE, NAMES, RATES, ASK, BEST, TEST), None),
        ((NAMES, SEEN, RATES, ASK, BEST, TEST), None),
        ((TABLE, NAMES, SEEN, BEST, RATES, ASK, TEST), None),
        ((TABLE, NAMES, SEEN, RATES, ASK, TEST, BEST), None),
        ((NAMES, TABLE, SEEN, RATES, ASK, BEST, TEST), None),
        ((TABLE, SEEN, NAMES, RATES, ASK, BEST, TEST), None),
        ((TABLE,), None),
        ((NAMES, SEEN), None),
    ],
)
def test_order_rejects(student, lines, mistake):
    report = rejected("14.order", letters(*lines))
    assert report.score == 0
    assert report.matched == mistake


@pytest.mark.parametrize("answer", ["A, Z", "A, A", ["A", ...], 7, {}, Hostile(), [Hostile()]])
def test_order_survives(answer):
    assert check("14.order", answer).score == 0


# ------------------------------------------------------------------------------------ regrets


def regrets_plain(scores):
    behind = scores.max(axis=1, keepdims=True) - scores
    return behind, behind.max(axis=0)


def regrets_loops(scores):
    behind = [[max(row) - value for value in row] for row in scores.tolist()]
    return behind, [max(column) for column in zip(*behind)]


def regrets_turned(scores):
    behind = (scores.T.max(axis=0) - scores.T).T
    return [behind, np.max(behind, 0)]


def regrets_sorted(scores):
    behind = np.sort(scores)[:, -1:] - scores
    return behind, np.sort(behind, axis=0)[-1]


def regrets_reduce(scores):
    behind = -(scores - np.maximum.reduce(scores, axis=1)[:, None])
    return behind, np.array([behind[:, i].max() for i in range(behind.shape[1])])


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    "solution", [regrets_plain, regrets_loops, regrets_turned, regrets_sorted, regrets_reduce]
)
def test_regrets_accepts(solution, fresh):
    report = check("14.regrets", solution, fresh=fresh)
    assert report, report


BEHINDS = [
    (lambda s: s - s.max(axis=1, keepdims=True), "turns-it-over"),
    (lambda s: s.max(axis=0) - s, "compares-problems"),
    (lambda s: s.max() - s, "takes-one-best-for-all"),
    (lambda s: s.mean(axis=1, keepdims=True) - s, "subtracts-the-mean"),
    (lambda s: s - s.min(axis=1, keepdims=True), "looks-at-the-last-place"),
    (lambda s: s / s.max(axis=1, keepdims=True), "divides"),
    (lambda s: np.sort(s, axis=1)[:, -2:-1] - s, None),
    (lambda s: (s.max(axis=1, keepdims=True) - s).T, None),
    (lambda s: s.max(axis=1), None),
    (lambda s: 0 * s, None),
    (lambda s: s * np.nan, None),
    (lambda s: "0", None),
]
WORSTS = [
    (lambda s, b: b.mean(axis=0), "takes-the-mean"),
    (lambda s, b: b.min(axis=0), "takes-the-best-case"),
    (lambda s, b: b.max(axis=1), "goes-by-problem"),
    (lambda s, b: b.max(), "takes-one-number"),
    (lambda s, b: s.min(axis=0), "gives-the-lowest-score"),
    (lambda s, b: b.sum(axis=0), "adds-up"),
    (lambda s, b: np.median(b, axis=0), None),
    (lambda s, b: -b.max(axis=0), None),
    (lambda s, b: b.argmax(axis=0), None),
    (lambda s, b: b, None),
    (lambda s, b: np.full(s.shape[1], np.inf), None),
]


@pytest.mark.parametrize(("behind", "mistake"), BEHINDS)
def test_regrets_rejects_what_is_not_behind(behind, mistake):
    report = rejected("14.regrets", lambda s: (behind(s), regrets_plain(s)[1]))
    assert report.score == pytest.approx(3 / 5)
    assert report.matched == mistake


@pytest.mark.parametrize(("worst", "mistake"), WORSTS)
def test_regrets_rejects_what_is_not_the_worst_case(worst, mistake):
    report = rejected("14.regrets", lambda s: (regrets_plain(s)[0], worst(s, regrets_plain(s)[0])))
    assert report.score == pytest.approx(3 / 5)
    assert report.matched == mistake


def test_regrets_notices_a_changed_input():
    def in_place(scores):
        best = scores.max(axis=1, keepdims=True)
        np.subtract(best, scores, out=scores)
        return scores, scores.max(axis=0)

    report = rejected("14.regrets", in_place)
    assert report.matched == "changes_its_input"
    assert report.score == pytest.approx(4 / 5)


@pytest.mark.parametrize("odd", [crashes, exits, 3.0, lambda s: Hostile(), lambda s: (1, 2, 3)])
def test_regrets_survives(odd):
    assert rejected("14.regrets", odd).score == 0


# ------------------------------------------------------------------------------------- league


def league_arrays(validation, test, rates, highest):
    allowed = rates <= highest
    chosen = np.nanargmax(np.where(allowed, validation, np.nan), axis=2)
    scores = np.take_along_axis(test, chosen[:, :, None], axis=2)[:, :, 0]
    return scores, np.isin(rates[chosen], [rates[allowed].min(), rates[allowed].max()])


def league_loops(validation, test, rates, highest):
    allowed = [i for i, lr in enumerate(rates) if lr <= highest]
    low, high = min(rates[i] for i in allowed), max(rates[i] for i in allowed)
    scores, edges = [], []
    for valid, tested in zip(validation, test):
        scores.append([])
        edges.append([])
        for one, other in zip(valid, tested):
            best = max((i for i in allowed if not np.isnan(one[i])), key=lambda i: one[i])
            scores[-1].append(other[best])
            edges[-1].append(rates[best] in (low, high))
    return scores, edges


def league_sorted(validation, test, rates, highest):
    """Sort the rates first, cut, and replace what diverged by the lowest number there is."""
    order = np.argsort(rates)
    kept = order[rates[order] <= highest]
    inside = np.nan_to_num(validation[..., kept], nan=-np.inf)
    at = inside.argmax(axis=-1)
    i, j = np.indices(at.shape)
    return test[..., kept][i, j, at], (at == 0) | (at == len(kept) - 1)


def league_masked(validation, test, rates, highest):
    hidden = np.isnan(validation) | (rates > highest)
    chosen = np.ma.array(validation, mask=hidden).argmax(axis=2)
    scores, edges = np.empty(chosen.shape), np.zeros(chosen.shape, dtype=int)
    allowed = rates[rates <= highest]
    for place, k in np.ndenumerate(chosen):
        scores[place] = test[(*place, k)]
        edges[place] = rates[k] == allowed.max() or rates[k] == allowed.min()
    return scores, edges


def league_in_place(validation, test, rates, highest):
    validation = validation.copy()
    validation[np.isnan(validation)] = -1e300
    validation[:, :, rates > highest] = -1e300
    chosen = validation.argmax(axis=2)
    taken = np.array([[t[k] for t, k in zip(*rows)] for rows in zip(test, chosen)])
    smaller = (rates[None, None, :] < rates[chosen][..., None]).any(axis=2)
    larger = ((rates > rates[chosen][..., None]) & (rates <= highest)).any(axis=2)
    return [taken, ~(smaller & larger)]


LEAGUES = (league_arrays, league_loops, league_sorted, league_masked, league_in_place)


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("solution", LEAGUES)
def test_league_accepts(solution, fresh):
    report = check("14.league", solution, fresh=fresh)
    assert report, report


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", WRONG_LEAGUES)
def test_a_known_wrong_league_is_named(name, seed, monkeypatch):
    monkeypatch.setenv("OPTLEARN_GRADER_SEED", str(seed))
    sentence, wrong = WRONG_LEAGUES[name]
    report = rejected("14.league", wrong, fresh=True)
    assert report.matched == name
    assert sentence.split()[0] in report.message


def test_there_are_many_known_mistakes():
    assert len(WRONG_LEAGUES) >= 15


def spoils(validation, test, rates, highest):
    found = league_arrays(validation, test, rates, highest)
    validation[:, :, rates > highest] = np.nan
    return found


ODD = {
    "the arrays it was given": (spoils, 6 / 7),
    "mean over rates": (lambda v, t, r, h: (t.mean(axis=2), league_arrays(v, t, r, h)[1]), None),
    "no edges": (lambda *a: (league_arrays(*a)[0], np.zeros(a[0].shape[:2], dtype=bool)), None),
    "always edges": (lambda *a: (league_arrays(*a)[0], np.ones(a[0].shape[:2], dtype=bool)), None),
    "edges as text": (lambda *a: (league_arrays(*a)[0], "no"), None),
    "edges as rates": (lambda *a: (league_arrays(*a)[0], 2 * league_arrays(*a)[1]), None),
    "exchanged": (lambda *a: league_arrays(*a)[::-1], None),
    "scores alone": (lambda *a: league_arrays(*a)[0], None),
    "turned": (lambda *a: [part.T for part in league_arrays(*a)], None),
    "single precision": (
        lambda *a: (league_arrays(*a)[0].astype(np.float32), league_arrays(*a)[1]),
        None,
    ),
    "crashes": (crashes, 0),
    "exits": (exits, 0),
    "no function": (3.0, 0),
    "hostile": (lambda *a: Hostile(), 0),
    "hostile pair": (lambda *a: (Hostile(), Hostile()), 0),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_league_is_rejected(name):
    solution, score = ODD[name]
    report = rejected("14.league", solution)
    assert report.score < 1
    if score is not None:
        assert report.score == pytest.approx(score)


@pytest.mark.parametrize("question", ["14.regrets", "14.league", "14.search"])
def test_what_is_missing_is_replaced(question, capsys):
    reference = working(question, not_implemented)
    assert "not finished" in capsys.readouterr().out
    if question == "14.regrets":
        behind, worst = reference(np.array([[1.0, 3.0], [5.0, 4.0]]))
        assert behind.tolist() == [[2, 0], [0, 1]]
        assert worst.tolist() == [2, 1]
    elif question == "14.league":
        rates, scores = np.array([1.0, 2.0, 3.0]), np.array([[[1.0, 2.0, 3.0]]])
        assert reference(scores, 10 * scores, rates, 2.0) == (
            np.array([[20.0]]),
            np.array([[True]]),
        )
