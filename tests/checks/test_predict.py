"""Question 02.predict: three numbers by hand."""

import numpy as np
import pytest
from answers import rejected

from optlearn.course.checks import answers as reading
from optlearn.course.checks import check, variant


def predicted():
    task = variant("02.predict")
    (x, y), c, lr = task.start, task.curvature, task.lr
    return x, y, c, lr, [x - lr * x, y - lr * c * y, 2 / c]


@pytest.mark.parametrize("form", [list, tuple, np.array, lambda a: [np.array(v) for v in a]])
def test_predict_accepts(student, form):
    report = check("02.predict", form(predicted()[-1]))
    assert report, report


def test_predict_accepts_three_digits(student):
    assert check("02.predict", [float(f"{v:.4g}") for v in predicted()[-1]])


@pytest.mark.parametrize(
    ("place", "wrong", "mistake"),
    [
        (0, lambda x, y, c, lr: x + lr * x, "climbs"),
        (0, lambda x, y, c, lr: -lr * x, "returns-the-step"),
        (0, lambda x, y, c, lr: x, "stands-still"),
        (1, lambda x, y, c, lr: y + lr * c * y, "climbs"),
        (1, lambda x, y, c, lr: y - lr * y, "forgets-curvature"),
        (1, lambda x, y, c, lr: y - lr * c * y / 2, "keeps-the-half"),
        (1, lambda x, y, c, lr: y - c * y, "forgets-lr"),
        (1, lambda x, y, c, lr: 77.0, None),
        (2, lambda x, y, c, lr: 1 / c, "halves-the-limit"),
        (2, lambda x, y, c, lr: 2.0, "uses-the-flat-side"),
        (2, lambda x, y, c, lr: c, "gives-the-curvature"),
        (2, lambda x, y, c, lr: 2 / (1 + c), "gives-the-best-rate"),
        (2, lambda x, y, c, lr: 1.99 / c, None),
        (2, lambda x, y, c, lr: -2 / c, None),
        (2, lambda x, y, c, lr: np.inf, None),
        (0, lambda x, y, c, lr: "2.7", None),
        (0, lambda x, y, c, lr: f"{x - lr * x}", None),
        (0, lambda x, y, c, lr: [1.0, 2.0], None),
        (1, lambda x, y, c, lr: np.nan, None),
    ],
)
def test_predict_rejects(student, place, wrong, mistake):
    x, y, c, lr, answer = predicted()
    value = wrong(x, y, c, lr)
    answer[place] = value
    report = rejected("02.predict", answer)
    assert report.score == pytest.approx(2 / 3)
    if mistake and student == "0":
        assert report.matched == mistake


def test_the_numbers_that_are_missing_are_named():
    *_, (new_x, new_y, _) = predicted()
    report = check("02.predict", [new_x, new_y + 1, ...])
    assert report.score == pytest.approx(1 / 3)
    assert "Right so far: the new x." in report.message
    assert "Still missing: the largest learning rate." in report.message
    assert "First problem, in “the new y”" in report.message


def test_a_number_in_quotes_is_named_as_text():
    *_, (_, new_y, limit) = predicted()
    report = check("02.predict", ["3.2", new_y, limit])
    assert "the new x is text, “3.2”: leave the quotes out." in report.message
    assert report.score == pytest.approx(2 / 3)


def test_a_mistake_is_said_of_its_own_number():
    _, _, c, _, (_, new_y, _) = predicted()
    message = check("02.predict", [77.0, new_y, 1 / c]).message
    assert "What it looks like" not in message
    assert "in “the largest learning rate” it looks like this: 1/L is safe" in message


@pytest.mark.parametrize(
    ("given", "right", "close"),
    [
        (1234, 1234, True),
        (1234.0, 1234, True),
        (1235, 1234, False),
        (1235, np.int64(1234), False),
        (99_999, 100_000, False),
        (1234.9, 1234.0, True),
        (1236, 1234.0, False),
        (0.3334, 1 / 3, True),
    ],
)
def test_counts_are_exact_and_measures_have_three_digits(given, right, close):
    assert reading.close(given, right) == close
