"""Answers in a lesson are remembered: missed questions come back, and the lab book shows them."""

import json

import pytest

from optlearn import cli, progress
from optlearn.course import asking, believe, check, hint, question, recall, reveal
from optlearn.course.lab_book import EMPTY, lab_book

WRONG, RIGHT = "d", "a"


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("OPTLEARN_DATA", str(tmp_path / "data"))


def wrong_and_right(name):
    options = question(name).options
    return (
        next(o.answer for o in options if not o.right),
        next(o.answer for o in options if o.right),
    )


def test_an_answer_is_recorded_once_with_its_misconception():
    wrong, _ = wrong_and_right("02.limit")
    for _ in range(2):
        question("02.limit", wrong)
    (event,) = progress.events()
    assert (event["kind"], event["name"], event["lesson"]) == ("question", "02.limit", "02")
    assert event["right"] is False
    assert event["misconception"] == question("02.limit", wrong).verdict.misconception
    question("02.limit")  # no answer, nothing to record
    assert len(progress.events()) == 1


def test_a_prediction_is_recorded_as_one():
    question("02.predict-wall", "a")
    assert list(progress.summary().predictions) == ["02.predict-wall"]
    assert progress.summary().answers == {}


def test_recall_and_believe_record_where_they_asked():
    recall("04", *[wrong_and_right(q.name)[0] for q in recall("04").questions])
    believe("03", wrong_and_right(believe("03").questions[0].name)[0])
    assert [e["lesson"] for e in progress.events()] == ["04", "04", "04", "03"]


@pytest.mark.parametrize(("lesson", "returns"), [("02", 0), ("03", 0), ("04", 1), ("06", 1)])
def test_a_missed_question_returns_two_lessons_later(lesson, returns):
    wrong, right = wrong_and_right("02.limit")
    question("02.limit", wrong)
    shown = [q.name for q in recall(lesson).questions]
    assert len(recall(lesson).again) == (returns if "02.limit" not in shown else 0)
    assert [q.name for q in asking.missed(lesson)] == ["02.limit"][:returns]
    question("02.limit", right)
    assert recall(lesson).again == ()


def test_what_returns_says_how_to_answer_and_changes_no_order():
    name = "02.order"
    question(name, wrong_and_right(name)[0])
    before, after = recall("06").questions, recall("06")
    assert after.questions == before
    assert f"question({name!r}, ...)" in repr(after)
    assert f"question({name!r}, ...)" in after._repr_markdown_()


def test_at_most_three_return_and_unknown_ones_are_left_out():
    progress.record("question", "02.dropped-long-ago", answer="a", right=False)
    for q in believe("02").questions + believe("03").questions:
        question(q.name, wrong_and_right(q.name)[0])
    assert len(asking.missed("13")) == asking.AT_MOST


def test_without_a_record_nothing_returns_and_nothing_breaks(monkeypatch):
    monkeypatch.setenv("OPTLEARN_DATA", "off")
    question("02.limit", wrong_and_right("02.limit")[0])
    assert recall("06").again == ()


def test_the_lab_book_tells_what_was_expected_believed_and_found():
    assert EMPTY in lab_book()
    progress.record("prediction", "02.predict-wall", answer="a", right=False, confidence=0.8)
    wrong, right = wrong_and_right("02.limit")
    belief = question("02.limit", wrong).verdict.misconception.replace("-", " ")
    progress.record("run", "14.capstone", score=1.5, unit="points", settings="adamw")
    progress.record("run", "14.capstone", score=0.5, unit="points", settings="sgd")
    page = lab_book()
    assert "I said a, 80% sure: not so" in page
    assert f"{belief} (met in 02.limit)" in page
    assert "14.capstone: 1.5 points, with adamw" in page
    assert "no optimizer is best" in page.lower()
    question("02.limit", right)
    assert f"{belief} (met in 02.limit; answered right since)" in lab_book()


def test_the_commands_show_and_write_it(tmp_path, capsys):
    question("02.limit", wrong_and_right("02.limit")[0])
    assert cli.main(["progress"]) == 0
    assert "questions answered: 1" in capsys.readouterr().out
    assert cli.main(["report"]) == 0
    assert "# Lab book" in capsys.readouterr().out
    page = tmp_path / "book.md"
    assert cli.main(["report", str(page)]) == 0
    assert page.read_text("utf-8").startswith("# Lab book")
    page.write_text(json.dumps("mine"), "utf-8")
    assert cli.main(["report", str(page)]) == 2, "an existing file is not overwritten"
    assert page.read_text("utf-8") == '"mine"'


def test_checks_hints_and_reveals_are_recorded_for_the_learner_alone():
    check("02.step", lambda w, g, lr: w + lr * g)
    check("02.step", ...)  # a blank says nothing
    check("02.step", lambda w, g, lr: w - lr * g, fresh=True)  # the grader's
    hint("02.step")
    reveal("02.step")  # asks back, and reveals nothing
    reveal("02.step", tried=True)
    kinds = [(e["kind"], e["name"]) for e in progress.events()]
    assert kinds == [(kind, "02.step") for kind in ("check", "hint", "reveal")]
    assert progress.events()[0]["right"] is False
    assert progress.summary().misconceptions == {progress.events()[0]["misconception"]: 1}
