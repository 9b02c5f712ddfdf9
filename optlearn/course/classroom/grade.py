"""Grade all submissions: in parallel, each in its sandbox, and going on after a kill."""

import contextlib
import datetime
import hashlib
import os
import shutil
import sqlite3
import tempfile
import time
from concurrent.futures import as_completed
from pathlib import Path

from . import results, sandbox
from .attempts import bring_back, submitted
from .errors import ClassroomError
from .settings import Classroom

#: Seconds for one cell. Whoever needs longer has an endless loop.
TIMEOUT = 15
#: How often another attempt of a student may have its turn in one run.
ROUNDS = 10


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
        Submissions at a time. If not given, one more than there are processors: a part of the
        time goes by while a kernel starts, and nothing else.
    done : callable
        Called with each row as it is ready.

    Raises
    ------
    ClassroomError
        Where nothing was released or handed in, the sandbox cannot work here, or the solution
        itself does not earn its points here.
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
    known, rounds = results.read(classroom, assignment), ROUNDS
    for who in handed_in:
        bring_back(classroom, assignment, who)
    todo = [who for who in handed_in if force or _stale(classroom, assignment, who, known)]
    with _pool(workers or os.cpu_count() + 1) as pool:
        if todo:
            pool.submit(rehearse, classroom.folder, assignment, trust).result()
        while todo and rounds:
            jobs = [pool.submit(grade_one, classroom.folder, assignment, s, trust) for s in todo]
            for job in as_completed(jobs):
                results.keep(classroom, assignment, job.result())
                done(job.result())
            todo = [who for who in handed_in if bring_back(classroom, assignment, who)]
            rounds -= 1
    return list(results.read(classroom, assignment).values())


def _pool(workers):
    # Not at the top: the command can be imported where there is one process, as in a browser.
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_ready)


def _ready():
    """Import nbgrader while the rehearsal runs: it takes its time."""
    from . import canary, marks  # noqa: F401


def _submissions(classroom, assignment):
    return (classroom.folder / "submitted").glob(f"*/{assignment}/exercise.ipynb")


def _stale(classroom, assignment, who, known):
    digest = submitted(classroom, assignment, who).digest
    return who not in known or known[who]["digest"] != digest


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


def rehearse(folder, assignment, trust=False):
    """Run the solution, and raise unless it earns its points.

    What is broken here is no student's fault. It also fills the cache of the sandbox.
    """
    import nbformat
    from nbgrader.preprocessors import Execute
    from nbgrader.utils import determine_grade, is_grade
    from traitlets.config import Config

    classroom = Classroom(Path(folder))
    path = classroom.folder / "source" / assignment / "exercise.ipynb"
    notebook = nbformat.read(path, 4)
    with _kernels(classroom, assignment, "", trust) as transport:
        execute = Execute(config=Config(transport), timeout=TIMEOUT, shutdown_kernel="immediate")
        try:
            execute.preprocess(notebook, {"metadata": {"path": str(path.parent)}})
        except Exception as error:  # a kernel that dies, or does not start
            raise ClassroomError(
                f"the solution does not run here, so nobody was graded. {error}"
            ) from error
    tests = [cell for cell in notebook.cells if cell.cell_type == "code" and is_grade(cell)]
    points = [determine_grade(cell) for cell in tests]
    if any(earned != most for earned, most in points):
        earned, most = (sum(column) for column in zip(*points))
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
        errors = [f"{o.ename}: {o.evalue}" for o in outputs if o.output_type == "error"]
        raise ClassroomError(
            f"the solution itself earns {earned:g} of {most:g} points here, so nobody was graded. "
            f"{(errors or ['Run it to see why.'])[0]}"
        )


def grade_one(folder, assignment, who, trust=False):
    """Grade one submission in this process and return its row."""
    begun = time.monotonic()
    classroom = Classroom(Path(folder))
    # What a kill left half graded would be taken for graded.
    shutil.rmtree(classroom.folder / "autograded" / who / assignment, ignore_errors=True)
    problem = ""
    with _kernels(classroom, assignment, who, trust) as transport:
        try:
            _autograde(classroom, assignment, who, transport)
        except ClassroomError as error:
            problem = str(error)
    seconds = round(time.monotonic() - begun, 1)
    row = results.row(classroom, assignment, who, problem)
    attempt = submitted(classroom, assignment, who)
    when = attempt.handed_in and attempt.handed_in.isoformat()
    return row | {"seconds": seconds, "digest": attempt.digest, "handed_in": when}


def _autograde(classroom, assignment, who, transport):
    from nbgrader import preprocessors as nbgrader

    from .canary import Guarded
    from .marks import RestoreMarks

    sanitize = [
        nbgrader.ClearOutput, nbgrader.DeduplicateIds, RestoreMarks, nbgrader.OverwriteKernelspec,
        nbgrader.OverwriteCells, nbgrader.CheckCellMetadata,
    ]  # fmt: skip
    run = [
        Guarded, nbgrader.LimitOutput, nbgrader.SaveAutoGrades, nbgrader.CheckCellMetadata,
    ]  # fmt: skip
    handout = str(classroom.folder / "release" / assignment / "exercise.ipynb")
    more = {
        "Autograde": {"sanitize_preprocessors": sanitize, "autograde_preprocessors": run},
        "Guarded": {"timeout": TIMEOUT, "shutdown_kernel": "immediate"},
        "OverwriteCells": {"add_missing_cells": True},
        "RestoreMarks": {"handout": handout},
        **transport,
    }
    with classroom.nbgrader("Autograde", assignment, who, **more) as converter:
        converter.force = True
        converter.start()


@contextlib.contextmanager
def _kernels(classroom, assignment, who, trust):
    """Let new kernels be sandboxed ones, and yield how to reach them.

    Without a student it is the solution that will run, which may fill the cache.
    """
    before = dict(os.environ)
    seed = hashlib.sha256(f"{assignment}/{who}".encode()).digest()[:4]
    # Whose numbers are drawn says the notebook alone: so the learner has seen them.
    variables = {"OPTLEARN_STUDENT": "0", "OPTLEARN_CLASS": "", "OPTLEARN_DATA": "off"}
    variables["MPLBACKEND"] = "agg"
    variables["OPTLEARN_GRADER_SEED"] = str(int.from_bytes(seed, "big"))
    work = classroom.folder / (f"autograded/{who}" if who else "source") / assignment
    with tempfile.TemporaryDirectory(prefix="ol") as scratch:
        sockets, cache = Path(scratch, "ipc"), classroom.folder / "cache"
        sockets.mkdir()
        argv, transport = sandbox.trusted(), {}
        if not trust:
            hidden = ["exercise.ipynb"] if who else []
            argv = sandbox.sandboxed(work, hidden, sockets, cache, variables, fill=not who)
            # The path must be absolute, and shorter than about 100 characters.
            transport = {"KernelManager": {"transport": "ipc", "ip": str(sockets / "k")}}
        os.environ["JUPYTER_PATH"] = sandbox.write_kernel(scratch, argv, **variables)
        try:
            yield transport
        finally:
            os.environ.clear()
            os.environ.update(before)
