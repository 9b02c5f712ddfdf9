"""What holds for every test: no network, one BLAS thread, and in CI no silent skip."""

import atexit
import gc
import json
import os
import sys
import tempfile

import pytest
from slices import (  # noqa: F401  (hooks)
    pytest_addoption,
    pytest_configure,
    pytest_ignore_collect,
    pytest_runtest_protocol,
    pytest_terminal_summary,
)
from threadpoolctl import threadpool_limits  # comes with scikit-learn

from optlearn import backend
from optlearn.course import kernel

kernel.close_network()
# As in a lesson's kernel. On a busy machine, threads that wait for each other make a training of
# one second take two minutes.
threadpool_limits(1)
gc.set_threshold(100_000)  # each search for garbage looks through twenty thousand collected tests
os.environ.update(kernel.ONE_THREAD)  # for processes that a test starts
os.environ["OPTLEARN_DATA"] = "off"  # the record of whoever runs the tests stays as it is

if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    # Set in many containers. Each kernel and command that a test starts would then compile all
    # that it imports, for up to five seconds: they share what is compiled, for this run.
    compiled = tempfile.TemporaryDirectory()
    atexit.register(compiled.cleanup)
    os.environ["PYTHONPYCACHEPREFIX"] = compiled.name

#: Set by continuous integration, where everything a test needs is installed.
STRICT = os.environ.get("CI") == "true"
#: Not at hand everywhere, so a test with one of these markers may skip.
ALLOWED = ("gpu", "pyodide")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    # An expected failure is reported as skipped, too.
    if not hasattr(report, "wasxfail") and not any(map(item.get_closest_marker, ALLOWED)):
        _refuse(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    _refuse(report)
    return report


def _refuse(report):
    """Turn a skip into a failure that shows its reason."""
    if STRICT and report.skipped:
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"nothing may be skipped where CI is true: {reason}"


@pytest.fixture(params=["double", pytest.param("real", marks=pytest.mark.gpu)])
def cupy(request, monkeypatch):
    """Return the double of CuPy, and CuPy itself where there is a GPU."""
    if request.param == "double":
        import cupy_double

        monkeypatch.setitem(sys.modules, "cupy", cupy_double.cupy)
        return cupy_double.cupy
    if not backend.gpu_available():
        pytest.skip("CuPy is not installed or finds no CUDA device")
    return pytest.importorskip("cupy")


@pytest.fixture(scope="session")
def write_notebook():
    """Return ``write(path, *sources)``: a notebook of code cells ``cell-0``, ..., not yet run."""

    def write(path, *sources):
        cells = [
            {
                "cell_type": "code", "id": f"cell-{i}", "metadata": {}, "execution_count": None,
                "outputs": [], "source": source,
            }
            for i, source in enumerate(sources)
        ]  # fmt: skip
        content = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        path.write_text(json.dumps(content), "utf8")
        return path

    return write
