"""Questions 14.search, 14.diagnose and 14.refute: few runs, three sheets, and a shared rate."""

import itertools

import numpy as np
import pytest
from answers import Hostile, crashes, exits, rejected

from optlearn.course.checks import a14_reading, check, variant
from optlearn.course.checks.a14_reading import LABELS
from optlearn.course.checks.a14_refute import PAIRS


def students(monkeypatch, count=60):
    for student in range(count):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        yield student


# ------------------------------------------------------------------------------------- search


def best_of(seen):
    return max(seen, key=seen.get)


def coarse(run, names, lowest, highest, each):
    rates = np.geomspace(lowest, highest, each)
    return {(name, lr): run(name, lr) for name in names for lr in rates}


def refines(run, names, lowest, highest, budget):
    seen = coarse(run, names, 3e-4, 3, 4)
    for factor in (4, 0.25, 2):
        name, lr = best_of(seen)
        seen[name, lr * factor] = run(name, lr * factor)
    return best_of(seen)


def more_refining(run, names, lowest, highest, budget):
    seen = coarse(run, names, 1e-3, 1, 3)
    for factor in (10, 0.1, 3, 1 / 3, 1.8, 0.55):
        name, lr = best_of(seen)
        seen[name, lr * factor] = run(name, lr * factor)
    return list(best_of(seen))


def fits_hills(run, names, lowest, highest, budget):
    """Put a parabola through the best three of five rates of each optimizer."""
    found = []
    for name in names:
        x = np.linspace(np.log10(lowest) + 0.5, np.log10(highest) - 0.5, budget // len(names))
        y = np.array([run(name, 10**v) for v in x])
        k = np.argsort(y)[-3:]
        a, b, c = np.polyfit(x[k], y[k], 2)
        top = -b / (2 * a) if a < 0 else x[k[-1]]
        found.append((np.polyval([a, b, c], top), name, 10**top))
    return max(found)[1:]


def drops_the_last(run, names, lowest, highest, budget):
    """Halve the field: two rounds for all, then for two, then for the best."""
    seen = coarse(run, names, 1e-3, 1, 3)
    tops = {n: max(v for (m, _), v in seen.items() if m == n) for n in names}
    for name in sorted(names, key=tops.get)[1:]:
        lr = max((r for n, r in seen if n == name), key=lambda r, n=name: seen[n, r])
        for factor in (5, 0.2):
            seen[name, lr * factor] = run(name, lr * factor)
    for factor in (2, 0.5):
        name, lr = best_of(seen)
        seen[name, lr * factor] = run(name, lr * factor)
    return best_of(seen)


def refines_from_the_ends(run, names, lowest, highest, budget):
    """Waste two of four rates on the ends of the range, then look nearer."""
    seen = coarse(run, names, lowest, highest, 4)
    factor = (highest / lowest) ** (1 / 6)
    name, lr = best_of(seen)
    for near in (lr * factor, lr / factor):
        seen[name, near] = run(name, near)
    name, lr = best_of(seen)
    seen[name, lr * factor**0.5] = run(name, lr * factor**0.5)
    return best_of(seen)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "solution", [refines, more_refining, fits_hills, drops_the_last, refines_from_the_ends]
)
def test_search_accepts(solution, seed, monkeypatch):
    monkeypatch.setenv("OPTLEARN_GRADER_SEED", str(seed))
    report = check("14.search", solution, fresh=True)
    assert report, report


def grid(run, names, lowest, highest, budget):
    return best_of(coarse(run, names, lowest, highest, budget // len(names)))


@pytest.mark.parametrize("seed", range(4))
def test_a_coarse_grid_earns_half(seed, monkeypatch):
    monkeypatch.setenv("OPTLEARN_GRADER_SEED", str(seed))
    assert rejected("14.search", grid, fresh=True).score == pytest.approx(1 / 2)


def evenly(run, names, lowest, highest, budget):
    rates = np.linspace(lowest, highest, budget // len(names))
    return best_of({(name, lr): run(name, lr) for name in names for lr in rates})


def one_rate(run, names, lowest, highest, budget):
    return best_of({(name, 0.01): run(name, 0.01) for name in names})


def tunes_the_first(run, names, lowest, highest, budget):
    seen = coarse(run, names[:1], lowest, highest, 12)
    _, lr = best_of(seen)
    seen |= {(name, lr): run(name, lr) for name in names[1:]}
    return best_of(seen)


def blindly(run, names, lowest, highest, budget):
    rng = np.random.default_rng(0)
    rates = 10.0 ** rng.uniform(-4, 1, budget)
    return best_of({(names[i % 3], lr): run(names[i % 3], lr) for i, lr in enumerate(rates)})


def takes_the_worst(run, names, lowest, highest, budget):
    seen = coarse(run, names, lowest, highest, 5)
    return min(seen, key=seen.get)


def six_each(run, names, lowest, highest, budget):
    return best_of(coarse(run, names, lowest, highest, 6))


@pytest.mark.parametrize(
    ("solution", "mistake"),
    [
        (evenly, "spaces_rates_evenly"),
        (one_rate, "shares_few_rates"),
        (tunes_the_first, "tunes_one_alone"),
        (lambda run, n, lo, hi, b: best_of(coarse(run, n, lo, 1e-2, 5)), "searches_a_narrow_range"),
        (lambda run, n, lo, hi, b: best_of(coarse(run, n, 0.1, hi, 5)), "searches_a_narrow_range"),
        (
            lambda run, n, lo, hi, b: best_of(coarse(run, n[1:], lo, hi, 7)),
            "leaves_an_optimizer_out",
        ),
        (
            lambda run, n, lo, hi, b: best_of(coarse(run, n[:1], lo, hi, b)),
            "leaves_an_optimizer_out",
        ),
        (lambda run, n, lo, hi, b: best_of(coarse(run, n, lo, hi, 4)), "leaves_runs_unused"),
        (lambda run, n, lo, hi, b: ("adam", 0.001), "runs_nothing"),
        (six_each, "spends_too_much"),
        (lambda run, *a: [run("adam", 0.1) for _ in range(99)], "spends_too_much"),
        (blindly, None),
        (takes_the_worst, None),
        (lambda run, n, lo, hi, b: (refines(run, n, lo, hi, b)[0], 0.01), None),
        (lambda run, n, lo, hi, b: ("sgd", 0.1), None),
        (lambda run, n, lo, hi, b: ("adam", -0.1), None),
        (lambda run, n, lo, hi, b: ("adam", np.nan), None),
        (lambda run, n, lo, hi, b: (0.1, "adam"), None),
        (lambda run, n, lo, hi, b: 0.1, None),
        (lambda run, n, lo, hi, b: run("adamw", 0.1), None),
        (lambda run, *a: Hostile(), None),
        (lambda run, *a: (Hostile(), Hostile()), None),
        (crashes, None),
        (exits, None),
    ],
)
def test_search_rejects(solution, mistake):
    report = rejected("14.search", solution)
    assert report.score == 0
    assert report.matched == mistake


def test_a_problem_is_what_the_text_says():
    problem = variant("14.search").problem()
    name = max(problem.peaks, key=problem.peaks.get)
    lr = 10 ** problem.places[name]
    assert problem.behind(name, lr) == pytest.approx(0)
    assert problem.score(name, 3 * lr) == pytest.approx(problem.score(name, lr / 3))
    luck = [problem.run(name, lr) - problem.score(name, lr) for _ in range(15)]
    assert 0.2 < np.std(luck) < 0.8
    assert len(problem.runs) == 15


# ----------------------------------------------------------------------------------- diagnose


def diagnosis():
    """Return the labels by the rules that the text gives."""
    found = {}
    for letter, sheet in variant("14.diagnose").sheets.items():
        spread = np.sqrt(np.sum((sheet.gains - sheet.gains.mean()) ** 2) / 4)
        faults = {
            "extend the range": sheet.scores.argmax() in (0, 4),
            "stop earlier": sheet.validation[-1] > sheet.validation.min(),
            "clip": sheet.norms[1] > 100 * sheet.norms[0],
            "more seeds": sheet.gains.mean() - 2.776 * spread / np.sqrt(5) < 0.5,
            "less state": 16 * sheet.billions > sheet.gigabytes,
        }
        assert sum(faults.values()) <= 1
        found[letter] = next((label for label, true in faults.items() if true), "switch")
    return found


def test_any_label_may_stay_over_in_any_place(monkeypatch):
    places = set()
    for _ in students(monkeypatch, 100):
        right = diagnosis()
        assert len(set(right.values())) == 3
        places |= set(right.items())
        report = check("14.diagnose", right)
        assert report, report
    assert places == set(itertools.product("ABC", LABELS))


def test_what_is_said_of_memory_and_gains_is_true(monkeypatch):
    """Momentum fits where AdamW does not; an unclear gain is above zero in the mean."""
    for _ in students(monkeypatch):
        for letter, label in diagnosis().items():
            sheet = variant("14.diagnose").sheets[letter]
            assert 12 * sheet.billions <= sheet.gigabytes
            assert sheet.gains.mean() > 0.5
            low, high = a14_reading.interval(sheet.gains)
            assert (low < 0 < high) == (label == "more seeds")


def test_diagnose_accepts_other_forms(student):
    right = diagnosis()
    for form in (list(right.values()), {k.lower(): f" {v.upper()}" for k, v in right.items()}):
        assert check("14.diagnose", form)


def test_diagnose_rejects_all_other_answers(student):
    right = diagnosis()
    for labels in itertools.permutations(LABELS, 3):
        answer = dict(zip("ABC", labels))
        report = check("14.diagnose", answer)
        assert bool(report) == (answer == right)
        assert report.score == pytest.approx(sum(answer[k] == right[k] for k in "ABC") / 3)


@pytest.mark.parametrize(("truth", "said"), a14_reading._MISREAD)
def test_diagnose_names_the_misreading(truth, said, monkeypatch):
    for _ in students(monkeypatch):
        answer = {letter: said for letter, label in diagnosis().items() if label == truth}
        if answer:
            break
    assert check("14.diagnose", answer).matched == a14_reading._MISREAD[truth, said][0]


@pytest.mark.parametrize(
    "answer", [{}, [], 7, "clip", {"A": "wait"}, Hostile(), {"A": Hostile()}, ["clip"] * 3]
)
def test_diagnose_survives(answer):
    assert check("14.diagnose", answer).score == 0


# ------------------------------------------------------------------------------------- refute


def curves(loss_after, first, second, rates):
    return [np.array([loss_after(name, lr) for lr in rates]) for name in (first, second)]


def by_arrays(loss_after, first, second, rates):
    one, two = curves(loss_after, first, second, rates)
    down = np.maximum(one, two) < 0.1 * max(one.max(), two.max())
    lead = np.where(down, one / two, np.nan)
    return rates[np.nanargmin(lead)], rates[np.nanargmax(lead)], one.min() / two.min()


def by_loops(loss_after, first, second, rates):
    start = max(loss_after(first, 1e-9), loss_after(second, 1e-9))
    rows = []
    for lr in rates:
        pair = loss_after(first, lr), loss_after(second, lr)
        if max(pair) < start / 10:
            rows.append((pair[0] / pair[1], lr))
    best = [min(loss_after(name, lr) for lr in rates) for name in (first, second)]
    return [min(rows)[1], max(rows)[1], best[0] / best[1]]


def on_a_finer_grid(loss_after, first, second, rates):
    """Shared rates need not be among the given ones; the ratio is about these."""
    fine = np.geomspace(rates[0], rates[-1], 91)
    for_first, for_second, _ = by_arrays(loss_after, first, second, fine)
    one, two = curves(loss_after, first, second, rates)
    return np.array([for_first, for_second, min(one) / min(two)])


def by_differences(loss_after, first, second, rates):
    one, two = (np.log(curve) for curve in curves(loss_after, first, second, rates))
    top = max(one.max(), two.max()) - np.log(10)
    fits = [i for i in range(len(rates)) if one[i] < top and two[i] < top]
    gap = (one - two)[fits]
    return (
        rates[fits[int(gap.argmin())]],
        rates[fits[int(gap.argmax())]],
        np.exp(one.min() - two.min()),
    )


@pytest.mark.parametrize("solution", [by_arrays, by_loops, on_a_finer_grid, by_differences])
def test_refute_accepts(student, solution):
    report = check("14.refute", solution, fresh=True)
    assert report, report


def test_either_can_win_for_every_student(monkeypatch):
    pairs = set()
    for _ in students(monkeypatch, 20):
        task = variant("14.refute")
        pairs.add((task.first, task.second))
        assert check("14.refute", by_arrays)
    assert pairs == set(PAIRS)


def changed(change):
    def experiment(loss_after, first, second, rates):
        one, two = curves(loss_after, first, second, rates)
        return change(rates, one, two, *by_arrays(loss_after, first, second, rates))

    return experiment


def wins_by_default(rates, one, two, a, b, ratio):
    """Return rates at which one wins by far because the other has not come down."""
    up = np.maximum(one, two) > 0.2 * max(one.max(), two.max())
    first, second = (rates[up & (x < y / 4)] for x, y in ((one, two), (two, one)))
    return first[0] if len(first) else a, second[0] if len(second) else b, ratio


@pytest.mark.parametrize(
    ("solution", "mistake", "score"),
    [
        (changed(lambda r, o, t, a, b, q: (b, a, q)), "exchanges_the_two", 1 / 3),
        (changed(lambda r, o, t, a, b, q: (a, a, q)), "exchanges_the_two", 2 / 3),
        (changed(lambda r, o, t, a, b, q: (b, b, q)), "exchanges_the_two", 2 / 3),
        (changed(wins_by_default), "wins_where_one_fails", 2 / 3),
        (changed(lambda r, o, t, a, b, q: (r[-1], r[-1], q)), "wins_where_one_fails", 1 / 3),
        (changed(lambda r, o, t, a, b, q: (r[0], b, q)), "wins_where_one_fails", 2 / 3),
        (changed(lambda r, o, t, a, b, q: (a, b, 1 / q)), "turns-it-over", 2 / 3),
        (
            changed(lambda r, o, t, a, b, q: (a, b, o.min() - t.min())),
            "gives-the-difference",
            2 / 3,
        ),
        (changed(lambda r, o, t, a, b, q: (a, b, np.log10(q))), "gives-the-power", 2 / 3),
        (
            changed(lambda r, o, t, a, b, q: (a, b, o.mean() / t.mean())),
            "averages-the-rates",
            2 / 3,
        ),
        (
            changed(lambda r, o, t, a, b, q: (a, b, o.min() / t[o.argmin()])),
            "shares-the-rate-of-the-first",
            2 / 3,
        ),
        (
            changed(lambda r, o, t, a, b, q: (a, b, o[t.argmin()] / t.min())),
            "shares-the-rate-of-the-second",
            2 / 3,
        ),
        (
            changed(lambda r, o, t, a, b, q: (a, b, r[o.argmin()] / r[t.argmin()])),
            "compares-the-rates",
            2 / 3,
        ),
        (changed(lambda r, o, t, a, b, q: (a, b, 1.05 * q)), None, 2 / 3),
        (changed(lambda r, o, t, a, b, q: (a, b, np.nan)), None, 2 / 3),
        (changed(lambda r, o, t, a, b, q: (a, b, "1")), None, 2 / 3),
        (changed(lambda r, o, t, a, b, q: (a, b, ...)), None, 2 / 3),
        (changed(lambda r, o, t, a, b, q: (a, np.nan, q)), None, 2 / 3),
        (changed(lambda r, o, t, a, b, q: (-a, b, q)), None, 2 / 3),
        (changed(lambda r, o, t, a, b, q: (a, b)), None, 0),
        (changed(lambda r, o, t, a, b, q: q), None, 0),
        (lambda *a: (0.1, 1.0, 1.0), None, 2 / 3),
        (lambda loss_after, f, s, rates: loss_after("lion", 0.1), None, 0),
        (lambda *a: Hostile(), None, 0),
        (lambda *a: (Hostile(), Hostile(), Hostile()), None, 0),
        (crashes, None, 0),
        (exits, None, 0),
    ],
)
def test_refute_rejects(solution, mistake, score):
    report = rejected("14.refute", solution)
    assert report.score <= score + 1e-9
    if mistake:
        assert report.matched == mistake


def test_other_races_are_run_too():
    """Numbers that are right for the learner's own pair are no experiment."""
    task = variant("14.refute")
    mine = by_arrays(task.loss_after, task.first, task.second, task.rates)
    assert check("14.refute", lambda *a: mine).score < 1
