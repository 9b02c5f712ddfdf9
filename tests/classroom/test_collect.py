"""Whose a file is says the roster: nobody is guessed, nobody is dropped."""

import json
import os
import zipfile

import pytest

from optlearn import cli
from optlearn.course.classroom import collect as collecting
from optlearn.course.classroom import roster, settings
from optlearn.course.classroom.collect import collect

from .conftest import NAME

ROSTER = """id,name,email,moodle,canvas,extension_hours
jdoe,Jane Doe,jane@example.org,,,
jdoe2,Jane Doe,jane2@example.org,777,888,
mueller,Jörg Müller,jm@example.org,,,48
ab-12,Ana Maria de la Cruz,ana@example.org,,,
4711,Bob Stone,bob@example.org,,,
"""


@pytest.fixture
def classroom(tmp_path):
    made = settings.init(tmp_path / "class")
    (made.folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
    source = made.folder / "source" / NAME
    source.mkdir(parents=True)
    (source / "exercise.ipynb").write_text("{}")
    return made


def upload(folder, *names):
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"number": number}))
    return folder


@pytest.mark.parametrize(
    ("platform", "name", "who"),
    [
        ("moodle", "Jörg Müller_12345_assignsubmission_file/exercise.ipynb", "mueller"),
        ("moodle", "Jorg Muller_12345_assignsubmission_file_/exercise.ipynb", "mueller"),
        ("moodle", "Müller Jörg_12345_assignsubmission_file/my work.ipynb", "mueller"),
        ("moodle", "Jane Doe_777_assignsubmission_file/exercise.ipynb", "jdoe2"),
        ("moodle", "Ana Maria de la Cruz_9_assignsubmission_file/exercise.ipynb", "ab-12"),
        ("canvas", "mullerjorg_12345_67890_exercise.ipynb", "mueller"),
        ("canvas", "stonebob_LATE_12345_67890_exercise-1.ipynb", "4711"),
        ("canvas", "doejane_888_67890_exercise.ipynb", "jdoe2"),
        ("canvas", "cruzanamariadela_1_2_exercise.ipynb", "ab-12"),
        ("canvas", "delacruzanamaria_1_2_exercise.ipynb", "ab-12"),
        ("folder", "ab-12/exercise.ipynb", "ab-12"),
        ("folder", "4711.ipynb", "4711"),
        ("moodle", "Jane Doe_12345_assignsubmission_file/exercise.ipynb", None),
        ("canvas", "doejane_12345_67890_exercise.ipynb", None),
        ("moodle", "Eve Nobody_12345_assignsubmission_file/exercise.ipynb", None),
        ("moodle", "exercise.ipynb", None),
        ("canvas", "exercise.ipynb", None),
        ("folder", "nobody/exercise.ipynb", None),
    ],
)
def test_a_file_finds_its_student_or_is_listed(classroom, tmp_path, platform, name, who):
    found = collect(classroom, NAME, upload(tmp_path / "up", name), platform)
    assert found.taken == ([who] if who else [])
    assert [file for file, _ in found.refused] == ([] if who else [name])
    kept = list((classroom.folder / "submitted").glob(f"*/{NAME}/exercise.ipynb"))
    assert [path.parent.parent.name for path in kept] == found.taken


def test_two_notebooks_of_one_student_are_both_listed_and_none_is_taken(classroom, tmp_path):
    up = upload(tmp_path / "up", "4711/a.ipynb", "4711/b.ipynb", "ab-12/exercise.ipynb")
    found = collect(classroom, NAME, up, "folder")
    assert found.taken == ["ab-12"]
    ((files, why),) = found.refused
    assert "a.ipynb" in files
    assert "b.ipynb" in files
    assert "4711" in why


def test_checkpoints_and_resource_forks_are_no_submissions(classroom, tmp_path):
    names = "4711/e.ipynb", "4711/.ipynb_checkpoints/e.ipynb", "__MACOSX/4711/e.ipynb"
    found = collect(classroom, NAME, upload(tmp_path / "up", *names), "folder")
    assert (found.taken, found.refused) == (["4711"], [])


def test_a_second_upload_replaces_the_first_which_is_kept(classroom, tmp_path):
    up = upload(tmp_path / "up", "4711/e.ipynb")
    assert collect(classroom, NAME, up, "folder").taken == ["4711"]
    assert collect(classroom, NAME, up, "folder").unchanged == ["4711"]
    (up / "4711/e.ipynb").write_text("second")
    assert collect(classroom, NAME, up, "folder").taken == ["4711"]
    assert (classroom.folder / "submitted/4711" / NAME / "exercise.ipynb").read_text() == "second"
    (earlier,) = (classroom.folder / "earlier/4711" / NAME).iterdir()
    assert json.loads(earlier.read_text()) == {"number": 0}


def test_an_archive_keeps_the_time_of_handing_in(classroom, tmp_path):
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("4711/exercise.ipynb", (2026, 3, 1, 12, 30, 0))
        archive.writestr(info, "{}")
    collect(classroom, NAME, path, "folder")
    stamp = (classroom.folder / "submitted/4711" / NAME / "timestamp.txt").read_text()
    assert stamp.startswith("2026-03-01") or os.environ.get("TZ")
    assert stamp.endswith("UTC")


@pytest.mark.parametrize("name", ["../../evil.ipynb", "/tmp/evil.ipynb", "4711/../../evil.ipynb"])
def test_an_archive_that_leads_out_of_itself_is_refused(classroom, tmp_path, name):
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "{}")
    with pytest.raises(settings.ClassroomError, match="leads out"):
        collect(classroom, NAME, path, "folder")
    assert not list(tmp_path.rglob("evil.ipynb"))


def test_an_archive_that_unpacks_to_too_much_is_refused(classroom, tmp_path, monkeypatch):
    monkeypatch.setattr(collecting, "LARGEST", 1000)
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("4711/exercise.ipynb", "0" * 2000)
    with pytest.raises(settings.ClassroomError, match="unpack"):
        collect(classroom, NAME, path, "folder")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,name,email\n", "is empty"),
        ("id,name,email\na,A,a@x\na,B,b@x\n", "twice"),
        ("id,name,email\n../x,A,a@x\n", "line 2"),
        ("id,name,email\nmüller,A,a@x\n", "without accents"),
        ("id,name,email,moodle,canvas,extension_hours\na,A,a@x,,,soon\n", "no number"),
    ],
)
def test_a_broken_roster_is_named(classroom, text, said):
    (classroom.folder / "roster.csv").write_text(text, encoding="utf-8")
    with pytest.raises(settings.ClassroomError, match=said):
        roster.read(classroom)


@pytest.mark.parametrize("between", [",", ";"])
def test_a_roster_may_come_from_a_spreadsheet(classroom, between):
    text = "\ufeffid,name,email\r\nada,Adé,a@x\r\n".replace(",", between)
    (classroom.folder / "roster.csv").write_bytes(text.encode())
    assert roster.read(classroom)["ada"].name == "Adé"
    (classroom.folder / "roster.csv").write_bytes(text[1:].encode("cp1252"))
    with pytest.raises(settings.ClassroomError, match="not in UTF-8: save it as 'CSV UTF-8'"):
        roster.read(classroom)


def test_the_commands_say_what_is_missing(tmp_path, classroom, capsys):
    here = ["--class", str(tmp_path)]
    assert cli.main(["classroom", "report", NAME, *here]) == 2
    assert "no classroom" in capsys.readouterr().err
    here = ["--class", str(classroom.folder)]
    assert cli.main(["classroom", "grade", "77_nothing", *here]) == 2
    assert "released are 02_small" in capsys.readouterr().err
    assert cli.main(["classroom", "collect", NAME, "nowhere", "--from", "folder", *here]) == 2
    assert "neither a folder nor a zip" in capsys.readouterr().err
    up = upload(tmp_path / "up", "4711/e.ipynb", "nobody/e.ipynb")
    assert cli.main(["classroom", "collect", NAME, str(up), "--from", "folder", *here]) == 1
    assert "NOT taken: nobody" in capsys.readouterr().out
