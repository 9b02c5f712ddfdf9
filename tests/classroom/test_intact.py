"""Functions of a notebook that were put into the library are found, and nothing else is."""

import types

import pytest

from optlearn import optim, rules
from optlearn.course.checks import engine, report
from optlearn.course.classroom.intact import replaced

NOTEBOOK = {"__name__": "__main__"}
exec("def mine(*args, **kwargs):\n    return 1.0", NOTEBOOK)
MINE = NOTEBOOK["mine"]


def test_an_untouched_library_has_nothing_of_the_notebook():
    assert replaced() == []


@pytest.mark.parametrize(
    ("owner", "name", "value", "found"),
    [
        (rules, "sgd", MINE, "optlearn.rules.sgd"),
        (report.Report, "points", MINE, "optlearn.course.checks.report.Report.points"),
        (report.Report, "points", property(MINE), "optlearn.course.checks.report.Report.points"),
        (optim.SGD, "rule", staticmethod(MINE), "optlearn.optim.sgd.SGD.rule"),
        ("numpy", "allclose", MINE, "numpy.allclose"),
        ("builtins", "abs", MINE, "builtins.abs"),
    ],
)
def test_what_was_replaced_is_named(monkeypatch, owner, name, value, found):
    target = f"{owner}.{name}" if isinstance(owner, str) else None
    monkeypatch.setattr(*((target, value) if target else (owner, name, value)))
    assert found in replaced()


def test_an_exchanged_question_and_exchanged_code_are_found(monkeypatch):
    asked = engine.find("02.step")
    new = engine.Question(asked.name, asked.kind, MINE, asked.hints, asked.draw, asked.reference)
    monkeypatch.setitem(engine._QUESTIONS, "02.step", new)
    assert any(name.endswith("_QUESTIONS.02.step.examine") for name in replaced())
    monkeypatch.undo()
    assert replaced() == []
    code = MINE.__code__.replace(co_filename="/tmp/ipykernel_7/42.py")
    twin = types.FunctionType(code, vars(rules), "sgd")
    monkeypatch.setattr(rules, "sgd", twin)
    assert "optlearn.rules.sgd" in replaced()
