"""Assignment 05, questions 6 and 7: tell three runs by their memory, and refute a sentence."""

from functools import partial

import numpy as np

from ... import landscapes, rules
from .answers import labels, read, several
from .engine import Task, asks
from .probe import call, number, short
from .report import Mistake, Part, WrongError, grade

# --------------------------------------------------------------------------- 6. read the runs

#: label -> the rule that makes such a run, and its arrays of state
RULES = {
    "nothing": (rules.sgd, 0),
    "sum": (rules.adagrad, 1),
    "fading mean": (rules.rmsprop, 3),
    "own steps": (rules.adadelta, 2),
}
#: The slope is as it was for ``STEADY`` steps, then smaller until ``STEPS``.
STEADY, STEPS = 20, 60
SHOWN = [1, 2, 4, STEADY, STEADY + 1, STEPS]


def _draw_diagnose(rng):
    slope, shrinks = int(rng.integers(2, 9)), int(rng.choice([5, 8, 10]))
    decay = {"sum": {}, "nothing": {}}
    decay["fading mean"] = {"alpha": float(rng.choice([0.75, 0.8]))}
    decay["own steps"] = {"rho": float(rng.choice([0.75, 0.8]))}
    runs = {}
    rows = [
        f"slope {slope} at steps 1 to {STEADY}, {slope / shrinks:g} at steps {STEADY + 1} to "
        f"{STEPS}",
        f"the length of steps {', '.join(map(str, SHOWN[:-1]))} and {SHOWN[-1]}",
    ]
    # One label stays over, and it may be any: none can be ruled out unseen.
    for letter, label in zip("ABC", rng.permutation(list(RULES))):
        rule, size = RULES[str(label)]
        w, state, lengths = 0.0, [0.0] * size, []
        for t in range(1, STEPS + 1):
            g = slope if t <= STEADY else slope / shrinks
            new, *state = rule(w, g, *state, t=t, lr=1.0, **decay[str(label)])
            w, length = new, w - new
            lengths.append(length)
        # Only the shape tells: each run's rate makes its first step as long as drawn here.
        lengths = np.array(lengths) / lengths[0] * rng.uniform(0.1, 0.3)
        runs[letter] = lengths
        rows.append(f"{letter} |" + " ".join(f"{lengths[t - 1]:7.4f}" for t in SHOWN))
    return Task("\n".join(rows), runs=runs, slope=slope, shrinks=shrinks)


#: (what it is, what was said) -> (name, sentence)
_MISREAD = {
    ("nothing", "sum"): (
        "takes-small-slopes-for-a-sum",
        "While the slope stays, the step stays: no sum grows under it.",
    ),
    ("nothing", "fading mean"): (
        "overlooks-that-nothing-returns",
        "A fading mean lets a step come back after the slope has shrunk; here it stays short.",
    ),
    ("nothing", "own steps"): (
        "takes-still-for-growing",
        "While the slope stays, the step does not grow by anything.",
    ),
    ("sum", "fading mean"): (
        "overlooks-that-a-sum-stays",
        "A mean forgets the large slopes in the end. Here they brake the step for good.",
    ),
    ("sum", "nothing"): (
        "overlooks-the-sum",
        "The slope stays for 20 steps, and yet the step shrinks: something is added up.",
    ),
    ("fading mean", "sum"): (
        "takes-every-shrinking-for-a-sum",
        "It shrinks at first, but then levels off, and it comes back: it forgets.",
    ),
    ("fading mean", "own steps"): (
        "takes-a-return-for-growth",
        "It comes back, but to where it was. And its first steps shrink, they do not grow.",
    ),
    ("fading mean", "nothing"): (
        "overlooks-the-mean",
        "The step changes while the slope does not: something is remembered.",
    ),
    ("own steps", "fading mean"): (
        "overlooks-the-growth",
        "It grows under a slope that stays: what stands above the line grows with it.",
    ),
    ("own steps", "nothing"): (
        "overlooks-what-is-kept",
        "The step changes while the slope does not: something is remembered.",
    ),
}


@asks(
    "05.diagnose",
    "diagnose",
    draw=_draw_diagnose,
    hints=(
        "Look at the steps 1 to 20 first: the slope stays, what does the step do? Then ask whether "
        "it comes back after step 21.",
        "With equal slopes the sum is t g², so the step goes like 1/√t. A fading mean ends at g². "
        "The mean of its own steps keeps on growing.",
        "Shrinks like 1, 1/√2, 1/2 and never returns: ... Shrinks, levels off and returns: ... "
        "Grows: ... Follows the slope at once: ...",
    ),
)
def diagnose(answer, task, rng):
    """Check ``{"A": label, "B": label, "C": label}``."""
    given = labels(answer, "ABC", RULES, "sum")
    think = "What does the step do while the slope stays, and what after it has shrunk?"
    return grade(
        Part(f"run {key}", 1, lambda k=key, v=label: read(v, _adapts(task, k), _MISREAD), think)
        for key, label in given.items()
    )


def _adapts(task, letter):
    """Return the label of a run from its shape."""
    first, second, *_ = lengths = task.runs[letter]
    if second > 1.001 * first:
        return "own steps"
    if second > 0.999 * first:
        return "nothing"
    return "fading mean" if lengths[-1] > 2 * lengths[STEADY] else "sum"


# ------------------------------------------------------------------------ 7. refute the sentence

RATES = np.geomspace(0.01, 10, 16)
#: By how much gradient descent has to end lower, and how exactly the losses are to be measured.
LOWER, NEAR = 2, 0.01
METHODS = ("descent", "adagrad")
WALKED = 200


def _draw_refute(rng):
    condition = int(rng.integers(40, 61))
    start = np.array([rng.choice([-3, -2, 2, 3]), rng.choice([-2, -1, 1, 2])], dtype=float)
    text = (
        f"Your bowl: condition number {condition}, {WALKED} steps\n"
        f"Its start, measured along its own axes: {start[0]:g}, {start[1]:g}\n"
        f"Learning rates: {len(RATES)}, from {RATES[0]:g} to {RATES[-1]:g}"
    )
    return Task(text, loss_after=partial(loss_after, condition, start), rates=RATES.copy())


def loss_after(condition, start, method, angle, lr):
    """Return the loss after 200 steps on a bowl that is turned by ``angle`` degrees.

    ``method`` is ``"descent"`` or ``"adagrad"``. The start is turned along with the bowl.
    """
    if method not in METHODS:
        raise ValueError(f"method must be 'descent' or 'adagrad', got {method!r}")
    hessian = landscapes.quadratic(condition=condition, angle=angle).hessian(np.zeros(2))
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    w, v = np.array([[cos, -sin], [sin, cos]]) @ start, np.zeros(2)
    with np.errstate(over="ignore"):  # the highest rates run away
        for t in range(1, WALKED + 1):
            if method == "adagrad":
                w, v = rules.adagrad(w, hessian @ w, v, t=t, lr=lr)
            else:
                (w,) = rules.sgd(w, hessian @ w, t=t, lr=lr)
        return float(w @ hessian @ w) / 2


@asks(
    "05.refute",
    "refute",
    draw=_draw_refute,
    hints=(
        "Adagrad rescales weights, not directions. How must the bowl lie, so that no weight points "
        "along its flat direction?",
        "For one angle: the lowest loss of each method over all rates, each with its own best one. "
        "Which angle mixes the two directions most?",
        'descent = min(loss_after("descent", angle, lr) for lr in rates), and the same for '
        '"adagrad"; try angles such as 0, 15, 30, ... and keep the one with the largest '
        "adagrad / descent",
    ),
)
def refute(function, task, rng):
    """Check ``experiment(loss_after, rates) -> (angle, descent, adagrad)``."""
    drawn, found = [task, _draw_refute(rng), _draw_refute(rng)], {}
    names = ("angle", *METHODS)

    def measured(i):
        """Return the learner's three numbers on bowl ``i``, and all losses at the angle."""
        if i not in found:
            given = several(call(function, drawn[i].loss_after, drawn[i].rates.copy()), names)
            found[i] = given, _losses(drawn[i], number(given[0], "the angle"))
        return found[i]

    def lower():
        for i in range(len(drawn)):
            given, losses = measured(i)
            _descent_is_lower(number(given[0], "the angle"), losses)

    def near(which):
        for i in range(len(drawn)):
            given, losses = measured(i)
            _is_best(number(given[1 + which], f"the loss of {names[1 + which]}"), which, losses)

    tuned = "Over which learning rates do you take the lowest loss, and for which method?"
    return grade(
        [
            Part(
                "tuned gradient descent ends lower at your angle",
                2,
                lower,
                "At which angles does a weight point along the flat direction, and at which none?",
            ),
            Part("the loss of gradient descent at its best rate", 1, lambda: near(0), tuned),
            Part("the loss of Adagrad at its best rate", 1, lambda: near(1), tuned),
        ]
    )


def _losses(task, angle):
    """Return the losses at an angle: one row a method, one column a rate."""
    if not np.isfinite(angle):
        raise WrongError(f"the angle should be a number of degrees, you gave {short(angle)}.")
    return np.array([[task.loss_after(m, angle, lr) for lr in task.rates] for m in METHODS])


def _descent_is_lower(angle, losses):
    descent, adagrad = losses.min(axis=1)
    if descent * LOWER < adagrad:
        return
    known = None
    if min(angle % 90, -angle % 90) < 1:
        known = Mistake("keeps-the-axes", "Each axis of the bowl is still the axis of a weight.")
    raise WrongError(
        f"at {angle:g} degrees gradient descent ends at {short(descent)}, Adagrad at "
        f"{short(adagrad)}, each with its best rate. Gradient descent should end at less than "
        "half of that.",
        known,
    )


def _is_best(given, which, losses):
    """Raise WrongError unless ``given`` is the lowest loss of a method over the rates."""
    mine, other = losses[which], losses[1 - which]
    if abs(given - mine.min()) <= NEAR * mine.min():
        return
    slips = [
        (mine[other.argmin()], "shares-one-rate", "This is its loss at the other's best rate."),
        (other.min(), "exchanges-the-two", "This is the lowest loss of the other method."),
        (mine[0], "keeps-the-first-rate", "This is its loss at the lowest rate."),
        (mine[-1], "keeps-the-last-rate", "This is its loss at the highest rate."),
        (mine.max(), "takes-the-worst-rate", "This is its highest loss: take the lowest."),
        (mine.mean(), "averages-the-rates", "Tuning takes the best rate, not the mean of all."),
        (mine.argmin(), "gives-the-place", "This is the place of the rate: its loss is asked for."),
        (RATES[mine.argmin()], "gives-the-rate", "This is the best rate: its loss is asked for."),
        (np.log10(mine.min()), "gives-the-power", "This is the power of ten: give the loss."),
    ]
    known = next((s[1:] for s in slips if np.isclose(given, s[0], rtol=1e-6, atol=0)), None)
    raise WrongError(
        f"you report {short(given)}, at its best rate it ends at {short(mine.min())} there.",
        Mistake(*known) if known else None,
    )
