"""Questions 05.diagnose and 05.refute: runs told by their memory, and a claim on any bowl."""

import itertools

import numpy as np
import pytest
from answers import Hostile, crashes, exits, rejected

from optlearn.course.checks import check, variant

# ----------------------------------------------------------------------------------- diagnose

LABELS = ("nothing", "sum", "fading mean", "own steps")


def diagnosis():
    """Return the labels by the laws that the lesson states."""
    found = {}
    for letter, steps in variant("05.diagnose").runs.items():
        steady = steps[:20] / steps[0]
        if np.allclose(steady, 1):
            found[letter] = "nothing"
        elif np.allclose(steady, 1 / np.sqrt(np.arange(1, 21))):
            found[letter] = "sum"
        else:
            found[letter] = "own steps" if steady[-1] > 1 else "fading mean"
    return found


def students(monkeypatch, count=60):
    for student in range(count):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        yield student


def test_any_label_may_stay_over(monkeypatch):
    over, places = set(), set()
    for _ in students(monkeypatch):
        right = diagnosis()
        assert len(set(right.values())) == 3
        over |= set(LABELS) - set(right.values())
        places |= set(right.items())
        assert check("05.diagnose", right)
    assert over == set(LABELS)
    assert places == {(letter, label) for letter in "ABC" for label in LABELS}


def test_the_shapes_are_far_apart(monkeypatch):
    """What the text says of a label is plain to see, and the heights tell nothing."""
    first = {label: [] for label in LABELS}
    for _ in students(monkeypatch):
        right = diagnosis()
        for letter, steps in variant("05.diagnose").runs.items():
            first[right[letter]].append(steps[0])
            level, fallen, back = steps[[19, 20, 59]] / steps[0]
            low, high, least, most = {
                "nothing": (0.999, 1.001, 0.99, 1.01),
                "sum": (0.2, 0.25, 0.9, 1),
                "fading mean": (0.4, 0.6, 2.5, 20),
                "own steps": (1.2, 2, 2.5, 20),
            }[right[letter]]
            assert low < level < high
            assert fallen < level / 4
            assert least < back / fallen < most
    ranges = [(min(lengths), max(lengths)) for lengths in first.values()]
    assert max(low for low, _ in ranges) < min(high for _, high in ranges)


@pytest.mark.parametrize(
    "form",
    [
        dict,
        lambda d: list(d.values()),
        lambda d: {k.lower(): f" {v.upper()}" for k, v in d.items()},
    ],
)
def test_diagnose_accepts(student, form):
    report = check("05.diagnose", form(diagnosis()))
    assert report, report


@pytest.mark.parametrize("labels", itertools.product(LABELS, repeat=3), ids="-".join)
def test_diagnose_rejects_all_but_one(labels):
    """All 64 triples: one is right, and repeating a label earns nothing."""
    answer, right = dict(zip("ABC", labels)), diagnosis()
    report = check("05.diagnose", answer)
    assert bool(report) == (answer == right)
    hits = sum(answer[k] == right[k] for k in "ABC")
    assert report.score == (pytest.approx(hits / 3) if len(set(labels)) == 3 else 0)


@pytest.mark.parametrize(
    ("truth", "said", "name"),
    [
        ("nothing", "sum", "takes-small-slopes-for-a-sum"),
        ("nothing", "fading mean", "overlooks-that-nothing-returns"),
        ("nothing", "own steps", "takes-still-for-growing"),
        ("sum", "fading mean", "overlooks-that-a-sum-stays"),
        ("sum", "nothing", "overlooks-the-sum"),
        ("fading mean", "sum", "takes-every-shrinking-for-a-sum"),
        ("fading mean", "own steps", "takes-a-return-for-growth"),
        ("fading mean", "nothing", "overlooks-the-mean"),
        ("own steps", "fading mean", "overlooks-the-growth"),
        ("own steps", "nothing", "overlooks-what-is-kept"),
        ("own steps", "sum", None),
    ],
)
def test_diagnose_names_the_misreading(truth, said, name, monkeypatch):
    for _ in students(monkeypatch):
        answer = {letter: said for letter, label in diagnosis().items() if label == truth}
        if answer:
            break
    assert check("05.diagnose", answer).matched == name


@pytest.mark.parametrize("answer", [{}, [], 7, "sum", {"A": "fast"}, Hostile(), {"A": Hostile()}])
def test_diagnose_survives(answer):
    assert check("05.diagnose", answer).score == 0


# ------------------------------------------------------------------------------------- refute


def tuned(loss_after, method, angle, rates):
    return min(loss_after(method, angle, lr) for lr in rates)


def refute_at_45(loss_after, rates):
    return [45, *(tuned(loss_after, method, 45, rates) for method in ("descent", "adagrad"))]


def refute_search(loss_after, rates):
    rows = [
        (
            angle,
            tuned(loss_after, "descent", angle, rates),
            tuned(loss_after, "adagrad", angle, rates),
        )
        for angle in range(0, 90, 15)
    ]
    return max(rows, key=lambda row: row[2] / row[1])


def refute_arrays(loss_after, rates):
    angle = np.float64(-45)
    losses = np.array([[loss_after(m, angle, lr) for lr in rates] for m in ("descent", "adagrad")])
    return np.array([angle, *losses.min(axis=1)])


def refute_random(loss_after, rates):
    rng, best = np.random.default_rng(0), (0, 1, 0)
    for angle in rng.uniform(40, 50, 8):
        row = angle, *(tuned(loss_after, m, angle, rates) for m in ("descent", "adagrad"))
        best = max(best, row, key=lambda row: row[2] / row[1])
    return best


def refute_rounded(loss_after, rates):
    return [float(f"{value:.3g}") for value in refute_at_45(loss_after, rates)]


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    "solution", [refute_at_45, refute_search, refute_arrays, refute_random, refute_rounded]
)
def test_refute_accepts(solution, fresh):
    report = check("05.refute", solution, fresh=fresh)
    assert report, report


def test_the_sentence_falls_for_every_student(monkeypatch):
    for _ in students(monkeypatch, 20):
        task = variant("05.refute")
        assert task.rates.size == 16
        _, descent, adagrad = refute_at_45(task.loss_after, task.rates)
        assert adagrad > 3 * descent
        assert tuned(task.loss_after, "adagrad", 0, task.rates) < 1e-100  # and there it is true


def at(angle):
    return lambda f, rates: [angle, *(tuned(f, m, angle, rates) for m in ("descent", "adagrad"))]


def shared(f, rates):
    losses = {m: [f(m, 45, lr) for lr in rates] for m in ("descent", "adagrad")}
    best = int(np.argmin(losses["descent"]))
    return 45, losses["descent"][best], losses["adagrad"][best]


def changed(change):
    return lambda f, rates: change(f, rates, *refute_at_45(f, rates))


@pytest.mark.parametrize(
    ("solution", "mistake", "score"),
    [
        (at(0), "keeps-the-axes", 1 / 2),
        (at(90), "keeps-the-axes", 1 / 2),
        (at(-180), "keeps-the-axes", 1 / 2),
        (at(10), None, 1 / 2),
        (at(80), None, 1 / 2),
        (shared, "shares-one-rate", 3 / 4),
        (changed(lambda f, r, a, d, g: (a, g, d)), "exchanges-the-two", 1 / 2),
        (
            changed(lambda f, r, a, d, g: (a, f("descent", a, r[0]), g)),
            "keeps-the-first-rate",
            3 / 4,
        ),
        (
            changed(lambda f, r, a, d, g: (a, d, f("adagrad", a, r[-1]))),
            "keeps-the-last-rate",
            3 / 4,
        ),
        (changed(lambda f, r, a, d, g: (a, np.log10(d), g)), "gives-the-power", 3 / 4),
        (
            changed(lambda f, r, a, d, g: (a, d, np.mean([f("adagrad", a, lr) for lr in r]))),
            "averages-the-rates",
            3 / 4,
        ),
        (
            changed(lambda f, r, a, d, g: (a, min(r, key=lambda lr: f("descent", a, lr)), g)),
            "gives-the-rate",
            3 / 4,
        ),
        (changed(lambda f, r, a, d, g: (a, np.inf, g)), "keeps-the-last-rate", 3 / 4),
        (changed(lambda f, r, a, d, g: (a, 1.1 * d, g)), None, 3 / 4),
        (changed(lambda f, r, a, d, g: (a, d, 1.0)), None, 3 / 4),
        (changed(lambda f, r, a, d, g: (a, d, np.nan)), None, 3 / 4),
        (changed(lambda f, r, a, d, g: (a, "d", g)), None, 3 / 4),
        (changed(lambda f, r, a, d, g: (a, d, ...)), None, 3 / 4),
        (changed(lambda f, r, a, d, g: (np.nan, d, g)), None, 0),
        (changed(lambda f, r, a, d, g: ("45", d, g)), None, 0),
        (changed(lambda f, r, a, d, g: (d, g)), None, 0),
        (changed(lambda f, r, a, d, g: f("adam", a, 1.0)), None, 0),
        (changed(lambda f, r, a, d, g: Hostile()), None, 0),
        (lambda f, rates: (45, 1e-6, 1e-5), None, 1 / 2),
        (crashes, None, 0),
        (exits, None, 0),
    ],
)
def test_refute_rejects(solution, mistake, score):
    report = rejected("05.refute", solution)
    assert report.score == pytest.approx(score)
    assert report.matched == mistake


def test_other_bowls_are_measured_too():
    """Numbers that are right for the learner's own bowl are not an experiment."""
    task = variant("05.refute")
    mine = refute_at_45(task.loss_after, task.rates)
    assert check("05.refute", lambda f, rates: mine).score == pytest.approx(1 / 2)
