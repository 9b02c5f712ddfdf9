"""The page on the graders says what they do."""

import re

import pytest
from matrix import PAGE, page
from right_styles import RIGHT

from optlearn import wrong_rules

TEXT = PAGE.read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\w+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", TEXT, re.MULTILINE)


def test_the_page_is_what_the_checks_do():
    assert page() == TEXT, "run python tests/checks/matrix.py"


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
