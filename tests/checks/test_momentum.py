"""Questions 04.predict, 04.order, 04.momentum and 04.nesterov: by hand, in order, in code."""

import itertools

import numpy as np
import pytest
from answers import Hostile, crashes, exits, not_implemented, rejected
from right_styles import RIGHT, flattened, listed, looped

from optlearn import wrong_rules
from optlearn.course.checks import check, variant, working
from optlearn.course.checks.a04_momentum import LINES

# ------------------------------------------------------------------------------------ predict


def predicted():
    task = variant("04.predict")
    c, w, lr, mu = task.curvature, task.start, task.lr, task.momentum
    first = w - lr * c * w
    heavy = 2 * (1 + mu) / c
    return (c, w, lr, mu), [
        first - lr * (mu * c * w + c * first),
        w - lr * (1 + mu) * c * w,
        heavy,
        heavy / (1 + 2 * mu),
    ]


@pytest.mark.parametrize(
    "form", [list, tuple, np.array, lambda a: [round(v, 3) for v in a], lambda a: np.array([a]).T]
)
def test_predict_accepts(student, form):
    report = check("04.predict", form(predicted()[1]))
    assert report, report


WRONG_NUMBERS = [
    (0, lambda c, w, lr, mu: w * (1 - lr * c) ** 2, "forgets-the-buffer"),
    (0, lambda c, w, lr, mu: w * (1 - lr * c), "takes-one-step"),
    (0, lambda c, w, lr, mu: w - lr * c * w * (1 + mu + 1), "slope-of-the-start"),
    (0, lambda c, w, lr, mu: w - lr * c * w * (1 + mu), "forgets-the-new-slope"),
    (0, lambda c, w, lr, mu: w - lr * c * w * (1 + 1 + 1 - lr * c), "never-decays"),
    (0, lambda c, w, lr, mu: w, "stands-still"),
    (0, lambda c, w, lr, mu: 77.0, None),
    (1, lambda c, w, lr, mu: w - lr * c * w, "looks-nowhere"),
    (1, lambda c, w, lr, mu: w - lr * mu * c * w, "forgets-the-slope"),
    (1, lambda c, w, lr, mu: w - 2 * lr * c * w, "looks-too-far"),
    (1, lambda c, w, lr, mu: w + lr * (1 + mu) * c * w, "climbs"),
    (1, lambda c, w, lr, mu: "1.5", None),
    (2, lambda c, w, lr, mu: 2 / c, "keeps-the-plain-wall"),
    (2, lambda c, w, lr, mu: 2 * (1 + mu) / ((1 + 2 * mu) * c), "exchanges-the-walls"),
    (2, lambda c, w, lr, mu: (1 + mu) / c, "forgets-the-two"),
    (2, lambda c, w, lr, mu: 2 * (1 + mu), "forgets-the-curvature"),
    (2, lambda c, w, lr, mu: 2 * (1 - mu) / c, "takes-the-effective-rate"),
    (2, lambda c, w, lr, mu: np.nan, None),
    (3, lambda c, w, lr, mu: 2 / c, "keeps-the-plain-wall"),
    (3, lambda c, w, lr, mu: 2 * (1 + mu) / c, "exchanges-the-walls"),
    (3, lambda c, w, lr, mu: 2 / ((1 + 2 * mu) * c), "forgets-the-sum"),
    (3, lambda c, w, lr, mu: -1.0, None),
]


@pytest.mark.parametrize(("place", "wrong", "mistake"), WRONG_NUMBERS)
def test_predict_rejects_for_every_student(place, wrong, mistake, monkeypatch):
    names = set()
    for student in range(25):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        numbers, answer = predicted()
        answer[place] = wrong(*numbers)
        report = rejected("04.predict", answer)
        assert report.score == pytest.approx(3 / 4)
        names.add(report.matched)
    assert mistake in names  # two mistakes may give one number to some student


# -------------------------------------------------------------------------------------- order

OUTSIDE, LOOP, INSIDE = LINES[:3], LINES[3], LINES[4:]
GRADIENT, PUSH, BRAKE, STEP, PLAIN, APPEND = INSIDE


def letters(*lines):
    names = {line: letter for letter, line in variant("04.order").lines.items()}
    return [names[line] for line in lines]


@pytest.mark.parametrize("form", [list, tuple, "".join, ", ".join, " ".join])
@pytest.mark.parametrize("before", [(0, 1, 2), (0, 2, 1), (1, 0, 2)])
def test_order_accepts(student, before, form):
    """The buffer may come first where the start exists already: 0 * start needs no w."""
    outside = [OUTSIDE[i] for i in before]
    lines = letters(*outside, LOOP, GRADIENT, PUSH, STEP, APPEND)
    report = check("04.order", form(lines))
    assert report, report


def test_the_text_on_the_lines_is_true():
    """Of all ways to fill the loop, one works: two lines are wrong wherever they stand."""
    right = []
    for count in range(len(INSIDE) + 1):
        for inside in itertools.permutations(INSIDE, count):
            if check("04.order", letters(*OUTSIDE, LOOP, *inside)):
                right.append(inside)
    assert right == [(GRADIENT, PUSH, STEP, APPEND)]


@pytest.mark.parametrize(
    ("lines", "mistake"),
    [
        ((*OUTSIDE, LOOP, GRADIENT, STEP, PUSH, APPEND), "momentum_steps_late"),
        ((*OUTSIDE, LOOP, GRADIENT, PUSH, PLAIN, APPEND), "momentum_ignores_buffer"),
        ((*OUTSIDE, LOOP, GRADIENT, BRAKE, STEP, APPEND), "momentum_climbs"),
        ((*OUTSIDE, LOOP, GRADIENT, PUSH, STEP, PLAIN, APPEND), None),
        ((*OUTSIDE, LOOP, GRADIENT, PUSH, STEP), None),
        ((*OUTSIDE, LOOP, GRADIENT, PUSH, APPEND, STEP), None),
        ((*OUTSIDE, GRADIENT, LOOP, PUSH, STEP, APPEND), None),
        ((*OUTSIDE[:1], *OUTSIDE[2:], LOOP, GRADIENT, PUSH, STEP, APPEND), None),
        ((*OUTSIDE[:2], LOOP, GRADIENT, PUSH, STEP, APPEND), None),
        ((*OUTSIDE, LOOP), None),
        ((OUTSIDE[2], *OUTSIDE[:2], LOOP, GRADIENT, PUSH, STEP, APPEND), None),
    ],
)
def test_order_rejects(student, lines, mistake):
    report = rejected("04.order", letters(*lines))
    assert report.score == 0
    assert report.matched == mistake


@pytest.mark.parametrize("answer", ["A, Z", "A, A", ["A", ...], 7, {}, Hostile(), [Hostile()]])
def test_order_survives(answer):
    assert check("04.order", answer).score == 0


# ---------------------------------------------------------------------- momentum and Nesterov


def heavy_keyword(w, g, b, *, t, lr, momentum=0.9):
    b = momentum * b + g
    return w - lr * b, b


def heavy_differences(w, g, b, t, lr, momentum=0.9):
    """Keep the last step itself, as Polyak does."""
    b = momentum * b - lr * g
    return [w + b, b]


def nesterov_by_heavy_ball(w, g, b, t, lr, momentum=0.9):
    w, b = heavy_keyword(w, g, b, t=t, lr=lr, momentum=momentum)
    return w - lr * (g + momentum * b - b), b


def nesterov_differences(w, g, b, t, lr, momentum=0.9):
    b = momentum * b - lr * g
    return w + momentum * b - lr * g, b


STYLES = {
    "momentum": (
        *RIGHT["momentum"],
        looped("momentum"),
        listed("momentum"),
        flattened("momentum"),
        heavy_keyword,
        heavy_differences,
    ),
    "nesterov": (
        *RIGHT["nesterov"],
        looped("nesterov"),
        listed("nesterov"),
        flattened("nesterov"),
        nesterov_by_heavy_ball,
        nesterov_differences,
    ),
}


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    ("rule", "style"), [(rule, style) for rule, styles in STYLES.items() for style in styles]
)
def test_a_rule_is_accepted_in_every_style(rule, style, fresh):
    report = check(f"04.{rule}", style, fresh=fresh)
    assert report, report
    assert report.score == 1


# Question 04.momentum has no dampening.
KNOWN = [
    wrong
    for rule in STYLES
    for wrong in wrong_rules.for_rule(rule)
    if "dampening" not in wrong.name and "damps_the_first" not in wrong.name
]


@pytest.mark.parametrize("wrong", KNOWN, ids=lambda wrong: wrong.name)
def test_a_known_mistake_is_named(wrong):
    def mine(w, g, b, t, lr, momentum=0.9):
        return wrong.function(w, g, b, t=t, lr=lr, momentum=momentum)

    report = check(f"04.{wrong.rule}", mine)
    assert report.matched == wrong.name
    assert wrong.sentence in report.message
    assert report.score < 1 / 2


def test_each_rule_meets_at_least_fifteen_known_mistakes():
    counts = [sum(wrong.rule == rule for wrong in KNOWN) for rule in STYLES]
    assert min(counts) >= 15


ODD = {
    "the mu of the default": lambda rule: lambda w, g, b, t, lr, momentum=0.9: rule(w, g, b, t, lr),
    "single precision": lambda rule: lambda *a, **k: [x.astype(np.float32) for x in rule(*a, **k)],
    "the weights alone": lambda rule: lambda *a, **k: rule(*a, **k)[0],
    "exchanged": lambda rule: lambda *a, **k: rule(*a, **k)[::-1],
    "an old buffer": lambda rule: lambda w, g, b, **k: (rule(w, g, b, **k)[0], b),
    "text": lambda rule: lambda *a, **k: ("w", "b"),
    "nan": lambda rule: lambda w, g, b, **k: (w * np.nan, b),
    "skips small slopes": lambda rule: lambda w, g, b, **k: rule(w, g * (abs(g) > 1e-6), b, **k),
    "crashes": lambda rule: crashes,
    "exits": lambda rule: exits,
    "no function": lambda rule: 3.0,
    "hostile": lambda rule: lambda *a, **k: Hostile(),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("rule", STYLES)
def test_an_odd_rule_is_rejected(rule, name):
    report = rejected(f"04.{rule}", ODD[name](STYLES[rule][-2]))
    assert report.score < 1


@pytest.mark.parametrize("rule", STYLES)
def test_a_rule_that_is_missing_is_replaced(rule, capsys):
    reference = working(f"04.{rule}", not_implemented)
    assert "not finished" in capsys.readouterr().out
    assert check(f"04.{rule}", reference)
    w, b = reference(np.ones(2), np.ones(2), np.zeros(2), t=1, lr=0.1, momentum=0.5)
    assert w == pytest.approx({"momentum": 0.9, "nesterov": 0.85}[rule])
    assert b == pytest.approx(1)
