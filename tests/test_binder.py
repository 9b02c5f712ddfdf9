"""Binder: the image it would build, its steps replayed, its server started, a lesson run in it."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import quote

import launching
import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
CONSTRAINTS = (ROOT / ".binder/constraints.txt").read_text("utf8")
LESSON = "lessons/02_gradient_descent.ipynb"
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def dockerfile(tmp_path_factory):
    """Return the Dockerfile that Binder would build, for the files that git would hand it."""
    pytest.importorskip("repo2docker", reason="repo2docker is not installed: uv sync --group ci")
    copy = tmp_path_factory.mktemp("binder")
    shutil.copytree(ROOT / ".binder", copy / ".binder")
    shutil.copy(ROOT / "pyproject.toml", copy)
    return launching.render(copy)


def test_binder_has_the_python_that_is_asked_for(dockerfile):
    assert "Building conda environment for python=3.12" in dockerfile
    assert "Python version unspecified" not in dockerfile
    assert re.search(r'^numpy==\S+ ; python_version >= "3\.12"$', CONSTRAINTS, re.M)


def test_binder_installs_after_the_repository_is_copied(dockerfile):
    copied = dockerfile.index("src/ ${REPO_DIR}/\n")
    install = dockerfile.index('pip install --no-cache-dir -r ".binder/requirements.txt"')
    assert install > copied  # "-e ." needs the whole repository
    requirements = (ROOT / ".binder/requirements.txt").read_text("utf8").split("\n")
    assert "-c constraints.txt" in requirements
    assert "-e .[lessons]" in requirements


def test_binder_runs_our_last_step(dockerfile):
    assert re.search(r"RUN .*\./\.binder/postBuild", dockerfile)
    step = ROOT / ".binder/postBuild"
    assert step.read_text("utf8").startswith("#!/bin/bash\n")
    modules = re.search(r"import (.*)\"", step.read_text("utf8"))[1].split(", ")
    script = f"import {', '.join(modules)}"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """Return what Binder builds; it takes a minute or two, and 700 MB while the tests run."""
    pytest.importorskip("repo2docker", reason="repo2docker is not installed: uv sync --group ci")
    if shutil.which("uv") is None:
        pytest.skip("uv is not installed: pip install uv")
    home = tmp_path_factory.mktemp("replay")
    yield launching.replay(home)
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def server(image, tmp_path_factory):
    with launching.binder_server(image, tmp_path_factory.mktemp("home")) as running:
        yield running


def test_the_image_keeps_its_own_jupyterlab(image):
    """A second copy of what conda has already installed would be tens of megabytes."""
    moved = {name for name, version in image.before.items() if image.after[name] != version}
    assert moved == set()


def test_the_image_is_lean_and_has_the_pinned_numbers(image):
    brought = set(image.after) - set(image.before)
    assert {"optlearn", "anywidget", "numpy", "scikit-learn"} <= brought
    assert len(brought) <= 25, sorted(brought)
    pins = r"^([\w-]+)==(\S+)(?: ; python_version (<|>=) \"3.12\")?$"
    late = tuple(map(int, image.python.split("."))) >= (3, 12)
    for name, version, when in re.findall(pins, CONSTRAINTS, re.M):
        if not when or (when == ">=") == late:
            assert (name, image.after[name]) == (name, version)


def test_the_server_has_the_front_end_of_the_explorers(server):
    configuration = server.configuration()
    assert configuration["baseUrl"] == "/user/optlearn-abc123/"
    served = {found["name"]: found for found in configuration["federated_extensions"]}
    for name in ("anywidget", "@jupyter-widgets/jupyterlab-manager"):
        script = server.get(f"lab/extensions/{name}/{served[name]['load']}")
        assert b"_JUPYTERLAB" in script
        assert name.encode() in script


def test_a_lesson_opens_and_runs_over_the_websocket(server):
    assert b"jupyter-config-data" in server.get(f"lab/tree/{LESSON}")
    cells = list(launching.run_lesson(server, LESSON))
    explorers = [cell for cell in cells if "explore." in cell.source]
    assert len(cells) > 10
    assert explorers
    assert all(WIDGET in cell.types for cell in explorers)
    states = [state for cell in explorers for state in cell.states]
    assert any("_esm" in state for state in states)  # the script that draws it


def badge(lesson):
    """Return the address that opens a lesson on Binder."""
    owner = PROJECT["urls"]["Repository"].removeprefix("https://github.com/")
    place = quote(f"lab/tree/lessons/{lesson}", safe="/")
    return f"https://mybinder.org/v2/gh/{owner}/HEAD?urlpath={place}"


@pytest.mark.parametrize(
    "lesson", [path.name for path in sorted((ROOT / "lessons").glob("*.ipynb"))]
)
def test_every_lesson_has_its_badge_in_the_map(lesson):
    text = (ROOT / "README.md").read_text("utf8")
    row = next(line for line in text.splitlines() if line.startswith("|") and lesson in line)
    label = re.search(r"\[!\[.*?\]\[binder\]\]\[(\S+?)\]", row)[1]
    assert re.search(rf"^\[{label}\]: (\S+)$", text, re.M)[1] == badge(lesson)


def test_no_badge_leads_to_a_lesson_that_is_not_there():
    text = (ROOT / "README.md").read_text("utf8")
    linked = re.findall(r"https://mybinder\.org/v2/\S+", text)
    lessons = [path.name for path in (ROOT / "lessons").glob("*.ipynb")]
    assert sorted(linked) == sorted(map(badge, lessons))
