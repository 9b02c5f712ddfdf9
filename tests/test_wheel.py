"""The wheel by itself, as it comes from a package index: no clone, no tests, nothing of ours."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import launching
import pytest

ROOT = Path(__file__).parents[1]
CONSTRAINTS = ROOT / ".binder/constraints.txt"

TRAIN = """
import numpy as np
import optlearn
from optlearn import nn, optim, training

model = nn.Sequential(nn.Linear(2, 8, rng=0), nn.ReLU(), nn.Linear(8, 2, rng=1))
batches = [(np.eye(2), np.array([1, 0]))]
optimizer = optim.Adam(model.parameters(), lr=1e-2)
history = training.fit(model, nn.CrossEntropyLoss(), optimizer, batches, epochs=20)
assert history["loss"][-1] < history["loss"][0]
for name in optim.REGISTRY:
    optim.get(name).cls
print(optlearn.__file__)
"""


@pytest.fixture(scope="module")
def uv():
    found = shutil.which("uv")
    if found is None:
        pytest.skip("uv is not installed: pip install uv")
    return found


def run(*command, folder, code=0, **more):
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, **more)
    assert answer.returncode == code, answer.stdout[-2000:] + answer.stderr[-2000:]
    return answer


@pytest.fixture(scope="module")
def built(uv, tmp_path_factory):
    """Return a source distribution, the wheel made from it, and the wheel made from the clone."""
    out = tmp_path_factory.mktemp("built")
    run(uv, "build", "--quiet", "--out-dir", out / "dist", ROOT, folder=out)
    run(uv, "build", "--quiet", "--wheel", "--out-dir", out / "clone", ROOT, folder=out)
    (source,), (wheel,) = (out / "dist").glob("*.tar.gz"), (out / "dist").glob("*.whl")
    (direct,) = (out / "clone").glob("*.whl")
    return source, wheel, direct


def contents(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_of_the_source_distribution_has_the_same_files(built):
    _, wheel, direct = built
    made, wanted = contents(wheel), contents(direct)
    assert sorted(made) == sorted(wanted)
    assert [name for name in made if made[name] != wanted[name]] == []


def test_the_source_distribution_has_what_it_is_built_from_and_no_solutions(built):
    with tarfile.open(built[0]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "optlearn/rules.py"} <= names
    assert [name for name in names if name.startswith(("solutions", "tests"))] == []


@pytest.fixture(scope="module")
def alone(uv, built, tmp_path_factory):
    """Return an environment that holds the wheel and what it cannot do without."""
    home = tmp_path_factory.mktemp("alone")
    prefix = home / "environment"
    run(uv, "venv", "--quiet", "--python", sys.executable, prefix, folder=home)
    install(uv, prefix, str(built[1]))
    return prefix


def install(uv, prefix, *wanted):
    words = ("--no-config", "-c", CONSTRAINTS, "--python", prefix / "bin/python")
    run(uv, "pip", "install", "--quiet", *words, *wanted, folder=prefix)
    run(uv, "pip", "check", "--quiet", "--python", prefix / "bin/python", folder=prefix)


def test_the_library_needs_numpy_alone(alone, tmp_path):
    assert set(launching.packages(str(alone / "bin/python"))) == {"numpy", "optlearn"}
    python = alone / "bin/python"
    said = run(python, "-c", TRAIN, folder=tmp_path, env=launching.clean(alone)).stdout
    assert Path(said.strip()).is_relative_to(alone)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--version"], 0, "optlearn 0"),
        (["copy", "course"], 0, "new files"),
        (["progress"], 0, "nothing is kept"),
        (["doctor"], 1, "pip install"),
        (["course", "hygiene", "none.ipynb"], 2, "there is no notebook none.ipynb"),
        (["lab", "course"], 2, "pip install"),
        (["course", "refresh", "course/lessons/00_start_here.ipynb"], 2, "pip install"),
        (["classroom", "init", "class"], 0, "is ready"),
    ],
)
def test_the_command_does_what_it_can_and_names_what_it_lacks(alone, tmp_path, words, code, says):
    environment = launching.clean(alone, HOME=str(tmp_path))
    if words[:2] == ["course", "refresh"]:
        run(alone / "bin/optlearn", "copy", "course", folder=tmp_path, env=environment)
    answer = run(alone / "bin/optlearn", *words, folder=tmp_path, code=code, env=environment)
    assert says in answer.stdout + answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.fixture(scope="module")
def with_lessons(uv, alone, built):
    """Return the environment with what the lessons need."""
    install(uv, alone, f"optlearn[lessons] @ {built[1].as_uri()}")
    return alone


def test_with_the_extra_a_lesson_of_the_wheel_runs(with_lessons, tmp_path):
    environment = launching.clean(with_lessons, HOME=str(tmp_path))
    command = with_lessons / "bin/optlearn"
    assert "  <- " not in run(command, "doctor", folder=tmp_path, env=environment).stdout
    run(command, "copy", "course", folder=tmp_path, env=environment)
    lesson = "lessons/02_gradient_descent.ipynb"
    run(with_lessons / "bin/jupyter-execute", lesson, folder=tmp_path / "course", env=environment)


def test_it_works_where_nothing_but_one_s_home_can_be_written(with_lessons, tmp_path):
    """As on a hub, where all share one environment."""
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed: it makes the environment read-only here")
    home = str(tmp_path)
    sealed = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    sealed += ["--bind", home, home, "--chdir", home]
    environment = launching.clean(with_lessons, HOME=home, TMPDIR=home)

    def inside(*words, code=0):
        return run(*sealed, *words, folder=tmp_path, code=code, env=environment)

    inside("touch", with_lessons / "mine", code=1)
    inside(with_lessons / "bin/optlearn", "copy", "course")
    inside(with_lessons / "bin/optlearn", "doctor")
    exercise = "course/exercises/02_gradient_descent/exercise.ipynb"
    inside(with_lessons / "bin/jupyter-execute", exercise)
