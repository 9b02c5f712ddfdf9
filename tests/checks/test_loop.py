"""Question 02.loop: the freely written loop, accepted in any style, its mistakes named."""

from itertools import accumulate

import numpy as np
import pytest
from answers import Hostile, crashes, exits, loop_array, rejected

from optlearn import wrong_rules
from optlearn.course.checks import check, loops


def loop_while(gradient, start, lr, steps, tolerance):
    path = [np.asarray(start, dtype=np.float64)]
    while len(path) <= steps and np.linalg.norm(gradient(path[-1])) > tolerance:
        path.append(path[-1] - lr * gradient(path[-1]))
    return path


def loop_lists(gradient, start, lr, steps, tolerance):
    path = [list(map(float, start))]
    for _ in range(steps):
        g = gradient(np.array(path[-1]))
        if sum(x * x for x in g) ** 0.5 <= tolerance:
            break
        path.append([a - lr * b for a, b in zip(path[-1], g)])
    return path


def loop_tuple(*args):
    return tuple(loop_array(*args))


def loop_accumulates(gradient, start, lr, steps, tolerance):
    path = []
    start = np.array(start, dtype=float)
    for w in accumulate(range(steps), lambda w, _: w - lr * gradient(w), initial=start):
        path.append(w)
        if np.linalg.norm(gradient(w)) <= tolerance:
            break
    return path


LOOPS_RIGHT = [loop_array, loop_while, loop_lists, loop_tuple, loop_accumulates]


def loop_changes_start(gradient, start, lr, steps, tolerance):
    path = loop_array(gradient, start, lr, steps, tolerance)
    start[:] = path[-1]
    return path


def loop_endless(gradient, start, lr, steps, tolerance):
    while True:
        gradient(np.array(start, dtype=float))


def loop_ignores_steps(gradient, start, lr, steps, tolerance):
    path = [np.array(start, dtype=float)]
    while np.linalg.norm(gradient(path[-1])) > tolerance:
        path.append(path[-1] - lr * gradient(path[-1]))
    return path


def loop_aliases(gradient, start, lr, steps, tolerance):
    w = np.array(start, dtype=float)
    path = [w]
    for _ in range(steps):
        g = gradient(w)
        if np.linalg.norm(g) <= tolerance:
            break
        w -= lr * g
        path.append(w)
    return path


LOOPS_ODD = {
    "changes the start": (loop_changes_start, "changes_its_input"),
    "keeps one array": (loop_aliases, "loop_keeps_one_array"),
    "endless": (loop_endless, None),
    "ignores the steps": (loop_ignores_steps, None),
    "last point only": (lambda *args: loop_array(*args)[-1], None),
    "number of steps": (lambda *args: len(loop_array(*args)) - 1, None),
    "empty": (lambda *args: [], None),
    "ragged": (lambda *args: [[1.0], [1.0, 2.0]], None),
    "crashes": (crashes, None),
    "exits": (exits, None),
    "too few arguments": (lambda gradient, start: [start], None),
    "not a function": (loop_array(loops.bowl([1, 4]), [2, -1], 0.1, 3, 0), None),
    "hostile": (lambda *args: Hostile(), None),
    "stops below, not at": (
        lambda gradient, start, lr, steps, tolerance: loop_array(
            gradient, start, lr, steps, np.nextafter(tolerance, -1) if tolerance == 1e-6 else -1
        ),
        None,
    ),
}


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("solution", LOOPS_RIGHT)
def test_loop_accepts(solution, fresh):
    report = check("02.loop", solution, fresh=fresh)
    assert report, report
    assert report.score == 1


@pytest.mark.parametrize("name", LOOPS_ODD)
def test_loop_rejects(name):
    solution, mistake = LOOPS_ODD[name]
    report = rejected("02.loop", solution)
    assert report.score < 1
    if mistake:
        assert report.matched == mistake


@pytest.mark.parametrize("name", loops.WRONG_LOOPS)
@pytest.mark.parametrize("fresh", [False, True])
def test_loop_names_the_mistake(name, fresh):
    sentence, wrong = loops.WRONG_LOOPS[name]
    report = check("02.loop", wrong, fresh=fresh)
    assert report.matched == name
    assert sentence in report.message
    assert report.score < 1


@pytest.mark.parametrize("wrong", wrong_rules.for_rule("sgd"), ids=lambda wrong: wrong.name)
def test_loop_names_the_rule_inside(wrong):
    report = check("02.loop", lambda *args: loops.descend(*args, rule=wrong.function))
    assert report.matched == wrong.name
    assert report.score < 0.5
