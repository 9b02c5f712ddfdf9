"""The reference in Chromium: no request leaves this machine, and formulas have their shape."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    """Return a page of the browser, with the folder, the requests and the complaints."""
    folder = tmp_path_factory.mktemp("api")
    subprocess.run([sys.executable, "docs/make_api.py", str(folder)], cwd=ROOT, check=True)
    tab = browser.new_page(viewport={"width": 1300, "height": 1000})
    tab.folder, tab.asked, tab.errors = folder, [], []
    tab.on("request", lambda request: tab.asked.append(request.url))
    tab.on("pageerror", lambda error: tab.errors.append(str(error)))
    yield tab
    tab.close()


def test_pages_are_read_with_no_network(page):
    for path in sorted(page.folder.rglob("*.html")):
        page.goto(path.as_uri())
        if path.name == "index.html":  # it leads on by itself, and would break off the next one
            page.wait_for_url("**/optlearn.html")
    assert len(page.asked) > 15
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []
    assert page.errors == []


def test_equations_stand_below_each_other_at_their_signs(page):
    page.goto(f"{(page.folder / 'optlearn/optim.html').as_uri()}#Adam")
    rows = page.locator("section#Adam math[display=block]").first.locator("mtr")
    boxes = rows.evaluate_all(
        "rows => rows.map(row => { const { x, y } = row.children[1].getBoundingClientRect();"
        " return [Math.round(x), y] })"
    )
    assert len(boxes) == 3
    assert len({x for x, _ in boxes}) == 1
    assert boxes[0][1] + 10 < boxes[1][1] < boxes[2][1] - 10
    assert page.evaluate("document.documentElement.scrollWidth") <= 1300


def test_a_search_finds_an_optimizer(page):
    page.goto((page.folder / "optlearn.html").as_uri())
    page.get_by_placeholder("Search").fill("Nesterov")
    page.locator("main.pdoc a[href*='optim.html']").first.wait_for()
