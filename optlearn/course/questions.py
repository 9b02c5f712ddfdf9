"""The questions of the lessons. Each wrong answer gets an answer of its own.

The questions lie in ``bank/NN.toml``, one table a question. A wrong option carries the name of
the misconception behind it, so that a report can list what a learner believes instead of counting
points.
"""

import functools
import math
import tomllib
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True)
class Option:
    """One possible answer.

    ``answer`` is a letter or a number, ``says`` what a learner who gives it is told, and
    ``misconception`` the name of the belief behind it (empty for a right answer).
    """

    answer: str | float
    says: str
    text: str = ""
    right: bool = False
    misconception: str = ""


@dataclass(frozen=True)
class Question:
    """A question, and the verdict on an answer if one was given.

    Attributes
    ----------
    name : str
        ``"lesson.question"``.
    text : str
    options : tuple of Option
    otherwise : str
        What is said to a number that no option foresees.
    given : str, float or None
        The learner's answer.
    """

    name: str
    text: str
    options: tuple
    otherwise: str = ""
    given: str | float | None = None

    @property
    def verdict(self):
        """Return the option that was chosen, or ``None`` without an answer."""
        if self.given is None:
            return None
        for option in self.options:
            if _same(option.answer, self.given):
                return option
        if all(isinstance(option.answer, str) for option in self.options):
            letters = ", ".join(f'"{option.answer}"' for option in self.options)
            raise ValueError(f"the answer to {self.name} is one of {letters}, got {self.given!r}")
        return Option(self.given, self.otherwise)

    def lines(self):
        """Return the question as lines of Markdown."""
        shown = [self.text]
        shown += [f"- **{o.answer}**: {o.text}" for o in self.options if o.text]
        if self.verdict is not None:
            word = "Right." if self.verdict.right else "Not yet."
            shown += ["", f"You said {self.given}. **{word}** {self.verdict.says}"]
        return shown

    def _repr_markdown_(self):
        return "\n".join([*self.lines()[:1], "", *self.lines()[1:]])

    def __repr__(self):
        return "\n".join(self.lines()).replace("**", "")


def question(name, answer=None):
    """Ask a question of the lessons, or answer it.

    Parameters
    ----------
    name : str
        Such as ``"02.limit"``.
    answer : str or float, optional
        A letter, or a number where one is asked for.

    Returns
    -------
    Question
        Which shows itself, and the verdict if there is an answer.
    """
    lesson, _, key = name.partition(".")
    known = _bank(lesson)
    if key not in known:
        raise ValueError(f"unknown question {name!r}: lesson {lesson} has {', '.join(known)}")
    return _with_answer(known[key], answer)


def recall(lesson, *answers):
    """Ask the questions about earlier lessons that open this one, or answer them in their order."""
    asked = [
        _bank(source)[key]
        for source in _lessons()
        for key, raw in _raw(source).items()
        if lesson in raw.get("recall", ())
    ]
    return _asked_together(lesson, asked, answers)


def believe(lesson, *answers):
    """Ask about the misconceptions that a lesson treats, or answer in their order."""
    asked = [_bank(lesson)[key] for key, raw in _raw(lesson).items() if raw.get("belief")]
    return _asked_together(lesson, asked, answers)


def _asked_together(lesson, asked, answers):
    if not asked:
        raise ValueError(f"lesson {lesson!r} has no such questions")
    if len(answers) > len(asked):
        raise ValueError(f"there are {len(asked)} questions, got {len(answers)} answers")
    answers += (None,) * (len(asked) - len(answers))
    return Questions(tuple(_with_answer(q, a) for q, a in zip(asked, answers, strict=True)))


@dataclass(frozen=True)
class Questions:
    """Several questions shown together."""

    questions: tuple

    def _repr_markdown_(self):
        return "\n\n".join(
            f"**{i}.** {q._repr_markdown_()}" for i, q in enumerate(self.questions, start=1)
        )

    def __repr__(self):
        return "\n".join(f"{i}. {q!r}" for i, q in enumerate(self.questions, start=1))


def _same(right, given):
    if isinstance(right, str):
        return isinstance(given, str) and given.strip().lower() == right
    try:
        return math.isclose(right, float(given), rel_tol=0.01, abs_tol=1e-12)
    except (TypeError, ValueError):
        return False


def _with_answer(question, answer):
    asked = Question(question.name, question.text, question.options, question.otherwise, answer)
    _ = asked.verdict  # a letter that is no option is refused here and not when it is shown
    return asked


@functools.cache
def _lessons():
    files = (resources.files(__package__) / "bank").iterdir()
    return sorted(f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml"))


@functools.cache
def _raw(lesson):
    if lesson not in _lessons():
        raise ValueError(f"lesson {lesson!r} has no questions: known are {', '.join(_lessons())}")
    file = resources.files(__package__) / "bank" / f"{lesson}.toml"
    return tomllib.loads(file.read_text(encoding="utf8"))


@functools.cache
def _bank(lesson):
    return {
        key: Question(
            f"{lesson}.{key}",
            raw["text"].strip(),
            tuple(Option(**option) for option in raw["options"]),
            raw.get("otherwise", ""),
        )
        for key, raw in _raw(lesson).items()
    }
