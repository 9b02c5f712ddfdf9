"""Wheels for the browser: the course's own, and pure packages as they are installed here.

Packing what is installed needs no network, and the site gets the versions that the tests ran with.
"""

import base64
import hashlib
import importlib.metadata
import zipfile
from pathlib import PurePosixPath

from .. import copying
from .distribution import SiteError

#: Compiled modules. A package that keeps its Python beside them (as mypyc does) runs without.
COMPILED = {".so", ".pyd", ".dylib"}
#: The earliest time that a zip archive can tell: the same files give the same bytes.
TIME = (1980, 1, 1, 0, 0, 0)
WHEEL = "Wheel-Version: 1.0\nGenerator: optlearn\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def ours(folder):
    """Return the course's own wheel: built from the clone, or packed from what is installed."""
    root = copying.origin()
    if not (root / "pyproject.toml").is_file():
        return pack("optlearn", folder)
    try:
        from hatchling.builders.wheel import WheelBuilder
    except ModuleNotFoundError as error:
        raise SiteError("hatchling is not installed: pip install 'optlearn[site]'") from error
    (built,) = WheelBuilder(str(root)).build(directory=str(folder), versions=["standard"])
    return folder / PurePosixPath(built).name


def pack(name, folder):
    """Pack an installed package into a wheel that runs everywhere, and return its path."""
    try:
        package = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError as error:
        raise SiteError(f"{name} is not installed: pip install 'optlearn[site]'") from error
    files = {path.as_posix(): path for path in package.files or () if _belongs(path)}
    for compiled in [path for path in files.values() if path.suffix in COMPILED]:
        beside = compiled.with_name(compiled.name.partition(".")[0] + ".py").as_posix()
        # What mypyc's modules share is needed by them alone.
        if beside not in files and not beside.endswith("__mypyc.py"):
            raise SiteError(f"{name} is not pure Python: {compiled} has no {beside} beside it")
        del files[compiled.as_posix()]
    texts = {place: path.locate().read_bytes() for place, path in sorted(files.items())}
    (info,) = {place.partition("/")[0] for place in texts if ".dist-info/" in place}
    texts[f"{info}/WHEEL"] = WHEEL.encode()
    texts[f"{info}/RECORD"] = _record(texts, f"{info}/RECORD")
    wheel = folder / f"{info.removesuffix('.dist-info')}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, text in texts.items():
            archive.writestr(zipfile.ZipInfo(place, TIME), text, zipfile.ZIP_DEFLATED)
    return wheel


def _belongs(path):
    """Return whether a file is one of the package's own: no script, no cache, nothing beyond."""
    beyond = path.is_absolute() or ".." in path.parts
    written_by_pip = {"INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "RECORD"}
    return not beyond and "__pycache__" not in path.parts and path.name not in written_by_pip


def _record(texts, own):
    """Return the list of a wheel's files, with their digests as the wheel format has them."""
    rows = []
    for place, text in texts.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text).digest()).rstrip(b"=").decode()
        rows.append(f"{place},sha256={digest},{len(text)}")
    return "\n".join([*rows, f"{own},,", ""]).encode()
