"""Each of some students gets numbers of their own; what the checks are given is written down."""

from pathlib import Path

import pytest
import tried

STUDENTS = ("0", "ada", "grace", "4711")
COUNTS = "test_the_page_counts_what_the_tests_try"


@pytest.fixture(params=STUDENTS)
def student(request, monkeypatch):
    monkeypatch.setenv("OPTLEARN_STUDENT", request.param)
    return request.param


@pytest.fixture(scope="session")
def questions():
    """Return what the tests of this folder have tried so far, by question."""
    return {}


@pytest.fixture(scope="module", autouse=True)
def recorded(questions):
    """Write down what is tried, but not what tests of other folders hand to the checks."""
    with pytest.MonkeyPatch.context() as patch:
        tried.record(patch, questions)
        yield


def pytest_collection_modifyitems(config, items):
    """Count when all is tried: at the end, and not where only some tests are run."""
    here = Path(__file__).parent
    ours = {item.path for item in items if item.path.parent == here}
    part = config.option.keyword or any("::" in arg for arg in config.args)
    last = [item for item in items if item.name == COUNTS]
    items[:] = [item for item in items if item.name != COUNTS]
    if part or ours != set(here.glob("test_*.py")):
        config.hook.pytest_deselected(items=last)
    else:
        items += last
