"""Questions 11.predict, 11.order, 11.interval and 11.plan: intervals, budgets and seeds."""

import itertools
import math

import numpy as np
import pytest
from answers import Hostile, crashes, exits, rejected

from optlearn import tuning
from optlearn.course.checks import a11_interval, a11_tuning, check, intervals, variant
from optlearn.course.checks.answers import close
from optlearn.tuning.compare import t_quantile

# --------------------------------------------------------------------------------- 11.predict


def predicted(task):
    d = task.first - task.second
    reach = 3.18 * d.std(ddof=1) / 2
    return [d.mean(), reach, math.sqrt(task.grid), task.budget // (task.rivals * task.seeds)]


SLIPS = (
    a11_tuning._mean_slips,
    a11_tuning._reach_slips,
    a11_tuning._grid_slips,
    a11_tuning._budget_slips,
)


@pytest.mark.parametrize("form", [list, tuple, np.array, lambda v: [round(x, 3) for x in v]])
def test_predict_accepts(student, form):
    assert check("11.predict", form(predicted(variant("11.predict"))))


def test_predict_accepts_the_library_s_t(student):
    answer = predicted(variant("11.predict"))
    answer[1] *= intervals.t(0.975, 3) / 3.18
    assert check("11.predict", answer)


def test_predict_names_every_slip(student):
    task = variant("11.predict")
    for place, slips in enumerate(SLIPS):
        for value, name, _ in slips(task):
            answer = predicted(task)
            answer[place] = value
            report = rejected("11.predict", answer)
            assert report.score == pytest.approx(0.75)
            assert report.matched == name


@pytest.mark.parametrize("off", [-1, 1])
@pytest.mark.parametrize("place", [2, 3])
def test_a_count_that_is_off_by_one_is_wrong(student, place, off):
    answer = predicted(variant("11.predict"))
    answer[place] += off
    assert rejected("11.predict", answer).score == pytest.approx(0.75)


def test_no_slip_is_near_enough_for_any_student():
    for seed in range(300):
        task = a11_tuning._draw_predict(np.random.default_rng(seed))
        for right, slips in zip(predicted(task), SLIPS, strict=True):
            assert not any(close(value, right) for value, _, _ in slips(task))


@pytest.mark.parametrize("odd", [[1, 2], "0.1", [Hostile()] * 4, {}, ["a"] * 4, [np.nan] * 4])
def test_predict_survives(odd):
    assert check("11.predict", odd).score == 0


# ----------------------------------------------------------------------------------- 11.order


def letters(places):
    """Return the letters of lines, given by their places in ``LINES``."""
    named = {line: letter for letter, line in variant("11.order").lines.items()}
    return [named[a11_tuning.LINES[place]] for place in places]


@pytest.mark.parametrize("form", [list, tuple, " ".join, ", ".join, lambda x: "".join(x).lower()])
@pytest.mark.parametrize("places", [(0, 1, 2, 5, 6), (0, 1, 3, 2, 5, 6), (0, 1, 2, 5, 7, 6)])
def test_order_accepts(student, places, form):
    """A line that another undoes does no harm."""
    assert check("11.order", form(letters(places)))


@pytest.mark.parametrize(
    ("places", "mistake"),
    [
        ((0, 1, 3, 5, 6), "chooses-by-test"),
        ((0, 1, 3, 5, 7), "chooses-by-test"),
        ((0, 1, 4, 5, 6), "chooses-the-luckiest"),
        ((0, 1, 2, 5, 7), "reports-what-chose"),
        ((0, 1, 2, 5, 8), "reports-validation"),
        ((0, 1, 2, 3, 5, 6), "chooses-by-test"),
        ((0, 1, 2, 4, 5, 6), "chooses-the-luckiest"),
        ((0, 1, 4, 5, 8), None),
        ((0, 1, 2, 6, 5), None),
        ((1, 2, 0, 5, 6), None),
        ((0, 5, 1, 2, 6), None),
        ((0, 1, 2, 5), None),
        ((1, 2, 5, 6), None),
        ((0, 2, 1, 5, 6), None),
        ((0, 1, 5, 2, 6), None),
        ((0, 1, 2, 6), None),
        ((0, 1, 2, 5, 6, 6), None),
    ],
)
def test_order_rejects(student, places, mistake):
    report = rejected("11.order", letters(places))
    assert report.score == 0
    assert report.matched == mistake


# -------------------------------------------------------------------------------- 11.interval


def plainly(a, b, t):
    d = np.array(a) - np.array(b)
    reach = t(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean() - reach, d.mean() + reach


def in_a_loop(a, b, t):
    d = [x - y for x, y in zip(a, b)]
    n, mean = len(d), sum(d) / len(d)
    s = math.sqrt(sum((one - mean) ** 2 for one in d) / (n - 1))
    return [mean + sign * t(0.975, n - 1) * s / math.sqrt(n) for sign in (-1, 1)]


def with_n_and_its_root(a, b, t):
    """The spread divided by n, over the root of n - 1, is the same."""
    d = np.subtract(a, b)
    return np.mean(d) + np.array([-1, 1]) * t(0.975, d.size - 1) * d.std() / np.sqrt(d.size - 1)


def from_the_covariance(a, b, t):
    n, c = len(a), np.cov(a, b)
    error = np.sqrt((c[0, 0] + c[1, 1] - 2 * c[0, 1]) / n)
    middle = np.mean(a) - np.mean(b)
    return middle - t(0.975, n - 1) * error, middle + t(0.975, n - 1) * error


def with_the_lessons_quantile(a, b, t):
    d = np.array(a, dtype=float)
    d -= b
    n = len(d)
    reach = t_quantile(0.975, n - 1) * np.sqrt(np.var(d, ddof=1) / n)
    return np.array([[d.mean() - reach], [d.mean() + reach]])


def in_place(a, b, t):
    if isinstance(a, list):
        return plainly(a, b, t)
    a -= b
    return plainly(a, 0 * a, t)


ODD = {
    "changes its input": in_place,
    "the reach alone": lambda a, b, t: plainly(a, b, t)[1],
    "mean and reach": lambda a, b, t: (np.mean(np.subtract(a, b)), 0.5),
    "zero to the mean": lambda a, b, t: (0.0, np.mean(np.subtract(a, b))),
    "single precision": lambda a, b, t: np.float32(plainly(a, b, t)),
    "text": lambda a, b, t: ("low", "high"),
    "no numbers": lambda a, b, t: (np.nan, np.nan),
    "t without end": lambda a, b, t: t(0.975, 10**9),
    "crashes": crashes,
    "exits": exits,
    "too few arguments": lambda a, b: (0, 1),
    "hostile": lambda a, b, t: Hostile(),
    "no function": (0.1, 0.2),
}


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    "solution",
    [plainly, in_a_loop, with_n_and_its_root, from_the_covariance, with_the_lessons_quantile],
)
def test_interval_accepts(solution, fresh):
    report = check("11.interval", solution, fresh=fresh)
    assert report, report


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("name", intervals.WRONG_INTERVALS)
def test_interval_names_the_mistake(name, fresh):
    sentence, wrong = intervals.WRONG_INTERVALS[name]
    report = rejected("11.interval", lambda a, b, t: wrong(a, b, t), fresh=fresh)
    assert report.matched == name
    assert sentence in " ".join(report.message.split())
    assert report.score <= 0.8


@pytest.mark.parametrize("name", ODD)
def test_interval_rejects(name):
    assert rejected("11.interval", ODD[name]).score < 1


def test_an_input_that_changes_is_named():
    assert check("11.interval", in_place).matched == "changes_its_input"


def test_the_interval_is_the_library_s():
    a, b = np.random.default_rng(0).normal(size=(2, 7))
    assert intervals.paired_interval(a, b, intervals.t) == tuning.Comparison("", tuple(a - b)).ci95


def test_calling_the_library_is_said_openly():
    def borrows(a, b, t):
        return tuning.Comparison("points", tuple(np.subtract(a, b))).ci95

    report = check("11.interval", borrows)
    assert report.score == 0.25
    assert "Your answer calls optlearn.tuning.compare.Comparison" in report.message


# ------------------------------------------------------------------------------------ 11.plan


def one_by_one(d, effect, t):
    s, n = np.std(d, ddof=1), 2
    while (t(0.975, n - 1) + t(0.8, n - 1)) * s / np.sqrt(n) > effect:
        n += 1
    return n


def from_a_table(d, effect, t):
    n = np.arange(2, 300)
    smallest = np.array([t(0.975, k - 1) + t(0.8, k - 1) for k in n]) * np.std(d, ddof=1)
    return n[np.argmax(smallest / np.sqrt(n) <= effect)]


def by_halving(d, effect, t):
    def enough(n):
        return (t(0.975, n - 1) + t(0.8, n - 1)) ** 2 * np.var(d, ddof=1) <= n * effect**2

    low, high = 1, 512
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return float(high)


def as_a_generator(d, effect, t):
    mean = sum(d) / len(d)
    s2 = sum((one - mean) ** 2 for one in d) / (len(d) - 1)
    sizes = itertools.count(2)
    return next(n for n in sizes if t(0.975, n - 1) + t(0.8, n - 1) <= effect * (n / s2) ** 0.5)


def recursive(d, effect, t, n=2):
    small = (t(0.975, n - 1) + t(0.8, n - 1)) * np.std(d, ddof=1) / n**0.5 <= effect
    return np.array([n]) if small else recursive(d, effect, t, n + 1)


PLANS_ODD = {
    "never ends": lambda d, effect, t: [t(0.8, n) for n in itertools.count(1)],
    "the effect": lambda d, effect, t: effect,
    "the formula": lambda d, effect, t: (2.8 * np.std(d, ddof=1) / effect) ** 2,
    "ten seeds": lambda d, effect, t: 10,
    "text": lambda d, effect, t: "a dozen",
    "all of them": lambda d, effect, t: list(range(2, 20)),
    "no number": lambda d, effect, t: np.nan,
    "crashes": crashes,
    "exits": exits,
    "hostile": lambda d, effect, t: Hostile(),
    "no function": 12,
}


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    "solution", [one_by_one, from_a_table, by_halving, as_a_generator, recursive]
)
def test_plan_accepts(student, solution, fresh):
    report = check("11.plan", solution, fresh=fresh)
    assert report, report


@pytest.mark.parametrize("name", a11_interval.WRONG_PLANS)
def test_plan_names_the_mistake(student, name):
    wrong = a11_interval.WRONG_PLANS[name][1]
    report = rejected("11.plan", lambda d, effect, t: wrong(d, effect))
    assert report.matched == name
    assert report.score <= 2 / 3


@pytest.mark.parametrize("name", PLANS_ODD)
def test_plan_rejects(name):
    assert rejected("11.plan", PLANS_ODD[name]).score < 1


def test_every_mistake_shows_whatever_is_drawn():
    for seed in range(6):
        task = a11_interval._draw_plan(np.random.default_rng(seed))
        for _, wrong in a11_interval.WRONG_PLANS.values():
            rng = np.random.default_rng(seed)
            assert not a11_interval.plan(lambda d, e, t, wrong=wrong: wrong(d, e), task, rng)


def test_every_pilot_is_undecided(monkeypatch):
    for student in range(60):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        low, high = plainly(variant("11.plan").pilot, np.zeros(5), intervals.t)
        assert low < 0 < high


def test_the_number_of_seeds_is_the_library_s():
    """With so many seeds of this spread the smallest effect seen is below, with one less above."""
    d = np.array([1.0, -2.0, 0.5, 3.0])
    n = one_by_one(d, 1.5, intervals.t)
    assert n == a11_interval.needed(np.std(d, ddof=1), 1.5)
    shape = np.random.default_rng(0).normal(size=n)
    for size, enough in ((n, True), (n - 1, False)):
        sample = shape[:size] - shape[:size].mean()
        sample *= np.std(d, ddof=1) / sample.std(ddof=1)
        assert (tuning.Comparison("", tuple(sample)).smallest_effect <= 1.5) == enough
