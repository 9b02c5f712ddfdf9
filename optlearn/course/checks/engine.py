"""The questions and what can be asked about them: check, hint, reveal, variant, working.

A module ``aNN_*.py`` beside this one holds the questions of assignment NN. The visible cell of an
exercise and the grader call the same :func:`check`.
"""

import hashlib
import importlib
import os
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from ... import progress
from .borrowed import borrowed
from .probe import is_blank, quiet
from .report import BlankError, Report, WrongError, blank

#: Share of the points for a solution that calls the library's own answer.
BORROWED = 0.25

#: The environment variables that hold the student's name and the word of their class.
STUDENT, GROUP = "OPTLEARN_STUDENT", "OPTLEARN_CLASS"

_QUESTIONS = {}


class Task(SimpleNamespace):
    """The numbers of one student; it prints as the text that states them."""

    def __init__(self, text, **numbers):
        super().__init__(**numbers)
        self._text = text

    def __repr__(self):
        return self._text


@dataclass(frozen=True)
class Question:
    """One question of an assignment.

    Attributes
    ----------
    name : str
        ``"02.step"``: assignment and question.
    kind : str
        ``implement``, ``predict``, ``tune``, ``diagnose`` or ``refute``.
    examine : callable
        ``(solution, task, rng) -> Report``.
    hints : tuple of str
        The idea, the equation, almost the code.
    draw : callable
        ``rng -> task``: the numbers of one student.
    reference : callable or None
        A right solution, for the cells after a question that is not solved yet.
    """

    name: str
    kind: str
    examine: Callable
    hints: tuple
    draw: Callable
    reference: Callable | None


def asks(name, kind, *, hints, draw=lambda rng: None, reference=None):
    """Register the decorated ``(solution, task, rng) -> Report`` as a question."""

    def register(examine):
        _QUESTIONS[name] = Question(name, kind, examine, hints, draw, reference)
        return examine

    return register


def find(name):
    """Return the question called ``name``, or list those of its assignment."""
    number = str(name).split(".")[0]
    if name not in _QUESTIONS:  # those of an assignment are known as soon as it is imported
        package = importlib.import_module(__package__)
        for module in pkgutil.iter_modules(package.__path__):
            if module.name.startswith(f"a{number}_"):
                importlib.import_module(f"{__package__}.{module.name}")
    if name not in _QUESTIONS:
        known = ", ".join(n for n in _QUESTIONS if n.startswith(f"{number}.")) or "none yet"
        raise ValueError(f"unknown question {name!r}: assignment {number} has {known}")
    return _QUESTIONS[name]


def check(question, solution, *, fresh=False):
    """Check an answer and say what is right, where it first differs, and why.

    Parameters
    ----------
    question : str
        Such as ``"02.step"``.
    solution : callable or value
        A function, or the answer itself.
    fresh : bool, default False
        Draw new numbers, from the environment variable ``OPTLEARN_GRADER_SEED`` or, without it,
        from entropy. The hidden tests do.

    Returns
    -------
    Report
        True where all is right. It never raises because of the solution.
    """
    report = _examined(find(question), solution, fresh)
    if not fresh and report != blank():
        facts = {"misconception": report.matched} if report.matched else {}
        progress.record("check", question, score=report.score, right=bool(report), **facts)
    return report


def _examined(asked, solution, fresh):
    question = asked.name
    seed = _grader_seed() if fresh else _seed(f"check/{question}")
    if is_blank(solution):
        return blank()
    try:
        with quiet():
            report = asked.examine(solution, variant(question), np.random.default_rng(seed))
    except BlankError:
        return blank()
    except WrongError as wrong:
        name = wrong.mistake.name if wrong.mistake else None
        said = f" {wrong.mistake.sentence}" if wrong.mistake else ""
        report = Report(False, 0.0, f"Not there yet: {wrong.difference}{said}", name)
    except Exception as error:  # an answer that breaks when it is looked at
        reason = f"{type(error).__name__}: {error}"
        return Report(False, 0.0, f"Your answer cannot be read, it stops with {reason}.")
    report = _own_work(report, solution)
    if fresh and not report and report != blank():
        message = f"{report.message}\n(new numbers, drawn from seed {seed})"
        report = Report(False, report.score, message, report.matched)
    return report


def student(name, *, group=""):
    """Say who you are, for :func:`variant`; what is empty changes nothing.

    Parameters
    ----------
    name : str or int
        As your class knows you. Capitals and spaces around it do not matter.
    group : str, default ""
        The word of your class, which stands in the notebook that was handed out to you. With it
        your teacher's computer draws the numbers that you see.
    """
    cleaned = str(name).strip().lower()
    if cleaned:
        os.environ[STUDENT] = cleaned
    if group:
        os.environ[GROUP] = group


def variant(question):
    """Return the student's own numbers for a question.

    They follow from the environment variable ``OPTLEARN_STUDENT``, which :func:`student` sets and
    which is 0 where it is not set, and from ``OPTLEARN_CLASS``, the group that it sets, so that no
    two classes need to have the same numbers.
    """
    who = os.environ.get(STUDENT, "0")
    salt = os.environ.get(GROUP, "")
    return find(question).draw(np.random.default_rng(_seed(f"{salt}{who}/{question}")))


def working(question, solution):
    """Return ``solution`` where it passes its check, else the reference, so that you can go on."""
    asked = find(question)
    if asked.reference is None:
        raise ValueError(f"question {question} has no reference to fall back to")
    if _examined(asked, solution, fresh=False):
        return solution
    print("Your own is not finished yet: the cells below use a finished one.")
    return asked.reference


def _own_work(report, solution):
    """Say openly where the solution calls the library, and count it for less."""
    with quiet():
        names = borrowed(solution) if report.score > 0 else []
    if not names:
        return report
    share = f"It counts for at most {BORROWED:.0%} of the points until the steps are your own."
    message = f"{report.message}\nYour answer calls {', '.join(names)}. {share}"
    return Report(False, min(report.score, BORROWED), message, report.matched)


def _seed(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _grader_seed():
    given = os.environ.get("OPTLEARN_GRADER_SEED")
    return int(given) if given else int(np.random.SeedSequence().entropy % 2**32)
