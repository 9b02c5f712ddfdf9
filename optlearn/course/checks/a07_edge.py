"""Assignment 07, question 7: refute a sentence on learning rates and flat places."""

from types import SimpleNamespace

import numpy as np

from .answers import predicted, several
from .engine import Task, asks
from .probe import call, counted, number, short
from .report import Mistake, Part, WrongError, grade

#: By this factor the run with half the rate has to end sharper.
ENOUGH = 1.5
#: A run has settled where the loss is below this after ``WALKED`` steps.
SETTLED, WALKED = 1e-6, 500
#: Calls of the gradient: two runs for each of a hundred rates.
CALLS = 200 * WALKED


class Pair:
    """The smallest network with two layers, ``w[0] * w[1]``, and half its squared error.

    Parameters
    ----------
    target : float
        The answer that it should give.
    start : numpy.ndarray, shape (2,)
    """

    def __init__(self, target, start):
        self.target, self.start = target, start

    def loss(self, w):
        return (w[0] * w[1] - self.target) ** 2 / 2

    def gradient(self, w):
        """Return the gradient; nan where a run has diverged, so that no warning is printed."""
        if not abs(w[0]) + abs(w[1]) < 1e6:
            return np.array([np.nan, np.nan])
        error = w[0] * w[1] - self.target
        return np.array([error * w[1], error * w[0]])

    def hessian(self, w):
        corner = 2 * w[0] * w[1] - self.target
        return np.array([[w[1] ** 2, corner], [corner, w[0] ** 2]])

    def ends(self, lr):
        """Return the last loss, the last sharpness, and whether the loss ever rose."""
        w, losses = self.start, []
        for _ in range(WALKED):
            losses.append(self.loss(w))
            w = w - lr * self.gradient(w)
        last = self.loss(w)
        sharp = np.linalg.eigvalsh(self.hessian(w))[-1] if last < SETTLED else np.nan
        return last, sharp, bool(np.any(np.diff(losses) > 0))


def _pair(rng, least, most):
    """Return a network whose start lies far from the flattest minimum, at (√target, √target)."""
    start = np.array([rng.uniform(least, most), rng.uniform(0.1, 0.5)]).round(2)
    return Pair(float(rng.choice([1, 1.25, 1.5])), start[:: rng.choice([-1, 1])])


def _draw_refute(rng):
    pair = _pair(rng, 3, 5)
    text = (
        f"Your network: w[0] · w[1], which should be {pair.target:g}\n"
        f"Your start: {pair.start[0]}, {pair.start[1]}"
    )
    return Task(text, network=pair)


@asks(
    "07.refute",
    "refute",
    draw=_draw_refute,
    hints=(
        "A flat place bears a high rate, a sharp one does not. Where can a run with a low rate "
        "stay that one with a high rate cannot?",
        "For each rate run twice, with η and with η / 2. Keep the pairs that both settle, and "
        "compare the largest eigenvalues of the Hessian at their ends.",
        "for lr in np.geomspace(0.02, 1, 25): for rate in (lr, lr / 2): w = start; 500 times "
        "w = w - rate * gradient(w); keep eigvalsh(hessian(w))[-1] where loss(w) < 1e-6. Return "
        "the lr with the largest second / first, and both",
    ),
)
def refute(function, task, rng):
    """Check ``experiment(network, start) -> (lr, sharp, sharp_at_half)``."""
    # Far apart, so that no one rate fits all.
    drawn, found = [task.network, _pair(rng, 2.6, 3), _pair(rng, 6, 8)], {}

    def each(test):
        for i, pair in enumerate(drawn):
            if i not in found:
                found[i] = _three(function, pair)
            test(pair, *found[i])

    def reports(which):
        return lambda: each(lambda pair, lr, *given: _reports(pair, lr, given[which], which))

    think = "Where does each of the two runs end, and what is the largest curvature there?"
    return grade(
        [
            Part(
                f"with half the rate it ends at least {ENOUGH} times as sharp",
                2,
                lambda: each(_refutes),
                "Which rates are too high for the place that a slow walk would find?",
            ),
            Part("the sharpness at your rate", 1, reports(0), think),
            Part("the sharpness at half of it", 1, reports(1), think),
        ]
    )


def _three(function, pair):
    """Return the learner's rate, and what was reported of the two runs."""
    gradient = counted(pair.gradient, CALLS)
    network = SimpleNamespace(gradient=gradient, loss=pair.loss, hessian=pair.hessian)
    given = call(function, network, pair.start.copy())
    lr, *sharp = several(given, ("lr", "sharp", "sharp_at_half"))
    lr = number(lr, "lr")
    if not (np.isfinite(lr) and lr > 0):
        raise WrongError(f"a learning rate is above 0, you gave {short(lr)}.")
    return lr, *sharp


def _refutes(pair, lr, *given):
    where, ends = f"from {short(pair.start)}, at rate {short(lr)}", []
    for name, rate in (("your rate", lr), ("half the rate", lr / 2)):
        last, sharp, rose = pair.ends(rate)
        if not last < SETTLED:
            known = "runs-away" if rose or np.isnan(last) else "has-not-arrived"
            raise WrongError(
                f"{where}, the run at {name} has a loss of {short(last)} after {WALKED} steps.",
                Mistake(known, _UNSETTLED[known]),
            )
        ends.append((sharp, rose))
    (sharp, rose), (sharper, _) = ends
    if not rose:
        raise WrongError(
            f"{where} the loss falls at every step.",
            Mistake("never-jumps", "The sentence speaks of a loss that jumps: go higher."),
        )
    if sharper < ENOUGH * sharp:
        raise WrongError(
            f"{where} it ends at sharpness {short(sharp)}, with half the rate at {short(sharper)}."
        )


_UNSETTLED = {
    "runs-away": "At this rate the run never settles, and says nothing on where one would settle.",
    "has-not-arrived": "This rate is too low to arrive: go higher.",
}


def _reports(pair, lr, given, which):
    """Raise WrongError unless ``given`` is the sharpness at the end of one of the two runs."""
    mine, other = (pair.ends(lr / (1 + k))[1] for k in (which, 1 - which))
    if np.isnan(mine):
        raise WrongError(f"this run does not settle from {short(pair.start)}.")
    rate = lr / (1 + which)
    slips = [
        (other, "exchanges-the-two", "This is the sharpness at the end of the other run."),
        (
            2 / rate,
            "gives-the-wall",
            "This is 2 over the rate: what the run actually has is asked.",
        ),
        (
            np.linalg.eigvalsh(pair.hessian(pair.start))[-1],
            "measures-at-the-start",
            "This is the sharpness at the start: measure where the run ends.",
        ),
        (0, "takes-the-smallest", "This is the smallest curvature: the largest is asked for."),
        (pair.target, "takes-the-corner", "This stands in the corner: take the eigenvalues."),
    ]
    name = f"from {short(pair.start)}, the sharpness at rate {short(rate)}"
    try:
        predicted(given, mine, slips, name)
    except WrongError as wrong:
        raise WrongError(f"{name}: {wrong.difference}", wrong.mistake) from None
