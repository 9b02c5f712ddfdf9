"""What grading found: a line for each student, kept as it comes, and the report of the class."""

import datetime
import json
import re
from collections import Counter

from .roster import read as read_roster


def _file(classroom, assignment):
    return classroom.folder / "graded" / f"{assignment}.jsonl"


def keep(classroom, assignment, row):
    """Add a row; a later one of the same student counts."""
    path = _file(classroom, assignment)
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        # The line end comes first: a kill may have left half a line.
        file.write("\n" + json.dumps(row, ensure_ascii=False))


def read(classroom, assignment):
    """Return the rows by student; a line that a kill tore apart is left out."""
    path, rows = _file(classroom, assignment), {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        rows[row["student"]] = row
    return dict(sorted(rows.items()))


def row(classroom, assignment, who, problem=""):
    """Return what the gradebook and the graded notebook say of one student."""
    from nbgrader.api import Gradebook, MissingEntry

    found = {"student": who, "score": 0.0, "max": 0.0, "by_hand": False, "flags": []}
    config = classroom.config(assignment)
    with Gradebook(config.CourseDirectory.db_url, "optlearn") as book:
        found["max"] = book.find_assignment(assignment).max_score
        try:
            submission = book.find_submission(assignment, who)
            found["score"] = 0.0 if problem else submission.score
            found["by_hand"] = bool(submission.needs_manual_grade and not problem)
        except MissingEntry:
            problem = problem or "nothing was entered into the gradebook"
    path = classroom.folder / "autograded" / who / assignment / "exercise.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    found["flags"] = [*_flags(notebook, who), *_late(classroom, assignment, who)]
    found["flags"] += [f"not graded: {problem}"] if problem else []
    found["mistakes"] = _mistakes(notebook)
    return found


def _late(classroom, assignment, who):
    """Yield how late a submission is, the student's extension taken off. Points stay."""
    due = classroom.due(assignment)
    stamp = classroom.folder / "submitted" / who / assignment / "timestamp.txt"
    if due is None or not stamp.exists():
        return
    when = stamp.read_text(encoding="utf-8").removesuffix(" UTC") + "+00:00"
    student = read_roster(classroom).get(who)
    hours = (datetime.datetime.fromisoformat(when) - due).total_seconds() / 3600
    hours -= student.extension_hours if student else 0
    if hours > 0:
        yield f"late by {hours:.1f} hours"


def _outputs(notebook):
    for cell in notebook.get("cells", ()):
        yield from cell.get("outputs", ())


def _flags(notebook, who):
    """Return what a teacher should look at."""
    flags = list(notebook.get("metadata", {}).get("optlearn_flags", ()))
    names = {output.get("ename") for output in _outputs(notebook)}
    if "CellTimeoutError" in names:
        flags.append("a cell ran out of time")
    if "DeadKernelError" in names:
        flags.append("the kernel died")
    said = _said(notebook)
    if said and said != who.lower():
        flags.append(f"the notebook's numbers are those of {said!r}")
    return flags


def _said(notebook):
    """Return the name in the cell ``student("...")``, or an empty string."""
    for cell in notebook.get("cells", ()):
        found = re.search(r'^student\(\s*["\']?([^"\')]*)', "".join(cell["source"]), re.MULTILINE)
        if cell["cell_type"] == "code" and found:
            return found[1].strip().lower()
    return ""


def _mistakes(notebook):
    """Return the names of the mistakes that the checks recognised."""
    texts = ["".join(output.get("text", "")) for output in _outputs(notebook)]
    return sorted(set(re.findall(r"^Known as: (\S+)$", "\n".join(texts), flags=re.MULTILINE)))


def report(classroom, assignment):
    """Return the report of the class as Markdown."""
    rows, students = read(classroom, assignment), read_roster(classroom)
    lines = [f"# {assignment}", "", f"{len(rows)} graded, {len(students)} in the roster.", ""]
    lines += ["| student | score | of | by hand | to look at |", "|---|---|---|---|---|"]
    lines += [
        f"| {r['student']} | {r['score']:g} | {r['max']:g} | {'yes' if r['by_hand'] else ''} | "
        f"{'; '.join(r['flags'])} |"
        for r in rows.values()
    ]
    absent = [who for who in students if who not in rows]
    lines += ["", f"Nothing handed in: {', '.join(absent)}."] if absent else []
    met = Counter(name for r in rows.values() for name in r["mistakes"])
    if met:
        lines += ["", "## Mistakes met", ""]
        lines += [f"- {name}: {number}" for name, number in met.most_common()]
    return "\n".join(lines) + "\n"
