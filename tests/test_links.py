"""Links of pages and notebooks lead somewhere, to the heading they name, with no network asked.

What lies on another host is not fetched: only its form is looked at.
"""

import json
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("lessons", "exercises", "solutions")
FILES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *(path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.ipynb"))),
]
FILES = [path for path in FILES if ".ipynb_checkpoints" not in path.parts]
CODE = re.compile(
    r"^(```|~~~).*?^\1|(`+)(?!`).+?(?<!`)\2(?!`)|\$\$.+?\$\$|\$[^$\n]+\$", re.M | re.S
)
LINK = re.compile(
    r"\]\(\s*<?([^\s()<>]+(?:\([^\s()]*\)[^\s()]*)*)>?(?:\s+\"[^\"]*\")?\s*\)"  # [text](here)
    r"|^\[[^\]]+\]:\s*(\S+)"  # [name]: here
    r"|(?:href|src|srcset)=\"([^\"]+)\"",
    re.M,
)
USE = re.compile(r"\]\[([^\]]+)\]")


def text_of(path):
    """Return the Markdown of a page or a notebook."""
    text = path.read_text("utf8")
    if path.suffix != ".ipynb":
        return text
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown"]
    return "\n\n".join("".join(cell["source"]) for cell in cells)


def links(text):
    """Return the addresses that a text leads to; code and formulas have none."""
    return [next(filter(None, found)) for found in LINK.findall(CODE.sub("", text))]


@cache
def anchors(path):
    """Return the names of the headings, as GitHub makes them for a page, JupyterLab for others."""
    found = []
    for title in re.findall(r"^#{1,6}\s+(.+?)\s*#*$", CODE_BLOCK.sub("", text_of(path)), re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)|[`*_]", r"\1", title)
        slug = plain.replace(" ", "-")
        if path.suffix != ".ipynb":
            slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        found.append(slug + (f"-{found.count(slug)}" if slug in found else ""))
    return found


CODE_BLOCK = re.compile(r"^```.*?^```", re.M | re.S)


def wrong(link, path):
    """Return what is wrong with a link that stands in a file; nothing where it is right."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        whole = parts.scheme == "https" and re.fullmatch(r"([\w-]+\.)+[a-z]{2,}", parts.netloc)
        return "" if whole or parts.scheme in ("mailto", "data") else "is no https address"
    if parts.path.startswith("/"):
        return "begins at the root of a disk"
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.exists():
        return "leads nowhere"
    if not target.is_relative_to(ROOT):
        return "leads out of the repository"
    if parts.fragment and unquote(parts.fragment) not in anchors(target):
        return f"names a heading that is not there, of {', '.join(anchors(target))}"
    return ""


def name(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_link_leads_somewhere(path):
    text = text_of(path)
    found = {link: why for link in links(text) if (why := wrong(link, path))}
    defined = {known.lower() for known in re.findall(r"^\[([^\]]+)\]:", text, re.M)}
    missing = {use for use in USE.findall(CODE.sub("", text)) if use.lower() not in defined}
    assert (found, missing) == ({}, set())


def test_every_page_can_be_reached_from_the_readme():
    seen, todo = set(), [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        seen.add(page)
        targets = [page.parent / urlsplit(link).path for link in links(text_of(page))]
        todo += {t.resolve() for t in targets if t.suffix == ".md" and t.is_file()} - seen
    pages = {path for path in FILES if path.suffix == ".md"}
    assert {name(page) for page in pages - seen} == set()


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("docs/absent.md", "leads nowhere"),
        ("#no-such-heading", "names a heading"),
        ("docs/limits.md#the-gpu", ""),
        ("docs/limits.md#the-cpu", "names a heading"),
        ("#the-lessons", ""),
        ("../elsewhere", "leads nowhere"),
        ("/etc", "begins at the root"),
        ("http://example.org", "is no https"),
        ("https://example", "is no https"),
        ("https://example.org/a_(b)", ""),
    ],
)
def test_a_planted_link_is_judged(link, why):
    said = wrong(link, ROOT / "README.md")
    assert (said == "") == (why == "")
    assert said.startswith(why)


def test_links_are_found_in_every_form_and_not_in_code():
    text = (
        '[a](one) ![b](<two> "title") <img src="three">\n\n[four]: 4\n`[no](code)`\n'
        "$x_{[1](2)}$ [e](https://example.org/a_(b))\n```\n[no](block)\n```\n"
    )
    assert links(text) == ["one", "two", "three", "4", "https://example.org/a_(b)"]
