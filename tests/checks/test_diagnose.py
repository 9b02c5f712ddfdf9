"""Question 02.diagnose: what three runs do."""

import pytest
from answers import Hostile

from optlearn.course.checks import check, variant


def diagnosis():
    found = {}
    for letter, path in variant("02.diagnose").runs.items():
        first, second, last = path[[0, 1, -1], 1]
        found[letter] = "zigzag" if first * second < 0 else "too small"
        if abs(last) > abs(first):
            found[letter] = "diverges"
    return found


@pytest.mark.parametrize(
    "form",
    [
        dict,
        lambda d: list(d.values()),
        lambda d: {k.lower(): f" {v.upper()}" for k, v in d.items()},
    ],
)
def test_diagnose_accepts(student, form):
    assert set(diagnosis().values()) == {"too small", "zigzag", "diverges"}
    report = check("02.diagnose", form(diagnosis()))
    assert report, report


LABELS = ("too small", "just right", "zigzag", "diverges")
TRIPLES = [(a, b, c) for a in LABELS for b in LABELS for c in LABELS]


@pytest.mark.parametrize("labels", TRIPLES, ids="-".join)
def test_diagnose_rejects_all_but_one(labels):
    """All 64 triples: one is right, and repeating a label earns nothing."""
    answer, right = dict(zip("ABC", labels)), diagnosis()
    report = check("02.diagnose", answer)
    assert bool(report) == (answer == right)
    if len(set(labels)) < 3:
        assert report.score == 0
    else:
        hits = sum(answer[k] == right[k] for k in "ABC")
        assert report.score == pytest.approx(hits / 3)


def test_diagnose_names_the_misreading():
    flipped = {"zigzag": "diverges", "diverges": "zigzag", "too small": "too small"}
    report = check("02.diagnose", {k: flipped[v] for k, v in diagnosis().items()})
    assert report.matched in ("takes-a-zigzag-for-divergence", "takes-divergence-for-a-zigzag")


@pytest.mark.parametrize(
    "answer", [{}, [], 7, "zigzag", {"A": "fast"}, {"A": 3}, Hostile(), {"A": Hostile()}, print]
)
def test_diagnose_survives(answer):
    report = check("02.diagnose", answer)
    assert not report
    assert report.score == 0
