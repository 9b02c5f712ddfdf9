"""Who is in the class, and whose an uploaded file is: by the roster, never by a guess."""

import csv
import re
import unicodedata
from dataclasses import dataclass

from .errors import ClassroomError

#: What nbgrader and file systems take without quoting.
SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Student:
    """A row of ``roster.csv``; ``moodle`` and ``canvas`` are the platform's own numbers."""

    id: str
    name: str = ""
    email: str = ""
    moodle: str = ""
    canvas: str = ""
    extension_hours: float = 0.0


def read(classroom):
    """Return the students of ``roster.csv`` by their ids."""
    path = classroom.folder / "roster.csv"
    if not path.is_file():
        raise ClassroomError(f"there is no {path}: a table with the columns id,name,email")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ClassroomError(f"{path} is not in UTF-8: save it as 'CSV UTF-8'") from error
    lines = text.splitlines()
    semicolons = lines and ";" in lines[0]  # as spreadsheets write where commas are in numbers
    table = csv.DictReader(lines, delimiter=";" if semicolons else ",")
    rows = [{k: (v or "").strip() for k, v in row.items() if k} for row in table]
    students = [_student(row, line) for line, row in enumerate(rows, start=2)]
    if not students:
        raise ClassroomError(f"{path} is empty: write a line id,name,email for each student")
    twice = {s.id for s in students if sum(s.id == other.id for other in students) > 1}
    if twice:
        raise ClassroomError(f"{path}: the id {', '.join(sorted(twice))} stands there twice")
    return {student.id: student for student in students}


def _student(row, line):
    known = {key: row.get(key, "") for key in ("id", "name", "email", "moodle", "canvas")}
    if not SAFE.fullmatch(known["id"]):
        raise ClassroomError(
            f"roster.csv, line {line}: the id {known['id']!r} must consist of letters without "
            "accents, digits, dots, dashes and underscores"
        )
    hours = row.get("extension_hours") or "0"
    try:
        return Student(**known, extension_hours=float(hours))
    except ValueError as error:
        raise ClassroomError(
            f"roster.csv, line {line}: extension_hours is no number: {hours}"
        ) from error


def plain(text):
    """Return a name as platforms squeeze it: small letters and digits without accents."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in bare if letter.isalnum() and letter.isascii())


def names(student):
    """Return the ways a student's name may be written: in either order, squeezed."""
    words = student.name.replace(",", " ").split()
    turned = [words[i:] + words[:i] for i in range(len(words))]
    return {plain("".join(order)) for order in turned} - {""}
