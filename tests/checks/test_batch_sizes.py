"""Questions 03.predict, 03.order, 03.diagnose and 03.refute."""

from itertools import product
from math import ceil

import numpy as np
import pytest
from answers import Hostile, crashes, exits, rejected

from optlearn.course.checks import check, variant
from optlearn.course.checks.a03_reading import ALL, SIZES, floor


def students(monkeypatch, count=60):
    for student in range(count):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        yield student


# --------------------------------------------------------------------------------- 03.predict


def counted():
    """Return the task and the four numbers, counted one by one."""
    task = variant("03.predict")
    kept = [len(range(i, min(i + task.size, task.n))) for i in range(0, task.n, task.size)]
    full = [size for size in kept if size == task.size]
    epochs = 0
    while epochs * len(full) < task.steps:
        epochs += 1
    return task, [len(kept), kept[-1], task.epochs * len(full), epochs]


@pytest.mark.parametrize("form", [list, tuple, np.array, lambda a: [float(v) for v in a]])
def test_predict_accepts(student, form):
    report = check("03.predict", form(counted()[1]))
    assert report, report


SLIPS = [
    (0, lambda t: t.n // t.size, "drops-the-last-batch"),
    (0, lambda t: t.n / t.size, "keeps-the-fraction"),
    (0, lambda t: t.n, "counts-examples"),
    (0, lambda t: 1, "one-step-an-epoch"),
    (1, lambda t: t.size, "takes-the-last-for-full"),
    (1, lambda t: t.size - t.n % t.size, "counts-what-is-missing"),
    (1, lambda t: t.n / t.size % 1, "keeps-the-fraction"),
    (2, lambda t: t.epochs * ceil(t.n / t.size), "keeps-the-last-batch"),
    (2, lambda t: t.n // t.size, "forgets-the-epochs"),
    (2, lambda t: t.epochs * t.n // t.size, "lets-epochs-run-together"),
    (2, lambda t: t.epochs * t.n / t.size, "keeps-the-fraction"),
    (3, lambda t: t.steps / (t.n // t.size), "keeps-the-fraction"),
    (3, lambda t: t.steps // (t.n // t.size), None),
    (3, lambda t: ceil(t.steps / ceil(t.n / t.size)), None),
    (3, lambda t: t.steps, "one-step-an-epoch"),
    (3, lambda t: "12", None),
    (0, lambda t: -1, None),
    (1, lambda t: float("nan"), None),
]


@pytest.mark.parametrize(("place", "wrong", "mistake"), SLIPS)
def test_predict_rejects(monkeypatch, place, wrong, mistake):
    """Every slip leads to a wrong number, whatever the student's numbers are."""
    for _ in students(monkeypatch, 20):
        task, answer = counted()
        answer[place] = wrong(task)
        report = rejected("03.predict", answer)
        assert report.score == pytest.approx(3 / 4)
        if mistake:
            assert report.matched == mistake


def test_numbers_differ_between_students(monkeypatch):
    assert len({repr(variant("03.predict")) for _ in students(monkeypatch)}) > 50
    assert len({variant("03.predict").size for _ in students(monkeypatch)}) == 4
    assert len({variant("03.refute").capacity for _ in students(monkeypatch)}) == 4


# ----------------------------------------------------------------------------------- 03.order

START, KEEP, ONCE = "w = start", "path = [w]", "order = rng.permutation(n)"
EPOCHS, ANEW = "for epoch in range(epochs):", "    order = rng.permutation(n)"
BATCHES, CUT = "    for first in range(0, n, size):", "        batch = order[first : first + size]"
FIRST = "        batch = order[:size]"
STEP, APPEND = "        w = w - lr * gradient(w, batch)", "        path.append(w)"
RIGHT = (START, KEEP, EPOCHS, ANEW, BATCHES, CUT, STEP, APPEND)


def letters(lines):
    names = {line: letter for letter, line in variant("03.order").lines.items()}
    return "".join(names[line] for line in lines)


@pytest.mark.parametrize(
    "lines",
    [
        RIGHT,
        (START, KEEP, ONCE, *RIGHT[2:]),
        (*RIGHT[:5], FIRST, *RIGHT[5:]),
        (ONCE, START, KEEP, EPOCHS, ANEW, BATCHES, FIRST, CUT, STEP, APPEND),
    ],
)
def test_order_accepts(student, lines):
    report = check("03.order", letters(lines))
    assert report, report


@pytest.mark.parametrize(
    ("lines", "mistake"),
    [
        ((START, KEEP, ONCE, EPOCHS, BATCHES, CUT, STEP, APPEND), "shuffles_once"),
        ((START, KEEP, EPOCHS, ANEW, BATCHES, FIRST, STEP, APPEND), None),
        ((START, KEEP, EPOCHS, ANEW, BATCHES, CUT, FIRST, STEP, APPEND), None),
        ((START, KEEP, EPOCHS, ANEW, BATCHES, CUT, APPEND, STEP), "keeps_the_start_twice"),
        *((tuple(line for line in RIGHT if line != left), None) for left in RIGHT),
        ((KEEP, START, *RIGHT[2:]), None),
        ((START, KEEP, EPOCHS, ANEW, BATCHES, STEP, CUT, APPEND), None),
        ((START, KEEP, EPOCHS, BATCHES, ANEW, CUT, STEP, APPEND), None),
        ((START, KEEP, BATCHES, CUT, STEP, APPEND, EPOCHS, ANEW), None),
        (RIGHT[::-1], None),
    ],
)
def test_order_rejects(student, lines, mistake):
    report = rejected("03.order", letters(lines))
    assert report.score == 0
    if mistake:
        assert report.matched == mistake


# -------------------------------------------------------------------------------- 03.diagnose


def diagnosis():
    """Return the sizes by the theory of the floor."""
    task, found = variant("03.diagnose"), {}
    for letter, run in task.runs.items():
        heights = {size: floor(task.lr, int(size)) for size in SIZES[:3]}
        height = run[-60:].mean()
        near = min(heights, key=lambda size: abs(np.log(height / heights[size])))
        found[letter] = near if height > heights[near] / 2 else str(ALL)
    return found


def test_the_curves_tell_the_sizes_apart(monkeypatch):
    over, places = set(), set()
    for _ in students(monkeypatch):
        task, right = variant("03.diagnose"), diagnosis()
        assert check("03.diagnose", right)
        over |= set(SIZES) - set(right.values())
        places |= set(right.items())
        for letter, size in right.items():
            height = task.runs[letter][-60:].mean()
            if size == str(ALL):
                assert height < 0.01 * floor(task.lr, 64)
            else:
                assert 0.6 < height / floor(task.lr, int(size)) < 1.6
    assert over == set(SIZES)
    assert places == set(product("ABC", SIZES))


@pytest.mark.parametrize(
    "form",
    [
        dict,
        lambda d: list(d.values()),
        lambda d: {k.lower(): int(v) for k, v in d.items()},
        lambda d: [np.int64(v) for v in d.values()],
    ],
)
def test_diagnose_accepts(student, form):
    report = check("03.diagnose", form(diagnosis()))
    assert report, report


@pytest.mark.parametrize("sizes", list(product(SIZES, repeat=3)), ids="-".join)
def test_diagnose_rejects_all_but_one(sizes):
    answer, right = dict(zip("ABC", sizes)), diagnosis()
    report = check("03.diagnose", answer)
    assert bool(report) == (answer == right)
    hits = sum(answer[k] == right[k] for k in "ABC") if len(set(sizes)) == 3 else 0
    assert report.score == pytest.approx(hits / 3)


@pytest.mark.parametrize(
    ("truth", "said", "name"),
    [
        ("8", "64", "takes-the-root"),
        ("64", "512", "takes-low-for-none"),
        ("512", "64", "takes-none-for-low"),
        ("1", "512", "turns-noise-over"),
        ("512", "1", "turns-noise-over"),
        ("64", "8", None),
    ],
)
def test_diagnose_names_the_misreading(truth, said, name, monkeypatch):
    for _ in students(monkeypatch):
        answer = {letter: said for letter, size in diagnosis().items() if size == truth}
        if answer:
            break
    assert check("03.diagnose", answer).matched == name


@pytest.mark.parametrize("answer", [{"A": "32"}, {"A": "all"}, ["1"], 8, Hostile(), print])
def test_diagnose_survives(answer):
    assert rejected("03.diagnose", answer).score == 0


# ---------------------------------------------------------------------------------- 03.refute

GRID = np.geomspace(0.01, 1.9, 30)


def best(rounds, size):
    return min(GRID, key=lambda lr: rounds(size, lr))


def run_of(small, large, rates=GRID):
    """Return the experiment that gives both batches the best of ``rates``."""

    def experiment(rounds):
        few, many = (min(rates, key=lambda lr: rounds(size, lr)) for size in (small, large))
        return (small, few), (large, many), rounds(large, many) / rounds(small, few)

    return experiment


def as_arrays(small, large):
    experiment = run_of(small, large, np.geomspace(0.02, 1.8, 20))
    return lambda rounds: [np.array(part) for part in experiment(rounds)]


def capacity():
    return variant("03.refute").capacity


REFUTE_RIGHT = {
    "the machine and everything": lambda c: run_of(c, 512),
    "more than the machine": lambda c: run_of(c, 384),
    "half the machine": lambda c: run_of(max(4, c // 2), 512),
    "other rates": lambda c: run_of(c, 480, (0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9, 1.1, 1.4, 1.6)),
    "arrays": lambda c: as_arrays(c, 512),
}


@pytest.mark.parametrize("name", REFUTE_RIGHT)
def test_refute_accepts(student, name):
    report = check("03.refute", REFUTE_RIGHT[name](capacity()), fresh=True)
    assert report, report


def changed(place, change):
    """Return the experiment with ``change(answer, rounds, capacity)`` at a place."""

    def of(c):
        right = run_of(c, 512)

        def experiment(rounds):
            answer = list(right(rounds))
            answer[place] = change(answer, rounds, c)
            return answer

        return experiment

    return of


def one_rate(lr):
    return lambda c: run_of(c, 512, [lr])


REFUTE_WRONG = {
    "fills the machine": (lambda c: run_of(1, 4), "fills-the-machine"),
    "one rate for both": (one_rate(0.1), "gives-both-one-rate"),
    "small diverges": (changed(0, lambda a, r, c: (c, 5.0)), "small-does-not-arrive"),
    "large crawls": (changed(1, lambda a, r, c: (512, 0.05)), None),
    "upside down": (changed(2, lambda a, r, c: 1 / a[2]), "turns-it-over"),
    "ratio of steps": (changed(2, lambda a, r, c: a[2] / (512 / c)), "counts-steps"),
    "ratio of rates": (changed(2, lambda a, r, c: a[1][1] / a[0][1]), "compares-the-rates"),
    "difference": (changed(2, lambda a, r, c: r(*a[1]) - r(*a[0])), "gives-the-difference"),
    "no ratio": (changed(2, lambda a, r, c: ...), None),
    "large first": (lambda c: run_of(512, c), None),
    "the same batch": (lambda c: run_of(8, 8), None),
    "too large": (changed(1, lambda a, r, c: (513, 1.0)), None),
    "half an example": (changed(0, lambda a, r, c: (0.5, 0.1)), None),
    "a rate below 0": (changed(0, lambda a, r, c: (c, -0.1)), None),
    "a rate that is nan": (changed(1, lambda a, r, c: (512, np.nan)), None),
    "sizes alone": (lambda c: lambda r: (8, 512, 4.0), None),
    "two things": (lambda c: lambda r: ((8, 0.3), (512, 1.5)), None),
    "crashes": (lambda c: crashes, None),
    "exits": (lambda c: exits, None),
    "hostile": (lambda c: lambda r: Hostile(), None),
    "no function": (lambda c: ((8, 0.3), (512, 1.5), 9.0), None),
}


@pytest.mark.parametrize("name", REFUTE_WRONG)
def test_refute_rejects(name):
    solution, mistake = REFUTE_WRONG[name]
    report = rejected("03.refute", solution(capacity()))
    assert report.score < 1
    if mistake:
        assert report.matched == mistake


def test_an_unfair_experiment_does_not_earn_it_all(monkeypatch):
    """A large batch that is slow at the rate of the small one says nothing against the sentence."""
    for _ in students(monkeypatch, 8):
        assert check("03.refute", one_rate(0.05)(capacity())).score <= 0.75
