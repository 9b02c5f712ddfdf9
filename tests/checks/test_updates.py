"""Update rules that learners wrote: known mistakes are named, and right rules in any style pass."""

import numpy as np
import pytest
from answers import Hostile, crashes
from matrix import examine, examined, styles
from right_styles import RIGHT

from optlearn import wrong_rules
from optlearn.course.checks import check, engine, updates
from optlearn.course.checks.trajectories import deviates, follow

RULES = tuple(RIGHT)
ALL = [wrong for rule in RULES for wrong in wrong_rules.for_rule(rule)]


@pytest.mark.parametrize("wrong", ALL, ids=lambda wrong: wrong.name)
def test_a_known_mistake_is_rejected_and_named(wrong):
    report = examined(wrong.rule, wrong.function)
    assert not report
    assert report.score < 1
    assert report.matched == wrong.name
    assert wrong.sentence in report.message


STYLES = [(rule, style) for rule in RULES for style in styles(rule)]


@pytest.mark.parametrize(("rule", "style"), STYLES, ids=lambda x: getattr(x, "__name__", x))
@pytest.mark.parametrize("seed", [0, 11])
def test_the_right_rule_passes_in_every_style(rule, style, seed):
    report = examined(rule, style, seed)
    assert report, report
    assert report.score == 1
    assert report.matched is None


def test_every_rule_is_tried_in_at_least_five_styles():
    assert min(sum(rule == other for other, _ in STYLES) for rule in RULES) >= 5


def adam_with_two_mistakes(w, g, m, v, t, lr, betas=(0.9, 0.999), eps=1e-8):
    m = betas[0] * m + (1 - betas[0]) * g
    v = betas[1] * v + (1 - betas[1]) * np.abs(g)
    return w + lr * m / (v + eps), m, v


def test_a_mistake_nobody_knows_is_rejected_without_a_name():
    report = examine("adam", adam_with_two_mistakes)
    assert not report
    assert report.matched is None
    assert "expected" in report.message


def adam_swaps_betas_where_they_differ_little(w, g, m, v, t, lr, betas=(0.9, 0.999), eps=1e-8):
    right = wrong_rules.right("adam")
    return right(w, g, m, v, t=t, lr=lr, betas=(0.9, 0.999), eps=eps)


def test_a_message_says_which_hyperparameters_show_it():
    report = examine("adam", adam_swaps_betas_where_they_differ_little)
    assert "with betas=(0.5, 0.9), eps=0.01 at step 2" in report.message


def sgd_alone(w, g, t, lr):
    return w - lr * g


def test_a_rule_without_state_may_return_the_weights_alone():
    assert examine("sgd", sgd_alone)


SHORT = ("w", "g", "v", "t", "lr", "alpha", "eps")


def rmsprop_short(w, g, v, t, lr, alpha=0.99, eps=1e-8):
    v = alpha * v + (1 - alpha) * g**2
    return w - lr * g / (np.sqrt(v) + eps), v


def rmsprop_short_with_eps_inside(w, g, v, t, lr, alpha=0.99, eps=1e-8):
    v = alpha * v + (1 - alpha) * g**2
    return w - lr * g / np.sqrt(v + eps), v


def test_an_exercise_may_ask_for_fewer_arguments():
    assert examine("rmsprop", rmsprop_short, takes=SHORT)
    assert examine("rmsprop", updates.reference("rmsprop", SHORT), takes=SHORT)
    report = examine("rmsprop", rmsprop_short_with_eps_inside, takes=SHORT)
    assert report.matched == "rmsprop_eps_inside_root"


@pytest.mark.parametrize("seed", [148, 195, 1635657319])
def test_where_rounding_decides_no_right_rule_is_called_wrong(seed):
    drawn, hyper = updates.tasks("rmsprop", np.random.default_rng(seed), SHORT)[0]
    paths = [
        follow(rule, drawn[1], 1, **hyper)
        for rule in (rmsprop_short, updates.reference("rmsprop", SHORT))
    ]
    assert deviates(*paths) is not None
    report = examine("rmsprop", rmsprop_short, seed, SHORT)
    assert report, report


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda *a, **k: a[0], "it should return (w, m, v)"),
        (lambda *a, **k: a[:2], "it should return (w, m, v)"),
        (lambda w, g, m, v, **k: (w, m.sum(), v), "the new m should have shape"),
        (lambda w, g, m, v, **k: (w, "m", v), "the new m is text"),
        (lambda w, g: w, "TypeError"),
        (lambda *a, **k: Hostile(), "it should return (w, m, v)"),
        (crashes, "it stopped with NameError"),
        (3.0, "a function is expected"),
        (Hostile(), "a function is expected"),
    ],
)
def test_an_answer_of_another_form_is_told(answer, says):
    report = examine("adam", answer)
    assert says in report.message
    assert report.score == 0
    assert report.matched is None


@pytest.mark.parametrize("blank", [lambda *a, **k: None, lambda *a, **k: ...])
def test_a_blank_earns_nothing(blank):
    report = examine("momentum", blank)
    assert report.message.startswith("Nothing is written here yet")


def test_a_question_needs_no_more_than_the_name_of_the_rule(monkeypatch):
    monkeypatch.setattr(engine, "_QUESTIONS", dict(engine._QUESTIONS))
    updates.asks_rule("99.rmsprop", "rmsprop", hints=("idea", "equation", "code"), takes=SHORT)
    assert check("99.rmsprop", rmsprop_short)
    assert check("99.rmsprop", rmsprop_short, fresh=True)
    assert check("99.rmsprop", rmsprop_short_with_eps_inside).matched == "rmsprop_eps_inside_root"
    assert check("99.rmsprop", engine.find("99.rmsprop").reference)
