"""Each of some students gets numbers of their own; what the checks are given is written down."""

import copy
import dataclasses
import functools
from pathlib import Path

import pytest
import tried

from optlearn.course.checks import engine

#: The last two only where all is run: ``pytest -m "slow or not slow" tests/checks``.
STUDENTS = ("0", "ada", *(pytest.param(who, marks=pytest.mark.slow) for who in ("grace", "4711")))
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
        patch.setattr(engine, "find", remembering(engine.find))
        yield


def remembering(find):
    """Return ``find`` for questions that draw a student's numbers once and hand out copies.

    The tests ask for the same numbers fifty thousand times; drawing them was a fifth of their time.
    """

    @functools.cache
    def found(name):
        asked, drawn = find(name), {}

        def draw(rng):
            seed = rng.bit_generator.state["state"]["state"]
            if seed not in drawn:
                drawn[seed] = asked.draw(rng)
            if drawn[seed] is None:  # the same for everybody
                return None
            numbers = copy.deepcopy(vars(drawn[seed]))
            return engine.Task(numbers.pop("_text"), **numbers)

        return dataclasses.replace(asked, draw=draw)

    return found


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
