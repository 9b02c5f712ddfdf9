"""The command ``optlearn``: the learner's record, and what contributors do with notebooks."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from . import __version__
from .course.classroom import command
from .course.classroom.settings import ClassroomError
from .course.stored import NotebookError


def main(arguments=None):
    """Run the command and return its exit code.

    0 is done, 1 found something (a notebook that would change, a problem), 2 a user's error.
    """
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except (NotebookError, ClassroomError) as error:
        message = str(error)
    except ModuleNotFoundError as error:
        message = f"{error.name} is not installed: pip install 'optlearn[lessons,classroom]'"
    print(f"optlearn: {message}", file=sys.stderr)
    return 2


def _parser():
    parser = argparse.ArgumentParser(
        prog="optlearn", description="The optimizers of deep learning, with every claim tested."
    )
    parser.add_argument("--version", action="version", version=f"optlearn {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    lab = _action(commands, _lab, "lab", "open the course in JupyterLab, in a copy of your own")
    lab.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="default: optlearn-course")
    copied = _action(commands, _copy, "copy", "bring lessons and exercises to a folder")
    copied.add_argument("folder", type=Path, metavar="DIR")
    _action(commands, _doctor, "doctor", "say whether the course will run here")
    _action(commands, _progress, "progress", "say what you answered, and what you believed")
    report = _action(commands, _report, "report", "make your lab book, one page of Markdown")
    report.add_argument("file", nargs="?", type=Path, metavar="FILE", help="default: the screen")
    classroom = commands.add_parser("classroom", help="hand out, collect, grade, give back")
    command.add(classroom.add_subparsers(title="commands", required=True, metavar="COMMAND"))
    course = commands.add_parser("course", help="keep lessons and exercises true")
    actions = course.add_subparsers(title="commands", required=True, metavar="COMMAND")

    refresh = _action(actions, _refresh, "refresh", "execute lessons and store them")
    refresh.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="default: all lessons")
    refresh.add_argument(
        "--check", action="store_true", help="change nothing; 1 if one would change"
    )

    hygiene = _action(actions, _hygiene, "hygiene", "say what may not lie in a stored lesson")
    hygiene.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="default: all lessons")

    build = _action(actions, _build, "build-exercises", "generate exercises/ from solutions/")
    build.add_argument("--check", action="store_true", help="change nothing; 1 if one would change")

    compute = _action(
        actions, _experiments, "experiments", "compute the named experiments anew, or list all"
    )
    compute.add_argument("names", nargs="*", metavar="NAME", help="such as batch.cost")
    return parser


def _action(actions, run, name, text):
    action = actions.add_parser(name, help=text, description=text.capitalize() + ".")
    action.set_defaults(run=run)
    return action


def _copy(options):
    from .course import copying

    try:
        print(copying.copy(options.folder))
    except OSError as error:
        raise NotebookError(error.strerror or str(error)) from error
    return 0


def _lab(options):
    """Start JupyterLab on the copy; what the learner changed there stays."""
    options.folder = options.folder or Path("optlearn-course")
    _copy(options)
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    command = [sys.executable, "-m", "jupyterlab", *(["--allow-root"] if as_root else [])]
    command += [f"--preferred-dir={options.folder.resolve() / 'lessons'}"]
    return subprocess.run(command, cwd=options.folder).returncode


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
    paths = [
        path
        for named in options.paths
        for path in (sorted(named.glob("*.ipynb")) if named.is_dir() else [named])
    ]
    missing = [str(path) for path in paths if not path.is_file()]
    if missing:
        raise NotebookError(f"there is no notebook {', '.join(missing)}")
    return paths
