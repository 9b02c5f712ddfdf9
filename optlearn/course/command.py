"""What a contributor types: ``optlearn course ...``; and what all commands share."""

import os
from pathlib import Path

from .stored import NotebookError

LESSON = "lessons/02_gradient_descent.ipynb"


def add(actions):
    """Add the commands to a parser of ``argparse``."""
    refresh = action(
        actions, _refresh, "refresh", "execute lessons and store them in their normal form",
        "A lesson that fails stays as it was.", LESSON,
    )  # fmt: skip
    notebook_arguments(refresh, "default: all lessons")
    _only_check(refresh)
    hygiene = action(
        actions, _hygiene, "hygiene", "say what may not lie in a stored lesson",
        "Nothing is executed.", LESSON,
    )  # fmt: skip
    notebook_arguments(hygiene, "default: all lessons")
    pages = action(
        actions, _pages, "pages", "write notebooks as pages of HTML, with words for every picture",
        "Nothing is executed. Only formulas need a network.", f"{LESSON} --to pages",
    )  # fmt: skip
    notebook_arguments(pages, "default: all lessons")
    pages.add_argument(
        "--to", type=Path, default=Path("pages"), metavar="DIR", help="default: pages"
    )
    build = action(
        actions, _build, "build-exercises", "generate exercises/ from solutions/",
        "Answers and hidden tests are taken out. It needs the extra classroom.", "--check",
    )  # fmt: skip
    _only_check(build)
    compute = action(
        actions, _experiments, "experiments", "compute the named experiments anew, or list all",
        "The list says which stored results are older than their code.", "batch.cost",
    )  # fmt: skip
    compute.add_argument("names", nargs="*", metavar="NAME", help="such as batch.cost")
    site = action(
        actions, _site, "site", "build the course as a web site with nothing to install",
        "Python runs in the visitor's browser. It needs the extra site.", "_site",
    )  # fmt: skip
    site.add_argument(
        "folder", nargs="?", type=Path, default=Path("_site"), metavar="DIR", help="default: _site"
    )
    site.add_argument("--pyodide", type=Path, metavar="DIR", help="hand out this Pyodide as well")


def action(actions, run, name, text, more, example=""):
    """Add a command; its help ends with an example that a test parses."""
    parser = actions.add_parser(name, help=text, description=f"{sentence(text)} {more}")
    parser.epilog = f"example: {parser.prog} {example}".rstrip()
    parser.set_defaults(run=run)
    return parser


def sentence(text):
    """Return a text with a capital and a full stop."""
    return f"{text[0].upper()}{text[1:]}."


def notebook_arguments(parser, text, nargs="*"):
    """Let a command take notebooks; :func:`notebook_paths` returns them."""
    parser.add_argument("paths", nargs=nargs, type=Path, metavar="PATH", help=text)


def _only_check(parser):
    parser.add_argument(
        "--check", action="store_true", help="change nothing; 1 if one would change"
    )


def _refresh(options):
    from . import notebooks

    verb = "would change" if options.check else "changed"
    found = 0
    for path in notebook_paths(options):
        changed = notebooks.refresh([path], check=options.check)
        print(f"{path}: {verb if changed else 'unchanged'}", flush=True)
        found += len(changed)
    return int(options.check and found > 0)


def _hygiene(options):
    from . import notebooks

    lines = [
        f"{path}: {line}" for path in notebook_paths(options) for line in notebooks.problems(path)
    ]
    print("\n".join(lines) or "no problems")
    return int(bool(lines))


def _pages(options):
    from . import pages

    print(*pages.write(notebook_paths(options), options.to), sep="\n")
    return 0


def _build(options):
    from . import exercises, notebooks

    try:
        changed = exercises.build(notebooks.checkout(), check=options.check)
    except exercises.SourceError as error:
        raise NotebookError("; ".join(str(error).splitlines())) from error
    verb = "would change" if options.check else "changed"
    print("\n".join(f"{name}: {verb}" for name in changed) or "unchanged")
    return int(options.check and bool(changed))


def _experiments(options):
    from ..experiments import stored

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


def _site(options):
    from . import site

    print(f"built {site.build(options.folder, options.pyodide)}")
    return 0


def notebook_paths(options):
    """Return the notebooks that were named, or all lessons; a folder means those in it."""
    from . import notebooks

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
