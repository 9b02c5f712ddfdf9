"""Question 02.refute: an experiment against a fluent sentence."""

import numpy as np
import pytest
from answers import Hostile, crashes, exits, rejected

from optlearn.course.checks import check, variant


def angle(bowl, w):
    down, way = -bowl.gradient(w), bowl.minima[0] - w
    cos = down @ way / np.linalg.norm(down) / np.linalg.norm(way)
    return np.degrees(np.arccos(np.clip(cos, -1, 1)))


def refute_circle(bowl):
    starts = [np.array([np.cos(t), np.sin(t)]) for t in np.linspace(0, np.pi, 500)]
    best = max(starts, key=lambda w: angle(bowl, w))
    return best, angle(bowl, best)


def refute_random(bowl):
    starts = np.random.default_rng(0).normal(size=(2000, 2))
    best = max(starts, key=lambda w: angle(bowl, w))
    return list(best), float(angle(bowl, best))


def refute_theory(bowl):
    values, axes = np.linalg.eigh(bowl.hessian(np.zeros(2)))
    start = axes @ (1 / np.sqrt(values))
    return start, angle(bowl, start)


def refute_with(change):
    return lambda bowl: change(bowl, *refute_circle(bowl))


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("solution", [refute_circle, refute_random, refute_theory])
def test_refute_accepts(student, solution, fresh):
    report = check("02.refute", solution, fresh=fresh)
    assert report, report


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        (lambda bowl, w, a: (w, np.radians(a)), "gives-radians"),
        (lambda bowl, w, a: (w, 180 - a), "looks-uphill"),
        (lambda bowl, w, a: (w, np.cos(np.radians(a))), "gives-the-cosine"),
        (lambda bowl, w, a: (w, np.nan), "takes-arccos-above-one"),
        (lambda bowl, w, a: (w, a + 5), None),
        (lambda bowl, w, a: (w, 90), None),
        (lambda bowl, w, a: (w, "80"), None),
        (lambda bowl, w, a: (w, None), None),
        (lambda bowl, w, a: (np.zeros(2), a), "starts-at-the-minimum"),
        (lambda bowl, w, a: (w * np.nan, a), "starts-at-the-minimum"),
        (lambda bowl, w, a: (w * np.inf, a), "starts-at-the-minimum"),
        (lambda bowl, w, a: (w[:1], a), None),
        (lambda bowl, w, a: (1.0, a), None),
        (lambda bowl, w, a: ([1.0, 0.0], a), None),
        (lambda bowl, w, a: ("here", a), None),
        (lambda bowl, w, a: a, None),
        (lambda bowl, w, a: (w, a, bowl), None),
        (lambda bowl, w, a: Hostile(), None),
        (lambda bowl, w, a: (Hostile(), Hostile()), None),
        (crashes, None),
        (exits, None),
    ],
)
def test_refute_rejects(change, mistake):
    report = rejected("02.refute", refute_with(change))
    assert report.score < 1
    if mistake:
        assert report.matched == mistake


@pytest.mark.parametrize("start", [(1.0, 0.0), (0.0, 1.0), (-3.4, 1.5), (1.0, 1.0)])
def test_refute_rejects_a_fixed_start(start):
    report = rejected("02.refute", lambda bowl: (start, angle(bowl, np.array(start))))
    assert report.score <= 1 / 3


def test_the_text_states_the_bowl(student):
    """The formula shown has the values of the bowl, to the digits shown."""
    task = variant("02.refute")
    formula = repr(task).split("= 1/2 ")[1].replace("−", "-")
    formula = formula.replace(" x²", "*x*x").replace(" x y", "*x*y").replace(" y²", "*y*y")
    assert "+ -" not in formula
    for x, y in ((1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, -2.0)):
        stated = eval(formula, {"x": x, "y": y}) / 2
        assert stated == pytest.approx(float(task.bowl.value(np.array([x, y]))), abs=5e-3)
