"""Assignment 09, questions 6 and 7: diagnose three trainings, and refute a fluent sentence."""

import numpy as np

from ... import wrong_rules
from .a09_stopping import Regression, whole_steps
from .answers import labels, read, several
from .engine import Task, asks
from .probe import call, number, short
from .report import Mistake, Part, WrongError, grade

# --------------------------------------------------------------------------- 6. read the runs

#: label -> weight decay and learning rate
SETTINGS = {
    "fits": (2.0, 0.05),
    "overfits": (0.0, 0.05),
    "too strong": (20.0, 0.05),
    "too slow": (2.0, 0.0005),
    "leak": (0.0, 0.05),
}
STEPS = 200
SHOWN = [0, 5, 20, 50, 100, 200]


def errors(regression, label):
    """Return the training and the validation errors of such a run, shape ``(2, STEPS + 1)``."""
    decay, lr = SETTINGS[label]
    w = regression.walk([decay], lr, STEPS)[0]
    leaked = np.mean((w @ regression.x[::2].T - regression.y[::2]) ** 2, axis=-1)
    seen = leaked if label == "leak" else regression.validation(w)
    return np.array([regression.training(w), seen])


def _plain(regression):
    """Tell whether each label shows what the text says of it."""
    runs = {label: errors(regression, label) for label in SETTINGS}
    ends = {label: validation[-1] / validation[0] for label, (_, validation) in runs.items()}
    late = runs["fits"][1]
    return (
        ends["fits"] < 0.85
        and late[-1] < 1.25 * late.min()
        and ends["overfits"] > 1.5
        and ends["leak"] < 0.15
    )


def _draw_diagnose(rng):
    while True:
        regression = Regression(rng, 30, 30, 1.5, 0.4)
        if _plain(regression):
            break
    # Two labels stay over, and they may be any: none can be ruled out unseen.
    picked = [str(label) for label in rng.permutation(list(SETTINGS))[:3]]
    runs = {key: errors(regression, label) for key, label in zip("ABC", picked)}
    rows = ["errors by step    |" + " ".join(f"{step:6d}" for step in SHOWN)]
    for key, run in runs.items():
        for part, values in zip(("training", "validation"), run):
            rows.append(f"{key}, {part:14} |" + " ".join(f"{v:6.2f}" for v in values[SHOWN]))
    return Task("\n".join(rows), regression=regression, runs=runs)


#: (what it is, what was said) -> (name, sentence)
_MISREAD = {
    ("overfits", "fits"): (
        "looks-at-training-alone",
        "The training error falls, but the validation error rises far above its lowest point.",
    ),
    ("overfits", "too slow"): (
        "takes-a-rise-for-a-delay",
        "The validation error has been low and rises again: more steps make it worse.",
    ),
    ("leak", "fits"): (
        "trusts-what-is-too-good",
        "The validation error follows the training error towards 0, noise included: no honest "
        "validation does that.",
    ),
    ("leak", "overfits"): (
        "takes-low-training-for-overfitting",
        "Overfitting shows in the validation error, and that one falls here. Too well, in fact.",
    ),
    ("fits", "leak"): (
        "distrusts-every-low-error",
        "The validation error levels off well above 0: noise cannot be known in advance.",
    ),
    ("fits", "too strong"): (
        "takes-a-remaining-error-for-decay",
        "Its training error falls a good way. Too strong a decay stops it almost at once.",
    ),
    ("fits", "overfits"): (
        "takes-every-gap-for-overfitting",
        "A gap alone is normal. Does the validation error rise far above its lowest point?",
    ),
    ("too strong", "too slow"): (
        "waits-for-what-has-stopped",
        "Both errors stand still after a few steps: more of them will not help.",
    ),
    ("too slow", "too strong"): (
        "takes-slow-for-stopped",
        "Both errors still fall at the end: this run has not arrived.",
    ),
    ("too strong", "fits"): (
        "overlooks-the-training-error",
        "Not even the training examples are learned: the training error stays high.",
    ),
    ("too slow", "fits"): (
        "overlooks-the-training-error",
        "Not even the training examples are learned yet: the training error is high, and falling.",
    ),
}


@asks(
    "09.diagnose",
    "diagnose",
    draw=_draw_diagnose,
    hints=(
        "Ask three things. Does the training error get low? Does the validation error rise again? "
        "And does either still move at the end?",
        "Validation far above its minimum: overfitting. Validation as near to 0 as training: it "
        "cannot be new data. Both high and still: decay. Both high and falling: too slow.",
        "training, validation = run; validation[-1] > validation[0]: ...; validation[-1] near 0: "
        "...; training[-1] < 0.9 * training[100] from high up: ...; training[-1] near "
        "training[20]: ...; else ...",
    ),
)
def diagnose(answer, task, rng):
    """Check ``{"A": label, "B": label, "C": label}``."""
    given = labels(answer, "ABC", SETTINGS, "overfits")
    think = "What do its two errors do at the end, and how high are they by then?"
    return grade(
        Part(f"run {key}", 1, lambda k=key, v=label: read(v, _made(task, k), _MISREAD), think)
        for key, label in given.items()
    )


def _made(task, letter):
    """Return the label whose settings make a run."""
    for label in SETTINGS:
        if np.allclose(task.runs[letter], errors(task.regression, label)):
            return label
    raise AssertionError("a run that no setting made")


# ------------------------------------------------------------------------ 7. refute the sentence

#: By this factor the two shares have to differ, and so much has to be left of the smaller one.
ENOUGH, LEFT = 1.5, 0.01
LONGEST = 20_000
#: How exact a share has to be.
NEAR = 2e-3


def _draw_refute(rng):
    lr, decay = float(rng.choice([0.002, 0.004, 0.005])), float(rng.choice([0.2, 0.3, 0.5]))
    return Task(f"Your learning rate: {lr}\nYour weight decay: {decay}", lr=lr, decay=decay)


def shares(lr, decay, steps):
    """Return what AdamW leaves of a weight without slope: at the rate ``lr``, and at half of it."""
    return (1 - lr * decay) ** steps, (1 - lr / 2 * decay) ** steps


@asks(
    "09.refute",
    "refute",
    draw=_draw_refute,
    hints=(
        "Take the loss away: with slopes of 0 nothing but the decay moves the weight. Walk twice, "
        "with the whole and with half the learning rate, for as many steps.",
        "Each step multiplies the weight by 1 − η λ. When is (1 − η λ/2)ⁿ at least 1.5 times "
        "(1 − η λ)ⁿ? The answer depends on η λ, so let the code find n.",
        "whole = half = 1.0; steps = 0; while half < 2 * whole: steps += 1; whole, _, _ = "
        "adamw(whole, 0, 0, 0, t=steps, lr=lr, weight_decay=...); half the same with lr / 2",
    ),
)
def refute(function, task, rng):
    """Check ``experiment(adamw, lr, weight_decay) -> (steps, whole, half)``."""
    adamw = wrong_rules.right("adamw")
    drawn = [(task.lr, task.decay), (0.02, 0.5), (0.001, 0.25), (0.01, rng.uniform(0.1, 0.4))]
    found = {}

    def measured(case):
        if case not in found:
            given = several(call(function, adamw, *case), ("steps", "whole", "half"))
            found[case] = whole_steps(given[0], 1, LONGEST), given
        return found[case]

    def apart():
        for case in drawn:
            _refutes(case, measured(case)[0])

    def reports(which):
        for case in drawn:
            steps, given = measured(case)
            _is_share(case, steps, given, which)

    halves = "Which factor multiplies the weight in each step, and what is it at half the rate?"
    return grade(
        [
            Part(
                "after your steps the two shares are clearly apart",
                2,
                apart,
                "How many steps does a weak decay need to be seen, and a strong one?",
            ),
            Part("what the whole rate leaves", 1, lambda: reports(1), halves),
            Part("what half the rate leaves", 1, lambda: reports(2), halves),
        ]
    )


def _said(case, steps):
    return f"with lr={short(case[0])} and weight_decay={short(case[1])}, after {steps} steps"


def _refutes(case, steps):
    whole, half = shares(*case, steps)
    search = "One number of steps does not do for all: let it be found."
    said = f"{_said(case, steps)}, {short(whole)} is left, and at half the rate {short(half)}."
    if whole < LEFT:
        raise WrongError(
            f"{said} Nearly nothing is left: fewer steps would show more.",
            Mistake("walks-too-far", search),
        )
    if half < ENOUGH * whole:
        raise WrongError(
            f"{said} That is too close together to tell the two claims apart.",
            Mistake("walks-too-little", search),
        )


def _is_share(case, steps, given, which):
    """Raise WrongError unless a reported share is the one that AdamW leaves."""
    lr, decay = case
    value, right = number(given[which], ("", "whole", "half")[which]), shares(*case, steps)
    mine, other = right[which - 1], right[2 - which]
    if abs(value - mine) <= NEAR * mine:
        return
    rate = lr if which == 1 else lr / 2
    slips = [
        (other, "exchanges-the-two", "The share that the whole rate leaves stands first."),
        (1 - mine, "gives-what-is-lost", "This is the share that is gone: asked is what is left."),
        (
            0.0,
            "shrinks-too-fast",
            "Either the decay goes through Adam and is divided, or the rate does not multiply it.",
        ),
        (1 - rate * decay * steps, "subtracts-the-same", "Each step takes a share of the rest."),
        ((1 - rate) ** steps, "forgets-the-decay", "The share is the rate times the decay."),
        ((1 - lr * decay / 4) ** steps, "halves-both", "Only the learning rate is halved."),
        (1.0, "does-not-move", "Slopes are 0, but the decay still shrinks the weight."),
    ]
    known = next((slip[1:] for slip in slips if abs(value - slip[0]) <= NEAR * mine), None)
    raise WrongError(
        f"{_said(case, steps)} you report {short(value)}; {short(mine)} is left.",
        Mistake(*known) if known else None,
    )
