"""Binder without an engine: its steps in a fresh environment, and the server as it starts it."""

import contextlib
import importlib.resources
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
import uuid
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: What the image holds before anything of ours is installed (repo2docker's environment.yml).
BASE = (
    "pip", "ipywidgets", "jupyter-offlinenotebook", "jupyter-resource-usage", "jupyter-server",
    "jupyterhub", "jupyterlab", "notebook",
)  # fmt: skip
#: Packages of the image's lock that PyPI knows under the same name and version.
LOCKED = re.compile(r"(jupyter|notebook|ip[yw]|nb[cf]|pip$|widgetsnb|traitlets|tornado|pyzmq)")


def render(folder):
    """Return the Dockerfile that Binder would build for a folder; no engine is needed for that."""
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(folder)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 0, answer.stderr[-2000:]
    return answer.stdout + answer.stderr


def image_pins(python):
    """Return what the image of a Python version brings along, as pip's constraints."""
    conda = importlib.resources.files("repo2docker") / "buildpacks/conda"
    lock = (conda / f"environment.py-{python}-linux-64.lock").read_text("utf8")
    found = re.findall(r"/(?:noarch|linux-64)/([\w.\-]+?)-(\d[^-]*)-[^-]+#", lock)
    found = [(name.removesuffix("-base").removesuffix("-core"), number) for name, number in found]
    return [f"{name}=={number}" for name, number in found if LOCKED.match(name)]


def find_python(version):
    """Return the path of a Python of this version, or ``None``."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    named = [shutil.which(f"python{version}"), *pyenv.glob(f"versions/{version}.*/bin/python")]
    for path in filter(None, named):
        # A shim of pyenv is there for every version, and most of them say only that.
        if subprocess.run([path, "-c", ""], capture_output=True).returncode == 0:
            return str(path)
    return None


def copy_of_course(target):
    """Copy what git would hand to Binder: the files of the repository, edited or not."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    return target


@dataclass
class Image:
    """What Binder builds, without the container: a course, an environment, seconds, packages."""

    course: Path
    prefix: Path
    python: str
    seconds: dict
    before: dict
    after: dict

    @property
    def megabytes(self):
        return sum(p.stat().st_size for p in self.prefix.rglob("*") if p.is_file()) / 1e6


def replay(home):
    """Do in ``home`` what the Dockerfile says after its base image, with its own lines.

    In place of the conda environment stands one of pip's, with the versions of its lock. Without
    the Python that Binder is asked for, the one that runs this is taken.
    """
    course, prefix = copy_of_course(home / "course"), home / "environment"
    dockerfile = render(course)
    wanted = re.search(r"conda environment for python=(\S+)", dockerfile)[1]
    found = find_python(wanted)
    version = wanted if found else "{}.{}".format(*sys.version_info)
    pins = home / "pins.txt"
    pins.write_text("\n".join(image_pins(version)), "utf8")
    python = str(prefix / "bin/python")
    seconds = {}

    def run(what, *command):
        begun = time.monotonic()
        # Without the outer environment's names: pip would obey them.
        answer = subprocess.run(command, cwd=course, env=clean(prefix), capture_output=True)
        assert answer.returncode == 0, (answer.stdout + answer.stderr).decode()[-3000:]
        seconds[what] = time.monotonic() - begun

    run("venv", "uv", "venv", "--quiet", "--python", found or sys.executable, str(prefix))
    run("base", "uv", "pip", "install", "--quiet", "--python", python, "-c", str(pins), *BASE)
    before = packages(python)
    install = re.search(r"RUN \S*/bin/pip (install .*requirements\.txt\")$", dockerfile, re.M)[1]
    run("install", "bash", "-c", f'"{prefix}/bin/python" -m pip {install}')
    last = re.search(r"^RUN (\S*postBuild)$", dockerfile, re.M)[1]
    run("postBuild", "bash", "-c", last)
    return Image(course, prefix, version, seconds, before, packages(python))


def clean(prefix, **more):
    """Return this process's environment variables without its Python, and with that of prefix."""
    dropped = ("VIRTUAL_ENV", "PYTHON", "UV_PROJECT", "JUPYTER", "IPYTHON", "CI")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(dropped)}
    return {**kept, "PATH": f"{prefix}/bin{os.pathsep}{os.environ['PATH']}", **more}


def packages(python):
    """Return what is installed, name -> version."""
    command = ["uv", "pip", "list", "--quiet", "--format", "json", "--python", python]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return {row["name"]: row["version"] for row in json.loads(answer.stdout)}


@dataclass
class Server:
    """A Jupyter server under a base address and a token."""

    url: str
    token: str
    seconds: float = 0.0

    def get(self, path):
        """Return the bytes that an address below the server's own answers with."""
        return self._ask(path)

    def api(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        return json.loads(self._ask(path, data) or b"null")

    def _ask(self, path, data=None, method=None):
        headers = {"Authorization": f"token {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()

    @contextlib.contextmanager
    def ending(self, session):
        """Shut a session's kernel down in the end; a server that still has one stops slowly."""
        try:
            yield
        finally:
            self._ask(f"api/sessions/{session['id']}", method="DELETE")

    def configuration(self):
        """Return what JupyterLab's page tells its own scripts."""
        page = self.get("lab").decode()
        found = re.search(r'id="jupyter-config-data" type="application/json">(.*?)<', page, re.S)
        return json.loads(found[1])


@contextlib.contextmanager
def binder_server(image, home):
    """Yield a running :class:`Server`, started with the flags that BinderHub's spawner gives."""
    port, token, base = free_port(), secrets.token_hex(16), "/user/optlearn-abc123/"
    given = (f"base_url={base}", f"token={token}", "trust_xheaders=True", "allow_origin=*")
    command = ["jupyter", "notebook", "--ip=127.0.0.1", f"--port={port}", "--no-browser"]
    command += [f"--{app}.{flag}" for app in ("NotebookApp", "ServerApp") for flag in given]
    environment = clean(image.prefix, HOME=str(home), OPENBLAS_NUM_THREADS="1")
    server = Server(f"http://127.0.0.1:{port}{base}", token)
    with _running(command, image.course, environment, home / "server.log", server):
        yield server


@contextlib.contextmanager
def readme_lab(course, home):
    """Yield the :class:`Server` of the README's command, with nothing in uv's cache."""
    port, token = free_port(), secrets.token_hex(16)
    command = ["uv", "run", "jupyter", "lab", "--preferred-dir=lessons", "--no-browser"]
    command += [f"--port={port}", f"--IdentityProvider.token={token}"]
    environment = clean(course / ".venv", HOME=str(home), UV_CACHE_DIR=str(home / "cache"))
    server = Server(f"http://127.0.0.1:{port}/", token)
    with _running(command, course, environment, home / "server.log", server, seconds=300):
        yield server


def free_port():
    """Return a port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def _running(command, folder, environment, log, server, seconds=120):
    """Start a server, wait until it answers, note how long that took, and end it."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # Binder's image has a user of its own
    begun = time.monotonic()
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        while process.poll() is None and time.monotonic() < begun + seconds:
            with contextlib.suppress(OSError):
                server.api("api/status")
                server.seconds = time.monotonic() - begun
                break
            time.sleep(0.05)
        else:
            raise RuntimeError(f"the server did not start:\n{log.read_text('utf8')[-3000:]}")
        yield
    finally:
        process.terminate()
        process.wait(20)


@dataclass
class Ran:
    """What a cell of code did: its source, its outputs' MIME types, widgets' states, seconds."""

    source: str
    types: set
    states: list
    seconds: float


def run_lesson(server, path, until=None):
    """Run a lesson's cells over its kernel's websocket, as JupyterLab does, and yield each.

    ``until`` ends it after the first cell that shows this MIME type.
    """
    import websocket  # comes with the Jupyter server

    notebook = server.api(f"api/contents/{path}")["content"]
    kernel = notebook["metadata"]["kernelspec"]["name"]
    asked = {"path": path, "name": "", "type": "notebook", "kernel": {"name": kernel}}
    session = server.api("api/sessions", asked)
    address = f"{server.url.replace('http', 'ws', 1)}api/kernels/{session['kernel']['id']}/channels"
    channels = websocket.create_connection(f"{address}?token={server.token}", timeout=120)
    with contextlib.closing(channels), server.ending(session):
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                ran = _execute(channels, "".join(cell["source"]))
                yield ran
                if until in ran.types:
                    return


def _execute(channels, code):
    begun, name = time.monotonic(), uuid.uuid4().hex
    header = {"msg_id": name, "username": "", "session": "", "msg_type": "execute_request"}
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
    message = {"header": {**header, "version": "5.3"}, "channel": "shell", "buffers": []}
    content = {**content, "user_expressions": {}}
    channels.send(json.dumps({**message, "content": content, "parent_header": {}, "metadata": {}}))
    ran, waiting = Ran(code, set(), [], 0.0), {"reply", "idle"}
    while waiting:
        # A binary message carries a widget's buffers behind its JSON; the offsets stand first.
        said = read_message(channels.recv())
        if said["parent_header"].get("msg_id") != name:
            continue
        kind, content = said["header"]["msg_type"], said["content"]
        assert kind != "error", "\n".join(content["traceback"])
        if kind in ("execute_result", "display_data"):
            ran.types |= set(content["data"])
        elif kind == "comm_open":
            ran.states.append(content["data"].get("state", {}))
        elif kind == "execute_reply":
            waiting.discard("reply")
        elif kind == "status" and content["execution_state"] == "idle":
            waiting.discard("idle")
    ran.seconds = time.monotonic() - begun
    return ran


def read_message(raw):
    """Return the JSON part of a message on a kernel's websocket."""
    if isinstance(raw, str):
        return json.loads(raw)
    count = int.from_bytes(raw[:4], "big")
    ends = [int.from_bytes(raw[4 * i : 4 * i + 4], "big") for i in range(1, count + 1)]
    return json.loads(raw[ends[0] : ends[1] if count > 1 else None])
