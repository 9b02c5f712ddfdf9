"""Question 02.diagnose: what three runs do."""

import pytest
from answers import Hostile

from optlearn.course.checks import check, variant

LABELS = ("too small", "just right", "zigzag", "diverges")


def diagnosis():
    """Return the labels by the criteria of the text: the sides first, then what is left."""
    found = {}
    for letter, path in variant("02.diagnose").runs.items():
        weight = path[:, 1]
        flips, left = weight[0] * weight[1] < 0, abs(weight[12]) / abs(weight[0])
        if flips:
            found[letter] = "diverges" if left > 1 else "zigzag"
        else:
            found[letter] = "just right" if left < 0.01 else "too small"
    return found


def students(monkeypatch, count=60):
    for student in range(count):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        yield student


def test_any_label_may_stay_over(monkeypatch):
    """A label that is never right could be learned from a neighbour, and so could its place."""
    over, places = set(), set()
    for _ in students(monkeypatch):
        right = diagnosis()
        assert len(set(right.values())) == 3
        over |= set(LABELS) - set(right.values())
        places |= set(right.items())
        assert check("02.diagnose", right)
    assert over == set(LABELS)
    assert places == {(letter, label) for letter in "ABC" for label in LABELS}


def test_the_criteria_leave_room_between_the_labels(monkeypatch):
    """The table shows two digits, so no run may lie near a border."""
    for _ in students(monkeypatch):
        right = diagnosis()
        for letter, path in variant("02.diagnose").runs.items():
            weight = path[:, 1]
            left, flips = abs(weight[12] / weight[0]), weight[0] * weight[1] < 0
            assert flips == (right[letter] in ("zigzag", "diverges"))
            low, high = {
                "too small": (0.6, 0.95),
                "just right": (0, 0.001),
                "zigzag": (0.1, 0.6),
                "diverges": (1.3, 10),
            }[right[letter]]
            assert low <= left <= high


@pytest.mark.parametrize(
    "form",
    [
        dict,
        lambda d: list(d.values()),
        lambda d: {k.lower(): f" {v.upper()}" for k, v in d.items()},
    ],
)
def test_diagnose_accepts(student, form):
    report = check("02.diagnose", form(diagnosis()))
    assert report, report


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


@pytest.mark.parametrize(
    ("truth", "said", "name"),
    [
        ("zigzag", "diverges", "takes-a-zigzag-for-divergence"),
        ("diverges", "zigzag", "takes-divergence-for-a-zigzag"),
        ("too small", "just right", "takes-smooth-for-right"),
        ("just right", "too small", "takes-smooth-for-slow"),
        ("zigzag", "too small", "takes-every-slow-run-for-a-small-rate"),
        ("zigzag", "just right", "takes-a-zigzag-for-right"),
        ("diverges", "just right", "takes-large-for-fast"),
        ("just right", "diverges", None),
    ],
)
def test_diagnose_names_the_misreading(truth, said, name, monkeypatch):
    for _ in students(monkeypatch):
        right = diagnosis()
        answer = {letter: said for letter, label in right.items() if label == truth}
        if answer:
            break
    report = check("02.diagnose", answer)
    assert report.matched == name
    assert ("What it looks like" in report.message) == (name is not None)


def test_a_misreading_is_said_of_its_own_run(monkeypatch):
    """The first run is misread without a name, the second with one."""
    for _ in students(monkeypatch):
        right = diagnosis()
        if list(right.values()) == ["just right", "zigzag", "too small"]:
            break
    message = check("02.diagnose", ["zigzag", "diverges", "too small"]).message
    first, own = message.index("in “run A”"), message.index("in “run B” it looks like this: ")
    assert first < message.index("To think about") < own < message.index("shorter than the last")
    assert "What it looks like" not in message


def test_a_missing_run_is_named():
    right = diagnosis()
    report = check("02.diagnose", {"A": right["A"], "B": ..., "C": right["C"]})
    assert report.score == pytest.approx(2 / 3)
    assert "Still missing: run B." in report.message
    assert "First problem" not in report.message


@pytest.mark.parametrize(
    "answer", [{}, [], 7, "zigzag", {"A": "fast"}, {"A": 3}, Hostile(), {"A": Hostile()}, print]
)
def test_diagnose_survives(answer):
    report = check("02.diagnose", answer)
    assert not report
    assert report.score == 0
