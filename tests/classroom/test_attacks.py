"""Broken and hostile submissions: what each must score and raise, while the batch goes on.

All of them are one class, graded once by the real nbgrader in the real sandbox.
"""

import copy
import json
import re
import shutil
from pathlib import Path

import pytest

from optlearn.course.classroom import settings
from optlearn.course.classroom.grade import grade
from optlearn.course.classroom.report import report

from . import attacks
from .attacks import FULL, KINDS
from .conftest import NAME, needs_sandbox

pytestmark = needs_sandbox


@pytest.fixture(scope="module")
def graded(released, handout, tmp_path_factory):
    """Return the rows of the whole class, and the classroom."""
    home = tmp_path_factory.mktemp("attacked") / "class"
    shutil.copytree(released.folder, home)
    classroom = settings.Classroom(home)
    return attacks.graded(classroom, handout), classroom


def test_the_batch_goes_on(graded):
    assert set(graded[0]) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_scores_and_raises_what_it_must(graded, kind):
    row = graded[0][kind]
    _, _, points, flag = KINDS[kind]
    if points is not None:
        assert row["score"] == points, row
    if flag is None:
        assert row["flags"] == []
    else:
        assert any(flag in one for one in row["flags"]), row


def test_no_process_survives(graded):
    running = [path.read_bytes().split(b"\0")[:2] for path in Path("/proc").glob("[0-9]*/cmdline")]
    assert [b"sleep", b"60"] not in running


def test_a_second_run_grades_nothing_again_and_a_changed_file_alone(graded, answered):
    _rows, classroom = graded
    seen = []
    grade(classroom, NAME, done=seen.append)
    assert seen == []
    path = classroom.folder / "submitted/wrong-sign" / NAME / "exercise.ipynb"
    before = path.read_text(encoding="utf-8")
    path.write_text(json.dumps(copy.deepcopy(answered())), encoding="utf-8")
    grade(classroom, NAME, done=seen.append)
    assert [(row["student"], row["score"]) for row in seen] == [("wrong-sign", FULL)]
    path.write_text(before, encoding="utf-8")


def test_the_report_names_scores_flags_and_mistakes(graded):
    page = report(graded[1], NAME)
    assert "| honest | 5 |" in page
    assert "the check gives points for no answer" in page
    assert "## Mistakes met" in page


def test_the_page_says_what_they_scored_and_raised(graded):
    def without_seconds(lines):
        """Return the lines also without the words that nbclient puts behind its errors."""
        lines = [re.sub(r" [\d.]+ \|$", "", line) for line in lines if line.startswith("| ")]
        return [re.sub(r"(not graded: [\w.]+).*", r"\1", line) for line in lines]

    page = attacks.PAGE.read_text(encoding="utf-8")
    assert page.startswith(attacks.HEAD), "run python -m tests.classroom.attacks"
    rows = page.removeprefix(attacks.HEAD).splitlines()
    assert without_seconds(rows) == without_seconds(attacks.table(graded[0]))
