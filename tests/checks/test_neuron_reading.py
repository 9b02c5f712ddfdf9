"""Questions 01.workers, 01.diagnose and 01.refute: read lines and runs, watch the weights."""

import itertools

import numpy as np
import pytest
from answers import Hostile, crashes, exits, rejected

from optlearn.course.checks import check, variant
from optlearn.course.checks.a01_claim import Laboratory
from optlearn.course.checks.a01_neuron import batched
from optlearn.course.checks.a01_reading import MADE_BY, WORKERS


def students(monkeypatch, count=60):
    for student in range(count):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        yield student


# ------------------------------------------------------------------------------------ workers


def assigned():
    """Return whose lines these are: each form of arithmetic belongs to one worker."""
    found = {}
    for letter, line in variant("01.workers").lines.items():
        left = line.split(" = ")[0]
        signs = {
            "loader": "samples" in left,
            "loss": "²" in left,
            "schedule": "/" in left,
            "backpropagation": left.startswith("2 · ("),
            "optimizer": left.count("−") >= 1 and "· (" in left and not left.startswith("2 · ("),
            "model": "(" not in left and "·" in left,
        }
        found[letter] = next(worker for worker, sign in signs.items() if sign)
    return found


def test_any_worker_may_stay_over(monkeypatch):
    over, places = set(), set()
    for _ in students(monkeypatch):
        right = assigned()
        assert len(set(right.values())) == 5
        assert check("01.workers", right), check("01.workers", right)
        over |= set(WORKERS) - set(right.values())
        places |= set(right.items())
    assert over == set(WORKERS)
    assert len(places) == 30


def test_the_arithmetic_of_the_lines_is_true(monkeypatch):
    for _ in students(monkeypatch, 25):
        for line in variant("01.workers").lines.values():
            if "samples" not in line:
                left, right = line.replace("−", "-").replace("·", "*").split(" = ")
                assert eval(left.replace("²", "**2")) == pytest.approx(float(right), rel=1e-4)


@pytest.mark.parametrize(
    "form", [list, lambda d: dict(zip("ABCDE", d)), lambda d: [w.upper() + " " for w in d]]
)
def test_workers_accepts(student, form):
    assert check("01.workers", form(list(assigned().values())))


@pytest.mark.parametrize(
    ("truth", "said", "name"),
    [
        ("backpropagation", "optimizer", "takes-backpropagation-for-the-optimizer"),
        ("optimizer", "backpropagation", "takes-the-optimizer-for-backpropagation"),
        ("schedule", "optimizer", "takes-the-schedule-for-the-optimizer"),
        ("loss", "optimizer", "lets-the-optimizer-see-the-loss"),
        ("loss", "model", "takes-the-loss-for-the-output"),
        ("loader", "model", None),
    ],
)
def test_workers_names_what_was_confused(truth, said, name, monkeypatch):
    for _ in students(monkeypatch):
        answer = {letter: said for letter, worker in assigned().items() if worker == truth}
        if answer:
            break
    report = rejected("01.workers", answer)
    assert report.score == 0
    assert report.matched == name


@pytest.mark.parametrize("places", itertools.combinations(range(5), 2))
def test_two_lines_exchanged_cost_two_fifths(student, places):
    answer = list(assigned().values())
    i, j = places
    answer[i], answer[j] = answer[j], answer[i]
    assert rejected("01.workers", answer).score == pytest.approx(3 / 5)


@pytest.mark.parametrize("question", ["01.workers", "01.diagnose"])
@pytest.mark.parametrize(
    "answer", [{}, [], 7, "model", {"A": "boss"}, {"A": 3}, Hostile(), {"A": Hostile()}, print]
)
def test_labels_survive(question, answer):
    report = check(question, answer)
    assert not report
    assert report.score == 0


# ----------------------------------------------------------------------------------- diagnose


def diagnosis():
    """Return the labels from the first two steps, computed anew."""
    task, found = variant("01.diagnose"), {}
    (x, x2), (y, y2), lr = task.x, task.y, task.lr
    for letter, ((w, b), (w1, b1), (w2, b2), *_) in task.runs.items():
        step, step2 = lr * 2 * (w * x + b - y), lr * 2 * (w1 * x2 + b1 - y2)
        if b == b2:
            found[letter] = "the bias rests"
        elif w == w1:
            found[letter] = "once an epoch"
        elif np.isclose(b1, b + step):
            found[letter] = "climbs"
        else:
            found[letter] = "healthy" if np.isclose(w2, w1 - step2 * x2) else "slopes pile up"
    return found


def test_any_run_may_stay_over(monkeypatch):
    places = set()
    for _ in students(monkeypatch):
        right = diagnosis()
        assert len(set(right.values())) == 3
        assert check("01.diagnose", right), check("01.diagnose", right)
        places |= set(right.items())
    assert places == {(letter, label) for letter in "ABC" for label in MADE_BY}


def test_the_runs_differ_in_the_digits_shown(monkeypatch):
    """Any two labels part by the second step, and no number grows too long for the table."""
    for _ in students(monkeypatch):
        task = variant("01.diagnose")
        start = next(iter(task.runs.values()))[0]
        args = batched(task.x, task.y, 1), *start, task.lr, 2
        paths = [loop(*args) for loop in MADE_BY.values()]
        for a, b in itertools.combinations(paths, 2):
            assert np.abs(a[:3] - b[:3]).max() > 0.02
        assert np.abs(paths).max() < 100


TRIPLES = list(itertools.product(MADE_BY, repeat=3))


@pytest.mark.parametrize("labels", TRIPLES, ids="-".join)
def test_diagnose_rejects_all_but_one(labels):
    answer, right = dict(zip("ABC", labels)), diagnosis()
    report = check("01.diagnose", answer)
    assert bool(report) == (answer == right)
    hits = sum(answer[k] == right[k] for k in "ABC") if len(set(labels)) == 3 else 0
    assert report.score == pytest.approx(hits / 3)


@pytest.mark.parametrize(
    ("truth", "said", "name"),
    [
        ("slopes pile up", "healthy", "overlooks-the-old-slopes"),
        ("climbs", "healthy", "overlooks-the-sign"),
        ("once an epoch", "healthy", "steps-once-an-epoch"),
        ("the bias rests", "healthy", "overlooks-the-bias"),
        ("healthy", "climbs", None),
    ],
)
def test_diagnose_names_the_misreading(truth, said, name, monkeypatch):
    for _ in students(monkeypatch):
        answer = {letter: said for letter, label in diagnosis().items() if label == truth}
        if answer:
            break
    assert rejected("01.diagnose", answer).matched == name


# ------------------------------------------------------------------------------------- refute


def watch(train, size=10, epochs=3):
    seen = []
    train(size, epochs, lambda weights: seen.append(weights.copy()))
    return np.array(seen)


def changes(seen):
    return int(np.any(seen[1:] != seen[:-1], axis=1).sum())


def refute_arrays(train, samples):
    return 3, changes(watch(train))


def refute_counter(train, samples):
    last, count = None, 0

    def look(weights):
        nonlocal last, count
        now = tuple(weights)
        count += last is not None and now != last
        last = now

    train(samples // 2, 5, look)
    return [5, count]


def refute_one_epoch(train, samples):
    seen = []
    train(1, 1, lambda weights: seen.append(list(weights)))
    return np.array([1, sum(a != b for a, b in itertools.pairwise(seen))])


def refute_set(train, samples):
    """Noise never leads back to a place: the number of places is one more than the changes."""
    return 4, len({tuple(w) for w in watch(train, 20, 4)}) - 1


def refute_twice(train, samples):
    counts = [(epochs, changes(watch(train, 16, epochs))) for epochs in (2, 3)]
    return counts[0]


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    "solution",
    [refute_arrays, refute_counter, refute_one_epoch, refute_set, refute_twice],
)
def test_refute_accepts(student, solution, fresh):
    report = check("01.refute", solution, fresh=fresh)
    assert report, report


def one_array(train, samples):
    seen = []
    train(10, 3, lambda weights: seen.append(weights))
    return 3, changes(np.array(seen))


def formula(train, samples):
    train(10, 3, lambda weights: None)
    return 3, 3 * int(np.ceil(samples / 10))


WRONG = [
    (lambda t, n: (3, changes(watch(t, n))), 2 / 3, "cannot-tell"),
    (lambda t, n: (3, changes(watch(t, 10**6))), 2 / 3, "cannot-tell"),
    (lambda t, n: (changes(watch(t)),) * 2, 2 / 3, "promises-what-it-counts"),
    (lambda t, n: (1, changes(watch(t))), 2 / 3, None),
    (one_array, 1 / 3, "keeps-one-array"),
    (formula, 1 / 3, "counts-the-batches"),
    (lambda t, n: (3, len(watch(t)) - 1), 1 / 3, "counts-the-batches"),
    (lambda t, n: (3, len(watch(t))), 1 / 3, "counts-the-start"),
    (lambda t, n: (3, len(watch(t)) and 3), 1 / 3, None),
    (lambda t, n: (3, changes(watch(t)) - 1), 1 / 3, None),
    (lambda t, n: (changes(watch(t)), 3), 0, "promises-what-it-counts"),
    (lambda t, n: (3, 3 * -(-n // 10)), 0, "computes-instead-of-watching"),
    (lambda t, n: (3, 3), 0, "computes-instead-of-watching"),
    (lambda t, n: (3, "30", watch(t)), 0, None),
    (lambda t, n: (3, str(changes(watch(t)))), 0, None),
    (lambda t, n: changes(watch(t)), 0, None),
    (lambda t, n: watch(t, 0), 0, None),
    (lambda t, n: watch(t, 10.5), 0, None),
    (lambda t, n: watch(t, 1, 10**9), 0, None),
    (lambda t, n: t(10, 3, None), 0, None),
    (lambda t, n: Hostile(), 0, None),
    (lambda t, n: (Hostile(), Hostile()), 0, None),
    (crashes, 0, None),
    (exits, 0, None),
]


@pytest.mark.parametrize(("wrong", "score", "mistake"), WRONG)
def test_refute_rejects(wrong, score, mistake):
    report = rejected("01.refute", wrong)
    assert report.score == pytest.approx(score)
    assert report.matched == mistake


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize(("size", "epochs"), [(7, 3), (40, 2), (1, 1)])
def test_a_laboratory_does_what_its_claim_says(waits, size, epochs):
    seen = watch(Laboratory(40, 0, waits).train, size, epochs)
    batches = -(-40 // size)
    assert len(seen) == epochs * batches + 1
    assert changes(seen) == (epochs if waits else epochs * batches)
