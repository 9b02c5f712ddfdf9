"""docs/teaching.md shows a class as it was: the same commands run here, on a part of that class."""

import csv
import importlib.util
import io
import re
import sys
import zipfile
from pathlib import Path

import pytest

from .conftest import needs_sandbox

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/teaching.md").read_text(encoding="utf-8")
SHOWN = re.search(r"<!-- a whole class: begin -->(.*)<!-- a whole class: end -->", TEXT, re.DOTALL)
ASSIGNMENT, STUDENTS = "04_momentum", 5


@pytest.fixture(scope="module")
def script():
    """Return the script that made the page; it finds its neighbour as a script does."""
    path = ROOT / "tests/benchmarks/classroom.py"
    spec = importlib.util.spec_from_file_location("play_a_class", path)
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module


@pytest.fixture(scope="module")
def played(script, tmp_path_factory):
    """Return the class, and all that was typed and said."""
    made = script.Class(tmp_path_factory.mktemp("played"), STUDENTS, ASSIGNMENT)
    return made, made.play()


def typed(lines):
    return re.findall(r"^```\n(.+?)\n```$", "\n".join(lines), re.MULTILINE)


def rows(lines):
    """Return what the report says of each student."""
    found = [line.split("|") for line in lines if re.match(r" +\| s\d\d ", line)]
    return {cells[1].strip(): [cell.strip() for cell in cells[2:-1]] for cells in found}


def test_the_page_shows_the_commands_that_run_here(script):
    assert typed(SHOWN[1].splitlines()) == list(script.commands(ASSIGNMENT))


@needs_sandbox
def test_each_command_does_what_the_page_says(played, script):
    _, lines = played
    assert typed(lines) == list(script.commands(ASSIGNMENT))
    said = "\n".join(lines)
    assert f"{STUDENTS} taken, 0 unchanged" in said
    assert "NOT taken: Somebody Else_4711_assignsubmission_file" in said
    assert "optlearn:" not in said, "no command failed"


@needs_sandbox
def test_the_students_here_earned_what_the_page_says(played):
    here, there = rows(played[1]), rows(SHOWN[1].splitlines())
    assert len(there) == 30
    assert len(here) == STUDENTS
    assert here == {who: there[who] for who in here}


@needs_sandbox
def test_points_by_hand_and_feedback_reach_the_students(played):
    made, lines = played
    table = "\n".join(lines).split("    Email address")[1].split("\n\n")[0]
    scores = [float(row[2]) for row in csv.reader(io.StringIO(table)) if row and "@" in row[0]]
    reported = [float(cells[0]) for cells in rows(lines).values()]
    assert len(scores) == len(reported) == STUDENTS
    assert sum(scores) > sum(reported), "the written answers count"
    with zipfile.ZipFile(made.folder / "feedback" / f"{ASSIGNMENT}.zip") as archive:
        pages = archive.namelist()
        text = archive.read(pages[0]).decode()
    assert pages == [f"s{i:02}/{ASSIGNMENT}.html" for i in range(1, STUDENTS + 1)]
    assert "fresh=True" not in text
    assert "Mark scheme" not in text
