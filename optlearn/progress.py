"""The learner's own record: answers, predictions, misconceptions. It stays on this computer.

Every event is one line of JSON in ``progress.jsonl`` in the user's data folder; nothing is ever
sent anywhere. Lines are only appended, so that several notebooks can write at once, and a line
that a crash tore apart is left out when reading. Where the folder cannot be written to, nothing
is recorded and everything else works. Set ``OPTLEARN_DATA`` to another folder, or to ``off``.
"""

import datetime
import json
import os
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

FILE = "progress.jsonl"


def folder():
    """Return the folder of the record, or ``None`` if it is switched off."""
    chosen = os.environ.get("OPTLEARN_DATA")
    if chosen:
        return None if chosen == "off" else Path(chosen)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "optlearn"


def record(kind, name, **facts):
    """Add one event and return whether it was kept.

    Parameters
    ----------
    kind : str
        ``"question"``, ``"prediction"``, ``"check"``, ``"hint"`` or ``"reveal"``.
    name : str
        Of the question, such as ``"02.limit"``.
    **facts
        What JSON can hold. For answers ``answer``, ``right`` and ``misconception``; for
        predictions also ``confidence``, from 0 to 1.
    """
    where = folder()
    if where is None:
        return False
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    line = json.dumps({"at": now, "kind": kind, "name": name, **facts}, ensure_ascii=False)
    try:
        where.mkdir(parents=True, exist_ok=True)
        # One write to a file opened for appending: lines of two kernels do not mix.
        with (where / FILE).open("ab") as file:
            file.write(_after(where / FILE) + line.encode() + b"\n")
    except OSError:
        return False
    return True


def _after(path):
    """Return what must stand before a new line: a line end where a crash left half a line."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return b""
        file.seek(-1, os.SEEK_END)
        return b"" if file.read(1) == b"\n" else b"\n"


def events():
    """Return all events, oldest first, as dictionaries."""
    where = folder()
    try:
        lines = (where / FILE).read_bytes().splitlines() if where else []
    except OSError:
        return []
    return [event for event in map(_event, lines) if event is not None]


def _event(line):
    try:
        event = json.loads(line)
    except ValueError:
        return None
    whole = isinstance(event, dict) and {"at", "kind", "name"} <= event.keys()
    return event if whole else None


def forget():
    """Delete the record and return whether there was one."""
    where = folder()
    if where is None or not (where / FILE).exists():
        return False
    (where / FILE).unlink()
    return True


def summary():
    """Return what the record says, as a :class:`Progress`."""
    return Progress(tuple(events()))


@dataclass(frozen=True)
class Progress:
    """What a learner did, in the order of time.

    Attributes
    ----------
    events : tuple of dict
    """

    events: tuple

    @property
    def answers(self):
        """The last answer to each question, by its name."""
        return {e["name"]: e for e in self.events if e["kind"] == "question"}

    @property
    def predictions(self):
        """The first prediction of each name: a later one knows the outcome."""
        first = {}
        for event in self.events:
            if event["kind"] == "prediction":
                first.setdefault(event["name"], event)
        return first

    @property
    def misconceptions(self):
        """How often each misconception was met, the most frequent first."""
        met = Counter(e["misconception"] for e in self.events if e.get("misconception"))
        return dict(sorted(met.items(), key=lambda item: (-item[1], item[0])))

    @property
    def brier(self):
        r"""The mean of :math:`(c - r)^2`, confidence against right (1) or wrong (0).

        0 is perfect and 0.25 what somebody gets who always says 50 %. ``None`` without a
        prediction that had a confidence. Brier, "Verification of forecasts expressed in terms
        of probability", Monthly Weather Review, 1950.
        """
        pairs = self._sure()
        return sum((c - r) ** 2 for c, r in pairs) / len(pairs) if pairs else None

    @property
    def calibration(self):
        """Rows (said confidence, share that was right, number of predictions), least sure first."""
        groups = {}
        for confidence, right in self._sure():
            groups.setdefault(round(confidence, 1), []).append(right)
        return [(c, sum(r) / len(r), len(r)) for c, r in sorted(groups.items())]

    def _sure(self):
        return [
            (e["confidence"], float(bool(e.get("right"))))
            for e in self.predictions.values()
            if isinstance(e.get("confidence"), int | float)
        ]

    def __repr__(self):
        right = sum(bool(e.get("right")) for e in self.answers.values())
        guessed = sum(bool(e.get("right")) for e in self.predictions.values())
        rows = [
            f"questions answered: {len(self.answers)}, right at the last try: {right}",
            f"predictions made: {len(self.predictions)}, right: {guessed}",
        ]
        if self.brier is not None:
            rows.append(f"calibration (Brier score, 0 is best, guessing 0.25): {self.brier:.2f}")
            rows += [
                f"  {confidence:.0%} sure: right {share:.0%} of {number}"
                for confidence, share, number in self.calibration
            ]
        rows += [f"misconception met {n} times: {name}" for name, n in self.misconceptions.items()]
        return "\n".join(rows)
