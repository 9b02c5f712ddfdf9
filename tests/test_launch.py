"""The ways in: the dependencies, the README's two commands and the wheel."""

import re
import shutil
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))
CONSTRAINTS = (ROOT / ".binder/constraints.txt").read_text("utf8")
LEARN = "pip install uv && uv run jupyter lab --preferred-dir=lessons"
TEST = "pip install uv && uv run pytest"


def dependencies():
    """Return every requirement that pyproject.toml names, with where it stands."""
    project = PYPROJECT["project"]
    places = {"dependencies": project["dependencies"], **project["optional-dependencies"]}
    places |= PYPROJECT["dependency-groups"]
    return [
        (place, requirement)
        for place, requirements in places.items()
        for requirement in requirements
        if isinstance(requirement, str) and not requirement.startswith("optlearn[")
    ]


@pytest.mark.parametrize(("place", "requirement"), dependencies())
def test_every_dependency_has_a_floor(place, requirement):
    specifiers = re.split(r"[\w.\-]+(?:\[[^\]]*\])?", requirement, maxsplit=1)[1]
    assert re.search(r"(>=|==)\s*\d", specifiers.partition(";")[0])


def test_the_metadata_can_be_parsed():
    requirements = pytest.importorskip("packaging.requirements")
    specifiers = pytest.importorskip("packaging.specifiers")
    named = {requirements.Requirement(text).name for _, text in dependencies()}
    assert {"numpy", "jupyterlab", "pytest"} <= named
    python = specifiers.SpecifierSet(PYPROJECT["project"]["requires-python"])
    assert [f"3.{minor}" in python for minor in (10, 11, 12, 13)] == [False, True, True, True]


def test_the_numeric_stack_is_pinned_once():
    binder = [line for line in CONSTRAINTS.splitlines() if line and not line.startswith("#")]
    ours = PYPROJECT["tool"]["uv"]["constraint-dependencies"]
    assert [normal(line) for line in binder] == [normal(line) for line in ours]
    assert all("==" in line for line in binder)


def normal(requirement):
    return " ".join(requirement.replace("'", '"').split())


def test_the_readme_s_commands_are_those_that_run():
    lines = (ROOT / "README.md").read_text("utf8").splitlines()
    assert LEARN in lines
    assert TEST in lines
    called = (ROOT / ".ci/run").read_text("utf8").splitlines()
    assert [line for line in called if line.startswith(TEST)]
    assert "export CI=true" in called


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Return the names within a wheel that is built from what the repository holds."""
    uv = shutil.which("uv")
    if uv is None:
        pytest.skip("uv is not installed: pip install uv")
    out = tmp_path_factory.mktemp("wheel")
    command = [uv, "build", "--quiet", "--wheel", "--out-dir", str(out), str(ROOT)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert answer.returncode == 0, answer.stderr
    (built,) = out.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


def test_the_wheel_has_the_package_and_what_it_reads(wheel):
    needed = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "optlearn").rglob("*")
        if path.suffix in {".py", ".js", ".css", ".toml", ".json", ".npz"}
    }
    assert {"optlearn/__init__.py", "optlearn/explore/js/canvas.js"} <= needed
    assert needed <= wheel
    lessons = {f"optlearn/_course/lessons/{p.name}" for p in (ROOT / "lessons").glob("*.ipynb")}
    assert lessons <= wheel
    assert "optlearn/_course/exercises/02_gradient_descent/exercise.ipynb" in wheel


def test_the_wheel_holds_no_solutions(wheel):
    assert [name for name in wheel if "solutions" in name or name.startswith("tests")] == []
    assert [name for name in wheel if not name.startswith(("optlearn/", "optlearn-"))] == []
