"""Question 02.step: the blank of one step, accepted in any style, its mistakes named."""

import numpy as np
import pytest
from answers import Hostile, crashes, exits, rejected, step_in_place

from optlearn import wrong_rules
from optlearn.course.checks import check


def step_new(w, g, lr):
    return w - lr * g


def step_copy_in_place(w, g, lr):
    w = w.copy()
    w -= lr * g
    return w


def step_ufunc(w, g, lr):
    return np.subtract(w, np.multiply(lr, g))


def step_negated(w, g, lr):
    return w + (-lr) * g


def step_rewritten(w, g, lr):
    return (w / lr - g) * lr


def step_lists(w, g, lr):
    if np.ndim(w) == 2:
        return [step_lists(a, b, lr) for a, b in zip(w, g)]
    return [float(a) - lr * float(b) for a, b in zip(w, g)]


def step_noisy(w, g, lr):
    print("debugging", w)
    np.log(np.zeros(1))  # warns
    return w - lr * g


STEPS_RIGHT = [
    step_new,
    step_copy_in_place,
    step_ufunc,
    step_negated,
    step_rewritten,
    step_lists,
    step_noisy,
    lambda w, g, lr: w - g * lr,
]


def step_ruins_g(w, g, lr):
    g *= lr
    return w - g


def step_in_place_returns_nothing(w, g, lr):
    w -= lr * g


STEPS_ODD = {
    "in place": step_in_place,
    "ruins g": step_ruins_g,
    "returns nothing": step_in_place_returns_nothing,
    "float32": lambda w, g, lr: (w - lr * g).astype(np.float32),
    "tuple as in rules": lambda w, g, lr: (w - lr * g,),
    "flattened": lambda w, g, lr: (w - lr * g).ravel(),
    "a sum": lambda w, g, lr: (w - lr * g).sum(),
    "text": lambda w, g, lr: "w - lr * g",
    "complex": lambda w, g, lr: w - 1j * g,
    "nan": lambda w, g, lr: w * np.nan,
    "skips small slopes": lambda w, g, lr: np.where(np.abs(g) > 1e-6, w - lr * g, w),
    "caps the step": lambda w, g, lr: w - np.clip(lr * g, -1e3, 1e3),
    "adds weight decay": lambda w, g, lr: w - lr * (g + 1e-4 * w),
    "an epsilon": lambda w, g, lr: w - lr * (g + 1e-8),
    "fixed lr": lambda w, g, lr: w - 0.1 * g,
    "first weight only": lambda w, g, lr: w - lr * g * (np.arange(w.size).reshape(w.shape) == 0),
    "crashes": crashes,
    "exits": exits,
    "wrong signature": lambda w: w,
    "hostile": lambda w, g, lr: Hostile(),
    "not a function": 3.0,
    "a text": "step",
    "hostile itself": Hostile(),
}


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("solution", STEPS_RIGHT)
def test_step_accepts(solution, fresh, capfd):
    report = check("02.step", solution, fresh=fresh)
    assert report, report
    assert report.score == 1
    assert report.matched is None
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", STEPS_ODD)
def test_step_rejects(name):
    report = rejected("02.step", STEPS_ODD[name])
    assert report.score < 1
    assert report.matched in (None, "changes_its_input", "sgd_single_precision")


# step(w, g, lr) does not know t, so it cannot decay; the loop's test has that mistake.
WITHOUT_T = [wrong for wrong in wrong_rules.for_rule("sgd") if wrong.name != "sgd_decays_lr"]


@pytest.mark.parametrize("wrong", WITHOUT_T, ids=lambda wrong: wrong.name)
def test_step_names_the_mistake(wrong):
    report = check("02.step", lambda w, g, lr: wrong.function(w, g, t=1, lr=lr)[0])
    assert report.matched == wrong.name
    assert wrong.sentence in report.message
    assert report.score < 0.8


def step_normalises_without_care(w, g, lr):
    return w - lr * g / np.linalg.norm(g)  # nan where the gradient is 0


def test_normalising_is_named_where_it_divides_by_zero():
    report = check("02.step", step_normalises_without_care)
    assert report.matched == "sgd_normalises"
    assert "its direction is kept but its length is lost" in report.message


@pytest.mark.parametrize("broken", [0, 1])
def test_a_path_of_nan_is_no_known_mistake(broken):
    report = check("02.step", lambda w, g, lr: np.where(g.size > broken, np.nan, w))
    assert not report
    assert report.matched is None


def test_in_place_is_named_and_costs_its_part_only():
    report = check("02.step", step_in_place)
    assert report.matched == "changes_its_input"
    assert report.score == pytest.approx(6 / 7)


def test_leaving_the_input_alone_earns_nothing_on_its_own():
    assert check("02.step", lambda w, g, lr: w + lr * g).score == 0


def test_message_is_in_order():
    message = check("02.step", lambda w, g, lr: w + lr * g).message
    parts = [
        "Right so far",
        "First problem",
        "[1.3, 1.6], expected [0.7, 2.4]",
        "It climbs",
        "To think about",
    ]
    places = [message.index(part) for part in parts]
    assert places == sorted(places)
