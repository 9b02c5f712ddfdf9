"""The command ``optlearn``: exit codes, and one line for a user's error."""

import argparse
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
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


def commands(parser=None, words=("optlearn",)):
    """Yield each command that does something, with its parser."""
    parser = parser or cli._parser()
    groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not groups:
        yield words, parser
    for group in groups:
        for name, below in group.choices.items():
            yield from commands(below, (*words, name))


COMMANDS = dict(commands())


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_is_whole_sentences_and_an_example_that_works(words):
    parser = COMMANDS[words]
    said = parser.format_help()
    assert re.search(r"\n\n[A-Z][^\n]+", said)
    assert parser.description.endswith(".")
    assert all(a.help for a in parser._actions)
    example = re.fullmatch(r"example: (optlearn .+)", parser.epilog)[1]
    assert example.split()[: len(words)] == list(words)
    options = cli._parser().parse_args(shlex.split(example)[1:])
    assert callable(options.run)


def test_without_a_command_all_are_listed(capsys):
    assert cli.main([]) == 2
    said = capsys.readouterr().out
    assert {words[1] for words in COMMANDS} <= set(said.split())
    assert "exit codes:" in said


@pytest.mark.parametrize("words", [["no-such"], ["copy"], ["check"], ["course"], ["doctor", "x"]])
def test_a_wrong_word_is_answered_with_the_usage(capsys, words):
    with pytest.raises(SystemExit, match="2"):
        cli.main(words)
    assert capsys.readouterr().err.startswith("usage: optlearn")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["copy", "file/mine"], "file/mine: Not a directory"),
        (["copy", "file"], "file: File exists"),
        (["report", "file/book.md"], "file/book.md: Not a directory; choose another name"),
        (["classroom", "init", "file"], "file: File exists"),
        (["course", "refresh"], "lessons/01_one.ipynb: Permission denied"),
        (["course", "hygiene", "file"], "file: is not a notebook"),
    ],
    ids=str,
)
def test_where_nothing_can_be_written_one_line_says_so(course, monkeypatch, capsys, words, says):
    def denied(source, target):
        raise PermissionError(13, "Permission denied", str(target))

    (course / "file").write_text("")
    monkeypatch.setattr(os, "replace", denied)
    assert cli.main(words) == 2
    said = capsys.readouterr().err
    assert said.startswith("optlearn: ")
    assert said.endswith(f"{says}\n")
    assert said.count("\n") == 1
    assert sorted(p.name for p in course.rglob("*.ipynb*")) == ["01_one.ipynb"]


def test_who_stops_reading_gets_no_traceback():
    command = [sys.executable, "-m", "optlearn", "course", "experiments"]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    running.stdout.close()
    with running.stderr as said:
        assert said.read() == b""
    assert running.wait() == 0


FAKE = """
import signal, sys, time
for number in signal.SIGINT, signal.SIGTERM:
    signal.signal(number, lambda *_: (time.sleep(1), print("asked"), sys.exit(3)))
print("ready", *sys.argv[1:], flush=True)
time.sleep(30)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no process groups to signal")
@pytest.mark.parametrize(
    "end",
    [lambda lab: os.killpg(lab.pid, signal.SIGINT), lambda lab: lab.terminate()],
    ids=["Ctrl-C", "SIGTERM"],
)
def test_signals_are_left_to_jupyterlab(tmp_path, end):
    """It asks before it ends, must not be killed while it does, and must not be left running."""
    (tmp_path / "jupyterlab").mkdir()
    (tmp_path / "jupyterlab/__init__.py").write_text("")
    (tmp_path / "jupyterlab/__main__.py").write_text(FAKE)
    running = subprocess.Popen(
        [sys.executable, "-m", "optlearn", "lab", str(tmp_path / "mine")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip
    timer = threading.Timer(20, running.kill)
    timer.start()
    with running.stdout as said:
        for line in said:
            if line.startswith("ready"):
                assert f"--preferred-dir={tmp_path / 'mine/lessons'}" in line
                end(running)
            last = line
    assert (last, running.wait()) == ("asked\n", 3)
    timer.cancel()


def test_without_jupyterlab_the_remedy_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "jupyterlab", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert cli.main(["lab", str(tmp_path / "mine")]) == 2
    assert "jupyterlab is not installed: pip install 'optlearn[" in capsys.readouterr().err


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
