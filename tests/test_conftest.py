"""The rules of ``conftest.py`` and of the notebook plugin, in processes of their own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import slices

ROOT = Path(__file__).parents[1]

MODULE = """
import socket

import pytest
from threadpoolctl import threadpool_info


@pytest.mark.skip(reason="no tool at hand")
def test_skipped(): ...


def test_skips_itself():
    pytest.skip("no file at hand")


@pytest.mark.gpu
def test_gpu():
    pytest.skip("no CUDA device")


@pytest.mark.xfail(reason="known")
def test_expected():
    raise ValueError


def test_threads():
    blas = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    assert blas
    assert all(pool["num_threads"] == 1 for pool in blas)


def test_network():
    with pytest.raises(OSError, match="192.0.2.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
"""


def run(folder, *arguments, ci, **variables):
    environment = {**os.environ, "CI": ci, "PYTHONPATH": str(ROOT), **variables}
    command = [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", f"--rootdir={folder}"]
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "--color=no", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tests").mkdir()
    for name in "conftest.py", "slices.py":
        shutil.copy(ROOT / "tests" / name, tmp_path / "tests")
    (tmp_path / "tests/test_rules.py").write_text(MODULE)
    # Where it can be imported, nbformat spends a second on the grammar of web addresses.
    (tmp_path / "rfc3987_syntax.py").write_text("raise ImportError")
    return tmp_path


def test_a_skip_is_reported_with_its_reason(folder):
    answer = run(folder, "tests", ci="")
    assert answer.returncode == 0, answer.stdout
    assert "2 passed, 3 skipped, 1 xfailed" in answer.stdout
    for reason in "no tool at hand", "no file at hand", "no CUDA device":
        assert reason in answer.stdout


def test_a_skip_fails_in_continuous_integration_with_its_reason(folder):
    answer = run(folder, "tests", ci="true")
    assert answer.returncode == 1, answer.stdout
    assert "1 failed, 2 passed, 1 skipped, 1 xfailed, 1 error" in answer.stdout
    for reason in "Skipped: no tool at hand", "Skipped: no file at hand":
        assert f"nothing may be skipped where CI is true: {reason}" in answer.stdout
    assert "no CUDA device" in answer.stdout


def test_what_tests_start_shares_its_bytecode_even_where_none_is_to_be_written(folder):
    (folder / "tests/test_rules.py").write_text(
        "import os, subprocess, sys\n\n\ndef test_start():\n"
        "    subprocess.run([sys.executable, '-c', 'import json'], check=True)\n"
        "    shared = os.environ['PYTHONPYCACHEPREFIX']\n"
        "    print('shared', shared, any(files for _, _, files in os.walk(shared)))\n"
    )
    answer = run(folder, "tests", "-s", ci="", PYTHONDONTWRITEBYTECODE="1").stdout
    shared, written = re.search(r"shared (\S+) (\w+)", answer).groups()
    assert written == "True"
    assert not Path(shared).exists(), "left behind"
    assert not list(folder.rglob("*.pyc"))


def test_a_module_that_skips_fails_in_continuous_integration(folder):
    (folder / "tests/test_rules.py").write_text(
        "import pytest\n\npytest.importorskip('absent_tool')"
    )
    assert run(folder, "tests", ci="").returncode == 5  # nothing is left to run
    answer = run(folder, "tests", ci="true")
    assert answer.returncode == 2, answer.stdout
    assert "nothing may be skipped where CI is true: Skipped: could not import" in answer.stdout


def test_only_lessons_and_named_notebooks_are_collected(folder, write_notebook):
    for name in "lessons", "lessons/.ipynb_checkpoints", "exercises":
        (folder / name).mkdir()
        write_notebook(folder / name / "one.ipynb", "1 + 1")
    write_notebook(folder / "tests/two.ipynb", "1 + 1")
    assert listed(folder, "tests", "lessons", "exercises") == ["lessons/one.ipynb::Cell 0"]
    assert listed(folder, "exercises/one.ipynb") == ["exercises/one.ipynb::Cell 0"]


def listed(folder, *arguments):
    output = run(folder, "--collect-only", "-q", *arguments, ci="").stdout
    return [line for line in output.splitlines() if ".ipynb::" in line]


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("", "nbval is not installed: pip install 'nbval==0.11.*'"),
        ("0.12.0", "nbval is 0.12.0, but the lessons are tested with 0.11.*"),
    ],
)
def test_without_its_nbval_lessons_are_skipped_with_the_remedy(
    folder, write_notebook, version, reason
):
    (folder / "lessons").mkdir()
    write_notebook(folder / "lessons/one.ipynb", "1 + 1")
    # A path that comes first hides the installed package or stands in for it.
    (folder / "sitecustomize.py").write_text(
        "from importlib import metadata\n"
        "stock = metadata.version\n\n\n"
        "def version(name):\n"
        f"    if name == 'nbval' and not {version!r}:\n"
        "        raise metadata.PackageNotFoundError(name)\n"
        f"    return {version!r} if name == 'nbval' else stock(name)\n\n\n"
        "metadata.version = version\n"
    )
    hidden = () if version else ("-p", "no:nbval")
    path = os.pathsep.join([str(folder), str(ROOT)])
    answer = run(folder, *hidden, "lessons", ci="", PYTHONPATH=path)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert f"SKIPPED [1] lessons/one.ipynb: {reason}" in answer.stdout
    assert run(folder, *hidden, "lessons", ci="true", PYTHONPATH=path).returncode == 1


def test_a_slice_is_run_alone_and_every_slice_says_what_it_took(folder):
    for place in "browser/test_page.py", "test_exercises.py":
        (folder / "tests" / place).parent.mkdir(exist_ok=True)
        (folder / "tests" / place).write_text("def test_quick(): ...")
    answer = run(folder, "tests", ci="")
    for name, tests in ("unit", 6), ("browser", 1), ("lessons", 1):
        assert re.search(rf"^{name} +{tests} tests +[\d.]+ min of \d,", answer.stdout, re.M)
    alone = run(folder, "--slice", "browser", "-v", ci="").stdout
    assert "1 passed" in alone
    assert "tests/browser/test_page.py::test_quick PASSED" in alone
    assert "collected 1 item" in alone
    assert run(folder, "--slice", "all", ci="").returncode == 4


def test_every_place_of_a_slice_is_there():
    missing = [place for place in slices.PLACES if not (ROOT / place).exists()]
    assert missing == []
    assert set(slices.PLACES.values()) == set(slices.BUDGETS) - {"unit"}
