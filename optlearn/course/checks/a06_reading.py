"""Assignment 06, questions 6 and 7: read three runs, and refute a fluent sentence."""

import numpy as np

from ... import rules, wrong_rules
from .answers import labels, predicted, read, several
from .engine import Task, asks
from .probe import call, number, short
from .report import Mistake, Part, WrongError, grade

# --------------------------------------------------------------------------- 6. read the runs

_WRONG = {known.name: known.function for known in wrong_rules.for_rule("adam")}

#: label -> rule
RULES = {
    "right": rules.adam,
    "no correction": _WRONG["adam_forgets_correction"],
    "only v corrected": _WRONG["adam_corrects_v_only"],
    "no momentum": _WRONG["adam_ignores_m"],
    "no root": _WRONG["adam_forgets_root"],
}
#: The slope keeps its sign for so many steps, and has the other one afterwards.
FLIP, STEPS = 20, 40
_SHOWN = (1, 2, 5, 12, 20, 21, 24, 40)


def lengths(rule, slope, betas):
    """Return the lengths of all steps in learning rates, shape ``(STEPS,)``."""
    w, m, v, found = 0.0, 0.0, 0.0, []
    for t in range(1, STEPS + 1):
        g = slope if t <= FLIP else -slope
        new, m, v = rule(w, g, m, v, t=t, lr=1.0, betas=betas)
        found.append(w - new)
        w = new
    return np.array(found)


def _draw_diagnose(rng):
    slope = float(rng.choice([2, 3, 4]))
    betas = ((0.9, 0.999), (0.9, 0.9975), (0.8, 0.999))[rng.integers(3)]
    # Two labels stay over, and they may be any: none can be ruled out unseen.
    picked = [str(label) for label in rng.permutation(list(RULES))[:3]]
    runs = {key: lengths(RULES[label], slope, betas) for key, label in zip("ABC", picked)}
    rows = [
        f"slope {slope:g}, from step {FLIP + 1} on -{slope:g}; betas {betas[0]} and {betas[1]}",
        "step |" + " ".join(f"{t:5d}" for t in _SHOWN),
        *(
            f"   {key} |" + " ".join(f"{run[t - 1]:5.2f}" for t in _SHOWN)
            for key, run in runs.items()
        ),
    ]
    return Task("\n".join(rows), slope=slope, betas=betas, runs=runs)


#: (what it is, what was said) -> (name, sentence)
_MISREAD = {
    ("no correction", "only v corrected"): (
        "expects-short-steps",
        "Without any correction the first step is too long: v is too small by more than m.",
    ),
    ("only v corrected", "no correction"): (
        "takes-short-for-uncorrected",
        "Too short at first: only m is too small. Without any correction it would be too long.",
    ),
    ("no momentum", "right"): (
        "overlooks-the-flip",
        "Right until the slope flips. Then it turns at once: nothing is averaged.",
    ),
    ("right", "no momentum"): (
        "takes-a-slow-turn-for-none",
        "When the slope flips, its step turns little by little: that is the mean m.",
    ),
    ("no root", "only v corrected"): (
        "takes-steady-for-rising",
        "Its first steps are all alike. A mean that fills up would make them grow.",
    ),
    ("only v corrected", "no root"): (
        "takes-rising-for-steady",
        "Its first steps grow, as a mean does that fills up. Without the root they stay alike.",
    ),
    ("no root", "right"): (
        "overlooks-the-length",
        "The steps are steady, but not one learning rate long: they depend on the slope.",
    ),
    ("only v corrected", "right"): (
        "overlooks-the-start",
        "Look at the first steps: they are not one learning rate long.",
    ),
    ("no correction", "right"): (
        "overlooks-the-start",
        "Look at the first steps: they are not one learning rate long.",
    ),
}


@asks(
    "06.diagnose",
    "diagnose",
    draw=_draw_diagnose,
    hints=(
        "Look at three things: the first step, the steps until the flip, and the steps after it.",
        "The first steps, in the order of the labels: 1, (1 − β₁) / √(1 − β₂), 1 − β₁, 1, "
        "1 / slope. The flip tells the two with 1 apart.",
        "first = run[0], flip = run[20] for each run in runs.runs.values(); flip near −1: ...; "
        "first near 1 / runs.slope: ...; first above 1: ...; first near 1 − beta1: ...; else ...",
    ),
)
def diagnose(answer, task, rng):
    """Check ``{"A": label, "B": label, "C": label}``."""
    given = labels(answer, "ABC", RULES, "no root")
    think = "How long is its first step, do its steps grow, and how fast does it turn at the flip?"
    return grade(
        Part(f"run {key}", 1, lambda k=key, v=label: read(v, _made(task, k), _MISREAD), think)
        for key, label in given.items()
    )


def _made(task, letter):
    """Return the label whose rule takes the steps of a run."""
    for label, rule in RULES.items():
        if np.allclose(task.runs[letter], lengths(rule, task.slope, task.betas)):
            return label
    raise AssertionError("a run that no rule made")


# ------------------------------------------------------------------------ 7. refute the sentence

#: By this factor the correction has to shorten the step that refutes the sentence.
ENOUGH = 1.5
#: The steps that count as first.
FIRST = 100


def _draw_refute(rng):
    beta1, beta2 = float(rng.choice([0.8, 0.85, 0.92])), float(rng.choice([0.995, 0.998, 0.9995]))
    return Task(f"Your betas: {beta1} and {beta2}", betas=(beta1, beta2))


def both(betas, t):
    """Return the length of step ``t`` without and with correction, where the slope is always 1."""
    return (1 - betas[0] ** t) / np.sqrt(1 - betas[1] ** t), 1.0


@asks(
    "06.refute",
    "refute",
    draw=_draw_refute,
    hints=(
        "Walk twice over a slope of 1, with and without correction, and compare step by step. "
        "The first step alone may not tell the two claims apart.",
        "Without: m / √v. With: (m / (1 − β₁ᵗ)) / √(v / (1 − β₂ᵗ)). Keep the step at which the "
        "first is the largest multiple of the second.",
        "for t in range(1, 101): m = ...; v = ...; raw = m / v**0.5; fixed = the same with both "
        "means corrected; keep (raw / fixed, t, raw, fixed) in a list, and return its max",
    ),
)
def refute(function, task, rng):
    """Check ``experiment(beta1, beta2) -> (t, without, with_it)``."""
    drawn = [task.betas, (0.9, 0.99), (0.95, 0.995), (rng.uniform(0.5, 0.9), 0.999)]
    names = ("t", "without", "with_it")

    def each(test):
        for betas in drawn:
            t, *given = several(call(function, *betas), names)
            test(betas, _step(t), given)

    def reports(which):
        def test(betas, t, given):
            name, right = f"the length {('without', 'with')[which]} correction", both(betas, t)
            slips = _reported_slips(betas, t, which)
            try:
                predicted(given[which], right[which], slips, name)
            except WrongError as wrong:
                said = f"with betas {_pair(betas)} at step {t}, {name}: {wrong.difference}"
                raise WrongError(said, wrong.mistake) from None

        return lambda: each(test)

    return grade(
        [
            Part(
                f"at your step the correction shortens {ENOUGH} times or more",
                2,
                lambda: each(_refutes),
                "At which step is the uncorrected walk fastest? Is it the same for all betas?",
            ),
            Part(
                "the length without correction",
                1,
                reports(0),
                "Which two numbers does the step divide when nothing is corrected?",
            ),
            Part(
                "the length with correction",
                1,
                reports(1),
                "What is a corrected mean of ones?",
                manner=True,
            ),
        ]
    )


def _step(given):
    t = number(given, "the step t")
    if t != np.round(t) or not 1 <= t <= FIRST:
        raise WrongError(f"the step t should be one of 1 to {FIRST}, you gave {short(t)}.")
    return int(t)


def _pair(betas):
    return f"{betas[0]:.3g} and {betas[1]:.3g}"


def _refutes(betas, t, given):
    without, with_it = both(betas, t)
    if without < ENOUGH * with_it:
        known = Mistake(
            "looks-at-one-step", "One fixed step does not do for all betas: let the code search."
        )
        raise WrongError(
            f"with betas {_pair(betas)}, step {t} is {short(without)} learning rates long without "
            f"the correction and {short(with_it)} with it. That is not enough.",
            known if t == 1 else None,
        )


def _reported_slips(betas, t, which):
    beta1, beta2 = betas
    without, _ = both(betas, t)
    return [
        (both(betas, t)[1 - which], "exchanges-the-two", "The length without correction is first."),
        (-both(betas, t)[which], "gives-the-displacement", "A length has no sign."),
        (both(betas, t + 1)[which], "counts-from-zero", "The first step is t = 1."),
        (both(betas, max(t - 1, 1))[which], "counts-late", "This is the length one step earlier."),
        (1 - beta1**t, "corrects-v-only", "This is m over the corrected root."),
        (1 / np.sqrt(1 - beta2**t), "corrects-m-only", "This is the corrected m over the root."),
        ((1 - beta1**t) / (1 - beta2**t), "forgets-the-root", "The root of v is divided by."),
        (1 / without, "multiplies-correction", "The means are divided by 1 − βᵗ, not multiplied."),
    ]
