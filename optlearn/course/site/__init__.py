"""Build the course as a static site whose Python runs in the visitor's browser (JupyterLite).

Lessons and exercises are there as they are stored. The packages that they import are loaded before
the first cell runs, so no lesson needs an installing cell. Any web server can hand the site out.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from .. import copying
from . import front, wheels
from .distribution import PYODIDE_URL, SiteError, add_pyodide, free, replace

__all__ = ["SiteError", "build"]

#: The pure packages that Pyodide's distribution has not, or not in a version that suits.
PURE = ("ipywidgets", "anywidget", "psygnal", "typing_extensions", "comm", "tqdm")
#: What Pyodide has compiled. Their own dependencies come along.
COMPILED = ("numpy", "matplotlib", "scikit-learn", "joblib", "pillow")
#: The front ends of the explorers and of Python itself, by their places among the extensions.
EXTENSIONS = (
    "anywidget", "@jupyter-widgets/jupyterlab-manager", "@jupyterlite/pyodide-kernel-extension",
)  # fmt: skip
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
#: From the kernel's worker, whose script lies in its extension's folder, to the wheels.
FROM_WORKER = "../../../../pypi/"
#: In the file browser's own storage, which outlives the page.
RECORD = "/drive/record"
#: Files that are written in the browser and that JupyterLite does not know: it would wait for ever.
FILE_TYPES = {
    "jsonl": {"extensions": [".jsonl"], "fileFormat": "text", "mimeTypes": ["text/plain"]},
    "npz": {
        "extensions": [".npz"],
        "fileFormat": "base64",
        "mimeTypes": ["application/octet-stream"],
    },
}
#: JupyterLab's. Its table of contents cannot read stored outputs as JupyterLite hands them, and an
#: explorer lives on while it is scrolled out of sight only where all cells stay in the page.
SETTINGS = {
    "@jupyterlab/toc-extension:registry": {"includeOutput": False},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}


def build(target, pyodide=None):
    """Build the site and return its folder.

    Parameters
    ----------
    target : path
        A new or empty folder, or an older site, which is replaced when the new one is whole.
    pyodide : path, optional
        The folder of a Pyodide distribution to serve along with the site, so that visitors need
        nothing from elsewhere. By default their browsers load it from its public address.

    Raises
    ------
    SiteError
        If the folder holds something else, a tool is missing, or the build fails.
    """
    target = Path(target)
    free(target)
    with tempfile.TemporaryDirectory(dir=_existing(target)) as folder:
        home = Path(folder)
        brought = _wheels(home / "wheels")
        copying.copy(home / "content")
        (home / "content" / copying.LIST).unlink()
        _configure(home, brought)
        _run(home)
        built = home / "site"
        if pyodide is not None:
            add_pyodide(built, Path(pyodide), COMPILED)
        (built / "index.html").write_text(front.page(home / "content"), encoding="utf8")
        replace(target, built)
    return target


def _existing(target):
    """Return the nearest folder that is there: a rename from it does not cross a file system."""
    return next(folder for folder in target.resolve().parents if folder.is_dir())


def _wheels(folder):
    folder.mkdir()
    return [wheels.ours(folder), *(wheels.pack(name, folder) for name in PURE)]


def _configure(home, brought):
    """Write what JupyterLite builds, and what the kernel loads before the first cell."""
    extensions = Path(sys.prefix) / "share/jupyter/labextensions"
    missing = [name for name in EXTENSIONS if not (extensions / name).is_dir()]
    if missing:
        raise SiteError(f"{', '.join(missing)} is not installed: pip install 'optlearn[site]'")
    build = {
        "contents": ["content"],
        "output_dir": "site",
        "apps": ["lab"],
        "federated_extensions": [str(extensions / name) for name in EXTENSIONS],
        "ignore_sys_prefix": ["federated_extensions"],
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
    }
    piplite = {"piplite_urls": [str(path) for path in brought]}
    _write(home / "jupyter_lite_config.json", LiteBuildConfig=build, PipliteAddon=piplite)
    kernel = {
        "pyodideUrl": PYODIDE_URL,
        "disablePyPIFallback": True,
        "loadPyodideOptions": {
            "packages": [*COMPILED, *(FROM_WORKER + path.name for path in brought)],
            "env": {"OPTLEARN_DATA": RECORD},
        },
    }
    types = {name: {"name": name, **about} for name, about in FILE_TYPES.items()}
    page = {"appName": "optlearn", "fileTypes": types, "litePluginSettings": {KERNEL: kernel}}
    settings = {"jupyter-lite-schema-version": 0, "jupyter-config-data": page}
    _write(home / "jupyter-lite.json", **settings)
    _write(home / "overrides.json", **SETTINGS)


def _write(path, **content):
    path.write_text(json.dumps(content, indent=1), encoding="utf8")


def _run(home):
    command = [sys.executable, "-m", "jupyterlite_core", "build"]
    answer = subprocess.run(command, cwd=home, capture_output=True, text=True)
    if answer.returncode:
        said = [line for line in (answer.stdout + answer.stderr).splitlines() if line.strip()]
        raise SiteError("JupyterLite's build failed: " + " / ".join(said[-3:]))
