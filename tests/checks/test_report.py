"""A report speaks of the part it shows, and grades what is there of a partial answer."""

import pytest

from optlearn.course.checks.report import (
    BlankError,
    Mistake,
    Part,
    Report,
    WrongError,
    blank,
    grade,
)


def right():
    pass


def missing():
    raise BlankError


def wrong(mistake=None):
    def test():
        raise WrongError("3 is not 4.", mistake and Mistake(mistake, f"It {mistake}."))

    return test


def graded(*tests):
    return grade(Part(f"part {i}", 1, test, f"Why {i}?") for i, test in enumerate(tests, 1))


@pytest.mark.parametrize(
    ("tests", "score", "matched", "lines"),
    [
        ([right, right], 1, None, ["Correct. Right: part 1; part 2."]),
        (
            [right, wrong("climbs")],
            1 / 2,
            "climbs",
            [
                "Not there yet. Right so far: part 1.",
                "First problem, in “part 2”: 3 is not 4.",
                "What it looks like: It climbs.",
                "To think about: Why 2?",
            ],
        ),
        (
            [wrong(), wrong("climbs"), right],
            1 / 3,
            "climbs",
            [
                "Not there yet. Right so far: part 3.",
                "First problem, in “part 1”: 3 is not 4.",
                "To think about: Why 1?",
                "And in “part 2” it looks like this: It climbs.",
            ],
        ),
        (
            [wrong("hops"), wrong("climbs")],
            0,
            "hops",
            [
                "Not there yet. Right so far: nothing yet.",
                "First problem, in “part 1”: 3 is not 4.",
                "What it looks like: It hops.",
                "To think about: Why 1?",
            ],
        ),
        (
            [right, missing, missing],
            1 / 3,
            None,
            ["Not there yet. Right so far: part 1.", "Still missing: part 2; part 3."],
        ),
        (
            [missing, wrong()],
            0,
            None,
            [
                "Not there yet. Right so far: nothing yet.",
                "Still missing: part 1.",
                "First problem, in “part 2”: 3 is not 4.",
                "To think about: Why 2?",
            ],
        ),
    ],
)
def test_report(tests, score, matched, lines):
    report = graded(*tests)
    assert report.message.split("\n") == lines
    assert report.score == pytest.approx(score)
    assert report.matched == matched
    assert bool(report) == (score == 1)


def test_all_missing_is_blank():
    assert graded(missing, missing) == blank()


def test_manners_count_only_beside_something_right():
    manner = Part("manners", 1, right, "", manner=True)
    assert grade([Part("it", 1, wrong(), ""), manner]).score == 0
    assert grade([manner, Part("it", 1, missing, "")]) == blank()
    assert grade([Part("it", 1, right, ""), Part("more", 2, wrong(), ""), manner]).score == 0.5


def test_long_lines_are_printed_whole_words_only(capsys):
    words = "the slopes reach from 1e-6 to 1e6 and " * 8
    report = Report(False, 0.5, f"First line.\n{words.strip()}.")
    report.points(2)
    printed = capsys.readouterr().out.rstrip("\n")
    lines = printed.split("\n")
    assert printed == repr(report)
    assert lines[0] == "First line."
    assert max(map(len, lines)) <= 88
    assert printed.split() == report.message.split()
    assert all(line.startswith("  ") for line in lines[2:])
