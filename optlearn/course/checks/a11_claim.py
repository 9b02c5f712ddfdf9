"""Assignment 11, question 7: a sentence on looking after each seed refuted."""

from functools import cache

import numpy as np

from .answers import several
from .engine import Task, asks
from .intervals import t
from .probe import call, number, short
from .report import Mistake, Part, WrongError, grade

#: Differences that may be drawn: some thousand cases of the longest search.
MOST = 2_000_000
#: How far a share may be from the true one: looked once, and looked again and again.
NEAR = {"once": 0.03, "each": 0.05}


def _draw(rng):
    first, last = int(rng.integers(3, 5)), int(rng.choice([12, 15, 20]))
    text = f"You look after each seed from {first} to {last}.\nThe true difference is 0."
    return Task(text, first=first, last=last)


def drawing(rng, scale):
    """Return ``draw(n)``: differences of n seeds whose true mean is 0."""
    drawn = 0

    def draw(n):
        nonlocal drawn
        n = number(n, "the number of seeds")
        if not (n == int(n) and n >= 1):
            raise WrongError(f"a number of seeds is whole and at least 1, you gave {short(n)}.")
        drawn += int(n)
        if drawn > MOST:
            raise WrongError(f"it drew more than {MOST} differences: some thousand cases will do.")
        return scale * rng.normal(size=int(n))

    return draw


@cache
def shares(first, last, cases=20_000, quantile=t):
    """Return the share of cases that claim a difference, looked at once, and after each seed."""
    d = np.random.default_rng(0).normal(size=(cases, last))
    n = np.arange(1, last + 1)
    mean = np.cumsum(d, axis=1) / n
    with np.errstate(all="ignore"):  # one seed has no spread
        spread = np.sqrt((np.cumsum(d**2, axis=1) - n * mean**2) / (n - 1) / n)
    limits = np.array([np.inf, *(quantile(0.975, k - 1) for k in n[1:])])
    claims = np.abs(mean) > limits * spread
    looks = claims[:, first - 1 :]
    return float(looks[:, -1].mean()), float(looks.any(axis=1).mean()), float(looks.mean())


@asks(
    "11.refute",
    "refute",
    draw=_draw,
    hints=(
        "Make many cases in which nothing is there. In each, ask whether the interval leaves "
        "zero out: once at the end, and after every seed.",
        "A difference is claimed where |d̄| > t(0.975, n − 1) s / √n. The share is the number of "
        "cases with a claim, over all cases.",
        "for each of 2000 cases: d = draw(last); claims = [abs(d[:n].mean()) > t(0.975, n - 1) * "
        "d[:n].std(ddof=1) / np.sqrt(n) for n in range(first, last + 1)]; then claims[-1] and "
        "any(claims)",
    ),
)
def refute(function, task, rng):
    """Check ``experiment(draw, t, first, last) -> (once, again)``."""
    asked = [(task.first, task.last), (5, 8), (3, int(rng.integers(36, 45)))]
    found = {}

    def measured(which):
        """Return what the learner measured, run once for all parts."""
        for first, last in asked:
            if (first, last) not in found:
                seed, scale = rng.integers(2**32), float(rng.uniform(0.5, 3))
                draw = drawing(np.random.default_rng(seed), scale)
                found[first, last] = several(call(function, draw, t, first, last), tuple(NEAR))
            yield first, last, number(found[first, last][which], tuple(NEAR)[which])

    def near(which):
        for first, last, share in measured(which):
            _near(share, which, first, last)

    def apart():
        (first, last, once), (_, _, again) = next(measured(0)), next(measured(1))
        if not again > 2 * once:
            raise WrongError(
                f"from {first} to {last} seeds you have {short(once)} for one look and "
                f"{short(again)} for many: this does not refute the sentence."
            )

    return grade(
        [
            Part(
                "the share for one look",
                1,
                lambda: near(0),
                "In how many of 100 cases does a 95 % interval leave the true value out?",
            ),
            Part(
                "the share for a look after each seed",
                1,
                lambda: near(1),
                "When is a case over, and when has it claimed a difference?",
            ),
            Part(
                "your shares tell the two apart",
                1,
                apart,
                "If looking did no harm, how would your two shares compare?",
                manner=True,
            ),
        ]
    )


def _near(share, which, first, last):
    """Raise WrongError unless a share is near the true one."""
    once, again, looks = shares(first, last)
    right = (once, again)[which]
    room = tuple(NEAR.values())[which]
    if abs(share - right) <= room:
        return
    slips = [
        (100 * right, 100 * room, "gives-percent", "This is in per cent: give the share, 0 to 1."),
        (1 - right, room, "counts-the-rest", "These are the cases without a claim."),
    ]
    if which:
        slips += [
            (once, 0.02, "looks-once", "This is one look: one claim on the way is enough."),
            (looks, 0.02, "counts-the-looks", "Count cases, not looks: one claim ends a case."),
        ]
    elif again > once + 0.1:  # else 1.96 gives nearly as much
        slips.append((again, 0.05, "looks-again", "This is for many looks: look only at the end."))
    many = shares(first, last, quantile=_normal)[which]
    slips.append(
        (many, 0.04, "takes-the-normal", "1.96 claims too much: with few seeds t is larger.")
    )
    known = next((slip[2:] for slip in slips if abs(share - slip[0]) <= slip[1]), None)
    raise WrongError(
        f"looking from {first} to {last} seeds you find {short(share)}, it is about "
        f"{right:.2g} ({room:g} off would be near enough).",
        Mistake(*known) if known else None,
    )


def _normal(p, df):
    return 1.96
