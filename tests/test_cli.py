"""The command ``optlearn``: exit codes, and one line for a user's error."""

import subprocess
import sys
from pathlib import Path

import pytest

import optlearn
from optlearn import cli

ROOT = Path(__file__).parents[1]


@pytest.fixture
def course(tmp_path, monkeypatch, write_notebook):
    """Return a folder that looks like a checkout, with one lesson; the tests run in it."""
    (tmp_path / "lessons").mkdir()
    (tmp_path / "pyproject.toml").write_text("")
    write_notebook(tmp_path / "lessons/01_one.ipynb", "1 + 1")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_version_is_the_library_s(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"optlearn {optlearn.__version__}\n"


@pytest.mark.parametrize("named", [[], ["lessons"], ["lessons/01_one.ipynb"]], ids=str)
def test_hygiene_names_the_notebook_and_the_problem(course, capsys, named):
    assert cli.main(["course", "hygiene", *named]) == 1
    assert "lessons/01_one.ipynb: cell 0 (cell-0) was not run\n" in capsys.readouterr().out


def test_refresh_runs_the_lessons_and_its_check_changes_nothing(course, capsys):
    lesson = course / "lessons/01_one.ipynb"
    before = lesson.read_bytes()
    for arguments, code, says in [
        (["refresh", "--check"], 1, "lessons/01_one.ipynb: would change\n"),
        (["refresh"], 0, "lessons/01_one.ipynb: changed\n"),
        (["refresh", "--check"], 0, "lessons/01_one.ipynb: unchanged\n"),
        (["hygiene"], 0, "no problems\n"),
    ]:
        assert (cli.main(["course", *arguments]), capsys.readouterr().out) == (code, says)
        assert (lesson.read_bytes() == before) == ("would" in says)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["course", "refresh", "absent.ipynb"], "there is no notebook absent.ipynb"),
        (["course", "hygiene", "pyproject.toml"], "pyproject.toml: is not a notebook"),
        (["course", "refresh", "failing.ipynb"], "failing.ipynb: cell 0 (cell-0) raises ZeroDiv"),
    ],
    ids=lambda case: case if isinstance(case, str) else None,
)
def test_a_user_s_error_is_one_line_and_exit_code_2(
    course, capsys, write_notebook, arguments, says
):
    write_notebook(course / "failing.ipynb", "1 / 0")
    assert cli.main(arguments) == 2
    output = capsys.readouterr()
    assert output.err.startswith(f"optlearn: {says}")
    assert output.err.count("\n") == 1


def test_outside_a_checkout_the_remedy_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["course", "refresh"]) == 2
    assert "change into one, or name the notebooks" in capsys.readouterr().err


def test_a_missing_package_is_named_with_its_remedy(course, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "nbformat", None)
    assert cli.main(["course", "hygiene"]) == 2
    assert "nbformat is not installed: pip install 'optlearn[" in capsys.readouterr().err


def test_build_exercises_reports_what_would_change(course, monkeypatch, capsys):
    exercises = pytest.importorskip("optlearn.course.exercises")
    asked = []

    def build(root, check=False):
        asked.append((root, check))
        return ["02_gradient_descent"]

    monkeypatch.setattr(exercises, "build", build)
    assert cli.main(["course", "build-exercises", "--check"]) == 1
    assert cli.main(["course", "build-exercises"]) == 0
    assert asked == [(course, True), (course, False)]
    assert capsys.readouterr().out.splitlines()[0] == "02_gradient_descent: would change"


def test_an_exercise_that_breaks_a_rule_is_a_user_s_error(course, monkeypatch, capsys):
    exercises = pytest.importorskip("optlearn.course.exercises")

    def build(root, check=False):
        raise exercises.SourceError("first\nsecond")

    monkeypatch.setattr(exercises, "build", build)
    assert cli.main(["course", "build-exercises"]) == 2
    assert capsys.readouterr().err == "optlearn: first; second\n"


def test_the_module_is_the_command():
    command = [sys.executable, "-m", "optlearn", "course", "refresh", "absent.ipynb"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "Traceback" not in answer.stderr
