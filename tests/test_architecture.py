"""The shape of the repository: imports point one way, files stay small, nothing names a machine."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "optlearn"
FACE = PACKAGE / "__init__.py"
FILES = sorted(PACKAGE.rglob("*.py"))

#: From the ground up; a module may import from floors below its own, and never a neighbour.
FLOORS = (
    {"backend"},
    {"rules", "parameters"},
    {"wrong_rules", "schedules", "landscapes", "datasets", "nn", "optim"},
    {"training"},
    {"curvature", "tuning", "estimators"},
    {"plots"},
    {"experiments"},
    {"progress", "questions"},
    {"explore"},
    {"course"},
    {"cli"},
    {"__main__"},
)
HEIGHT = {name: height for height, names in enumerate(FLOORS) for name in names}

#: Who may know a package; what is named nowhere, nobody may.
KNOWN_BY = {
    "PIL": {"explore"},  # comes with matplotlib
    "anywidget": {"explore"},
    "cupy": {"backend"},
    "distributed": {"tuning"},  # only where the user's engine is Dask
    "hatchling": {"course"},
    "ipywidgets": {"explore"},
    "joblib": {"tuning"},
    "jupyter_client": {"course"},
    "jupyter_core": {"course"},
    "matplotlib": {"plots"},
    "nbclient": {"course"},
    "nbconvert": {"course"},
    "nbformat": {"course"},
    "nbgrader": {"course"},
    "nbval": {"course"},
    "numba": {"backend"},
    "numpy": set(HEIGHT) - {"cli", "__main__"},
    "pytest": {"course"},
    "sklearn": {"datasets", "tuning", "estimators"},
    "threadpoolctl": {"tuning"},  # comes with scikit-learn
    "tqdm": {"training"},
    "traitlets": {"explore", "course"},
}


def name(path):
    """Return the name of a file within the library."""
    return path.relative_to(PACKAGE).as_posix()


def part(path):
    """Return the part of the library that a file belongs to: ``optim/sgd.py`` to ``optim``."""
    return Path(path).relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(tree, path):
    """Yield the absolute dotted names that a file imports, with their lines."""
    package = ("optlearn", *Path(path).relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"


def wrong_imports(source, path):
    """Return what a file imports against the rules, one sentence each."""
    here = part(path)
    if here not in HEIGHT:
        return [f"{here} has no floor: add it to FLOORS"]
    found = []
    for line, name in imported(ast.parse(source), path):
        top, *rest = name.split(".")
        target = rest[0] if rest else ""
        if top == "optlearn":
            # ``optlearn.__version__`` is no module.
            if target in HEIGHT and target != here and HEIGHT[target] >= HEIGHT[here]:
                found.append(f"line {line}: {here} imports {target}, which does not lie below it")
            elif target not in HEIGHT and target != "__version__":
                found.append(f"line {line}: {here} imports {name}, which has no floor")
        elif top not in sys.stdlib_module_names and here not in KNOWN_BY.get(top, ()):
            found.append(f"line {line}: {here} may not know {top}")
    return found


# The face of the library names all its parts.
@pytest.mark.parametrize("path", [file for file in FILES if file != FACE], ids=name)
def test_imports_point_one_way(path):
    assert wrong_imports(path.read_text("utf8"), path) == []


@pytest.mark.parametrize(
    ("file", "source", "says"),
    [
        ("rules.py", "from .optim import SGD", "rules imports optim"),
        ("rules.py", "def f():\n    from . import parameters", "rules imports parameters"),
        ("optim/sgd.py", "from ..nn import Linear", "optim imports nn"),
        ("optim/sgd.py", "import optlearn.training", "optim imports training"),
        ("nn/linear.py", "from optlearn import optim", "nn imports optim"),
        ("landscapes/base.py", "import matplotlib.pyplot as plt", "may not know matplotlib"),
        ("training.py", "def f():\n    import cupy", "may not know cupy"),
        ("backend.py", "import torch", "may not know torch"),
        ("strange.py", "", "strange has no floor"),
        ("training.py", "from . import strange", "imports optlearn.strange, which has no floor"),
        ("optim/sgd.py", "from .base import Optimizer\nfrom ..parameters import Parameter", None),
        ("cli.py", "import argparse\nfrom . import __version__\nfrom .course import x", None),
    ],
)
def test_a_planted_import_is_caught(file, source, says):
    found = wrong_imports(source, PACKAGE / file)
    assert [says in line for line in found] == [True] * (says is not None), found


def test_importing_optlearn_loads_nothing_heavy():
    heavy = {
        "IPython", "anywidget", "cupy", "ipywidgets", "joblib", "matplotlib", "nbclient",
        "nbformat", "nbgrader", "numba", "pytest", "scipy", "sklearn", "tqdm", "traitlets",
    }  # fmt: skip
    script = f"import sys, optlearn, optlearn.cli\nprint(*({heavy!r} & set(sys.modules)))"
    command = [sys.executable, "-c", script]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.split() == []


def lines_of(path):
    return len(path.read_text("utf8").splitlines())


def limit(path):
    """Return how many lines a file may have; an algorithm is read in one sitting."""
    bookkeeping = {"__init__.py", "base.py", "checks.py", "kernels.py", "multi.py", "registry.py"}
    return 100 if part(path) == "optim" and path.name not in bookkeeping else 300


@pytest.mark.parametrize("path", FILES, ids=name)
def test_files_and_functions_stay_small(path):
    assert lines_of(path) <= limit(path)
    assert long_functions(path.read_text("utf8")) == []


def long_functions(source, most=40):
    """Return the functions with more lines of their own than allowed.

    Docstrings, and functions inside a function, are not its own.
    """
    found = []
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, functions):
            continue
        own = set(range(node.lineno, node.end_lineno + 1))
        others = [inner for inner in ast.walk(node) if isinstance(inner, functions)]
        others.remove(node)
        if ast.get_docstring(node, clean=False) is not None:
            others.append(node.body[0])
        for other in others:
            own -= set(range(other.lineno, other.end_lineno + 1))
        lines = len(own)
        if lines > most:
            found.append(f"{node.name} has {lines} lines, more than {most}")
    return found


def test_a_planted_long_function_is_caught():
    body = "    x = 1\n" * 40
    assert long_functions("def f():\n" + body) == ["f has 41 lines, more than 40"]
    inner = "    def g():\n" + "        y = 1\n" * 30
    assert long_functions("def f():\n" + body[:-10] + inner) == []
    assert long_functions('def f():\n    """Say.\n\n    More.\n    """\n' + body[:-10]) == []


#: The command, and the checks of exercises: nbgrader takes the value of their cell for points.
SPEAKING = {
    "cli.py",
    "course/checks/engine.py",
    "course/checks/report.py",
    "course/classroom/command.py",
    "course/command.py",
}


def forbidden(source, *, may_print=False):
    """Return calls that no library should make: global seeds, prints, downloads."""
    found = []
    for node in ast.walk(ast.parse(source)):
        name = ast.unparse(node) if isinstance(node, ast.Attribute | ast.Name) else ""
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print" and not may_print:
            found.append(f"line {node.lineno}: prints")
        elif re.fullmatch(r"(np|numpy)\.random\.(seed|set_state)|random\.seed", name):
            found.append(f"line {node.lineno}: sets the global seed")
        names = [alias.name for alias in getattr(node, "names", []) if isinstance(alias, ast.alias)]
        if any(n.rpartition(".")[2].startswith("fetch_") for n in [name, *names]):
            found.append(f"line {node.lineno}: downloads data")
    return found


@pytest.mark.parametrize("path", FILES, ids=name)
def test_the_library_is_quiet_and_sets_no_seed(path):
    assert forbidden(path.read_text("utf8"), may_print=name(path) in SPEAKING) == []


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("np.random.seed(0)", "global seed"),
        ("import random\nrandom.seed(1)", "global seed"),
        ("def f():\n    print(1)", "prints"),
        ("from sklearn.datasets import fetch_openml", "downloads"),
        ("sklearn.datasets.fetch_openml('x')", "downloads"),
        ("rng = np.random.default_rng(0)\nprinted = fingerprint(rng)", None),
    ],
)
def test_a_planted_call_is_caught(source, says):
    assert [says in line for line in forbidden(source)] == [True] * (says is not None)


#: A folder that only one machine has, and the hosts that packages come from.
MACHINE = re.compile(
    r"(?<![\w.:/~\-])/(?:home|Users|root|work)/\w"
    r"|\b[A-Z]:\\Users"
    r"|\bfiles\.pythonhosted\.org|\bpypi\.org/simple|\bregistry\.npmjs\.org|\bproxy\.golang\.org"
)
#: Tests and rules that must spell such a name to refuse it.
SPELLED = {"tests/test_architecture.py", "tests/test_notebooks.py"}


def stored():
    """Return the files of the repository as git knows them."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"the files of the repository are what git lists: {error}")
    names = set(answer.stdout.splitlines()) - SPELLED
    return [ROOT / name for name in sorted(names) if (ROOT / name).is_file()]


def test_no_file_names_one_machine():
    named = {}
    for path in stored():
        try:
            found = MACHINE.search(path.read_text("utf8"))
        except UnicodeDecodeError:
            continue
        if found:
            named[str(path.relative_to(ROOT))] = found.group()
    assert named == {}


@pytest.mark.parametrize("planted", ["cd /home/ada/x", '"/work/trees"', "https://pypi.org/simple"])
def test_a_planted_name_is_caught(planted):
    assert MACHINE.search(planted)
    assert not MACHINE.search("https://example.org/home/ada ../work/x lessons/tmp/x")


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff_has_nothing_to_say(command):
    pytest.importorskip("ruff", reason="ruff is not installed: uv sync --group ci")
    command = [sys.executable, "-m", "ruff", *command, "--no-cache", "."]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_no_two_test_files_share_a_name():
    """Pytest imports them by name alone, and then nothing is run at all."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
