"""The site: lessons as they are stored, pure wheels, a front page, and what a browser refuses."""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import unquote

import pytest

from optlearn import cli
from optlearn.course import browser
from optlearn.course.site import COMPILED, EXTENSIONS, PURE, SiteError, distribution, front, wheels
from optlearn.course.stored import NotebookError

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted([*ROOT.glob("lessons/*.ipynb"), *ROOT.glob("exercises/*/*.ipynb")])
WORKFLOW = ROOT / ".github/workflows/site.yml"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return the site's folder, built by the command that the workflow runs."""
    for name in ("jupyterlite_core", "jupyterlite_pyodide_kernel", "hatchling"):
        pytest.importorskip(name, reason=f"{name} is not installed: uv sync --group ci")
    folder = tmp_path_factory.mktemp("built") / "site"
    assert cli.main(["course", "site", str(folder)]) == 0
    return folder


def settings(folder):
    return json.loads((folder / "jupyter-lite.json").read_text("utf8"))["jupyter-config-data"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: "/".join(path.parts[-2:]))
def test_lessons_and_exercises_are_the_stored_ones(built, path):
    name = path.relative_to(ROOT)
    assert (built / "files" / name).read_bytes() == path.read_bytes()
    listed = json.loads((built / f"api/contents/{name.parent}/all.json").read_text("utf8"))
    assert name.as_posix() in [row["path"] for row in listed["content"]]


def test_our_wheel_and_what_it_needs_are_loaded_before_the_first_cell(built):
    kernel = settings(built)["litePluginSettings"]["@jupyterlite/pyodide-kernel-extension:kernel"]
    index = json.loads((built / "pypi/all.json").read_text("utf8"))
    packages = kernel["loadPyodideOptions"]["packages"]
    # From the worker's script, four folders below the root, to the wheel.
    worker = built / "extensions/@jupyterlite/pyodide-kernel-extension/static"
    found = [(worker / name).resolve() for name in packages if name.endswith(".whl")]
    assert {path.parent for path in found} == {(built / "pypi").resolve()}
    assert {path.name.partition("-")[0] for path in found} == {"optlearn", *PURE}
    for path in found:
        assert path.name.endswith("-py3-none-any.whl")
        (release,) = index[path.name.partition("-")[0].replace("_", "-")]["releases"].values()
        assert release[0]["digests"]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert set(COMPILED) <= set(packages)
    assert kernel["pyodideUrl"] == distribution.PYODIDE_URL


def test_the_front_ends_are_there_and_no_other(built):
    served = settings(built)["federated_extensions"]
    assert {row["name"] for row in served} == set(EXTENSIONS)
    for row in served:
        assert (built / "extensions" / row["name"] / row["load"]).is_file()


def test_the_wheels_run_without_their_compiled_parts(built, tmp_path):
    """In a process that finds these wheels first, as the browser's Python does."""
    for wheel in (built / "pypi").glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            assert archive.testzip() is None
            names = archive.namelist()
            assert [name for name in names if Path(name).suffix in wheels.COMPILED] == []
            (record,) = [name for name in names if name.endswith(".dist-info/RECORD")]
            rows = archive.read(record).decode().split()
            assert {row.split(",")[0] for row in rows} == set(names)
            archive.extractall(tmp_path)
    script = (
        "import anywidget, comm, ipywidgets, psygnal, tqdm, optlearn.explore as e;"
        "e.trajectory('ravine', 'momentum');"
        "print(*(m.__file__ for m in (anywidget, ipywidgets, psygnal, tqdm, e)), sep='\\n')"
    )
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {script}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout
    assert all(line.startswith(str(tmp_path)) for line in said.split()), said


def test_the_front_page_names_every_lesson_and_loads_nothing(built):
    page = (built / "index.html").read_text("utf8")
    found = front.lessons(built / "files")
    assert [lesson.path for lesson in found] == [
        f"lessons/{path.name}" for path in sorted((ROOT / "lessons").glob("*.ipynb"))
    ]
    for lesson in found:
        assert lesson.title[:2] == Path(lesson.path).name[:2]
        assert re.fullmatch(r"\d+ minutes", lesson.minutes)
        assert len(lesson.goals) >= 3
        assert lesson.minutes in page
    links = [unquote(link) for link in re.findall(r'href="lab/index\.html\?path=(.*?)"', page)]
    assert {ROOT / link for link in links} == set(NOTEBOOKS)
    assert re.findall(r"""(?:src=|href="|url\(|@import).{0,3}(?:https?:)?//""", page) == []
    assert "$" not in page
    assert "*" not in page


def test_a_site_replaces_an_older_one_and_nothing_else(tmp_path, capsys, monkeypatch):
    from optlearn.course import site

    mine = tmp_path / "thesis/chapter.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    for folder in (mine.parent, mine):
        assert cli.main(["course", "site", str(folder)]) == 2
    assert capsys.readouterr().err.count("optlearn: ") == 2
    older = tmp_path / "site"
    older.mkdir()
    (older / distribution.SETTINGS).write_text("{}")
    monkeypatch.setattr(site, "_run", lambda home: (home / "site").mkdir())
    site.build(older)
    assert sorted(path.name for path in older.iterdir()) == ["index.html"]
    assert [path.name for path in tmp_path.iterdir() if path.name not in ("thesis", "site")] == []
    assert mine.read_text() == "mine"


def test_a_failed_build_leaves_the_older_site(tmp_path, monkeypatch, capsys):
    from optlearn.course import site

    (tmp_path / distribution.SETTINGS).write_text("{}")
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    assert cli.main(["course", "site", str(tmp_path)]) == 2
    assert "JupyterLite's build failed" in capsys.readouterr().err
    monkeypatch.setattr(site, "PURE", ("no-such-package",))
    assert cli.main(["course", "site", str(tmp_path)]) == 2
    remedy = "no-such-package is not installed: pip install 'optlearn[site]'"
    assert remedy in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [distribution.SETTINGS]


def test_a_package_with_compiled_parts_alone_is_refused(tmp_path):
    with pytest.raises(SiteError, match="numpy is not pure Python"):
        wheels.pack("numpy", tmp_path)


@pytest.fixture
def pyodide(tmp_path):
    """Return a folder that looks like a Pyodide distribution."""
    folder = tmp_path / "pyodide"
    folder.mkdir()
    depends = {"numpy": [], "scipy": ["numpy", "openblas"], "openblas": [], "pandas": ["numpy"]}
    depends |= {name: [] for name in distribution.KERNEL}
    packages = {n: {"file_name": f"{n}.whl", "depends": needs} for n, needs in depends.items()}
    lock = {"info": {"version": distribution.PYODIDE}, "packages": packages}
    (folder / distribution.LOCK).write_text(json.dumps(lock))
    for name in (*distribution.CORE, *(f"{n}.whl" for n in depends)):
        (folder / name).write_text(name)
    return folder


def test_of_a_pyodide_only_what_is_needed_is_handed_out(pyodide, tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    (site / distribution.SETTINGS).write_text(json.dumps({"pyodideUrl": distribution.PYODIDE_URL}))
    distribution.add_pyodide(site, pyodide, ["scipy"])
    copied = {path.name for path in (site / "static/pyodide").iterdir()}
    assert {"numpy.whl", "scipy.whl", "openblas.whl", *distribution.CORE} <= copied
    assert "pandas.whl" not in copied
    url = json.loads((site / distribution.SETTINGS).read_text())["pyodideUrl"]
    assert (site / url).is_file()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda folder: (folder / "pyodide.js").unlink(), "there is no pyodide.js"),
        (lambda folder: (folder / "openblas.whl").unlink(), "lacks openblas.whl"),
        (lambda folder: rewrite(folder, distribution.PYODIDE, "0.26.0"), "holds Pyodide 0.26.0"),
        (lambda folder: rewrite(folder, '"scipy"', '"scypi"'), "has no scipy"),
    ],
    ids=["core", "package", "version", "lock"],
)
def test_a_pyodide_that_will_not_do_is_refused(pyodide, tmp_path, spoil, says):
    spoil(pyodide)
    with pytest.raises(SiteError, match=says):
        distribution.add_pyodide(tmp_path / "site", pyodide, ["scipy"])


def rewrite(folder, old, new):
    lock = folder / distribution.LOCK
    lock.write_text(lock.read_text().replace(old, new))


#: What Pyodide's Python lacks, by its documentation.
ABSENT = ("_multiprocessing", "_posixshmem", "fcntl", "grp", "pwd", "resource", "syslog", "termios")


#: Newer versions of scikit-learn import multiprocessing at once; Pyodide's does not.
LOADED = """import sys, sklearn.datasets, sklearn.model_selection, sklearn.utils.validation
for name in [n for n in sys.modules if n.startswith(("multiprocessing", "concurrent"))]:
    del sys.modules[name]
"""


def in_one_process(script, first="import sys\n"):
    """Return what a script says where, as in a browser, modules for many processes are missing."""
    blocked = f"sys.modules.update(dict.fromkeys({ABSENT!r}))\n"
    command = [sys.executable, "-W", "error", "-c", first + blocked + script]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.split("\n")[:-1]


def test_everything_that_lessons_import_loads_without_multiprocessing():
    lines = "\n".join(
        line.strip()
        for path in NOTEBOOKS
        for cell in json.loads(path.read_text("utf8"))["cells"]
        for line in cell["source"]
        if cell["cell_type"] == "code" and re.match(r"(from|import) (?!.*\($)", line)
    )
    assert "from optlearn import" in lines
    script = f"{lines}\nfrom optlearn import cli, estimators\nprint('all')"
    assert in_one_process(script, LOADED) == ["all"]


@pytest.mark.parametrize("jobs", [-1, 2, None])
def test_a_sweep_runs_in_turn_where_there_is_one_process(jobs):
    script = (
        "import os\nfrom optlearn import tuning\n"
        "run = lambda config: {'loss': config['x'] ** 2, 'process': os.getpid()}\n"
        f"rows = tuning.sweep(run, [{{'x': 3.0}}, {{'x': 2.0}}], n_jobs={jobs}).rows\n"
        "print(*(row['result']['loss'] for row in rows))\n"
        "print({row['result']['process'] for row in rows} == {os.getpid()})"
    )
    assert in_one_process(script) == ["9.0 4.0", "True"]


@pytest.mark.parametrize("arguments", [["lab"], ["check", "x.ipynb"], ["classroom", "doctor"]])
def test_what_needs_other_programs_says_so_in_a_browser(arguments, monkeypatch, capsys):
    monkeypatch.setattr(sys, "platform", "emscripten")
    assert cli.main(arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"optlearn: `optlearn {arguments[0]}` starts other programs")
    assert "on a computer" in said
    assert cli.main(["progress"]) == 0


def test_on_a_computer_nothing_is_refused():
    for command in browser.ELSEWHERE:
        browser.refuse(command)
    with pytest.raises(NotebookError):
        raise SiteError("a user's error")


def test_the_workflow_s_actions_are_pinned_and_its_command_is_ours():
    text = WORKFLOW.read_text("utf8")
    used = re.findall(r"uses: (\S+)", text)
    assert len(used) >= 4
    assert [name for name in used if not re.search(r"@[0-9a-f]{40}$", name)] == []
    commands = re.findall(r"optlearn (course site .*)", text)
    assert commands
    for command in commands:
        parsed = cli._parser().parse_args(command.split())
        assert isinstance(parsed, argparse.Namespace)
        assert f"path: {parsed.folder}" in text
    for extra in re.findall(r"--extra (\w+)", text):
        assert re.search(rf"^{extra} = \[", (ROOT / "pyproject.toml").read_text("utf8"), re.M)
