"""Assignment 09, question 5: choose a weight decay and a time to stop, within a budget of steps."""

from functools import cached_property

import numpy as np

from ... import wrong_rules
from .answers import several
from .engine import Task, asks
from .probe import call, number, short
from .report import Mistake, Part, WrongError, grade

DECAYS = np.array([0.01, 0.1, 0.3, 1.0, 3.0, 10.0])
LR, LONGEST, BUDGET = 0.05, 200, 600
#: How far above the least possible the error on new examples may be.
NEAR = 1.1


class Regression:
    """A linear model that learns from noisy examples, and examples without noise to validate it.

    Parameters
    ----------
    examples, weights : int
    noise : float
        Standard deviation of what is added to the training targets.
    size : float
        Standard deviation of the true weights.
    """

    def __init__(self, rng, examples, weights, noise, size):
        self.true = size * rng.normal(size=weights)
        self.x = rng.normal(size=(examples, weights))
        self.y = self.x @ self.true + noise * rng.normal(size=examples)
        self.x_new = rng.normal(size=(400, weights))

    def walk(self, decays, lr, steps):
        """Return AdamW's weights from 0 on, shape ``(len(decays), steps + 1, weights)``."""
        rule = wrong_rules.right("adamw")
        decays = np.asarray(decays, dtype=float)[:, None]
        w = m = v = np.zeros((len(decays), len(self.true)))
        path = [w]
        for t in range(1, steps + 1):
            g = (w @ self.x.T - self.y) @ self.x / len(self.y)
            w, m, v = rule(w, g, m, v, t=t, lr=lr, weight_decay=decays)
            path.append(w)
        return np.stack(path, axis=1)

    def training(self, w):
        """Return the mean square error on the training examples, over the last axis of ``w``."""
        return np.mean((w @ self.x.T - self.y) ** 2, axis=-1)

    def validation(self, w):
        return np.mean(((w - self.true) @ self.x_new.T) ** 2, axis=-1)

    def test(self, w):
        """Return the mean square error on endlessly many new examples without noise."""
        return np.sum((w - self.true) ** 2, axis=-1)


class Runs:
    """All that a choice on one set of examples can lead to."""

    def __init__(self, regression):
        w = regression.walk(DECAYS, LR, LONGEST)
        self.training, self.validation = regression.training(w), regression.validation(w)
        self.test = regression.test(w)

    def trainer(self):
        """Return a ``train(decay, steps)`` whose budget is whole."""
        return Trainer(self)

    def error_of(self, place):
        """Return the test error at ``place``, as a multiple of the least possible."""
        return self.test[place] / self.test.min()


class Trainer:
    """Train from the start, and keep count of the steps.

    Calling it with ``(decay, steps)`` returns the training errors and the validation errors after
    0, 1, 2, ... and ``steps`` steps.
    """

    def __init__(self, runs):
        self._runs, self.left, self.seen = runs, BUDGET, {}

    def __call__(self, decay, steps):
        row, steps = _row(decay), whole_steps(steps, 0, LONGEST)
        if steps > self.left:
            raise WrongError(
                f"{steps} steps are asked for, and {self.left} of {BUDGET} are left.", _OVERSPENDS
            )
        self.left -= steps
        self.seen[row] = max(steps, self.seen.get(row, 0))
        return tuple(
            part[row, : steps + 1].copy() for part in (self._runs.training, self._runs.validation)
        )


_OVERSPENDS = Mistake("overspends", "Each run costs its steps: share the budget among the decays.")


def _row(decay):
    value = number(decay, "the decay")
    near = np.isclose(DECAYS, value, rtol=1e-6, atol=0)
    if not near.any():
        raise WrongError(f"the decay should be one of {short(DECAYS)}, you gave {short(value)}.")
    return int(near.argmax())


def whole_steps(given, least, most):
    """Return a number of steps, or say that it is none."""
    steps = number(given, "the number of steps")
    if steps != np.round(steps) or not least <= steps <= most:
        raise WrongError(
            f"the number of steps should be a whole one from {least} to {most}, you gave "
            f"{short(steps)}."
        )
    return int(steps)


def _lowest(errors):
    return np.unravel_index(errors.argmin(), errors.shape)


def _drawn(rng, fits, *shape):
    """Return runs on examples where ``fits`` holds, and where every sound search does well.

    Without this an honest learner could lose a point to bad luck.
    """
    while True:
        runs = Runs(Regression(rng, *shape))
        if max(map(runs.error_of, _searches(runs.validation))) < 1.05 and fits(runs):
            return runs


def _searches(validation):
    """Yield the places of sound searches: equal shares, patience, and two rounds."""
    for steps in (60, 75, 100, 150, LONGEST):
        yield _lowest(validation[:, : steps + 1])
    for patience in (8, 10, 15, 20):
        stops = [_stop(errors[:101], patience) for errors in validation]
        row = min(range(len(stops)), key=lambda row: validation[row, stops[row]])
        yield row, stops[row]
    finalists = np.argsort(validation[:, :51].min(axis=1))[:2]
    place, step = _lowest(validation[finalists, :151])
    yield finalists[place], step


def _stop(errors, patience):
    """Return the step of the lowest error before ``patience`` steps went by without a lower one."""
    best = 0
    for step, error in enumerate(errors):
        if error < errors[best]:
            best = step
        elif step - best >= patience:
            break
    return best


def _needs_decay(runs):
    """Tell whether stopping alone, and training error, choose badly."""
    stopped = 0, runs.validation[0].argmin()
    share = runs.training[:, : BUDGET // len(DECAYS) + 1]
    return min(runs.error_of(stopped), runs.error_of(_lowest(share))) > 1.25


def _needs_stopping(runs):
    """Tell whether every decay is clearly worse when it is not stopped."""
    late = runs.test[:, BUDGET // len(DECAYS) :] / runs.test.min()
    return late.min() > 1.15


def _needs_little_decay(runs):
    return runs.test[3:].min() > 1.5 * runs.test.min()


def _draw_choose(rng):
    runs = _drawn(rng, _needs_decay, 60, 40, 1.0, 0.3)
    text = (
        "Your model: 40 weights, 60 noisy training examples\n"
        f"Decays to choose from: {', '.join(f'{decay:g}' for decay in DECAYS)}\n"
        f"Your budget: {BUDGET} steps in all, no run longer than {LONGEST}"
    )
    return Task(text, runs=runs, trainer=runs.trainer, decays=DECAYS.copy(), budget=BUDGET)


def choose_by_validation(train, decays, budget):
    """Return the decay and the steps with the lowest validation error, each decay run as far."""
    share = budget // len(decays)
    runs = {decay: train(decay, share)[1] for decay in decays}
    best = min(runs, key=lambda decay: runs[decay].min())
    return best, int(runs[best].argmin())


@asks(
    "09.choose",
    "tune",
    draw=_draw_choose,
    reference=choose_by_validation,
    hints=(
        "Every run costs its steps. How many may each decay have? Then compare all that you have "
        "seen, every decay after every number of steps, on data that were not trained on.",
        "Choose the decay λ and the step t with the lowest validation error E(λ, t). The steps of "
        "all runs add up to the budget or less.",
        "share = budget // len(decays); for each decay: training, validation = train(decay, "
        "share); keep (validation.min(), decay, validation.argmin()) in a list; the min of the "
        "list holds both answers.",
    ),
)
def choose(function, task, rng):
    """Check ``choose(train, decays, budget) -> (decay, steps)`` by the error on new examples."""
    drawn = {
        "your examples": task.runs,
        "fewer examples": _drawn(rng, _needs_stopping, 30, 20, 1.0, 0.4),
        "many examples with little noise": _drawn(rng, _needs_little_decay, 80, 20, 0.3, 0.5),
    }
    made = {name: _Choice(function, runs) for name, runs in drawn.items()}
    thinks = (
        "Which of the two errors tells how the model does on examples that it was not trained on?",
        "After how many steps was the validation error lowest, and is that the end of the run?",
        "Which decay would you take, if the targets were all but free of noise?",
    )
    return grade(
        Part(name, 1, lambda choice=choice: choice.is_near(list(made.values())), think)
        for (name, choice), think in zip(made.items(), thinks)
    )


class _Choice:
    """What a learner chose on one set of examples, and had seen until then."""

    def __init__(self, function, runs):
        self.function, self.runs, self.train = function, runs, runs.trainer()

    @cached_property
    def place(self):
        """The row of the decay, and the steps."""
        names = ("the decay", "the steps")
        given = several(call(self.function, self.train, DECAYS.copy(), BUDGET), names)
        return _row(given[0]), whole_steps(given[1], 0, LONGEST)

    def is_near(self, all_choices):
        found = self.runs.error_of(self.place)
        if found > NEAR:
            (row, steps), error = self.place, self.runs.test[self.place]
            raise WrongError(
                f"decay {DECAYS[row]:g}, stopped after {steps} steps, has an error of "
                f"{short(error)} on new examples. It could be {short(self.runs.test.min())}.",
                _recognised(all_choices),
            )

    def lowest_seen(self, errors):
        """Return the place of the lowest of ``errors`` among the runs that were seen."""
        seen = self.train.seen
        if not seen:
            return None
        row = min(seen, key=lambda row: errors[row, : seen[row] + 1].min())
        return row, int(errors[row, : seen[row] + 1].argmin())


def _recognised(choices):
    """Return the mistake that explains what was chosen on all sets of examples, or None."""
    try:
        places = [choice.place for choice in choices]
    except Exception:  # a function that breaks on one of them shows no habit
        return None
    ends = [choice.train.seen.get(choice.place[0]) for choice in choices]
    table = (
        (
            [choice.lowest_seen(choice.runs.training) for choice in choices] == places,
            "chooses-by-training-error",
            "It takes the lowest training error: that rewards learning the noise by heart.",
        ),
        (
            [choice.lowest_seen(-choice.runs.validation) for choice in choices] == places,
            "takes-the-highest",
            "It takes the highest validation error: the lowest is wanted.",
        ),
        (
            len(set(places)) == 1,
            "always-the-same",
            "The answer is the same for all examples: let the code look at the errors.",
        ),
        (
            len({row for row, _ in places}) == 1,
            "one-decay-for-all",
            "The decay is the same for all examples: noisier ones need more.",
        ),
        (
            [steps for _, steps in places] == ends,
            "never-stops-early",
            "It always takes the end of the run: look for the step with the lowest error.",
        ),
    )
    return next((Mistake(name, sentence) for holds, name, sentence in table if holds), None)
