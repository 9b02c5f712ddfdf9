"""Stored lessons: their hygiene, what their strict tests catch, how they are refreshed."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as xml
from pathlib import Path

import pytest

from optlearn.course import notebooks

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "tests/fixtures"
CI = os.environ.get("CI") == "true"


@pytest.mark.parametrize("lesson", notebooks.lessons(ROOT), ids=lambda path: path.stem)
def test_a_lesson_is_stored_as_it_should_be(lesson):
    if notebooks.edited(lesson) and not CI:
        pytest.skip(f"lessons/{lesson.name}: changed since the last commit")
    assert notebooks.problems(lesson) == []


def strict(notebook_paths, folder):
    """Run the notebooks' own tests, as configured for this repository, in a process of its own."""
    report = folder / "report.xml"
    command = [
        sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "-p", "no:cacheprovider",
        "--color=no", f"--rootdir={folder}", f"--junit-xml={report}", *notebook_paths,
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    answer = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert report.exists(), answer.stdout + answer.stderr
    return xml.parse(report).getroot()


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """Return, for every fixture, what its failing cells complain of: ``{name: [text]}``."""
    folder = tmp_path_factory.mktemp("fixtures")
    copies = {
        path.name.split(".")[0]: Path(shutil.copy(path, folder / path.stem))
        for path in sorted(FIXTURES.glob("*.ipynb.txt"))
    }
    found = {name: [] for name in copies}
    ran = dict.fromkeys(copies, 0)
    for case in strict(copies.values(), folder).iter("testcase"):
        name = next(name for name in copies if f"{name}.ipynb" in "".join(case.attrib.values()))
        ran[name] += 1
        found[name] += [failure.text for failure in case.findall("failure")]
    assert set(ran.values()) == {5}, ran
    return found


def test_a_good_notebook_passes(verdicts):
    assert verdicts["good"] == []


@pytest.mark.parametrize(
    ("planted", "cell", "reason"),
    [
        ("stripped", 0, "The cell was not run"),
        ("stale", 2, "assert reference_output == test_output failed"),
        ("stale", 0, "Unexpected output fields from running code: {'stdout'}"),
        ("stale", 1, "Stored is [['text/plain']], running the cell gives [['image/png'"),
        ("learning_rate", 0, "after 20 steps: 0.94"),
        ("plot", 1, "after 10 steps"),
        ("error", 2, "AttributeError"),
    ],
)
def test_a_planted_defect_fails_with_its_reason(verdicts, planted, cell, reason):
    failing = [text for text in verdicts[planted] if f"Cell {cell}: " in text]
    assert len(failing) == 1, verdicts[planted]
    assert reason in failing[0]


def test_every_fixture_has_its_test(verdicts):
    marks = test_a_planted_defect_fails_with_its_reason.pytestmark
    assert set(verdicts) - {"good"} == {planted for planted, _, _ in marks[0].args[1]}


def test_refresh_and_the_strict_tests_run_alike(tmp_path):
    """The good notebook shows threads, sockets and ``_``; both kernels must say the same."""
    path = Path(shutil.copy(FIXTURES / "good.ipynb.txt", tmp_path / "good.ipynb"))
    before = texts(path)
    assert "no network in lessons and tests: '192.0.2.1' is beyond this machine" in str(before)
    content = json.loads(path.read_text("utf8"))
    for cell in content["cells"][1:]:
        cell["outputs"] = []
    path.write_text(json.dumps(content), "utf8")
    assert notebooks.refresh([path]) == [path]
    assert texts(path) == before
    assert notebooks.problems(path) == []


def texts(path):
    """Return what a notebook shows, but for the pictures, whose bytes differ between machines."""
    cells = json.loads(path.read_text("utf8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return [
        (output["output_type"], sorted(data), data.get("text/plain"), output.get("text"))
        for output in outputs
        for data in [output.get("data", {})]
    ]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("1 + 1;  # shown", "ends with ';'"),
        ("from ipywidgets import interact\ninteract(print, x=3)", "uses interact"),
        ("%pip install optlearn", "installs packages"),
        ("open('/home/ada/data.csv')", "names a folder of one machine"),
        ("def long():\n" + "    x = 1\n" * 10, "defines long over 11 lines"),
        ("1 +", "is not Python"),
        ("def short():\n" + "    x = 1\n" * 9, None),
        ("text = 'a;b'  # ;\nvalue = 'https://example.org/home/x'", None),
    ],
)
def test_hygiene_of_code(tmp_path, write_notebook, source, problem):
    found = notebooks.problems(write_notebook(tmp_path / "lesson.ipynb", source))
    of_code = [line for line in found if line.startswith("cell 0") and "not run" not in line]
    assert [problem in line for line in of_code] == [True] * (problem is not None), found


def text_cell(content, source):
    content["cells"][0]["source"] = source


def code(content, position=1):
    return content["cells"][position]


def shown(content):
    return content["cells"][2]["outputs"][0]


LIVE = {"application/vnd.jupyter.widget-view+json": {"model_id": "0"}}


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda nb: nb["metadata"].update(widgets={}), "state of widgets is stored"),
        (lambda nb: nb["metadata"]["kernelspec"].update(name="mine"), "the kernelspec is"),
        (lambda nb: nb["metadata"]["language_info"].update(version="3"), "language_info is not"),
        (lambda nb: nb["metadata"].update(author="ada"), "metadata.author says nothing"),
        (lambda nb: code(nb).pop("id"), "cell 1 has no id"),
        (lambda nb: code(nb).update(id="picture"), "has the id 'picture' of another cell"),
        (lambda nb: code(nb)["metadata"].update(execution={}), "stores 'execution'"),
        (
            lambda nb: code(nb)["metadata"].update(tags=["nbval-skip"]),
            "carries the tag 'nbval-skip', which leaves it untested",
        ),
        (lambda nb: code(nb).update(execution_count=None), "cell 1 (numbers) was not run"),
        (lambda nb: code(nb).update(execution_count=3), "execution count 3 instead of 1"),
        (lambda nb: code(nb, 5)["metadata"].clear(), "stores the error LinAlgError"),
        (lambda nb: shown(nb)["data"].update(LIVE), "stores the live view of a widget"),
        (lambda nb: shown(nb)["data"].pop("text/plain"), "a picture without a text twin"),
        (
            lambda nb: shown(nb)["data"].update(
                {"text/plain": "<Figure size 640x480 with 1 Axes>"}
            ),
            "a picture without a text twin, see plots.picture: <Figure",
        ),
        (
            lambda nb: shown(nb)["data"].update({"text/plain": "<f at 0x7f00aa11bb22>"}),
            "stores a memory address",
        ),
        (
            lambda nb: code(nb)["outputs"][0].update(text="saved in /tmp/run"),
            "stores a folder of one machine",
        ),
        (lambda nb: text_cell(nb, "![loss](https://example.org/a.png)"), "from the network"),
        (
            lambda nb: text_cell(nb, '<img alt="loss" src="http://example.org/a">'),
            "from the network",
        ),
        (lambda nb: text_cell(nb, "In `/home/ada/optlearn`"), "names a folder of one machine"),
        (lambda nb: text_cell(nb, "x" * 600_000), "over 500"),
        (lambda nb: code(nb)["outputs"][0].update(name=1), "breaks its format"),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_hygiene_names_every_defect(tmp_path, spoil, problem):
    content = json.loads((FIXTURES / "good.ipynb.txt").read_text("utf8"))
    spoil(content)
    path = tmp_path / "lesson.ipynb"
    path.write_text(
        json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf8"
    )
    found = notebooks.problems(path)
    assert len([line for line in found if problem in line]) == 1, found


def test_hygiene_finds_nothing_in_the_good_notebook_and_its_file_is_in_normal_form(tmp_path):
    path = Path(shutil.copy(FIXTURES / "good.ipynb.txt", tmp_path / "good.ipynb"))
    assert notebooks.problems(path) == []
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert "not in its normal form" in notebooks.problems(path)[0]


def test_a_second_refresh_gives_the_same_bytes(tmp_path, write_notebook):
    widget = (
        "import anywidget\n\n\nclass Widget(anywidget.AnyWidget):\n"
        "    _esm = 'export default {render() {}}'\n\n"
        "    def __repr__(self):\n        return 'a widget'\n\n\nWidget()"
    )
    streams = "import sys\nfor i in range(3):\n    print(i)\n    print(-i, file=sys.stderr)"
    path = write_notebook(tmp_path / "lesson.ipynb", widget, streams, "", "1 / 0")
    content = json.loads(path.read_text("utf8"))
    content["cells"][3]["metadata"] = {"tags": ["raises-exception"], "execution": {"a": "b"}}
    content["cells"][1]["id"] = "cell-0"  # taken
    del content["cells"][2]["id"]
    content["metadata"] = {"widgets": {}, "language_info": {"version": "3"}, "kernelspec": {}}
    path.write_text(json.dumps(content), "utf8")

    assert notebooks.refresh([path]) == [path]
    first = path.read_bytes()
    assert notebooks.refresh([path]) == []
    assert path.read_bytes() == first
    assert notebooks.problems(path) == []

    stored = json.loads(first)
    outputs = [cell["outputs"] for cell in stored["cells"]]
    assert outputs[0][0]["data"] == {"text/plain": ["a widget"]}
    assert [(o["name"], o["text"]) for o in outputs[1]] == [
        ("stdout", ["0\n", "1\n", "2\n"]),
        ("stderr", ["0\n", "-1\n", "-2\n"]),
    ]
    assert outputs[3][0]["traceback"] == ["ZeroDivisionError: division by zero"]
    assert [cell["execution_count"] for cell in stored["cells"]] == [1, 2, None, 3]
    assert stored["cells"][0]["id"] == "cell-0"


def test_a_failing_cell_is_named_and_leaves_the_file(tmp_path, write_notebook):
    path = write_notebook(tmp_path / "lesson.ipynb", "x = 1", "raise ValueError('bad\\nluck')")
    before = path.read_bytes()
    says = re.escape(f"{path}: cell 1 (cell-1) raises ValueError: bad") + "$"
    with pytest.raises(notebooks.NotebookError, match=says):
        notebooks.refresh([path])
    assert path.read_bytes() == before


def test_a_cell_that_does_not_end_is_named(tmp_path, write_notebook):
    path = write_notebook(tmp_path / "lesson.ipynb", "import time\ntime.sleep(60)")
    with pytest.raises(notebooks.NotebookError, match=r"cell 0 \(cell-0\) does not end"):
        notebooks.refresh([path], timeout=1)


def test_a_kill_leaves_the_old_file(tmp_path, write_notebook):
    sleep = "import pathlib, time\npathlib.Path('began').touch()\ntime.sleep(60)"
    path = write_notebook(tmp_path / "lesson.ipynb", "1 + 1", sleep)
    before = path.read_bytes()
    script = f"from optlearn.course import notebooks\nnotebooks.refresh([{str(path)!r}])"
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)
    try:
        end = time.monotonic() + 60
        while not (tmp_path / "began").exists() and time.monotonic() < end:
            assert process.poll() is None
            time.sleep(0.05)
    finally:
        process.kill()
        process.wait()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["began", "lesson.ipynb"]
    assert path.read_bytes() == before


def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path, write_notebook, monkeypatch):
    path = write_notebook(tmp_path / "lesson.ipynb", "1 + 1")
    before = path.read_bytes()

    def full(number):
        raise OSError("no space left on device")

    monkeypatch.setattr(notebooks.os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        notebooks.refresh([path])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def git(folder, *arguments):
    author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True)


def test_edited_compares_with_the_last_commit(tmp_path, write_notebook, monkeypatch):
    path = write_notebook(tmp_path / "lesson.ipynb", "1 + 1")
    assert not notebooks.edited(path)  # no checkout
    git(tmp_path, "init", "-q")
    assert notebooks.edited(path)  # never committed
    git(tmp_path, "add", ".")
    assert notebooks.edited(path)
    git(tmp_path, "commit", "-qm", "A lesson")
    assert not notebooks.edited(path)
    path.write_text(path.read_text("utf8") + "\n", "utf8")
    assert notebooks.edited(path)
    monkeypatch.setenv("PATH", "")
    assert not notebooks.edited(path)  # no git
