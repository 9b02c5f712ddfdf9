"""Broken and hostile submissions: what each must score and raise, while the batch goes on.

    python -m tests.classroom.attacks

writes docs/attacks.md: what the real nbgrader in the real sandbox made of each.
"""

import json
import os
import shutil
import socket
import tempfile
from pathlib import Path

from optlearn.course.classroom import settings
from optlearn.course.classroom.grade import grade

from .conftest import ANSWER, NAME, SOURCE, fill

PAGE = Path(__file__).parents[2] / "docs/attacks.md"
FULL, NOTHING = 5, 0
HERE = "import os, sys, subprocess, socket, signal, time\n"


def edit(cell_id, **changes):
    def apply(notebook):
        for cell in notebook["cells"]:
            if cell["id"] == cell_id:
                cell.update(changes)

    return apply


def without(*ids):
    def apply(notebook):
        notebook["cells"] = [c for c in notebook["cells"] if c["id"] not in ids]

    return apply


def stripped(notebook):
    for cell in notebook["cells"]:
        cell["metadata"] = {}


def like_colab(notebook):
    notebook["nbformat_minor"] = 0
    for cell in notebook["cells"]:
        del cell["id"]


def other_kernel(notebook):
    notebook["metadata"]["kernelspec"] = {"name": "julia-1.9", "display_name": "Julia"}


def points_raised(notebook):
    for cell in notebook["cells"]:
        cell["metadata"].get("nbgrader", {}).update(points=100)


def report_if_it_worked(attack):
    """Return an answer that is right only if an attack on the machine succeeded."""
    return f"""{HERE}
def tried():
    try:
        {attack}
    except BaseException:
        return False
worked = tried()
def step(w, g, lr):
    return w - lr * g if worked else w
"""


#: kind: (answer or None for the right one, change of the notebook or None, points, part of a flag)
KINDS = {
    "honest": (None, None, FULL, None),
    "honest-in-place-on-a-copy": (
        "def step(w, g, lr):\n    w = w.copy()\n    w -= lr * g\n    return w", None, FULL, None,
    ),
    "honest-and-warns": (
        f"import warnings, numpy as np\nwarnings.warn('careful')\nnp.log(0.0)\n{ANSWER}",
        None, FULL, None,
    ),
    "honest-and-prints": (f"for i in range(30000): print(i)\n{ANSWER}", None, FULL, None),
    "honest-says-who": (None, edit("student", source='student("honest-says-who")'), FULL, None),
    "honest-from-colab": (None, like_colab, FULL, None),
    "honest-with-another-kernel": (None, other_kernel, FULL, None),
    "honest-without-cell-marks": (None, stripped, FULL, None),
    "blank": ("def step(w, g, lr):\n    new_w = ...\n    return new_w", None, NOTHING, None),
    "wrong-sign": ("def step(w, g, lr):\n    return w + lr * g", None, NOTHING, None),
    "syntax-error": ("def step(w, g, lr)\n    return", None, NOTHING, None),
    "endless-loop-in-the-answer": (
        "def step(w, g, lr):\n    while True: pass", None, NOTHING, "ran out of time",
    ),
    "endless-loop-at-the-top": (f"{ANSWER}while True: pass", None, FULL, "ran out of time"),
    "ignores-the-interrupt": (
        f"{HERE}signal.signal(signal.SIGINT, signal.SIG_IGN)\n{ANSWER}while True: pass",
        None, NOTHING, "not graded",
    ),
    "leaves-by-exit": (f"{HERE}sys.exit(0)", None, NOTHING, None),
    "kills-the-kernel": (f"{HERE}os._exit(0)", None, NOTHING, "not graded"),
    "takes-all-memory": (f"x = bytearray(6 << 30)\n{ANSWER}", None, NOTHING, None),
    "forks-without-end": (
        f"{HERE}for _ in range(300):\n    try:\n        subprocess.Popen(['sleep', '60'])\n"
        f"    except OSError:\n        break\n{ANSWER}",
        None, FULL, None,
    ),
    "fills-the-disk": (
        report_if_it_worked("open('/tmp/big', 'wb').write(bytes(200 << 20))"), None, NOTHING, None,
    ),
    "writes-beside-itself": (
        report_if_it_worked("open('mine', 'w'); return True"), None, NOTHING, None,
    ),
    "poisons-the-cache": (
        report_if_it_worked("open('/bytecode/numpy.pyc', 'wb'); return True"), None, NOTHING, None,
    ),
    "reads-the-hidden-tests": (
        report_if_it_worked("return 'HIDDEN' in open('exercise.ipynb').read()"),
        None, NOTHING, None,
    ),
    "looks-for-the-gradebook": (
        report_if_it_worked("return any(map(os.path.exists, ('CLASS/gradebook.db', 'CLASS')))"),
        None, NOTHING, None,
    ),
    "looks-for-other-students": (
        report_if_it_worked("return os.path.exists('CLASS/submitted/honest')"),
        None, NOTHING, None,
    ),
    "looks-into-the-package-for-solutions": (
        report_if_it_worked(
            "import optlearn, pathlib; root = pathlib.Path(optlearn.__file__).parents[1]; "
            "return any((root / name).exists() for name in ('solutions', 'tests', '.git'))"
        ),
        None, NOTHING, None,
    ),
    "calls-home": (
        report_if_it_worked("socket.create_connection(('127.0.0.1', PORT), 1); return True"),
        None, NOTHING, None,
    ),
    "reads-the-environment": (
        report_if_it_worked("return 'OPTLEARN_SECRET_OF_THE_TEACHER' in os.environ"),
        None, NOTHING, None,
    ),
    "rewrites-the-tests": (None, edit("step-check", source="2.0"), FULL, None),
    "rewrites-the-tests-without-an-answer": (
        "pass", edit("step-check", source="2.0"), NOTHING, None,
    ),
    "raises-its-points": (None, points_raised, FULL, None),
    "deletes-the-tests": ("pass", without("step-check", "step-more"), NOTHING, None),
    "equals-everything": (
        "class E:\n    def __eq__(self, other): return True\n"
        "    def __array__(self, *a, **k): raise TypeError\n"
        "def step(w, g, lr): return E()",
        None, NOTHING, None,
    ),
    "replaces-check": (
        "class R:\n    def points(self, n): return float(n)\n"
        "def check(*a, **k): return R()\ndef step(w, g, lr): return w",
        None, FULL, "points for no answer",
    ),
    "patches-the-report": (
        "from optlearn.course.checks.report import Report\n"
        "Report.points = lambda self, n: float(n)\ndef step(w, g, lr): return w",
        None, FULL, "points for no answer",
    ),
    "replaces-the-reference": (
        "from optlearn import rules\nrules.sgd = lambda w, g, t, lr: (w,)\n"
        "def step(w, g, lr): return w",
        None, None, "optlearn.rules.sgd",
    ),
    "replaces-the-comparison": (
        "import numpy as np\nfrom optlearn.course.checks import trajectories, updates\n"
        "yes = lambda *a, **k: True\nnp.allclose = np.isclose = np.array_equal = yes\n"
        "trajectories.compare = updates.compare = lambda *a, **k: None\n"
        "def step(w, g, lr): return w * 0",
        None, None, "functions were replaced",
    ),
    "answers-for-the-check": (
        "from optlearn.course.checks import engine\nasked = engine.find('02.step')\n"
        "def step(w, g, lr): return w\n"
        "def mine(solution, task, rng):\n"
        "    report = engine.Report(solution is step, float(solution is step), 'Correct.')\n"
        "    return report\n"
        "engine._QUESTIONS['02.step'] = engine.Question(\n"
        "    '02.step', asked.kind, mine, asked.hints, asked.draw, asked.reference)",
        None, FULL, "functions were replaced",
    ),
    "exchanges-the-code": (
        "from optlearn.course.checks.report import Report\n"
        "def step(w, g, lr): return w\n"
        "def points(self, n): return float(n) if 'step' in globals() else 0.0\n"
        "Report.points.__code__ = points.__code__",
        None, None, "functions were replaced",
    ),
    "empties-the-tests": (
        "import ast\nclass T(ast.NodeTransformer):\n    def visit_Module(self, node):\n"
        "        node.body = ast.parse('2.0').body if 'check' in ast.dump(node) or 'Assert' in "
        "ast.dump(node) else node.body\n        return node\n"
        "get_ipython().ast_transformers.append(T())",
        None, None, "does not show",
    ),
    "calls-the-library": (
        "from optlearn import rules\ndef step(w, g, lr):\n"
        "    return rules.sgd(w, g, t=1, lr=lr)[0]",
        None, FULL / 4, None,
    ),
    "someone-elses-numbers": (
        None, edit("student", source='student("blank")'), FULL, "those of 'blank'",
    ),
    "no-json": ("broken", "{", NOTHING, "not graded"),
    "no-notebook": ("broken", '{"hello": 1}', NOTHING, "not graded"),
}  # fmt: skip


def graded(classroom, handout):
    """Hand all of them in, grade them, and return the rows by kind."""
    home = classroom.folder
    lines = ["id,name,email", *(f"{kind},,{kind}@example.org" for kind in KINDS)]
    (home / "roster.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as server:
        for kind, (answer, change, _, _) in KINDS.items():
            port = str(server.getsockname()[1])
            text = change
            if not isinstance(change, str):
                answer = (answer or ANSWER).replace("PORT", port).replace("CLASS", str(home))
                done = fill(handout, answer)
                (change or (lambda notebook: None))(done)
                text = json.dumps(done)
            path = home / "submitted" / kind / NAME / "exercise.ipynb"
            path.parent.mkdir(parents=True)
            path.write_text(text, encoding="utf-8")
        os.environ["OPTLEARN_SECRET_OF_THE_TEACHER"] = "1"
        try:
            rows = grade(classroom, NAME)
        finally:
            del os.environ["OPTLEARN_SECRET_OF_THE_TEACHER"]
    return {row["student"]: row for row in rows}


HEAD = f"""\
# What hostile and broken notebooks did

Each row is a notebook that was handed in to one class and graded with all others in one run, in
the sandbox. The assignment has {FULL} points for one function, `step`. An honest answer earns them;
an attack on the machine earns them only if it succeeds. This page is made by
`python -m tests.classroom.attacks`, and a test holds points and flags to it.

Points without an answer come with a flag: the student's code and the checks share one Python
process, and what can be done there is noticed, not prevented.

| notebook | points | flag | seconds |
|---|---|---|---|
"""


def table(rows):
    """Yield the lines of the table, with the seconds last."""
    for kind in KINDS:
        row = rows[kind]
        flags = "; ".join(row["flags"]).replace("|", "/")
        yield f"| {kind} | {row['score']:g} | {flags} | {row['seconds']:g} |"


def main():
    with tempfile.TemporaryDirectory() as home:
        source = Path(home) / "solutions" / NAME / "exercise.ipynb"
        source.parent.mkdir(parents=True)
        source.write_text(json.dumps(SOURCE), encoding="utf-8")
        classroom = settings.init(Path(home) / "class")
        handout = classroom.release(NAME, Path(home) / "solutions")
        rows = graded(classroom, json.loads(handout.read_text(encoding="utf-8")))
        PAGE.write_text(HEAD + "\n".join(table(rows)) + "\n", encoding="utf-8")
        shutil.rmtree(classroom.folder)


if __name__ == "__main__":
    main()
