"""Start JupyterLab in a folder, and leave signals to it: it asks before Ctrl-C ends it."""

import importlib.util
import os
import subprocess
import sys

from .stored import NotebookError


def run(folder, *options):
    """Become JupyterLab; on Windows, run it until it ends and return its exit code.

    Raises
    ------
    NotebookError
        Where it is not installed.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise NotebookError("jupyterlab is not installed: pip install 'optlearn[lessons]'")
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    command = [sys.executable, "-m", "jupyterlab", *(["--allow-root"] if as_root else []), *options]
    os.chdir(folder)
    sys.stdout.flush()
    if os.name != "nt":
        os.execv(sys.executable, command)
    lab = subprocess.Popen(command)  # there, exec would return to the prompt at once
    while True:
        try:
            return lab.wait()
        except KeyboardInterrupt:  # it got the same signal, and a second one ends it
            continue
