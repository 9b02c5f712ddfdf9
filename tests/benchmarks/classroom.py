"""Play a whole class by the commands that a teacher types, and say how long each takes.

    python tests/benchmarks/classroom.py [--students 30] [--assignment 04_momentum] [--write]

The submissions are of mixed quality, generated from the solution: right ones, blank ones, such in
which one answer is wrong or missing, one that never ends, one that ends its kernel. They lie in zip
archives as Moodle packs them, one is late, one comes twice and one is nobody's. ``--write`` puts
what was typed and said into docs/teaching.md.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
import page

ROOT = Path(__file__).parents[2]
DUE = "2026-12-01 23:59"
IN_TIME, LATE = (2026, 12, 1, 10, 0, 0), (2026, 12, 2, 8, 30, 0)
FIRST = (
    "Ana", "Björn", "Chloé", "Deniz", "Emeka", "Farah", "Goran", "Hana",
    "Iván", "Joon", "Kofi", "Lena", "Mateo", "Noor", "Oleg",
)  # fmt: skip
LAST = ("Álvarez", "Brandt", "Chen", "Doğan", "Eze", "Fournier")

#: Slips that may stand in a submission, wherever the text on the left does.
SLIPS = (
    ("momentum * b + g", "momentum * b - g"),
    ("(g + momentum * b)", "b"),
    ("w - lr * g", "w + lr * g"),
    ("2 * (1 + momentum)", "(1 + momentum)"),
    ("2 / curvature", "1 / curvature"),
)
#: A written answer; each of its places is filled from the student's own words.
ANSWER = (
    "{I} the old rate {lay} {below} the wall of plain descent, and with Nesterov the wall {moved} "
    "to {number}. {First} I would run {smaller} the rate: {settles}, {bowl} is not to blame. "
    "{Then} the heavy ball at the old rate, which {stays} below {wall}. In a {net} the curvature "
    "{changes}, {so} the wall {too}."
)
WORDS = {
    "I": ("I claim that", "In my view", "Clearly", "It seems that", "My claim:"),
    "lay": ("lay", "was", "stood", "must have been"),
    "below": ("just below", "close to", "a little under", "right at"),
    "moved": ("moved", "came down", "shrinks", "falls"),
    "number": ("1.36/L", "two thirds of it", "2(1+m)/((1+2m)L)", "less than it was"),
    "First": ("First", "To test it,", "As a first run", "So"),
    "smaller": ("a tenth of", "half of", "a third of", "a fifth of"),
    "settles": ("if it settles", "should it train", "where the loss falls", "once it is calm"),
    "bowl": ("the data set", "my data", "the colleague's data", "the sample"),
    "Then": ("Then", "Second,", "After that", "Next comes"),
    "stays": ("stays", "keeps", "remains", "still is"),
    "wall": ("its own wall", "3.8/L", "2(1+m)/L", "its larger wall"),
    "net": ("network", "deep net", "real model", "trained net"),
    "changes": ("changes", "is not fixed", "drifts", "grows and falls"),
    "so": ("so", "hence", "therefore", "and thus"),
    "too": ("moves too", "does so as well", "is only a guide", "cannot be trusted"),
}
EXPERIMENT = """\
def experiment(gradient, lr, momentum):
    {out} = []
    for {mu} in (0, momentum):
        {w} = np.zeros({n})
        {b} = 0 * {w}
        {kept} = []
        for {t} in range({steps}):
            {b} = {mu} * {b} + gradient({w})
            {w} = {w} - lr * {b}
            {kept}.append(np.mean({w} * {w}))
        {out}.append(np.mean({kept}[{half}:]))
    return {out}
"""


def commands(assignment):
    """Return what is typed, in its order; a line without ``optlearn`` is what happens between."""
    return (
        "optlearn classroom init spring",
        "cd spring",
        "optlearn classroom doctor",
        'optlearn classroom set late "10%"',
        "optlearn classroom set resubmissions best",
        f'optlearn classroom release {assignment} --due "{DUE}"',
        f"optlearn classroom collect {assignment} all.zip --from moodle",
        f"optlearn classroom grade {assignment}",
        f"optlearn classroom collect {assignment} again.zip --from moodle",
        f"optlearn classroom grade {assignment}",
        f"optlearn classroom report {assignment}",
        "optlearn classroom review",
        f"optlearn classroom feedback {assignment}",
        f"optlearn classroom export {assignment} --to moodle",
        f"optlearn classroom viva {assignment} s01",
    )


class Class:
    """A class that is played in a folder."""

    def __init__(self, home, students, assignment):
        self.home, self.folder, self.assignment = Path(home), Path(home) / "spring", assignment
        self.names = [f"{FIRST[i % 15]} {LAST[i * 5 % 6]}" for i in range(students)]
        self.lines, self.seconds = [], {}

    def play(self):
        """Type all commands; return the lines of the page."""
        for line in commands(self.assignment):
            if "collect" in line:
                self.hand_in(line.split()[4])
            if line == "cd spring":
                self.lines += ["```", line, "```", ""]
                self.fill_in_the_roster()
            elif line.endswith("review"):
                self.say(line, [self.review()])
            else:
                self.type(line)
        return self.lines

    def type(self, line):
        words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', line)][1:]
        if "release" in words:
            words += ["--solutions", str(ROOT / "solutions")]
        here = self.folder if self.folder.exists() else self.home
        begun = time.monotonic()
        answer = subprocess.run(
            [sys.executable, "-m", "optlearn", *words], cwd=here, capture_output=True, text=True
        )
        self.seconds.setdefault(line, time.monotonic() - begun)
        said = (answer.stdout + answer.stderr).replace(str(self.home), "~").splitlines()
        if words[1] == "grade":
            said += [f"({time.monotonic() - begun:.1f} s)"]
        whole = len(said) <= 16 or words[1] in ("report", "viva")
        self.say(line, said if whole else [*said[:8], f"... {len(said) - 12} lines", *said[-4:]])

    def say(self, line, said):
        page.say(f"$ {line}\n" + "\n".join(said))
        self.lines += ["```", line, "```", "", *(f"    {text}".rstrip() for text in said), ""]

    def fill_in_the_roster(self):
        rows = ["id,name,email,moodle,canvas,extension_hours"]
        for i, name in enumerate(self.names):
            # Moodle's number tells namesakes apart: there are some among more than thirty.
            moodle = 1000 + i if self.names.count(name) > 1 else ""
            rows += [f"s{i + 1:02},{name},s{i + 1:02}@example.org,{moodle},,"]
        (self.folder / "roster.csv").write_text("\n".join(rows) + "\n", encoding="utf8")

    def hand_in(self, archive):
        """Pack what the students upload: all of them, and then one a second time."""
        release = self.folder / "release" / self.assignment / "exercise.ipynb"
        handout = json.loads(release.read_text("utf8"))
        again = archive.startswith("again")
        with zipfile.ZipFile(self.folder / archive, "w") as packed:
            for i, name in enumerate(self.names):
                if again and i != 1:
                    continue
                notebook = self.submission(handout, i, "right" if again else kind_of(i))
                place = f"{name}_{1000 + i}_assignsubmission_file/exercise.ipynb"
                when = LATE if i == 4 else IN_TIME
                packed.writestr(zipfile.ZipInfo(place, when), json.dumps(notebook))
            if not again:
                place = "Somebody Else_4711_assignsubmission_file/exercise.ipynb"
                packed.writestr(zipfile.ZipInfo(place, IN_TIME), json.dumps(handout))

    def submission(self, handout, number, kind):
        """Return the notebook of a student."""
        solution = ROOT / "solutions" / self.assignment / "exercise.ipynb"
        answers = {c["id"]: "".join(c["source"]) for c in json.loads(solution.read_text())["cells"]}
        # Two of them have worked together.
        done, rng = (
            json.loads(json.dumps(handout)),
            np.random.default_rng(20 if number == 21 else number),
        )
        cells = [c for c in done["cells"] if c["metadata"].get("nbgrader", {}).get("solution")]
        missing = cells[rng.integers(len(cells) - 1)]["id"] if kind == "missing" else ""
        for cell in cells if kind != "blank" else []:
            text = answers[cell["id"]]
            if cell["cell_type"] == "markdown":
                text = ANSWER.format(**{k: rng.choice(words) for k, words in WORDS.items()})
            elif cell["id"].endswith("-refute") and "momentum" in text:
                text = EXPERIMENT.format(**own_words(rng))
            if kind == "slip":
                old, new = SLIPS[number // 5 % len(SLIPS)]
                text = text.replace(old, new)
            cell["source"] = "".join(cell["source"]) if cell["id"] == missing else text
        if kind == "never ends":
            cells[-2]["source"] += "\nwhile True:\n    pass"
        if kind == "ends its kernel":
            cells[-2]["source"] += "\nimport os\nos._exit(0)"
        for cell in done["cells"]:
            cell["source"] = "".join(cell["source"]).replace(
                'student("', f'student("s{number + 1:02}'
            )
        return done

    def review(self):
        """Give points for the written answers as nbgrader's page does: through its API."""
        from nbgrader.api import Gradebook

        given = 0
        with Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}", "optlearn") as book:
            for submission in book.assignment_submissions(self.assignment):
                for grade in (g for n in submission.notebooks for g in n.grades):
                    if grade.needs_manual_grade:
                        grade.manual_score = given % (grade.max_score + 1)
                        grade.needs_manual_grade = False
                        given += 1
            book.db.commit()
        return f"(on the page that opens, {given} written answers got their points)"


def kind_of(number):
    """Return what a submission is like; the first four show one each."""
    odd = {7: "never ends", 13: "ends its kernel"}
    return odd.get(number, ("right", "slip", "missing", "blank", "right")[number % 5])


def own_words(rng):
    """Return names and numbers of one's own for the experiment."""
    names = {
        "w": ("w", "x", "weights", "place"), "b": ("b", "v", "buffer", "speed"),
        "mu": ("mu", "m", "beta"), "t": ("t", "_", "step"), "out": ("found", "means", "both"),
        "kept": ("squares", "kept", "heights"), "n": (1500, 2000, 3000), "steps": (600, 800, 1000),
    }  # fmt: skip
    chosen = {key: rng.choice(options) for key, options in names.items()}
    return chosen | {"half": int(chosen["steps"]) // 2}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--assignment", default="04_momentum")
    parser.add_argument("--write", action="store_true", help="into docs/teaching.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        played = Class(home, options.students, options.assignment)
        lines = played.play()
    took = played.seconds[f"optlearn classroom grade {options.assignment}"]
    page.say(f"{options.students} graded in {took:.1f} s, {took / options.students:.2f} s each")
    if options.write:
        page.write("a whole class", lines, ROOT / "docs/teaching.md")


if __name__ == "__main__":
    main()
