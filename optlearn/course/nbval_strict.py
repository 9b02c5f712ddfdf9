"""The pytest plugin that makes nbval 0.11 judge lessons strictly.

Left alone, nbval passes a notebook without outputs, and shows what a trailing ``;`` hides. Here a
cell that was not run fails, cells run as they do in JupyterLab, outputs must agree in number and
kind, and kernels have one BLAS thread and no network. A lesson that somebody works in is not a
committed one, so it is skipped by name; in continuous integration it fails.
"""

import os
from functools import partial, partialmethod
from importlib import metadata

import pytest

from . import kernel
from .notebooks import edited
from .stored import LIVE

VERSION = "0.11."
SWITCHES = "--nbval", "--nbval-current-env"


def missing():
    """Return why notebooks cannot be tested, or an empty string."""
    try:
        version = metadata.version("nbval")
    except metadata.PackageNotFoundError:
        return f"nbval is not installed: pip install 'nbval=={VERSION}*'"
    if not version.startswith(VERSION):
        return f"nbval is {version}, but the lessons are tested with {VERSION}*"
    return ""


def pytest_addoption(parser):
    """Add ``--edited``, and nbval's switches where nbval is missing."""
    group = parser.getgroup("optlearn")
    text = "test the lessons that differ from the last commit, too"
    group.addoption("--edited", action="store_true", help=text)
    try:
        metadata.version("nbval")
    except metadata.PackageNotFoundError:
        for switch in SWITCHES:  # named in pyproject.toml, and unknown to pytest without nbval
            group.addoption(switch, action="store_true", help="needs nbval")


def pytest_configure(config):
    """Patch nbval."""
    if not missing():
        _patch()


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    """Leave out notebooks that are no lessons, and put a reason in the place of edited ones."""
    found = yield
    if file_path.suffix != ".ipynb":
        return found
    lesson = parent.config.rootpath / "lessons" in file_path.parents
    if not lesson and not parent.session.isinitpath(file_path):
        return []
    reason = missing()
    if not reason and not parent.config.option.edited and edited(file_path):
        reason = "changed since the last commit"
    return [Untested.from_parent(parent, path=file_path, reason=reason)] if reason else found


class Untested(pytest.File):
    """A notebook that is not tested, as one test that says why."""

    def __init__(self, *, reason, **kwargs):
        super().__init__(**kwargs)
        self.reason = reason

    def collect(self):
        yield Reason.from_parent(self, name="untested")


class Reason(pytest.Item):
    """Skips with the reason; in continuous integration it fails with it."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        if os.environ.get("CI") != "true":
            self.add_marker(pytest.mark.skip(reason=self.parent.reason))

    def runtest(self):
        pytest.fail(f"{self.parent.nodeid}: {self.parent.reason}", pytrace=False)

    def reportinfo(self):
        return self.path, 0, self.nodeid


def _patch():
    from nbval import kernel as kernels
    from nbval.plugin import IPyNbCell

    IPyNbCell.runtest = partialmethod(_runtest, IPyNbCell.runtest)
    IPyNbCell.compare_outputs = partialmethod(_compare, IPyNbCell.compare_outputs)
    kernels.RunningKernel.execute_cell_input = _execute
    kernels.start_new_kernel = partial(
        kernels.start_new_kernel,
        env=kernel.environment(),
        extra_arguments=list(kernel.ARGUMENTS),
    )


def _execute(running, source, allow_stdin=None):
    # nbval says store_history=False, which switches off the trailing ';', '_' and the counts.
    return running.kc.execute(
        source, store_history=True, allow_stdin=allow_stdin, stop_on_error=False
    )


def _runtest(cell, stock):
    checked = cell.options["check"] and not cell.options["skip"]
    if checked and cell.cell.source.strip() and cell.cell.execution_count is None:
        cell.raise_cell_error("The cell was not run: optlearn course refresh runs and stores it")
    stock(cell)


def _compare(cell, stock, live, stored, skip_compare=None):
    if not stock(cell, live, stored, skip_compare):
        return False
    # nbval passes over pictures altogether; that there is one, or none, is compared here.
    now, before = _kinds(live), _kinds(stored)
    if now != before:
        cell.comparison_traceback = [
            f"Stored is {before or 'nothing'}, running the cell gives {now}"
        ]
    return now == before


def _kinds(outputs):
    """Return what each output consists of, but for the live view of a widget."""
    kinds = [{*output.get("data", [output.output_type])} for output in outputs]
    return sorted(
        left for kind in kinds if (left := sorted(k for k in kind if not LIVE.fullmatch(k)))
    )
