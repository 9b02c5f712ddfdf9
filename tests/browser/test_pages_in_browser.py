"""Each lesson and each exercise as a page of HTML, judged by axe."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = [*sorted(ROOT.glob("lessons/*.ipynb")), *sorted(ROOT.glob("exercises/*/*.ipynb"))]


@pytest.fixture(scope="module")
def sheet(browser):
    """Return a browser page that reaches nothing but files."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.route("**/*", lambda route: route.abort())
    context.route("file://**", lambda route: route.continue_())
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_axe_finds_nothing_serious(sheet, tmp_path, path):
    from axe_playwright_python.sync_playwright import Axe

    from optlearn.course import pages

    (made,) = pages.write([path], tmp_path)
    sheet.goto(made.as_uri())
    found = Axe().run(sheet, options={"resultTypes": ["violations"]}).response
    assert len(found["testEngine"]["version"]) >= 5
    serious = [
        (v["id"], [n["html"][:160] for n in v["nodes"][:3]])
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
    ]
    assert serious == []
