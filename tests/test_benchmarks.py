"""What the benchmarks share."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))

import page


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "# Speed\n\n{a}\n"),
        ("# Speed\n\nWords.\n", "# Speed\n\nWords.\n\n{a}\n"),
        ("<!-- a: begin -->\nold\n<!-- a: end -->\n\n{b}\n", "{a}\n\n{b}\n"),
        ("{b}\n\n<!-- a: begin --><!-- a: end -->\nrest\n", "{b}\n\n{a}\nrest\n"),
    ],
)
def test_a_benchmark_replaces_its_own_section_and_no_other(before, after, tmp_path):
    parts = {
        "a": "<!-- a: begin -->\n\n1 \\1\n2\n\n<!-- a: end -->",
        "b": "<!-- b: begin -->\n\nmine\n\n<!-- b: end -->",
    }
    path = tmp_path / "speed.md"
    if before is not None:
        path.write_text(before.format(**parts), "utf8")
    for _ in range(2):  # a second run changes nothing
        page.write("a", ["1 \\1", "2"], path)
        assert path.read_text("utf8") == after.format(**parts)


def test_every_section_of_the_page_is_whole():
    text = page.PAGE.read_text("utf8")
    assert text.count(": begin -->") == text.count(": end -->") > 0
