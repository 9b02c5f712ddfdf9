"""A solution that calls the library's own answer is told so."""

import pytest

from optlearn import rules
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
