"""Question 02.order: shuffled lines, judged by running them."""

import pytest
from answers import Hostile, rejected

from optlearn.course.checks import check, variant


def letters(*lines):
    names = {line: letter for letter, line in variant("02.order").lines.items()}
    return [names[line] for line in lines]


START, KEEP, OUTSIDE, LOOP = "w = start", "path = [w]", "g = gradient(w)", "for t in range(steps):"
INSIDE, DOWN, UP, APPEND = (
    "    g = gradient(w)",
    "    w = w - lr * g",
    "    w = w + lr * g",
    "    path.append(w)",
)


FORMS = [list, tuple, "".join, ", ".join, " ".join, "; ".join, lambda a: [x.lower() for x in a]]


@pytest.mark.parametrize(
    "lines",
    [
        (START, KEEP, LOOP, INSIDE, DOWN, APPEND),
        (START, OUTSIDE, KEEP, LOOP, INSIDE, DOWN, APPEND),  # a needless line does no harm
        (START, KEEP, OUTSIDE, LOOP, DOWN, INSIDE, APPEND),
    ],
)
@pytest.mark.parametrize(
    "form", [list, tuple, "".join, ", ".join, " ".join, "; ".join, lambda a: [x.lower() for x in a]]
)
def test_order_accepts(student, lines, form):
    report = check("02.order", form(letters(*lines)))
    assert report, report


@pytest.mark.parametrize(
    ("lines", "mistake"),
    [
        ((START, KEEP, OUTSIDE, LOOP, DOWN, APPEND), "loop_computes_gradient_once"),
        ((START, KEEP, LOOP, INSIDE, UP, APPEND), "sgd_climbs"),
        ((START, KEEP, LOOP, INSIDE, APPEND, DOWN), "loop_keeps_the_start_twice"),
        ((START, KEEP, LOOP, INSIDE, DOWN), None),
        ((START, KEEP, LOOP, INSIDE, UP, DOWN, APPEND), "sgd_stands_still"),
        ((START, KEEP, LOOP, INSIDE, APPEND), "sgd_stands_still"),
        ((KEEP, START, LOOP, INSIDE, DOWN, APPEND), None),
        ((START, LOOP, INSIDE, DOWN, APPEND), None),
        ((START, KEEP, LOOP, DOWN, INSIDE, APPEND), None),
        ((START, KEEP, LOOP, DOWN, APPEND), None),
        ((START, KEEP, INSIDE, LOOP, DOWN, APPEND), None),
        ((START, KEEP, INSIDE, DOWN, APPEND), None),
        ((START, KEEP, LOOP), None),
        ((LOOP, INSIDE, DOWN, APPEND, START, KEEP), None),
        ((START, KEEP), None),
        ((LOOP,), None),
    ],
)
def test_order_rejects(student, lines, mistake):
    report = rejected("02.order", letters(*lines))
    assert report.score == 0
    if mistake:
        assert report.matched == mistake


@pytest.mark.parametrize(
    "answer", [[], "", ["Z"], ["A", "A"], [1, 2], 7, {"A": 1}, Hostile(), [Hostile()], lambda: "A"]
)
def test_order_survives(answer):
    report = check("02.order", answer)
    assert not report
    assert report.score == 0


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("B, Z, 7", "there is no line 7, Z: use A to H."),
        ("A, B, A", "line A is used twice"),
        (["A", ...], "one entry of your list is still blank"),
        ([..., None], "Nothing is written here yet"),
        (", ,", "Nothing is written here yet"),
        (7, "a list of letters is expected"),
    ],
)
def test_order_says_what_it_cannot_read(answer, said):
    assert said in check("02.order", answer).message


def test_the_text_on_the_lines_is_true():
    """One line is wrong wherever it stands, and one of the others can be left out."""
    right = (START, KEEP, LOOP, INSIDE, DOWN, APPEND)
    for place in range(len(right) + 1):
        assert not check("02.order", letters(*right[:place], UP, *right[place:]))
        with_both = (START, KEEP, OUTSIDE, LOOP, INSIDE, DOWN, APPEND)
        assert not check("02.order", letters(*with_both[:place], UP, *with_both[place:]))
    for line in right:
        assert not check("02.order", letters(*(other for other in right if other != line)))
