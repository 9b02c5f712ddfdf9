"""A class on a JupyterHub: a hub on this machine, a student's server, what a class needs there.

The hub has no password and one student: it is for this test alone.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
pytest.importorskip("jupyterhub", reason="a hub needs jupyterhub: uv sync --group ci")
pytest.importorskip("nbgitpuller", reason="a hub needs nbgitpuller: uv sync --group ci")
pytestmark = pytest.mark.skipif(
    shutil.which("configurable-http-proxy", path=str(BIN)) is None,
    reason="a hub needs the Python package configurable-http-proxy: uv sync --group ci",
)

CONFIGURATION = """
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{public}"
c.JupyterHub.hub_port = {hub}
c.JupyterHub.db_url = "sqlite:///{home}/hub.db"
c.JupyterHub.cookie_secret_file = "{home}/cookie"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy}"
c.ConfigurableHTTPProxy.command = ["{bin}/configurable-http-proxy"]
c.ConfigurableHTTPProxy.pid_file = "{home}/proxy.pid"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{home}/{{username}}"
c.Spawner.cmd = ["{bin}/jupyterhub-singleuser"]
c.Spawner.args = ["--allow-root"]
c.Spawner.notebook_dir = "{course}"
c.Spawner.default_url = "/lab/tree/lessons/02_gradient_descent.ipynb"
c.Spawner.environment = {{"PYTHONPATH": "{root}", "OPTLEARN_DATA": "off"}}
c.Spawner.http_timeout = c.Spawner.start_timeout = 120
c.JupyterHub.services = [{{"name": "teacher", "api_token": "{token}"}}]
c.JupyterHub.load_roles = [{{
    "name": "class", "services": ["teacher"],
    "scopes": ["admin:users", "admin:servers", "access:servers", "tokens"],
}}]
"""


class Hub:
    """A hub that runs, and how to ask it."""

    def __init__(self, url, token):
        self.url, self.token = url, token

    def ask(self, path, method="GET"):
        """Return ``(status, text)`` of an answer."""
        headers = {"Authorization": f"token {self.token}"}
        data = b"" if method == "POST" else None
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return answer.status, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode("utf-8", "replace")
        except OSError as error:
            return 0, str(error)

    def wait_for(self, path, is_there):
        end, answer = time.monotonic() + 150, (0, "")
        while time.monotonic() < end:
            answer = self.ask(path)
            if is_there(*answer):
                return answer
            time.sleep(0.3)
        raise AssertionError(f"{path} did not come: {answer}")


def free_ports(number):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """Return a hub in which the student ``ana`` has a server with the course in it."""
    home = tmp_path_factory.mktemp("hub")
    course = home / "course"
    for name in ("lessons", "exercises"):
        shutil.copytree(ROOT / name, course / name)
    (home / "ana").mkdir()
    public, inner, proxy = free_ports(3)
    token = secrets.token_hex(16)
    text = CONFIGURATION.format(
        public=public, hub=inner, proxy=proxy, home=home, bin=BIN, course=course, root=ROOT,
        token=token,
    )  # fmt: skip
    (home / "jupyterhub_config.py").write_text(text)
    command = [sys.executable, "-m", "jupyterhub", "-f", str(home / "jupyterhub_config.py")]
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    with (home / "log.txt").open("w") as log:
        running = subprocess.Popen(command, cwd=home, env=environment, stdout=log, stderr=log)
    made = Hub(f"http://127.0.0.1:{public}", token)
    try:
        made.wait_for("/hub/api/", lambda status, _: status == 200)
        assert made.ask("/hub/api/users/ana", "POST")[0] == 201
        assert made.ask("/hub/api/users/ana/server", "POST")[0] in (201, 202)
        made.wait_for("/hub/api/users/ana", lambda _, text: '"ready": true' in text)
        yield made
        made.ask("/hub/api/users/ana/server", "DELETE")
    except AssertionError as error:
        raise AssertionError(f"{error}\n{(home / 'log.txt').read_text()[-3000:]}") from error
    finally:
        running.terminate()
        running.wait(60)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("lab/tree/lessons/02_gradient_descent.ipynb", "jupyter-config-data"),
        ("api/contents/exercises/02_gradient_descent/exercise.ipynb?content=0", "exercise.ipynb"),
        ("git-pull?repo=https%3A%2F%2Fexample.org%2Fcourse", "nbgitpuller"),
        ("formgrader", "nbgrader"),
        ("api/kernelspecs", '"python3"'),
    ],
)
def test_a_student_s_server_has_what_a_class_needs(hub, path, says):
    status, text = hub.ask(f"/user/ana/{path}")
    assert status == 200, text[-500:]
    assert says in text


def test_a_student_s_kernel_starts_and_stops(hub):
    status, text = hub.ask("/user/ana/api/kernels", "POST")
    assert status == 201, text
    assert json.loads(text)["name"] == "python3"
    path = f"/user/ana/api/kernels/{json.loads(text)['id']}"
    assert hub.ask(path)[0] == 200
    assert hub.ask(path, "DELETE")[0] == 204
    assert hub.ask(path)[0] == 404


def test_a_server_is_nobody_else_s(hub):
    stranger = Hub(hub.url, "no-token-of-this-hub")
    assert stranger.ask("/user/ana/api/contents/lessons")[0] == 403
