"""Where lessons run: a folder nobody may write to, no network, and two learners on one machine."""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.error
from pathlib import Path

import launching
import pytest

pytest.importorskip("jupyterlab", reason="the lessons need the extra lessons")

from optlearn.course.classroom import sandbox

ROOT = Path(__file__).parents[1]


def confined(scratch, *command):
    """Run a command that can write to ``scratch`` alone and reach no other machine."""
    environment = {name: v for name, v in os.environ.items() if not name.startswith("OPTLEARN")}
    environment |= {"HOME": str(scratch), "TMPDIR": str(scratch), "PYTHONPATH": str(ROOT)}
    words = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    words += ["--bind", scratch, scratch, "--unshare-net", "--die-with-parent", *command]
    return subprocess.run(
        words, cwd=ROOT / "lessons", env=environment, capture_output=True, text=True
    )


needs_sandbox = pytest.mark.skipif(sandbox.available() is not None, reason=str(sandbox.available()))

PROBE = """
import socket
from pathlib import Path

for reach in (lambda: Path("probe").touch(), lambda: socket.create_connection(("192.0.2.1", 80))):
    try:
        reach()
    except OSError as error:
        print(type(error).__name__, error)
"""


@pytest.mark.sandbox
@needs_sandbox
def test_the_confinement_holds(tmp_path):
    said = confined(tmp_path, sys.executable, "-c", PROBE).stdout
    assert "Read-only file system" in said
    assert "unreachable" in said


@pytest.mark.sandbox
@needs_sandbox
@pytest.mark.parametrize("lesson", ["00_start_here", "02_gradient_descent"])
def test_a_lesson_runs_from_a_folder_it_cannot_write_to_and_with_no_network(tmp_path, lesson):
    answer = confined(tmp_path, sys.executable, "-m", "jupyter", "execute", f"{lesson}.ipynb")
    assert answer.returncode == 0, answer.stderr[-3000:]


@contextlib.contextmanager
def lab(home, port):
    """Yield the server that ``optlearn lab`` starts for a learner, where this port is usual."""
    config = home / ".jupyter/jupyter_server_config.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"ServerApp": {"open_browser": False, "port": port}}), "utf8")
    kept = launching.clean(sys.prefix, HOME=str(home), PYTHONPATH=str(ROOT))
    for name in "OPTLEARN_DATA", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR":
        kept.pop(name, None)
    command = [sys.executable, "-m", "optlearn", "lab", str(home / "course")]
    with (home / "lab.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=kept, stdout=log, stderr=log)
    try:
        yield server_of(home, process)
    finally:
        process.terminate()
        process.wait(20)


def server_of(home, process, seconds=90):
    """Return the server that says of itself that it runs in this home, once it answers."""
    end = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        for told in home.rglob("jpserver-*.json"):
            with contextlib.suppress(OSError, ValueError):
                found = json.loads(told.read_text("utf8"))
                server = launching.Server(found["url"], found["token"])
                server.api("api/status")
                return server
        time.sleep(0.1)
    raise RuntimeError((home / "lab.log").read_text("utf8")[-3000:])


ANSWER = "from optlearn import progress\nprogress.record('question', '{}', right=True)"


def test_two_learners_who_share_a_machine_and_a_clone_do_not_disturb_each_other(tmp_path):
    homes = tmp_path / "ada", tmp_path / "bob"
    for home in homes:
        home.mkdir()
    before = listing()
    # Both want the same port, but not 8888, which anybody may have. The second comes when the
    # first is there: a server looks for a port before it takes it, so two at once may clash.
    port = launching.free_port()
    with lab(homes[0], port) as first, lab(homes[1], port) as second:
        servers = first, second
        assert first.url != second.url
        with pytest.raises(urllib.error.HTTPError, match="403"):
            launching.Server(servers[0].url, servers[1].token).api("api/contents")
        for home, server in zip(homes, servers, strict=True):
            own = {"cells": [code(ANSWER.format(home.name))], "nbformat": 4, "nbformat_minor": 5}
            own["metadata"] = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
            (home / "course/lessons/own.ipynb").write_text(json.dumps(own), "utf8")
            list(launching.run_lesson(server, "lessons/own.ipynb"))
    for home in homes:
        (record,) = home.rglob("progress.jsonl")
        assert [json.loads(line)["name"] for line in record.read_text("utf8").splitlines()] == [
            home.name
        ]
    assert listing() == before


def code(source):
    return {
        "cell_type": "code", "id": "own", "metadata": {}, "source": source, "outputs": [],
        "execution_count": None,
    }  # fmt: skip


def listing():
    """Return all notebooks of the shared clone, with the time of their last change."""
    return {
        path: path.stat().st_mtime_ns
        for part in ("lessons", "exercises")
        for path in (ROOT / part).rglob("*")
    }
