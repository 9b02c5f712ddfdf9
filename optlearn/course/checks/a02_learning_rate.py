"""Assignment 02, question 5: plan a learning rate from the Hessian."""

import numpy as np

from .answers import recognised, several
from .engine import Task, asks
from .probe import call, number, short
from .report import Part, WrongError, grade
from .trajectories import quadratic

#: How much closer to the minimum the planned steps lead.
CLOSER = 1000


def _draw_plan(rng):
    hessian = np.round(quadratic(rng, 2, rng.uniform(10, 40)) * rng.integers(2, 9), 2)
    rows = "\n".join(f"  {row[0]:6.2f} {row[1]:6.2f}" for row in hessian)
    return Task(f"Your Hessian:\n{rows}", hessian=hessian)


def _reference_plan(hessian):
    curvatures = np.linalg.eigvalsh(hessian)
    low, high = curvatures[0], curvatures[-1]
    good = 2 / (low + high)
    return 2 / high, good, np.log(CLOSER) / -np.log(1 - good * low)


@asks(
    "02.plan",
    "tune",
    draw=_draw_plan,
    reference=_reference_plan,
    hints=(
        "The eigenvalues of the Hessian are the curvatures along its own axes. The steepest sets "
        "the limit; the best rate makes the steepest and the flattest equally slow.",
        "limit = 2 / L, best = 2 / (L + μ). With the best rate every step multiplies the distance "
        "by ρ = (L − μ) / (L + μ). Then n steps multiply it by ρⁿ: which n makes that 1/1000?",
        "low, high = the first and the last of np.linalg.eigvalsh(hessian); "
        "steps = np.log(1000) / np.log(1 / rho)",
    ),
)
def plan(function, task, rng):
    """Check ``plan(hessian) -> (limit, best, steps)`` by running gradient descent with it."""
    drawn = [task.hessian]
    for size, condition, scale in ((2, 7.0, 0.3), (5, 30.0, 12.0), (5, 120.0, 1.0)):
        drawn.append(scale * quadratic(rng, size, condition * rng.uniform(0.8, 1.25)))

    def answers(which, test, table):
        asked = ("limit", "best", "steps")
        answered = [several(call(function, hessian.copy()), asked)[which] for hessian in drawn]
        given = [number(value, names[which]) for value in answered]
        known = recognised(given, [(*np.linalg.eigvalsh(h)[[0, -1]], h) for h in drawn], table)
        for value, hessian in zip(given, drawn):
            test(value, hessian, known)

    names = ("the largest stable rate", "the best rate", "the number of steps")
    tests = (_limit_holds, _LIMITS), (_rate_is_best, _RATES), (_steps_suffice, _STEPS)
    thinks = (
        "Along which axis does a step overshoot first, and what is the curvature there?",
        "At your rate, which axis is still far from the minimum when the others have arrived?",
        "By which factor does one step shrink the distance, and how often until 1/1000?",
    )
    parts = [
        Part(name, 1, lambda i=i: answers(i, *tests[i]), thinks[i]) for i, name in enumerate(names)
    ]
    return grade(parts)


def _distances(hessian, lr, steps):
    """Return the distance to the minimum at every step, from 1 along every axis."""
    _, axes = np.linalg.eigh(hessian)
    w = axes.sum(axis=1)
    found = [np.linalg.norm(w)]
    for _ in range(steps):
        w = w - lr * (hessian @ w)
        found.append(np.linalg.norm(w))
    return np.array(found)


def _steps_needed(hessian, lr, most=20_000):
    """Return how many steps lead ``CLOSER`` to the minimum, or ``most``."""
    factors = np.abs(1 - lr * np.linalg.eigvalsh(hessian))
    steps = np.arange(1, most + 1)
    distances = np.linalg.norm(factors[:, None] ** steps, axis=0) / np.sqrt(len(factors))
    arrived = distances <= 1 / CLOSER
    return int(steps[np.argmax(arrived)]) if arrived.any() else most


def _limit_holds(limit, hessian, known):
    if not np.isfinite(limit) or limit <= 0:
        raise WrongError(f"a learning rate is above 0, you gave {short(limit)}.", known)
    below, above = (_distances(hessian, factor * limit, 1500) for factor in (0.99, 1.01))
    if not below.max() <= below[0] * (1 + 1e-9):
        raise WrongError(
            f"at 0.99 of your limit {short(limit)} the distance grew from {short(below[0])} to "
            f"{short(below[60])} in 60 steps: it is not stable.",
            known,
        )
    if above[-1] <= above[0]:
        raise WrongError(
            f"at 1.01 times your limit {short(limit)} it is still stable: you may go higher.",
            known,
        )


def _rate_is_best(rate, hessian, known):
    if not np.isfinite(rate) or rate <= 0:
        raise WrongError(f"a learning rate is above 0, you gave {short(rate)}.", known)
    best = _reference_plan(hessian)[1]
    mine, least = _steps_needed(hessian, rate), _steps_needed(hessian, best)
    if mine > 1.05 * least + 1:
        took = f"takes {mine} steps" if mine < 20_000 else "does not arrive in 20000 steps"
        raise WrongError(f"your rate {short(rate)} {took}, another one takes {least}.", known)


def _steps_suffice(steps, hessian, known):
    needed = _steps_needed(hessian, _reference_plan(hessian)[1])
    if not needed / 2 <= steps <= 2 * needed:
        raise WrongError(
            f"you expect {short(steps)} steps, the run took {needed} (half or twice as many "
            "would be right as well).",
            known,
        )


#: (name, formula of the flattest and steepest curvature and the Hessian, sentence)
_LIMITS = (
    ("uses_one_over_l", lambda a, b, h: 1 / b, "1/L is safe, but the limit is twice as far."),
    (
        "uses_the_flat_axis",
        lambda a, b, h: 2 / a,
        "The steepest axis decides, not the flattest.",
    ),
    ("uses_the_trace", lambda a, b, h: 2 / np.trace(h), "The sum of the diagonal is not L."),
    (
        "uses_the_diagonal",
        lambda a, b, h: 2 / np.max(np.diag(h)),
        "The largest number on the diagonal is not the largest curvature: the bowl is turned.",
    ),
    ("uses_the_best_rate", lambda a, b, h: 2 / (a + b), "This is the best rate, not the limit."),
    ("gives_the_curvature", lambda a, b, h: b, "This is the curvature L itself."),
    ("turns_it_over", lambda a, b, h: b / 2, "It is upside down: 2 divided by L."),
)
_RATES = (
    ("uses_one_over_l", lambda a, b, h: 1 / b, "1/L is safe but leaves the flat axis behind."),
    ("uses_the_limit", lambda a, b, h: 2 / b, "At the limit itself the steep axis never rests."),
    ("forgets_the_two", lambda a, b, h: 1 / (a + b), "The 2 above the fraction is missing."),
    (
        "uses_the_middle",
        lambda a, b, h: 1 / np.mean(np.linalg.eigvalsh(h)),
        "The mean of all curvatures is used; only the largest and the smallest count.",
    ),
)
_STEPS = (
    (
        "uses_the_condition",
        lambda a, b, h: b / a,
        "The condition number is the scale; a factor for the 1/1000 is missing.",
    ),
    (
        "uses_the_root",
        lambda a, b, h: np.sqrt(b / a),
        "The root of the condition number belongs to momentum, not to plain descent.",
    ),
    (
        "forgets_the_logarithm",
        lambda a, b, h: CLOSER,
        "Steps multiply the distance, they do not subtract from it: take logarithms.",
    ),
)
