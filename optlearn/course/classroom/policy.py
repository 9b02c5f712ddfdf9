"""What a class has decided: written answers, lateness, resubmissions; kept in ``class.json``."""

import datetime
import json
import math
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from .errors import ClassroomError

#: The assignments whose written answer a teacher reads, unless the class decides otherwise.
BY_HAND = ("04", "11", "14")


@dataclass(frozen=True)
class Setting:
    """A decision: its default as a teacher types it, what it means, and how it is read."""

    default: str
    text: str
    read: Callable


@dataclass(frozen=True)
class Late:
    """What a begun day of lateness costs: points, or percent of what was earned."""

    points: float = 0.0
    percent: float = 0.0

    def penalty(self, score, hours):
        """Return the points taken off ``score`` for being ``hours`` late."""
        days = math.ceil(max(hours, 0) / 24)
        return min(score, days * (self.points + score * self.percent / 100))


def _one_of(*known):
    def read(text):
        if text not in known:
            raise ValueError(f"known are {', '.join(known)}")
        return text

    return read


def _late(text):
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(%?)", text.strip())
    if not found:
        raise ValueError("write points a day such as 2, or percent such as 10%")
    number = float(found[1])
    return Late(percent=number) if found[2] else Late(points=number)


def _hours(text):
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        raise ValueError("write hours such as 6")
    return float(text)


def _date(text):
    try:
        return datetime.datetime.fromisoformat(text).astimezone() if text else None
    except ValueError:
        raise ValueError("it is no date such as '2026-12-01 23:59'") from None


def _group(text):
    if not re.fullmatch(r"[A-Za-z0-9]*", text):
        raise ValueError("write letters and digits")
    return text


SETTINGS = {
    "due": Setting("", "until when to hand in, such as '2026-12-01 23:59'", _date),
    "grace": Setting("0", "hours after that which nobody minds", _hours),
    "late": Setting("0", "off for each begun day: points, or percent such as 10%", _late),
    "resubmissions": Setting("last", "which one counts: last or best", _one_of("last", "best")),
    "written": Setting(
        "", "the written answer: hand (a teacher's points), self (not counted) or off; "
        "empty: hand in 04, 11 and 14, else self", _one_of("", "hand", "self", "off"),
    ),
    "group": Setting("", "a word in every hand-out that gives this class its own numbers", _group),
}  # fmt: skip


def begin(classroom):
    """Give a new class its own numbers."""
    if not _file(classroom).exists():
        _write(classroom, {"group": secrets.token_hex(3), "assignments": {}})


def get(classroom, name, assignment):
    """Return what holds for an assignment: its own decision, the class's, or the default."""
    return SETTINGS[name].read(shown(classroom, name, assignment))


def shown(classroom, name, assignment=None):
    """Return a decision as a teacher types it."""
    kept = _read(classroom)
    own = kept["assignments"].get(assignment, {})
    return own.get(name, kept.get(name, SETTINGS[name].default))


def put(classroom, name, text, assignment=None):
    """Decide for one assignment, or for all that decide nothing else.

    Raises
    ------
    ClassroomError
        For an unknown name or a value that cannot be read, and for the group of a class that has
        its hand-outs already: its students would lose their numbers.
    """
    if name not in SETTINGS:
        raise ClassroomError(f"unknown setting {name!r}: known are {', '.join(SETTINGS)}")
    try:
        SETTINGS[name].read(text)
    except ValueError as error:
        raise ClassroomError(f"{name} cannot be {text!r}: {error}") from error
    if name == "group" and any((classroom.folder / "source").glob("*")):
        raise ClassroomError("the group stands in hand-outs already: make a new class for another")
    kept = _read(classroom)
    place = kept["assignments"].setdefault(assignment, {}) if assignment else kept
    place[name] = text
    _write(classroom, kept)


def written(classroom, assignment):
    """Return what becomes of an assignment's written answer: ``"hand"``, ``"self"``, ``"off"``."""
    by_default = "hand" if assignment[:2] in BY_HAND else "self"
    return get(classroom, "written", assignment) or by_default


def hours_late(classroom, assignment, student, handed_in):
    """Return how late something was handed in: the extension taken off, 0 within the grace."""
    due = get(classroom, "due", assignment)
    if due is None or handed_in is None:
        return 0.0
    hours = (handed_in - due).total_seconds() / 3600
    hours -= student.extension_hours if student else 0
    return hours if hours > get(classroom, "grace", assignment) else 0.0


def _file(classroom):
    return classroom.folder / "class.json"


def _read(classroom):
    path = _file(classroom)
    try:
        kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except ValueError as error:
        raise ClassroomError(f"{path} is damaged: {error}") from error
    return {"assignments": {}} | kept


def _write(classroom, kept):
    _file(classroom).write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
