"""JupyterLab in headless Chromium, on a copy of the course, with nothing from outside.

``lab`` is the running server, shared by the session; ``page`` a fresh browser page that records
console errors and blocks (and records) every request that leaves this machine.
"""

import contextlib
import functools
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlparse

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
LOCAL = {"127.0.0.1", "localhost", "::1"}
COPIED = "lessons", "exercises"
#: For Jupyter's server. The extra ``site`` brings an extension that only JupyterLite can load;
#: any other JupyterLab complains in the console, even where the extension is disabled.
SERVER = """
def without_the_site(handler, page):
    found = page["federated_extensions"]
    page["federated_extensions"] = [e for e in found if not e["name"].startswith("@jupyterlite/")]
    return page


c.ServerApp.tornado_settings = {"page_config_hook": without_the_site}
"""


def missing():
    """Return why no browser can be driven, or an empty string."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "playwright is not installed: uv sync --group ci"
    return "" if Path(CHROMIUM).exists() else f"there is no Chromium at {CHROMIUM}"


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    reason = missing()
    for item in items:
        if here in Path(item.fspath).parents:
            item.add_marker(pytest.mark.browser)
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


def notebook(*sources):
    """Return a notebook of code cells, as a dictionary."""
    cells = [
        {
            "cell_type": "code", "id": f"cell-{i}", "metadata": {}, "execution_count": None,
            "outputs": [], "source": source,
        }
        for i, source in enumerate(sources)
    ]  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


@dataclass
class Lab:
    """A running JupyterLab.

    Attributes
    ----------
    folder : Path
        Its root, a copy of the course; tests may write notebooks into it.
    """

    folder: Path
    port: int
    token: str
    process: subprocess.Popen
    log: Path

    def url(self, path=""):
        """Return the address of a notebook in a workspace of its own."""
        space = f"lab/workspaces/test-{secrets.token_hex(4)}"
        tree = f"/tree/{quote(path)}" if path else ""
        return f"http://127.0.0.1:{self.port}/{space}{tree}?reset&token={self.token}"

    def write(self, name, *sources):
        """Store a notebook of code cells under the root and return its path there."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(notebook(*sources)), "utf8")
        return name

    def markdown(self, name, text):
        """Put a Markdown cell at the top of a notebook that :meth:`write` stored."""
        path = self.folder / name
        stored = json.loads(path.read_text("utf8"))
        cell = {"cell_type": "markdown", "id": "text", "metadata": {}, "source": text}
        stored["cells"].insert(0, cell)
        path.write_text(json.dumps(stored), "utf8")

    def wait(self, seconds=60):
        """Return once the server answers."""
        address = f"http://127.0.0.1:{self.port}/api/status?token={self.token}"
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(address, timeout=2):
                    return self
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"JupyterLab did not start:\n{self.log.read_text('utf8')[-3000:]}")


def start_lab(home):
    """Start JupyterLab on a copy of the course in ``home``, with no settings of the user's."""
    folder = home / "course"
    folder.mkdir(parents=True)
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name)
    settings = home / "config/lab/user-settings/@jupyterlab/apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}', "utf8")
    (home / "config/jupyter_server_config.py").write_text(SERVER, "utf8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "config/lab/user-settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "config/lab/workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        "PYTHONPATH": str(ROOT),
        "OPENBLAS_NUM_THREADS": "1",
    }
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1",
        f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={folder}", "--LabApp.expose_app_in_browser=True",
        "--LabApp.news_url=", "--LabApp.collaborative=False",
    ]  # fmt: skip
    log = home / "jupyterlab.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    return Lab(folder, port, token, process, log)


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    running = start_lab(tmp_path_factory.mktemp("lab"))
    try:
        yield running.wait()
    finally:
        running.process.terminate()
        try:
            running.process.wait(15)
        except subprocess.TimeoutExpired:
            running.process.kill()
            running.process.wait()


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


#: Close all documents without a question, end their kernels, and open another one.
REPLACE = """async path => {
    const app = window.jupyterapp;
    for (const widget of [...app.shell.widgets("main")]) {
        if (widget.context) {
            await widget.sessionContext?.shutdown?.();
            widget.context.model.dirty = false;
        }
        widget.close();
    }
    await app.commands.execute("docmanager:open", { path });
}"""


#: Run a cell with an explorer, and wait until that is there in the place of the one before.
RUN = """async number => {
    const app = window.jupyterapp, { content } = app.shell.currentWidget;
    const explorer = () => content.widgets[number].node.querySelector(".ol-explorer");
    const before = explorer();
    content.activeCellIndex = number;
    await app.commands.execute("notebook:run-cell");
    for (const end = performance.now() + 20000; performance.now() < end;) {
        const now = explorer();
        if (now && now !== before) return;
        await new Promise(requestAnimationFrame);
    }
    throw new Error(`cell ${number} showed no new explorer within 20 seconds`);
}"""
#: Run all cells; ``ran`` says when that is done and the explorers of before are gone.
RUN_ALL = """() => {
    const app = window.jupyterapp, { node } = app.shell.currentWidget;
    const before = [...node.querySelectorAll(".ol-explorer")];
    let done = false;
    window.ran = () => done && before.every(explorer => !explorer.isConnected);
    app.commands.execute("notebook:run-all-cells").then(() => { done = true });
}"""


@dataclass
class Notebook:
    """A notebook open in a browser page: what a learner does, in words.

    ``errors`` holds what the browser's console complained about and ``outside`` the addresses
    of requests that were about to leave this machine.
    """

    page: object
    lab: Lab
    errors: list = field(default_factory=list)
    outside: list = field(default_factory=list)

    def open(self, path, seconds=60):
        """Open a notebook of the course and wait for its kernel, this long at most.

        In a page that shows JupyterLab already, it takes the place of what is open there.
        """
        if self.page.url == "about:blank":
            self.page.goto(self.lab.url(path))
            self.page.wait_for_function("window.jupyterapp !== undefined", timeout=60_000)
        else:
            self.page.evaluate(REPLACE, path)
        self.page.locator(".jp-NotebookPanel:visible .jp-Cell").first.wait_for(timeout=60_000)
        # The indicator in the toolbar says "idle" before there is a kernel at all.
        self.page.wait_for_function(
            "() => { const panel = window.jupyterapp.shell.currentWidget;"
            " const kernel = panel?.sessionContext?.session?.kernel;"
            " return kernel?.connectionStatus === 'connected' && kernel.status === 'idle' }",
            timeout=seconds * 1000,
        )
        return self

    def command(self, name):
        self.page.evaluate("name => window.jupyterapp.commands.execute(name)", name)

    def run_all(self, seconds=120):
        """Run every cell and wait for the last one."""
        self.page.evaluate(RUN_ALL)
        self.page.wait_for_function("() => window.ran()", timeout=seconds * 1000)
        return self

    def run_each(self, count):
        """Run the import in the first cell and then the cells of explorers, one by one.

        anywidget gives up on a widget that is not there after two seconds, which is not enough
        for many at once on a busy machine.
        """
        self.page.evaluate(
            "() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 0;"
            " return window.jupyterapp.commands.execute('notebook:run-cell') }"
        )
        for number in range(count):
            self.run(number)
        return self

    def run(self, number):
        """Run the cell of an explorer, one below the import, and wait until it is shown."""
        self.page.evaluate(RUN, number + 1)

    def explorers(self):
        return self.page.locator(".jp-OutputArea-output .ol-explorer")

    def explorer(self, number=0, rest=0):
        """Return an explorer of the notebook, scrolled into view and drawn.

        ``rest`` is how many milliseconds it is given once two frames have passed.
        """
        root = self.explorers().nth(number)
        root.wait_for(timeout=60_000)
        root.scroll_into_view_if_needed()
        self.frames()
        if rest:
            self.page.wait_for_timeout(rest)
        return root

    def frames(self):
        """Wait until two frames were drawn: what was asked for before is in the second."""
        self.page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def theme(self, name):
        self.page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", name
        )
        wanted = "true" if "Light" in name else "false"
        self.page.locator(f"body[data-jp-theme-light='{wanted}']").wait_for(state="attached")

    def ask(self, expression):
        """Return what the notebook's kernel answers to an expression, as text."""
        return self.page.evaluate(
            """async expression => {
                const panel = window.jupyterapp.shell.currentWidget;
                const kernel = panel.sessionContext.session.kernel;
                const future = kernel.requestExecute({
                    code: "", silent: true, user_expressions: { answer: expression },
                });
                const { answer } = (await future.done).content.user_expressions;
                return answer.status === "ok" ? answer.data["text/plain"] : answer.evalue;
            }""",
            expression,
        )

    def follow(self, link):
        """Click a link and return the path of the document it opens."""
        current = "() => window.jupyterapp.shell.currentWidget?.context?.path ?? ''"
        before = self.page.evaluate(current)
        link.click()
        self.page.wait_for_function(
            f"before => ({current})() && ({current})() !== before", arg=before, timeout=30_000
        )
        return self.page.evaluate(current)


HARMLESS = re.compile(r"favicon|ResizeObserver loop|/api/contents/.*404|workspaces")


@contextlib.contextmanager
def open_page(browser, lab, height=900, scale=1):
    """Yield an unopened :class:`Notebook` in a browser page of its own.

    ``scale`` is the number of pixels for each point of the page.
    """
    context = browser.new_context(
        viewport={"width": 1280, "height": height}, device_scale_factor=scale
    )
    tab = context.new_page()
    opened = Notebook(tab, lab)

    def guard(route):
        address = urlparse(route.request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.hostname not in LOCAL:
            opened.outside.append(route.request.url)
            return route.abort()
        return route.continue_()

    def listen(message):
        place = message.location.get("url", "") if message.location else ""
        if message.type == "error" and not HARMLESS.search(f"{message.text} {place}"):
            opened.errors.append(f"{message.text} ({place})")

    context.route("**/*", guard)
    tab.on("console", listen)
    tab.on("pageerror", lambda error: opened.errors.append(str(error)))
    try:
        yield opened
    finally:
        context.close()


@pytest.fixture(scope="session")
def new_page(browser, lab):
    """Return :func:`open_page` for the running JupyterLab."""
    return functools.partial(open_page, browser, lab)


@pytest.fixture
def page(new_page):
    """Return an unopened notebook in a page of its own, closed after the test."""
    with new_page() as opened:
        yield opened
