"""What a student handed in more than once: which attempt counts, and where it lies.

The attempt that counts lies in ``submitted``, as nbgrader expects, and the others in ``earlier``.
"""

import datetime
import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from . import policy, results


@dataclass(frozen=True)
class Attempt:
    """One notebook that was handed in."""

    path: Path

    @property
    def digest(self):
        return hashlib.sha256(self.path.read_bytes()).hexdigest()

    @property
    def stamp(self):
        """The file beside a submission in which nbgrader looks for the time of handing in."""
        return self.path.parent / "timestamp.txt"

    @property
    def handed_in(self):
        """When it was handed in, or None where nobody said; an earlier one keeps it as its date."""
        if self.path.parents[2].name == "earlier":
            seconds = self.path.stat().st_mtime
            return datetime.datetime.fromtimestamp(seconds, datetime.UTC) if seconds else None
        if not self.stamp.exists():
            return None
        text = self.stamp.read_text(encoding="utf-8").strip()
        return datetime.datetime.fromisoformat(text.removesuffix(" UTC") + "+00:00")

    def is_(self, content, handed_in):
        """Return whether this notebook was handed in then; its time has whole seconds."""
        then = handed_in.replace(microsecond=0)
        return self.path.read_bytes() == content and self.handed_in == then


def submitted(classroom, assignment, who):
    """Return the attempt that counts, whether or not there is one yet."""
    return Attempt(classroom.folder / "submitted" / who / assignment / "exercise.ipynb")


def earlier(classroom, assignment, who):
    """Return the other attempts."""
    folder = classroom.folder / "earlier" / who / assignment
    return [Attempt(path) for path in sorted(folder.glob("*.ipynb"))]


def put_aside(classroom, assignment, who):
    """Keep a copy of the attempt that counts among the earlier ones."""
    attempt = submitted(classroom, assignment, who)
    kept = earlier(classroom, assignment, who)
    if any(same(attempt, other) for other in kept):
        return
    folder = classroom.folder / "earlier" / who / assignment
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"exercise-{len(kept) + 1}.ipynb"
    shutil.copy(attempt.path, target)
    seconds = attempt.handed_in.timestamp() if attempt.handed_in else 0
    os.utime(target, (seconds, seconds))


def same(one, other):
    """Return whether two attempts are one notebook, handed in once."""
    return one.digest == other.digest and one.handed_in == other.handed_in


def bring_back(classroom, assignment, who):
    """Let another attempt count, if the class wants that, and return whether one does.

    Under ``best`` each attempt has its turn until all are graded.
    """
    now = submitted(classroom, assignment, who)
    known = [now, *earlier(classroom, assignment, who)]
    wanted = max(known, key=_age)
    if policy.get(classroom, "resubmissions", assignment) == "best":
        points = results.attempts(classroom, assignment, who)
        missing = [attempt for attempt in known if attempt.digest not in points]
        best = max(known, key=lambda attempt: points.get(attempt.digest, -1))
        wanted = missing[0] if missing else best
    if wanted.digest == now.digest:
        return False
    put_aside(classroom, assignment, who)
    _submit(wanted, now)
    return True


def _age(attempt):
    zero = datetime.datetime.fromtimestamp(0, datetime.UTC)
    return attempt.handed_in or zero


def _submit(attempt, now):
    """Copy a notebook and its time; a kill leaves the old notebook or the new one."""
    beside = now.path.with_suffix(".tmp")
    shutil.copy(attempt.path, beside)
    if attempt.handed_in:
        now.stamp.write_text(f"{attempt.handed_in:%Y-%m-%d %H:%M:%S} UTC", encoding="utf-8")
    beside.replace(now.path)
