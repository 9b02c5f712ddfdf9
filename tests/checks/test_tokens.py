"""Questions 12.predict, 12.order, 12.error and 12.gradient: rare tokens by hand and in code."""

import numpy as np
import pytest
from answers import Hostile, crashes, exits, not_implemented, rejected

from optlearn import nn
from optlearn.course.checks import check, variant, working
from optlearn.course.checks.a12_tokens import LINES
from optlearn.course.checks.tables import WRONG_ERRORS, WRONG_TABLES

# ------------------------------------------------------------------------------------ predict


def predicted():
    k = variant("12.predict")
    entry = (k.count * k.q - k.followed) / k.batch
    weights = k.filters * k.side * k.side + k.filters
    return k, [k.batch * k.first / k.rank, entry, k.rank, 1, weights]


@pytest.mark.parametrize(
    "form", [list, tuple, np.array, lambda a: [float(f"{v:.3f}") for v in a], lambda a: a[:]]
)
def test_predict_accepts(student, form):
    report = check("12.predict", form(predicted()[1]))
    assert report, report


WRONG_NUMBERS = [
    (0, lambda k, a: k.first / k.rank, "gives-the-frequency"),
    (0, lambda k, a: k.batch / k.rank, "forgets-the-first"),
    (0, lambda k, a: k.batch * k.first, "takes-the-first"),
    (0, lambda k, a: k.batch * k.first / k.rank**2, "squares-the-rank"),
    (0, lambda k, a: 77, None),
    (1, lambda k, a: a[1] * k.batch / k.count, "forgets-the-frequency"),
    (1, lambda k, a: a[1] * k.batch, "sums"),
    (1, lambda k, a: -a[1], "turns-the-sign"),
    (1, lambda k, a: (k.q - k.followed) / k.batch, "counts-it-once"),
    (1, lambda k, a: k.count * k.q / k.batch, "forgets-the-target"),
    (1, lambda k, a: (k.count * k.q - 1) / k.batch, "subtracts-one"),
    (1, lambda k, a: np.nan, None),
    (2, lambda k, a: 1, "takes-descent-for-adam"),
    (2, lambda k, a: 1 / k.rank, "turns-it-over"),
    (2, lambda k, a: k.rank**0.5, "takes-the-root"),
    (2, lambda k, a: k.rank + 1, None),
    (3, lambda k, a: k.rank, "takes-adam-for-descent"),
    (3, lambda k, a: 1 / k.rank, "expects-longer-rare-steps"),
    (3, lambda k, a: k.rank**0.5, "expects-half-the-way"),
    (3, lambda k, a: "1", None),
    (4, lambda k, a: k.filters * k.side**2, "forgets-the-biases"),
    (4, lambda k, a: k.side**2 + 1, "counts-one-filter"),
    (4, lambda k, a: 64 * a[4], "counts-the-places"),
    (4, lambda k, a: 65 * k.filters, "takes-it-for-dense"),
    (4, lambda k, a: a[4] + 1, None),
    (4, lambda k, a: a[4] - 1, None),
]


@pytest.mark.parametrize(("place", "wrong", "mistake"), WRONG_NUMBERS)
def test_predict_rejects_and_names(place, wrong, mistake, monkeypatch):
    names = set()
    for student in range(25):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        task, answer = predicted()
        answer[place] = wrong(task, list(answer))
        report = rejected("12.predict", answer)
        assert report.score == pytest.approx(4 / 5)
        names.add(report.matched)
    assert mistake in names  # two mistakes may give one number to some student


# -------------------------------------------------------------------------------------- order

ZERO, LOOP, EXP, SOFTMAX, TARGET, ADD, WRITE, TOKEN = LINES
BODY = (EXP, SOFTMAX, TARGET, ADD)


def letters(*lines):
    names = {line: letter for letter, line in variant("12.order").lines.items()}
    return [names[line] for line in lines]


@pytest.mark.parametrize("form", [list, tuple, "".join, ", ".join, " ".join])
def test_order_accepts(student, form):
    report = check("12.order", form(letters(ZERO, LOOP, *BODY)))
    assert report, report


@pytest.mark.parametrize(
    ("lines", "mistake"),
    [
        ((ZERO, LOOP, EXP, SOFTMAX, TARGET, WRITE), "loses-repeated-tokens"),
        ((ZERO, LOOP, EXP, SOFTMAX, TOKEN, ADD), "subtracts-at-the-token"),
        ((ZERO, LOOP, EXP, SOFTMAX, ADD), "forgets-the-target"),
        ((ZERO, LOOP, EXP, SOFTMAX, ADD, TARGET), "forgets-the-target"),
        ((ZERO, LOOP, EXP, SOFTMAX, TARGET, TOKEN, ADD), None),
        ((ZERO, LOOP, EXP, SOFTMAX, TARGET, ADD, WRITE), "loses-repeated-tokens"),
        ((ZERO, LOOP, EXP, TARGET, SOFTMAX, ADD), None),
        ((LOOP, *BODY), None),
        ((ZERO, LOOP, SOFTMAX, EXP, TARGET, ADD), None),
        ((ZERO, *BODY), None),
        ((LOOP, EXP, ZERO), None),
        ((), None),
    ],
)
def test_order_rejects(student, lines, mistake):
    report = check("12.order", letters(*lines))
    assert not report
    assert report.score == 0
    assert report.matched == mistake


@pytest.mark.parametrize("answer", ["A, Z", "A, A", ["A", ...], 7, {}, Hostile(), [Hostile()]])
def test_order_survives(answer):
    assert check("12.order", answer).score == 0


# -------------------------------------------------------------------------------- the error


def error_plainly(row, following):
    e = np.exp(row)
    error = e / e.sum()
    error[following] -= 1
    return error


def error_shifted(row, following):
    q = np.exp(row - row.max() - np.log(np.exp(row - row.max()).sum()))
    return q - (np.arange(len(row)) == following)


def error_in_lists(row, following):
    e = [np.exp(number) for number in row]
    return [number / sum(e) - (place == following) for place, number in enumerate(e)]


def error_by_identity(row, following):
    return np.exp(row) / np.exp(row).sum() - np.eye(len(row))[following]


def error_on_a_copy(row, following):
    row = row.copy()
    row -= row.max()
    np.exp(row, out=row)
    row /= row.sum()
    row[following] -= 1
    return row


ERRORS = [error_plainly, error_shifted, error_in_lists, error_by_identity, error_on_a_copy]


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("style", ERRORS)
def test_error_accepts(style, fresh):
    report = check("12.error", style, fresh=fresh)
    assert report, report
    assert report.score == 1


@pytest.mark.parametrize("name", WRONG_ERRORS)
def test_a_wrong_error_is_named(name):
    sentence, wrong = WRONG_ERRORS[name]
    report = rejected("12.error", lambda row, following: wrong(row, following))
    assert report.matched == name
    assert sentence.split()[0] in report.message
    assert report.score == 0


def error_in_place(row, following):
    row[:] = error_plainly(row, following)
    return row


@pytest.mark.parametrize(
    ("wrong", "score", "mistake"),
    [
        (error_in_place, 3 / 4, "changes_its_input"),
        (lambda row, following: error_plainly(row, following).astype(np.float32), 1 / 2, None),
        (lambda row, following: error_plainly(row, following)[following], 0, None),
        (lambda row, following: 2 * error_plainly(row, following), 0, None),
        (lambda row, following: error_plainly(row, -1), 0, None),
        (lambda row, following: row * np.nan, 0, None),
        (lambda row, following: "error", 0, None),
        (lambda row, following: Hostile(), 0, None),
        (lambda row: row, 0, None),
        (crashes, 0, None),
        (exits, 0, None),
        (3.0, 0, None),
    ],
)
def test_another_wrong_error_is_rejected(wrong, score, mistake):
    report = rejected("12.error", wrong)
    assert report.score <= score + 1e-9
    assert report.matched == mistake


# ------------------------------------------------------------------------------ the gradient


def gradient_loop(w, x, y):
    g = np.zeros_like(w)
    for i in range(len(x)):
        g[x[i]] += error_plainly(w[x[i]], y[i]) / len(x)
    return g


def gradient_added(w, x, y):
    g = np.zeros(w.shape)
    np.add.at(g, x, np.array([error_shifted(w[a], b) for a, b in zip(x, y)]))
    return g / len(x)


def gradient_by_matrices(w, x, y):
    rows, targets = np.eye(len(w))[x], np.eye(len(w))[y]
    e = np.exp(w - w.max(axis=1, keepdims=True))
    q = e / e.sum(axis=1, keepdims=True)
    return rows.T @ (q[x] - targets) / len(x)


def gradient_by_counts(w, x, y):
    counts = np.zeros_like(w)
    np.add.at(counts, (x, y), 1)
    q = np.array([error_plainly(row, 0) + np.eye(len(w))[0] for row in w])
    return (counts.sum(axis=1, keepdims=True) * q - counts) / counts.sum()


def gradient_by_layers(w, x, y):
    """Ask the library's layer and its loss, which are nobody's answer here."""
    loss = nn.CrossEntropyLoss()
    loss(w[x], y)
    g = np.zeros_like(w)
    np.add.at(g, x, loss.backward())
    return g


def gradient_in_lists(w, x, y):
    g = [[0.0] * len(w) for _ in w]
    for a, b in zip(x, y):
        for j, part in enumerate(error_in_lists(w[a], b)):
            g[a][j] += part / len(x)
    return g


GRADIENTS = [
    gradient_loop,
    gradient_added,
    gradient_by_matrices,
    gradient_by_counts,
    gradient_by_layers,
    gradient_in_lists,
]


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("style", GRADIENTS)
def test_gradient_accepts(style, fresh):
    report = check("12.gradient", style, fresh=fresh)
    assert report, report
    assert report.score == 1


@pytest.mark.parametrize("name", WRONG_TABLES)
def test_a_wrong_gradient_is_named(name):
    _, wrong = WRONG_TABLES[name]
    report = rejected("12.gradient", lambda w, x, y: wrong(w, x, y))
    assert report.matched == name
    assert report.score < 1


def test_at_least_fifteen_mistakes_are_known():
    assert len(WRONG_TABLES) >= 15


def gradient_in_place(w, x, y):
    w[:] = gradient_loop(w, x, y)
    return w


@pytest.mark.parametrize(
    "wrong",
    [
        gradient_in_place,
        lambda w, x, y: gradient_loop(w, x, y).astype(np.float32),
        lambda w, x, y: gradient_loop(w, x, y)[x],
        lambda w, x, y: gradient_loop(w, x[:-1], y[:-1]),
        lambda w, x, y: gradient_loop(w, *np.unique([x, y], axis=1)),
        lambda w, x, y: w - gradient_loop(w, x, y),
        lambda w, x, y: np.sign(gradient_loop(w, x, y)),
        lambda w, x, y: np.abs(gradient_loop(w, x, y)),
        lambda w, x, y: gradient_loop(0 * w, x, y),
        lambda w, x, y: w * np.nan,
        lambda w, x, y: "g",
        lambda w, x, y: Hostile(),
        lambda w: w,
        crashes,
        exits,
        3.0,
    ],
)
def test_another_wrong_gradient_is_rejected(wrong):
    assert rejected("12.gradient", wrong).score < 1


@pytest.mark.parametrize(
    ("question", "right"), [("gradient", gradient_loop), ("error", error_plainly)]
)
def test_an_answer_that_is_missing_is_replaced(question, right, capsys):
    assert working(f"12.{question}", right) is right
    reference = working(f"12.{question}", not_implemented)
    assert "not finished" in capsys.readouterr().out
    assert reference is not not_implemented
