"""The capstone of the last lesson, with a memory: every try stands in the learner's record."""

from .. import progress
from ..experiments import capstone as task


def capstone(*settings):
    """Hand in one to five settings; see :func:`optlearn.experiments.capstone.capstone`.

    The result is kept in the learner's own record, from which ``optlearn report`` makes a page.
    """
    found = task.capstone(*settings)
    progress.record(
        "run",
        "14.capstone",
        score=found.comparison.effect,
        unit="points over the default",
        settings=task.described(found.chosen),
        verdict=found.verdict,
    )
    return found
