"""Write docs/graders.md: what the checks do with wrong and with right answers.

    python tests/checks/matrix.py

The table by question counts what the tests of this folder try, so they are run. The questions
that ask for an update rule differ in words and numbers and share one check,
:mod:`optlearn.course.checks.updates`; so the known mistakes are listed by rule.
"""

import functools
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import tried

sys.path.append(str(Path(__file__).parents[1]))

from right_styles import RIGHT, flattened, listed, looped

from optlearn import wrong_rules
from optlearn.course.checks import probe, updates

PAGE = Path(__file__).parents[2] / "docs/graders.md"
HEAD = """\
# How the graders are graded

Every question's check is tried on answers of each kind. The tests say which are wrong, and must
be rejected, and which are right, and must be accepted. For the questions about numbers they are
the slips of many students' numbers; for the ordered lines, whole programs.

| question | kind | wrong answers rejected | by name | right answers accepted |
|---|---|---|---|---|
{questions}

## By rule

Each check of an update rule is tried on wrong solutions, which it must reject and should name,
and on right ones in several styles (as the source writes it, with loops, with lists, flattened,
in place), which it must accept. This page is made by `python tests/checks/matrix.py`.

| rule | wrong solutions | rejected | named | right styles | accepted |
|---|---|---|---|---|---|
"""


@functools.cache
def known(rule, seed, takes):
    """Return the cases and the right paths over them, walked once for all answers."""
    return updates.Known(rule, np.random.default_rng(seed), takes)


def examine(rule, function, seed=0, takes=None):
    with probe.quiet():
        return updates.report(known(rule, seed, takes), function)


#: The tests of the rules ask for the same reports as this page.
examined = functools.cache(examine)


@functools.cache
def styles(rule):
    """Return right ways to write a rule, the same functions every time."""
    made = looped(rule), listed(rule), flattened(rule)
    return [*RIGHT[rule], *made, wrong_rules.right(rule), updates.reference(rule)]


def page(questions):
    """Return the page as text, with the given lines on the questions."""
    rows, details = [], []
    for rule in RIGHT:
        wrong = wrong_rules.for_rule(rule)
        reports = [examined(rule, mistake.function) for mistake in wrong]
        named = sum(r.matched == mistake.name for r, mistake in zip(reports, wrong, strict=True))
        right = [bool(examined(rule, style, 0)) for style in styles(rule)]
        rejected = sum(not report for report in reports)
        figures = rule, len(wrong), rejected, named, len(right), sum(right)
        rows.append("| " + " | ".join(map(str, figures)) + " |")
        details += ["", f"### {rule}", "", "| mistake | points it keeps |", "|---|---|"]
        details += [
            f"| {mistake.name} | {report.score:.0%} |"
            for mistake, report in zip(wrong, reports, strict=True)
        ]
    return HEAD.format(questions=questions) + "\n".join([*rows, *details]) + "\n"


def counted(text):
    """Return the lines on the questions that stand on the page."""
    return "\n".join(re.findall(r"^\| \d\d\.\w+ .*$", text, re.MULTILINE))


if __name__ == "__main__":
    questions = {}
    with pytest.MonkeyPatch.context() as patch:
        tried.record(patch, questions)
        pytest.main(["-q", "-k", "not the_page", str(Path(__file__).parent)])
    PAGE.write_text(page(tried.rows(questions)), encoding="utf-8")
