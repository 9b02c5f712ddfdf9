"""Write docs/graders.md: every known mistake against the check of its rule.

    python tests/checks/matrix.py

The questions that ask for an update rule differ in words and numbers and share one check,
:mod:`optlearn.course.checks.updates`; so the matrix is by rule.
"""

import functools
import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parents[1]))

from right_styles import RIGHT, flattened, listed, looped

from optlearn import wrong_rules
from optlearn.course.checks import probe, updates

PAGE = Path(__file__).parents[2] / "docs/graders.md"
HEAD = """\
# How the graders are graded

Each check of an update rule is tried on wrong solutions, which it must reject and should name,
and on right ones in several styles (as the source writes it, with loops, with lists, flattened,
in place), which it must accept. This page is made by `python tests/checks/matrix.py`.

| rule | wrong solutions | rejected | named | right styles | accepted |
|---|---|---|---|---|---|
"""


def examine(rule, function, seed=0, takes=None):
    with probe.quiet():
        return updates.examine(rule, function, np.random.default_rng(seed), takes)


#: The tests of the rules ask for the same reports as this page.
examined = functools.cache(examine)


def styles(rule):
    made = looped(rule), listed(rule), flattened(rule)
    return [*RIGHT[rule], *made, wrong_rules.right(rule), updates.reference(rule)]


def page():
    """Return the page as text."""
    rows, details = [], []
    for rule in RIGHT:
        wrong = wrong_rules.for_rule(rule)
        reports = [examined(rule, mistake.function) for mistake in wrong]
        named = sum(r.matched == mistake.name for r, mistake in zip(reports, wrong, strict=True))
        right = [bool(examined(rule, style)) for style in styles(rule)]
        rejected = sum(not report for report in reports)
        figures = rule, len(wrong), rejected, named, len(right), sum(right)
        rows.append("| " + " | ".join(map(str, figures)) + " |")
        details += ["", f"## {rule}", "", "| mistake | points it keeps |", "|---|---|"]
        details += [
            f"| {mistake.name} | {report.score:.0%} |"
            for mistake, report in zip(wrong, reports, strict=True)
        ]
    return HEAD + "\n".join([*rows, *details]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
