"""Hints that fold open step by step, and the answer for those who have tried."""

import json
from pathlib import Path

from ... import progress
from .engine import find

STEPS = ("The idea", "The equation", "Almost the code")


class Note:
    """Text for a notebook (Markdown) and for a terminal (plain)."""

    def __init__(self, plain, markdown):
        self.plain, self.markdown = plain, markdown

    def __repr__(self):
        return self.plain

    def _repr_markdown_(self):
        return self.markdown


def hint(question):
    """Return three hints: the idea, the equation, almost the code. Open one at a time."""
    hints = list(zip(STEPS, find(question).hints))
    progress.record("hint", question)
    plain = "\n".join(f"{i}. {step}: {text}" for i, (step, text) in enumerate(hints, 1))
    folded = (
        f"<details><summary>{i}. {step}</summary>\n\n{text}\n\n</details>"
        for i, (step, text) in enumerate(hints, 1)
    )
    return Note(plain, "\n\n".join(folded))


def reveal(question, *, tried=False):
    """Return the answer from the solutions notebook, for those who have tried.

    The notebook ``solutions/NN_topic/exercise.ipynb`` is searched from the working directory
    upwards.
    """
    name = find(question).name
    if not tried:
        return _plain(
            f"Have you tried, run the check and opened hint({name!r})? Then ask again with "
            f"reveal({name!r}, tried=True)."
        )
    progress.record("reveal", name)
    notebook = _solutions(name.split(".")[0])
    if notebook is None:
        return _plain("There is no folder `solutions` above this one: ask your teacher.")
    wanted = name.replace(".", "-")
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == wanted:
            lines = "".join(cell["source"]).split("\n")
            code = "\n".join(line for line in lines if "### " not in line)
            return Note(code, f"```python\n{code}\n```")
    return _plain(f"{notebook} holds no answer to {name}.")


def _plain(text):
    return Note(text, text)


def _solutions(number):
    here = Path.cwd()
    folders = [folder / "solutions" for folder in (here, *here.parents)]
    return next((n for f in folders for n in f.glob(f"{number}_*/exercise.ipynb")), None)
