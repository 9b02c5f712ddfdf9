"""Where the sandbox works, and what is said where it does not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from optlearn import cli
from optlearn.course.classroom import grade as grading
from optlearn.course.classroom import results, sandbox, settings

from .conftest import ANSWER, NAME, needs_sandbox

ROOT = Path(__file__).parents[2]
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all")


def handed_in(released, folder, **notebooks):
    """Return a copy of the classroom, with these notebooks handed in."""
    import shutil

    shutil.copytree(released.folder, folder)
    lines = [f"{who},,{who}@example.org" for who in notebooks]
    (folder / "roster.csv").write_text("\n".join(["id,name,email", *lines]) + "\n")
    for who, notebook in notebooks.items():
        path = folder / "submitted" / who / NAME / "exercise.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook), encoding="utf-8")
    return settings.Classroom(folder)


def as_an_ordinary_user(folder):
    """Return what runs a command as one; as root in a world where Python can be read by all."""
    if os.geteuid():
        return []
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, 65534, 65534)
    home, python = Path.home(), Path(os.path.realpath(sys.base_prefix))
    outer = ["bwrap", "--dev-bind", "/", "/", "--cap-add", "ALL", "--tmpfs", str(home)]
    for path in reversed(python.parents):
        outer += ["--perms", "0755", "--dir", str(path)] if home in path.parents else []
    for path in dict.fromkeys([str(python), sys.prefix, str(ROOT)]):
        outer += ["--ro-bind", path, path]
    opened = [*outer, "--bind", str(folder), "/mnt", "--chdir", "/mnt", *NOBODY]
    return [*opened, "env", "HOME=/mnt"]


@needs_sandbox
def test_an_ordinary_user_grades_in_the_sandbox(released, answered, tmp_path):
    hostile = f"import os\nseen = os.path.exists({str(tmp_path)!r})\n"
    notebooks = {
        "right": answered(ANSWER),
        "hostile": answered(f"{hostile}def step(w, g, lr):\n    return w - lr * g if seen else w"),
        "forks": answered(
            "import subprocess\nfor _ in range(400):\n    try:\n"
            "        subprocess.Popen(['sleep', '60'])\n"
            f"    except OSError:\n        break\n{ANSWER}"
        ),
    }
    classroom = handed_in(released, tmp_path / "class", **notebooks)
    prefix = as_an_ordinary_user(classroom.folder)
    where = "/mnt" if prefix else str(classroom.folder)
    command = [*prefix, sys.executable, "-m", "optlearn", "classroom", "grade", NAME]
    ran = subprocess.run([*command, "--class", where], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    scores = {who: row["score"] for who, row in results.read(classroom, NAME).items()}
    assert scores == {"right": 5, "hostile": 0, "forks": 5}
    owners = {path.stat().st_uid for path in (classroom.folder / "autograded").rglob("*")}
    assert 0 not in owners


UBUNTU = "bwrap: setting up uid map: Permission denied"


def test_where_namespaces_are_forbidden_grading_is_refused_with_a_remedy(
    released, answered, tmp_path, monkeypatch, capsys
):
    classroom = handed_in(released, tmp_path / "class", ada=answered())
    forbidden = tmp_path / "bin" / "bwrap"
    forbidden.parent.mkdir()
    forbidden.write_text(f"#!/bin/sh\necho '{UBUNTU}' >&2\nexit 1\n")
    forbidden.chmod(0o755)
    monkeypatch.setenv("PATH", str(forbidden.parent), prepend=os.pathsep)
    assert cli.main(["classroom", "grade", NAME, "--class", str(classroom.folder)]) == 2
    said = capsys.readouterr().err
    assert UBUNTU in said
    assert "apparmor_restrict_unprivileged_userns=0" in said
    assert "--trust-submissions" in said
    assert results.read(classroom, NAME) == {}


def test_trusted_notebooks_run_without_a_sandbox(released, answered, tmp_path, monkeypatch):
    classroom = handed_in(released, tmp_path / "class", ada=answered())
    monkeypatch.setattr(sandbox, "available", lambda: "there is none")
    (row,) = grading.grade(classroom, NAME, trust=True, workers=1)
    assert (row["score"], row["flags"]) == (5, [])


@needs_sandbox
@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("import nowhere", "itself earns 0 of 5 points here.* ModuleNotFoundError"),
        ("import os; os._exit(1)", "does not run here.* Kernel died"),
    ],
)
def test_a_broken_installation_is_no_student_s_fault(released, answered, tmp_path, broken, said):
    """What the solution does not earn here, nobody can: no student is graded then."""
    classroom = handed_in(released, tmp_path / "class", ada=answered())
    path = classroom.folder / "source" / NAME / "exercise.ipynb"
    solution = json.loads(path.read_text(encoding="utf-8"))
    solution["cells"][0]["source"] = broken
    path.write_text(json.dumps(solution), encoding="utf-8")
    with pytest.raises(settings.ClassroomError, match=said):
        grading.grade(classroom, NAME, workers=1)
    assert results.read(classroom, NAME) == {}


@needs_sandbox
def test_the_solution_s_bytecode_and_fonts_are_kept_for_the_students(released, answered, tmp_path):
    classroom = handed_in(released, tmp_path / "class", ada=answered())
    solution = classroom.folder / "source" / NAME / "exercise.ipynb"
    before = solution.read_bytes()
    grading.rehearse(classroom.folder, NAME)
    kept = {path.name.split(".")[0] for path in (classroom.folder / "cache").rglob("*.pyc")}
    assert {"ipkernel", "engine"} <= kept
    assert solution.read_bytes() == before
