"""Questions 05.predict, 05.order and the three rules: by hand, in order, in code."""

import itertools

import numpy as np
import pytest
from answers import Hostile, crashes, exits, not_implemented, rejected
from right_styles import RIGHT, flattened, listed, looped

from optlearn import wrong_rules
from optlearn.course.checks import check, variant, working
from optlearn.course.checks.a05_adaptive_methods import LINES

# ------------------------------------------------------------------------------------ predict


def predicted():
    """Return the task and the five lengths, from the rules written out step by step."""
    task = variant("05.predict")
    g, h = task.slopes
    v = (1 - task.alpha) * g**2
    late = v
    for _ in range(1000):
        late = task.alpha * late + (1 - task.alpha) * g**2
    u = np.sqrt(task.eps) / np.sqrt((1 - task.rho) * g**2 + task.eps) * g
    lengths = [
        task.lr * g / np.sqrt(g**2),
        task.lr * -h / np.sqrt(g**2 + h**2),
        task.lr * g / np.sqrt(v),
        task.lr * g / np.sqrt(late),
        u,
    ]
    return task, [float(length) for length in lengths]


@pytest.mark.parametrize(
    "form", [list, tuple, np.array, lambda a: [round(v, 4) for v in a], lambda a: np.array([a]).T]
)
def test_predict_accepts(student, form):
    report = check("05.predict", form(predicted()[1]))
    assert report, report


WRONG_NUMBERS = [
    (0, lambda t, g, h: t.lr * g, "keeps-the-slope"),
    (0, lambda t, g, h: t.lr / g, "forgets-the-root"),
    (0, lambda t, g, h: -t.lr, "gives-the-change"),
    (0, lambda t, g, h: t.lr * g / np.hypot(g, h), "looks-ahead"),
    (0, lambda t, g, h: 77.0, None),
    (1, lambda t, g, h: t.lr, "keeps-no-sum"),
    (1, lambda t, g, h: t.lr * -h / np.hypot(g, h) ** 2, "forgets-the-root"),
    (1, lambda t, g, h: t.lr * -h, "keeps-the-slope"),
    (1, lambda t, g, h: t.lr * -h / (g - h), "adds-the-slopes"),
    (1, lambda t, g, h: t.lr * -h / np.sqrt((g * g + h * h) / 2), "takes-the-mean"),
    (1, lambda t, g, h: t.lr * -h / g, "divides-late"),
    (1, lambda t, g, h: t.lr * h / np.hypot(g, h), "gives-the-change"),
    (1, lambda t, g, h: "0.1", None),
    (2, lambda t, g, h: t.lr, "forgets-the-weight"),
    (2, lambda t, g, h: t.lr / np.sqrt(t.alpha), "exchanges-the-weights"),
    (2, lambda t, g, h: t.lr / (1 - t.alpha), "weight-without-root"),
    (2, lambda t, g, h: t.lr * np.sqrt(1 - t.alpha), "turns-it-over"),
    (2, lambda t, g, h: t.lr * g, "keeps-the-slope"),
    (2, lambda t, g, h: np.nan, None),
    (3, lambda t, g, h: t.lr / np.sqrt(1 - t.alpha), "never-forgets-the-start"),
    (3, lambda t, g, h: 0, "dies"),
    (3, lambda t, g, h: t.lr / np.sqrt(1000), "sums-the-squares"),
    (3, lambda t, g, h: t.lr * g, "keeps-the-slope"),
    (4, lambda t, g, h: 0, "never-starts"),
    (4, lambda t, g, h: np.sqrt(t.eps), "forgets-the-weight"),
    (4, lambda t, g, h: np.sqrt(t.eps) / (1 - t.rho), "weight-without-root"),
    (4, lambda t, g, h: np.sqrt(t.eps / t.rho), "exchanges-the-weights"),
    (4, lambda t, g, h: 1 / np.sqrt(1 - t.rho), "forgets-the-size-above"),
    (4, lambda t, g, h: -1.0, None),
]


@pytest.mark.parametrize(("place", "wrong", "mistake"), WRONG_NUMBERS)
def test_predict_rejects_for_every_student(place, wrong, mistake, monkeypatch):
    names = set()
    for student in range(25):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        task, answer = predicted()
        answer[place] = wrong(task, *task.slopes)
        report = rejected("05.predict", answer)
        assert report.score == pytest.approx(4 / 5)
        names.add(report.matched)
    assert mistake in names  # two mistakes may give one number to some student


# -------------------------------------------------------------------------------------- order

OUTSIDE, LOOP, INSIDE = LINES[:3], LINES[3], LINES[4:]
GRADIENT, ADD, PLAIN, STEP, ROOTLESS, APPEND = INSIDE


def letters(*lines):
    names = {line: letter for letter, line in variant("05.order").lines.items()}
    return [names[line] for line in lines]


@pytest.mark.parametrize("form", [list, tuple, "".join, ", ".join, " ".join])
@pytest.mark.parametrize("before", [(0, 1, 2), (0, 2, 1), (1, 0, 2)])
def test_order_accepts(student, before, form):
    lines = letters(*(OUTSIDE[i] for i in before), LOOP, GRADIENT, ADD, STEP, APPEND)
    report = check("05.order", form(lines))
    assert report, report


def test_the_text_on_the_lines_is_true():
    """Of all ways to fill the loop, one works: two lines are wrong wherever they stand."""
    right = []
    for count in range(len(INSIDE) + 1):
        for inside in itertools.permutations(INSIDE, count):
            if check("05.order", letters(*OUTSIDE, LOOP, *inside)):
                right.append(inside)
    assert right == [(GRADIENT, ADD, STEP, APPEND)]


@pytest.mark.parametrize(
    ("lines", "mistake"),
    [
        ((*OUTSIDE, LOOP, GRADIENT, STEP, ADD, APPEND), "adagrad_divides_late"),
        ((*OUTSIDE, LOOP, GRADIENT, ADD, ROOTLESS, APPEND), "adagrad_forgets_root"),
        ((*OUTSIDE, LOOP, GRADIENT, PLAIN, STEP, APPEND), None),
        ((*OUTSIDE, LOOP, GRADIENT, PLAIN, ROOTLESS, APPEND), None),
        ((*OUTSIDE, LOOP, GRADIENT, ADD, STEP, ROOTLESS, APPEND), None),
        ((*OUTSIDE, LOOP, GRADIENT, ADD, STEP), None),
        ((*OUTSIDE, LOOP, GRADIENT, ADD, APPEND, STEP), None),
        ((*OUTSIDE, GRADIENT, LOOP, ADD, STEP, APPEND), None),
        ((*OUTSIDE[:1], *OUTSIDE[2:], LOOP, GRADIENT, ADD, STEP, APPEND), None),
        ((*OUTSIDE[:2], LOOP, GRADIENT, ADD, STEP, APPEND), None),
        ((*OUTSIDE, LOOP), None),
    ],
)
def test_order_rejects(student, lines, mistake):
    report = rejected("05.order", letters(*lines))
    assert report.score == 0
    assert report.matched == mistake


@pytest.mark.parametrize("answer", ["A, Z", "A, A", ["A", ...], 7, {}, Hostile(), [Hostile()]])
def test_order_survives(answer):
    assert check("05.order", answer).score == 0


# -------------------------------------------------------------- Adagrad, RMSprop and Adadelta


def adagrad_keyword(w, g, v, *, t, lr, eps=1e-10):
    v = v + g**2
    return w - lr * g / (np.sqrt(v) + eps), v


def adagrad_rate_first(w, g, v, t, lr, eps=1e-10):
    v = np.add(v, np.square(g))
    rate = lr / (v**0.5 + eps)
    return [w - rate * g, v]


def rmsprop_moved(w, g, v, t, lr, alpha=0.99, eps=1e-8):
    v = v + (1 - alpha) * (g * g - v)
    return w - lr / (np.sqrt(v) + eps) * g, v


def rmsprop_root_kept(w, g, v, t, lr, alpha=0.99, eps=1e-8):
    """Keep the root of the mean as the state."""
    v = np.sqrt(alpha * v**2 + (1 - alpha) * g**2)
    return w - lr * g / (v + eps), v


def adadelta_one_root(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    v = rho * v + (1 - rho) * g**2
    u = -g * ((d + eps) / (v + eps)) ** 0.5
    return w + lr * u, v, rho * d + (1 - rho) * u**2


SHORT = {"adagrad": 1, "rmsprop": 1, "adadelta": 2}
REST = {"adagrad": (), "rmsprop": (0.0, 0.0), "adadelta": ()}


def short(rule, function):
    """Return a function with all of the rule's state in the form that the question asks for."""
    kept = SHORT[rule]

    def mine(w, g, *state, t, **hyper):
        w, *state = function(w, g, *state, *(0 * w for _ in REST[rule]), t=t, **hyper)
        return w, *state[:kept]

    return mine


STYLES = {
    rule: [
        *(short(rule, f) for f in (*RIGHT[rule], looped(rule), listed(rule), flattened(rule))),
        *own,
    ]
    for rule, own in {
        "adagrad": (adagrad_keyword, adagrad_rate_first),
        "rmsprop": (rmsprop_moved, rmsprop_root_kept),
        "adadelta": (adadelta_one_root,),
    }.items()
}


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    ("rule", "style"), [(rule, style) for rule, styles in STYLES.items() for style in styles]
)
def test_a_rule_is_accepted_in_every_style(rule, style, fresh):
    report = check(f"05.{rule}", style, fresh=fresh)
    assert report, report
    assert report.score == 1


def test_each_rule_is_tried_in_at_least_five_styles():
    assert min(map(len, STYLES.values())) >= 5


#: Mistakes in what these questions leave out: a decay and a first value, momentum and centering.
LEFT_OUT = {
    "adagrad_forgets_lr_decay",
    "adagrad_decays_early",
    "adagrad_forgets_initial_value",
    "adagrad_repeats_initial_value",
    "rmsprop_forgets_momentum",
    "rmsprop_averages_steps",
    "rmsprop_gathers_before_dividing",
    "rmsprop_never_centers",
    "rmsprop_always_centers",
}
KNOWN = [w for rule in SHORT for w in wrong_rules.for_rule(rule) if w.name not in LEFT_OUT]


@pytest.mark.parametrize("wrong", KNOWN, ids=lambda wrong: wrong.name)
def test_a_known_mistake_is_named(wrong):
    report = check(f"05.{wrong.rule}", short(wrong.rule, wrong.function))
    assert report.matched == wrong.name
    assert wrong.sentence in report.message
    assert report.score < 1


def test_each_rule_meets_at_least_fifteen_known_mistakes():
    assert min(sum(wrong.rule == rule for wrong in KNOWN) for rule in SHORT) >= 15


ODD = {
    "single precision": lambda rule: lambda *a, **k: [x.astype(np.float32) for x in rule(*a, **k)],
    "the weights alone": lambda rule: lambda *a, **k: rule(*a, **k)[0],
    "exchanged": lambda rule: lambda *a, **k: rule(*a, **k)[::-1],
    "an old state": lambda rule: lambda w, g, *s, **k: (rule(w, g, *s, **k)[0], *s),
    "text": lambda rule: lambda w, g, *s, **k: ("w", *"vd"[: len(s)]),
    "nan": lambda rule: lambda w, g, *s, **k: (w * np.nan, *s),
    "skips small slopes": lambda rule: lambda w, g, *s, **k: rule(w, g * (abs(g) > 1e-6), *s, **k),
    "crashes": lambda rule: crashes,
    "exits": lambda rule: exits,
    "no function": lambda rule: 3.0,
    "hostile": lambda rule: lambda *a, **k: Hostile(),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("rule", STYLES)
def test_an_odd_rule_is_rejected(rule, name):
    report = rejected(f"05.{rule}", ODD[name](STYLES[rule][-1]))
    assert report.score < 1


@pytest.mark.parametrize("rule", STYLES)
def test_a_rule_that_is_missing_is_replaced(rule, capsys):
    reference = working(f"05.{rule}", not_implemented)
    assert "not finished" in capsys.readouterr().out
    assert check(f"05.{rule}", reference)
    state = [np.zeros(2)] * SHORT[rule]
    w, v, *_ = reference(np.ones(2), np.full(2, 3.0), *state, t=1, lr=0.1)
    length = {"adagrad": 0.1, "rmsprop": 1.0, "adadelta": 0.1 * np.sqrt(1e-5)}[rule]
    assert 1 - w == pytest.approx(length, rel=1e-5)
    assert v == pytest.approx({"adagrad": 9, "rmsprop": 0.09, "adadelta": 0.9}[rule])
