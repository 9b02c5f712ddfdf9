"""The lab book: one page of what a learner expected, found and still believes.

Made from the learner's own record (:mod:`optlearn.progress`) when it is asked for.
"""

from .. import progress, questions
from ..experiments import claims

EMPTY = "Nothing is recorded yet: answer a question of a lesson, and ask again."


def lab_book(record=None):
    """Return the page as Markdown.

    Parameters
    ----------
    record : Progress, optional
        The learner's own if not given.
    """
    record = progress.summary() if record is None else record
    if not record.events:
        return f"# Lab book\n\n{EMPTY}\n"
    first, last = (record.events[i]["at"][:10] for i in (0, -1))
    parts = [
        f"# Lab book\n\n{first} to {last}, {len(record.events)} entries.",
        _section("What I expected, and what came out", _predictions(record)),
        _section("How sure I was, and how often right", _calibration(record)),
        _section("What I believed", _misconceptions(record)),
        _section("My best runs", _runs(record)),
        _section("Exercises: points of the last check", _checks(record)),
        _section("What the course found in the lessons I worked in", _verdicts(record)),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _section(title, lines):
    return f"## {title}\n\n" + "\n".join(lines) if lines else ""


def _predictions(record):
    for name, event in record.predictions.items():
        asked = _question(name)
        text = asked.text.splitlines()[0] if asked else name
        sure = event.get("confidence")
        said = f"I said {event.get('answer')}" + (f", {sure:.0%} sure" if sure is not None else "")
        yield f"- **{name}** {text} {said}: {'right' if event.get('right') else 'not so'}."


def _calibration(record):
    return [
        f"- {said:.0%} sure: right {share:.0%} of {number}"
        for said, share, number in record.calibration
    ]


def _misconceptions(record):
    cured = {e["name"] for e in record.answers.values() if e.get("right")}
    met = {}
    for event in record.events:
        if event.get("misconception"):
            met.setdefault(event["misconception"], set()).add(event["name"])
    return [
        f"- {name.replace('-', ' ')} (met in {', '.join(sorted(where))}"
        f"{'; answered right since' if where <= cured else ''})"
        for name, where in met.items()
    ]


def _runs(record):
    """Return the best of the runs that were recorded, one a task: more is better."""
    scored = [e for e in record.events if e["kind"] == "run" and "score" in e]
    best = {event["name"]: event for event in sorted(scored, key=lambda e: e["score"])}
    return [
        f"- {name}: {event['score']:.3g} {event.get('unit', '')}, with {event.get('settings', '')}"
        for name, event in best.items()
    ]


def _checks(record):
    last = {e["name"]: e for e in record.events if e["kind"] == "check"}
    return [f"- {name}: {event.get('score', 0):.0%}" for name, event in sorted(last.items())]


def _verdicts(record):
    worked = {str(event.get("lesson") or event["name"].split(".")[0]) for event in record.events}
    return [
        f"- {claim.claim} *Literature: {claim.literature}. Here: {claim.here.replace('_', ' ')}.*"
        for claim in claims.all()
        if claim.lesson[:2] in worked
    ]


def _question(name):
    try:
        return questions.question(name)
    except ValueError:
        return None
