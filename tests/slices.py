"""The slices of the tests: what belongs to each, what it may take, and what it took.

``pytest --slice=unit`` runs one of them; with a space, pytest would take ``lessons`` for a folder.
Every run of several files ends with a line a slice.
"""

import os
import time
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: Minutes that a slice may take on two cores.
BUDGETS = {"lessons": 5, "experiments": 3, "unit": 4, "browser": 6, "classroom": 5, "launch": 4}
#: What a path begins with, and its slice; all other tests are unit tests.
PLACES = {
    "lessons/": "lessons",
    "tests/test_conftest.py": "lessons",
    "tests/test_exercises.py": "lessons",
    "tests/test_learner.py": "lessons",
    "tests/test_notebooks.py": "lessons",
    "tests/test_pages.py": "lessons",
    "tests/test_experiments.py": "experiments",
    "tests/test_sweep.py": "experiments",
    "tests/browser/test_site_in_browser.py": "launch",
    "tests/browser/": "browser",
    "tests/classroom/": "classroom",
    "tests/test_api.py": "launch",
    "tests/test_binder.py": "launch",
    "tests/test_cli.py": "launch",
    "tests/test_documents.py": "launch",
    "tests/test_launch.py": "launch",
    "tests/test_self_check.py": "launch",
    "tests/test_site.py": "launch",
    "tests/test_surroundings.py": "launch",
    "tests/test_wheel.py": "launch",
}
COUNTS = "tests", "seconds", "cpu"
TOOK = pytest.StashKey()


def slice_of(path):
    """Return the slice that a file belongs to."""
    path = Path(path)
    place = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else ""
    return next((name for start, name in PLACES.items() if place.startswith(start)), "unit")


def pytest_addoption(parser):
    parser.addoption("--slice", choices=BUDGETS, help="run the tests of one slice alone")


def pytest_configure(config):
    config.stash[TOOK] = {name: Counter() for name in BUDGETS}
    only = config.option.slice
    if only:  # nothing is read that is not of it
        roots = {place.split("/")[0] for place, name in PLACES.items() if name == only}
        config.args = [str(ROOT / root) for root in sorted(roots or {"tests"})]


def pytest_ignore_collect(collection_path, config):
    only = config.option.slice
    other = only and collection_path.is_file() and slice_of(collection_path) != only
    return True if other else None  # None asks the next plugin


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    before = time.perf_counter(), sum(os.times()[:4])
    done = yield
    after = time.perf_counter(), sum(os.times()[:4])
    spent = dict(zip(COUNTS, (1, after[0] - before[0], after[1] - before[1]), strict=True))
    item.config.stash[TOOK][slice_of(item.path)].update(spent)
    return done


def pytest_terminal_summary(terminalreporter, config):
    """Say what each slice took: on a busy machine, processor time tells more than the clock."""
    rows = {name: spent for name, spent in config.stash[TOOK].items() if spent["tests"]}
    terminalreporter.section("slices")
    for name, spent in rows.items():
        terminalreporter.line(
            f"{name:11} {spent['tests']:6} tests {spent['seconds'] / 60:5.1f} min"
            f" of {BUDGETS[name]}, {spent['cpu'] / 60:5.1f} of processor time"
        )
