"""The site's folder, and Pyodide in it: Python and its compiled packages for the browser."""

import json
import re
import shutil

from ..stored import NotebookError

#: The version that the tests run the site with; jupyterlite-pyodide-kernel 0.6 was made for it.
PYODIDE = "0.27.7"
PYODIDE_URL = f"https://cdn.jsdelivr.net/pyodide/v{PYODIDE}/full/pyodide.js"
LOCK = "pyodide-lock.json"
CORE = ("pyodide.js", "pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
#: What the kernel itself installs before it is ready.
KERNEL = ("micropip", "ssl", "sqlite3", "ipython", "jedi")
SETTINGS = "jupyter-lite.json"


class SiteError(NotebookError):
    """The site cannot be built; one line that says why."""


def free(target):
    """Raise :class:`SiteError` where a folder holds anything but a site."""
    if target.is_file():
        raise SiteError(f"{target} is a file: name a folder")
    if target.is_dir() and any(target.iterdir()) and not (target / SETTINGS).is_file():
        raise SiteError(f"{target} holds something else than a site: name another folder")


def replace(target, built):
    """Put a built site in its place, and an older one out of it."""
    if target.exists():
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    built.rename(target)


def add_pyodide(site, folder, packages):
    """Copy a Pyodide distribution into a site: its core, and the packages with all they need."""
    missing = [name for name in (LOCK, *CORE) if not (folder / name).is_file()]
    if missing:
        raise SiteError(f"{folder} is no Pyodide distribution: there is no {missing[0]}")
    lock = json.loads((folder / LOCK).read_text("utf8"))
    version = lock["info"]["version"]
    if version != PYODIDE:
        raise SiteError(f"{folder} holds Pyodide {version}: the site needs {PYODIDE}")
    needed = _closure(lock["packages"], [*packages, *KERNEL])
    place = site / "static/pyodide"
    place.mkdir(parents=True)
    for name in (LOCK, *CORE, *(lock["packages"][name]["file_name"] for name in needed)):
        if not (folder / name).is_file():
            raise SiteError(f"{folder} lacks {name}: take the full distribution of Pyodide")
        shutil.copy(folder / name, place / name)
    settings = site / SETTINGS
    text = settings.read_text("utf8").replace(PYODIDE_URL, "./static/pyodide/pyodide.js")
    settings.write_text(text, encoding="utf8")


def _closure(packages, names):
    """Return the packages of a lock that are needed, directly or by others."""
    needed, left = [], [_normal(name) for name in names]
    while left:
        name = left.pop()
        if name in needed:
            continue
        if name not in packages:
            raise SiteError(f"this Pyodide has no {name}: take the full distribution")
        needed.append(name)
        left += map(_normal, packages[name]["depends"])
    return sorted(needed)


def _normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()
