"""What a class decides: lateness, resubmissions, written answers, its own numbers."""

import copy
import datetime
import json
import os
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from optlearn import cli
from optlearn.course.checks import engine
from optlearn.course.classroom import attempts, giveback, handout, policy, results, roster, settings
from optlearn.course.classroom.collect import collect
from optlearn.course.classroom.grade import grade
from optlearn.course.classroom.report import report

from .conftest import ANSWER, NAME, SOURCE, needs_sandbox

Gradebook = pytest.importorskip("nbgrader.api", reason="a class needs nbgrader").Gradebook
ROOT = Path(__file__).parents[2]
ROSTER = "id,name,email,moodle,canvas,extension_hours\na,A,a@x,,,\nb,B,b@x,,,48\n"
WRONG = "def step(w, g, lr):\n    return w + lr * g\n"


@pytest.fixture
def classroom(tmp_path):
    made = settings.init(tmp_path / "class")
    (made.folder / "roster.csv").write_text(ROSTER)
    return made


# -------------------------------------------------------------------------------------- lateness


@pytest.mark.parametrize(
    ("who", "grace", "handed_in", "hours"),
    [
        ("a", "0", "11:00", 0),
        ("a", "0", "14:30", 2.5),
        ("a", "2", "14:00", 0),
        ("a", "2", "14:30", 2.5),
        ("b", "0", "14:30", 0),
    ],
)
def test_an_extension_and_a_grace_count(classroom, who, grace, handed_in, hours):
    student = roster.read(classroom)[who]
    when = datetime.datetime.fromisoformat(f"2026-03-01T{handed_in}:00+00:00")
    policy.put(classroom, "grace", grace)
    assert policy.hours_late(classroom, NAME, student, when) == 0, "without a date nobody is late"
    classroom.set_due(NAME, "2026-03-01T12:00:00+00:00")
    assert policy.hours_late(classroom, NAME, student, when) == hours
    assert policy.hours_late(classroom, NAME, student, None) == 0


@pytest.mark.parametrize(
    ("late", "hours", "lost"),
    [("0", 100, 0), ("2", 0, 0), ("2", 1, 2), ("2", 24, 2), ("2", 25, 4), ("2", 2400, 20),
     ("10%", 1, 2), ("10 %", 30, 4), ("60%", 30, 20), ("0.5", 1, 0.5)],
)  # fmt: skip
def test_a_begun_day_costs_points_or_percent_and_never_more_than_there_are(
    classroom, late, hours, lost
):
    policy.put(classroom, "late", late)
    assert policy.get(classroom, "late", NAME).penalty(20, hours) == pytest.approx(lost)


@pytest.mark.parametrize(
    ("name", "value"),
    [("late", "much"), ("late", "-2"), ("grace", "-1"), ("due", "soon"), ("written", "maybe"),
     ("resubmissions", "all"), ("group", 'x"'), ("points", "3")],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_and_changes_nothing(classroom, name, value):
    before = (classroom.folder / "class.json").read_text()
    with pytest.raises(settings.ClassroomError, match=name):
        policy.put(classroom, name, value)
    assert (classroom.folder / "class.json").read_text() == before


def test_an_assignment_may_decide_for_itself(classroom, capsys):
    here = ["--class", str(classroom.folder)]
    assert cli.main(["classroom", "set", "late", "10%", *here]) == 0
    assert cli.main(["classroom", "set", "late", "1", "--for", NAME, *here]) == 0
    assert policy.get(classroom, "late", NAME) == policy.Late(points=1)
    assert policy.get(classroom, "late", "03_other") == policy.Late(percent=10)
    capsys.readouterr()
    assert cli.main(["classroom", "set", *here]) == 0
    said = capsys.readouterr().out
    assert all(f"{name} = " in said for name in policy.SETTINGS)
    assert cli.main(["classroom", "set", "grace", "soon", *here]) == 2
    assert "hours such as 6" in capsys.readouterr().err


# -------------------------------------------------------------------------------- resubmissions


def hand_in(classroom, folder, who, notebook, day):
    path = folder / who / "exercise.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    stamp = datetime.datetime.fromisoformat(f"2026-03-0{day}T10:00:00+00:00").timestamp()
    os.utime(path, (stamp, stamp))
    return collect(classroom, NAME, folder, "folder")


@needs_sandbox
def test_best_or_last_counts_and_the_report_shows_both(released, answered, tmp_path):
    shutil.copytree(released.folder, tmp_path / "class")
    classroom = settings.Classroom(tmp_path / "class")
    (classroom.folder / "roster.csv").write_text("id,name,email\na,A,a@x\nb,B,b@x\n")
    up = tmp_path / "up"
    right, wrong = answered(ANSWER), answered(WRONG)
    hand_in(classroom, up, "a", right, 1)
    hand_in(classroom, up, "b", wrong, 1)
    hand_in(classroom, up, "a", wrong, 2)  # before anything was graded
    policy.put(classroom, "resubmissions", "best")
    scores = {row["student"]: row["score"] for row in grade(classroom, NAME)}
    assert scores == {"a": 5, "b": 0}
    assert hand_in(classroom, up, "a", wrong, 2).taken == [], "the newest file is known already"
    counts = attempts.submitted(classroom, NAME, "a")
    assert counts.handed_in.day == 1
    assert json.loads(counts.path.read_text("utf-8")) == right
    assert "2: best 5, last 0; best counts" in report(classroom, NAME)

    policy.put(classroom, "resubmissions", "last")
    assert grade(classroom, NAME)[0]["score"] == 0
    assert attempts.submitted(classroom, NAME, "a").handed_in.day == 2
    assert "2: best 5, last 0; last counts" in report(classroom, NAME)

    # Late by a begun day, the right one is worth less than the wrong one is not.
    classroom.set_due(NAME, "2026-02-28T12:00:00+00:00")
    policy.put(classroom, "late", "40%")
    policy.put(classroom, "resubmissions", "best")
    assert grade(classroom, NAME)[0]["score"] == 5
    assert "| a | 3 | 8 | 22.0 h, −2 |" in report(classroom, NAME)
    (row,) = [r for r in results.read(classroom, NAME).values() if r["student"] == "a"]
    assert results.net(classroom, NAME, row, 5) == 3


@needs_sandbox
def test_points_by_hand_do_not_make_an_attempt_the_best(released, answered, tmp_path):
    """They stay when a notebook is graded again, and are marked for another look."""
    shutil.copytree(released.folder, tmp_path / "class")
    classroom = settings.Classroom(tmp_path / "class")
    (classroom.folder / "roster.csv").write_text("id,name,email\na,A,a@x\n")
    policy.put(classroom, "resubmissions", "best")

    def with_words(answer):
        notebook = answered(answer)
        next(c for c in notebook["cells"] if c["id"] == "words")["source"] = "Mine."
        return notebook

    hand_in(classroom, tmp_path / "up", "a", with_words(ANSWER), 1)
    grade(classroom, NAME, workers=1)
    with Gradebook(f"sqlite:///{classroom.gradebook}", "optlearn") as book:
        by_hand = book.find_grade("words", "exercise", NAME, "a")
        by_hand.manual_score, by_hand.needs_manual_grade = 3, False
        book.db.commit()
    assert "| a | 8 | 8 |  |  |  |  |" in report(classroom, NAME)
    hand_in(classroom, tmp_path / "up", "a", with_words(WRONG), 2)
    grade(classroom, NAME, workers=1)
    assert "| a | 8 | 8 |  | 2: best 5, last 0; best counts | yes |  |" in report(classroom, NAME)


# ------------------------------------------------------------------------------ written answers


def source(name):
    return json.loads((ROOT / "solutions" / name / "exercise.ipynb").read_text("utf-8"))


def text(notebook):
    return "\n".join("".join(cell["source"]) for cell in notebook["cells"])


BY_HAND = [
    path.parent.name
    for path in sorted((ROOT / "solutions").glob("*/exercise.ipynb"))
    if any(map(handout.by_hand, json.loads(path.read_text("utf-8"))["cells"]))
]


def test_the_written_answers_are_where_they_are_expected():
    assert {name[:2] for name in BY_HAND} <= set(policy.BY_HAND)
    assert "04_momentum" in BY_HAND


@pytest.mark.parametrize("name", BY_HAND)
@pytest.mark.parametrize("written", ["hand", "self", "off"])
def test_a_written_answer_is_counted_or_not_or_not_asked_for(classroom, name, written):
    whole = source(name)
    hand = [cell for cell in whole["cells"] if handout.by_hand(cell)]
    by_hand = sum(cell["metadata"]["nbgrader"]["points"] for cell in hand)
    total = int(re.search(r"(\d+) points can be earned", text(whole))[1])
    policy.put(classroom, "written", written)
    made = json.loads(classroom.release(name, ROOT / "solutions").read_text("utf-8"))
    config = classroom.config(name)
    with Gradebook(config.CourseDirectory.db_url, "optlearn") as book:
        most = book.find_assignment(name).max_score
    assert most == (total if written == "hand" else total - by_hand)
    assert f"{most:g} points can be earned" in text(made)
    kept = {cell["id"] for cell in made["cells"]}
    assert ({cell["id"] for cell in hand} <= kept) == (written != "off")
    assert ("read by your teacher" in text(made)) == (written == "hand")
    assert ("your own affair" in text(made)) == (written == "self")
    assert "Mark scheme" not in text(made)
    compared = json.loads(classroom.compared(name).read_text("utf-8"))
    assert bool(compared) == (written == "self")
    assert all("Mark scheme" in one for one in compared.values())


@needs_sandbox
def test_who_scores_an_answer_alone_gets_one_to_compare_with_after_grading(answered, tmp_path):
    solution = tmp_path / "solutions" / NAME / "exercise.ipynb"
    solution.parent.mkdir(parents=True)
    solution.write_text(json.dumps(SOURCE), encoding="utf-8")
    classroom = settings.init(tmp_path / "class")
    made = json.loads(classroom.release(NAME, tmp_path / "solutions").read_text("utf-8"))
    assert "Claim, evidence" not in text(made)
    next(c for c in made["cells"] if c["id"] == "02-step")["source"] = ANSWER
    next(c for c in made["cells"] if c["id"] == "words")["source"] = "These are my words."
    (classroom.folder / "roster.csv").write_text("id,name,email\na,A,a@x\n")
    hand_in(classroom, tmp_path / "up", "a", made, 1)
    (row,) = grade(classroom, NAME, workers=1)
    assert (row["score"], row["max"], row["flags"]) == (5, 5, [])
    with zipfile.ZipFile(giveback.feedback(classroom, NAME)) as archive:
        page = archive.read(f"a/{NAME}.html").decode()
    mine, compared = page.index("These are my words."), page.index("Claim, evidence, limit.")
    assert mine < page.index("To compare with") < compared


@pytest.mark.parametrize(
    ("assignment", "rule"),
    [("04_momentum", "hand"), ("11_tuning", "hand"), ("14_choosing", "hand"), ("02_x", "self")],
)
def test_unless_decided_three_are_read_by_hand(classroom, assignment, rule):
    assert policy.written(classroom, assignment) == rule
    policy.put(classroom, "written", "off")
    assert policy.written(classroom, assignment) == "off"


# ------------------------------------------------------------------------------ a class's numbers


def test_each_class_has_its_own_numbers_and_says_them_in_its_hand_outs(classroom, tmp_path):
    group = policy.get(classroom, "group", NAME)
    assert len(group) == 6
    assert policy.get(settings.init(tmp_path / "other"), "group", NAME) != group
    assert policy.get(settings.init(classroom.folder), "group", NAME) == group, "it is kept"
    made = json.loads(classroom.release("02_gradient_descent", ROOT / "solutions").read_text())
    assert f'student("", group="{group}")' in text(made)
    assert "your teacher sees the numbers that you see" in text(made)
    with pytest.raises(settings.ClassroomError, match="stands in hand-outs already"):
        policy.put(classroom, "group", "another")


@pytest.mark.parametrize("name", sorted(p.name for p in (ROOT / "solutions").iterdir()))
def test_every_solution_has_the_cell_that_takes_the_group(name):
    notebook = source(name)
    handout.prepare(notebook, "k3x9", "hand")
    assert 'student("", group="k3x9")' in text(notebook)


@needs_sandbox
@pytest.mark.parametrize("who", ["", "ada"])
def test_the_learner_and_the_grader_see_the_same_numbers(
    released, handout, tmp_path, monkeypatch, who
):
    """The learner's numbers are read in this process, the grader's come out of the sandbox."""
    shutil.copytree(released.folder, tmp_path / "class")
    classroom = settings.Classroom(tmp_path / "class")
    (classroom.folder / "roster.csv").write_text("id,name,email\nada,A,a@x\n")
    group = policy.get(classroom, "group", NAME)
    done = copy.deepcopy(handout)
    cell = next(c for c in done["cells"] if c["id"] == "student")
    cell["source"] = "".join(cell["source"]).replace('student(""', f'student("{who}"')
    show = "from optlearn.course import variant\nprint('numbers:', variant('02.predict'))"
    next(c for c in done["cells"] if c["id"] == "02-step")["source"] = show
    path = classroom.folder / "submitted" / "ada" / NAME / "exercise.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(done), encoding="utf-8")
    monkeypatch.setenv("OPTLEARN_CLASS", "the teacher's own")
    (row,) = grade(classroom, NAME, workers=1)
    assert row["flags"] == []
    graded = json.loads((classroom.folder / "autograded/ada" / NAME / "exercise.ipynb").read_text())
    (seen,) = [o["text"] for c in graded["cells"] for o in c.get("outputs", ()) if "numbers:" in
               "".join(o.get("text", ""))]  # fmt: skip
    for variable in (engine.STUDENT, engine.GROUP):
        monkeypatch.delenv(variable, raising=False)
    everybody = repr(engine.variant("02.predict"))
    monkeypatch.setenv(engine.STUDENT, "0")
    monkeypatch.setenv(engine.GROUP, "")
    engine.student(who, group=group)
    assert repr(engine.variant("02.predict")) in "".join(seen)
    assert everybody not in "".join(seen), "this class has numbers of its own"


def test_a_notebook_of_another_class_is_flagged():
    def notebook(line):
        return {"cells": [{"cell_type": "code", "source": line}], "metadata": {}}

    for line, flags in [
        ('student("", group="k3")', []),
        ('student("ada", group="k3")', []),
        ("student('', group='k3')", []),
        ('student("")', []),
        ('student("ada", group="old")', ["the notebook's numbers are those of another class"]),
        ('student("bob", group="k3")', ["the notebook's numbers are those of 'bob'"]),
    ]:
        assert results._flags(notebook(line), "ada", "k3") == flags, line


def test_the_small_assignment_is_as_the_others():
    assert 'student("")' in text(SOURCE)
