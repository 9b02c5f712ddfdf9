"""A solution that calls the library's own answer is told so."""

import numpy as np
import pytest

from optlearn import datasets, rules, wrong_rules
from optlearn.course.checks import check, engine, variant


def borrows_rules(w, g, lr):
    return rules.sgd(w, g, 1, lr)[0]


def borrows_inside(w, g, lr):
    from optlearn.rules import sgd as mine

    return mine(w, g, 1, lr)[0]


def borrows_whole_package(w, g, lr):
    import optlearn as o

    return o.rules.sgd(w, g, 1, lr)[0]


def borrows_through_a_helper(w, g, lr):
    return borrows_rules(w, g, lr)


renamed = rules.sgd


def borrows_renamed(w, g, lr):
    return renamed(w, g, 1, lr)[0]


def borrows_optimizer(w, g, lr):
    from optlearn import Parameter
    from optlearn.optim import SGD

    p = Parameter(w)
    p.grad = g
    SGD([p], lr=lr).step()
    return p.data.copy()


@pytest.mark.parametrize(
    "solution",
    [
        borrows_rules,
        borrows_inside,
        borrows_whole_package,
        borrows_through_a_helper,
        borrows_renamed,
        borrows_optimizer,
        rules.sgd,
    ],
)
def test_calling_the_library_is_said_openly(solution):
    if solution is rules.sgd:
        report = check("02.step", lambda w, g, lr: rules.sgd(w, g, 1, lr)[0])
    else:
        report = check("02.step", solution)
    assert not report
    assert report.score == engine.BORROWED
    assert "Your answer calls optlearn." in report.message


def with_the_right_rule(w, g, lr):
    return wrong_rules.right("sgd")(w, g, 1, lr)[0]


def test_the_right_rule_beside_the_wrong_ones_is_an_answer():
    report = check("02.step", with_the_right_rule)
    assert report.score == engine.BORROWED
    assert "Your answer calls optlearn.wrong_rules" in report.message


def loops_over(loader, gradient, w, lr, epochs):
    path = [np.array(w)]
    for _ in range(epochs):
        for batch, _ in loader:
            path.append(path[-1] - lr * gradient(path[-1], batch))
    return path


def loop_with_a_loader(gradient, start, lr, n, size, epochs, drop_last, rng):
    loader = datasets.DataLoader(range(n), range(n), min(size, n), True, drop_last, rng)
    return loops_over(loader, gradient, start, lr, epochs)


def loop_with_a_loader_by_name(gradient, start, lr, n, size, epochs, drop_last, rng):
    from optlearn.datasets import DataLoader as Batches

    loader = Batches(range(n), range(n), min(size, n), True, drop_last, rng)
    return loops_over(loader, gradient, start, lr, epochs)


@pytest.mark.parametrize("solution", [loop_with_a_loader, loop_with_a_loader_by_name])
def test_batches_of_the_library_s_loader_are_no_loop_of_one_s_own(solution):
    report = check("03.loop", solution)
    assert 0 < report.score <= engine.BORROWED, report
    assert "Your answer calls optlearn.datasets" in report.message


def test_data_are_free_to_use():
    def step(w, g, lr):
        datasets.load("moons")
        return w - lr * g

    assert check("02.step", step)


def test_landscapes_are_free_to_use():
    from optlearn import landscapes

    def step(w, g, lr):
        landscapes.get("ravine")
        return w - lr * g

    assert check("02.step", step)


def test_asking_for_one_s_own_numbers_is_no_borrowing():
    def step(w, g, lr):
        variant("02.predict")
        return w - lr * g

    assert check("02.step", step)


def test_without_source_nothing_is_said():
    names = {}
    exec("from optlearn import rules\ndef step(w, g, lr): return rules.sgd(w, g, 1, lr)[0]", names)
    assert check("02.step", names["step"])


def run(line, folder):
    """Run a line as a notebook's cell, with its source at hand, and return its ``report``."""
    cell = folder / "cell.py"
    cell.write_text(line, encoding="utf-8")
    names = {"check": check, "rules": rules, "__name__": "__main__"}
    exec(compile(line, str(cell), "exec"), names)
    return names["report"]


@pytest.mark.parametrize(
    "line",
    [
        "report = check('02.step', lambda w, g, lr: w - lr * g)",
        "step = lambda w, g, lr: w - lr * g; report = check('02.step', step)",
        "def step(w, g, lr): return w - lr * g; check('02.step', step)\n"
        "report = check('02.step', step)",
        "rules.sgd; report = check('02.step', lambda w, g, lr: w - lr * g)",
        "(lambda: rules.sgd)(); report = check('02.step', lambda w, g, lr: w - lr * g)",
        "report = check(\n    '02.step',\n    lambda w, g, lr: w - lr * g,\n)",
    ],
)
def test_an_answer_on_the_line_of_its_check_is_its_own(line, tmp_path):
    report = run(line, tmp_path)
    assert report, report


@pytest.mark.parametrize(
    "line",
    [
        "report = check('02.step', lambda w, g, lr: rules.sgd(w, g, 1, lr)[0])",
        "step = lambda w, g, lr: rules.sgd(w, g, 1, lr)[0]; report = check('02.step', step)",
        "(lambda: 0)(); report = check('02.step', lambda w, g, lr: rules.sgd(w, g, 1, lr)[0])",
    ],
)
def test_a_borrowed_answer_on_the_line_of_its_check_is_noticed(line, tmp_path):
    assert "Your answer calls optlearn.rules" in run(line, tmp_path).message
