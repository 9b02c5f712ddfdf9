"""Bring lessons and exercises to somebody who has the package and no clone.

A list in the copy, ``.optlearn-copy.json``, says what each file was when it was brought. A second
run can tell by it what the learner has worked in, and leaves that alone.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

PARTS = ("lessons", "exercises")
LIST = ".optlearn-copy.json"


@dataclass
class Copied:
    """What happened to the files, by their places in the copy."""

    new: list = field(default_factory=list)
    updated: list = field(default_factory=list)
    kept: list = field(default_factory=list)

    def __str__(self):
        rows = [f"{len(self.new)} new files, {len(self.updated)} updated"]
        rows += [f"kept as you left it: {name}" for name in self.kept]
        return "\n".join(rows)


def origin():
    """Return the folder that holds the course: within the package, or the clone around it."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "_course"
    return inside if inside.is_dir() else package.parent


def copy(target):
    """Copy the lessons and the exercises into a folder, and never over the learner's work.

    Parameters
    ----------
    target : path
        Is made where it is missing.

    Returns
    -------
    Copied

    Raises
    ------
    FileNotFoundError
        Where the package holds no course.
    OSError
        Where the folder cannot be written to.
    """
    root, target, done = origin(), Path(target), Copied()
    files = [path for part in PARTS for path in sorted((root / part).rglob("*.ipynb"))]
    files = [path for path in files if ".ipynb_checkpoints" not in path.parts]
    if not files:
        raise FileNotFoundError(f"there are no lessons in {root}: install optlearn from its wheel")
    if target.resolve() == root.resolve():
        raise FileExistsError(f"{target} is the course itself: name another folder")
    target.mkdir(parents=True, exist_ok=True)
    brought = _read(target / LIST)
    for path in files:
        name, text = path.relative_to(root).as_posix(), path.read_bytes()
        place = target / name
        if not place.exists():
            done.new.append(name)
        elif place.read_bytes() == text:
            brought[name] = _digest(text)
            continue
        elif brought.get(name) == _digest(place.read_bytes()):
            done.updated.append(name)
        else:
            done.kept.append(name)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = place.with_suffix(".partial")
        beside.write_bytes(text)
        beside.replace(place)
        brought[name] = _digest(text)
    (target / LIST).write_text(json.dumps(brought, indent=1), encoding="utf-8")
    return done


def _digest(text):
    return hashlib.sha256(text).hexdigest()


def _read(path):
    """Return the list of a copy; where it is missing or torn, all counts as the learner's."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
