"""What students and platforms get: feedback without the hidden tests, grades, oral questions."""

import ast
import csv
import io
import json
import re
import zipfile

from . import results, roster
from .errors import ClassroomError
from .report import points

#: Columns of the three tables; Moodle and Canvas find a student by their own columns.
HEADERS = {
    "csv": ("id", "name", "email", "assignment", "score", "max", "flags"),
    "moodle": ("Email address", "Full name", "Grade", "Maximum grade"),
    "canvas": ("Student", "ID", "SIS Login ID", "Section"),
}


def feedback(classroom, assignment):
    """Write each student's feedback page and one zip archive with all; return the archive."""
    classroom.assignment(assignment)
    rows = results.read(classroom, assignment)
    if not rows:
        raise ClassroomError(f"nothing is graded yet: optlearn classroom grade {assignment}")
    compared = json.loads(classroom.compared(assignment).read_text(encoding="utf-8"))
    for who in rows:
        if (classroom.folder / "autograded" / who / assignment).is_dir():
            with classroom.nbgrader("GenerateFeedback", assignment, who) as converter:
                converter.force = True
                converter.preprocessors = _preprocessors(compared)
                converter.start()
    target = classroom.folder / "feedback" / f"{assignment}.zip"
    target.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for who in rows:
            page = classroom.folder / "feedback" / who / assignment / "exercise.html"
            if page.exists():
                archive.write(page, f"{who}/{assignment}.html")
    return target


def _preprocessors(compared):
    from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
    from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor

    class Trim(NbGraderPreprocessor):
        """Take out hidden tests and tracebacks; set an answer to compare beside one's own."""

        def preprocess_cell(self, cell, resources, index):
            hidden = "### BEGIN HIDDEN TESTS" in cell.source
            begin, end = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
            cell.source = re.sub(f"{begin}.*?{end}", "", cell.source, flags=re.DOTALL)
            for output in cell.get("outputs", ()):
                if output.output_type == "error":
                    last = "" if hidden else f": {output.evalue}"
                    output.traceback = [f"{output.ename}{last}"]
            if cell.get("id") in compared:
                cell.source += f"\n\n---\n\n**To compare with:** {compared[cell.id]}"
            return cell, resources

    return [GetGrades, Trim, CSSHTMLHeaderPreprocessor]


def export(classroom, assignment, to="csv"):
    """Return the grades as the text of a table for a spreadsheet, Moodle or Canvas.

    Points by hand are in it, and what lateness costs is taken off. Who handed nothing in has 0.
    """
    if to not in HEADERS:
        raise ClassroomError(f"unknown table {to!r}: known are {', '.join(HEADERS)}")
    classroom.assignment(assignment)
    graded, students = results.read(classroom, assignment), roster.read(classroom)
    book = results.scores(classroom, assignment)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    most = next((row["max"] for row in graded.values()), "")
    table.writerow([*HEADERS[to], *([f"{assignment}"] if to == "canvas" else [])])
    if to == "canvas":
        table.writerow(["    Points Possible", "", "", "", points])
    for student in students.values():
        row = graded.get(student.id, {"student": student.id, "flags": ()})
        score, _lost = points(classroom, assignment, row, book)
        flags = "; ".join(row["flags"])
        table.writerow(
            {
                "csv": [student.id, student.name, student.email, assignment, score, most, flags],
                "moodle": [student.email, student.name, score, most],
                "canvas": [student.name, student.canvas, student.id, "", score],
            }[to]
        )
    return text.getvalue()


def viva(classroom, assignment, who):
    """Return a page with three oral questions about a student's own code and numbers."""
    path = classroom.folder / "submitted" / who / assignment / "exercise.ipynb"
    if not path.is_file():
        raise ClassroomError(f"{who} handed nothing in for {assignment}")
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError) as error:
        raise ClassroomError(f"{path} is no notebook: {error}") from error
    asked = [*_about_functions(code), *_about_numbers(code)][:3]
    asked += ["Which of your answers are you least sure of, and how would you test it?"] * 3
    lines = [f"# {assignment}: {who}", "", "Three questions, about five minutes.", ""]
    return "\n".join(lines + [f"{i}. {text}" for i, text in enumerate(asked[:3], 1)]) + "\n"


def _about_functions(code):
    """Ask for the effect of a line of the longest function of one's own."""
    functions = []
    for source in code:
        try:
            tree = ast.parse(source)
        except SyntaxError:
            continue
        functions += [(node, source) for node in tree.body if isinstance(node, ast.FunctionDef)]
    functions.sort(key=lambda pair: len(pair[0].body), reverse=True)
    for node, source in functions[:2]:
        lines = [n for n in ast.walk(node) if isinstance(n, ast.Assign | ast.AugAssign)]
        if lines:
            line = ast.get_source_segment(source, lines[-1])
            yield f"In your `{node.name}` stands `{line}`. What happens without this line, and why?"


def _about_numbers(code):
    """Ask for the reason behind a number the student wrote."""
    for source in code:
        for name, value in re.findall(r"^(\w+) = (-?\d[\d.e-]*)$", source, flags=re.MULTILINE):
            yield f"You gave `{name} = {value}`. How did you come to it, in two sentences?"
