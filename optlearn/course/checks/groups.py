"""Steps of parameter groups: the right one, the wrong ones, and how to tell them apart.

All have the signature ``(weights, grads, states, t, groups) -> (weights, states)`` over
dictionaries by name; a group is ``(names, rule, settings)``.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ... import rules
from .probe import call, is_blank, numbers, short
from .report import BlankError, Mistake, WrongError
from .trajectories import compare, deviates


def grouped(weights, grads, states, t, groups):
    """Return new weights and states: every group takes its own step."""
    new_weights, new_states = {}, {}
    for names, rule, settings in groups:
        for name in names:
            if name in new_weights:
                raise ValueError(f"{name} stands in two groups")
            w, *state = rule(weights[name], grads[name], *states[name], t=t, **settings)
            new_weights[name], new_states[name] = w, tuple(state)
    missed = [name for name in weights if name not in new_weights]
    if missed:
        raise ValueError(f"no group has {', '.join(missed)}")
    return new_weights, new_states


def shrinking(w, g, t, lr=0.01, weight_decay=0.0):
    """Take a step down the gradient after the weights have decayed."""
    return rules.sgd(rules.decoupled_decay(w, lr, weight_decay), g, t=t, lr=lr)


@dataclass(frozen=True)
class Job:
    """What the groups are asked to do.

    Attributes
    ----------
    weights, sizes : dict
        The first weights by name, and how many arrays of state each has.
    gradient : callable
        ``(t, weights) -> dict``, in an order of its own.
    groups : list of tuple
    steps : int
    """

    weights: dict
    sizes: dict
    gradient: Callable
    groups: list
    steps: int = 1

    def start(self):
        """Return fresh weights and states."""
        weights = {name: w.copy() for name, w in self.weights.items()}
        sized = {name: (np.zeros_like(w),) * self.sizes[name] for name, w in weights.items()}
        return weights, sized

    def by(self, function):
        """Return the path of each parameter under a learner's function."""
        weights, states = self.start()
        paths = {name: [w] for name, w in weights.items()}
        for t in range(1, self.steps + 1):
            kept = {name: tuple(s.copy() for s in state) for name, state in states.items()}
            groups = [(list(names), rule, dict(given)) for names, rule, given in self.groups]
            new = call(
                function,
                {name: w.copy() for name, w in weights.items()},
                self.gradient(t, weights),
                kept,
                t,
                groups,
            )
            weights, states = self._read(new)
            for name, w in weights.items():
                paths[name].append(w)
        return {name: np.array(path) for name, path in paths.items()}

    def _read(self, given):
        if is_blank(given):
            raise BlankError
        if not isinstance(given, tuple | list) or len(given) != 2:
            raise WrongError(f"it should return (new weights, new states), not {short(given)}.")
        weights, states = given
        for what, new in (("weights", weights), ("states", states)):
            if is_blank(new):
                raise BlankError
            if not isinstance(new, dict) or set(new) != set(self.weights):
                names = ", ".join(self.weights)
                got = ", ".join(map(str, new)) if isinstance(new, dict) else short(new)
                raise WrongError(f"the new {what} should have the names {names}; got {got}.")
        kept = {}
        for name, size in self.sizes.items():
            if not isinstance(states[name], tuple | list) or len(states[name]) != size:
                raise WrongError(
                    f"the new state of “{name}” should hold {size} arrays, it is "
                    f"{short(states[name])}."
                )
            shape = self.weights[name].shape
            kept[name] = tuple(numbers(s, shape, f"the state of “{name}”") for s in states[name])
        shapes = {name: w.shape for name, w in self.weights.items()}
        return {n: numbers(weights[n], s, f"the new “{n}”") for n, s in shapes.items()}, kept


def jobs(rng):
    """Return the jobs: one step by hand, settings that differ, and a long walk."""
    one = {"body": np.array([1.0, 2.0]), "head": np.array([3.0])}
    slopes = {"head": np.array([-5.0]), "body": np.array([3.0, -4.0])}
    first = Job(
        one,
        {"body": 0, "head": 0},
        lambda t, w: slopes,
        [(["body"], rules.sgd, {"lr": 0.1}), (["head"], rules.sgd, {"lr": 0.01})],
    )
    return {"first": first, "settings": _settings(rng), "long": _long(rng)}


def _settings(rng):
    """One rule in two groups; the second leaves the decay at its default."""
    weights = {name: rng.normal(size=3) for name in ("hidden", "bias", "head")}
    groups = [
        (["head", "hidden"], shrinking, {"lr": 0.1, "weight_decay": 0.5}),
        (["bias"], shrinking, {"lr": 0.3}),
    ]
    slopes = {name: rng.normal(size=3) for name in ("bias", "head", "hidden")}
    return Job(weights, dict.fromkeys(weights, 0), lambda t, w: slopes, groups, 20)


def _long(rng):
    """Muon, momentum and Adam in one network, whose slopes depend on all weights."""
    shapes = {"embedding": (3, 2), "hidden": (2, 3), "bias": (2,), "norm": (3,), "head": (3, 2)}
    weights = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    noise = {name: rng.normal(size=(100, *shapes[name])) for name in sorted(shapes)}

    def gradient(t, w):
        tied = 0.1 * sum(float(np.sum(part)) for part in w.values())
        return {name: 0.5 * w[name] + tied + drawn[t - 1] for name, drawn in noise.items()}

    groups = [
        (["hidden"], rules.muon, {"lr": 0.05, "momentum": 0.8}),
        (["norm", "embedding", "bias"], rules.adam, {"lr": 0.02}),
        (["head"], rules.momentum, {"lr": 0.03}),
    ]
    sizes = {"embedding": 2, "hidden": 1, "bias": 2, "norm": 2, "head": 1}
    return Job(weights, sizes, gradient, groups, 100)


def follows(function, job, mistake):
    """Raise WrongError where ``function`` leaves the right path of a parameter."""
    mine, right = job.by(function), job.by(grouped)
    for name, path in right.items():
        try:
            compare(mine[name], path)
        except WrongError as wrong:
            raise WrongError(f"“{name}”: {wrong.difference}", mistake()) from None


def recognise(function, asked):
    """Return the known mistake that walks the paths of ``function`` in all jobs, or None.

    A mistake may break where another rule takes other settings; it has to show in some job.
    """
    mine = [_paths(function, job) for job in asked]
    right = [job.by(grouped) for job in asked]
    for name, (sentence, wrong) in WRONG_STEPS.items():
        theirs = [_paths(wrong, job) for job in asked]
        shown = any(b and not _same(a, b) for a, b in zip(right, theirs))
        if shown and all(_same(a, b) for a, b in zip(mine, theirs)):
            return Mistake(name, sentence)
    return None


def _paths(function, job):
    """Return the paths of a job, or None where the function breaks."""
    try:
        return job.by(function)
    except (WrongError, BlankError):
        return None


def _same(mine, other):
    if mine is None or other is None:
        return mine is other
    return all(deviates(mine[name], other[name]) is None for name in other)


# ------------------------------------------------------------------------------- wrong steps


def _with(change):
    """Return the right step on arguments that ``change`` has spoilt."""

    def step(weights, grads, states, t, groups):
        given = {"weights": weights, "grads": grads, "states": states, "t": t, "groups": groups}
        return grouped(**{**given, **change(given)})

    return step


def _settings_by(change):
    """Return the right step where ``change(groups, i)`` gives the settings of group ``i``."""
    return _with(
        lambda given: {
            "groups": [
                (names, rule, change([s for _, _, s in given["groups"]], i))
                for i, (names, rule, _) in enumerate(given["groups"])
            ]
        }
    )


def _moves_the_first_group(weights, grads, states, t, groups):
    names, rule, settings = groups[0]
    moved = {
        name: rule(weights[name], grads[name], *states[name], t=t, **settings) for name in names
    }
    new = {name: tuple(state) for name, (_, *state) in moved.items()}
    return {**weights, **{name: w for name, (w, *_) in moved.items()}}, {**states, **new}


def _steps_twice(weights, grads, states, t, groups):
    weights, states = grouped(weights, grads, states, t, groups)
    return grouped(weights, grads, states, t, groups)


def _forgets_the_state(weights, grads, states, t, groups):
    return grouped(weights, grads, states, t, groups)[0], states


def _one_slope_a_group(given):
    return {
        "grads": {
            name: given["grads"][names[0]] for names, _, _ in given["groups"] for name in names
        }
    }


#: name -> (sentence, step)
WRONG_STEPS = {
    "uses_the_first_settings": (
        "Every group gets the settings of the first one.",
        _settings_by(lambda settings, i: settings[0]),
    ),
    "uses_the_last_settings": (
        "Every group gets the settings of the last one.",
        _settings_by(lambda settings, i: settings[-1]),
    ),
    "uses_the_first_rate": (
        "Every group gets the learning rate of the first one.",
        _settings_by(lambda settings, i: {**settings[i], "lr": settings[0]["lr"]}),
    ),
    "leaks_the_settings": (
        "What the group before was told is still told to this one: begin with fresh settings.",
        _settings_by(lambda settings, i: {k: v for s in settings[: i + 1] for k, v in s.items()}),
    ),
    "ignores_the_settings": (
        "The settings never reach the rule: hand them on as `**settings`.",
        _settings_by(lambda settings, i: {}),
    ),
    "moves_the_first_group": (
        "Only the first group moves: does a `return` stand inside the loop?",
        _moves_the_first_group,
    ),
    "goes_by_the_order": (
        "Slopes are taken by their place in the dictionary: look them up by name.",
        _with(lambda given: {"grads": dict(zip(given["weights"], given["grads"].values()))}),
    ),
    "takes_one_slope_a_group": (
        "All parameters of a group get the slope of its first one.",
        _with(_one_slope_a_group),
    ),
    "forgets_the_state": (
        "The state is zero again at each step: return what the rule returned.",
        _forgets_the_state,
    ),
    "exchanges_the_state": (
        "The arrays of the state come back in another order.",
        _with(lambda given: {"states": {k: s[::-1] for k, s in given["states"].items()}}),
    ),
    "stops_the_clock": (
        "The rule is told that it is always step 1.",
        _with(lambda given: {"t": 1}),
    ),
    "counts_ahead": (
        "The rule is told t + 1: the first step is number 1 already.",
        _with(lambda given: {"t": given["t"] + 1}),
    ),
    "steps_twice": ("Every parameter moves twice in one step.", _steps_twice),
    "climbs": (
        "It climbs: the slope reaches the rule with its sign turned over.",
        _with(lambda given: {"grads": {k: -g for k, g in given["grads"].items()}}),
    ),
}
