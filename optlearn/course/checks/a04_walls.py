"""Assignment 04, question 5: plan learning rates with the two walls."""

from functools import partial

import numpy as np

from ... import rules
from .answers import recognised, several
from .engine import Task, asks
from .probe import call, number, short
from .report import Part, WrongError, grade
from .trajectories import quadratic


def walls(curvature, momentum):
    """Return the largest stable learning rates of the heavy ball and of Nesterov's form."""
    heavy = 2 * (1 + momentum) / curvature
    return heavy, heavy / (1 + 2 * momentum)


# ------------------------------------------------------------------- 5. plan a learning rate


def _draw_plan(rng):
    hessian = np.round(quadratic(rng, 2, rng.uniform(10, 40)) * rng.integers(2, 9), 2)
    lr, momentum = float(rng.choice([0.02, 0.03, 0.05])), float(rng.choice([0.8, 0.9, 0.95]))
    rows = "\n".join(f"  {row[0]:6.2f} {row[1]:6.2f}" for row in hessian)
    text = f"Your Hessian:\n{rows}\nYour momentum: {momentum}\nYour old learning rate: {lr}"
    return Task(text, hessian=hessian, momentum=momentum, lr=lr)


def _reference_plan(hessian, momentum, lr):
    return *walls(np.linalg.eigvalsh(hessian)[-1], momentum), (1 - momentum) * lr


@asks(
    "04.plan",
    "tune",
    draw=_draw_plan,
    reference=_reference_plan,
    hints=(
        "The steepest curvature sets both walls. The third number asks for steps of the same "
        "length where the slope stays.",
        "Walls 2 (1 + μ) / L and 2 (1 + μ) / ((1 + 2 μ) L). A slope that stays is amplified by "
        "1 / (1 − μ): which rate makes up for it?",
        "high = np.linalg.eigvalsh(hessian)[-1]; heavy = 2 * (1 + momentum) / ...; "
        "nesterov = heavy / ...; same = lr * (1 - ...)",
    ),
)
def plan(function, task, rng):
    """Check ``plan(hessian, momentum, lr) -> (heavy, nesterov, same)`` by running the rules."""
    drawn = [(task.hessian, task.momentum, task.lr)]
    for size, condition, scale, mu in ((2, 7, 0.3, 0.5), (5, 30, 12.0, 0.9), (5, 90, 1.0, 0.97)):
        hessian = scale * quadratic(rng, size, condition * rng.uniform(0.8, 1.25))
        drawn.append((hessian, mu - rng.uniform(0, 0.05), rng.uniform(0.01, 0.1)))
    names = ("heavy", "nesterov", "same")

    def holds(which, test, table):
        answers = [several(call(function, h.copy(), mu, lr), names)[which] for h, mu, lr in drawn]
        given = [number(value, names[which]) for value in answers]
        cases = [(np.linalg.eigvalsh(h), mu, lr, h) for h, mu, lr in drawn]
        known = recognised(given, cases, table)
        for value, case in zip(given, drawn):
            if not np.isfinite(value) or value <= 0:
                raise WrongError(f"a learning rate is above 0, you gave {short(value)}.", known)
            test(value, *case, known)

    parts = (
        (
            "the heavy ball's wall",
            partial(_is_wall, rules.momentum),
            _HEAVY,
            "Which part of a slope that flips at every step is left in the buffer?",
        ),
        (
            "Nesterov's wall",
            partial(_is_wall, rules.nesterov),
            _NESTEROV,
            "In Nesterov's step, what is damped when the slope flips, and what is not?",
        ),
        (
            "the rate that walks as far as before",
            _walks_as_far,
            _SAME,
            "If the slope is 1 at every step, how large does the buffer get?",
        ),
    )
    return grade(
        Part(name, 1, partial(holds, i, test, table), think)
        for i, (name, test, table, think) in enumerate(parts)
    )


def _grows(rule, rate, hessian, momentum, steps=1000):
    """Return by how much the distance to the minimum grows, from 1 along every axis."""
    _, axes = np.linalg.eigh(hessian)
    start = axes.sum(axis=1)
    w, b = start, 0 * start
    for t in range(1, steps + 1):
        w, b = rule(w, hessian @ w, b, t=t, lr=rate, momentum=momentum)
    return np.linalg.norm(w) / np.linalg.norm(start)


def _is_wall(rule, rate, hessian, momentum, lr, known):
    at = f"with momentum {momentum:.2f}, at "
    if not _grows(rule, 0.99 * rate, hessian, momentum) < 1:
        raise WrongError(f"{at}0.99 of your wall {short(rate)} it runs away.", known)
    if _grows(rule, 1.01 * rate, hessian, momentum) < 1:
        raise WrongError(
            f"{at}1.01 times your wall {short(rate)} it still settles: you may go higher.", known
        )


def _walks_as_far(rate, hessian, momentum, lr, known):
    w = b = 0.0
    for t in range(1, 1001):
        old = w
        w, b = rules.momentum(w, 1.0, b, t=t, lr=rate, momentum=momentum)
    if not abs((old - w) / lr - 1) <= 0.01:
        raise WrongError(
            f"with momentum {momentum:.2f} and your rate {short(rate)}, steps down a straight "
            f"slope are {short(old - w)} long; without momentum they were {short(lr)}.",
            known,
        )


def _heavy(c, mu):
    return walls(c[-1], mu)[0]


def _nesterov(c, mu):
    return walls(c[-1], mu)[1]


#: Mistakes in both walls: formulas of the curvatures, the momentum, the rate and the Hessian.
_EITHER = (
    ("keeps_the_plain_wall", lambda c, mu, lr, h: 2 / c[-1], "This is the wall without momentum."),
    (
        "takes_the_effective_rate",
        lambda c, mu, lr, h: 2 * (1 - mu) / c[-1],
        "The factor 1 − momentum is for slopes that stay; at the wall they flip.",
    ),
)
_HEAVY = (
    *_EITHER,
    ("exchanges_the_walls", lambda c, mu, lr, h: _nesterov(c, mu), "This is Nesterov's wall."),
    ("forgets_the_two", lambda c, mu, lr, h: _heavy(c, mu) / 2, "The 2 is missing."),
    (
        "uses_the_flat_axis",
        lambda c, mu, lr, h: walls(c[0], mu)[0],
        "The steepest axis decides, not the flattest.",
    ),
    (
        "uses_the_diagonal",
        lambda c, mu, lr, h: walls(np.max(np.diag(h)), mu)[0],
        "The largest number on the diagonal is not the largest curvature: the bowl is turned.",
    ),
)
_NESTEROV = (
    *_EITHER,
    ("exchanges_the_walls", lambda c, mu, lr, h: _heavy(c, mu), "This is the heavy ball's wall."),
    ("forgets_the_two", lambda c, mu, lr, h: _nesterov(c, mu) / 2, "The 2 is missing."),
    (
        "uses_the_flat_axis",
        lambda c, mu, lr, h: walls(c[0], mu)[1],
        "The steepest axis decides, not the flattest.",
    ),
    (
        "uses_the_diagonal",
        lambda c, mu, lr, h: walls(np.max(np.diag(h)), mu)[1],
        "The largest number on the diagonal is not the largest curvature: the bowl is turned.",
    ),
    (
        "forgets_the_sum",
        lambda c, mu, lr, h: 2 / ((1 + 2 * mu) * c[-1]),
        "The factor 1 + momentum above is missing.",
    ),
)
_SAME = (
    ("keeps_the_rate", lambda c, mu, lr, h: lr, "The same rate walks 1 / (1 − momentum) as far."),
    ("turns_it_over", lambda c, mu, lr, h: lr / (1 - mu), "It is upside down: go down, not up."),
    ("uses_the_momentum", lambda c, mu, lr, h: mu * lr, "Multiply by 1 − momentum, not by it."),
    (
        "uses_the_flipping_slope",
        lambda c, mu, lr, h: lr / (1 + mu),
        "The factor 1 + momentum is for slopes that flip; here the slope stays.",
    ),
)
