"""What a check says: a score, a message in plain words, and the name of the mistake."""

import textwrap
from dataclasses import dataclass

#: Columns of a printed message: JupyterLab breaks longer lines in the middle of a word.
WIDTH = 88


@dataclass(frozen=True, repr=False)
class Report:
    """The result of a check. It is true where everything passed, and prints as its message.

    Attributes
    ----------
    passed : bool
    score : float
        The share of the question that is right, from 0 to 1.
    message : str
    matched : str or None
        Name of the mistake that the solution makes, where it is a known one.
    """

    passed: bool
    score: float
    message: str
    matched: str | None = None

    def __bool__(self):
        return self.passed

    def __repr__(self):
        named = [f"Known as: {self.matched}"] if self.matched else []
        return "\n".join(_wrapped(line) for line in [*self.message.split("\n"), *named])

    def points(self, maximum):
        """Show the message and return the points of ``maximum`` that were earned.

        A test cell ends with this call, since nbgrader reads the points from the number that the
        cell's last line gives.
        """
        print(self)
        return round(float(self.score * maximum), 2)


def _wrapped(line):
    return textwrap.fill(
        line, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


@dataclass(frozen=True)
class Mistake:
    """A mistake with a name and one friendly sentence."""

    name: str
    sentence: str


#: What any function may do to the arrays that it is given.
IN_PLACE = Mistake(
    "changes_its_input",
    "It changes the caller's array in place: make a new one, or change a copy.",
)


class WrongError(Exception):
    """Raised inside a check where a solution is wrong.

    Parameters
    ----------
    difference : str
        Where the solution first differs, with the numbers side by side.
    mistake : Mistake or WrongRule, optional
        Anything with a ``name`` and a ``sentence``.
    """

    def __init__(self, difference, mistake=None):
        super().__init__(difference)
        self.difference, self.mistake = difference, mistake


class BlankError(Exception):
    """Raised inside a check where nothing has been written yet."""


@dataclass(frozen=True)
class Part:
    """One property of a right solution.

    Attributes
    ----------
    name : str
        What is right where it passes, in words that end the sentence "right: ...".
    points : float
        Weight in the score.
    test : callable
        Takes nothing, raises :class:`WrongError` or :class:`BlankError`.
    think : str
        A question to think about where it fails.
    manner : bool, default False
        A property such as "your start is left alone" earns nothing on its own: it counts once
        some part that is not of this kind passes.
    """

    name: str
    points: float
    test: object
    think: str
    manner: bool = False


def grade(parts):
    """Run all parts, none stopping the others, and return the Report."""
    parts = list(parts)
    right, failed, missing = [], [], []
    for part in sorted(parts, key=lambda part: part.manner):
        if part.manner and not right:
            continue
        try:
            part.test()
        except WrongError as wrong:
            failed.append((part, wrong))
        except BlankError:
            missing.append(part)
        else:
            right.append(part)
    if not right and not failed:
        return blank()
    names = _names(right)
    if not failed and not missing:
        return Report(True, 1.0, f"Correct. Right: {names}.")
    lines = [f"Not there yet. Right so far: {names or 'nothing yet'}."]
    lines += [f"Still missing: {_names(missing)}."] if missing else []
    lines += _first_problem(failed) if failed else []
    known = next((wrong.mistake.name for _, wrong in failed if wrong.mistake), None)
    score = sum(part.points for part in right) / sum(part.points for part in parts)
    return Report(False, score, "\n".join(lines), known)


def _names(parts):
    return "; ".join(part.name for part in parts)


def _first_problem(failed):
    """Return the lines on the first part that failed.

    A mistake is said of the part that makes it, since it may be untrue of the others.
    """
    part, wrong = failed[0]
    lines = [f"First problem, in “{part.name}”: {wrong.difference}"]
    place, mistake = next(((p, w.mistake) for p, w in failed if w.mistake), (None, None))
    if place is part:
        lines.append(f"What it looks like: {mistake.sentence}")
    lines.append(f"To think about: {part.think}")
    if mistake and place is not part:
        lines.append(f"And in “{place.name}” it looks like this: {mistake.sentence}")
    return lines


def blank():
    """Return the report on a question that was not answered yet."""
    return Report(False, 0.0, "Nothing is written here yet. Your turn: replace the blank, and run.")
