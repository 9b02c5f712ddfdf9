"""Generate ``exercises/`` from ``solutions/``, and hold the rules that make this safe.

``solutions/NN_topic/exercise.ipynb`` is the one source. nbgrader takes the answers and the hidden
tests out; what comes out is written in one fixed form, so that two runs give the same bytes.
"""

import difflib
import json
import logging
import os
import tempfile
import warnings
from pathlib import Path

#: What replaces an answer: a comment, so that an untouched notebook runs to its end.
CODE_STUB = "# YOUR CODE HERE"
TEXT_STUB = "*Your answer here.*"

#: The only lines that may open or close a region.
MARKERS = (
    "### BEGIN SOLUTION",
    "### END SOLUTION",
    "### BEGIN HIDDEN TESTS",
    "### END HIDDEN TESTS",
    "=== BEGIN MARK SCHEME ===",
    "=== END MARK SCHEME ===",
)


class SourceError(ValueError):
    """A source notebook breaks a rule; the message names the file, the cell and the remedy."""


def build(root, check=False):
    """Generate every exercise and return the names of those that changed.

    Parameters
    ----------
    root : path
        The folder that holds ``solutions`` and ``exercises``.
    check : bool, default False
        Change nothing; only say what would change.

    Raises
    ------
    SourceError
        Where a source notebook breaks a rule of :func:`problems`, or an answer would leak.
    ModuleNotFoundError
        Without nbgrader.
    """
    root = Path(root).resolve()
    sources = sorted((root / "solutions").glob("*/exercise.ipynb"))
    found = [problem for source in sources for problem in problems(source)]
    if found:
        raise SourceError("\n".join(found))
    changed = []
    with tempfile.TemporaryDirectory() as scratch:
        for source in sources:
            name = source.parent.name
            text = _generate(root, name, Path(scratch))
            leaked = leaks(_cells(source), json.loads(text)["cells"])
            if leaked:
                raise SourceError(f"{name}: the exercise would show {leaked[0]!r}")
            target = root / "exercises" / name / "exercise.ipynb"
            if not target.exists() or target.read_text(encoding="utf-8") != text:
                changed.append(name)
                if not check:
                    _write(target, text)
    return changed


def configuration(root, scratch):
    """Return the nbgrader configuration that generates from ``root`` into ``scratch``."""
    from traitlets.config import Config

    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.source_directory = "solutions"
    config.CourseDirectory.release_directory = str(scratch / "exercises")
    # No grade book: nbgrader would look for the command `alembic` on the PATH.
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False
    config.ClearSolutions.code_stub = {"python": CODE_STUB}
    config.ClearSolutions.text_stub = TEXT_STUB
    return config


def _generate(root, name, scratch):
    """Return the text of one exercise as nbgrader makes it, in the fixed form."""
    try:
        from nbgrader.converters import GenerateAssignment
        from nbgrader.coursedir import CourseDirectory
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "generating exercises needs nbgrader: pip install optlearn[classroom]"
        ) from error
    config = configuration(root, scratch)
    folder = CourseDirectory(config=config, assignment_id=name)
    quiet = logging.getLogger("optlearn.exercises")
    quiet.setLevel(logging.ERROR)
    mask = os.umask(0)
    os.umask(mask)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            GenerateAssignment(coursedir=folder, config=config, log=quiet).start()
    finally:
        os.umask(mask)
    made = scratch / "exercises" / name / "exercise.ipynb"
    return normal(json.loads(made.read_text(encoding="utf-8")))


def normal(notebook):
    """Return the text of a notebook in the one form that is stored."""
    notebook["metadata"] = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook["cells"]:
        if not isinstance(cell["source"], list):
            cell["source"] = cell["source"].splitlines(keepends=True)
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _write(target, text):
    """Write beside and rename, so that nobody ever reads half a notebook."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_suffix(".tmp")
    beside.write_text(text, encoding="utf-8", newline="\n")
    beside.replace(target)


# ------------------------------------------------------------------------------ rules of a source


def problems(path):
    """Return what is wrong with a source notebook, a line each; empty where nothing is."""
    found, ids = [], set()
    where = Path(path).parent.name
    for number, cell in enumerate(_cells(path)):
        name = cell.get("id", f"number {number}")
        found += [f"{where}, cell {name}: {what}" for what in _cell_problems(cell)]
        if name in ids:
            found.append(f"{where}, cell {name}: the id is used twice")
        ids.add(name)
    return found


def _cell_problems(cell):
    marks = cell["metadata"].get("nbgrader", {})
    if cell.get("outputs") or cell.get("execution_count") is not None:
        yield "the source carries outputs: clear them"
    if marks and marks.get("grade_id") != cell.get("id"):
        yield f"the id must equal the grade_id {marks.get('grade_id')!r}"
    lines = [line.strip() for line in "".join(cell["source"]).split("\n")]
    for line in lines:
        near = near_miss(line)
        if near:
            yield f"{line!r} looks like a marker: write exactly {near!r}"
    used = [line for line in lines if line in MARKERS]
    for begin, end in zip(used[::2], [*used[1::2], ""]):
        if begin not in MARKERS[::2] or end != begin.replace("BEGIN", "END"):
            yield f"{begin!r} has no partner: every BEGIN needs its END"
    if any("SOLUTION" in line for line in used) and not marks.get("solution"):
        yield "it holds an answer but is not marked as a solution cell"
    if any("HIDDEN" in line for line in used) and not marks.get("grade"):
        yield "it holds hidden tests but is not marked as a test cell"


def near_miss(line):
    """Return the marker that ``line`` probably meant to be, or None where it is fine."""
    if line in MARKERS or not line.startswith(("#", "=")):
        return None
    words = line.strip("#=- ").replace("_", " ").replace("-", " ").upper()
    names = {marker.strip("#= "): marker for marker in MARKERS}
    close = difflib.get_close_matches(words, names, n=1, cutoff=0.75)
    return names[close[0]] if close else None


def leaks(source, generated):
    """Return the lines of answers and hidden tests that a generated notebook still shows.

    Parameters
    ----------
    source, generated : list of dict
        The cells of the two notebooks.
    """
    secret, public = set(), set()
    for cell in source:
        inside = False
        whole = _is_answer_without_markers(cell)
        for line in _lines(cell):
            if line in MARKERS:
                inside = "BEGIN" in line
            elif len(line) > 5:
                (secret if inside or whole else public).add(line)
    secret -= public
    shown = [line for cell in generated for line in _lines(cell)]
    found = [line for line in shown if line in secret or line in MARKERS]
    outputs = any(cell.get("outputs") or cell.get("attachments") for cell in generated)
    return [*found, *(["an output"] if outputs else [])]


def _is_answer_without_markers(cell):
    marks = cell["metadata"].get("nbgrader", {})
    return bool(marks.get("solution")) and not any(line in MARKERS for line in _lines(cell))


def _lines(cell):
    return [line.strip() for line in "".join(cell["source"]).split("\n")]


def _cells(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
