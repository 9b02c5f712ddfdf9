"""The page on the graders says what they do."""

import re

import pytest
import tried
from matrix import PAGE, counted, page
from right_styles import RIGHT
from test_every_question import ASKED

from optlearn import wrong_rules

TEXT = PAGE.read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\w+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", TEXT, re.MULTILINE)


def test_the_page_is_what_the_checks_do():
    assert page(counted(TEXT)) == TEXT, "run python tests/checks/matrix.py"


def test_the_page_counts_what_the_tests_try(questions):
    assert tried.rows(questions) == counted(TEXT), "run python tests/checks/matrix.py"


QUESTIONS = [row.split(" | ") for row in re.findall(r"^\| (\d\d\..*) \|$", TEXT, re.MULTILINE)]


def test_the_page_lists_every_question():
    asked = [f"{number}.{name}" for number, names in ASKED.items() for name in names]
    assert [name for name, *_ in QUESTIONS] == sorted(asked)


@pytest.mark.parametrize(("name", "kind", "wrong", "named", "right"), QUESTIONS)
def test_every_question_is_tried_on_enough_answers(name, kind, wrong, named, right):
    assert int(wrong) >= (15 if kind == "implement" else 5)
    assert int(right) >= (5 if kind == "implement" else 3)


def test_the_page_lists_every_rule_and_every_mistake():
    assert [row[0] for row in ROWS] == list(RIGHT)
    listed = re.findall(r"^\| (\w+) \| \d+% \|$", TEXT, re.MULTILINE)
    assert listed == [wrong.name for rule in RIGHT for wrong in wrong_rules.for_rule(rule)]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_all_wrong_solutions_are_rejected_most_named_and_all_right_ones_accepted(row):
    wrong, rejected, named, right, accepted = map(int, row[1:])
    assert wrong >= 15
    assert rejected == wrong
    assert named >= 0.8 * wrong
    assert accepted == right >= 5
