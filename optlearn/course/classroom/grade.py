"""Grade all submissions: in parallel, each in its sandbox, and going on after a kill."""

import contextlib
import datetime
import hashlib
import multiprocessing
import os
import shutil
import sqlite3
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from . import results, sandbox
from .settings import Classroom, ClassroomError

#: Seconds for one cell. Whoever needs longer has an endless loop.
TIMEOUT = 15


def grade(classroom, assignment, *, force=False, trust=False, workers=None, done=lambda row: None):
    """Grade what was handed in and return the rows of the report.

    Parameters
    ----------
    classroom : Classroom
    assignment : str
    force : bool, default False
        Grade again what is graded. What changed since is graded again in any case.
    trust : bool, default False
        Run without the sandbox. Only for notebooks of people whom you would give your password.
    workers : int, optional
        Submissions at a time; the number of processors if not given.
    done : callable
        Called with each row as it is ready.

    Raises
    ------
    ClassroomError
        Where nothing was released or handed in, or the sandbox cannot work here.
    """
    classroom.assignment(assignment)
    missing = None if trust else sandbox.available()
    if missing:
        raise ClassroomError(f"{missing}. With --trust-submissions they run unprotected.")
    handed_in = sorted(p.parent.parent.name for p in _submissions(classroom, assignment))
    if not handed_in:
        raise ClassroomError(f"nothing was handed in for {assignment}: optlearn classroom collect")
    if classroom.gradebook.exists():
        backup(classroom)
    known = results.read(classroom, assignment)
    todo = [who for who in handed_in if force or _stale(classroom, assignment, who, known)]
    workers = workers or os.cpu_count()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        jobs = [pool.submit(grade_one, classroom.folder, assignment, s, trust) for s in todo]
        for job in as_completed(jobs):
            row = job.result()
            results.keep(classroom, assignment, row)
            done(row)
    return list(results.read(classroom, assignment).values())


def _submissions(classroom, assignment):
    return (classroom.folder / "submitted").glob(f"*/{assignment}/exercise.ipynb")


def _digest(classroom, assignment, who):
    path = classroom.folder / "submitted" / who / assignment / "exercise.ipynb"
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _stale(classroom, assignment, who, known):
    return who not in known or known[who]["digest"] != _digest(classroom, assignment, who)


def backup(classroom):
    """Copy the gradebook into ``backups`` and return the copy."""
    folder = classroom.folder / "backups"
    folder.mkdir(exist_ok=True)
    now = datetime.datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    target = folder / f"gradebook-{now}.db"
    closing, connect = contextlib.closing, sqlite3.connect
    with closing(connect(classroom.gradebook)) as source, closing(connect(target)) as copy:
        source.backup(copy)
    return target


def grade_one(folder, assignment, who, trust=False):
    """Grade one submission in this process and return its row."""
    begun = time.monotonic()
    classroom = Classroom(Path(folder))
    # What a kill left half graded would be taken for graded.
    shutil.rmtree(classroom.folder / "autograded" / who / assignment, ignore_errors=True)
    problem = ""
    with _kernels(assignment, who, trust) as transport:
        try:
            _autograde(classroom, assignment, who, transport)
        except ClassroomError as error:
            problem = str(error)
    seconds = round(time.monotonic() - begun, 1)
    row = results.row(classroom, assignment, who, problem)
    return row | {"seconds": seconds, "digest": _digest(classroom, assignment, who)}


def _autograde(classroom, assignment, who, transport):
    from nbgrader import preprocessors as nbgrader

    from .canary import Guarded
    from .marks import RestoreMarks

    sanitize = [
        nbgrader.ClearOutput, nbgrader.DeduplicateIds, RestoreMarks, nbgrader.OverwriteKernelspec,
        nbgrader.OverwriteCells, nbgrader.CheckCellMetadata,
    ]  # fmt: skip
    run = [
        Guarded, nbgrader.LimitOutput, nbgrader.SaveAutoGrades, nbgrader.AssignLatePenalties,
        nbgrader.CheckCellMetadata,
    ]  # fmt: skip
    handout = str(classroom.folder / "release" / assignment / "exercise.ipynb")
    more = {
        "Autograde": {"sanitize_preprocessors": sanitize, "autograde_preprocessors": run},
        "Guarded": {"timeout": TIMEOUT},
        "OverwriteCells": {"add_missing_cells": True},
        "RestoreMarks": {"handout": handout},
        **transport,
    }
    with classroom.nbgrader("Autograde", assignment, who, **more) as converter:
        converter.force = True
        converter.start()


@contextlib.contextmanager
def _kernels(assignment, who, trust):
    """Let new kernels be sandboxed ones, and yield how to reach them."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="ol") as scratch:
        seed = hashlib.sha256(f"{assignment}/{who}".encode()).digest()[:4]
        os.environ[sandbox.SEED] = str(int.from_bytes(seed, "big"))
        write = sandbox.trusted_spec if trust else sandbox.kernel_spec
        os.environ["JUPYTER_PATH"] = write(scratch)
        ipc = Path(scratch, "ipc")
        ipc.mkdir()
        os.environ[sandbox.IPC] = str(ipc)
        # The path must be absolute, and shorter than about 100 characters.
        manager = {"transport": "ipc", "ip": str(ipc / "k")}
        try:
            yield {"KernelManager": manager}
        finally:
            os.environ.clear()
            os.environ.update(before)
