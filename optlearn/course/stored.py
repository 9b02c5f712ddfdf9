"""How a notebook is stored: what it is read as, and its one normal form."""

import hashlib
import re
from pathlib import Path

#: The live view of a widget: worthless without its kernel, and it would hide the stored picture.
LIVE = re.compile(r"application/vnd\.jupyter\.widget-(view|state)\+json")
KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
#: What JupyterLab and nbclient write into a cell that says nothing about the lesson.
NOISE = "ExecuteTime", "collapsed", "execution", "scrolled", "trusted"


class NotebookError(Exception):
    """A notebook cannot be executed or found; one line that says which, where and why."""


def read(path):
    """Return a notebook as it is stored.

    ``nbformat.read`` would invent the ids that are missing, differently each time.
    """
    import nbformat

    text = Path(path).read_bytes()
    try:
        return nbformat.convert(nbformat.reader.reads(text.decode("utf8")), 4)
    except Exception as error:  # nbformat stumbles in many ways over JSON that is something else
        raise NotebookError(f"{path}: is not a notebook") from error


def normal(notebook):
    """Return the text of a notebook in its normal form.

    What a machine or a moment left in it goes; sources and outputs stay as they are.
    """
    import nbformat

    notebook = nbformat.from_dict({**notebook, "nbformat": 4, "nbformat_minor": 5})
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}}
    )
    taken = set()
    for position, cell in enumerate(notebook.cells):
        cell.id = _identity(cell, position, taken)
        taken.add(cell.id)
        for name in NOISE:
            cell.metadata.pop(name, None)
        if cell.cell_type == "code":
            cell.outputs = [kept for output in cell.outputs if (kept := _output(output))]
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        raise NotebookError(f"the notebook breaks its format: {error.message}") from error
    # nbformat sorts the keys, indents by one and splits long texts into lines.
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def _identity(cell, position, taken):
    """Return the id of a cell, or a new one that the next run finds again."""
    found = cell.get("id", "")
    if re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", found) and found not in taken:
        return found
    salt = 0
    while (made := _digest(f"{position} {salt} {cell.source}")) in taken:
        salt += 1
    return made


def _digest(text):
    return "cell-" + hashlib.sha256(text.encode()).hexdigest()[:8]


def _output(output):
    """Return an output as it is stored, or ``None`` where nothing is left of it."""
    if output.output_type == "error":
        # The frames of a traceback name folders of this machine.
        output.traceback = [f"{output.ename}: {output.evalue}"]
    if "data" in output:
        for part in output.data, output.metadata:
            for name in [name for name in part if LIVE.fullmatch(name)]:
                del part[name]
        if not output.data:
            return None
    return output
