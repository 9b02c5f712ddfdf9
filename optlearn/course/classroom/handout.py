"""Make an assignment that of one class: its group, and what becomes of the written answer."""

import re

from ..exercises import TEXT_STUB

#: How a solution begins, and how a class's hand-out does.
ANYBODY = 'student("")'
OWN = (
    "# The group is that of your class. Leave it: so your teacher sees the numbers that you see.\n"
    'student("", group="{group}")'
)
READ, COUNTED = "read by your teacher", "points can be earned"
YOURSELF = (
    "\n\nThese points are your own affair. After grading, your feedback shows a mark scheme and "
    "answers to compare with."
)


def prepare(notebook, group, written):
    """Change a solution in place, before what is handed out is generated from it.

    Parameters
    ----------
    notebook : dict
        As JSON holds it.
    group : str
        The word that gives a class its own numbers; empty for everybody's.
    written : {"hand", "self", "off"}
        A written answer earns points by hand, is scored by the learner, or is not asked for.

    Returns
    -------
    dict
        What a learner who scores an answer compares it with, by the cell's id.
    """
    cells, compared = notebook["cells"], {}
    if group:
        for cell in cells:
            cell["source"] = _text(cell).replace(ANYBODY, OWN.format(group=group))
    for answer in [] if written == "hand" else list(filter(by_hand, cells)):
        points = answer["metadata"].pop("nbgrader")["points"]
        asked = [c for c in cells[: cells.index(answer)] if READ in _text(c)][-1:]
        if written == "off":
            for cell in [*asked, answer]:
                cells.remove(cell)
        else:
            compared[answer["id"]] = _text(answer)
            answer["source"] = TEXT_STUB
        for cell in asked:
            heading = rf"\({points:g} points?, {READ}\)"
            cell["source"] = re.sub(heading, "(not counted)", _text(cell)) + YOURSELF
        for cell in cells:
            cell["source"] = _fewer(_text(cell), points)
    return compared


def by_hand(cell):
    """Return whether a cell is a written answer that a teacher scores."""
    marks = cell["metadata"].get("nbgrader", {})
    return cell["cell_type"] == "markdown" and bool(marks.get("grade") and marks.get("solution"))


def _fewer(text, points):
    """Return a text with ``points`` less in its total."""
    return re.sub(rf"(\d+) {COUNTED}", lambda m: f"{int(m[1]) - points:g} {COUNTED}", text)


def _text(cell):
    return "".join(cell["source"])
