"""What the library calls on arrays that may live on a GPU, CuPy has, with these arguments.

The names are those of ``cupy_names.txt``. The double refuses a missing one too, but only where a
test runs into it; this reads every line.
"""

import ast
import re
from pathlib import Path

import cupy_double
import numpy as np
import pytest

PACKAGE = Path(__file__).parents[1] / "optlearn"
#: They only ever see main memory.
HOST = {"optim/checks.py", "optim/registry.py", "nn/gradcheck.py", "nn/init.py", "nn/summary.py"}
FILES = [PACKAGE / "rules.py", PACKAGE / "parameters.py"] + [
    path
    for folder in ("optim", "nn")
    for path in sorted((PACKAGE / folder).glob("*.py"))
    if path.relative_to(PACKAGE).as_posix() not in HOST
]
#: Of NumPy's names that CuPy lacks, those that are asked about main memory or about kinds.
ALLOWED = {
    "np.errstate",
    "np.floating",
    "np.integer",
    "np.maximum.reduce",  # labels are looked at before they go up
    "np.minimum.reduce",
    "np.random.default_rng",
}


def missing(source):
    """Return the names and arguments in ``source`` that CuPy does not have, with their lines."""
    tree, found = ast.parse(source), []
    called = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        dotted = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
        match = re.fullmatch(r"(?:np|xp|array_module\(\w+\))\.([\w.]+)", dotted)
        if dotted in ALLOWED or not match:
            continue
        name = match[1]
        if name not in cupy_double.NAMES:
            found.append((node.lineno, name))
            continue
        arguments = cupy_double.arguments(name)
        call = called.get(id(node))
        if call is not None and arguments is not None and "**" not in arguments:
            given = {keyword.arg for keyword in call.keywords} - {None}
            found += [(node.lineno, f"{name}({extra}=)") for extra in sorted(given - {*arguments})]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_cupy_has_every_name_that_may_meet_its_arrays(path):
    assert missing(path.read_text("utf8")) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("xp.errstate(all='ignore')", [(1, "errstate")]),
        ("y = 1\nnp.insert(x, 0, y)", [(2, "insert")]),
        ("np.einsum_path('ij', x)", [(1, "einsum_path")]),
        ("np.linalg.multi_dot([x, x])", [(1, "linalg.multi_dot")]),
        ("xp.random.default_rng(0).normal()", [(1, "random.default_rng")]),
        ("np.exp(x, where=x > 0)", [(1, "exp(where=)")]),
        ("np.sum(x, initial=1, axis=0)", [(1, "sum(initial=)")]),
        ("f = array_module(x).frompyfunc", [(1, "frompyfunc")]),
        ("f = np.nanpercentile", [(1, "nanpercentile")]),
        ("np.sum(x, axis=0, out=y)\nnp.add(x, x, out=x)\nnp.linalg.norm(x, axis=1)", []),
        ("np.matmul(x, x, out=y)\nnp.pad(x, 1, constant_values=2)\nx.insert(3)", []),
    ],
)
def test_a_planted_name_is_caught(source, expected):
    assert missing(source) == expected


def test_the_names_are_cupys_and_most_are_numpys_too():
    shared = [name for name in cupy_double.NAMES if hasattr(np, name)]
    assert {"add", "matmul", "linalg.norm", "ndarray.get"} <= set(cupy_double.NAMES)
    assert len(shared) > 300
