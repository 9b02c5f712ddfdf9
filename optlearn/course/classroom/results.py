"""What grading found: a line for each notebook, kept as it comes, and the points it is worth."""

import datetime
import json
import re

from . import policy
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


def _rows(classroom, assignment):
    """Yield all rows as they came; a line that a kill tore apart is left out."""
    path = _file(classroom, assignment)
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def read(classroom, assignment):
    """Return the rows by student: of the attempt that counts."""
    rows = {row["student"]: row for row in _rows(classroom, assignment)}
    return dict(sorted(rows.items()))


def attempts(classroom, assignment, who):
    """Return what each attempt is worth, lateness taken off, by its digest; the last comes last."""
    rows = [row for row in _rows(classroom, assignment) if row["student"] == who]
    rows.sort(key=lambda row: row.get("handed_in") or "")
    return {row["digest"]: net(classroom, assignment, row, row["score"]) for row in rows}


def scores(classroom, assignment):
    """Return ``(points, whether some by hand are missing)`` by student, from the gradebook."""
    from nbgrader.api import Gradebook

    with Gradebook(classroom.config(assignment).CourseDirectory.db_url, "optlearn") as book:
        return {
            submission.student.id: (round(submission.score, 2), submission.needs_manual_grade)
            for submission in book.assignment_submissions(assignment)
        }


def hours_late(classroom, assignment, row):
    """Return how late a graded notebook was handed in, by the rules of today."""
    when = row.get("handed_in")
    student = read_roster(classroom).get(row["student"])
    when = when and datetime.datetime.fromisoformat(when)
    return policy.hours_late(classroom, assignment, student, when)


def net(classroom, assignment, row, score):
    """Return ``score`` with what lateness costs taken off."""
    hours = hours_late(classroom, assignment, row)
    penalty = policy.get(classroom, "late", assignment).penalty(score, hours)
    return round(score - penalty, 2)


def row(classroom, assignment, who, problem=""):
    """Return what the gradebook and the graded notebook say of one student.

    The score is of the checks alone: points by hand may be those of an attempt before.
    """
    from nbgrader.api import Gradebook, MissingEntry

    found = {"student": who, "score": 0.0, "max": 0.0, "flags": []}
    config = classroom.config(assignment)
    with Gradebook(config.CourseDirectory.db_url, "optlearn") as book:
        found["max"] = book.find_assignment(assignment).max_score
        try:
            submission = book.find_submission(assignment, who)
            grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
            found["score"] = float(sum(grade.auto_score or 0 for grade in grades))
            if problem:  # the points there are those of an attempt before
                book.remove_submission(assignment, who)
                found["score"] = 0.0
        except MissingEntry:
            problem = problem or "nothing was entered into the gradebook"
    path = classroom.folder / "autograded" / who / assignment / "exercise.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    group = policy.get(classroom, "group", assignment)
    found["flags"] = _flags(notebook, who, group)
    found["flags"] += [f"not graded: {problem}"] if problem else []
    found["mistakes"] = _mistakes(notebook)
    return found


def _outputs(notebook):
    for cell in notebook.get("cells", ()):
        yield from cell.get("outputs", ())


def _flags(notebook, who, group):
    """Return what a teacher should look at."""
    flags = list(notebook.get("metadata", {}).get("optlearn_flags", ()))
    names = {output.get("ename") for output in _outputs(notebook)}
    if "CellTimeoutError" in names:
        flags.append("a cell ran out of time")
    if "DeadKernelError" in names:
        flags.append("the kernel died")
    said, word = _said(notebook)
    if said and said != who.lower():
        flags.append(f"the notebook's numbers are those of {said!r}")
    if word and word != group:
        flags.append("the notebook's numbers are those of another class")
    return flags


def _said(notebook):
    """Return the name and the group in the cell ``student("...", group="...")``."""
    for cell in notebook.get("cells", ()):
        found = re.search(
            r"""^student\(\s*["']?([^"')]*)["']?(?:,\s*group=["'](\w*)["'])?""",
            "".join(cell["source"]),
            re.MULTILINE,
        )
        if cell["cell_type"] == "code" and found:
            return found[1].strip().lower(), found[2] or ""
    return "", ""


def _mistakes(notebook):
    """Return the names of the mistakes that the checks recognised."""
    texts = ["".join(output.get("text", "")) for output in _outputs(notebook)]
    return sorted(set(re.findall(r"^Known as: (\S+)$", "\n".join(texts), flags=re.MULTILINE)))
