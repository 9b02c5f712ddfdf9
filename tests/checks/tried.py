"""Which answers the tests hand to the checks, and what the checks say of them."""

import functools
from dataclasses import dataclass, field

from optlearn.course.checks import engine, report


@dataclass
class Tried:
    """The different answers to one question.

    Attributes
    ----------
    wrong : dict
        The name that the check gives to each rejected answer, or None.
    right : set
        The accepted answers.
    """

    kind: str
    wrong: dict = field(default_factory=dict)
    right: set = field(default_factory=set)

    def __str__(self):
        named = sum(name is not None for name in self.wrong.values())
        return f"{self.kind} | {len(self.wrong)} | {named} | {len(self.right)}"


def rows(questions):
    """Return the lines of a table, one for each question but those that a test makes up."""
    real = sorted(name for name in questions if not name.startswith("99."))
    return "\n".join(f"| {name} | {questions[name]} |" for name in real)


def record(monkeypatch, questions):
    """Let the checks write down what they are given in ``questions``, name to Tried.

    New numbers are drawn each time, so a mistake has to be named with the known ones to count.
    Since every test says what its answers are, the rejected are wrong and the accepted right.
    """
    examined = engine._examined

    @functools.wraps(examined)
    def recording(asked, solution, fresh):
        answer = fingerprint(solution)
        said = examined(asked, solution, fresh)
        tried = questions.setdefault(asked.name, Tried(asked.kind))
        if said:
            tried.right.add(answer)
        elif said != report.blank():
            name = None if fresh else said.matched
            tried.wrong[answer] = tried.wrong.get(answer) or name
        return said

    monkeypatch.setattr(engine, "_examined", recording)


def fingerprint(answer, depth=4):
    """Return what tells an answer from others: its code with what it closes over, or its text."""
    code = getattr(answer, "__code__", None)
    try:
        if code is None:
            return type(answer).__name__ if callable(answer) else repr(answer)
        around = [cell.cell_contents for cell in answer.__closure__ or ()] if depth else []
        inner = tuple(fingerprint(content, depth - 1) for content in around)
        return code.co_filename, code.co_firstlineno, code.co_code, repr(code.co_consts), inner
    except Exception:  # an answer that breaks when it is looked at is one of its kind
        return type(answer).__name__
