"""Shuffled lines that become a program: draw them, read the learner's order, run it."""

import string
from functools import partial

import numpy as np

from ... import wrong_rules
from ...optim import get
from .engine import Task
from .loops import bowl
from .probe import call, counted, is_blank, numbers
from .report import BlankError, WrongError
from .trajectories import Case, compare, follow, recognise


def shuffled(lines, rng):
    """Return the task that shows ``lines`` in a random order, each with a letter."""
    mixed = [lines[i] for i in rng.permutation(len(lines))]
    named = dict(zip(string.ascii_uppercase, mixed))
    return Task("\n".join(f"{key} | {line}" for key, line in named.items()), lines=named)


def ordered(given, task, makes="path"):
    """Return the program ``(**names) -> path`` that the letters ``given`` make.

    ``makes`` is the name of what the lines make, where it is not a path.
    """
    letters = _letters(given)
    unknown = sorted(set(letters) - set(task.lines))
    if unknown:
        last = max(task.lines)
        raise WrongError(f"there is no line {', '.join(unknown)}: use A to {last}.")
    twice = sorted({letter for letter in letters if letters.count(letter) > 1})
    if twice:
        raise WrongError(f"line {', '.join(twice)} is used twice; each letter may stand once.")
    return _program("\n".join(task.lines[letter] for letter in letters), makes)


def walks_as(rule, program, **hyper):
    """Raise WrongError unless ``program`` walks down a bowl as the rule of this name does."""
    slope, start, state = bowl([1, 4]), np.array([2.0, -1.0]), len(get(rule).rule_state)
    drawn = [Case("your lines", start, lambda t, w: slope(w), 0.1, k) for k in (1, 6)]

    def path(case):
        names = {"gradient": counted(slope), "start": start.copy(), "lr": case.lr, **hyper}
        given = call(partial(program, steps=case.steps, np=np, **names))
        got = numbers(given, what="the path")
        return numbers(got, (len(got), 2), "the path") if got.ndim else numbers(got, (1, 2))

    paths = [path(case) for case in drawn]
    whole = all(len(mine) == case.steps + 1 for mine, case in zip(paths, drawn))
    mistakes = wrong_rules.for_rule(rule) if whole else []
    known = recognise(paths, drawn, mistakes, state, **hyper)
    for mine, case in zip(paths, drawn):
        compare(mine, follow(wrong_rules.right(rule), case, state, **hyper), known)


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


def _program(text, makes):
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
        if makes not in names:
            raise WrongError(f"no line makes the {makes}.")
        return names[makes]

    return run
