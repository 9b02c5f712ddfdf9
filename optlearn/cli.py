"""The command ``optlearn``: what learners, teachers and contributors type."""

import argparse
import os
import sys
from pathlib import Path

from . import __version__
from .course.classroom import command
from .course.classroom.errors import ClassroomError
from .course.stored import NotebookError

CODES = """\
exit codes:
  0    done
  1    done, and something is left: points, a problem, a notebook that would change
  2    it could not be done; one line says why
  130  interrupted by Ctrl-C
"""
EXERCISE = "exercises/02_gradient_descent/exercise.ipynb"
LESSON = "lessons/02_gradient_descent.ipynb"


def main(arguments=None):
    """Run the command and return its exit code, as in ``CODES``."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if "run" not in options:
        parser.print_help()
        return 2
    try:
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
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_learner(commands)
    classroom = _group(commands, "classroom", "for teachers: hand out, collect, grade, give back")
    command.add(classroom)
    _add_course(_group(commands, "course", "for contributors: keep lessons and exercises true"))
    return parser


def _group(commands, name, text):
    group = commands.add_parser(name, help=text, description=_sentence(text))
    return group.add_subparsers(title="commands", required=True, metavar="COMMAND")


def _add_learner(commands):
    lab = _action(
        commands, _lab, "lab", "open the course in JupyterLab, in a copy of your own",
        "What you changed there stays; what you left untouched is updated.", "my-course",
    )  # fmt: skip
    lab.add_argument(
        "folder", nargs="?", type=Path, default=Path("optlearn-course"), metavar="DIR",
        help="default: optlearn-course",
    )  # fmt: skip
    copied = _action(
        commands, _copy, "copy", "bring lessons and exercises to a folder",
        "Run again, it updates what you left untouched and keeps your work.", "my-course",
    )  # fmt: skip
    copied.add_argument("folder", type=Path, metavar="DIR", help="is made where it is missing")
    check = _action(
        commands, _check, "check", "run the checks of exercises and say what they earn",
        "Each notebook is executed from top to bottom in memory; the file stays as it is. "
        "Test cells that ask for new numbers get them, as when a teacher grades.", EXERCISE,
    )  # fmt: skip
    _notebooks(check, "an exercise, or a folder of notebooks", nargs="+")
    _action(
        commands, _progress, "progress", "say what you answered, and what you believed",
        "The record lies on this computer only; set OPTLEARN_DATA to another folder, or to off.",
    )  # fmt: skip
    report = _action(
        commands, _report, "report", "make your lab book, one page of Markdown",
        "What you expected, how sure you were, and what came out.", "lab-book.md",
    )  # fmt: skip
    report.add_argument("file", nargs="?", type=Path, metavar="FILE", help="default: the screen")
    _action(
        commands, _doctor, "doctor", "say whether the course will run here",
        "Each line names what was found; an arrow points to the remedy where something is wrong.",
    )  # fmt: skip


def _add_course(actions):
    refresh = _action(
        actions, _refresh, "refresh", "execute lessons and store them in their normal form",
        "A lesson that fails stays as it was.", LESSON,
    )  # fmt: skip
    _notebooks(refresh, "default: all lessons")
    _only_check(refresh)
    hygiene = _action(
        actions, _hygiene, "hygiene", "say what may not lie in a stored lesson",
        "Nothing is executed.", LESSON,
    )  # fmt: skip
    _notebooks(hygiene, "default: all lessons")
    pages = _action(
        actions, _pages, "pages", "write notebooks as pages of HTML, with words for every picture",
        "Nothing is executed. Only formulas need a network.", f"{LESSON} --to pages",
    )  # fmt: skip
    _notebooks(pages, "default: all lessons")
    pages.add_argument(
        "--to", type=Path, default=Path("pages"), metavar="DIR", help="default: pages"
    )
    build = _action(
        actions, _build, "build-exercises", "generate exercises/ from solutions/",
        "Answers and hidden tests are taken out. It needs the extra classroom.", "--check",
    )  # fmt: skip
    _only_check(build)
    compute = _action(
        actions, _experiments, "experiments", "compute the named experiments anew, or list all",
        "The list says which stored results are older than their code.", "batch.cost",
    )  # fmt: skip
    compute.add_argument("names", nargs="*", metavar="NAME", help="such as batch.cost")


def _action(actions, run, name, text, more, example=""):
    """Add a command; its help ends with an example that a test parses."""
    action = actions.add_parser(name, help=text, description=f"{_sentence(text)} {more}")
    action.epilog = f"example: {action.prog} {example}".rstrip()
    action.set_defaults(run=run)
    return action


def _sentence(text):
    return f"{text[0].upper()}{text[1:]}."


def _notebooks(action, text, nargs="*"):
    action.add_argument("paths", nargs=nargs, type=Path, metavar="PATH", help=text)


def _only_check(action):
    action.add_argument(
        "--check", action="store_true", help="change nothing; 1 if one would change"
    )


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
    for path in _paths(options):
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


def _refresh(options):
    from .course import notebooks

    verb = "would change" if options.check else "changed"
    found = 0
    for path in _paths(options):
        changed = notebooks.refresh([path], check=options.check)
        print(f"{path}: {verb if changed else 'unchanged'}", flush=True)
        found += len(changed)
    return int(options.check and found > 0)


def _hygiene(options):
    from .course import notebooks

    lines = [f"{path}: {line}" for path in _paths(options) for line in notebooks.problems(path)]
    print("\n".join(lines) or "no problems")
    return int(bool(lines))


def _pages(options):
    from .course import pages

    print(*pages.write(_paths(options), options.to), sep="\n")
    return 0


def _build(options):
    from .course import exercises, notebooks

    try:
        changed = exercises.build(notebooks.checkout(), check=options.check)
    except exercises.SourceError as error:
        raise NotebookError("; ".join(str(error).splitlines())) from error
    verb = "would change" if options.check else "changed"
    print("\n".join(f"{name}: {verb}" for name in changed) or "unchanged")
    return int(options.check and bool(changed))


def _experiments(options):
    from .experiments import stored

    if not options.names:
        for name in stored.names():
            experiment = stored.get(name)
            print(experiment.stale() or experiment.about())
        return int(any(stored.get(name).stale() for name in stored.names()))
    try:
        chosen = [stored.get(name) for name in options.names]
    except ValueError as error:
        raise NotebookError(str(error)) from error
    for experiment in chosen:
        print(f"{experiment.name} ...", flush=True)
        experiment.store(experiment.compute())
        print(experiment.about())
    return 0


def _paths(options):
    """Return the notebooks that were named, or all lessons; a folder means those in it."""
    from .course import notebooks

    if not options.paths:
        found = notebooks.lessons(notebooks.checkout())
        return [Path(os.path.relpath(path)) for path in found]
    paths = []
    for named in options.paths:
        found = sorted(named.rglob("*.ipynb")) if named.is_dir() else [named]
        found = [path for path in found if ".ipynb_checkpoints" not in path.parts]
        if not found:
            raise NotebookError(f"there is no notebook in {named}")
        paths += found
    missing = [str(path) for path in paths if not path.is_file()]
    if missing:
        raise NotebookError(f"there is no notebook {', '.join(missing)}")
    return paths
