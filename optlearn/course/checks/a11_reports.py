"""Assignment 11, question 6: what is unfair about these comparisons."""

from dataclasses import dataclass, replace

import numpy as np

from .answers import labels, read
from .engine import Task, asks
from .report import Part, grade

RATES = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)
LABELS = ("budget", "edge", "test data", "same seeds", "zero inside", "fair")
RIVALS = ("momentum", "adam", "nesterov", "rmsprop", "lion", "nadam")


@dataclass(frozen=True)
class Side:
    """What a report says of one rival: accuracies by rate, and the rate that was chosen."""

    name: str
    rates: tuple
    validation: tuple
    test: tuple
    chosen: float

    @property
    def tested(self):
        """The test accuracy of the chosen rate."""
        return self.test[self.rates.index(self.chosen)]

    def rows(self):
        """Return the lines of the report on this rival."""
        numbers = {"validation": self.validation, "test": self.test}
        found = [f"    {self.name:10}" + "".join(f"{lr:>8g}" for lr in self.rates)]
        found += [f"    {k:10}" + "".join(f"{v:8.1f}" for v in row) for k, row in numbers.items()]
        found[0] += f"   chosen: {self.chosen:g}"
        return found


@dataclass(frozen=True)
class Claim:
    """A comparison as somebody reports it."""

    sides: tuple
    chose: tuple
    measured: tuple
    interval: tuple
    claims: bool

    def rows(self):
        (a, b), (low, high) = (side.name for side in self.sides), self.interval
        said = f"{a if low + high > 0 else b} is better" if self.claims else "undecided"
        seeds = (f"seeds {first} to {last}" for first, last in (self.chose, self.measured))
        return [
            *(row for side in self.sides for row in side.rows()),
            "    {} chose, {} measured".format(*seeds),
            f"    {a} less {b} on test digits: 95 % interval {low:+.1f} to {high:+.1f}. “{said}”",
        ]

    def fault(self):
        """Return the label of what is unfair about it, looked for as a reader would."""
        for side in self.sides:
            if side.chosen != side.rates[int(np.argmax(side.validation))]:
                return "test data"
        if len({len(side.rates) for side in self.sides}) > 1:
            return "budget"
        if any(side.chosen in (side.rates[0], side.rates[-1]) for side in self.sides):
            return "edge"
        if self.chose == self.measured:
            return "same seeds"
        if self.claims and self.interval[0] <= 0 <= self.interval[1]:
            return "zero inside"
        return "fair"


def _curve(rng, rates, best):
    """Return accuracies that fall to both sides of the rate numbered ``best``."""
    away = np.abs(np.arange(len(rates)) - best)
    return 87 - away * rng.uniform(1.5, 4.5, len(rates)) - rng.uniform(0, 1)


def _side(rng, name, fault):
    """Return one rival's part of a report, with one of the faults or none."""
    rates, best = RATES, int(rng.integers(2, 4))
    if fault == "edge":
        rates, best = RATES[:4], 3
    elif fault == "budget":
        start = best - 1
        rates, best = RATES[start : start + 3], 1
    validation = np.round(_curve(rng, rates, best), 1)
    other = best + (rng.choice([-1, 1]) if fault == "test data" or rng.random() < 0.5 else 0)
    if fault == "edge":
        other = best
    test = np.round(_curve(rng, rates, int(other)) - 0.6, 1)
    chosen = rates[int(np.argmax(test if fault == "test data" else validation))]
    return Side(name, tuple(rates), tuple(validation.tolist()), tuple(test.tolist()), chosen)


def _moved(side, to):
    """Return the report on a rival whose chosen rate has about the test accuracy ``to``."""
    test = np.round(np.array(side.test) + to - side.tested, 1)
    return replace(side, test=tuple(test.tolist()))


def draw_claim(rng, label):
    """Return a comparison with the fault ``label``, and no other."""
    names = [str(name) for name in rng.permutation(RIVALS)[:2]]
    where = int(rng.integers(2))
    faults = [None, None]
    if label in ("edge", "test data", "budget"):
        faults[where] = label
    sides = [_side(rng, name, fault) for name, fault in zip(names, faults)]
    if label == "edge":  # the ranges are of one length, so that the budgets are equal
        whole = sides[1 - where]
        at = whole.rates.index(whole.chosen)
        begin = 0 if at == 2 else 1
        keep = slice(begin, begin + 4)
        sides[1 - where] = replace(
            whole,
            rates=whole.rates[keep],
            validation=whole.validation[keep],
            test=whole.test[keep],
        )
    holds_zero = label == "zero inside" or (label == "fair" and rng.random() < 0.5)
    middle, reach = rng.uniform(1.2, 2.0) * rng.choice([-1, 1]), rng.uniform(0.6, 1.0)
    if holds_zero:
        middle, reach = middle / 3, reach + 0.5
    sides[1] = _moved(sides[1], sides[0].tested - middle)
    chose = 1, int(rng.integers(4, 7))
    measured = chose if label == "same seeds" else (11, 20)
    ends = round(middle - reach, 1), round(middle + reach, 1)
    return Claim(tuple(sides), chose, measured, ends, label != "fair" or not holds_zero)


def _draw(rng):
    claims, rows = {}, []
    # Two labels stay over, and they may be any: none can be ruled out unseen.
    for letter, label in zip("ABCD", rng.permutation(LABELS)):
        claims[letter] = draw_claim(rng, str(label))
        rows += [f"{letter} | learning rates, and right digits (%)", *claims[letter].rows()]
    return Task("\n".join(rows), claims=claims)


#: label -> (name, sentence) where this fault was overlooked
_OVERLOOKED = {
    "budget": ("overlooks-the-budget", "Count the rates: one rival was allowed to try more."),
    "edge": ("overlooks-the-edge", "One best rate is the last that was tried: what lies beyond?"),
    "test data": (
        "overlooks-the-test-data",
        "One chosen rate is not the best on validation data. On which data is it?",
    ),
    "same seeds": ("overlooks-the-seeds", "The seeds that chose the rates also measured them."),
    "zero inside": ("overlooks-zero", "A winner is named although the interval holds zero."),
}
#: label -> (name, sentence) where this was said of a comparison without it
_NOT_THERE = {
    "budget": ("sees-unequal-budgets", "Both rivals tried as many rates with as many seeds."),
    "edge": ("sees-an-edge", "Each chosen rate has a worse one on both sides."),
    "test data": ("sees-test-data", "Each chosen rate is the best one on validation data."),
    "same seeds": ("sees-the-same-seeds", "Other seeds measured than those that chose."),
    "zero inside": (
        "sees-zero",
        "Either the interval leaves zero out, or no winner is named.",
    ),
}


def _misread():
    """Return (what it is, what was said) -> (name, sentence)."""
    pairs = [(truth, said) for truth in LABELS for said in LABELS if truth != said]
    return {
        (truth, said): _OVERLOOKED[truth] if said == "fair" else _NOT_THERE[said]
        for truth, said in pairs
    }


@asks(
    "11.diagnose",
    "diagnose",
    draw=_draw,
    hints=(
        "Go through the protocol of the lesson: budgets, edges, what chose, what measured, and "
        "what was claimed.",
        "In each table: as many rates on both sides? The best validation value not at an end, and "
        "chosen? Other seeds? Zero outside?",
        "For each rival: np.argmax(validation) is the chosen place, and neither the first nor the "
        "last; then the two lines below the tables",
    ),
)
def diagnose(answer, task, rng):
    """Check ``{"A": label, ..., "D": label}``."""
    given = labels(answer, "ABCD", LABELS, "edge")
    misread = _misread()
    think = "Which line of the protocol does this comparison break, if any?"
    return grade(
        Part(
            f"comparison {key}",
            1,
            lambda k=key, v=label: read(v, task.claims[k].fault(), misread),
            think,
        )
        for key, label in given.items()
    )
