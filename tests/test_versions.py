"""The command that tries other Pythons and packages: what it covers, and how it fails."""

import tomllib
from pathlib import Path

import pytest
import slices
import versions

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))


def test_every_supported_python_has_its_row_with_the_pinned_packages():
    oldest = PROJECT["project"]["requires-python"].removeprefix(">=")
    pinned = [row for row, (_, choice, _) in versions.ROWS.items() if choice == versions.PINNED]
    assert pinned == ["3.11", "3.12", "3.13"]
    assert versions.ROWS["lowest"][0] == pinned[0] == oldest
    assert versions.ROWS["newest"][0] == pinned[-1]


def test_rows_run_slices_and_the_quick_files_that_there_are():
    named = {name for _, _, part in versions.ROWS.values() for name in part}
    assert named <= set(slices.BUDGETS)
    assert [path for path in versions.QUICK if not (ROOT / path).exists()] == []


def test_the_oldest_packages_are_chosen_without_the_pins_of_this_repository(monkeypatch, tmp_path):
    called = []
    monkeypatch.setattr(versions, "run", lambda command: called.append([*map(str, command)]))
    monkeypatch.setattr(versions.shutil, "which", lambda name: name)
    versions.install(tmp_path, *versions.ROWS["lowest"][:2])
    make, install, check = called
    assert make[:2] == ["uv", "venv"]
    assert {"--no-config", "lowest-direct"} <= set(install)
    assert not set(versions.PINNED) & set(install)
    assert check[:3] == ["uv", "pip", "check"]


def test_a_row_that_fails_is_named_and_the_others_are_run(monkeypatch, capsys):
    def examine(row, quick):
        if row == "3.12":
            raise RuntimeError("1 failed, 2 passed")
        return ["3 passed"]

    monkeypatch.setattr(versions, "examine", examine)
    assert versions.main(["--quick"]) == 1
    said = capsys.readouterr().out
    assert [line for line in said.splitlines() if "FAILED" in line] == ["3.12    FAILED"]
    assert said.count("3 passed") == len(versions.ROWS) - 1
    assert said.endswith("failed: 3.12\n")
    assert versions.main(["3.11"]) == 0
    with pytest.raises(SystemExit):
        versions.main(["3.10"])
    assert "unknown row 3.10" in capsys.readouterr().err
