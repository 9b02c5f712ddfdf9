"""Questions 11.diagnose and 11.refute: four reports, and looking after each seed."""

import itertools

import numpy as np
import pytest
from answers import Hostile, crashes, exits, rejected

from optlearn.course.checks import a11_claim, a11_reports, check, variant

LABELS = a11_reports.LABELS

# -------------------------------------------------------------------------------- 11.diagnose


def faults(claim):
    """Return all faults of a report, each found on its own."""
    a, b = claim.sides
    top = [side.rates[int(np.argmax(side.validation))] for side in (a, b)]
    found = {
        "budget": len(a.rates) != len(b.rates),
        "edge": any(lr in (s.rates[0], s.rates[-1]) for s, lr in zip((a, b), top)),
        "test data": any(s.chosen != lr for s, lr in zip((a, b), top)),
        "same seeds": claim.chose == claim.measured,
        "zero inside": claim.claims and claim.interval[0] <= 0 <= claim.interval[1],
    }
    return [label for label, there in found.items() if there]


def diagnosis():
    claims = variant("11.diagnose").claims
    return {letter: (faults(claim) or ["fair"])[0] for letter, claim in claims.items()}


@pytest.mark.parametrize("label", LABELS)
def test_a_report_has_its_fault_and_no_other(label):
    for seed in range(100):
        claim = a11_reports.draw_claim(np.random.default_rng(seed), label)
        assert faults(claim) == ([] if label == "fair" else [label])
        assert claim.fault() == label
        low, high = claim.interval
        assert low < high
        assert claim.claims or low <= 0 <= high  # a difference that is there is claimed
        for side in claim.sides:
            best, second = sorted(side.validation)[:-3:-1]
            assert best - second > 0.5  # to be seen in one decimal


def test_the_tests_fit_the_interval():
    for seed in range(100):
        claim = a11_reports.draw_claim(np.random.default_rng(seed), "fair")
        a, b = (side.tested for side in claim.sides)
        assert np.mean(claim.interval) == pytest.approx(a - b, abs=0.21)


def test_any_label_may_stay_over(monkeypatch):
    seen = set()
    for student in range(60):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        right = diagnosis()
        assert len(set(right.values())) == 4
        seen |= set(right.items())
        assert check("11.diagnose", right)
    assert seen == set(itertools.product("ABCD", LABELS))


@pytest.mark.parametrize(
    "form", [dict, lambda d: list(d.values()), lambda d: {k: f" {v.title()}" for k, v in d.items()}]
)
def test_diagnose_accepts(student, form):
    assert check("11.diagnose", form(diagnosis()))


@pytest.mark.parametrize("labels", itertools.permutations(LABELS, 4), ids="-".join)
def test_diagnose_rejects_all_but_one(labels):
    answer, right = dict(zip("ABCD", labels)), diagnosis()
    report = check("11.diagnose", answer)
    assert report.score == pytest.approx(sum(answer[k] == right[k] for k in "ABCD") / 4)
    assert bool(report) == (answer == right)


@pytest.mark.parametrize(("truth", "said"), itertools.permutations(LABELS, 2))
def test_diagnose_names_the_misreading(truth, said, monkeypatch):
    for student in range(60):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        answer = {letter: said for letter, label in diagnosis().items() if label == truth}
        if answer:
            break
    assert check("11.diagnose", answer).matched == a11_reports._misread()[truth, said][0]


@pytest.mark.parametrize("answer", [{}, [], 7, "edge", {"A": "bias"}, Hostile(), print])
def test_diagnose_survives(answer):
    assert check("11.diagnose", answer).score == 0


# ---------------------------------------------------------------------------------- 11.refute


def claims(d, t):
    n = len(d)
    return abs(np.mean(d)) > t(0.975, n - 1) * np.std(d, ddof=1) / np.sqrt(n)


def case_by_case(draw, t, first, last):
    once = each = 0
    for _ in range(800):
        d = draw(last)
        looks = [claims(d[:n], t) for n in range(first, last + 1)]
        once, each = once + looks[-1] / 800, each + any(looks) / 800
    return once, each


def all_at_once(draw, t, first, last, cases=3000):
    d = draw(cases * last).reshape(cases, last)
    made = []
    for n in range(first, last + 1):
        error = d[:, :n].std(axis=1, ddof=1) / np.sqrt(n)
        made.append(np.abs(d[:, :n].mean(axis=1)) > t(0.975, n - 1) * error)
    return np.mean(made[-1]), np.mean(np.any(made, axis=0))


def with_fresh_cases(draw, t, first, last):
    """One set of cases for each of the two ways."""
    once = np.mean([claims(draw(last), t) for _ in range(2000)])
    return np.array([once, all_at_once(draw, t, first, last)[1]])


def one_seed_at_a_time(draw, t, first, last, cases=600):
    """Draw a seed, look, draw the next."""
    stopped = ended = 0
    for _ in range(cases):
        d, claimed = [], False
        for n in range(1, last + 1):
            d.extend(draw(1))
            now = n >= first and claims(d, t)
            claimed = claimed or now
        stopped, ended = stopped + claimed, ended + now
    return [ended / cases, stopped / cases]


@pytest.mark.parametrize("solution", [case_by_case, all_at_once, with_fresh_cases])
def test_refute_accepts(student, solution):
    report = check("11.refute", solution, fresh=True)
    assert report, report


def test_refute_accepts_seeds_one_by_one():
    report = check("11.refute", one_seed_at_a_time)
    assert report, report


def test_refute_accepts_an_interval():
    """Ask whether zero is outside the ends, instead of how far the mean is from it."""

    def by_ends(draw, t, first, last):
        d = np.array([draw(last) for _ in range(2500)])
        outside = []
        for n in range(first, last + 1):
            middle, error = d[:, :n].mean(axis=1), d[:, :n].std(axis=1, ddof=1) / n**0.5
            low, high = middle - t(0.975, n - 1) * error, middle + t(0.975, n - 1) * error
            outside.append((low > 0) | (high < 0))
        return outside[-1].mean(), np.array(outside).any(axis=0).mean()

    assert check("11.refute", by_ends)


def changed(change):
    return lambda draw, t, first, last: change(*all_at_once(draw, t, first, last))


def normal(p, df):
    return 1.96


def one_sided(draw, t, first, last):
    d = draw(3000 * last).reshape(3000, last)
    made = []
    for n in range(first, last + 1):
        error = d[:, :n].std(axis=1, ddof=1) / np.sqrt(n)
        made.append(d[:, :n].mean(axis=1) > t(0.975, n - 1) * error)
    return np.mean(made[-1]), np.mean(np.any(made, axis=0))


def counts_looks(draw, t, first, last):
    once, _ = all_at_once(draw, t, first, last)
    d = [draw(last) for _ in range(150)]
    return once, np.mean([[claims(one[:n], t) for n in range(first, last + 1)] for one in d])


@pytest.mark.parametrize(
    ("wrong", "mistake"),
    [
        (changed(lambda once, each: (100 * once, 100 * each)), "gives-percent"),
        (changed(lambda once, each: (once, 100 * each)), "gives-percent"),
        (changed(lambda once, each: (1 - once, each)), "counts-the-rest"),
        (changed(lambda once, each: (once, 1 - each)), "counts-the-rest"),
        (changed(lambda once, each: (each, each)), "looks-again"),
        (changed(lambda once, each: (once, once)), "looks-once"),
        (changed(lambda once, each: (each, once)), "looks-again"),
        (counts_looks, "looks-once"),
        (lambda draw, t, *n: all_at_once(draw, normal, *n), "takes-the-normal"),
        (one_sided, None),
        (lambda draw, t, first, last: all_at_once(draw, t, 2, last), None),
        (lambda draw, t, first, last: all_at_once(draw, t, first, 4 * last), None),
        (lambda draw, t, first, last: all_at_once(draw, t, first, last, 5), None),
        (lambda *args: (0.05, 0.23), None),
        (lambda *args: (0.05, 0.19), None),
        (lambda *args: (0.05, 0.05), "looks-once"),
        (changed(lambda once, each: once), None),
        (changed(lambda once, each: (once, "more")), None),
        (changed(lambda once, each: (once, np.nan)), None),
        (lambda draw, *rest: draw(10**9), None),
        (lambda draw, *rest: draw(0.5), None),
        (lambda draw, *rest: draw("all"), None),
        (lambda *args: (Hostile(), Hostile()), None),
        (lambda *args: Hostile(), None),
        (crashes, None),
        (exits, None),
    ],
)
def test_refute_rejects(student, wrong, mistake):
    report = rejected("11.refute", wrong)
    assert report.score <= 2 / 3
    if mistake:
        assert report.matched == mistake


def test_the_shares_are_those_of_other_draws():
    """Looked at once 5 % claim; the rest is counted with other random numbers."""
    once, each, looks = a11_claim.shares(3, 20)
    assert once == pytest.approx(0.05, abs=0.005)
    assert looks == pytest.approx(0.05, abs=0.005)
    draw = a11_claim.drawing(np.random.default_rng(1), 2.0)
    assert each == pytest.approx(all_at_once(draw, a11_claim.t, 3, 20, 20_000)[1], abs=0.01)
