"""Questions 10.predict, 10.order, 10.cosine and 10.schedule: rates by hand and in code."""

import itertools
import math

import numpy as np
import pytest
from answers import Hostile, crashes, exits, rejected

from optlearn import schedules
from optlearn.course.checks import a10_schedules, check, rates, variant
from optlearn.course.checks.answers import close

# -------------------------------------------------------------------------------- 10.predict


def predicted(task):
    share = (task.third - 1 - task.warmup) / (task.steps - task.warmup)
    return [
        task.peak * task.rise / task.warmup,
        task.peak * (1 + math.cos(math.pi * share)) / 2,
        (task.high / task.low) ** (1 / (task.times - 1)),
        task.k * task.lr,
        math.sqrt(task.k) * task.lr,
    ]


def slips(task):
    """Return the known slips of each of the five numbers."""
    linear, root = predicted(task)[3:]
    return [
        a10_schedules._early_slips(task),
        a10_schedules._late_slips(task),
        a10_schedules._factor_slips(task),
        a10_schedules._scaling_slips(task, linear, root, "square-root"),
        a10_schedules._scaling_slips(task, root, linear, "linear"),
    ]


@pytest.mark.parametrize("form", [list, tuple, np.array, lambda v: [round(x, 3) for x in v]])
def test_predict_accepts(student, form):
    assert check("10.predict", form(predicted(variant("10.predict"))))


def test_the_second_step_is_a_third_of_the_way_down(student):
    task = variant("10.predict")
    assert predicted(task)[1] == pytest.approx(0.75 * task.peak)


def test_predict_names_every_slip(student):
    task = variant("10.predict")
    for place, known in enumerate(slips(task)):
        for value, name, _ in known:
            answer = predicted(task)
            answer[place] = value
            report = rejected("10.predict", answer)
            assert report.score == pytest.approx(0.8)
            assert report.matched == name


def test_no_slip_is_near_enough_for_any_student():
    for seed in range(300):
        task = a10_schedules._draw_predict(np.random.default_rng(seed))
        for right, known in zip(predicted(task), slips(task), strict=True):
            values = [value for value, _, _ in known]
            assert not any(close(value, right) for value in values)
            assert not any(close(a, b) for a, b in itertools.combinations(values, 2))


@pytest.mark.parametrize("odd", [[1, 2], "0.1", [Hostile()] * 5, {}, ["a"] * 5, [np.nan] * 5])
def test_predict_survives(odd):
    assert check("10.predict", odd).score == 0


# ---------------------------------------------------------------------------------- 10.order

RIGHT = (0, 1, 4, 5, 7, 8)


def letters(places):
    """Return the letters of lines, given by their places in ``LINES``."""
    named = {line: letter for letter, line in variant("10.order").lines.items()}
    return [named[a10_schedules.LINES[place]] for place in places]


@pytest.mark.parametrize(
    "places",
    [RIGHT, (2, *RIGHT), (0, 1, 2, 4, 5, 7, 8)],
    ids=["six lines", "a rate that nobody uses", "the same, later"],
)
@pytest.mark.parametrize("form", [list, tuple, " ".join, ", ".join, lambda x: "".join(x).lower()])
def test_order_accepts(student, places, form):
    assert check("10.order", form(letters(places)))


@pytest.mark.parametrize(
    ("places", "mistake"),
    [
        ((0, 1, 2, 4, 7, 8), "asks-once"),
        ((0, 1, 3, 5, 7, 8), "counts-from-zero"),
        ((0, 1, 2, 4, 6, 7, 8), "compounds"),
        ((0, 1, 2, 4, 7, 5, 8), "uses-the-last-rate"),
        ((0, 1, 4, 5, 8, 7), None),
        ((0, 1, 4, 5, 7), None),
        ((0, 4, 1, 5, 7, 8), None),
        ((0, 1, 4, 7, 5, 8), None),
        ((0, 1, 4, 5, 8), None),
        ((0, 1, 5, 4, 7, 8), None),
        ((0, 1, 4, 6, 7, 8), None),
        ((0, 1, 3, 4, 5, 7, 8), None),
        ((1, 0, 4, 5, 7, 8), None),
        ((0, 1), None),
        ((0, 1, 4, 5, 5, 7, 8), None),
        ((0, 1, 4, 5, 6, 7, 8), None),
        ((0, 1, 4, 5, 7, 7, 8), None),
    ],
)
def test_order_rejects(student, places, mistake):
    report = rejected("10.order", letters(places))
    assert report.score == 0
    assert report.matched == mistake


# --------------------------------------------------------------------------------- 10.cosine


def cosine(t, peak, steps):
    return peak / 2 * (1 + np.cos(np.pi * (t - 1) / steps))


def cosine_squared(t, peak, steps):
    """Half of one plus the cosine is the square of the cosine of half the angle."""
    return peak * math.cos(math.pi * (t - 1) / steps / 2) ** 2


def cosine_from_a_list(t, peak, steps):
    angles = np.linspace(0, np.pi, steps + 1)
    return (peak * (0.5 + 0.5 * np.cos(angles)))[t - 1]


def cosine_in_an_array(t, peak, steps):
    return np.array([peak]) * (1 - np.sin(np.pi * (t - 1) / steps - np.pi / 2)) / 2


def cosine_turned(t, peak, steps):
    left = steps - (t - 1)
    return peak - peak * (1 + math.cos(math.pi * left / steps)) / 2


COSINES_ODD = {
    "crashes": crashes,
    "exits": exits,
    "hostile": lambda *a: Hostile(),
    "text": lambda *a: "half a wave",
    "no number": lambda *a: np.nan,
    "a list of all rates": lambda t, peak, steps: [cosine(s, peak, steps) for s in (1, 2, 3)],
    "no function": 0.4,
    "single precision": lambda *a: np.float32(cosine(*a)),
}


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    "solution",
    [cosine, cosine_squared, cosine_from_a_list, cosine_in_an_array, cosine_turned],
)
def test_cosine_accepts(solution, fresh):
    report = check("10.cosine", solution, fresh=fresh)
    assert report, report
    assert report.score == 1


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("name", rates.WRONG_COSINES)
def test_cosine_names_the_mistake(name, fresh):
    sentence, wrong = rates.WRONG_COSINES[name]
    report = rejected("10.cosine", lambda t, peak, steps: wrong(t, peak, steps), fresh=fresh)
    assert report.matched == name
    assert sentence in " ".join(report.message.split())
    assert report.score <= 0.75


@pytest.mark.parametrize("name", COSINES_ODD)
def test_cosine_rejects(name):
    assert rejected("10.cosine", COSINES_ODD[name]).score < 1


# ------------------------------------------------------------------------------- 10.schedule


def plain(t, peak, steps, warmup, final):
    if t <= warmup:
        return peak * t / warmup
    done = min(1, (t - 1 - warmup) / (steps - warmup))
    return final + (peak - final) * (1 + np.cos(np.pi * done)) / 2


def in_three_cases(t, peak, steps, warmup, final):
    if t > steps:
        return final
    if t > warmup:
        return (peak + final) / 2 + (peak - final) / 2 * math.cos(
            math.pi * (t - warmup - 1) / (steps - warmup)
        )
    return t * (peak / warmup)


def from_a_list(t, peak, steps, warmup, final):
    up = [peak * (k + 1) / warmup for k in range(warmup)]
    down = final + (peak - final) * cosine(np.arange(1, steps - warmup + 1), 1, steps - warmup)
    return [*up, *down, final][min(t, steps + 1) - 1]


def with_where(t, peak, steps, warmup, final):
    t = np.asarray(t)
    done = np.clip((t - 1 - warmup) / (steps - warmup), 0, 1)
    return np.where(
        t <= warmup,
        peak * t / max(warmup, 1),
        peak - (peak - final) * np.sin(np.pi * done / 2) ** 2,
    )


def step_by_step(t, peak, steps, warmup, final):
    """Add up the changes from step to step."""
    rate, angle = 0.0, math.pi / (steps - warmup)
    for step in range(1, t + 1):
        if step <= warmup:
            rate += peak / warmup
        elif step == warmup + 1:
            rate = peak
        elif step <= steps + 1:
            before, now = ((step - k - warmup) * angle for k in (2, 1))
            rate += (peak - final) / 2 * (math.cos(now) - math.cos(before))
    return rate


def never_zero_division(t, peak, steps, warmup, final):
    rise = t / warmup if warmup else math.inf
    left = (1 + math.cos(math.pi * min(1, max(0, t - 1 - warmup) / (steps - warmup)))) / 2
    return min(peak * rise, final + (peak - final) * left) if t > warmup else peak * rise


SCHEDULES_ODD = {
    "divides by no warm-up": lambda t, peak, steps, warmup, final: min(
        peak * t / warmup, plain(t, peak, steps, warmup, final)
    ),
    "counts from zero": lambda t, *a: plain(t + 1, *a),
    "counts from two": lambda t, *a: plain(max(1, t - 1), *a),
    "nothing after the end": lambda t, p, n, w, f: plain(t, p, n, w, f) if t <= n else None,
    "a rate below zero": lambda t, p, n, w, f: plain(t, p, n, w, f) - 1e-3,
    "crashes": crashes,
    "exits": exits,
    "hostile": lambda *a: Hostile(),
    "text": lambda *a: "warm",
    "too few arguments": lambda t, peak, steps: cosine(t, peak, steps),
    "no function": [0.1, 0.2],
}


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    "solution",
    [plain, in_three_cases, from_a_list, with_where, step_by_step, never_zero_division],
)
def test_schedule_accepts(solution, fresh):
    report = check("10.schedule", solution, fresh=fresh)
    assert report, report
    assert report.score == 1


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("name", rates.WRONG_SCHEDULES)
def test_schedule_names_the_mistake(name, fresh):
    wrong = rates.WRONG_SCHEDULES[name][1]
    report = rejected(
        "10.schedule", lambda t, peak, n, warmup, low: wrong(t, peak, n, warmup, low),
        fresh=fresh,
    )  # fmt: skip
    assert report.matched == name
    assert report.score <= 0.8


@pytest.mark.parametrize("name", SCHEDULES_ODD)
def test_schedule_rejects(name):
    assert rejected("10.schedule", SCHEDULES_ODD[name]).score < 1


def test_a_break_without_a_warmup_costs_only_what_it_breaks():
    """Division by a warm-up of 0 is one mistake, not five."""
    report = rejected("10.schedule", SCHEDULES_ODD["divides by no warm-up"])
    assert "ZeroDivisionError" in report.message


def test_the_question_asks_for_the_lessons_schedule():
    ours = schedules.cosine(0.4, 90, warmup=10, final=0.02)
    for t in (1, 10, 11, 40, 90, 91, 200):
        assert rates.warmup_cosine(t, 0.4, 90, 10, 0.02) == pytest.approx(ours(t))


def test_calling_the_library_is_said_openly():
    def borrows(t, peak, steps, warmup, final):
        return schedules.cosine(peak, steps, warmup=warmup, final=final)(t)

    report = check("10.schedule", borrows)
    assert report.score == 0.25
    assert "Your answer calls optlearn.schedules" in report.message
