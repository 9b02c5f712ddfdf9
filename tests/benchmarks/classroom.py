"""How long a class takes from the hand-out to the grades, by the commands that a teacher types.

    python tests/benchmarks/classroom.py [--students 30] [--assignment 02_gradient_descent]

The submissions are of mixed quality, generated from the solution: right ones, blank ones, and such
in which one answer is wrong or missing. They lie in a zip archive as Moodle packs it. Each command
is shown as it is typed, with what it says and how long it takes.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
SWAPS = (("w - lr * g", "w + lr * g"), ("w - lr * g", "w - g"), ("2 / curvature", "1 / curvature"))


def submissions(assignment, handout, students):
    """Yield (name, notebook) in turns: right, one answer wrong, one answer missing, blank."""
    solution = json.loads((ROOT / "solutions" / assignment / "exercise.ipynb").read_text("utf8"))
    rng = np.random.default_rng(0)
    for number in range(students):
        chosen = handout if number % 4 == 3 else solution
        notebook = json.loads(json.dumps(chosen))
        answers = [
            c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("solution")
        ]
        if number % 4 == 1:
            old, new = SWAPS[number % len(SWAPS)]
            for cell in answers:
                cell["source"] = "".join(cell["source"]).replace(old, new)
        if number % 4 == 2:
            answers[rng.integers(len(answers))]["source"] = "pass"
        yield f"Student {chr(65 + number % 26)}{number}", notebook


def typed(folder, *words):
    """Run a command as a teacher types it, show it, and return its seconds."""
    line = " ".join(["optlearn", "classroom", *words])
    print(f"$ {line}", flush=True)
    begun = time.monotonic()
    command = [sys.executable, "-m", "optlearn", "classroom", *words]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    took = time.monotonic() - begun
    lines = (said.stdout + said.stderr).splitlines()
    shown = lines if len(lines) <= 12 else [*lines[:5], f"... {len(lines) - 8} lines", *lines[-3:]]
    print("\n".join(shown), f"\n# {took:.1f} s\n", flush=True)
    return took


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--assignment", default="02_gradient_descent")
    options = parser.parse_args()
    name = options.assignment
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "class"
        folder.mkdir()
        typed(folder, "init", ".")
        typed(folder, "release", name, "--solutions", str(ROOT / "solutions"))
        handout = json.loads((folder / "release" / name / "exercise.ipynb").read_text("utf8"))
        handed_in = list(submissions(name, handout, options.students))
        rows = ["id,name,email,moodle,canvas"]
        rows += [f"s{i},{who},s{i}@example.org,," for i, (who, _) in enumerate(handed_in)]
        (folder / "roster.csv").write_text("\n".join(rows) + "\n", encoding="utf8")
        with zipfile.ZipFile(folder / "all.zip", "w") as archive:
            for i, (who, notebook) in enumerate(handed_in):
                place = f"{who}_{1000 + i}_assignsubmission_file/exercise.ipynb"
                archive.writestr(place, json.dumps(notebook))
        typed(folder, "doctor")
        typed(folder, "collect", name, "all.zip", "--from", "moodle")
        took = typed(folder, "grade", name)
        typed(folder, "report", name)
        typed(folder, "feedback", name)
        typed(folder, "export", name, "--to", "moodle")
        typed(folder, "viva", name, "s0")
    print(f"{options.students} graded in {took:.1f} s, {took / options.students:.2f} s each")


if __name__ == "__main__":
    main()
