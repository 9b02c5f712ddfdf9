"""The docstring of every optimizer says what a reader looks for, and says it truly."""

import ast
import inspect
import re

import pytest
from constructors import constructor

from optlearn.optim import REGISTRY

CLASSES = sorted({entry.cls for entry in REGISTRY.values()}, key=lambda cls: cls.__name__)


def sections(text):
    """Return the sections of a NumPy docstring by title; what comes first has no title."""
    parts = re.split(r"^(\w+)\n-+$", inspect.cleandoc(text), flags=re.M)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2]))}


def entries(section):
    """Yield ``(names, type and default, description)`` of a section Parameters."""
    for entry in re.split(r"\n(?=\S)", section.strip()):
        head, _, text = entry.partition("\n")
        names, _, kind = head.partition(" : ")
        yield names.split(", "), kind, text.strip()


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_there_is_an_equation_the_state_and_a_source(cls):
    found = sections(cls.__doc__)
    assert ".. math::" in found[""]
    assert "State:" in found["Notes"]
    assert re.search(r"\b(1[89]|20)\d\d\b", found["References"])
    assert "ValueError" in cls.__doc__


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_argument_is_explained_with_its_default(cls):
    explained, actual = {}, constructor(cls)
    for names, kind, text in entries(sections(cls.__doc__)["Parameters"]):
        for name in names:
            explained[name] = kind
        if names not in (["params"], ["nesterov"]):  # what they are says it all
            assert text, names
    assert set(explained) == {"params", *actual}
    for name, kind in explained.items():
        stated = re.search(r"default (.+)$", kind)
        assert bool(stated) == (name != "params" and bool(kind)), name
        if stated:
            assert ast.literal_eval(stated.group(1)) == actual[name], name


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_the_state_is_named(cls):
    made = [name for name in REGISTRY if REGISTRY[name].cls is cls]
    notes = sections(cls.__doc__)["Notes"]
    if cls.__name__ != "AdamW":  # "as Adam's"
        for name in made:
            for state in REGISTRY[name].state:
                assert f"``{state}``" in notes


def test_a_wrong_default_is_found():
    names, kind, text = next(iter(entries("lr : float, default 0.5\n    The rate.")))
    assert (names, kind, text) == (["lr"], "float, default 0.5", "The rate.")
    assert sections("One.\n\nNotes\n-----\nTwo.")["Notes"].strip() == "Two."
