"""What cannot run where Python itself runs in a browser: there is no other program to start."""

import sys

from .stored import NotebookError

#: Commands that start kernels, servers or a sandbox.
ELSEWHERE = {"lab", "check", "classroom", "course"}


def refuse(command):
    """Raise :class:`NotebookError` in a browser, for a command that needs more than one process."""
    if sys.platform == "emscripten" and command in ELSEWHERE:
        raise NotebookError(
            f"`optlearn {command}` starts other programs, and a browser cannot: "
            "install the course on a computer, with pip install 'optlearn[lessons]'"
        )
