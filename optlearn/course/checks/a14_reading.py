"""Assignment 14, question 6: find what three comparisons still lack."""

from types import SimpleNamespace

import numpy as np

from .answers import labels, read
from .engine import Task, asks
from .report import Part, grade

#: label -> which line of a sheet is out of order; the last has none.
LABELS = ("extend the range", "stop earlier", "clip", "more seeds", "less state", "switch")
#: 97.5 % of Student's t with five seeds, and the smallest gain that counts.
STUDENT_T, COUNTS = 2.776, 0.5
RATES = np.array([0.0003, 0.001, 0.003, 0.01, 0.03])
EPOCHS = np.array([5, 10, 20, 40])


def _sheet(rng, label):
    """Return what is known of one comparison; the line of ``label`` is out of order."""
    return SimpleNamespace(
        scores=_scores(rng, label == "extend the range"),
        **_losses(rng, label == "stop earlier"),
        norms=np.array([rng.uniform(0.4, 0.9), rng.uniform(2, 4)]).round(1)
        if label != "clip"
        else np.array([rng.uniform(0.4, 0.9), rng.uniform(300, 900)]).round(1),
        gains=_gains(rng, label == "more seeds"),
        **_memory(rng, label == "less state"),
    )


def _scores(rng, rising):
    """Return validation scores that peak inside the range, or still rise at an end of it."""
    place = rng.choice([-0.6, 4.8]) if rising else rng.uniform(1.7, 2.3)
    hill = rng.uniform(86, 90) - rng.uniform(1.6, 2.4) * (np.arange(5) - place) ** 2
    return (hill + rng.uniform(-0.2, 0.2, 5)).round(1)


def _losses(rng, turns):
    """Return training and validation losses over the epochs; the latter may turn up again."""
    start = rng.uniform(0.95, 1.2)
    training = start * np.array([1, 0.62, 0.3, 0.12 if turns else 0.22])
    gap = np.array([0.05, 0.1, 0.32, 0.75]) if turns else np.array([0.05, 0.08, 0.12, 0.15])
    return {"training": training.round(2), "validation": (training + start * gap).round(2)}


def _gains(rng, unclear):
    """Return paired gains of five seeds: their interval holds 0, or lies above what counts."""
    while True:
        spread = rng.uniform(1.2, 2) if unclear else rng.uniform(0.2, 0.4)
        gains = (rng.uniform(0.7, 1.3) if unclear else rng.uniform(1.4, 2.2)) + spread * (
            rng.permutation([-1.2, -0.5, 0.1, 0.5, 1.1])
        )
        gains = gains.round(1)
        low, _ = interval(gains)
        if low < -0.2 if unclear else low > COUNTS + 0.2:
            return gains


def interval(gains):
    """Return the 95 % interval of the mean of five paired gains."""
    reach = STUDENT_T * np.std(gains, ddof=1) / np.sqrt(len(gains))
    return np.mean(gains) - reach, np.mean(gains) + reach


def _memory(rng, short):
    """Return billions of weights and gigabytes: AdamW fits, or only momentum does."""
    billions = int(rng.integers(1, 6))
    extra = -int(rng.integers(1, 3 * billions)) if short else int(rng.integers(1, 8))
    return {"billions": billions, "gigabytes": 16 * billions + extra}


def _draw_diagnose(rng):
    sheets, rows = {}, []
    # Three labels stay over, and they may be any: none can be ruled out unseen.
    for letter, label in zip("ABC", rng.permutation(LABELS)):
        sheets[letter] = one = _sheet(rng, str(label))
        rows += [
            f"{letter} | rates {', '.join(f'{lr:g}' for lr in RATES)}: validation "
            + ", ".join(f"{v:.1f}" for v in one.scores),
            f"  | epochs {', '.join(map(str, EPOCHS))}: loss "
            + ", ".join(f"{v:.2f}" for v in one.training)
            + "; validation "
            + ", ".join(f"{v:.2f}" for v in one.validation),
            f"  | gradient norms: median {one.norms[0]:.1f}, largest {one.norms[1]:.1f}",
            "  | gain over the old one, paired, five seeds: "
            + ", ".join(f"{v:+.1f}" for v in one.gains),
            f"  | {one.billions} billion weights of 4 bytes, room for {one.gigabytes} GB",
        ]
    return Task("\n".join(rows), sheets=sheets)


def _lacks(sheet):
    """Return the label that the numbers of a sheet ask for."""
    if np.argmax(sheet.scores) in (0, len(RATES) - 1):
        return "extend the range"
    if sheet.validation[-1] > sheet.validation.min() + 0.1:
        return "stop earlier"
    if sheet.norms[1] > 50 * sheet.norms[0]:
        return "clip"
    if interval(sheet.gains)[0] < COUNTS:
        return "more seeds"
    return "less state" if 16 * sheet.billions > sheet.gigabytes else "switch"


_READY = "sees_no_gap", "One of its five lines is out of order: go through all of them."
_NO_EDGE = "The best rate lies inside the range: its neighbours are lower."
_NO_TURN = "The validation loss falls to the end: no epoch is too many."
_NO_SPIKE = "The largest norm is a few times the median: there is nothing to clip."
_NO_DOUBT = "The whole interval lies above the smallest gain that counts: seeds suffice."
_ROOM = "Sixteen bytes a weight fit: weight, gradient, and two numbers of state."
_NEEDLESS = {
    "extend the range": ("extends_without_need", _NO_EDGE),
    "stop earlier": ("stops_without_need", _NO_TURN),
    "clip": ("clips_without_need", _NO_SPIKE),
    "more seeds": ("doubts_without_need", _NO_DOUBT),
    "less state": ("saves_without_need", _ROOM),
    "switch": _READY,
}
#: (what it is, what was said) -> (name, sentence)
_MISREAD = {(truth, said): _NEEDLESS[said] for truth in LABELS for said in LABELS if truth != said}


@asks(
    "14.diagnose",
    "diagnose",
    draw=_draw_diagnose,
    hints=(
        "Go line by line. Where is the best rate, and where the lowest validation loss? Does a "
        "norm stand out? What is the interval? Does AdamW fit?",
        "Interval: mean ± 2.78 · s / √5, and all of it has to lie above 0.5 points. AdamW needs "
        "16 bytes a weight.",
        "np.argmax(scores) in (0, 4): ... validation[-1] above its minimum: ... norms[1] hundreds "
        "of times norms[0]: ... mean - 2.776*std(ddof=1)/sqrt(5) < 0.5: ... 16*billions > "
        "gigabytes: ... else ...",
    ),
)
def diagnose(answer, task, rng):
    """Check ``{"A": label, "B": label, "C": label}``."""
    given = labels(answer, "ABC", LABELS, "clip")
    think = "Which of the five lines would have stopped you from believing this team?"
    return grade(
        Part(
            f"team {key}",
            1,
            lambda k=key, v=label: read(v, _lacks(task.sheets[k]), _MISREAD),
            think,
        )
        for key, label in given.items()
    )
