"""Assignment 11, questions 3 and 5: a paired interval, and how many seeds it takes."""

from functools import partial

import numpy as np

from . import intervals
from .answers import several
from .engine import Task, asks
from .intervals import MOST, paired_interval, t
from .probe import call, number, short
from .report import IN_PLACE, BlankError, Mistake, Part, WrongError, grade

# ---------------------------------------------------------------------------- 3. fill the blank


def _cases(rng):
    """Return ``(a, b)`` of each part: accuracies with a seed's share in common."""

    def pair(n, common, own, gap):
        seed = rng.normal(scale=common, size=n)
        return 85 + gap + seed + own * rng.normal(size=n), 85 + seed + own * rng.normal(size=n)

    by_hand = np.array([87.0, 85.0, 88.0, 86.0]), np.array([86.0, 83.0, 85.0, 84.0])
    return {
        "four seeds, by hand": [by_hand],
        "few seeds": [pair(2, 2.0, 1.0, 1.0), pair(3, 0.5, 2.0, -1.0)],
        "ten seeds or more": [pair(10, 3.0, 0.7, 0.4), pair(41, 1.0, 1.0, 0.0)],
        "accuracies in a list": [tuple(list(map(float, side)) for side in pair(7, 2.0, 1.0, 2.0))],
    }


@asks(
    "11.interval",
    "implement",
    reference=paired_interval,
    hints=(
        "How far may the mean of n differences be from the true one? It depends on their spread, "
        "on n, and on t.",
        "t s / √n, with t = t(0.975, n − 1), and s the standard deviation with ddof=1.",
        "n = len(d); reach = t(0.975, n - 1) * d.std(ddof=...) / np.sqrt(...)",
    ),
)
def interval(function, task, rng):
    """Check ``paired_interval(a, b, t) -> (low, high)``."""
    cases = _cases(rng)
    everything = [pair for group in cases.values() for pair in group]
    thinks = (
        "What are the four differences, their mean and their standard deviation?",
        "How many degrees of freedom have n differences, and how large is t then?",
        "How does the spread of a mean fall with n?",
        "Can two lists be subtracted?",
    )
    parts = [
        Part(name, 1, lambda group=group: _ends_agree(function, group, everything), think)
        for (name, group), think in zip(cases.items(), thinks)
    ]
    think = "If the array is the caller's own, what do `+=` and `-=` do to it?"
    left = Part("your arrays are left alone", 1, lambda: _is_left(function), think, manner=True)
    return grade([*parts, left])


def _ends(function, a, b):
    given = several(call(function, _own(a), _own(b), t), ("low", "high"))
    return np.array([number(value, what) for value, what in zip(given, ("low", "high"))])


def _own(side):
    return side.copy()


def _ends_agree(function, group, everything):
    for a, b in group:
        got, want = _ends(function, a, b), np.array(paired_interval(a, b, t))
        if not np.allclose(got, want, rtol=1e-9, atol=1e-12):
            raise WrongError(
                f"for {len(a)} seeds you have {short(got)}, expected {short(want)}.",
                _known(function, everything),
            )


def _known(function, everything):
    try:
        mine = [_ends(function, *pair) for pair in everything]
    except (WrongError, BlankError):
        return None
    for name, (sentence, wrong) in intervals.WRONG_INTERVALS.items():
        theirs = [wrong(*pair, t) for pair in everything]
        if np.allclose(mine, theirs, rtol=1e-9, atol=1e-12):
            return Mistake(name, sentence)
    return None


def _is_left(function):
    a, b = np.array([3.0, 5.0]), np.array([2.0, 2.0])
    call(function, a, b, t)
    if a.tolist() != [3, 5] or b.tolist() != [2, 2]:
        raise WrongError(f"after your function `a` is {short(a)} and `b` is {short(b)}.", IN_PLACE)


# ----------------------------------------------------------------------- 5. plan the seeds


def needed(spread, effect, share=1.0, power=0.8, freedom=lambda n: n - 1):
    """Return the fewest seeds that show an effect 4 times in 5.

    The other arguments replace a piece by a mistake: a share of the spread, another power (or
    none), other degrees of freedom.
    """
    n = 2
    while n < MOST:
        quantiles = t(0.975, freedom(n)) + (t(power, freedom(n)) if power else 0)
        if quantiles * share * spread / np.sqrt(n) <= effect:
            break
        n += 1
    return n


def _pilot(rng, n, spread):
    d = rng.normal(size=n)
    d = (d - d.mean()) / d.std(ddof=1)
    return np.round(spread * d + rng.choice([-1, 1]) * rng.uniform(0.3, 0.6), 1)


def _draw_plan(rng):
    pilot = _pilot(rng, 5, float(rng.uniform(1.0, 2.0)))
    effect = float(rng.choice([0.8, 1.0, 1.2]))
    listed = ", ".join(f"{one:+.1f}" for one in pilot)
    text = f"Your five differences: {listed} points\nThe effect that would matter: {effect} points"
    return Task(text, pilot=pilot, effect=effect)


def _reference_plan(differences, effect, t):
    return needed(np.std(differences, ddof=1), effect)


@asks(
    "11.plan",
    "tune",
    draw=_draw_plan,
    reference=_reference_plan,
    hints=(
        "The smallest effect seen falls as n grows. Try n = 2, 3, 4 and so on, and stop when it "
        "is small enough.",
        "(t(0.975, n − 1) + t(0.8, n − 1)) s / √n ≤ effect. Only s comes from the pilot; both t "
        "belong to the n that you plan.",
        "s = np.std(differences, ddof=1); n = 2; while (t(0.975, n - 1) + t(0.8, n - 1)) * s / "
        "np.sqrt(n) > effect: n += 1",
    ),
)
def plan(function, task, rng):
    """Check ``seeds_needed(differences, effect, t) -> n``."""
    pilots = (
        ("your own pilot", task.pilot, task.effect),
        ("a small effect", _pilot(rng, 6, 2.0), float(rng.uniform(0.4, 0.6))),
        ("a large effect", _pilot(rng, 4, 1.0), float(rng.uniform(2.55, 2.95))),
    )
    known = partial(_known_plan, function, pilots)
    think = (
        "Which numbers belong to the pilot, and which to the seeds that you plan?",
        "By which factor do the seeds grow, if the effect is half as large?",
        "How large is t for so few seeds?",
    )
    return grade(
        Part(name, 1, lambda d=d, e=e: _is_needed(function, d, e, known), thought)
        for (name, d, e), thought in zip(pilots, think)
    )


def _count(function, pilot, effect):
    return number(call(function, pilot.copy(), effect, t), "the number of seeds")


def _is_needed(function, pilot, effect, known):
    got, want = _count(function, pilot, effect), needed(np.std(pilot, ddof=1), effect)
    if got != want:
        s = np.std(pilot, ddof=1)
        raise WrongError(
            f"for a spread of {s:.2f} and an effect of {effect:.2f} you plan {short(got)} seeds, "
            f"needed are {want}.",
            known(),
        )


def _known_plan(function, pilots):
    try:
        mine = [_count(function, d, effect) for _, d, effect in pilots]
    except (WrongError, BlankError):
        return None
    for name, (sentence, wrong) in WRONG_PLANS.items():
        if all(got == wrong(d, effect) for got, (_, d, effect) in zip(mine, pilots)):
            return Mistake(name, sentence)
    return None


def _s(d):
    return np.std(d, ddof=1)


def _normal(d, effect):
    return int(np.ceil(((1.96 + 0.84) * _s(d) / effect) ** 2))


#: name -> (sentence, ``(differences, effect) -> n``)
WRONG_PLANS = {
    "forgets_the_power": (
        "With t(0.975) alone such an effect is found in half of the cases: add t(0.8).",
        lambda d, e: needed(_s(d), e, power=None),
    ),
    "takes_the_normal": (
        "1.96 and 0.84 are for very many seeds: with few of them t is larger.",
        _normal,
    ),
    "keeps_the_pilots_t": (
        "t belongs to the seeds that you plan, not to those of the pilot.",
        lambda d, e: needed(_s(d), e, freedom=lambda n: len(d) - 1),
    ),
    "takes_n_for_the_freedom": (
        "t is asked for n: n differences leave n − 1 degrees of freedom.",
        lambda d, e: needed(_s(d), e, freedom=lambda n: n),
    ),
    "divides_by_n": (
        "np.std divides by n unless you say ddof=1.",
        lambda d, e: needed(np.std(d), e),
    ),
    "takes_the_variance": (
        "This is the variance: take its root.",
        lambda d, e: needed(_s(d) ** 2, e),
    ),
    "counts_one_too_few": (
        "One seed too few: the effect is small enough only with the next one.",
        lambda d, e: needed(_s(d), e) - 1,
    ),
    "counts_one_too_many": (
        "One seed too many: the fewest are asked for.",
        lambda d, e: needed(_s(d), e) + 1,
    ),
    "wants_twice_the_effect": (
        "This counts the whole width of an interval: the effect is held against one reach.",
        lambda d, e: needed(_s(d), e, share=2.0),
    ),
    "uses_the_pilots_mean": (
        "The effect that would matter is given: the pilot's mean is not needed.",
        lambda d, e: needed(_s(d), abs(np.mean(d))),
    ),
    "wants_nine_in_ten": (
        "t(0.9) finds it 9 times in 10: 4 times in 5 is t(0.8).",
        lambda d, e: needed(_s(d), e, power=0.9),
    ),
    "forgets_the_root": (
        "The spread of a mean falls like the root of n: n itself is too fast.",
        lambda d, e: next(
            n for n in range(2, MOST) if (t(0.975, n - 1) + t(0.8, n - 1)) * _s(d) / n <= e
        ),
    ),
}
