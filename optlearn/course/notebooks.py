"""Lessons are stored executed, in one normal form: ``refresh`` makes it, ``problems`` checks it."""

import contextlib
import os
import subprocess
from pathlib import Path

from . import kernel
from .hygiene import problems
from .stored import KERNELSPEC, NotebookError, normal, read

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
    import nbclient

    notebook = read(path)
    began = []
    client = nbclient.NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name=KERNELSPEC["name"],
        store_widget_state=False,
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=list(kernel.ARGUMENTS),
        resources={"metadata": {"path": str(path.resolve().parent)}},
        on_cell_start=lambda cell, cell_index: began.append(
            f"{cell_index} ({cell.get('id', 'no id')})"
        ),
    )
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = None, []
    try:
        client.execute(env=kernel.environment(), stderr=subprocess.DEVNULL)
    except (nbclient.exceptions.CellControlSignal, nbclient.exceptions.DeadKernelError) as error:
        where = f"cell {began[-1]}" if began else "the kernel"
        raise NotebookError(f"{path}: {where} {_why(error)}") from error
    return notebook


def _why(error):
    if hasattr(error, "ename"):
        message = (error.evalue.strip() or "no message").splitlines()[0]
        return f"raises {error.ename}: {message}"
    return f"does not end: {str(error).strip().splitlines()[0]}"


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
