"""Shuffled lines that become a program: draw them, read the learner's order, run it."""

import string

from .engine import Task
from .probe import is_blank
from .report import BlankError, WrongError


def shuffled(lines, rng):
    """Return the task that shows ``lines`` in a random order, each with a letter."""
    mixed = [lines[i] for i in rng.permutation(len(lines))]
    named = dict(zip(string.ascii_uppercase, mixed))
    return Task("\n".join(f"{key} | {line}" for key, line in named.items()), lines=named)


def ordered(given, task):
    """Return the program ``(**names) -> path`` that the letters ``given`` make."""
    letters = _letters(given)
    unknown = sorted(set(letters) - set(task.lines))
    if unknown:
        last = max(task.lines)
        raise WrongError(f"there is no line {', '.join(unknown)}: use A to {last}.")
    twice = sorted({letter for letter in letters if letters.count(letter) > 1})
    if twice:
        raise WrongError(f"line {', '.join(twice)} is used twice; each letter may stand once.")
    return _program("\n".join(task.lines[letter] for letter in letters))


def _letters(given):
    """Return the letters of a list, or of a text such as ``"B, A"``, ``"B A"`` or ``"BA"``."""
    if not isinstance(given, str | list | tuple):
        raise WrongError('a list of letters is expected, such as ["B", "A"].')
    if not isinstance(given, str):
        written = [str(entry) for entry in given if not is_blank(entry)]
        if len(written) < len(given) and written:
            raise WrongError("one entry of your list is still blank.")
        given = "".join(written)
    letters = [letter for letter in given.upper() if not letter.isspace() and letter not in ",;"]
    if not letters:
        raise BlankError
    return letters


def _program(text):
    """Return the function that runs these lines."""
    try:
        code = compile(text, "your lines", "exec")
    except SyntaxError as error:
        raise WrongError(
            f"Python cannot read this order, near your line number {error.lineno}: {error.msg}. "
            "Indented lines belong under the `for`."
        ) from None

    def run(**names):
        exec(code, names)
        if "path" not in names:
            raise WrongError("no line makes the path.")
        return names["path"]

    return run
