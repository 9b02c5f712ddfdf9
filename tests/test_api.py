"""The reference from the docstrings: every public name, every formula, nothing from outside."""

import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import optlearn

ROOT = Path(__file__).parents[1]
MODULES = [
    f"optlearn.{name}" for name in optlearn.__all__ if inspect.ismodule(getattr(optlearn, name))
]


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """Return the folder of the reference, made as CONTRIBUTING.md says."""
    for package in ("pdoc", "latex2mathml"):
        pytest.importorskip(package, reason=f"{package} is not installed: uv sync --group docs")
    folder = tmp_path_factory.mktemp("api")
    command = [sys.executable, "docs/make_api.py", str(folder)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert "Warning" not in answer.stderr, answer.stderr
    return folder


def public(module):
    """Return the names that a module offers; modules among them have a page of their own."""
    if hasattr(module, "__all__"):
        found = {name: getattr(module, name) for name in module.__all__}
    else:
        found = {
            name: value
            for name, value in vars(module).items()
            if not name.startswith("_") and getattr(value, "__module__", "") == module.__name__
        }
    return [name for name, value in found.items() if not inspect.ismodule(value)]


@pytest.mark.parametrize("name", ["optlearn", *MODULES])
def test_every_public_name_is_there(reference, name):
    page = (reference / f"{name.replace('.', '/')}.html").read_text("utf8")
    names = public(importlib.import_module(name))
    assert names
    missing = [one for one in names if f'id="{one}"' not in page]
    assert missing == []


def test_every_formula_became_mathml(reference):
    pages = [path.read_text("utf8") for path in reference.rglob("*.html")]
    text = "".join(pages)
    assert text.count("<math") > 200
    assert text.count("<mtable") > 20
    for left in ("endformula", ":math:", ".. math::", "<mi>&</mi>"):
        assert left not in text
    assert not re.search(r"<m(?:i|o|text)>[^<]*\\", text), "a command that nobody knows"


def test_nothing_is_loaded_from_outside(reference):
    for path in reference.rglob("*.html"):
        loaded = re.findall(r"<(?:script|link|img|iframe)\b[^>]*?(?:src|href)=\"(\S+?)\"",
                            path.read_text("utf8"))  # fmt: skip
        assert [place for place in loaded if "//" in place and not place.startswith("data:")] == []
