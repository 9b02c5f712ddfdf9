"""Assignment 10, question 7: tell from the losses which mistake was made with a schedule."""

import numpy as np

from .answers import labels, read
from .engine import Task, asks
from .noisy import NoisyBowl
from .rates import cosine
from .report import Part, grade

STEPS, EPOCH = 400, 40
SHOWN = [0, 50, 100, 200, 300, 350, 400]

#: label -> ``(t, peak) -> rate`` of a training of ``STEPS`` steps
SCHEDULES = {
    "right": lambda t, peak: cosine(t, peak, STEPS),
    "once an epoch": lambda t, peak: cosine(1 + (t - 1) // EPOCH, peak, STEPS),
    "twice as long": lambda t, peak: cosine(t, peak, 2 * STEPS),
    "half as long": lambda t, peak: cosine(t, peak, STEPS // 2),
}


def heights(label, peak, variance):
    """Return the mean height over the minimum at every step."""
    rates = [SCHEDULES[label](t, peak) for t in range(1, STEPS + 1)]
    return 100 * NoisyBowl(np.ones(1), variance).follow(rates)


def floor(peak, variance):
    """Return the height at which the peak itself hovers."""
    return 100 * peak * variance / (2 * (2 - peak))


def _draw(rng):
    peak = float(rng.choice([0.2, 0.25, 0.3, 0.4]))
    variance = float(rng.choice([0.1, 0.2, 0.3]))
    rows = [
        f"{STEPS} steps, {STEPS // EPOCH} epochs, peak {peak}",
        f"At the peak a walk hovers at {floor(peak, variance):.2g}.",
        f"height after {', '.join(map(str, SHOWN[:-1]))} and {SHOWN[-1]} steps",
    ]
    runs = {}
    # One label stays over, and it may be any: none can be ruled out unseen.
    for letter, label in zip("ABC", rng.permutation(list(SCHEDULES))):
        runs[letter] = heights(str(label), peak, variance)
        rows.append(f"{letter} |" + " ".join(f"{h:7.2g}" for h in runs[letter][SHOWN]))
    return Task("\n".join(rows), runs=runs, peak=peak, variance=variance)


#: (what it is, what was said) -> (name, sentence)
_MISREAD = {
    ("right", "twice as long"): (
        "takes-low-for-half",
        "Half the peak hovers at about half the height; this run ends far below that.",
    ),
    ("right", "half as long"): (
        "overlooks-the-end",
        "A rate that rises again lifts the end: this run is lowest at its last step.",
    ),
    ("right", "once an epoch"): (
        "takes-falling-for-staying",
        "Asked once an epoch, the rate stays near the peak: this run comes down.",
    ),
    ("twice as long", "right"): (
        "takes-half-for-none",
        "It ends at about half the height of the peak, so half of the rate is left.",
    ),
    ("twice as long", "once an epoch"): (
        "overlooks-a-slow-fall",
        "It ends well below the height of the peak: the rate did fall, only too slowly.",
    ),
    ("twice as long", "half as long"): (
        "takes-slow-for-fast",
        "It never rises: a schedule that ends half-way would be lowest in the middle.",
    ),
    ("once an epoch", "right"): (
        "overlooks-the-floor",
        "It hovers at the height of the peak to the end: the rate hardly fell.",
    ),
    ("once an epoch", "twice as long"): (
        "sees-a-fall",
        "It hovers at the height of the peak: at half the rate it would be half of that.",
    ),
    ("once an epoch", "half as long"): (
        "overlooks-the-middle",
        "A rate that falls and rises makes the run low in the middle: this one stays.",
    ),
    ("half as long", "right"): (
        "reads-the-middle-only",
        "It is lowest half-way, and then it climbs: the rate rose again.",
    ),
    ("half as long", "once an epoch"): (
        "reads-the-end-only",
        "It ends at the height of the peak, but it was far lower in the middle.",
    ),
    ("half as long", "twice as long"): (
        "exchanges-half-and-twice",
        "A schedule built for twice the steps never rises within them.",
    ),
}


@asks(
    "10.diagnose",
    "diagnose",
    draw=_draw,
    hints=(
        "After the first steps a walk hovers at a height that follows its rate. So the height "
        "tells you the rate.",
        "The height goes like η: half the rate, about half the height. Which rates do the four "
        "have half-way and at the end?",
        "Hold each run at 200 and at 400 steps against the height of the peak: "
        "about 1 and 1, 1/2 and 0, 0.85 and 1/2, or 0 and 1 times that?",
    ),
)
def diagnose(answer, task, rng):
    """Check ``{"A": label, "B": label, "C": label}``."""
    given = labels(answer, "ABC", SCHEDULES, "once an epoch")
    think = "What share of the peak's height is left half-way, and what share at the end?"
    return grade(
        Part(f"run {key}", 1, lambda k=key, v=label: read(v, _made(task, k), _MISREAD), think)
        for key, label in given.items()
    )


def _made(task, letter):
    """Return the label whose schedule makes a run."""
    for label in SCHEDULES:
        if np.allclose(task.runs[letter], heights(label, task.peak, task.variance)):
            return label
    raise AssertionError("a run that no schedule made")
