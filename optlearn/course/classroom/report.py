"""The page on a class and an assignment: points, who needs a look, mistakes met, texts alike."""

from collections import Counter

from . import policy, results, roster
from .alike import pairs

HEAD = (
    "student", "score", "of", "late", "attempts", "by hand", "to look at",
)  # fmt: skip


def report(classroom, assignment):
    """Return the report of the class as Markdown."""
    rows, students = results.read(classroom, assignment), roster.read(classroom)
    book = results.scores(classroom, assignment)
    lines = [f"# {assignment}", "", f"{len(rows)} graded, {len(students)} in the roster.", ""]
    lines += [f"| {' | '.join(HEAD)} |", "|---" * len(HEAD) + "|"]
    lines += [f"| {' | '.join(_line(classroom, assignment, row, book))} |" for row in rows.values()]
    absent = [who for who in students if who not in rows]
    lines += ["", f"Nothing handed in: {', '.join(absent)}."] if absent else []
    met = Counter(name for row in rows.values() for name in row["mistakes"])
    if met:
        lines += ["", "## Mistakes met", ""]
        lines += [f"- {name}: {number}" for name, number in met.most_common()]
    found = pairs(classroom, assignment)
    if found:
        lines += ["", "## Alike", ""]
        lines += [
            "Free texts and own experiments that share rare words. It proves nothing: read both.",
            "",
        ]
        lines += [f"- {one} and {other}, {cell}: {share:.0%}" for share, one, other, cell in found]
    return "\n".join(lines) + "\n"


def points(classroom, assignment, row, book):
    """Return ``(points, of which lateness took)`` of a student: those by hand are in it."""
    score, _ = book.get(row["student"], (0.0, False))
    left = results.net(classroom, assignment, row, score)
    return left, round(score - left, 2)


def _line(classroom, assignment, row, book):
    left, lost = points(classroom, assignment, row, book)
    hours = results.hours_late(classroom, assignment, row)
    tried = list(results.attempts(classroom, assignment, row["student"]).values())
    rule = policy.get(classroom, "resubmissions", assignment)
    return (
        row["student"],
        f"{left:g}",
        f"{row['max']:g}",
        f"{hours:.1f} h, −{lost:g}" if hours else "",
        f"{len(tried)}: best {max(tried):g}, last {tried[-1]:g}; {rule} counts"
        if len(tried) > 1
        else "",
        "yes" if book.get(row["student"], (0, False))[1] else "",
        "; ".join(row["flags"]),
    )
