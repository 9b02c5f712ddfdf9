"""The site in a browser: its front page, and a lesson whose Python runs in Chromium itself."""

import contextlib
import functools
import http.server
import json
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import fetch_pyodide
import pytest
from test_explorers import pixels, wait_for_pixels

from optlearn.course import site
from optlearn.course.site import distribution

LESSON = "lessons/02_gradient_descent.ipynb"
PYODIDE = Path(os.environ.get("OPTLEARN_PYODIDE", fetch_pyodide.FOLDER))


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def handle(self):
        with contextlib.suppress(ConnectionError):  # the page was closed before all had come
            super().handle()


@dataclass
class Site:
    """A built site behind a web server; it opens notebooks as JupyterLab's server does."""

    address: str

    def url(self, path=""):
        return f"{self.address}lab/index.html?path={quote(path)}&reset"


@contextlib.contextmanager
def served(folder):
    """Yield the site in a folder behind a web server that knows nothing but files."""
    handler = functools.partial(Quiet, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Site(f"http://127.0.0.1:{server.server_port}/")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def let_tests_in(folder):
    """Give the page's scripts the name by which the tests steer JupyterLab."""
    path = folder / "jupyter-lite.json"
    settings = json.loads(path.read_text("utf8"))
    settings["jupyter-config-data"]["exposeAppInBrowser"] = True
    path.write_text(json.dumps(settings), "utf8")


def run(opened, code):
    """Return the last line that the notebook's kernel prints for some code, or its error.

    Pyodide's kernel knows no user expressions, by which ``Notebook.ask`` asks.
    """
    said = opened.page.evaluate(
        """async code => {
            const panel = window.jupyterapp.shell.currentWidget;
            const future = panel.sessionContext.session.kernel.requestExecute({ code });
            let said = "";
            future.onIOPub = ({ content }) => {
                said += content.text ?? content.evalue ?? "";
            };
            await future.done;
            return said;
        }""",
        code,
    )
    return said.strip().rpartition("\n")[2]


def run_cell(opened, number):
    """Run one cell of the notebook and wait for it."""
    opened.page.evaluate(
        "async cell => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = cell;"
        " await window.jupyterapp.commands.execute('notebook:run-cell') }",
        number,
    )


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Serve the site as it is published: visitors' browsers load Pyodide from its own address."""
    folder = site.build(tmp_path_factory.mktemp("small") / "site")
    let_tests_in(folder)
    with served(folder) as running:
        yield running


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Serve the site with a Pyodide of its own."""
    if not (PYODIDE / distribution.LOCK).is_file():
        pytest.skip(f"there is no Pyodide in {PYODIDE}: python tests/fetch_pyodide.py")
    folder = site.build(tmp_path_factory.mktemp("whole") / "site", PYODIDE)
    let_tests_in(folder)
    with served(folder) as running:
        yield running


@pytest.fixture
def visit(new_page, small):
    with new_page() as opened:
        opened.lab = small
        yield opened


def test_the_front_page_asks_for_nothing_else_and_leads_to_the_lessons(visit):
    visit.page.goto(visit.lab.address)
    links = visit.page.get_by_role("heading", level=2).get_by_role("link")
    titles = links.all_inner_texts()
    assert len(titles) == len(set(titles)) == 15
    assert visit.outside == visit.errors == []
    links.nth(2).click()
    visit.page.locator(".jp-NotebookPanel:visible .jp-Cell").first.wait_for(timeout=60_000)
    assert visit.page.evaluate("window.jupyterapp.shell.currentWidget.context.path") == LESSON


def test_a_lesson_shows_its_stored_pictures_and_only_pyodide_comes_from_elsewhere(visit):
    visit.page.goto(visit.lab.url(LESSON))
    visit.page.get_by_role("heading", name="02 · Gradient descent").first.wait_for(timeout=60_000)
    picture = visit.page.locator(".jp-OutputArea-output img").first
    picture.wait_for(timeout=60_000)
    assert picture.bounding_box()["width"] > 100
    visit.page.wait_for_timeout(2000)  # the kernel starts by itself
    assert set(visit.outside) <= {distribution.PYODIDE_URL}


@pytest.mark.pyodide
def test_lesson_02_runs_without_a_server_and_without_the_network(new_page, whole):
    with new_page(height=1400) as opened:
        opened.lab = whole
        opened.open(LESSON, seconds=240).run_all(seconds=400)
        failed = opened.page.locator("[data-mime-type='application/vnd.jupyter.error']")
        assert failed.all_inner_texts() == []
        the_explorer_moves(opened)
        what_needs_processes_runs_in_turn_or_says_so(opened)
        assert opened.errors == []
        # From here on the console complains: JupyterLite asks whether a new file is there yet.
        an_answer_is_checked_and_kept(opened)
        assert opened.outside == []


def the_explorer_moves(opened):
    """Move the learning rate by a key: the picture changes at once, and Python hears of it."""
    root = opened.explorer()
    rate = root.locator("input[type=range]:visible").first
    before, value = pixels(root), rate.input_value()
    rate.focus()
    rate.press("ArrowDown")
    assert rate.input_value() != value
    wait_for_pixels(opened, root, before, "the first slider")


def an_answer_is_checked_and_kept(opened):
    for sign, matched in (("+", "sgd_climbs"), ("-", "None")):
        rule = f"check('02.step', lambda w, g, lr: w {sign} lr * g)"
        assert run(opened, f"from optlearn.course import check; print({rule}.matched)") == matched
    opened.page.goto(opened.lab.url())  # as on another day: a new page, and no kernel yet
    opened.page.wait_for_function("window.jupyterapp !== undefined", timeout=60_000)
    record = opened.page.evaluate(
        "async () => (await window.jupyterapp.serviceManager.contents"
        ".get('record/progress.jsonl', { content: true })).content"
    )
    assert "sgd_climbs" in record


def what_needs_processes_runs_in_turn_or_says_so(opened):
    sweep = "sweep(lambda config: config['x'] ** 2, [{'x': 3.0}, {'x': 2.0}], n_jobs=-1)"
    rows = run(opened, f"from optlearn.tuning import sweep; print({sweep}.table())")
    assert "9" in rows
    refused = run(opened, "from optlearn import cli; print(cli.main(['classroom', 'doctor']))")
    assert refused.endswith("2")
