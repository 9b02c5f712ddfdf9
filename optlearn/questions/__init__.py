"""The questions of the lessons. Each wrong answer gets an answer of its own.

The questions lie in ``bank/NN.toml``, one table a question. There are three kinds: a choice
between texts, a number, and lines to put in order. A wrong option carries the name of the
misconception behind it, so that a report can list what a learner believes instead of counting
points.
"""

import functools
import math
import string
import tomllib
from dataclasses import dataclass, replace
from importlib import resources

#: What options and lines are called.
LETTERS = string.ascii_lowercase


@dataclass(frozen=True)
class Option:
    """One possible answer.

    ``answer`` is a letter, a number or, where lines are to be ordered, their letters in a row
    (``"bca"``); ``says`` is what a learner who gives it is told, and ``misconception`` the name of
    the belief behind it (empty for a right answer).
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
        What is said to an answer that no option foresees.
    given : str, float or None
        The learner's answer.
    lines : tuple of str
        To be put in order, as they are shown: the first is called a, the next b.
    """

    name: str
    text: str
    options: tuple
    otherwise: str = ""
    given: str | float | None = None
    lines: tuple = ()

    @property
    def kind(self):
        """Return ``"choice"``, ``"number"`` or ``"order"``."""
        if self.lines:
            return "order"
        return "choice" if isinstance(self.options[0].answer, str) else "number"

    @property
    def verdict(self):
        """Return the option that was chosen, or ``None`` without an answer."""
        if self.given is None:
            return None
        for option in self.options:
            if _same(option.answer, self.given):
                return option
        if self.kind == "choice":
            letters = ", ".join(f'"{option.answer}"' for option in self.options)
            raise ValueError(f"the answer to {self.name} is one of {letters}, got {self.given!r}")
        letters = LETTERS[: len(self.lines)]
        if self.kind == "order" and sorted(str(self.given).strip().lower()) != list(letters):
            raise ValueError(
                f"the answer to {self.name} is the letters {letters} in another order, such as "
                f'"{letters[::-1]}", got {self.given!r}'
            )
        return Option(self.given, self.otherwise)

    def answered(self, answer):
        """Return the question with an answer; a letter that is no option is refused here."""
        asked = replace(self, given=answer)
        _ = asked.verdict
        return asked

    def markdown(self):
        """Return the question as lines of Markdown."""
        shown = [self.text]
        shown += [f"- **{letter}**: `{line}`" for letter, line in zip(LETTERS, self.lines)]
        shown += [f"- **{o.answer}**: {o.text}" for o in self.options if o.text]
        if self.verdict is not None:
            word = "Right." if self.verdict.right else "Not yet."
            shown += ["", f"You said {self.given}. **{word}** {self.verdict.says}"]
        return shown

    def _repr_markdown_(self):
        first, *rest = self.markdown()
        return "\n".join([first, "", *rest])

    def __repr__(self):
        return "\n".join(self.markdown()).replace("**", "")


def question(name, answer=None):
    """Ask a question of the lessons, or answer it.

    Parameters
    ----------
    name : str
        Such as ``"02.limit"``.
    answer : str or float, optional
        A letter, a number, or the letters of the lines in their order, as the question asks.

    Returns
    -------
    Question
        Which shows itself, and the verdict if there is an answer.
    """
    lesson, _, key = name.partition(".")
    known = _bank(lesson)
    if key not in known:
        raise ValueError(f"unknown question {name!r}: lesson {lesson} has {', '.join(known)}")
    return known[key].answered(answer)


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
    return Questions(tuple(q.answered(a) for q, a in zip(asked, answers, strict=True)))


@dataclass(frozen=True)
class Questions:
    """Several questions shown together, and those that the learner missed before."""

    questions: tuple
    again: tuple = ()

    def _repr_markdown_(self):
        shown = [f"**{i}.** {q._repr_markdown_()}" for i, q in enumerate(self.questions, start=1)]
        shown += [f"{_again(q)}\n\n{q._repr_markdown_()}" for q in self.again]
        return "\n\n".join(shown)

    def __repr__(self):
        shown = [f"{i}. {q!r}" for i, q in enumerate(self.questions, start=1)]
        shown += [f"{_again(q)}\n{q!r}".replace("**", "").replace("`", "") for q in self.again]
        return "\n".join(shown)


def _again(question):
    lesson = question.name.split(".")[0]
    return (
        f"**Once more, from lesson {lesson}:** you missed this one. "
        f"Answer with `question({question.name!r}, ...)`."
    )


def _same(right, given):
    if isinstance(right, str):
        return isinstance(given, str) and given.strip().lower() == right
    try:
        return math.isclose(right, float(given), rel_tol=0.01, abs_tol=1e-12)
    except (TypeError, ValueError):
        return False


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
            lines=tuple(raw.get("lines", ())),
        )
        for key, raw in _raw(lesson).items()
    }
