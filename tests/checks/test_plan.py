"""Question 02.plan: a learning rate from the Hessian."""

import numpy as np
import pytest
from answers import Hostile, crashes, exits, rejected

from optlearn.course.checks import check


def curvatures(h):
    values = np.linalg.eigvalsh(h)
    return values[0], values[-1]


def plan(h):
    low, high = curvatures(h)
    return 2 / high, 2 / (low + high), np.log(1000) / np.log((high + low) / (high - low))


def plan_by_norms(h):
    low, high = 1 / np.linalg.norm(np.linalg.inv(h), 2), np.linalg.norm(h, 2)
    return np.array([2 / high, 2 / (low + high), 3.45 * high / low])


def plan_as_list(h):
    limit, best, steps = plan(h)
    return [np.array(limit), best, int(np.ceil(steps))]


def instead(place, formula):
    def wrong(h):
        answer = list(plan(h))
        answer[place] = formula(*curvatures(h), h)
        return answer

    return wrong


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("solution", [plan, plan_by_norms, plan_as_list])
def test_plan_accepts(student, solution, fresh):
    report = check("02.plan", solution, fresh=fresh)
    assert report, report


@pytest.mark.parametrize(
    ("place", "formula", "mistake"),
    [
        (0, lambda a, b, h: 1 / b, "uses_one_over_l"),
        (0, lambda a, b, h: 2 / a, "uses_the_flat_axis"),
        (0, lambda a, b, h: 2 / np.trace(h), "uses_the_trace"),
        (0, lambda a, b, h: 2 / h.diagonal().max(), "uses_the_diagonal"),
        (0, lambda a, b, h: 2 / (a + b), "uses_the_best_rate"),
        (0, lambda a, b, h: b / 2, "turns_it_over"),
        (0, lambda a, b, h: 2 / np.linalg.norm(h), None),
        (0, lambda a, b, h: 1.9 / b, None),
        (0, lambda a, b, h: 0.0, None),
        (0, lambda a, b, h: -2 / b, None),
        (0, lambda a, b, h: np.nan, None),
        (0, lambda a, b, h: "2 / L", None),
        (1, lambda a, b, h: 1 / b, "uses_one_over_l"),
        (1, lambda a, b, h: 2 / b, "uses_the_limit"),
        (1, lambda a, b, h: 1 / (a + b), "forgets_the_two"),
        (1, lambda a, b, h: 1 / a, None),
        (1, lambda a, b, h: np.inf, None),
        (2, lambda a, b, h: b / a, "uses_the_condition"),
        (2, lambda a, b, h: np.sqrt(b / a), "uses_the_root"),
        (2, lambda a, b, h: 1000, "forgets_the_logarithm"),
        (2, lambda a, b, h: 1e9, None),
        (2, lambda a, b, h: -1, None),
        (2, lambda a, b, h: 30, None),
    ],
)
def test_plan_rejects(place, formula, mistake):
    report = rejected("02.plan", instead(place, formula))
    assert report.score < 1
    if mistake:
        assert report.matched == mistake


@pytest.mark.parametrize("blank", [None, ...])
def test_plan_grades_what_is_there(blank):
    report = check("02.plan", lambda h: (plan(h)[0], 7.0, blank))
    assert report.score == pytest.approx(1 / 3)
    assert "Right so far: the largest stable rate." in report.message
    assert "Still missing: the number of steps." in report.message


@pytest.mark.parametrize(
    "solution",
    [crashes, exits, lambda h: 3, lambda h: (1, 2), lambda: 1, lambda h: Hostile(), (1, 2, 3)],
)
def test_plan_survives(solution):
    report = check("02.plan", solution)
    assert not report
    assert report.score == 0
