"""Assignment 07, question 6: tell three runs that stand still from each other."""

from types import SimpleNamespace

import numpy as np
from numpy.polynomial import Polynomial

from .answers import labels, read
from .engine import Task, asks
from .report import Part, grade

STEPS, SHOWN = 200, 5
#: label -> for each of two directions the loss along it and the start. They are made for a learning
#: rate of 1; for another one the loss is divided by it.
RUNS = {
    "minimum": ((Polynomial([0, 0, 0.3]), 1.0), (Polynomial([0, 0, 0.06]), 1.0)),
    "saddle": ((Polynomial([0, 0, 0.3]), 1.0), (Polynomial([0, 0, -0.025]), 1e-10)),
    "plateau": ((Polynomial([0, 0, 0.3]), 1.0), (Polynomial([0, -2e-4, 1e-5]), 0.0)),
    # A cubic term lets the overshooting walk swing between two places instead of running away.
    "edge": ((Polynomial([0, 0, 1.005, 1 / 3]), 0.1), (Polynomial([0, 0, 1e-3]), 1.0)),
}


def stand_still(label, lr, angle, height):
    """Return the last losses of a run, the length of its slope, and its Hessian."""
    along, places = zip(*RUNS[label])
    slopes, places, losses = [f.deriv() for f in along], np.array(places), []
    for step in range(STEPS):
        if step >= STEPS - SHOWN:
            losses.append(height + sum(f(u) for f, u in zip(along, places)) / lr)
        last, slope = places, np.array([f(u) for f, u in zip(slopes, places)]) / lr
        places = places - lr * slope
    curvatures = np.array([f.deriv()(u) for f, u in zip(slopes, last)]) / lr
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    axes = np.array([[cos, -sin], [sin, cos]])
    hessian = (axes * curvatures) @ axes.T
    return SimpleNamespace(losses=np.array(losses), slope=np.linalg.norm(slope), hessian=hessian)


def _draw_diagnose(rng):
    lr, runs = float(rng.choice([0.1, 0.2, 0.4, 0.5])), {}
    rows = [f"learning rate of all runs: {lr}, so 2 / lr is {2 / lr:g}"]
    # One label stays over, and it may be any: none can be ruled out unseen.
    for letter, label in zip("ABC", rng.permutation(list(RUNS))):
        angle, height = rng.uniform(25, 65) * rng.choice([-1, 1]), rng.uniform(0.3, 0.6)
        runs[letter] = run = stand_still(str(label), lr, angle, height)
        rows.append(f"{letter} | last losses " + " ".join(f"{v:.5f}" for v in run.losses))
        (a, b), (_, c) = run.hessian
        rows.append(f"  | slope {run.slope:.0e}, Hessian [[{a:.3f}, {b:.3f}], [{b:.3f}, {c:.3f}]]")
    return Task("\n".join(rows), runs=runs, lr=lr)


#: (what it is, what was said) -> (name, sentence)
_MISREAD = {
    ("saddle", "minimum"): (
        "takes-zero-slope-for-a-minimum",
        "One of its curvatures is below 0, whatever the diagonal says: there is a way down.",
    ),
    ("saddle", "plateau"): (
        "takes-a-saddle-for-a-plateau",
        "Its slope is gone, and both curvatures are far from 0: one goes up, the other down.",
    ),
    ("minimum", "saddle"): (
        "sees-a-way-down",
        "Both of its curvatures are above 0: take the eigenvalues, not the corner.",
    ),
    ("minimum", "plateau"): (
        "takes-a-minimum-for-a-plateau",
        "Its slope is gone for good, and no curvature is near 0: it is up in every direction.",
    ),
    ("plateau", "minimum"): (
        "takes-slow-for-the-end",
        "Its slope is small, but it is not gone, and one curvature is hardly above 0.",
    ),
    ("plateau", "saddle"): (
        "takes-a-plateau-for-a-saddle",
        "No curvature is below 0. It goes downhill, but the slope is small.",
    ),
    ("edge", "minimum"): (
        "overlooks-the-swing",
        "Its loss rises at every other step, and its slope is large: it has not arrived.",
    ),
    ("edge", "saddle"): (
        "takes-a-swing-for-a-saddle",
        "Its loss rises at every other step, and its steepest curvature is near 2 over the rate.",
    ),
    ("edge", "plateau"): (
        "takes-a-swing-for-a-plateau",
        "Its slope is not small at all: the walk swings from side to side.",
    ),
}
for _label in ("minimum", "saddle", "plateau"):
    _MISREAD[_label, "edge"] = (
        "sees-an-edge-everywhere",
        "At the edge the loss would rise at every other step. Here it does not.",
    )


@asks(
    "07.diagnose",
    "diagnose",
    draw=_draw_diagnose,
    hints=(
        "Look at the losses first: does one of them rise? Then at the slope: is it gone, or only "
        "small? Then at both curvatures.",
        "Edge: the loss rises, and a curvature is near 2 / η. Plateau: the slope is not gone. "
        "Saddle: a curvature is below 0. Minimum: neither is.",
        "for letter, run in stuck.runs.items(): low, high = np.linalg.eigvalsh(run.hessian); "
        "np.diff(run.losses).max() > 0: ...; run.slope > 1e-4: ...; low < 0: ...; else ...",
    ),
)
def diagnose(answer, task, rng):
    """Check ``{"A": label, "B": label, "C": label}``."""
    given = labels(answer, "ABC", RUNS, "saddle")
    think = "Does its loss rise? Is its slope gone? Which signs have its two curvatures?"
    return grade(
        Part(f"run {key}", 1, lambda k=key, v=label: read(v, holds(task.runs[k]), _MISREAD), think)
        for key, label in given.items()
    )


def holds(run):
    """Return the label of a run, by the criteria that the text states."""
    if np.diff(run.losses).max() > 1e-9:
        return "edge"
    if run.slope > 1e-4:
        return "plateau"
    return "saddle" if np.linalg.eigvalsh(run.hessian)[0] < 0 else "minimum"
