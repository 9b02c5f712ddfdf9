"""The learner's record: what is kept, what is read back, and what never happens."""

import json
import multiprocessing
import sys

import pytest

from optlearn import progress


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("OPTLEARN_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def answer(name, right, misconception="", kind="question", **facts):
    return progress.record(
        kind, name, answer="a", right=right, misconception=misconception, **facts
    )


def test_nothing_is_written_before_the_first_event(data):
    assert progress.events() == []
    assert "questions answered: 0" in repr(progress.summary())
    assert not data.exists()


def test_events_come_back_in_order():
    assert answer("02.limit", False, "limit-is-one-over-l")
    assert answer("02.limit", True)
    assert [e["name"] for e in progress.events()] == ["02.limit"] * 2
    kept = progress.summary()
    assert kept.answers["02.limit"]["right"] is True
    assert kept.misconceptions == {"limit-is-one-over-l": 1}
    assert "questions answered: 1, right at the last try: 1" in repr(kept)


def test_the_first_prediction_counts():
    answer("02.wall", False, kind="prediction", confidence=0.9)
    answer("02.wall", True, kind="prediction", confidence=1.0)
    assert progress.summary().predictions["02.wall"]["confidence"] == 0.9
    assert progress.summary().brier == pytest.approx(0.81)


def test_calibration_compares_what_was_said_with_what_came():
    for i, (sure, right) in enumerate([(0.5, True), (0.5, False), (0.9, True), (0.9, True)]):
        answer(f"0{i}.x", right, kind="prediction", confidence=sure)
    kept = progress.summary()
    assert kept.calibration == [(0.5, 0.5, 2), (0.9, 1.0, 2)]
    assert kept.brier == pytest.approx((0.25 + 0.25 + 0.01 + 0.01) / 4)
    assert "90% sure: right 100% of 2" in repr(kept)


def test_misconceptions_are_sorted_by_how_often_they_were_met():
    for name in ("b", "a", "c", "c"):
        answer("02.x", False, name)
    assert list(progress.summary().misconceptions) == ["c", "a", "b"]


def test_a_torn_line_is_left_out_and_does_not_spoil_the_next(data):
    answer("02.a", True)
    with (data / progress.FILE).open("ab") as file:
        file.write(b'{"at": "2026-01-01", "kind": "quest')
    answer("02.b", True)
    assert [e["name"] for e in progress.events()] == ["02.a", "02.b"]


def test_foreign_lines_are_left_out(data):
    answer("02.a", True)
    with (data / progress.FILE).open("ab") as file:
        file.write(b'[1, 2]\n{"kind": "question"}\n\xff\xfe\n')
    assert len(progress.events()) == 1


def test_it_can_be_switched_off(data, monkeypatch):
    monkeypatch.setenv("OPTLEARN_DATA", "off")
    assert not answer("02.a", True)
    assert progress.events() == []
    assert not progress.forget()


def test_where_nothing_can_be_written_nothing_is_kept(data):
    data.write_text("a file where the folder should be")
    assert not answer("02.a", True)
    assert progress.events() == []


def test_the_record_can_be_forgotten():
    answer("02.a", True)
    assert progress.forget()
    assert progress.events() == []
    assert not progress.forget()


@pytest.mark.parametrize(
    ("platform", "variable", "end"),
    [
        ("linux", "XDG_DATA_HOME", "optlearn"),
        ("win32", "LOCALAPPDATA", "optlearn"),
        ("darwin", None, "Library/Application Support/optlearn"),
        ("linux", None, ".local/share/optlearn"),
    ],
)
def test_the_folder_is_the_users_own(tmp_path, monkeypatch, platform, variable, end):
    for name in ("OPTLEARN_DATA", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", platform)
    if variable:
        monkeypatch.setenv(variable, str(tmp_path))
    assert progress.folder() == tmp_path / end


def write_many(number):
    for i in range(50):
        progress.record("question", f"{number}.{i}", answer="x" * 200, right=True)


def test_two_notebooks_can_write_at_once():
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=write_many, args=(n,)) for n in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert len(progress.events()) == 100


def test_lines_are_json_with_a_time(data):
    answer("02.a", True)
    (line,) = (data / progress.FILE).read_text("utf8").splitlines()
    event = json.loads(line)
    assert event["at"].endswith("+00:00")
    assert event == {
        "at": event["at"], "kind": "question", "name": "02.a", "answer": "a", "right": True,
        "misconception": "",
    }  # fmt: skip
