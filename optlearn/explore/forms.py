"""What the explorers without a picture share: questions, and the record of their answers."""

import html
import re

import traitlets

from .. import progress, questions
from ..questions import Question, Questions
from .base import Checked, Explorer

#: What may stand between dollar signs, and what it becomes.
SIGNS = {
    r"\alpha": "α", r"\beta": "β", r"\epsilon": "ε", r"\eta": "η", r"\lambda": "λ", r"\mu": "μ",
    r"\nabla": "∇", r"\rho": "ρ", r"\sqrt": "√", r"\cdot": "·", r"\times": "×", r"\le": "≤",
    r"\ge": "≥", r"\approx": "≈", r"\infty": "∞", r"\kappa": "κ", r"\dots": "…",
    r"\,": "\u2009",
    "-": "−",
}  # fmt: skip


def inline(text):
    """Return HTML for the little Markdown and TeX that questions use."""
    text = html.escape(text, quote=False)
    parts = re.split(r"(`[^`]+`|\$[^$]+\$)", text)
    return "".join(map(_part, parts))


def _part(part):
    if part.startswith("`"):
        return f"<code>{part[1:-1]}</code>"
    if part.startswith("$"):
        return f"<i>{_math(part[1:-1])}</i>"
    part = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", part)
    return re.sub(r"\*(.+?)\*", r"<em>\1</em>", part).replace("\n\n", "<br><br>")


def _math(tex):
    for name, sign in sorted(SIGNS.items(), key=lambda item: -len(item[0])):
        tex = tex.replace(name, sign)
    for mark, tag in (("^", "sup"), ("_", "sub")):
        group = rf"{re.escape(mark)}(?:\{{([^{{}}]*)\}}|(\S))"
        tex = re.sub(group, lambda m, tag=tag: f"<{tag}>{m[1] or m[2]}</{tag}>", tex)
    return tex.replace("{", "").replace("}", "")


def describe(question):
    """Return a question as the browser gets it."""
    return {
        "name": question.name,
        "kind": question.kind,
        "text": inline(question.text),
        "lines": [html.escape(line, quote=False) for line in question.lines],
        "otherwise": inline(question.otherwise),
        "options": [
            {
                "answer": option.answer, "text": inline(option.text), "says": inline(option.says),
                "right": option.right,
            }
            for option in question.options
        ],
    }  # fmt: skip


def resolve(names):
    """Return the questions for names, lessons' recalls, or questions a teacher wrote."""
    found = [one if isinstance(one, Question) else questions.question(one) for one in names]
    if not found:
        raise ValueError('name at least one question, such as "02.limit"')
    return tuple(found)


class Form(Explorer):
    """An explorer that asks. Without a browser it shows its questions as text."""

    #: The questions, as ``describe`` returns them.
    asked = traitlets.List().tag(sync=True)
    #: The learner's last answer to each question, by its name.
    answers = Checked(dict)
    #: The kind of event that an answer is recorded as.
    kind = "question"

    def __init__(self, *asked, **traits):
        self.questions = resolve(asked)
        super().__init__(asked=[describe(q) for q in self.questions], answers={}, **traits)

    def fit(self, answers):
        """Return answers that can be given here, or say what is wrong with them."""
        for name, answer in answers.items():
            self._verdict(name, answer)
        return answers

    @traitlets.validate("answers")
    def _fit(self, proposal):
        return self.fit(proposal.value)

    def _verdict(self, name, answer):
        known = {q.name: q for q in self.questions}
        if name not in known:
            raise ValueError(f"{name!r} is not asked here: asked are {', '.join(known)}")
        return known[name].answered(answer).verdict

    @traitlets.observe("answers")
    def _keep(self, change):
        before = change.old or {}
        for name, answer in change.new.items():
            if before.get(name) != answer:
                verdict = self._verdict(name, answer)
                progress.record(
                    self.kind, name, answer=answer, right=verdict.right,
                    misconception=verdict.misconception, **self.facts(),
                )  # fmt: skip

    def facts(self):
        """Return what else is recorded with an answer."""
        return {}

    def shown(self):
        """Return the questions with the answers so far."""
        return Questions(
            tuple(q.answered(self.answers.get(q.name)) for q in self.questions),
        )

    def text(self):
        return repr(self.shown())

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super(Explorer, self)._repr_mimebundle_(**kwargs)
        words = {"text/plain": self.text(), "text/markdown": self.shown()._repr_markdown_()}
        return {**data, **words}, metadata
