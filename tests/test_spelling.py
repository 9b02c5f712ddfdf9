"""Words are spelt as a dictionary of common mistakes wants them: code, pages and notebooks."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
READ = {".cff", ".css", ".ipynb", ".js", ".md", ".py", ".sh", ".toml", ".txt", ".yml"}
#: Lists of another project's names.
FOREIGN = {"tests/cupy_names.txt"}


def stored():
    """Return the text files of the repository as git knows them."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"the files of the repository are what git lists: {error}")
    names = [name for name in answer.stdout.splitlines() if name not in FOREIGN]
    return [name for name in names if Path(name).suffix in READ and (ROOT / name).is_file()]


def words(path):
    """Return what a reader reads: of a notebook its cells and what they print, not its pictures."""
    text = path.read_text("utf8")
    if path.suffix != ".ipynb":
        return text
    parts = []
    for cell in json.loads(text)["cells"]:
        parts.append("".join(cell["source"]))
        for output in cell.get("outputs", ()):
            shown = output.get("text") or output.get("data", {}).get("text/plain", "")
            parts.append("".join(shown))
    return "\n".join(parts)


def misspelt(folder):
    """Return what codespell says of a folder, with the words that pyproject.toml allows."""
    pytest.importorskip("codespell_lib", reason="codespell is not installed: uv sync --group ci")
    command = [sys.executable, "-m", "codespell_lib", "--toml", str(ROOT / "pyproject.toml"), "."]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True).stdout


def test_no_word_is_misspelt(tmp_path):
    for name in stored():
        copy = tmp_path / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(words(ROOT / name), "utf8")
    assert misspelt(tmp_path) == ""


def test_a_planted_mistake_is_found(tmp_path):
    slips = "occ_ured, rec_ieve".replace("_", "")
    cell = {"cell_type": "code", "source": [slips], "outputs": [{"text": [slips]}]}
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": [cell]}))
    (tmp_path / "a.md").write_text(words(tmp_path / "a.ipynb"))
    assert misspelt(tmp_path).count("a.md:") == 4
