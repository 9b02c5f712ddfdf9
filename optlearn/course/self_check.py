"""Run the checks of an exercise from outside JupyterLab: points for each question, and why.

The notebook is executed in memory, so the file stays as it is. Where a test cell only says that
the check will run with new numbers, it runs with new numbers here too.
"""

import os
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

from . import kernel
from .execution import execute
from .stored import NotebookError, read

#: Seconds for one cell, as when it is graded.
TIMEOUT = 15
CALL = re.compile(r"""^check\(\s*(["'])([\w.]+)\1.*\)\.points\([\d.]+\)\s*\Z""", re.M | re.S)


@dataclass
class Asked:
    """One question: what it earned, of how much, and what there is to say about it."""

    name: str
    points: float = 0.0
    most: float = 0.0
    said: str = ""

    @property
    def done(self):
        return self.points >= self.most

    def __str__(self):
        head = f"{self.name:<14} {self.points:g} of {self.most:g}"
        return head if self.done else f"{head}\n{textwrap.indent(self.said, '    ')}"


@dataclass
class Result:
    """What a notebook's checks said.

    Attributes
    ----------
    questions : list of Asked
    by_hand : float
        Points for texts, which a teacher reads.
    broken : list of str
        Cells without points that stop with an error, a line each.
    """

    questions: list
    by_hand: float
    broken: list

    @property
    def done(self):
        return all(question.done for question in self.questions)

    def __str__(self):
        total = sum(question.points for question in self.questions)
        most = sum(question.most for question in self.questions)
        lines = [*map(str, self.questions), *self.broken, f"{total:g} of {most:g} points"]
        if self.by_hand:
            lines[-1] += f", and {self.by_hand:g} more for texts, which a teacher reads"
        return "\n".join(lines)


def self_check(path):
    """Execute a notebook and return the :class:`Result` of its checks.

    Parameters
    ----------
    path : path
        An exercise; the file is only read.

    Raises
    ------
    NotebookError
        Where there is no such notebook, it asks nothing, or it cannot be executed.
    """
    path = Path(path)
    if not path.is_file():
        raise NotebookError(f"there is no notebook {path}")
    notebook = read(path)
    graded = [cell for cell in notebook.cells if _points(cell)]
    if not any(cell.cell_type == "code" for cell in graded):
        raise NotebookError(f"{path}: asks nothing that could be checked; name an exercise")
    asked = _asked(graded)
    environment = {**os.environ, **kernel.ONE_THREAD, "MPLBACKEND": "agg"}
    execute(notebook, path, env=environment, timeout=TIMEOUT, keep_going=True)
    questions = {}
    for name, cell in asked:
        question = questions.setdefault(name, Asked(name))
        question.most += _points(cell)
        points, said = _outcome(cell)
        question.points += points
        if points < _points(cell) and not question.said:
            question.said = said
    broken = [
        f"cell {cell.get('id', 'without an id')} {stopped}"
        for cell in notebook.cells
        if not _points(cell) and (stopped := _stopped(cell))
    ]
    by_hand = sum(_points(cell) for cell in graded if cell.cell_type == "markdown")
    return Result(list(questions.values()), by_hand, broken)


def _points(cell):
    """Return the points that nbgrader gives for a cell; 0 where it is no test cell."""
    mark = cell.metadata.get("nbgrader")
    points = mark.get("points") if isinstance(mark, dict) and mark.get("grade") else 0
    return points if isinstance(points, int | float) else 0


def _asked(cells):
    """Return the name of the question for each test cell, and write the checks that are hidden."""
    asked, last = [], None
    for cell in cells:
        if cell.cell_type != "code":
            continue
        found = CALL.search(cell.source)
        if found is None and last is not None:
            again = re.sub(r"\)\.points\([\d.]+\)\s*\Z", "", last[0])
            cell.source = f"{again}, fresh=True).points({_points(cell)})"
            found = last
        last = found or last
        asked.append((found[2] if found else cell.get("id", "a question"), cell))
    return asked


def _outcome(cell):
    """Return the points of a test cell, and what it printed or why it stopped."""
    stopped = _stopped(cell)
    printed = "".join(o.text for o in cell.outputs if o.output_type == "stream").strip()
    values = [o.data.get("text/plain") for o in cell.outputs if o.output_type == "execute_result"]
    try:
        points = 0.0 if stopped else float(values[-1])
    except (IndexError, TypeError, ValueError):
        return 0.0, printed or "The check gave no points: has its cell been changed?"
    return points, f"It {stopped}." if stopped else printed


def _stopped(cell):
    """Return in one line how a cell failed; nothing where it ran to its end."""
    errors = [o for o in cell.get("outputs", ()) if o.output_type == "error"]
    if not errors:
        return ""
    if errors[0].ename == "KeyboardInterrupt":
        return f"does not end within {TIMEOUT} seconds: does a loop go on for ever?"
    return f"stops with {errors[0].ename}: {errors[0].evalue.strip()}".rstrip(": ")
