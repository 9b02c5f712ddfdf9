"""What every explorer of the gallery promises without a browser."""

import functools
import re
from pathlib import Path

import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed: uv sync")
mini_racer = pytest.importorskip("py_mini_racer", reason="mini-racer is not installed: uv sync")

import gallery  # noqa: E402

from optlearn import explore  # noqa: E402

EXPORT = "export default { render };"
built = functools.cache(gallery.build)  # no test here changes an explorer


@pytest.mark.parametrize("name", gallery.LINES)
def test_the_text_twin_is_short_and_the_same_every_time(name):
    first, second = built(name), gallery.build(name)
    assert repr(first) == repr(second) == first.text()
    rows = repr(first).splitlines()
    assert 1 <= len(rows) <= 12
    assert len(rows[0]) >= 30, "the finding comes first"
    assert "0x" not in repr(first)


@pytest.mark.parametrize("name", gallery.LINES)
def test_printed_numbers_are_short_and_none_is_rounding(name):
    for printed in re.findall(r"(?<![\w.])-?\d+\.\d+(?:e[+-]?\d+)?", repr(built(name))):
        assert abs(float(printed)) >= 1e-12
        digits = re.sub(r"^0+|\D", "", printed.split("e")[0].lstrip("-0."))
        assert len(digits) <= 4, printed  # 97.25 % and 1.357 are wanted


@pytest.mark.parametrize("name", gallery.LINES)
def test_a_saved_notebook_keeps_a_picture_and_the_text(name):
    explorer = built(name)
    data, metadata = explorer._repr_mimebundle_()
    picture = "text/markdown" if name in gallery.FORMS else "image/png"
    assert set(data) == {"text/plain", picture, "application/vnd.jupyter.widget-view+json"}
    assert data["text/plain"] == repr(explorer)
    assert len(data[picture]) <= 100_000
    if picture == "image/png":
        assert metadata["image/png"]["alt"] == repr(explorer)


@pytest.mark.parametrize("name", gallery.LINES)
def test_the_module_is_one_script_that_parses(name):
    source = built(name)._esm
    assert source.count("export ") == 1
    assert source.rstrip().endswith(EXPORT)
    assert not re.search(r"https?://(?!www\.w3\.org)", source), "nothing comes from outside"
    engine = mini_racer.MiniRacer()
    engine.eval("'use strict';\n" + source.replace(EXPORT, ""))
    assert engine.eval("typeof render") == "function"
    # A browser refuses a module that declares a name twice; so does a strict block, no script does.
    engine.eval("(() => { 'use strict'; {\n" + source.replace(EXPORT, "") + "\n} })")


def test_every_explorer_is_in_the_gallery():
    shown = {re.match(r"explore\.(\w+)\(", line).group(1) for line in gallery.LINES.values()}
    assert shown == set(explore.__all__)


JS = Path(explore.__file__).parent / "js"
KEPT = re.compile(r"this\.(\w+) (?:\?\?)?= ")
VIEWS = [path.name for path in sorted(JS.glob("*.js")) if "extends View" in path.read_text("utf8")]


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_overwrites_nothing_that_the_base_keeps(name):
    """Not its list of clean-up functions, for one: then it neither speaks nor cleans up."""
    base = set(KEPT.findall((JS / "view.js").read_text("utf8")))
    assert {"ends", "root"} <= base
    assert base & set(KEPT.findall((JS / name).read_text("utf8"))) == set()
