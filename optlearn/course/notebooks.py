"""Lessons are stored executed, in one normal form: ``refresh`` makes it, ``problems`` checks it."""

import contextlib
import os
import subprocess
from pathlib import Path

from . import kernel
from .execution import execute
from .hygiene import problems
from .stored import NotebookError, normal, read

__all__ = ["NotebookError", "checkout", "edited", "lessons", "normal", "problems", "refresh"]


def refresh(paths, *, check=False, timeout=600):
    """Execute notebooks, store them in their normal form, and return those that changed.

    A notebook is replaced in one step at its end: a cell that fails, or a kill, leaves it as it
    was. A second run gives the same bytes.

    Parameters
    ----------
    paths : iterable of path
    check : bool, default False
        Execute, compare, and change nothing.
    timeout : float, default 600
        Seconds that one cell may take.

    Raises
    ------
    NotebookError
        Where a cell fails; it names the notebook, the cell and the exception.
    """
    paths = [Path(path) for path in paths]
    for path in paths:
        if not path.is_file():
            raise NotebookError(f"{path}: there is no such notebook")
    return [path for path in paths if _refresh(path, check, timeout)]


def _refresh(path, check, timeout):
    text = normal(_execute(path, timeout))
    if path.read_bytes() == text.encode():
        return False
    if not check:
        _replace(path, text)
    return True


def _execute(path, timeout):
    """Return the notebook with its cells executed in a kernel of its own."""
    notebook = read(path)
    execute(notebook, path, env=kernel.environment(), timeout=timeout, arguments=kernel.ARGUMENTS)
    return notebook


def _replace(path, text):
    """Write beside the notebook and rename: whoever looks sees the old or the new one, whole."""
    beside = path.with_name(f".{path.name}.partial")
    try:
        with open(beside, "w", encoding="utf8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            beside.unlink()


def edited(path):
    """Return whether a notebook differs from the last commit, or was never committed.

    Somebody works in it then. ``False`` where there is no git or no checkout to compare with.
    """
    path = Path(path).resolve()
    command = ["git", "--no-optional-locks", "status", "--porcelain", "--ignored", "--", path.name]
    try:
        answer = subprocess.run(command, cwd=path.parent, capture_output=True, text=True)
    except OSError:
        return False
    return answer.returncode == 0 and bool(answer.stdout.strip())


def checkout(start="."):
    """Return the course's folder: the nearest above ``start`` that holds ``lessons``."""
    start = Path(start).resolve()
    for folder in (start, *start.parents):
        if (folder / "lessons").is_dir() and (folder / "pyproject.toml").is_file():
            return folder
    raise NotebookError(
        f"{start}: lies in no checkout of the course (a folder with pyproject.toml and lessons); "
        "change into one, or name the notebooks"
    )


def lessons(root):
    """Return the lessons below a checkout, in their order."""
    return sorted((Path(root) / "lessons").glob("*.ipynb"))
