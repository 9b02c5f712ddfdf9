"""What holds for every question: checks never raise, hints, answers, variants, seeds."""

import re
from pathlib import Path

import numpy as np
import pytest
from answers import Hostile, loop_array, not_implemented, step_in_place

from optlearn import wrong_rules
from optlearn.course.checks import Report, check, hint, loops, reveal, variant, working

ROOT = Path(__file__).resolve().parents[2]
ASKED = {
    "01": ("count", "neuron", "workers", "order", "slopes", "train", "diagnose", "refute"),
    "02": ("predict", "order", "step", "loop", "plan", "diagnose", "refute"),
    "03": ("predict", "order", "mean", "loop", "diagnose", "refute"),
    "04": ("predict", "order", "momentum", "nesterov", "plan", "diagnose", "refute"),
    "05": ("predict", "order", "adagrad", "rmsprop", "adadelta", "diagnose", "refute"),
    "06": ("predict", "order", "correct", "adam", "plan", "diagnose", "refute"),
    "07": ("predict", "order", "product", "sharpness", "tune", "diagnose", "refute"),
    "08": ("predict", "order", "norm", "clip", "plan", "diagnose", "refute"),
    "09": ("predict", "order", "decay", "adamw", "choose", "diagnose", "refute"),
    "10": ("predict", "order", "cosine", "schedule", "range", "batch", "diagnose", "refute"),
    "11": ("predict", "order", "interval", "compare", "plan", "diagnose", "refute"),
    "12": ("predict", "order", "error", "gradient", "layers", "steps", "habit", "refute"),
    "13": ("predict", "order", "settings", "step", "diagnose", "spectra", "refute"),
    "14": ("predict", "order", "regrets", "league", "search", "diagnose", "refute"),
}
QUESTIONS = tuple(f"{number}.{name}" for number, names in ASKED.items() for name in names)
#: Questions whose answer is no function but a list of this length.
LISTS = {"count": 4, "neuron": 5, "workers": 5, "predict": 3, "order": 3, "diagnose": 3}
LISTS |= {"03.predict": 4, "04.predict": 4, "05.predict": 5, "06.predict": 4, "13.predict": 5}
LISTS |= {"10.predict": 5, "13.spectra": 3, "14.predict": 4}
LISTS |= {"07.predict": 4, "08.predict": 5, "11.predict": 4, "11.diagnose": 4}
LISTS |= {"09.predict": 4, "12.predict": 5, "12.steps": 3, "12.habit": 3}


BLANKS = [None, ..., not_implemented, lambda *a, **k: None, lambda *a, **k: ...]


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("blank", BLANKS)
def test_blank_is_told_and_earns_nothing(question, blank):
    length = LISTS.get(question, LISTS.get(question.split(".")[1]))
    if callable(blank) and length:
        blank = [blank() if blank is not not_implemented else None] * length
    report = check(question, blank)
    assert isinstance(report, Report)
    assert report.message.startswith("Nothing is written here yet")
    assert not report
    assert report.score == 0


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("odd", [Hostile(), object(), 0, "", b"x", float("nan"), [[]], Exception])
def test_check_never_raises(question, odd):
    report = check(question, odd)
    assert not report
    assert report.score == 0
    assert "Traceback" not in report.message


@pytest.mark.parametrize("question", QUESTIONS)
def test_hint_has_three_steps(question):
    shown = hint(question)
    assert shown._repr_markdown_().count("<details>") == 3
    assert [line[0] for line in repr(shown).split("\n")] == ["1", "2", "3"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_reveal_asks_first_and_then_shows(question, monkeypatch):

    monkeypatch.chdir(ROOT)
    assert "tried=True" in repr(reveal(question))
    shown = repr(reveal(question, tried=True))
    assert "SOLUTION" not in shown
    assert "=" in shown


def test_revealed_code_is_right(monkeypatch):
    monkeypatch.chdir(ROOT)
    names = {"np": np}
    exec(repr(reveal("02.step", tried=True)), names)
    assert check("02.step", names["step"])


def test_reveal_without_solutions(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert "no folder `solutions`" in repr(reveal("02.step", tried=True))


def test_unknown_question_lists_the_known():
    with pytest.raises(ValueError, match=r"02\.typo.*02\.step"):
        check("02.typo", None)
    with pytest.raises(ValueError, match="none yet"):
        hint("77.step")


def test_variants_differ_between_students_and_repeat(monkeypatch):
    questions = ("02.predict", "02.order", "02.plan", "02.refute", "04.predict", "04.diagnose")
    for question in (*questions, "05.predict", "05.order", "05.diagnose", "05.refute"):
        seen = set()
        for student in ("1", "2", "3", "4", "5"):
            monkeypatch.setenv("OPTLEARN_STUDENT", student)
            assert repr(variant(question)) == repr(variant(question))
            seen.add(repr(variant(question)))
        assert len(seen) >= 4


def test_grader_seed_repeats_the_numbers(monkeypatch):
    wrong = wrong_rules.for_rule("sgd")[2].function

    def climb(w, g, lr):
        return wrong(w, g, t=1, lr=lr)[0] + (1e-3 if abs(w).max() < 1e-3 else 0)

    monkeypatch.setenv("OPTLEARN_GRADER_SEED", "5")
    first = repr(check("02.step", climb, fresh=True))
    assert first == repr(check("02.step", climb, fresh=True))
    assert "seed 5" in first
    monkeypatch.delenv("OPTLEARN_GRADER_SEED")
    seeds = [re.search(r"seed (\d+)", repr(check("02.step", climb, fresh=True)))[1] for _ in "ab"]
    assert seeds[0] != seeds[1]


def test_points_print_and_return_a_number(capsys):
    report = check("02.step", step_in_place)
    assert report.points(7) == 6.0
    assert type(report.points(7)) is float
    assert "changes the caller's array" in capsys.readouterr().out


def test_working_falls_back(capsys):
    assert working("02.loop", loop_array) is loop_array
    assert capsys.readouterr().out == ""
    assert working("02.loop", None) is loops.descend
    assert "not finished" in capsys.readouterr().out
    with pytest.raises(ValueError, match="no reference"):
        working("02.order", None)
