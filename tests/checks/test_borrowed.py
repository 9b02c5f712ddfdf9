"""A solution that calls the library's own answer is told so."""

import pytest

from optlearn import rules
from optlearn.course.checks import check, engine


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


def test_without_source_nothing_is_said():
    names = {}
    exec("from optlearn import rules\ndef step(w, g, lr): return rules.sgd(w, g, 1, lr)[0]", names)
    assert check("02.step", names["step"])
