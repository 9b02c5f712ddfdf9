"""``optlearn check``: points for each question from outside JupyterLab, and what is in the way."""

import asyncio
import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest

pytest.importorskip("nbclient", reason="the lessons need the extra lessons")

from optlearn import cli
from optlearn.course import self_check

ROOT = Path(__file__).parents[1]
EXERCISE = ROOT / "exercises/02_gradient_descent/exercise.ipynb"
SOLVED = ROOT / "solutions/02_gradient_descent/exercise.ipynb"


def marks(points):
    return {"nbgrader": {"grade": True, "solution": False, "points": points, "grade_id": "x"}}


@pytest.fixture
def exercise(tmp_path):
    """Return ``write(answer, *more)``: an exercise with one answer cell and checks of 02.step."""

    def write(answer, *more):
        sources = [("from optlearn.course import check", {}), (answer, {})]
        sources += more or [
            ('check("02.step", step).points(1)', marks(1)),
            ("# The same check runs here with new numbers.", marks(2)),
        ]
        cells = [
            {
                "cell_type": "markdown" if source.startswith("*") else "code", "id": f"cell-{i}",
                "metadata": metadata, "source": source,
                **({} if source.startswith("*") else {"outputs": [], "execution_count": None}),
            }
            for i, (source, metadata) in enumerate(sources)
        ]  # fmt: skip
        path = tmp_path / "exercise.ipynb"
        content = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        path.write_text(json.dumps(content), "utf8")
        return path

    return write


RIGHT = "step = lambda w, g, lr: w - lr * g"
CASES = {
    "right": (RIGHT, 0, "02.step        3 of 3\n3 of 3 points\n"),
    "wrong": ("step = lambda w, g, lr: w + lr * g", 1, "Known as: "),
    "blank": ("step = ...", 1, "02.step        0 of 3\n    Nothing is written here yet."),
    "broken": ("step = 1 / 0", 1, "cell cell-1 stops with ZeroDivisionError: division by zero\n"),
    "no Python": ("def step(:", 1, "cell cell-1 stops with SyntaxError: invalid syntax"),
    "missing": ("pass", 1, "    It stops with NameError: name 'step' is not defined.\n"),
    "endless": ("while True: pass", 1, "cell cell-1 does not end within 2 seconds"),
    "library's": ("from optlearn.rules import sgd\ndef step(w, g, lr):\n    return sgd(w, g, t=1, "
                  "lr=lr)[0]", 1, "02.step        0.75 of 3\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_points_and_reasons_are_said(exercise, monkeypatch, capsys, case):
    answer, code, says = CASES[case]
    monkeypatch.setattr(self_check, "TIMEOUT", 2 if case == "endless" else 15)
    path = exercise(answer)
    before = path.read_bytes()
    assert cli.main(["check", str(path)]) == code
    said = capsys.readouterr()
    assert says in said.out
    assert (said.err, path.read_bytes()) == ("", before)


def test_new_numbers_are_drawn_where_the_check_is_hidden(exercise, capsys):
    forgiving = (
        "class Report:\n    def __init__(self, new):\n        self.new = new\n"
        "    def points(self, n):\n        return 0.0 if self.new else float(n)\n"
        "def check(name, solution, fresh=False):\n    return Report(fresh)\nstep = 1"
    )
    assert cli.main(["check", str(exercise(forgiving))]) == 1
    assert "02.step        1 of 3\n" in capsys.readouterr().out


def test_texts_are_left_to_the_teacher(exercise, capsys):
    path = exercise(
        RIGHT, ('check("02.step", step).points(1)', marks(1)), ("*Your answer here.*", marks(3))
    )
    assert cli.main(["check", str(path)]) == 0
    assert "1 of 1 points, and 3 more for texts, which a teacher reads\n" in capsys.readouterr().out


def test_somebody_who_waits_is_told_what_runs(exercise, monkeypatch, capsys):
    monkeypatch.setattr(self_check, "self_check", lambda path: self_check.Result([], 0, []))
    for waits in (False, True):
        monkeypatch.setattr("sys.stderr.isatty", lambda waits=waits: waits, raising=False)
        assert cli.main(["check", str(exercise(RIGHT))]) == 0
        assert capsys.readouterr().err.startswith("running ") == waits


def test_a_changed_check_gives_nothing(exercise, capsys):
    assert cli.main(["check", str(exercise(RIGHT, ("'3'", marks(3))))]) == 1
    assert "The check gave no points" in capsys.readouterr().out


def test_what_is_handed_out_earns_nothing_and_the_solution_all(capsys):
    assert cli.main(["check", str(EXERCISE.parent), str(SOLVED)]) == 1
    said = capsys.readouterr().out
    assert "0 of 21 points\n" in said
    assert f"{SOLVED}\n02.predict     3 of 3\n" in said
    assert said.endswith("21 of 21 points\n")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("absent.ipynb", "there is no notebook absent.ipynb"),
        ("empty", "there is no notebook in empty"),
        ("text.ipynb", "text.ipynb: is not a notebook"),
        ("list.ipynb", "list.ipynb: is not a notebook"),
        ("cells.ipynb", "cells.ipynb: is not a notebook"),
        ("latin.ipynb", "latin.ipynb: is not a notebook"),
        ("strange.ipynb", "strange.ipynb: asks nothing that could be checked; name an exercise"),
        ("lesson.ipynb", "lesson.ipynb: asks nothing that could be checked; name an exercise"),
        ("dead.ipynb", "dead.ipynb: cell 2 (cell-2) does not end: Kernel died"),
    ],
)
def test_a_user_s_error_is_one_line(
    exercise, write_notebook, tmp_path, monkeypatch, capsys, name, says
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.ipynb").write_text("no JSON")
    (tmp_path / "list.ipynb").write_text("[1]")
    (tmp_path / "cells.ipynb").write_text('{"cells": 3}')
    (tmp_path / "latin.ipynb").write_bytes('{"é": 1}'.encode("latin1"))
    exercise(RIGHT, ("1", {"nbgrader": "x"})).rename(tmp_path / "strange.ipynb")
    write_notebook(tmp_path / "lesson.ipynb", "1 + 1")
    deadly = exercise(RIGHT, ("import os\nos._exit(1)", {}), ("1", marks(1)))
    deadly.rename(tmp_path / "dead.ipynb")
    assert cli.main(["check", name]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"optlearn: {says}\n")


def test_without_a_kernel_the_remedy_is_named(exercise, monkeypatch, capsys):
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    def none(self, name):
        raise NoSuchKernel(name)

    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", none)
    assert cli.main(["check", str(exercise(RIGHT))]) == 2
    said = capsys.readouterr().err
    assert said == "optlearn: there is no kernel python3: optlearn doctor says what is missing\n"


def press_ctrl_c(when):
    """Send the signal of Ctrl-C to this process as soon as ``when()`` is true."""

    def press():
        while not when():
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()


@pytest.fixture
def heeds_ctrl_c():
    """Let this process be interrupted, which one that was started in the background is not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(params=["alone", "beside a loop"])
def main(request):
    """Return the command; a loop runs already in a notebook, and here once a browser was driven."""

    async def beside(arguments):
        return cli.main(arguments)

    if request.param == "alone" or running():
        yield cli.main
        return
    loop = asyncio.new_event_loop()
    yield lambda arguments: loop.run_until_complete(beside(arguments))
    loop.close()


def running():
    """Tell whether a loop runs in this thread."""
    try:
        return bool(asyncio.get_running_loop())
    except RuntimeError:
        return False


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to send")
def test_ctrl_c_ends_the_kernel_too(exercise, tmp_path, monkeypatch, capsys, heeds_ctrl_c, main):
    pid = tmp_path / "pid"
    path = exercise(
        f"import os, time\nopen({str(pid)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)"
    )
    monkeypatch.setattr(self_check, "TIMEOUT", 60)
    press_ctrl_c(lambda: pid.exists() and pid.read_text())
    begun = time.monotonic()
    assert main(["check", str(path)]) == 130
    assert time.monotonic() - begun < 50
    assert capsys.readouterr().err == "optlearn: interrupted\n"
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to send")
def test_ctrl_c_is_heeded_while_the_kernel_starts(exercise, monkeypatch, capsys, heeds_ctrl_c):
    import nbclient

    starting, start = [], nbclient.NotebookClient.async_start_new_kernel_client

    async def started(self):
        starting.append(True)
        return await start(self)

    monkeypatch.setattr(nbclient.NotebookClient, "async_start_new_kernel_client", started)
    press_ctrl_c(lambda: starting)
    assert cli.main(["check", str(exercise(RIGHT))]) == 130
    assert capsys.readouterr().err == "optlearn: interrupted\n"
