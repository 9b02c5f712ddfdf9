"""What may not lie in a stored lesson: each rule is a generator of sentences."""

import ast
import io
import json
import re
import tokenize
from pathlib import Path

from .stored import KERNELSPEC, LIVE, NOISE, NotebookError, normal, read

LIMIT = 500_000
LONGEST_DEF = 10

ABSOLUTE = re.compile(
    r"(?<![\w.:/~])/(?:home|Users|root|work|tmp|mnt|private|var/folders)/\w|\b[A-Z]:\\\w"
)
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,16}\b")
INSTALL = re.compile(r"\b(?:pip3?|conda|mamba|uv|piplite)\b.*\b(?:install|add|sync)\b")
INTERACT = re.compile(r"\binteract(?:ive|ive_output|_manual)?\(")
REMOTE_IMAGE = re.compile(r"!\[[^\]]*\]\(\s*<?https?:|<img\b[^>]*\bsrc\s*=\s*[\"']?https?:", re.I)
MAGIC = re.compile(r"^(\s*)[%!?].*$", re.M)


def problems(path):
    """Return what is wrong with a stored notebook, one sentence a problem; none is an empty list.

    Nothing is executed here: whether the outputs are those of the code is what nbval finds.
    """
    path = Path(path)
    notebook = read(path)
    found = [*_file(path), *_metadata(notebook), *_identities(notebook)]
    count = 0
    for position, cell in enumerate(notebook.cells):
        rules = _markdown(cell) if cell.cell_type == "markdown" else ()
        if cell.cell_type == "code":
            count += bool(cell.source.strip())
            rules = (*_run(cell, count), *_code(cell), *_outputs(cell))
        place = f"cell {position} ({cell.get('id', 'no id')})"
        found += [f"{place} {problem}" for problem in (*_noise(cell), *rules)]
    return found or [*_form(path, notebook)]


def _file(path):
    size = path.stat().st_size
    if size > LIMIT:
        yield f"the file has {size / 1000:.0f} kB, over {LIMIT / 1000:.0f}: store smaller pictures"


def _form(path, notebook):
    try:
        text = normal(notebook)
    except NotebookError as error:
        yield str(error)
    else:
        if path.read_bytes() != text.encode():
            yield "the file is not in its normal form: optlearn course refresh writes it"


def _metadata(notebook):
    found = notebook.metadata
    if "widgets" in found:
        yield "the state of widgets is stored (metadata.widgets): it grows and differs each time"
    if found.get("kernelspec") != KERNELSPEC:
        yield f"the kernelspec is {found.get('kernelspec')}, not python3"
    if found.get("language_info") != {"name": "python"}:
        yield 'language_info is not just {"name": "python"}: the rest names one machine'
    for name in sorted(set(found) - {"kernelspec", "language_info", "widgets"}):
        yield f"metadata.{name} says nothing about the lesson"


def _identities(notebook):
    seen = set()
    for position, cell in enumerate(notebook.cells):
        name = cell.get("id")
        if name is None:
            yield f"cell {position} has no id"
        elif name in seen:
            yield f"cell {position} has the id {name!r} of another cell"
        seen.add(name)


def _noise(cell):
    for tag in cell.metadata.get("tags", []):
        if tag.startswith("nbval-"):
            yield f"carries the tag {tag!r}, which leaves it untested"
    for name in NOISE:
        if name in cell.metadata:
            yield f"stores {name!r}, which differs each time"


def _run(cell, count):
    if cell.source.strip() and cell.execution_count is None:
        yield "was not run"
    elif cell.source.strip() and cell.execution_count != count:
        yield f"has the execution count {cell.execution_count} instead of {count}: run from the top"


def _markdown(cell):
    if REMOTE_IMAGE.search(cell.source):
        yield "shows a picture from the network: store it in the lesson"
    if ABSOLUTE.search(cell.source):
        yield f"names a folder of one machine: {_around(ABSOLUTE, cell.source)}"


def _code(cell):
    if _last_token(cell.source) == ";":
        yield "ends with ';': assign the value to a name, or let it show"
    if INTERACT.search(cell.source):
        yield "uses interact, which nothing can check: show an explorer of optlearn.explore"
    if INSTALL.search(cell.source):
        yield "installs packages: a lesson has what it needs from pyproject.toml"
    if ABSOLUTE.search(cell.source):
        yield f"names a folder of one machine: {_around(ABSOLUTE, cell.source)}"
    try:
        tree = ast.parse(MAGIC.sub(r"\1pass", cell.source))
    except SyntaxError as error:
        if "raises-exception" not in cell.metadata.get("tags", []):
            yield f"is not Python: {error.msg}, line {error.lineno}"
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = node.end_lineno - node.lineno + 1
            if lines > LONGEST_DEF:
                yield f"defines {node.name} over {lines} lines, more than {LONGEST_DEF}"


def _last_token(source):
    """Return the last token that is neither a comment nor white space."""
    blank = tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.DEDENT, tokenize.ENDMARKER
    last = ""
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            last = last if token.type in blank else token.string
    except (tokenize.TokenError, SyntaxError):
        return source.rstrip()[-1:]
    return last


def _outputs(cell):
    may_raise = "raises-exception" in cell.metadata.get("tags", [])
    for output in cell.outputs:
        data = output.get("data", {})
        if output.output_type == "error" and not may_raise:
            yield f"stores the error {output.ename}: {output.evalue}"
        if any(LIVE.fullmatch(name) for name in data):
            yield "stores the live view of a widget, which hides its picture"
        if any(name.startswith("image/") for name in data):
            twin = data.get("text/plain", "").strip()
            if not twin or re.fullmatch(r"<[^\n]*>", twin):
                yield f"shows a picture without a text twin, see plots.picture: {twin or 'none'}"
        text = _text(output)
        for rule, says in (ADDRESS, "a memory address"), (ABSOLUTE, "a folder of one machine"):
            if rule.search(text):
                yield f"stores {says}: {_around(rule, text)}"


def _text(output):
    """Return what a reader can read of an output; pictures are left out."""
    data = {name: part for name, part in output.get("data", {}).items() if "image/" not in name}
    parts = [part if isinstance(part, str) else json.dumps(part) for part in data.values()]
    return "\n".join([*parts, output.get("text", ""), *output.get("traceback", ())])


def _around(rule, text):
    start = rule.search(text).start()
    return repr(text[max(start - 10, 0) : start + 30])
