"""Lessons and exercises as pages: words for every picture, headings in order."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

pytest.importorskip("nbconvert", reason="the lessons need the extra lessons")

from optlearn import cli
from optlearn.course import pages

ROOT = Path(__file__).parents[1]
NOTEBOOKS = [*sorted(ROOT.glob("lessons/*.ipynb")), *sorted(ROOT.glob("exercises/*/*.ipynb"))]


def name(path):
    return path.relative_to(ROOT).with_suffix("").as_posix()


class Seen(HTMLParser):
    """What a screen reader finds on a page: its title, headings and pictures."""

    def __init__(self, html):
        super().__init__()
        self.title, self.levels, self.pictures, self.language = "", [], [], None
        self._in_title = False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self._in_title = tag == "title"
        if tag == "html":
            self.language = attributes.get("lang")
        elif re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        elif tag == "img":
            self.pictures.append(attributes.get("alt"))

    def handle_data(self, data):
        if self._in_title:
            self.title, self._in_title = data, False


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=name)
def read(request):
    """Return a notebook and what is seen on its page."""
    stored = json.loads(request.param.read_text("utf8"))
    return stored, Seen(pages.page(request.param))


def test_every_picture_has_its_text_twin_as_alternative_text(read):
    stored, seen = read
    outputs = [output for cell in stored["cells"] for output in cell.get("outputs", [])]
    twins = [
        "".join(output["data"]["text/plain"])
        for output in outputs
        if "image/png" in output.get("data", {})
    ]
    assert seen.pictures == twins
    assert all(len(twin) > 30 for twin in twins)


def test_headings_go_down_one_level_at_a_time_from_the_only_first(read):
    _, seen = read
    assert seen.levels[0] == 1
    assert seen.levels.count(1) == 1
    steps = [after - before for before, after in zip(seen.levels, seen.levels[1:])]
    assert max(steps) <= 1, seen.levels
    assert len(seen.levels) > 5


def test_a_page_says_its_language_and_its_name(read):
    stored, seen = read
    assert seen.language == "en"
    assert f"# {seen.title}" in "".join(stored["cells"][0]["source"])


def test_without_a_heading_the_title_is_the_file_s_name(tmp_path, write_notebook):
    assert Seen(pages.page(write_notebook(tmp_path / "plain.ipynb", "1 + 1"))).title == "plain"


def test_the_command_writes_pages_with_names_of_their_own(tmp_path, capsys):
    first, second = [path for path in NOTEBOOKS if path.name == "exercise.ipynb"][:2]
    assert cli.main(["course", "pages", str(first), str(second), "--to", str(tmp_path / "p")]) == 0
    made = sorted(path.name for path in (tmp_path / "p").iterdir())
    assert made == [f"{path.parent.name}.html" for path in (first, second)]
    assert [Path(line).name for line in capsys.readouterr().out.splitlines()] == made
