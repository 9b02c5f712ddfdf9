import json
import re
from pathlib import Path

import pytest

from optlearn import questions as q
from optlearn.course import believe, cards, facts, question, recall
from optlearn.optim import REGISTRY

ALL = [f"{lesson}.{key}" for lesson in q._lessons() for key in q._raw(lesson)]


@pytest.mark.parametrize("name", ALL)
def test_a_question_has_one_right_answer_and_every_wrong_one_names_a_misconception(name):
    asked = question(name)
    right = [o for o in asked.options if o.right]
    wrong = [o for o in asked.options if not o.right]
    assert len(right) == 1
    assert len(wrong) >= 2
    assert all(o.says.endswith((".", "?")) for o in asked.options)
    assert not right[0].misconception
    numeric = isinstance(right[0].answer, int | float)
    assert asked.kind == ("order" if asked.lines else "number" if numeric else "choice")
    assert bool(asked.otherwise) is (asked.kind != "choice")
    assert all(bool(o.text) is (asked.kind == "choice") for o in asked.options)
    named = [o.misconception for o in wrong]
    assert all(named)


@pytest.mark.parametrize("name", ALL)
def test_each_answer_gets_its_own_verdict(name):
    for option in question(name).options:
        answered = question(name, option.answer)
        assert answered.verdict == option
        assert ("Right." in repr(answered)) is option.right
        assert option.says in repr(answered)


def test_a_number_nobody_foresaw_gets_the_general_answer():
    answered = question("02.limit", 0.3)
    assert not answered.verdict.right
    assert "2/L" in repr(answered)


@pytest.mark.parametrize("answer", ["B", " b "])
def test_letters_are_read_kindly(answer):
    assert question("02.smaller", answer).verdict.right


@pytest.mark.parametrize("answer", [0.5, 0.499, 0.504, "0.5"])
def test_numbers_are_read_within_one_percent(answer):
    assert question("02.limit", answer).verdict.right


def test_lines_are_put_in_order_by_their_letters():
    assert question("02.order", "BDCA").verdict.right
    assert "step-before-gradient" in question("02.order", "abdc").verdict.misconception
    unforeseen = question("02.order", "acbd").verdict
    assert not unforeseen.right
    assert unforeseen.says == question("02.order").otherwise


@pytest.mark.parametrize("answer", ["", "abc", "abcc", "bdcae", 7])
def test_letters_that_are_no_order_are_refused(answer):
    with pytest.raises(ValueError, match='letters abcd in another order, such as "dcba"'):
        question("02.order", answer)


def test_questions_asked_together_take_their_answers_in_order():
    assert len(recall("02").questions) == 3
    answered = recall("02", 6, None, "b")
    assert [a.verdict.right if a.verdict else None for a in answered.questions] == [
        True,
        None,
        True,
    ]
    assert repr(answered).count("Right.") == 2
    assert len(believe("02").questions) == 4


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: question("02.limits"), "unknown question '02.limits': lesson 02 has predict-wall"),
        (lambda: question("77.limit"), "lesson '77' has no questions: known are 00"),
        (lambda: question("02.smaller", "z"), 'one of "a", "b", "c", got \'z\''),
        (lambda: recall("02", 1, "a", "b", "c"), "there are 3 questions, got 4 answers"),
        (lambda: recall("77"), "lesson .77. has no such questions"),
    ],
)
def test_mistakes_in_asking_are_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_the_facts_come_from_the_registry():
    table = facts(*REGISTRY)
    assert [row[0] for row in table.rows] == list(REGISTRY)
    assert table.rows[0][1:4] == ("none", "2 operations a weight", "lr (0.001)")
    assert table.rows[1][1] == "1 number a weight"
    tuned = {row[0]: row[3] for row in table.rows}
    assert tuned["adamw"] == f"{tuned['adam']}, weight_decay (0.01)"
    assert {name for name, text in tuned.items() if "weight_decay" in text} == {
        name for name, entry in REGISTRY.items() if entry.decay != "coupled"
    }
    assert table._repr_markdown_().count("\n") == len(REGISTRY) + 1
    assert isinstance(table, cards.Table)


def examples():
    """Return the calls with answers that stand in the lessons, as (where, call)."""
    for path in sorted((Path(__file__).parents[1] / "lessons").glob("*.ipynb")):
        for cell in json.loads(path.read_text("utf8"))["cells"]:
            source = "".join(cell["source"])
            for call in re.findall(r'(?:recall|believe|question)\("[^)\n]*?", [^)\n]+\)', source):
                yield f"{path.stem} {cell['id']}", call


def test_lessons_show_how_to_answer():
    assert len(list(examples())) >= 4


@pytest.mark.parametrize(("where", "call"), examples())
def test_no_example_in_a_lesson_gives_a_right_answer_away(where, call):
    asked = eval(call, {"recall": recall, "believe": believe, "question": question})
    for one in getattr(asked, "questions", [asked]):
        assert one.verdict is None or not one.verdict.right, (where, one.name)
