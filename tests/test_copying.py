"""Lessons reach somebody without a clone, and nothing of theirs is ever overwritten."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from optlearn import cli
from optlearn.course import copying, doctor

LESSON = "lessons/00_start_here.ipynb"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Return a small course that stands in for the package's."""
    root = tmp_path / "package"
    for name in (LESSON, "lessons/01_next.ipynb", "exercises/01_next/exercise.ipynb"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"first {name}")
    checkpoint = root / "lessons/.ipynb_checkpoints/00-checkpoint.ipynb"
    checkpoint.parent.mkdir()
    checkpoint.write_text("no")
    monkeypatch.setattr(copying, "origin", lambda: root)
    return root


def test_all_is_copied_once(course, tmp_path):
    target = tmp_path / "mine"
    assert len(copying.copy(target).new) == 3
    assert (target / LESSON).read_text() == f"first {LESSON}"
    assert not (target / "lessons/.ipynb_checkpoints").exists()
    again = copying.copy(target)
    assert (again.new, again.updated, again.kept) == ([], [], [])


def test_an_untouched_file_is_updated_and_a_changed_one_is_kept(course, tmp_path):
    target = tmp_path / "mine"
    copying.copy(target)
    (target / LESSON).write_text("my work")
    for name in (LESSON, "lessons/01_next.ipynb"):
        (course / name).write_text("second")
    done = copying.copy(target)
    assert done.updated == ["lessons/01_next.ipynb"]
    assert done.kept == [LESSON]
    assert (target / LESSON).read_text() == "my work"
    assert (target / "lessons/01_next.ipynb").read_text() == "second"
    assert f"kept as you left it: {LESSON}" in str(done)


@pytest.mark.parametrize("text", ["", "{torn", "[]"])
def test_without_the_list_everything_counts_as_the_learner_s(course, tmp_path, text):
    target = tmp_path / "mine"
    copying.copy(target)
    (target / copying.LIST).write_text(text)
    (course / LESSON).write_text("second")
    assert copying.copy(target).kept == [LESSON]
    assert (target / LESSON).read_text() == f"first {LESSON}"


def test_a_folder_that_cannot_be_used_is_named_without_a_traceback(course, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert cli.main(["copy", str(tmp_path / "file")]) == 2
    assert cli.main(["copy", str(course)]) == 2
    said = capsys.readouterr().err
    assert said.count("optlearn: ") == 2
    assert "name another folder" in said


def test_the_real_course_can_be_copied(tmp_path):
    assert cli.main(["copy", str(tmp_path / "mine")]) == 0
    assert json.loads((tmp_path / "mine" / LESSON).read_text("utf8"))["cells"]


def test_doctor_finds_what_the_lessons_need_and_names_remedies(monkeypatch, capsys):
    pytest.importorskip("jupyterlab", reason="the lessons need the extra lessons")
    assert cli.main(["doctor"]) == 0
    assert "kernel: " in capsys.readouterr().out
    monkeypatch.setattr(doctor, "PACKAGES", ("numpy", "no-such-package"))
    assert cli.main(["doctor"]) == 1
    assert f"no-such-package: missing  <- {doctor.REMEDY}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("version", "floor", "says"),
    [
        ("4.10.1", "4.4", "4.10.1"),
        ("4.4", "4.4", "4.4"),
        ("4.3.9", "4.4", "4.3.9, older than 4.4"),
        ("2.5.0rc1", "2.0", "2.5.0rc1"),
    ],
)
def test_doctor_names_a_package_that_is_too_old(monkeypatch, version, floor, says):
    monkeypatch.setattr(doctor.importlib.metadata, "version", lambda name: version)
    needed = ["jupyter>=9", f"jupyterlab>={floor},<5 ; extra == 'lessons'", "numpy>=2"]
    monkeypatch.setattr(doctor.importlib.metadata, "requires", lambda name: needed)
    _, found, remedy = doctor._package("jupyterlab")
    assert found == says
    assert bool(remedy) == ("older" in says)


def test_doctor_knows_the_floors_of_this_package():
    assert [doctor._floor(name) for name in ("numpy", "no-such-package")] == ["2.0", "0"]
    assert doctor._floor("anywidget") == "0.11"


def test_doctor_says_where_nothing_can_be_saved(monkeypatch):
    monkeypatch.setattr(doctor.os, "access", lambda *_: False)
    assert doctor._folder()[2].startswith("optlearn copy")


@pytest.mark.parametrize("words", [[], ["lab"], ["copy"], ["doctor"], ["report"], ["classroom"]])
def test_help_is_there(words):
    command = [sys.executable, "-m", "optlearn", *words, "--help"]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    assert answer.returncode == 0
    assert "usage: optlearn" in answer.stdout
