"""The ledger: what is said about optimizers, what the literature says to it, and what we found.

The claims stand in ``claims.toml``. It holds no result: each claim names the experiment whose
stored result decides, what is judged, and the smallest effect of interest, which is a choice and
no result. The numbers and the verdict are computed when they are asked for, by a function of
:mod:`optlearn.experiments.judges`.

An interval is over seeds. Accuracies on one test set have an error beside it that no number of
seeds removes: another 360 digits would move all of them together.
"""

import functools
import tomllib
from dataclasses import dataclass
from importlib import resources

import numpy as np

from ..tuning import Comparison
from . import stored
from .judges import judge

#: What the literature can say, and what our experiment can.
LITERATURE = ("holds", "half", "misleading", "false", "contested")
HERE = ("shown", "refuted", "undecided", "not_run")


@dataclass(frozen=True)
class Source:
    """A publication and what it showed, in our words."""

    author: str
    year: int
    showed: str

    def __str__(self):
        return f"{self.author} ({self.year}): {self.showed}"


@dataclass(frozen=True)
class Claim:
    r"""One claim, what is known about it, and what our experiment says.

    Attributes
    ----------
    id : str
        Its name, such as ``"adam-needs-no-tuning"``.
    number : int
    claim : str
        What is said.
    literature : {"holds", "half", "misleading", "false", "contested"}
    why : str
    sources : tuple of Source
    lesson : str
        The one that treats it.
    experiment : str
        Whose stored result decides; empty where none was run.
    tested : str
        What the claim says about that experiment.
    effect_of : str
        What the effect is.
    unit : str
    interest : float
        The smallest effect of interest: what is smaller would not matter to somebody who trains.
    predicts : {"more", "less"}
        Whether, by the claim, the effect is at least so large, or smaller.
    asserts : {"shown", "refuted", "undecided", "not_run"}
        The verdict that a test holds the stored result to.
    """

    id: str
    number: int
    claim: str
    literature: str
    why: str
    lesson: str
    asserts: str
    sources: tuple = ()
    experiment: str = ""
    tested: str = ""
    effect_of: str = ""
    unit: str = ""
    interest: float | None = None
    predicts: str = ""

    @property
    def comparison(self):
        """The effect over the seeds, a :class:`optlearn.tuning.Comparison`, or None."""
        return self._judged[0] if self.experiment else None

    @property
    def beside(self):
        """Other effects of the same experiment, in the same unit, by their descriptions."""
        return self._judged[1] if self.experiment else {}

    @property
    def here(self):
        """What our experiment says: ``"shown"``, ``"refuted"``, ``"undecided"``, ``"not_run"``.

        The claim is decided only where the whole 95 % interval lies on one side of the smallest
        effect of interest.
        """
        if not self.experiment:
            return "not_run"
        return verdict(self.comparison.ci95, self.interest, self.predicts)

    @property
    def effect(self):
        """The mean of the paired differences, in ``unit``, or None."""
        return self.comparison and self.comparison.effect

    @property
    def ci95(self):
        """The 95 % interval of the effect, or None."""
        return self.comparison and self.comparison.ci95

    @property
    def smallest_effect(self):
        """The effect that so many seeds would have shown 4 times in 5, or None."""
        return self.comparison and self.comparison.smallest_effect

    @property
    def n(self):
        """The number of seeds, or None."""
        return self.comparison and self.comparison.n

    @functools.cached_property
    def _judged(self):
        effect, beside = judge(self.id)(stored.get(self.experiment).result())
        return _comparison(effect, self.unit), {
            words: _comparison(values, self.unit) for words, values in beside.items()
        }


@dataclass(frozen=True, repr=False)
class Shown:
    """Something that ``print`` shows as text and a notebook as Markdown."""

    text: str
    markdown: str

    def _repr_markdown_(self):
        return self.markdown

    def __repr__(self):
        return self.text


def verdict(ci95, interest, predicts):
    """Return what an interval says to a claim about the smallest effect of interest.

    Parameters
    ----------
    ci95 : tuple of float
    interest : float
    predicts : {"more", "less"}
        The claim is that the effect is at least ``interest``, or that it is smaller.
    """
    low, high = ci95
    if low < interest <= high:
        return "undecided"
    return "shown" if (low >= interest) == (predicts == "more") else "refuted"


def all():
    """Return the claims in the order of their numbers."""
    return tuple(_ledger().values())


def get(id):
    """Return the claim of a name, or list the known names."""
    if id not in _ledger():
        raise ValueError(f"unknown claim {id!r}: known are {', '.join(_ledger())}")
    return _ledger()[id]


def table(*ids):
    """Return the claims of these names, or all, one a row: literature, verdict, effect."""
    header = ("", "claim", "literature", "here", "effect", "95 % interval", "n", "experiment")
    rows = [header, *(_row(claim) for claim in (map(get, ids) if ids else all()))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    text = "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows
    )
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return Shown(text, "\n".join([lines[0], "|---" * len(header) + "|", *lines[1:]]))


def card(id):
    """Return a claim with all that stands in the ledger, for a lesson to show."""
    claim = get(id)
    lines = [
        f"**Claim {claim.number}.** {claim.claim}",
        f"**The literature: {claim.literature}.** {claim.why}",
        "\n".join(f"- {source}" for source in claim.sources),
        f"**Here: {claim.here.replace('_', ' ')}.** {_finding(claim)}",
        "\n".join(f"- {words}: {_interval(found)}" for words, found in claim.beside.items()),
        f"Lesson {claim.lesson}",
    ]
    markdown = "\n\n".join(filter(None, lines))
    return Shown("\n".join(filter(None, lines)).replace("**", ""), markdown)


def _finding(claim):
    if not claim.experiment:
        return "No experiment of ours decides it."
    said = {"more": "at least", "less": "less than"}[claim.predicts]
    return (
        f"Tested: {claim.tested} If so, {claim.effect_of} must be {said} "
        f"{claim.interest:g}, in {claim.unit}. Found by {claim.experiment}, over {claim.n} pairs: "
        f"{_interval(claim.comparison)}. So many pairs show a difference of "
        f"{claim.smallest_effect:.2g} 4 times in 5."
    )


def _interval(comparison):
    low, high = (_number(value) for value in comparison.ci95)
    return f"{_number(comparison.effect)}, 95 % interval {low} to {high}"


def _row(claim):
    cells = (str(claim.number), claim.id, claim.literature, claim.here.replace("_", " "))
    if not claim.experiment:
        return *cells, "", "", "", ""
    low, high = (_number(value) for value in claim.ci95)
    effect = f"{_number(claim.effect)} {claim.unit}"
    return *cells, effect, f"{low} to {high}", str(claim.n), claim.experiment


def _number(value):
    # A stored number has six digits: what is left of two that are equal is below that.
    return f"{value:+.2g}" if abs(value) >= 1e-4 else "0"


def _comparison(differences, unit):
    return Comparison(unit, tuple(np.asarray(differences, dtype=float).tolist()))


@functools.cache
def _ledger():
    text = (resources.files(__package__) / "claims.toml").read_text(encoding="utf8")
    claims = []
    for id, fields in tomllib.loads(text).items():
        sources = tuple(Source(*source) for source in fields.pop("sources", ()))
        claims.append(Claim(id=id, sources=sources, **fields))
    return {claim.id: claim for claim in sorted(claims, key=lambda claim: claim.number)}
