"""Start JupyterLab in a folder, and leave Ctrl-C to it: it asks before it ends."""

import importlib.util
import os
import subprocess
import sys

from .stored import NotebookError


def run(folder, *options):
    """Run JupyterLab until it ends and return its exit code.

    Raises
    ------
    NotebookError
        Where it is not installed.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise NotebookError("jupyterlab is not installed: pip install 'optlearn[lessons]'")
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    command = [sys.executable, "-m", "jupyterlab", *(["--allow-root"] if as_root else [])]
    lab = subprocess.Popen([*command, *options], cwd=folder)
    while True:
        try:
            return lab.wait()
        except KeyboardInterrupt:  # it got the same signal, and a second one ends it
            continue
