"""The command ``optlearn``: what learners, teachers and contributors type."""

import argparse
import os
import sys
from pathlib import Path

from . import __version__
from .course import browser
from .course import command as contributor
from .course.classroom import command as teacher
from .course.classroom.errors import ClassroomError
from .course.command import action, notebook_arguments, notebook_paths, sentence
from .course.stored import NotebookError

CODES = """\
exit codes:
  0    done
  1    done, and something is left: points, a problem, a notebook that would change
  2    it could not be done; one line says why
  130  interrupted by Ctrl-C
"""
EXERCISE = "exercises/02_gradient_descent/exercise.ipynb"


def main(arguments=None):
    """Run the command and return its exit code, as in ``CODES``."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if "run" not in options:
        parser.print_help()
        return 2
    try:
        browser.refuse(options.command)
        code = options.run(options)
        sys.stdout.flush()
        return code
    except (NotebookError, ClassroomError) as error:
        message = str(error)
    except ModuleNotFoundError as error:
        remedy = f"{error.name} is not installed: pip install 'optlearn[lessons,classroom]'"
        message = remedy if error.name else str(error)
    except BrokenPipeError:  # who read the answer has seen enough, such as `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        message = f"{error.filename}: {error.strerror}" if error.filename else str(error)
    except KeyboardInterrupt:
        print("optlearn: interrupted", file=sys.stderr)
        return 130
    print(f"optlearn: {message}", file=sys.stderr)
    return 2


def _parser():
    parser = argparse.ArgumentParser(
        prog="optlearn",
        description="The optimizers of deep learning, with every claim tested.\n"
        "`optlearn COMMAND --help` says more about a command.",
        epilog=CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"optlearn {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    _add_learner(commands)
    classroom = _group(commands, "classroom", "for teachers: hand out, collect, grade, give back")
    teacher.add(classroom)
    contributor.add(_group(commands, "course", "for contributors: keep lessons and exercises true"))
    return parser


def _group(commands, name, text):
    group = commands.add_parser(name, help=text, description=sentence(text))
    return group.add_subparsers(title="commands", required=True, metavar="COMMAND")


def _add_learner(commands):
    lab = action(
        commands, _lab, "lab", "open the course in JupyterLab, in a copy of your own",
        "What you changed there stays; what you left untouched is updated.", "my-course",
    )  # fmt: skip
    lab.add_argument(
        "folder", nargs="?", type=Path, default=Path("optlearn-course"), metavar="DIR",
        help="default: optlearn-course",
    )  # fmt: skip
    copied = action(
        commands, _copy, "copy", "bring lessons and exercises to a folder",
        "Run again, it updates what you left untouched and keeps your work.", "my-course",
    )  # fmt: skip
    copied.add_argument("folder", type=Path, metavar="DIR", help="is made where it is missing")
    check = action(
        commands, _check, "check", "run the checks of exercises and say what they earn",
        "Each notebook is executed from top to bottom in memory; the file stays as it is. "
        "Test cells that ask for new numbers get them, as when a teacher grades.", EXERCISE,
    )  # fmt: skip
    notebook_arguments(check, "an exercise, or a folder of notebooks", nargs="+")
    action(
        commands, _progress, "progress", "say what you answered, and what you believed",
        "The record lies on this computer only; set OPTLEARN_DATA to another folder, or to off.",
    )  # fmt: skip
    report = action(
        commands, _report, "report", "make your lab book, one page of Markdown",
        "What you expected, how sure you were, and what came out.", "lab-book.md",
    )  # fmt: skip
    report.add_argument("file", nargs="?", type=Path, metavar="FILE", help="default: the screen")
    action(
        commands, _doctor, "doctor", "say whether the course will run here",
        "Each line names what was found; an arrow points to the remedy where something is wrong.",
    )  # fmt: skip


def _copy(options):
    from .course import copying

    print(copying.copy(options.folder))
    return 0


def _lab(options):
    from .course import lab

    _copy(options)
    lessons = options.folder.resolve() / "lessons"
    return lab.run(options.folder, f"--preferred-dir={lessons}")


def _check(options):
    from .course.self_check import self_check

    left = False
    for path in notebook_paths(options):
        if sys.stderr.isatty():  # it takes some seconds
            print(f"running {path} ...", file=sys.stderr)
        result = self_check(path)
        title = f"{path}\n" if len(options.paths) > 1 or path not in options.paths else ""
        print(f"{title}{result}", flush=True)
        left = left or not result.done
    return int(left)


def _doctor(options):
    from .course import doctor

    found = doctor.findings()
    for what, finding, remedy in found:
        print(f"{what}: {finding}" + (f"  <- {remedy}" if remedy else ""))
    return int(any(remedy for *_, remedy in found))


def _progress(options):
    from . import progress

    where = progress.folder()
    print(progress.summary())
    print(f"kept in {where}" if where else "nothing is kept: OPTLEARN_DATA is off")
    return 0


def _report(options):
    from .course.lab_book import lab_book

    if options.file is None:
        print(lab_book(), end="")
        return 0
    try:
        with options.file.open("x", encoding="utf-8") as file:
            file.write(lab_book())
    except OSError as error:
        raise NotebookError(f"{options.file}: {error.strerror}; choose another name") from error
    print(f"wrote {options.file}")
    return 0
