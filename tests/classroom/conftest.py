"""A small class: one assignment of two questions, and whatever is handed in."""

import copy
import json

import pytest

pytest.importorskip("nbgrader", reason="a class needs the extra classroom")

from optlearn.course.classroom import policy, sandbox, settings

NAME = "02_small"
ANSWER = "def step(w, g, lr):\n    return w - lr * g\n"


def marks(grade_id, **more):
    plain = {"schema_version": 3, "grade": False, "solution": False, "locked": True, "task": False}
    return {"nbgrader": {**plain, "grade_id": grade_id, **more}}


def cell(kind, cell_id, source, metadata):
    made = {"cell_type": kind, "id": cell_id, "metadata": metadata, "source": source}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def notebook(cells):
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip


#: A question with a visible and a hidden test, and one that is marked by hand.
SOURCE = notebook(
    [
        cell(
            "code", "imports", "import numpy as np\nfrom optlearn.course import check, student",
            marks("imports"),
        ),
        cell("code", "student", 'student("")', {}),
        cell(
            "code", "02-step",
            f"### BEGIN SOLUTION\n{ANSWER}### END SOLUTION",
            marks("02-step", solution=True, locked=False),
        ),
        cell(
            "code", "step-check", 'check("02.step", step).points(2)',
            marks("step-check", grade=True, points=2),
        ),
        cell(
            "code", "step-more",
            '### BEGIN HIDDEN TESTS\ncheck("02.step", step, fresh=True).points(3)\n'
            "### END HIDDEN TESTS",
            marks("step-more", grade=True, points=3),
        ),
        cell(
            "markdown", "words",
            "=== BEGIN MARK SCHEME ===\nClaim, evidence, limit.\n=== END MARK SCHEME ===",
            marks("words", grade=True, solution=True, locked=False, points=3),
        ),
    ]
)  # fmt: skip


@pytest.fixture(scope="session")
def released(tmp_path_factory):
    """Return a classroom in which the assignment was released, to copy from."""
    home = tmp_path_factory.mktemp("class")
    source = home / "solutions" / NAME / "exercise.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(json.dumps(SOURCE), encoding="utf-8")
    classroom = settings.init(home / "class")
    policy.put(classroom, "written", "hand")
    classroom.release(NAME, home / "solutions")
    return classroom


@pytest.fixture(scope="session")
def handout(released):
    return json.loads((released.folder / "release" / NAME / "exercise.ipynb").read_text("utf-8"))


def fill(handout, answer=ANSWER):
    """Return a hand-out with the answer cell filled."""
    done = copy.deepcopy(handout)
    next(c for c in done["cells"] if c["id"] == "02-step")["source"] = answer
    return done


@pytest.fixture(scope="session")
def answered(handout):
    """Return a function that fills the answer cell of a hand-out."""
    return lambda answer=ANSWER: fill(handout, answer)


needs_sandbox = pytest.mark.skipif(sandbox.available() is not None, reason=str(sandbox.available()))
