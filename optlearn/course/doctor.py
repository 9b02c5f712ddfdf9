"""Say whether the course will run here, and the remedy where it will not."""

import importlib.metadata
import os
import re
import sys
from pathlib import Path

from .. import backend, progress

#: What the lessons need, with the module that tells whether it is there.
PACKAGES = ("numpy", "matplotlib", "scikit-learn", "jupyterlab", "ipywidgets", "anywidget")
EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "anywidget")
REMEDY = "pip install 'optlearn[lessons]'"


def findings():
    """Return rows (what, finding, remedy); the remedy is empty where nothing is wrong."""
    rows = [("python", ".".join(map(str, sys.version_info[:3])), "")]
    rows += [_package(name) for name in PACKAGES]
    return [*rows, _kernel(), *map(_extension, EXTENSIONS), _folder(), _record(), _gpu()]


def _package(name):
    try:
        found = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return name, "missing", REMEDY
    floor = _floor(name)
    if _numbers(found) < _numbers(floor):
        return name, f"{found}, older than {floor}", f"{REMEDY} --upgrade"
    return name, found, ""


def _floor(name):
    """Return the oldest version of a package that ours allows; 0 where it is not installed."""
    try:
        needed = importlib.metadata.requires("optlearn") or ()
    except importlib.metadata.PackageNotFoundError:
        needed = ()
    floors = [re.match(rf"{re.escape(name)}\s*[<,.\d]*>=\s*([\d.]+)", text) for text in needed]
    return next((floor[1] for floor in floors if floor), "0")


def _numbers(version):
    return tuple(map(int, re.findall(r"\d+", version)[:3]))


def _kernel():
    """Find the kernel `python3`: of another environment it would not find the package."""
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ModuleNotFoundError:
        return "kernel", "missing", REMEDY
    try:
        command = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        return "kernel", "missing", "python -m ipykernel install --sys-prefix"
    own = command in ("python", "python3") or Path(command).parent == Path(sys.executable).parent
    remedy = "" if own else "python -m ipykernel install --sys-prefix"
    return "kernel", command, remedy


def _extension(name):
    """Return whether JupyterLab has the widgets' front end, in the place where it looks for it."""
    try:
        from jupyter_core.paths import jupyter_path
    except ModuleNotFoundError:
        return name, "missing", REMEDY
    found = any((Path(p) / name / "package.json").is_file() for p in jupyter_path("labextensions"))
    return name, "there" if found else "missing", "" if found else REMEDY


def _folder():
    """Return whether notebooks can be saved where the command was typed."""
    writable = os.access(Path(), os.W_OK)
    return "folder", str(Path().resolve()), "" if writable else "optlearn copy DIR, and start there"


def _record():
    where = progress.folder()
    if where is None:
        return "record", "switched off (OPTLEARN_DATA)", ""
    nearest = next(folder for folder in (where, *where.parents) if folder.exists())
    writable = os.access(nearest, os.W_OK)
    return "record", str(where), "" if writable else "set OPTLEARN_DATA to a folder of yours"


def _gpu():
    found = backend.gpu_available()
    return "GPU", "yes" if found else "no: everything runs on the CPU", ""
