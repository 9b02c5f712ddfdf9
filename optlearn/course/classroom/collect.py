"""Take what was handed in from a platform's files; whose it is says the roster.

Moodle packs ``Jane Doe_12345_assignsubmission_file/exercise.ipynb``, Canvas
``doejane_LATE_12345_67890_exercise.ipynb``; a plain folder has ``jane/exercise.ipynb`` or
``jane.ipynb`` by ids. What fits nobody or two people is listed and never dropped.
"""

import datetime
import re
import shutil
import tempfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from . import attempts, roster
from .errors import ClassroomError

MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_\w+")
CANVAS = re.compile(r"(?P<name>[^_]+)_(?:LATE_)?(?P<number>\d+)_\d+_.+", re.IGNORECASE)
PLATFORMS = ("moodle", "canvas", "folder")
#: An archive that unpacks to more than this is refused: nobody hands in so much.
LARGEST = 500_000_000


@dataclass
class Collected:
    """What happened to the files: taken ids, and (file, reason) for what needs a look."""

    taken: list = field(default_factory=list)
    unchanged: list = field(default_factory=list)
    refused: list = field(default_factory=list)

    def __str__(self):
        rows = [f"{len(self.taken)} taken, {len(self.unchanged)} unchanged"]
        rows += [f"NOT taken: {file}: {why}" for file, why in self.refused]
        return "\n".join(rows)


def collect(classroom, assignment, source, platform):
    """Copy submissions into the classroom.

    Parameters
    ----------
    classroom : Classroom
    assignment : str
    source : path
        A folder or a zip archive.
    platform : {"moodle", "canvas", "folder"}

    Returns
    -------
    Collected
    """
    classroom.assignment(assignment)
    students = roster.read(classroom)
    with tempfile.TemporaryDirectory() as scratch:
        root = _unpacked(Path(source), Path(scratch))
        found, collected = {}, Collected()
        for path in sorted(root.rglob("*.ipynb")):
            where = path.relative_to(root)
            if ".ipynb_checkpoints" in where.parts or "__MACOSX" in where.parts:
                continue
            who, why = _whose(where, students, platform)
            if who is None:
                collected.refused.append((str(where), why))
            else:
                found.setdefault(who, []).append(path)
        for who, paths in found.items():
            if len(paths) > 1:
                names = ", ".join(str(p.relative_to(root)) for p in paths)
                why = f"{len(paths)} notebooks of {who}; keep one"
                collected.refused.append((names, why))
            else:
                new = _take(classroom, assignment, who, paths[0])
                (collected.taken if new else collected.unchanged).append(who)
    return collected


def _unpacked(source, scratch):
    """Return the folder of the files; an archive is unpacked, and may not write elsewhere."""
    if source.is_dir():
        return source
    if not zipfile.is_zipfile(source):
        raise ClassroomError(f"{source} is neither a folder nor a zip archive")
    with zipfile.ZipFile(source) as archive:
        size = sum(item.file_size for item in archive.infolist())
        if size > LARGEST:
            raise ClassroomError(f"{source} would unpack to {size / 1e6:.0f} MB: look at it first")
        for item in archive.infolist():
            parts = PurePosixPath(item.filename).parts
            if item.filename.startswith("/") or ".." in parts:
                raise ClassroomError(f"{source} holds a path that leads out of it: {item.filename}")
        archive.extractall(scratch)
        for item in archive.infolist():  # extracting forgets when a file was written
            stamp = datetime.datetime(*item.date_time).timestamp()
            _touch(scratch / item.filename, stamp)
    return scratch


def _touch(path, stamp):
    import os

    if path.is_file():
        os.utime(path, (stamp, stamp))


def _whose(where, students, platform):
    """Return (id, None), or (None, why it cannot be said)."""
    if platform == "folder":
        name = where.parts[0].removesuffix(".ipynb")
        return (name, None) if name in students else (None, f"{name!r} is not in the roster")
    pattern, part = (MOODLE, where.parts[0]) if platform == "moodle" else (CANVAS, where.name)
    match = pattern.fullmatch(part)
    if match is None:
        return None, f"this is not how {platform} names its files"
    number, name = match["number"], roster.plain(match["name"])
    by_number = [s for s in students.values() if number == getattr(s, platform)]
    fits = by_number or [s for s in students.values() if name in roster.names(s)]
    if len(fits) == 1:
        return fits[0].id, None
    if not fits:
        return None, f"nobody in the roster has the {platform} number {number} or this name"
    remedy = f"fill in the column {platform} of the roster"
    return None, f"it may be of {' or '.join(s.id for s in fits)}: {remedy}"


def _take(classroom, assignment, who, path):
    """Copy one submission, and put an earlier one aside; return whether it is another."""
    now = attempts.submitted(classroom, assignment, who)
    stamp = datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.UTC)
    new = path.read_bytes()
    if now.path.exists():
        if now.path.read_bytes() == new:
            return False
        if any(old.is_(new, stamp) for old in attempts.earlier(classroom, assignment, who)):
            return False
        attempts.put_aside(classroom, assignment, who)
    now.path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, now.path)
    now.stamp.write_text(stamp.strftime("%Y-%m-%d %H:%M:%S %Z"), encoding="utf-8")
    return True
