"""The questions of a lesson, with a memory: answers are recorded, and missed ones come back.

The record is :mod:`optlearn.progress`: it stays on the learner's computer and can be switched off.
"""

from dataclasses import replace

from .. import progress, questions

#: After how many lessons a missed question comes back, and how many of them at most.
LATER, AT_MOST = 2, 3


def question(name, answer=None):
    """Ask a question of the lessons, or answer it; see :func:`optlearn.questions.question`."""
    asked = questions.question(name, answer)
    _keep([asked], name.split(".")[0])
    return asked


def believe(lesson, *answers):
    """Ask about the misconceptions that a lesson treats, or answer in their order."""
    asked = questions.believe(lesson, *answers)
    _keep(asked.questions, lesson)
    return asked


def recall(lesson, *answers):
    """Ask the questions about earlier lessons that open this one, or answer them in their order.

    Questions that the learner missed two or more lessons before stand below them, until they are
    answered right.
    """
    asked = questions.recall(lesson, *answers)
    _keep(asked.questions, lesson)
    shown = {q.name for q in asked.questions}
    return replace(asked, again=tuple(q for q in missed(lesson) if q.name not in shown))


def missed(lesson):
    """Return the questions that come back in this lesson, the longest missed first."""
    known = progress.summary().answers.values()
    wrong = [event for event in known if not event.get("right")]
    due = [event for event in wrong if _number(event) <= int(lesson) - LATER]
    return tuple(filter(None, map(_find, due)))[:AT_MOST]


def _number(event):
    """Return the lesson in which a question was asked last."""
    return int(event.get("lesson") or event["name"].split(".")[0])


def _find(event):
    """Return the question of an event, or None where a later version has dropped it."""
    try:
        return questions.question(event["name"])
    except ValueError:
        return None


def _keep(asked, lesson):
    """Record the answers that are new: a cell that is run again says nothing new."""
    answered = [q for q in asked if q.given is not None]
    if not answered:
        return
    last = {event["name"]: event.get("answer") for event in progress.events()}
    for q in answered:
        if last.get(q.name) != q.given:
            kind = "prediction" if q.name.split(".")[1].startswith("predict") else "question"
            facts = {"answer": q.given, "right": q.verdict.right, "lesson": lesson}
            facts |= {"misconception": q.verdict.misconception} if q.verdict.misconception else {}
            progress.record(kind, q.name, **facts)
