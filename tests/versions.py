"""Run the tests on every Python that is supported, and on the oldest and newest packages.

    python tests/versions.py [--quick] [ROW ...]

Each row gets an environment of its own, which is deleted at the end; it needs ``uv``, and two rows
at once need twice the cores. A row passes if its tests pass and ``pip check`` finds nothing.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from launching import find_python

ROOT = Path(__file__).parents[1]
PINNED = ("-c", str(ROOT / ".binder/constraints.txt"))
#: Row: (Python, how its packages are chosen, the slices that are run).
ROWS = {
    "3.11": ("3.11", PINNED, ("unit", "lessons", "experiments")),
    "3.12": ("3.12", PINNED, ("unit", "lessons", "experiments")),
    "3.13": ("3.13", PINNED, ("unit", "lessons", "experiments")),
    # What is stored in the lessons belongs to the pinned numbers.
    "lowest": ("3.11", ("--resolution", "lowest-direct"), ("unit", "experiments")),
    "newest": ("3.13", ("--resolution", "highest", "--upgrade"), ("unit", "experiments")),
}
#: A few tests of each part: what breaks with a version mostly breaks here.
QUICK = (
    "tests/nn", "tests/test_checkpoint.py", "tests/test_compiled.py", "tests/test_copying.py",
    "tests/test_curvature.py", "tests/test_datasets.py", "tests/test_estimators.py",
    "tests/test_gallery.py", "tests/test_golden.py", "tests/test_notebooks.py",
    "tests/test_plots.py", "tests/test_training.py", "tests/test_tuning.py",
)  # fmt: skip
#: In continuous integration a skip is a failure, but these environments are made to lack much.
UNSET = ("CI", "PYTEST_ADDOPTS", "VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT")


def install(folder, python, choice):
    """Make an environment in a folder and return its Python."""
    uv = shutil.which("uv")
    if uv is None:
        raise SystemExit("uv is not installed: pip install uv")
    made = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    parts = ("-e", f"{ROOT}[lessons,classroom,fast]", "--group", f"{ROOT / 'pyproject.toml'}:test")
    run([uv, "venv", "--quiet", "--python", find_python(python) or python, folder])
    # Without --no-config uv would obey the pins of this repository in every row.
    run([uv, "pip", "install", "--quiet", "--no-config", "--python", made, *choice, *parts])
    run([uv, "pip", "check", "--quiet", "--python", made])
    return made


def run(command):
    answer = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if answer.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{answer.stdout}{answer.stderr}")


def examine(row, quick):
    """Run a row's tests and return what there is to say, or raise with what failed."""
    python, choice, slices = ROWS[row]
    environment = {name: value for name, value in os.environ.items() if name not in UNSET}
    said = []
    with tempfile.TemporaryDirectory() as folder:
        made = install(Path(folder), python, choice)
        for part in [QUICK] if quick else [(f"--slice={name}",) for name in slices]:
            command = [made, "-m", "pytest", "-q", "-p", "no:cacheprovider", *part]
            answer = subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True
            )
            if answer.returncode:
                raise RuntimeError(answer.stdout[-6000:] + answer.stderr[-2000:])
            said.append(answer.stdout.strip().splitlines()[-1])
    return said


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}")
    parser.add_argument("--quick", action="store_true", help="a few tests of each part")
    options = parser.parse_args(arguments)
    if unknown := set(options.rows) - set(ROWS):
        parser.error(f"unknown row {', '.join(sorted(unknown))}: choose of {', '.join(ROWS)}")
    failed = []
    for row in options.rows or ROWS:
        began = time.monotonic()
        try:
            said = examine(row, options.quick)
        except RuntimeError as error:
            failed.append(row)
            said = [str(error), "FAILED"]
        minutes = (time.monotonic() - began) / 60
        print(*(f"{row:7} {line}" for line in said), sep="\n")
        print(f"{row:7} {minutes:.1f} min", flush=True)
    print(f"failed: {', '.join(failed)}" if failed else "all rows passed")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
