"""A learner who works in the lessons and the exercises still has tests that pass.

On a copy of the repository a lesson is changed, run and saved as JupyterLab does it, and an
exercise is half solved. The tests must skip both by name, and judge the rest; in continuous
integration nobody learns, so there the same copy fails.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

nbclient = pytest.importorskip("nbclient", reason="the lessons need the extra lessons")
nbformat = pytest.importorskip("nbformat", reason="the lessons need the extra lessons")

ROOT = Path(__file__).parents[1]
LESSON = "lessons/02_gradient_descent.ipynb"
UNTOUCHED = "lessons/99_untouched.ipynb"
EXERCISE = "exercises/02_gradient_descent/exercise.ipynb"
STUB = "# YOUR CODE HERE"
TESTS = "tests/test_notebooks.py::test_a_lesson_is_stored_as_it_should_be", "lessons"
#: The graders have tests of their own.
SLOW = "not earns and not runs_to_its_end and not numbers_of_their_own"


def git(folder, *arguments):
    author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    command = ["git", *author, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def worked_in(tmp_path_factory):
    """Return a committed copy of the repository in which somebody learns."""
    copy = tmp_path_factory.mktemp("learner") / "course"
    try:
        names = git(ROOT, "ls-files").splitlines()
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"what belongs to the repository is what git lists: {error}")
    # One lesson is enough; the others would only be run once more.
    lessons = {name for name in names if name.startswith("lessons/")} - {LESSON}
    for name in sorted(set(names) - lessons):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    shutil.copy(ROOT / "tests/fixtures/good.ipynb.txt", copy / UNTOUCHED)
    git(copy, "init", "-q")
    git(copy, "add", "-A")
    git(copy, "commit", "-qm", "The course as it was cloned")
    change_and_run(copy / LESSON)
    half_solve(copy / EXERCISE)
    assert git(copy, "diff", "--name-only", "HEAD").split() == [EXERCISE, LESSON]
    return copy


def change_and_run(path, cells=6):
    """Add a cell of one's own, run the notebook's beginning, and save as JupyterLab does."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(cells - 1, nbformat.v4.new_code_cell("import os\n\nos.getpid()"))
    beginning = nbformat.from_dict({**notebook, "cells": notebook.cells[:cells]})
    client = nbclient.NotebookClient(
        beginning,
        kernel_name="python3",
        store_widget_state=True,
        record_timing=True,
        resources={"metadata": {"path": str(path.parent)}},
    )
    environment = {**os.environ, "PYTHONPATH": str(path.parents[1])}
    beginning = client.execute(env=environment, stderr=subprocess.DEVNULL)
    assert "version" in beginning.metadata.language_info
    notebook.cells[:cells], notebook.metadata = beginning.cells, beginning.metadata
    nbformat.write(notebook, path)


def half_solve(path):
    """Fill the first blank with a first try, and leave the others."""
    notebook = nbformat.read(path, as_version=4)
    blank = next(cell for cell in notebook.cells if STUB in cell.source)
    blank.source = blank.source.replace(STUB, "raise ArithmeticError('my first try')", 1)
    nbformat.write(notebook, path)


def run_tests(folder, *names, **variables):
    """Run ``python -m pytest`` as a learner does."""
    environment = {**os.environ, "PYTHONPATH": str(folder), **variables}
    for name in {"CI", "PYTEST_ADDOPTS"} - set(variables):
        environment.pop(name, None)
    command = [sys.executable, "-m", "pytest", "--color=no", "-k", SLOW, *names]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_the_learner_s_tests_pass_and_name_what_they_skip(worked_in):
    answer = run_tests(worked_in, *TESTS, "tests/test_exercises.py", "-rA")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    lines = answer.stdout.splitlines()
    skipped = [line for line in lines if line.startswith("SKIPPED")]
    assert f"SKIPPED [1] {LESSON}: changed since the last commit" in skipped
    hygiene = [line for line in skipped if "test_notebooks.py" in line]
    assert len(hygiene) == 1
    assert hygiene[0].endswith(f": {LESSON}: changed since the last commit")
    if importlib.util.find_spec("nbgrader"):  # without it no exercise is tested at all
        assert EXERCISE in " ".join(skipped)
    assert f"PASSED {UNTOUCHED}::Cell 4" in lines


def test_in_continuous_integration_the_same_copy_fails(worked_in):
    answer = run_tests(worked_in, *TESTS, CI="true")
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert f"{LESSON}: changed since the last commit" in answer.stdout
    assert f"FAILED {LESSON}" in answer.stdout
    assert f"FAILED {UNTOUCHED}" not in answer.stdout


def test_a_contributor_can_test_what_was_edited(worked_in):
    answer = run_tests(worked_in, LESSON, "--edited", "--collect-only", "-q")
    assert f"{LESSON}::Cell 1" in answer.stdout, answer.stdout
