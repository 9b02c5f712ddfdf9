"""What a teacher types: ``optlearn classroom ...``, in the folder of the class."""

import os
from pathlib import Path

from .. import lab
from . import giveback, policy, report, roster, sandbox, settings
from .collect import PLATFORMS, collect
from .errors import ClassroomError
from .grade import grade

ASSIGNMENT = "02_gradient_descent"
#: What the help of a command shows.
EXAMPLES = {
    "init": "spring",
    "release": f'{ASSIGNMENT} --due "2026-12-01 23:59"',
    "set": 'late "10%"',
    "collect": f"{ASSIGNMENT} all.zip --from moodle",
    "grade": ASSIGNMENT,
    "report": ASSIGNMENT,
    "feedback": ASSIGNMENT,
    "export": f"{ASSIGNMENT} --to moodle",
    "viva": f"{ASSIGNMENT} ada",
}


def add(commands):
    """Add the commands to a parser of ``argparse``."""
    init = _command(commands, _init, "init", "make the folder of a class")
    init.add_argument("folder", type=Path, metavar="DIR", help="is made where it is missing")

    release = _assignment(commands, _release, "release", "make what is handed out")
    release.add_argument(
        "--solutions", type=Path, metavar="DIR", help="default: solutions/ of this checkout"
    )
    release.add_argument("--due", metavar="DATE", help="such as '2026-12-01 23:59'")

    _decide(_command(commands, _set, "set", "show what the class has decided, or decide"))

    take = _assignment(commands, _collect, "collect", "take in what was handed in")
    take.add_argument("source", type=Path, metavar="FILES", help="a folder or a zip archive")
    take.add_argument(
        "--from",
        dest="platform",
        choices=PLATFORMS,
        required=True,
        help="where the files come from",
    )

    grading = _assignment(commands, _grade, "grade", "run and grade what was handed in")
    grading.add_argument("--force", action="store_true", help="also what is graded already")
    grading.add_argument(
        "--workers", type=int, metavar="N", help="default: one more than processors"
    )
    grading.add_argument(
        "--trust-submissions", action="store_true", help="run them without the sandbox"
    )
    _assignment(commands, _report, "report", "show who earned what, and who needs a look")
    review = _command(commands, _review, "review", "open nbgrader's page for points by hand")
    _here(review)
    _assignment(commands, _feedback, "feedback", "write a page for each student, and a zip archive")
    export = _assignment(commands, _export, "export", "print the grades as a table")
    export.add_argument("--to", choices=list(giveback.HEADERS), default="csv", help="default: csv")
    viva = _assignment(commands, _viva, "viva", "print three oral questions on a student's work")
    viva.add_argument("student", metavar="STUDENT", help="an id of the roster")
    _here(_command(commands, _doctor, "doctor", "say whether grading will work here"))


def _decide(parser):
    names = ", ".join(policy.SETTINGS)
    parser.add_argument(
        "name", nargs="?", choices=list(policy.SETTINGS), metavar="NAME", help=names
    )
    parser.add_argument("value", nargs="?", metavar="VALUE", help="without one nothing changes")
    parser.add_argument("--for", dest="assignment", metavar="ASSIGNMENT", help="for this one only")
    _here(parser)


def _command(commands, run, name, text):
    parser = commands.add_parser(name, help=text, description=text.capitalize() + ".")
    parser.epilog = f"example: {parser.prog} {EXAMPLES.get(name, '')}".rstrip()
    parser.set_defaults(run=run)
    return parser


def _here(parser):
    parser.add_argument(
        "--class", dest="classroom", type=Path, default=Path(), metavar="DIR",
        help="the folder of the class; default: the present one",
    )  # fmt: skip


def _assignment(commands, run, name, text):
    parser = _command(commands, run, name, text)
    parser.add_argument("assignment", metavar="ASSIGNMENT", help=f"such as {ASSIGNMENT}")
    _here(parser)
    return parser


def _class(options):
    return settings.Classroom(options.classroom.resolve())


def _init(options):
    folder = settings.init(options.folder).folder
    print(f"{folder} is ready. Now fill in {folder / 'roster.csv'}, a line for each student.")
    return 0


def _release(options):
    from ..notebooks import checkout

    solutions = options.solutions or checkout() / "solutions"
    classroom = _class(options)
    if options.due:
        classroom.set_due(options.assignment, options.due)
    print(f"hand out {classroom.release(options.assignment, solutions)}")
    return 0


def _set(options):
    classroom = _class(options)
    if options.value is not None:
        policy.put(classroom, options.name, options.value, options.assignment)
    for name in [options.name] if options.name else policy.SETTINGS:
        value = policy.shown(classroom, name, options.assignment)
        print(f"{name} = {value!r}: {policy.SETTINGS[name].text}")
    return 0


def _collect(options):
    found = collect(_class(options), options.assignment, options.source, options.platform)
    print(found)
    return int(bool(found.refused))


def _grade(options):
    def done(row):
        flags = f"  {'; '.join(row['flags'])}" if row["flags"] else ""
        what = f"{row['score']:g} of {row['max']:g}"
        print(f"{row['student']}: {what}, {row['seconds']:g} s{flags}", flush=True)

    rows = grade(
        _class(options), options.assignment, force=options.force, done=done,
        trust=options.trust_submissions, workers=options.workers,
    )  # fmt: skip
    flagged = sum(bool(row["flags"]) for row in rows)
    print(f"{len(rows)} graded, {flagged} to look at: optlearn classroom report")
    return int(flagged > 0)


def _report(options):
    classroom = _class(options)
    print(report.report(classroom, classroom.assignment(options.assignment)), end="")
    return 0


def _review(options):
    return lab.run(_class(options).folder, "--LabApp.default_url=/formgrader")


def _feedback(options):
    print(f"wrote {giveback.feedback(_class(options), options.assignment)}")
    return 0


def _export(options):
    print(giveback.export(_class(options), options.assignment, options.to), end="")
    return 0


def _viva(options):
    print(giveback.viva(_class(options), options.assignment, options.student), end="")
    return 0


def _doctor(options):
    """Print one line for each thing that grading needs; 1 if one is missing."""
    missing = 0
    classroom = _class(options)
    checks = {
        "roster": lambda: roster.read(classroom) and None,
        "sandbox": sandbox.available,
        "nbgrader": lambda: __import__("nbgrader") and None,
        "folder": lambda: None if os.access(classroom.folder, os.W_OK) else "cannot be written to",
    }
    for name, look in checks.items():
        try:
            problem = look()
        except (ClassroomError, ImportError) as error:
            problem = str(error)
        missing += bool(problem)
        print(f"{name}: {problem or 'fine'}")
    return int(missing > 0)
