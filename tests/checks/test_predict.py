"""Question 02.predict: three numbers by hand."""

import numpy as np
import pytest
from answers import rejected

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
