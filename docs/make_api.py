"""Build the reference of the library from its docstrings: ``python docs/make_api.py FOLDER``.

pdoc writes the pages. It would leave the formulas to a script from the network, so each of them is
taken out before, turned into MathML, which browsers draw themselves, and put in afterwards.
"""

import argparse
import importlib
import inspect
import re
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: A formula on lines of its own, and one in a sentence.
BLOCK = re.compile(
    r"^(?P<indent> *)\.\. math::(?P<formula>.*(?:\n(?:(?P=indent) +.*|(?= *\n))?)*)", re.M
)
INLINE = re.compile(r":math:`([^`]+)`")
#: No heading over an empty list; and browsers that keep to MathML Core know no columnalign.
STYLE = """<style>
h2:has(+ ul:not(:has(li))) { display: none; }
math[display=block] { overflow-x: auto; }
mtd { text-align: left; }
mtd[columnalign=right] { text-align: right; }
mtd[columnalign=right]:nth-child(n+3) { padding-left: 1.5em; }
</style>"""
MARK = "formula{}endformula"


class Formulas:
    """The formulas of all docstrings; each leaves a mark behind, which :meth:`put` finds."""

    def __init__(self):
        self.found = []

    def take(self, text):
        """Return a docstring with marks for its formulas."""
        text = BLOCK.sub(self._block, text)
        return INLINE.sub(lambda match: self._mark(match[1], "inline"), text)

    def _block(self, match):
        formula = textwrap.dedent(match["formula"]).strip()
        if "&" in re.sub(r"\\begin.*?\\end", "", formula, flags=re.DOTALL):
            formula = rf"\begin{{align*}}{formula}\end{{align*}}"
        return f"{match['indent']}{self._mark(formula, 'block')}\n\n"

    def _mark(self, formula, display):
        self.found.append((" ".join(formula.split()), display))
        return MARK.format(len(self.found) - 1)

    def put(self, text, show):
        """Return a page with ``show(formula, display)`` for each mark."""
        return re.sub(MARK.format(r"(\d+)"), lambda m: show(*self.found[int(m[1])]), text)


def mathml(formula, display):
    """Return a formula as MathML, with its source as the text that a copy gives."""
    from latex2mathml.converter import convert

    try:
        return convert(formula, display=display)
    except Exception as error:
        raise ValueError(f"no MathML for {formula!r}: {error}") from error


def load(module):
    """Fetch what a module loads when it is first used, and do so in its public modules.

    Returns the names of files that only bear the name of the function in them.
    """
    hidden = []
    for name in getattr(module, "__all__", ()):
        found = vars(module)[name] = getattr(module, name)
        if inspect.ismodule(found):
            hidden += load(found)
        else:
            hidden.append(f"{module.__name__}.{name}")
    return hidden


def build(folder):
    """Write the reference into a folder, which is made where it is missing."""
    import pdoc

    formulas = Formulas()
    hidden = load(importlib.import_module("optlearn"))
    original = pdoc.docstrings.convert
    pdoc.docstrings.convert = lambda text, *rest: original(formulas.take(text), *rest)
    pdoc.render.configure(docformat="numpy", show_source=False)
    try:
        pdoc.pdoc("optlearn", *(f"!{name}" for name in hidden), output_directory=Path(folder))
    finally:
        pdoc.docstrings.convert = original
    for page in Path(folder).rglob("*.html"):
        text = formulas.put(page.read_text("utf8"), mathml)
        page.write_text(text.replace("</head>", f"{STYLE}</head>"), "utf8")
    for index in Path(folder).rglob("*.js"):
        index.write_text(formulas.put(index.read_text("utf8"), lambda f, _: ""), "utf8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # the library beside this folder, installed or not
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", metavar="FOLDER")
    build(parser.parse_args().folder)
