"""Assignment 02, questions 6 and 7: read three runs, and refute a fluent sentence."""

import numpy as np

from ... import landscapes
from .answers import labels, read
from .engine import Task, asks
from .probe import call, is_blank, number, numbers, short
from .report import BlankError, Mistake, Part, WrongError, grade

# --------------------------------------------------------------------------- 6. read the curves

#: label -> learning rates, in units of 1 / L, that make such a run
RATES = {
    "too small": (0.01, 0.02, 0.03),
    "just right": (0.6, 0.7, 0.8),
    "zigzag": (1.85, 1.9, 1.95),
    "diverges": (2.03, 2.05, 2.07),
}


def _draw_diagnose(rng):
    landscape = landscapes.quadratic(condition=float(rng.integers(15, 26)))
    runs, rows = {}, ["weight 2 after 0, 1, 2, 3, 4 and 12 steps"]
    # One label stays over, and it may be any: none can be ruled out unseen.
    for letter, label in zip("ABC", rng.permutation(list(RATES))):
        lr, w, path = rng.choice(RATES[str(label)]), np.array([-3.4, 1.5]), []
        for _ in range(13):
            path.append(w)
            w = w - lr * landscape.gradient(w)
        runs[letter] = np.array(path)
        shown = [f"{y:6.2f}" for y in runs[letter][[0, 1, 2, 3, 4, 12], 1]]
        rows.append(f"{letter} |{' '.join(shown)}")
    return Task("\n".join(rows), landscape=landscape, runs=runs)


#: (what it is, what was said) -> (name, sentence)
_MISREAD = {
    ("zigzag", "diverges"): (
        "takes-a-zigzag-for-divergence",
        "It jumps from side to side, but every jump is shorter than the last: it arrives.",
    ),
    ("diverges", "zigzag"): (
        "takes-divergence-for-a-zigzag",
        "It jumps from side to side, and every jump is longer than the last.",
    ),
    ("too small", "just right"): (
        "takes-smooth-for-right",
        "Smooth is not fast: after 12 steps most of the way is still ahead.",
    ),
    ("just right", "too small"): (
        "takes-smooth-for-slow",
        "It stays on one side, but it is no crawl: look at what is left after 12 steps.",
    ),
    ("zigzag", "too small"): (
        "takes-every-slow-run-for-a-small-rate",
        "It is slow because it overshoots: a larger rate would make it worse.",
    ),
    ("zigzag", "just right"): (
        "takes-a-zigzag-for-right",
        "It does shrink, but most of each step is lost on jumping to the other side.",
    ),
    ("diverges", "just right"): (
        "takes-large-for-fast",
        "The steps are long, but they lead away: it ends farther out than it began.",
    ),
}


@asks(
    "02.diagnose",
    "diagnose",
    draw=_draw_diagnose,
    hints=(
        "Look at the sign of weight 2 first, then at its size.",
        "Each step multiplies weight 2 by (1 − lr · L): near 1, near 0, near −1 or below −1?",
        "Same sign, hardly smaller: ... Same sign, soon 0: ... Sign flips and shrinks: ... "
        "Sign flips and grows: ...",
    ),
)
def diagnose(answer, task, rng):
    """Check ``{"A": label, "B": label, "C": label}``."""
    given = labels(answer, "ABC", RATES, "zigzag")
    think = "What does one step multiply weight 2 by, and what follows after twelve of them?"
    return grade(
        Part(f"run {key}", 1, lambda k=key, v=label: read(v, _does(task, k), _MISREAD), think)
        for key, label in given.items()
    )


def _does(task, letter):
    """Return the label of a run from its steep weight, by the criteria that the text states."""
    weight = task.runs[letter][:, 1]
    left = abs(weight[-1] / weight[0])
    if left > 1:
        return "diverges"
    if left < 0.01:
        return "just right"
    return "zigzag" if weight[0] * weight[1] < 0 else "too small"


# ------------------------------------------------------------------------ 7. refute the sentence

#: Degrees between the negative gradient and the way to the minimum that refute the sentence.
ENOUGH = 60


def _bowl(rng):
    condition, angle = float(rng.integers(30, 60)), float(rng.integers(5, 85))
    return landscapes.quadratic(condition=condition, angle=angle)


def _draw_refute(rng):
    bowl = _bowl(rng)
    a, b, c = bowl.coefficients
    sign = "−" if b < 0 else "+"
    text = f"Your bowl: f(x, y) = 1/2 ({a:.3f} x² {sign} {2 * abs(b):.3f} x y + {c:.3f} y²)"
    return Task(text, bowl=bowl)


@asks(
    "02.refute",
    "refute",
    draw=_draw_refute,
    hints=(
        "Walk around the minimum on a circle. Where do the two arrows disagree most?",
        "cos(angle) = a · b / (‖a‖ ‖b‖), with a = −gradient and b = minimum − start.",
        "for t in np.linspace(0, np.pi, 1000): start = [cos t, sin t]; a = -bowl.gradient(start); "
        "b = -start; keep the start with the largest np.degrees(np.arccos(np.clip(cos, -1, 1)))",
    ),
)
def refute(function, task, rng):
    """Check ``experiment(bowl) -> (start, angle in degrees)``."""
    bowls = [task.bowl, _bowl(rng), _bowl(rng)]

    def tests(which):
        for bowl in bowls:
            start, claimed = _two(call(function, bowl))
            which(bowl, start, claimed)

    return grade(
        [
            Part(
                f"the gradient points more than {ENOUGH}° past the minimum",
                2,
                lambda: tests(_refutes),
                "Where in a long valley do the two arrows differ most: on its floor, on its wall?",
            ),
            Part(
                "the angle you report is the angle there",
                1,
                lambda: tests(_angle_is_right),
                "Between which two arrows, and in which unit, do you measure?",
            ),
        ]
    )


def _two(given):
    if is_blank(given):
        raise BlankError
    if not isinstance(given, list | tuple) or len(given) != 2:
        raise WrongError(f"two things are expected: start and angle; got {short(given)}.")
    if is_blank(given[0]) and not is_blank(given[1]):
        raise WrongError("the start is still missing.")
    return numbers(given[0], (2,), "the start"), given[1]


def angle_at(bowl, start):
    """Return the degrees between the negative gradient and the way to the minimum."""
    down, way = -bowl.gradient(start), bowl.minima[0] - start
    length = np.linalg.norm(down) * np.linalg.norm(way)
    if not (np.isfinite(length) and length > 0):
        raise WrongError(
            f"from {short(start)} there is no way to walk.",
            Mistake("starts-at-the-minimum", "Start away from the minimum, at a finite point."),
        )
    return float(np.degrees(np.arccos(np.clip(down @ way / length, -1, 1))))


ARCCOS_NAN = Mistake(
    "takes-arccos-above-one",
    "Rounding can make a cosine 1.0000000000000002, and its arccos is nan: use np.clip first.",
)


def _refutes(bowl, start, claimed):
    angle = angle_at(bowl, start)
    if angle <= ENOUGH:
        nan = isinstance(claimed, float) and np.isnan(claimed)
        raise WrongError(
            f"at {short(start)} the angle is {angle:.1f}°, which is not enough.",
            ARCCOS_NAN if nan else None,
        )


def _angle_is_right(bowl, start, claimed):
    angle, claimed = angle_at(bowl, start), number(claimed, "the angle")
    if abs(claimed - angle) <= 0.5:
        return
    known = ARCCOS_NAN if np.isnan(claimed) else None
    if abs(np.degrees(claimed) - angle) <= 0.5:
        known = Mistake("gives-radians", "The angle is in radians: use np.degrees.")
    elif abs(180 - claimed - angle) <= 0.5:
        known = Mistake("looks-uphill", "One of the two arrows is reversed.")
    elif abs(np.cos(np.radians(angle)) - claimed) <= 1e-3:
        known = Mistake("gives-the-cosine", "This is the cosine: take np.arccos.")
    raise WrongError(f"you report {short(claimed)}, there it is {angle:.1f}°.", known)
