"""The folder of a class, and nbgrader's configuration for it."""

import contextlib
import json
import logging
import os
import re
import shutil
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

from ..exercises import CODE_STUB, TEXT_STUB
from . import handout, policy
from .errors import ClassroomError

#: The file that nbgrader's own commands and its formgrader read in the folder of a class.
CONFIGURATION = """\
c = get_config()
c.CourseDirectory.course_id = "optlearn"
c.CourseDirectory.db_url = "sqlite:///gradebook.db?timeout=60"
c.ClearSolutions.code_stub = {"python": "CODE"}
c.ClearSolutions.text_stub = "TEXT"
""".replace("CODE", CODE_STUB).replace("TEXT", TEXT_STUB)

ROSTER = "id,name,email,moodle,canvas,extension_hours\n"


@dataclass(frozen=True)
class Classroom:
    """The folder of a class.

    Attributes
    ----------
    folder : Path
        ``roster.csv``, ``gradebook.db`` and nbgrader's folders ``source``, ``release``,
        ``submitted``, ``autograded`` and ``feedback``.
    """

    folder: Path

    def __post_init__(self):
        if not (self.folder / "nbgrader_config.py").is_file():
            raise ClassroomError(
                f"{self.folder} is no classroom: optlearn classroom init {self.folder}"
            )

    @property
    def gradebook(self):
        return self.folder / "gradebook.db"

    def config(self, assignment, student="*"):
        """Return nbgrader's configuration for one assignment, of one student or all."""
        from traitlets.config import Config

        config = Config()
        config.CourseDirectory.root = str(self.folder)
        config.CourseDirectory.course_id = "optlearn"
        config.CourseDirectory.assignment_id = assignment
        config.CourseDirectory.student_id = student
        config.CourseDirectory.db_url = f"sqlite:///{self.gradebook}?timeout=60"
        config.ClearSolutions.code_stub = {"python": CODE_STUB}
        config.ClearSolutions.text_stub = TEXT_STUB
        return config

    def set_due(self, assignment, date):
        """Say until when an assignment may be handed in, such as ``"2026-12-01 23:59"``."""
        policy.put(self, "due", date, assignment)

    def release(self, assignment, solutions):
        """Generate an assignment from its solution and enter it into the gradebook.

        Parameters
        ----------
        assignment : str
            Such as ``"02_gradient_descent"``.
        solutions : path
            The folder that holds it.

        Returns
        -------
        Path
            The notebook to hand out.
        """
        source = Path(solutions) / assignment
        if not (source / "exercise.ipynb").is_file():
            known = ", ".join(sorted(p.parent.name for p in Path(solutions).glob("*/*.ipynb")))
            raise ClassroomError(f"no assignment {assignment!r} in {solutions}: known are {known}")
        with self.nbgrader("GenerateAssignment", assignment) as converter:
            own = self.folder / "source" / assignment
            shutil.copytree(source, own, dirs_exist_ok=True)
            notebook = json.loads((own / "exercise.ipynb").read_text(encoding="utf-8"))
            group = policy.get(self, "group", assignment)
            compared = handout.prepare(notebook, group, policy.written(self, assignment))
            for path, content in {
                own / "exercise.ipynb": notebook, self.compared(assignment): compared,
            }.items():  # fmt: skip
                path.parent.mkdir(exist_ok=True)
                path.write_text(json.dumps(content, indent=1, ensure_ascii=False), "utf-8")
            converter.force = True
            converter.start()
        return self.folder / "release" / assignment / "exercise.ipynb"

    def compared(self, assignment):
        """Return the file of the answers that learners compare their own with, after grading."""
        return self.folder / "compared" / f"{assignment}.json"

    def assignment(self, name):
        """Return ``name`` if it was released here; raise otherwise."""
        if not (self.folder / "source" / name / "exercise.ipynb").is_file():
            known = ", ".join(p.name for p in sorted((self.folder / "source").glob("*"))) or "none"
            raise ClassroomError(f"{name!r} was not released here: released are {known}")
        return name

    @contextlib.contextmanager
    def nbgrader(self, converter, assignment, student="*", **more):
        """Yield one of nbgrader's converters, quiet, with this classroom's configuration."""
        try:
            from nbgrader import converters
            from nbgrader.coursedir import CourseDirectory
            from traitlets.config import Config
        except ModuleNotFoundError as error:
            raise ClassroomError(
                "a class needs nbgrader: pip install optlearn[classroom]"
            ) from error
        config = self.config(assignment, student)
        config.merge(Config(more))
        quiet, heard = logging.getLogger("optlearn.classroom"), Heard()
        quiet.handlers, quiet.propagate = [heard], False
        _find_alembic()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            folder = CourseDirectory(config=config)
            try:
                yield getattr(converters, converter)(coursedir=folder, config=config, log=quiet)
            except (Exception, SystemExit) as error:
                raise ClassroomError(
                    heard.reason() or f"{type(error).__name__}: {error}"
                ) from error


def _find_alembic():
    """Put this environment's programs on the PATH: nbgrader calls `alembic` by its name."""
    own, path = str(Path(sys.executable).parent), os.environ.get("PATH", "")
    if own not in path.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([path, own])


class Heard(logging.Handler):
    """Keep what nbgrader complains about: its exceptions only say that there was one."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.lines = []

    def emit(self, record):
        self.lines += record.getMessage().strip().splitlines()

    def reason(self):
        """Return the last line that names an error, or an empty string."""
        named = [
            line for line in self.lines if re.match(r"[\w.]*(Error|Exception|Invalid)\b", line)
        ]
        return named[-1][:200] if named else ""


def init(folder):
    """Make the folder of a class and return it as a :class:`Classroom`; an existing one is kept."""
    folder = Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {"nbgrader_config.py": CONFIGURATION, "roster.csv": ROSTER}.items():
        if not (folder / name).exists():
            (folder / name).write_text(text, encoding="utf-8")
    classroom = Classroom(folder)
    policy.begin(classroom)
    return classroom
