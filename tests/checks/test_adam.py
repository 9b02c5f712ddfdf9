"""Questions 06.predict, 06.order, 06.correct and 06.adam: by hand, in order, in code."""

import itertools

import numpy as np
import pytest
from answers import Hostile, crashes, exits, not_implemented, rejected
from right_styles import RIGHT, flattened, listed, looped

from optlearn import wrong_rules
from optlearn.course.checks import check, variant, working
from optlearn.course.checks.a06_adam import LINES

# ------------------------------------------------------------------------------------ predict


def predicted():
    task = variant("06.predict")
    (b1, b2), (g, h), w, lr = task.betas, task.slopes, task.start, task.lr
    first = w - lr
    m = b1 * (1 - b1) * g + (1 - b1) * h
    v = b2 * (1 - b2) * g**2 + (1 - b2) * h**2
    second = first - lr * (m / (1 - b1**2)) / np.sqrt(v / (1 - b2**2))
    share = task.tiny / 1e-8
    return task, [first, second, (1 - b1) / np.sqrt(1 - b2), share / (share + 1)]


@pytest.mark.parametrize(
    "form", [list, tuple, np.array, lambda a: [float(f"{v:.4g}") for v in a], lambda a: a[:]]
)
def test_predict_accepts(student, form):
    report = check("06.predict", form(predicted()[1]))
    assert report, report


WRONG_NUMBERS = [
    (0, lambda k, a: k.start - k.lr * k.slopes[0], "descends"),
    (0, lambda k, a: k.start + k.lr, "adam_climbs"),
    (0, lambda k, a: k.start - 1, "adam_forgets_lr"),
    (0, lambda k, a: k.start - k.lr * a[2], "adam_forgets_correction"),
    (0, lambda k, a: k.start - k.lr * (1 - k.betas[0]), "adam_corrects_v_only"),
    (0, lambda k, a: k.start - k.lr / k.slopes[0], "adam_forgets_root"),
    (0, lambda k, a: -k.lr, "returns-the-step"),
    (0, lambda k, a: k.start, "stands-still"),
    (0, lambda k, a: 77.0, None),
    (1, lambda k, a: a[0], "takes-one-step"),
    (1, lambda k, a: k.start - 2 * k.lr, "takes-equal-steps"),
    (1, lambda k, a: k.start - k.lr * sum(k.slopes), "descends"),
    (1, lambda k, a: np.nan, None),
    (2, lambda k, a: 1.0, "keeps-the-correction"),
    (2, lambda k, a: 1 / a[2], "turns-it-over"),
    (2, lambda k, a: 1 - k.betas[0], "corrects-v-only"),
    (2, lambda k, a: 1 / np.sqrt(1 - k.betas[1]), "corrects-m-only"),
    (2, lambda k, a: (1 - k.betas[0]) / (1 - k.betas[1]), "forgets-the-root"),
    (2, lambda k, a: a[2] * k.lr, "gives-the-distance"),
    (2, lambda k, a: "2", None),
    (3, lambda k, a: 1.0, "forgets-eps"),
    (3, lambda k, a: 1 - a[3], "gives-the-rest"),
    (3, lambda k, a: k.tiny / 1e-8, "forgets-the-size"),
    (3, lambda k, a: 0.0, "stands-still"),
    (3, lambda k, a: [0.5, 0.5], None),
]


@pytest.mark.parametrize(("place", "wrong", "mistake"), WRONG_NUMBERS)
def test_predict_rejects_and_names(place, wrong, mistake, monkeypatch):
    names = set()
    for student in range(25):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        task, answer = predicted()
        right, answer[place] = answer[place], wrong(task, list(answer))
        try:
            same = abs(answer[place] - right) <= 1e-3 * max(1, abs(right))
        except TypeError:
            same = False
        if not same:  # with eps as large as the slope, the step and its rest are alike
            report = rejected("06.predict", answer)
            assert report.score == pytest.approx(3 / 4)
            names.add(report.matched)
    assert mistake in names  # two mistakes may give one number to some student


@pytest.mark.parametrize("wrong", wrong_rules.for_rule("adam"), ids=lambda wrong: wrong.name)
def test_the_second_place_tells_a_known_mistake_from_the_right_rule(wrong, monkeypatch):
    """What moves nothing before eps counts, or before a third step, cannot be told here."""
    told = set()
    for student in range(10):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        task, answer = predicted()
        w, m, v = float(task.start), 0.0, 0.0
        for t, g in enumerate(task.slopes, 1):
            w, m, v = wrong.function(w, g, m, v, t=t, lr=task.lr, betas=task.betas)
        if np.isfinite(w) and abs(w - answer[1]) > 2e-3 * max(1, abs(answer[1])):
            answer[1] = w
            told.add(rejected("06.predict", answer).matched)
    silent = {"adam_eps_inside_root", "adam_eps_before_correction", "adam_adds_eps_to_w"}
    silent |= {"adam_collects_eps", "adam_averages_over_weights"}
    assert bool(told) == (wrong.name not in silent)
    assert None not in told


# -------------------------------------------------------------------------------------- order

START, PATH, LOOP, GRADIENT, MEAN, SQUARES, M_HAT, V_HAT, STEP, APPEND, STORES, INSIDE = LINES
BODY = (GRADIENT, MEAN, SQUARES, M_HAT, V_HAT, STEP, APPEND)


def letters(*lines):
    names = {line: letter for letter, line in variant("06.order").lines.items()}
    return [names[line] for line in lines]


@pytest.mark.parametrize("form", [list, tuple, "".join, ", ".join, " ".join])
@pytest.mark.parametrize(
    "body",
    [
        BODY,
        (GRADIENT, SQUARES, MEAN, V_HAT, M_HAT, STEP, APPEND),
        (GRADIENT, MEAN, M_HAT, SQUARES, V_HAT, STEP, APPEND),
        (GRADIENT, SQUARES, V_HAT, MEAN, M_HAT, STEP, APPEND),
    ],
)
def test_order_accepts(student, body, form):
    report = check("06.order", form(letters(START, PATH, LOOP, *body)))
    assert report, report


@pytest.mark.parametrize("wrong", [(STORES,), (INSIDE,), (STORES, INSIDE)])
def test_two_lines_are_wrong_wherever_they_stand(wrong):
    for places in itertools.product(range(len(BODY) + 1), repeat=len(wrong)):
        for left_out in (None, *BODY):
            body = [line for line in BODY if line != left_out]
            for place, line in zip(places, wrong):
                body.insert(place, line)
            assert not check("06.order", letters(START, PATH, LOOP, *body))


def test_every_other_line_is_needed():
    right = (START, PATH, LOOP, *BODY)
    for line in right:
        assert not check("06.order", letters(*(other for other in right if other != line)))


@pytest.mark.parametrize(
    ("body", "mistake"),
    [
        ((GRADIENT, MEAN, SQUARES, M_HAT, V_HAT, INSIDE, APPEND), "adam_eps_inside_root"),
        ((GRADIENT, MEAN, M_HAT, V_HAT, STEP, SQUARES, APPEND), "adam_divides_late"),
        ((GRADIENT, MEAN, SQUARES, M_HAT, V_HAT, STEP, STORES, APPEND), None),
        ((GRADIENT, MEAN, SQUARES, M_HAT, V_HAT, APPEND, STEP), None),
        ((GRADIENT, MEAN, SQUARES, M_HAT, V_HAT, STEP), None),
        ((MEAN, SQUARES, M_HAT, V_HAT, STEP, GRADIENT, APPEND), None),
        ((GRADIENT, MEAN, SQUARES, STEP, M_HAT, V_HAT, APPEND), None),
        ((), None),
    ],
)
def test_order_rejects(student, body, mistake):
    report = rejected("06.order", letters(START, PATH, LOOP, *body))
    assert report.score == 0
    assert report.matched == mistake


@pytest.mark.parametrize("answer", ["A, Z", "A, A", ["A", ...], 7, {}, Hostile(), [Hostile()]])
def test_order_survives(answer):
    assert check("06.order", answer).score == 0


# ------------------------------------------------------------------------- the two corrections


def correct_plainly(m, v, t, betas):
    return m / (1 - betas[0] ** t), v / (1 - betas[1] ** t)


def correct_in_a_list(m, v, t, betas):
    return [mean / (1 - beta**t) for mean, beta in zip((m, v), betas)]


def correct_by_weights(m, v, t, betas):
    """Divide by the weights that were collected one by one."""
    weights = [sum((1 - beta) * beta**k for k in range(t)) for beta in betas]
    return np.array([m / weights[0], v / weights[1]])


def correct_by_power(m, v, t, betas):
    b1, b2 = betas
    return m * (1 - np.power(b1, t)) ** -1, np.divide(v, 1 - np.power(b2, t))


def correct_a_copy(m, v, t, betas=(0.9, 0.999)):
    m, v = m.copy(), v.copy()
    m /= 1 - betas[0] ** t
    v /= 1 - betas[1] ** t
    return m.tolist(), v.tolist()


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    "style",
    [correct_plainly, correct_in_a_list, correct_by_weights, correct_by_power, correct_a_copy],
)
def test_correct_accepts(style, fresh):
    report = check("06.correct", style, fresh=fresh)
    assert report, report
    assert report.score == 1


def correct_in_place(m, v, t, betas):
    m /= 1 - betas[0] ** t
    v /= 1 - betas[1] ** t
    return m, v


CORRECTIONS = {
    "adam_forgets_correction": lambda m, v, t, b: (m, v),
    "adam_freezes_correction": lambda m, v, t, b: correct_plainly(m, v, 1, b),
    "adam_counts_from_two": lambda m, v, t, b: correct_plainly(m, v, t + 1, b),
    "adam_counts_late": lambda m, v, t, b: correct_plainly(m, v, max(t - 1, 1), b),
    "adam_corrects_m_only": lambda m, v, t, b: (m / (1 - b[0] ** t), v),
    "adam_corrects_v_only": lambda m, v, t, b: (m, v / (1 - b[1] ** t)),
    "adam_exchanges_corrections": lambda m, v, t, b: correct_plainly(m, v, t, b[::-1]),
    "adam_multiplies_correction": lambda m, v, t, b: (m * (1 - b[0] ** t), v * (1 - b[1] ** t)),
    "adam_corrects_after_root": lambda m, v, t, b: (m / (1 - b[0] ** t), v / (1 - b[1] ** t) ** 2),
    "adam_stores_correction": correct_in_place,
}


@pytest.mark.parametrize("name", CORRECTIONS)
def test_a_wrong_correction_is_named(name):
    report = rejected("06.correct", CORRECTIONS[name])
    assert report.score < 1 / 2
    assert report.matched == name


@pytest.mark.parametrize(
    "wrong",
    [
        lambda m, v, t, b: correct_plainly(m, v, t - 1, b),
        lambda m, v, t, b: (m / (1 - b[0] * t), v / (1 - b[1] * t)),
        lambda m, v, t, b: (m / b[0] ** t, v / b[1] ** t),
        lambda m, v, t, b: (m / (1 - b[0]) ** t, v / (1 - b[1]) ** t),
        lambda m, v, t, b: correct_plainly(m, v, t, (0.9, 0.999)),
        lambda m, v, t, b: correct_plainly(m, v, t, b)[::-1],
        lambda m, v, t, b: correct_plainly(m, v, t, b)[0],
        lambda m, v, t, b: (m.sum(), v.sum()),
        lambda m, v, t, b: ("m", "v"),
        lambda m, v, t, b: (m / (1 - b[0] ** t), ...),
        lambda m, v, t, b: (m * np.nan, v),
        lambda m, v, t, b: Hostile(),
        lambda m: m,
        crashes,
        exits,
        3.0,
    ],
)
def test_another_wrong_correction_is_rejected(wrong):
    assert rejected("06.correct", wrong).score < 1 / 2


def test_the_correction_that_is_missing_is_named():
    report = check("06.correct", lambda m, v, t, b: (m, None))
    assert "v_hat is still missing" in report.message
    assert report.score == 0


# ---------------------------------------------------------------------------------------- Adam


def adam_corrects_the_rate(w, g, m, v, t, lr, betas=(0.9, 0.999), eps=1e-8):
    """Put both corrections into the rate, and into eps."""
    m = betas[0] * m + (1 - betas[0]) * g
    v = betas[1] * v + (1 - betas[1]) * g * g
    root = np.sqrt(1 - betas[1] ** t)
    return w - lr * root / (1 - betas[0] ** t) * m / (np.sqrt(v) + eps * root), m, v


def adam_by_helper(w, g, m, v, *, t, lr, betas=(0.9, 0.999), eps=1e-8):
    m, v = m + (1 - betas[0]) * (g - m), v + (1 - betas[1]) * (g**2 - v)
    m_hat, v_hat = correct_plainly(m, v, t, betas)
    return [w - lr * m_hat / (v_hat**0.5 + eps), m, v]


def adam_keeps_sums(w, g, m, v, t, lr, betas=(0.9, 0.999), eps=1e-8):
    """Keep sums instead of means, and divide by the weights that were collected."""
    b1, b2 = betas
    m, v = b1 * m + g, b2 * v + g**2
    m_hat, v_hat = m * (1 - b1) / (1 - b1**t), v * (1 - b2) / (1 - b2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


STYLES = (
    *RIGHT["adam"],
    looped("adam"),
    listed("adam"),
    flattened("adam"),
    adam_corrects_the_rate,
    adam_by_helper,
    adam_keeps_sums,
)


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("style", STYLES)
def test_adam_is_accepted_in_every_style(style, fresh):
    report = check("06.adam", style, fresh=fresh)
    assert report, report
    assert report.score == 1


KNOWN = wrong_rules.for_rule("adam")


@pytest.mark.parametrize("wrong", KNOWN, ids=lambda wrong: wrong.name)
def test_a_known_mistake_is_named(wrong):
    report = check("06.adam", wrong.function)
    assert report.matched == wrong.name
    assert wrong.sentence in report.message
    assert report.score < 1


def test_at_least_fifteen_mistakes_are_known():
    assert len(KNOWN) >= 15


ODD = {
    "the default betas": lambda w, g, m, v, t, lr, betas=0, eps=1e-8: STYLES[0](w, g, m, v, t, lr),
    "single precision": lambda *a, **k: [x.astype(np.float32) for x in STYLES[0](*a, **k)],
    "the weights alone": lambda *a, **k: STYLES[0](*a, **k)[0],
    "exchanged": lambda *a, **k: STYLES[0](*a, **k)[::-1],
    "old means": lambda w, g, m, v, **k: (adam_by_helper(w, g, m, v, **k)[0], m, v),
    "text": lambda *a, **k: ("w", "m", "v"),
    "nan": lambda w, g, m, v, **k: (w * np.nan, m, v),
    "skips small slopes": lambda w, g, *a, **k: adam_by_helper(w, g * (abs(g) > 1e-6), *a, **k),
    "crashes": crashes,
    "exits": exits,
    "no function": 3.0,
    "hostile": lambda *a, **k: Hostile(),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_adam_is_rejected(name):
    assert rejected("06.adam", ODD[name]).score < 1


@pytest.mark.parametrize(("question", "right"), [("adam", STYLES[0]), ("correct", correct_plainly)])
def test_an_answer_that_is_missing_is_replaced(question, right, capsys):
    assert working(f"06.{question}", right) is right
    reference = working(f"06.{question}", not_implemented)
    assert "not finished" in capsys.readouterr().out
    assert check(f"06.{question}", reference)
