"""A class from the hand-out to the grades, with a kill in the middle, by what a teacher types."""

import json
import os
import signal
import subprocess
import sys
import time
import zipfile

import pytest

from optlearn import cli
from optlearn.course.classroom import grade as grading
from optlearn.course.classroom import results, settings

from .conftest import ANSWER, NAME, SOURCE, needs_sandbox

STUDENTS = {
    "ada": ANSWER,
    "bob": "def step(w, g, lr):\n    return w + lr * g",
    "eve": "def step(w, g, lr):\n    secret = w - g\n    return secret",
    "kim": ANSWER,
}


def type_in(folder, *words):
    return cli.main(["classroom", words[0], *words[1:], "--class", str(folder)])


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    """Return a class in which everything was handed in, by the commands."""
    home = tmp_path_factory.mktemp("whole")
    solutions = home / "solutions" / NAME
    solutions.mkdir(parents=True)
    (solutions / "exercise.ipynb").write_text(json.dumps(SOURCE), encoding="utf-8")
    folder = home / "class"
    assert cli.main(["classroom", "init", str(folder)]) == 0
    lines = [f"{who},{who.title()} Doe,{who}@example.org,," for who in [*STUDENTS, "zoe"]]
    (folder / "roster.csv").write_text("\n".join(["id,name,email,moodle,canvas", *lines]) + "\n")
    assert type_in(folder, "set", "written", "hand") == 0
    assert type_in(folder, "release", NAME, "--solutions", str(home / "solutions")) == 0
    with zipfile.ZipFile(home / "all.zip", "w") as archive:
        for number, (who, answer) in enumerate(STUDENTS.items()):
            done = json.loads((folder / "release" / NAME / "exercise.ipynb").read_text("utf-8"))
            next(c for c in done["cells"] if c["id"] == "02-step")["source"] = answer
            place = f"{who.title()} Doe_{number}_assignsubmission_file/exercise.ipynb"
            archive.writestr(place, json.dumps(done))
    words = "collect", NAME, str(home / "all.zip"), "--from", "moodle"
    assert type_in(folder, *words) == 0
    return folder


@pytest.fixture(scope="module")
def graded(handed_in):
    """Return the class after a grading that was killed in its middle, and taken up again."""
    command = [sys.executable, "-m", "optlearn", "classroom", "grade", NAME, "--workers", "1"]
    killed = subprocess.Popen(
        [*command, "--class", str(handed_in)], start_new_session=True, stdout=subprocess.DEVNULL
    )
    end = time.monotonic() + 100
    classroom = settings.Classroom(handed_in)
    while not results.read(classroom, NAME) and time.monotonic() < end:
        time.sleep(0.1)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    before = results.read(classroom, NAME)
    assert 1 <= len(before) < len(STUDENTS), f"killed after {list(before)}"
    # Half of a line, as a crash in the middle of writing leaves it.
    with (handed_in / "graded" / f"{NAME}.jsonl").open("a") as file:
        file.write('\n{"student": "eve", "sco')
    seen = []
    grading.grade(classroom, NAME, done=seen.append)
    assert {row["student"] for row in seen} == set(STUDENTS) - set(before)
    return classroom


@needs_sandbox
def test_after_a_kill_nothing_is_lost(graded):
    scores = {who: row["score"] for who, row in results.read(graded, NAME).items()}
    assert scores == {"ada": 5, "bob": 0, "eve": 0, "kim": 5}
    assert list((graded.folder / "backups").glob("gradebook-*.db"))


@needs_sandbox
def test_the_report_counts_mistakes_and_who_is_absent(graded, capsys):
    assert type_in(graded.folder, "report", NAME) == 0
    page = capsys.readouterr().out
    assert "4 graded, 5 in the roster" in page
    assert "Nothing handed in: zoe" in page
    assert "sgd_climbs: 1" in page


def test_releasing_needs_no_activated_environment(tmp_path, monkeypatch):
    solutions = tmp_path / "solutions" / NAME
    solutions.mkdir(parents=True)
    (solutions / "exercise.ipynb").write_text(json.dumps(SOURCE), encoding="utf-8")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    made = settings.init(tmp_path / "class").release(NAME, tmp_path / "solutions")
    assert "YOUR CODE HERE" in made.read_text(encoding="utf-8")
    assert "HIDDEN" not in made.read_text(encoding="utf-8")


@needs_sandbox
def test_feedback_shows_the_points_and_no_hidden_test(graded):
    assert type_in(graded.folder, "feedback", NAME) == 0
    with zipfile.ZipFile(graded.folder / "feedback" / f"{NAME}.zip") as archive:
        assert sorted(archive.namelist()) == [f"{who}/{NAME}.html" for who in STUDENTS]
        page = archive.read(f"bob/{NAME}.html").decode()
    assert "HIDDEN TESTS" not in page
    assert "fresh=True" not in page
    assert "Known as: sgd_climbs" in page


@needs_sandbox
@pytest.mark.parametrize(
    ("to", "first", "ada"),
    [
        ("csv", "id,name,email", "ada,Ada Doe,ada@example.org,02_small,8.0"),
        ("moodle", "Email address,Full name,Grade", "ada@example.org,Ada Doe,8.0"),
        ("canvas", "Student,ID,SIS Login ID", "Ada Doe,,ada,,8.0"),
    ],
)
def test_points_by_hand_reach_the_exported_table(graded, capsys, to, first, ada):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{graded.gradebook}", "optlearn") as book:
        by_hand = book.find_grade("words", "exercise", NAME, "ada")
        by_hand.manual_score, by_hand.needs_manual_grade = 3, False
        book.db.commit()
    assert type_in(graded.folder, "export", NAME, "--to", to) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(first)
    assert any(line.startswith(ada) for line in lines)
    assert sum("Doe" in line for line in lines) == 5, "who handed nothing in stands there too"


@needs_sandbox
def test_oral_questions_are_about_the_student_s_own_code(graded, capsys):
    assert type_in(graded.folder, "viva", NAME, "eve") == 0
    page = capsys.readouterr().out
    assert "secret = w - g" in page
    assert page.count("\n1. ") == page.count("\n3. ") == 1
    assert type_in(graded.folder, "viva", NAME, "zoe") == 2


def test_without_a_sandbox_grading_is_refused(handed_in, monkeypatch, capsys):
    monkeypatch.setenv("PATH", "/nowhere")
    assert type_in(handed_in, "grade", NAME) == 2
    said = capsys.readouterr().err
    assert "install bubblewrap" in said
    assert "--trust-submissions" in said


def test_doctor_names_what_is_missing(handed_in, monkeypatch, capsys):
    monkeypatch.setenv("PATH", "/nowhere")
    assert type_in(handed_in, "doctor") == 1
    assert "sandbox: there is no bwrap" in capsys.readouterr().out
