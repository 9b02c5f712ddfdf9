"""The exercises are what the solutions generate, and the graders tell answers from blanks."""

import copy
import functools
import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from optlearn.course import exercises
from optlearn.course.checks import engine
from optlearn.course.notebooks import edited

nbformat = pytest.importorskip("nbformat", reason="generating exercises needs the extra classroom")
pytest.importorskip("nbgrader", reason="generating exercises needs the extra classroom")

ROOT = Path(__file__).resolve().parent.parent
NAMES = sorted(path.parent.name for path in (ROOT / "solutions").glob("*/exercise.ipynb"))


def source(name):
    return ROOT / "solutions" / name / "exercise.ipynb"


def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def skip_if_edited(path):
    if path.exists() and not os.environ.get("CI") and edited(path):
        pytest.skip(f"{path.relative_to(ROOT)} differs from HEAD: someone has worked in it")


# ------------------------------------------------------------------------------- generation


def test_there_is_an_exercise():
    assert "02_gradient_descent" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_generated_is_committed(name, tmp_path):
    stored = ROOT / "exercises" / name / "exercise.ipynb"
    skip_if_edited(stored)
    shutil.copytree(ROOT / "solutions" / name, tmp_path / "solutions" / name)
    assert exercises.build(tmp_path) == [name]
    made = tmp_path / "exercises" / name / "exercise.ipynb"
    assert made.read_bytes() == stored.read_bytes(), "run optlearn.course.exercises.build"
    assert exercises.build(tmp_path) == [], "two runs differ"


def test_check_changes_nothing(tmp_path):
    name = NAMES[0]
    shutil.copytree(ROOT / "solutions" / name, tmp_path / "solutions" / name)
    assert exercises.build(tmp_path, check=True) == [name]
    assert not (tmp_path / "exercises").exists()


def test_nothing_else_lies_in_the_exercises():
    stored = {path.relative_to(ROOT / "exercises") for path in (ROOT / "exercises").rglob("*.*")}
    stored = {path for path in stored if ".ipynb_checkpoints" not in path.parts}
    assert stored == {Path(name, "exercise.ipynb") for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_source_keeps_the_rules(name):
    assert exercises.problems(source(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_sentences_are_short(name):
    """At most 25 words, in the text and in the hints (the third of them is nearly code)."""
    whole = {c["id"]: "".join(c["source"]) for c in cells(source(name))}
    asked = re.findall(r'^hint\("([\w.]+)"\)', "\n".join(whole.values()), flags=re.M)
    assert asked
    shown = [c["id"] for c in cells(source(name)) if c["cell_type"] == "markdown"]
    texts = [whole[cell_id] for cell_id in shown]
    texts += [text for question in asked for text in engine.find(question).hints[:2]]
    sentences = [s for text in texts for s in re.split(r"(?<=[.!?])[”*]*\s|\n", text)]
    assert [s for s in sentences if len(s.split()) > 25] == []


@pytest.mark.parametrize("name", NAMES)
def test_exercise_leaks_nothing(name):
    stored = ROOT / "exercises" / name / "exercise.ipynb"
    skip_if_edited(stored)
    assert exercises.leaks(cells(source(name)), cells(stored)) == []


@pytest.mark.parametrize("name", NAMES)
def test_leak_scan_sees_what_leaks(name):
    whole = cells(source(name))
    found = exercises.leaks(whole, whole)
    assert any("fresh=True" in line for line in found), "hidden tests"
    assert any(re.search(r"= .*\blr\b", line) for line in found), "answers"
    assert exercises.leaks(whole, [{"source": "", "outputs": ["1.0"]}]) == ["an output"]


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("### BEGIN SOLUTION", None),
        ("### END HIDDEN TESTS", None),
        ("### BEGIN SOLUTIONS", "### BEGIN SOLUTION"),
        ("#BEGIN SOLUTION", "### BEGIN SOLUTION"),
        ("# BEGIN SOLUTION", "### BEGIN SOLUTION"),
        ("### begin solution", "### BEGIN SOLUTION"),
        ("### BEGIN SOLUTON", "### BEGIN SOLUTION"),
        ("### BEGIN_SOLUTION", "### BEGIN SOLUTION"),
        ("### END SOLUTION ###", "### END SOLUTION"),
        ("#### END SOLUTION", "### END SOLUTION"),
        ("### BEGIN HIDDEN TEST", "### BEGIN HIDDEN TESTS"),
        ("### END HIDDEN TEST", "### END HIDDEN TESTS"),
        ("### BEGINN HIDDEN TESTS", "### BEGIN HIDDEN TESTS"),
        ("=== BEGIN MARKSCHEME ===", "=== BEGIN MARK SCHEME ==="),
        ("# Replace the dots by your numbers.", None),
        ("## 3. Fill the blank (2 points: 1 now, 1 with new numbers)", None),
        ("solution = 3", None),
    ],
)
def test_near_misses(line, meant):
    assert exercises.near_miss(line) == meant


def _broken(cell_id, change):
    def apply(notebook):
        cell = next(cell for cell in notebook["cells"] if cell["id"] == cell_id)
        change(cell)

    return apply


def _replace(old, new):
    def change(cell):
        cell["source"] = [line.replace(old, new) for line in cell["source"]]

    return change


@pytest.mark.parametrize(
    ("breakage", "said"),
    [
        (_broken("02-step", _replace("### BEGIN SOLUTION", "# BEGIN SOLUTION")), "cell 02-step"),
        (_broken("02-step", _replace("### END SOLUTION", "")), "has no partner"),
        (_broken("step-more", _replace("TESTS", "TEST")), "looks like a marker"),
        (_broken("02-step", lambda cell: cell.update(id="other")), "must equal the grade_id"),
        (_broken("02-step", lambda cell: cell.update(execution_count=3)), "carries outputs"),
        (
            _broken("02-step", lambda cell: cell["metadata"]["nbgrader"].update(solution=False)),
            "not marked as a solution",
        ),
        (
            _broken("step-more", lambda cell: cell["metadata"]["nbgrader"].update(grade=False)),
            "not marked as a test",
        ),
    ],
)
def test_broken_source_is_refused(breakage, said, tmp_path):
    name = "02_gradient_descent"
    notebook = json.loads(source(name).read_text(encoding="utf-8"))
    breakage(notebook)
    target = tmp_path / "solutions" / name / "exercise.ipynb"
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps(notebook), encoding="utf-8")
    with pytest.raises(exercises.SourceError, match=said) as error:
        exercises.build(tmp_path)
    assert name in str(error.value)


def test_without_nbgrader_the_remedy_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "nbgrader.converters", None)
    shutil.copytree(ROOT / "solutions" / NAMES[0], tmp_path / "solutions" / NAMES[0])
    with pytest.raises(ModuleNotFoundError, match=r"pip install optlearn\[classroom\]"):
        exercises.build(tmp_path)


# ----------------------------------------------------------------------------------- grading


STUDENTS = ("0", "ada", "4711")


def blanked(notebook):
    """Return a source without its answers; unlike the exercise it still has the hidden tests."""
    from nbgrader.preprocessors import ClearSolutions

    config = exercises.configuration(ROOT, ROOT)
    return ClearSolutions(config=config).preprocess(copy.deepcopy(notebook), {})[0]


@functools.cache
def ran(name):
    """Return an exercise solved by each student, its blank source, and itself, all executed.

    That is done as nbgrader does it, but in one kernel for all: to start one and to import takes
    longer than the cells. Each begins with no names.
    """
    from nbgrader.preprocessors import Execute

    solved, stored = source(name), ROOT / "exercises" / name / "exercise.ipynb"
    whole = nbformat.read(solved, 4)
    turns = {student: (whole, solved, student) for student in STUDENTS}
    turns["blank"] = blanked(whole), solved, STUDENTS[0]
    turns["exercise"] = nbformat.read(stored, 4), stored, STUDENTS[0]
    cells, parts = [], {}
    for turn, (notebook, path, student) in turns.items():
        begin = (
            f"%reset -f\n__import__('os').chdir({str(path.parent)!r})\n"
            f"__import__('os').environ['OPTLEARN_STUDENT'] = {student!r}"
        )
        parts[turn] = copy.deepcopy(notebook).cells
        for cell in parts[turn]:
            cell.id = f"{turn}-{cell.id}"
        cells += [nbformat.v4.new_code_cell(begin), *parts[turn]]
    joined = nbformat.v4.new_notebook(metadata=whole.metadata, cells=cells)
    Execute(timeout=60).preprocess(joined, {"metadata": {"path": str(solved.parent)}})
    return parts


def graded(cells):
    """Return (points, maximum) by cell, and all errors, of executed cells."""
    from nbgrader.utils import determine_grade, is_grade

    code = [cell for cell in cells if cell.cell_type == "code"]
    tests = [cell for cell in code if is_grade(cell)]
    errors = [
        (cell.id, o.get("evalue", o.get("text")))
        for cell in code
        for o in cell.outputs
        if o.output_type == "error" or o.get("name") == "stderr"
    ]
    return {cell.metadata.nbgrader.grade_id: determine_grade(cell) for cell in tests}, errors


@pytest.mark.parametrize("student", STUDENTS)
@pytest.mark.parametrize("name", NAMES)
def test_solution_earns_full_marks(name, student):
    found, errors = graded(ran(name)[student])
    assert errors == []
    assert found
    assert {k: v for k, v in found.items() if v[0] != v[1]} == {}


@pytest.mark.parametrize("name", NAMES)
def test_students_get_numbers_of_their_own(name):
    """In the one kernel, too."""
    shown = {
        str([cell.outputs for cell in ran(name)[student] if cell.cell_type == "code"])
        for student in STUDENTS
    }
    assert len(shown) == len(STUDENTS)


@pytest.mark.parametrize("name", NAMES)
def test_blank_earns_nothing_and_runs_to_its_end(name):
    blank = ran(name)["blank"]
    found, errors = graded(blank)
    assert errors == []
    assert {k: v for k, v in found.items() if v[0] != 0} == {}
    shown = [o.text for c in blank for o in c.get("outputs", ()) if o.get("text")]
    assert sum("Nothing is written here yet" in text for text in shown) >= len(found)


@pytest.mark.parametrize("name", NAMES)
def test_exercise_runs_to_its_end(name):
    skip_if_edited(ROOT / "exercises" / name / "exercise.ipynb")
    cells = ran(name)["exercise"]
    assert graded(cells)[1] == []
    assert all(cell.execution_count for cell in cells if cell.cell_type == "code")


@pytest.mark.parametrize("name", NAMES)
def test_a_text_read_by_hand_is_blank_when_handed_out(name):
    """The teacher's mark scheme stays in the source, and nobody's blank earns a point."""
    stored = ROOT / "exercises" / name / "exercise.ipynb"
    skip_if_edited(stored)
    handed = {cell["id"]: "".join(cell["source"]) for cell in cells(stored)}
    for cell in cells(source(name)):
        marks = cell["metadata"].get("nbgrader", {})
        if marks.get("grade") and cell["cell_type"] == "markdown":
            assert marks["solution"]
            assert "**Mark scheme**" in "".join(cell["source"])
            assert handed[cell["id"]] == exercises.TEXT_STUB


@pytest.mark.parametrize("name", NAMES)
def test_points(name):
    """At most 40 % are for implementing, and the text states every point."""
    points, made = {}, 0
    for cell in cells(source(name)):
        marks = cell["metadata"].get("nbgrader", {})
        if not marks.get("grade"):
            continue
        asked = cell["id"]
        if cell["cell_type"] == "code":
            asked, stated = re.search(
                r'check\("([\w.]+)".*points\((\d+)\)', "".join(cell["source"])
            ).groups()
            assert float(stated) == marks["points"], f"{cell['id']} gives other points"
            made += marks["points"] * (engine.find(asked).kind == "implement")
        points[asked] = points.get(asked, 0) + marks["points"]
    whole = sum(points.values())
    assert made <= 0.4 * whole
    text = "\n".join("".join(c["source"]) for c in cells(source(name)) if c["cell_type"] != "code")
    headings = [int(n) for n in re.findall(r"^## .*\((\d+) points?", text, flags=re.M)]
    assert headings == list(points.values())
    assert f"{whole} points" in text
