"""Questions 09.predict, 09.order, 09.decay and 09.adamw: by hand, in order, in code."""

import numpy as np
import pytest
from answers import Hostile, crashes, exits, not_implemented, rejected
from right_styles import RIGHT, flattened, listed, looped

from optlearn import wrong_rules
from optlearn.course.checks import check, variant, working
from optlearn.course.checks.a09_weight_decay import LINES

# ------------------------------------------------------------------------------------ predict


def predicted():
    """Return the task and its four numbers, as one computes them by hand."""
    k = variant("09.predict")
    both = k.slope + k.decay * k.start
    assert both > 0 > k.slope  # the penalty turns the sign over
    shrunk = k.start - k.lr * k.decay * k.start
    return k, [k.start - k.lr * both, k.start - k.lr, shrunk + k.lr, k.penalty / k.noise]


@pytest.mark.parametrize(
    "form", [list, tuple, np.array, lambda a: [float(f"{v:.3g}") for v in a], lambda a: a[:]]
)
def test_predict_accepts(student, form):
    report = check("09.predict", form(predicted()[1]))
    assert report, report


WRONG_NUMBERS = [
    (0, lambda k, a: k.start - k.lr * k.slope, "forgets-the-decay"),
    (0, lambda k, a: k.start - k.lr * (k.slope - k.decay * k.start), "subtracts-the-penalty"),
    (0, lambda k, a: a[0] - k.start, "returns-the-step"),
    (0, lambda k, a: k.start, "stands-still"),
    (0, lambda k, a: a[1], "exchanges-the-rules"),
    (0, lambda k, a: 77.0, None),
    (1, lambda k, a: k.start + k.lr, "follows-the-loss-alone"),
    (1, lambda k, a: -k.lr, "returns-the-step"),
    (1, lambda k, a: a[2], "exchanges-the-rules"),
    (1, lambda k, a: a[2] - 2 * k.lr, "decays-twice"),
    (1, lambda k, a: np.nan, None),
    (2, lambda k, a: k.start, "stands-still"),
    (2, lambda k, a: a[1], "adamw_couples_decay"),
    (2, lambda k, a: k.start + k.lr, "adamw_forgets_decay"),
    (2, lambda k, a: (1 - k.decay) * k.start + k.lr, "adamw_decays_without_lr"),
    (2, lambda k, a: k.start * (1 + k.lr * k.decay) + k.lr, "adamw_grows_weights"),
    (2, lambda k, a: a[0], "exchanges-the-rules"),
    (2, lambda k, a: "4", None),
    (3, lambda k, a: k.penalty, "carries-lambda-over"),
    (3, lambda k, a: k.penalty * k.noise, "turns-it-over"),
    (3, lambda k, a: k.penalty / k.noise**2, "forgets-the-root"),
    (3, lambda k, a: k.penalty * k.lr / k.noise, "counts-the-rate-twice"),
    (3, lambda k, a: 0, "takes-weak-for-nothing"),
    (3, lambda k, a: [0.1, 0.2], None),
]


@pytest.mark.parametrize(("place", "wrong", "mistake"), WRONG_NUMBERS)
def test_predict_rejects_and_names(place, wrong, mistake, monkeypatch):
    names = set()
    for student in range(25):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        task, answer = predicted()
        answer[place] = wrong(task, list(answer))
        report = rejected("09.predict", answer)
        assert report.score == pytest.approx(3 / 4)
        names.add(report.matched)
    assert mistake in names  # two mistakes may give one number to some student


# -------------------------------------------------------------------------------------- order

START, PATH, LOOP, GRADIENT, SHRINK, MEAN, SQUARES, HATS, STEP, APPEND, COUPLED, RAW = LINES
BODY = (GRADIENT, SHRINK, MEAN, SQUARES, HATS, STEP, APPEND)


def letters(*lines):
    names = {line: letter for letter, line in variant("09.order").lines.items()}
    return [names[line] for line in lines]


@pytest.mark.parametrize("form", [list, tuple, "".join, ", ".join, " ".join])
@pytest.mark.parametrize(
    "body",
    [
        BODY,
        (GRADIENT, SQUARES, MEAN, HATS, SHRINK, STEP, APPEND),
        (GRADIENT, MEAN, SHRINK, SQUARES, HATS, STEP, APPEND),
        (*BODY, COUPLED),  # too late to change anything
    ],
)
def test_order_accepts(student, body, form):
    report = check("09.order", form(letters(START, PATH, LOOP, *body)))
    assert report, report


def test_a_line_of_another_rule_is_rejected_where_it_acts():
    for line, last in ((COUPLED, BODY.index(SQUARES)), (RAW, BODY.index(APPEND))):
        for place in range(1, last + 1):
            for left_out in (None, SHRINK):
                body = [*BODY[:place], line, *BODY[place:]]
                kept = [other for other in body if other != left_out]
                assert not check("09.order", letters(START, PATH, LOOP, *kept))


def test_every_other_line_is_needed():
    right = (START, PATH, LOOP, *BODY)
    for line in right:
        assert not check("09.order", letters(*(other for other in right if other != line)))


@pytest.mark.parametrize(
    ("body", "mistake"),
    [
        ((GRADIENT, COUPLED, MEAN, SQUARES, HATS, STEP, APPEND), "adamw_couples_decay"),
        (
            (GRADIENT, COUPLED, SHRINK, MEAN, SQUARES, HATS, STEP, APPEND),
            "adamw_couples_decay_as_well",
        ),
        ((GRADIENT, RAW, MEAN, SQUARES, HATS, STEP, APPEND), "adamw_decays_without_lr"),
        ((GRADIENT, MEAN, SQUARES, HATS, STEP, SHRINK, APPEND), "adamw_decays_new_weights"),
        ((GRADIENT, MEAN, SQUARES, HATS, STEP, APPEND), "adamw_forgets_decay"),
        ((SHRINK, GRADIENT, MEAN, SQUARES, HATS, STEP, APPEND), None),
        ((GRADIENT, SHRINK, MEAN, SQUARES, HATS, APPEND, STEP), None),
        ((GRADIENT, SHRINK, MEAN, SQUARES, STEP, HATS, APPEND), None),
        ((), None),
    ],
)
def test_order_rejects(student, body, mistake):
    report = rejected("09.order", letters(START, PATH, LOOP, *body))
    assert report.score == 0
    assert report.matched == mistake


@pytest.mark.parametrize("answer", ["A, Z", "A, A", ["A", ...], 7, {}, Hostile(), [Hostile()]])
def test_order_survives(answer):
    assert check("09.order", answer).score == 0


# ---------------------------------------------------------------------------------- the decay


def decay_plainly(w, lr, weight_decay):
    return (1 - lr * weight_decay) * w


def decay_subtracts(w, lr, weight_decay):
    return w - lr * weight_decay * w


def decay_in_place(w, lr, weight_decay):
    w *= 1 - lr * weight_decay
    return w


def decay_by_descent(w, lr, weight_decay):
    """Step down the slope of the penalty."""
    return np.subtract(w, lr * (weight_decay * w))


def decay_in_lists(w, lr, weight_decay):
    return np.vectorize(lambda x: x * (1 - lr * weight_decay))(w).tolist()


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    "style", [decay_plainly, decay_subtracts, decay_in_place, decay_by_descent, decay_in_lists]
)
def test_decay_accepts(style, fresh):
    report = check("09.decay", style, fresh=fresh)
    assert report, report
    assert report.score == 1


DECAYS = {
    "adamw_forgets_decay": lambda w, lr, decay: w,
    "adamw_decays_without_lr": lambda w, lr, decay: (1 - decay) * w,
    "adamw_decays_with_squared_lr": lambda w, lr, decay: (1 - lr**2 * decay) * w,
    "adamw_grows_weights": lambda w, lr, decay: (1 + lr * decay) * w,
    "adamw_keeps_the_decayed_part": lambda w, lr, decay: lr * decay * w,
    "adamw_decays_twice_as_fast": lambda w, lr, decay: (1 - 2 * lr * decay) * w,
    "adamw_decays_by_signs": lambda w, lr, decay: w - lr * decay * np.sign(w),
}


@pytest.mark.parametrize("name", DECAYS)
def test_a_wrong_decay_is_named(name):
    report = rejected("09.decay", DECAYS[name])
    assert report.score < 1 / 2
    assert report.matched == name


@pytest.mark.parametrize(
    "wrong",
    [
        lambda w, lr, decay: (1 - lr) * w,
        lambda w, lr, decay: (1 - lr - decay) * w,
        lambda w, lr, decay: (1 - decay / lr) * w,
        lambda w, lr, decay: w * decay,
        lambda w, lr, decay: w - lr * decay,
        lambda w, lr, decay: w - lr * decay * w**2,
        lambda w, lr, decay: (1 - 1e-3) * w,
        lambda w, lr, decay: -lr * decay * w,
        lambda w, lr, decay: 0 * w,
        lambda w, lr, decay: w * np.nan,
        lambda w, lr, decay: w.sum(),
        lambda w, lr, decay: "w",
        lambda w, lr, decay: Hostile(),
        lambda w: w,
        crashes,
        exits,
        3.0,
    ],
)
def test_another_wrong_decay_is_rejected(wrong):
    assert rejected("09.decay", wrong).score < 1 / 2


# ---------------------------------------------------------------------------------------- AdamW


def adamw_at_the_end(w, g, m, v, t, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
    """Take the decay of the old weights off at the end."""
    m = betas[0] * m + (1 - betas[0]) * g
    v = betas[1] * v + (1 - betas[1]) * g * g
    step = m / (1 - betas[0] ** t) / (np.sqrt(v / (1 - betas[1] ** t)) + eps)
    return [w - lr * (step + weight_decay * w), m, v]


def adamw_by_helper(w, g, m, v, *, t, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
    m, v = m + (1 - betas[0]) * (g - m), v + (1 - betas[1]) * (g**2 - v)
    m_hat, v_hat = m / (1 - betas[0] ** t), v / (1 - betas[1] ** t)
    return decay_plainly(w, lr, weight_decay) - lr * m_hat / (v_hat**0.5 + eps), m, v


STYLES = (
    *RIGHT["adamw"],
    looped("adamw"),
    listed("adamw"),
    flattened("adamw"),
    adamw_at_the_end,
    adamw_by_helper,
)


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("style", STYLES)
def test_adamw_is_accepted_in_every_style(style, fresh):
    report = check("09.adamw", style, fresh=fresh)
    assert report, report
    assert report.score == 1


KNOWN = wrong_rules.for_rule("adamw")


@pytest.mark.parametrize("wrong", KNOWN, ids=lambda wrong: wrong.name)
def test_a_known_mistake_is_named(wrong):
    report = check("09.adamw", wrong.function)
    assert report.matched == wrong.name
    assert wrong.sentence in report.message
    assert report.score < 1


def test_at_least_fifteen_mistakes_are_known():
    assert len(KNOWN) >= 15


ODD = {
    "the default decay": lambda *a, weight_decay=0, **k: adamw_at_the_end(*a, **k),
    "single precision": lambda *a, **k: [x.astype(np.float32) for x in adamw_at_the_end(*a, **k)],
    "the weights alone": lambda *a, **k: adamw_at_the_end(*a, **k)[0],
    "exchanged": lambda *a, **k: adamw_at_the_end(*a, **k)[::-1],
    "old means": lambda w, g, m, v, **k: (adamw_at_the_end(w, g, m, v, **k)[0], m, v),
    "text": lambda *a, **k: ("w", "m", "v"),
    "nan": lambda w, g, m, v, **k: (w * np.nan, m, v),
    "no decay of small weights": lambda w, g, m, v, **k: adamw_by_helper(
        w, g, m, v, **{**k, "weight_decay": k["weight_decay"] * (abs(w) > 1e-3)}
    ),
    "crashes": crashes,
    "exits": exits,
    "no function": 3.0,
    "hostile": lambda *a, **k: Hostile(),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_adamw_is_rejected(name):
    assert rejected("09.adamw", ODD[name]).score < 1


@pytest.mark.parametrize(
    ("question", "right"), [("adamw", adamw_at_the_end), ("decay", decay_plainly)]
)
def test_an_answer_that_is_missing_is_replaced(question, right, capsys):
    assert working(f"09.{question}", right) is right
    reference = working(f"09.{question}", not_implemented)
    assert "not finished" in capsys.readouterr().out
    assert check(f"09.{question}", reference)
