"""The first page: its numbers are those of the repository, its pictures are there and its own."""

import re
import struct
from pathlib import Path

import make_readme
import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf8")
PICTURES = re.findall(r"<picture>(.*?)</picture>", README, re.DOTALL)
AGAIN = "run python tests/make_readme.py"


def block(name):
    found = re.search(f"<!-- {name}: begin -->(.*?)<!-- {name}: end -->", README, re.DOTALL)
    return found[1].strip()


@pytest.mark.parametrize("name", make_readme.BLOCKS)
def test_a_block_is_what_the_repository_says(name):
    assert block(name).splitlines() == make_readme.BLOCKS[name](), AGAIN


def test_a_changed_number_is_written_back_and_nothing_else():
    spoiled = re.sub(r"The ledger holds \d+", "The ledger holds 99", README)
    assert spoiled != README
    assert make_readme.rewritten(spoiled) == README, AGAIN


def test_a_missing_block_is_named():
    with pytest.raises(ValueError, match="no place for speed"):
        make_readme.rewritten(README.replace("<!-- speed: end -->", ""))


@pytest.mark.parametrize("name", make_readme.badges())
def test_a_badge_is_what_the_repository_says(name):
    assert f"docs/pictures/{name}" in README
    assert (make_readme.BADGES / name).read_text("utf8") == make_readme.badges()[name], AGAIN


@pytest.mark.parametrize("number", range(2))
def test_a_picture_has_both_themes_its_size_and_words(number):
    picture = PICTURES[number]
    files = re.findall(r'(?:src|srcset)="(\S+)"', picture)
    assert [name.rpartition("-")[2] for name in files] == ["dark.png", "light.png"]
    assert len(re.search(r'alt="([^"]+)"', picture)[1]) > 80
    shown = [int(re.search(rf'{side}="(\d+)"', picture)[1]) for side in ("width", "height")]
    for name in files:
        data = (ROOT / name).read_bytes()
        assert data.startswith(b"\x89PNG")
        assert len(data) <= 150_000
        width, height = struct.unpack(">II", data[16:24])
        assert width >= 2 * shown[0], "blurred on good screens"
        assert abs(height / width - shown[1] / shown[0]) < 0.003


def test_every_lesson_and_exercise_is_on_the_map():
    on_it = set(re.findall(r"\]\(((?:lessons|exercises)/\S+?)\)", README))
    there = {
        path.relative_to(ROOT).as_posix()
        for path in (*ROOT.glob("lessons/*.ipynb"), *ROOT.glob("exercises/*/exercise.ipynb"))
    }
    assert on_it == there


def test_the_hours_of_the_course_are_those_of_its_parts():
    """Within a tenth; an exercise that is not there yet counts as the others do on average."""
    cells = re.findall(r"\| (\d+)(?: \+ \[(\d+)\]\(\S+\))? \|", block("lessons"))
    assert len(cells) == len(make_readme.LESSONS)
    exercises = [int(minutes) for _, minutes in cells if minutes]
    minutes = sum(int(lesson) for lesson, _ in cells)
    minutes += sum(exercises) / len(exercises) * (len(cells) - 1)
    stated = int(re.search(r"\*\*The course\*\*, about (\d+) hours", README)[1])
    assert abs(stated - minutes / 60) <= 0.1 * stated


def test_no_picture_comes_from_elsewhere():
    shown = re.findall(r"!\[[^\]]*\]\((\S+?)\)|^\[binder\]: (\S+)", README, re.M)
    shown = [one or other for one, other in shown] + re.findall(r'src\w*="(\S+)"', README)
    assert len(shown) >= 10
    assert [place for place in shown if not (ROOT / place).is_file()] == []
