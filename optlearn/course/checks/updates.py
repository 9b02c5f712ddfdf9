"""Check an update rule that a learner wrote: all that is needed is the rule's name.

The learner's function is followed over the cases of :mod:`.trajectories`, once for each set of
hyperparameters under which no mistake looks right, beside the right rule and the known mistakes.
"""

from dataclasses import replace
from functools import cached_property, partial

import numpy as np

from ... import wrong_rules
from ...optim import get
from .engine import asks
from .probe import call, is_blank, numbers, short
from .report import BlankError, Part, WrongError, grade
from .trajectories import (
    RTOL,
    by_hand,
    cases,
    compare,
    deviates,
    follow,
    numbers_until,
    recognise,
)

#: About what two right ways to write a rule differ by in a step.
NUDGE = 1e-15

_THINK = (
    "Do this step on paper: what is in each state array after it, and what is subtracted from w?",
    "The first step is right. What changes afterwards: t, the state, the size of the slope?",
    "Follow one weight: which of its numbers do you carry on to the next step, and which do you "
    "make anew?",
)


def asks_rule(question, rule, *, hints, takes=None):
    """Register a question that asks for an update rule.

    Parameters
    ----------
    question : str
        Such as ``"06.adam"``.
    rule : str
        A rule with known mistakes: ``sgd`` to ``adamw``.
    hints : tuple of str
        The idea, the equation, almost the code.
    takes : tuple of str, optional
        The arguments of the learner's function, where it does not have all of the rule's: without
        ``momentum`` and ``centered``, RMSprop has no use for ``g_mean`` and ``b`` either.
    """

    def examine_rule(solution, task, rng):
        return examine(rule, solution, rng, takes)

    asks(question, "implement", hints=hints, reference=reference(rule, takes))(examine_rule)


def reference(rule, takes=None):
    """Return the right rule with the arguments that the learner's function has."""
    right, names = wrong_rules.right(rule), _state(rule)
    kept = [name for name in names if takes is None or name in takes]

    def solution(w, g, *state, t, **hyper):
        given = dict(zip(kept, state, strict=True))
        w, *new = right(w, g, *(given.get(n, np.zeros_like(w)) for n in names), t=t, **hyper)
        return w, *(array for name, array in zip(names, new) if name in kept)

    return solution


def tasks(rule, rng, takes=None):
    """Return ``(cases, hyperparameters)`` for each set of hyperparameters to try.

    ``lr`` stands in the cases. A set with a hyperparameter that the learner's function does not
    take is left out.
    """
    drawn, found = [by_hand(), *cases(rng)], []
    for hyper in wrong_rules.REVEALING[rule]:
        others = {name: value for name, value in hyper.items() if name != "lr"}
        if takes is None or set(others) <= set(takes):
            found.append(([replace(case, lr=hyper.get("lr", case.lr)) for case in drawn], others))
    return found


def examine(rule, function, rng, takes=None):
    """Return the report on ``function``, in the signature of :mod:`optlearn.rules`."""
    return report(Known(rule, rng, takes), function)


def report(known, function):
    """Return the report on ``function`` over the cases of ``known``."""
    walked = _Walked(known, function)
    return grade(
        Part(case.name, 1, lambda number=number: walked.compare(number), _THINK[min(number, 2)])
        for number, case in enumerate(known.asked[0][0])
    )


class _Paths:
    """Paths over the cases of ``asked``, each walked when it is first asked for.

    A case is numbered by its set of hyperparameters and its place among the cases.
    """

    def __init__(self, rule, asked):
        self.rule, self.asked, self._paths = rule, asked, {}
        self.places = [(k, n) for k, (drawn, _) in enumerate(asked) for n in range(len(drawn))]

    def path(self, function, k, n, steps=None):
        """Return the path of ``function`` over a case, or over its first steps."""
        key = function, k, n, steps
        if key not in self._paths:
            drawn, hyper = self.asked[k]
            case = (
                drawn[n] if steps is None else replace(drawn[n], steps=min(steps, drawn[n].steps))
            )
            self._paths[key] = follow(function, case, len(_state(self.rule)), **hyper)
        return self._paths[key]

    def all_of(self, function, k):
        return [self.path(function, k, n) for n in range(len(self.asked[k][0]))]


class Known(_Paths):
    """The cases that are drawn for a rule, with the paths of the right rule and of the mistakes.

    Parameters
    ----------
    rule : str
    rng : numpy.random.Generator
    takes : tuple of str, optional
        As in :func:`asks_rule`.
    """

    def __init__(self, rule, rng, takes=None):
        super().__init__(rule, tasks(rule, rng, takes))
        self.takes, self.right = takes, wrong_rules.right(rule)

    def right_path(self, k, n):
        return self.path(self.right, k, n)


class _Walked(_Paths):
    """The paths of a learner's function, and what they tell."""

    def __init__(self, known, function):
        super().__init__(known.rule, known.asked)
        self.known, self.function = known, _adapted(known.rule, function, known.takes)

    def compare(self, n):
        """Raise WrongError where the learner leaves the right path of case ``n`` in some set."""
        for k, (_, hyper) in enumerate(self.asked):
            mine, right = self.path(self.function, k, n), self.known.right_path(k, n)
            at = deviates(mine, right)
            if at is None or self.rounding_decides(k, n, at):
                continue
            try:
                compare(mine, right)
            except WrongError as wrong:
                raise WrongError(_with(hyper) + wrong.difference, self.mistake) from None

    def rounding_decides(self, k, n, at):
        """Return whether the right rule parts from itself by step ``at``, nudged at each step.

        RMSprop that arrives early at the floor of a valley jumps about it. For one draw in a
        hundred two right ways to write it end there at different places. They part within a few
        steps of each other, so a hundredth of what a learner may differ by tells it in time.
        """

        def nudged(*args, **hyper):
            w, *state = self.known.right(*args, **hyper)
            return w * (1 + np.resize([NUDGE, -NUDGE], w.shape)), *state

        path = self.path(nudged, k, n, at)
        apart = deviates(path, self.known.right_path(k, n)[: len(path)], RTOL / 100)
        return apart is not None

    @cached_property
    def mistake(self):
        """The known mistake that walks the learner's paths, or None.

        It takes the learner's first steps in every case, and all steps under some set of
        hyperparameters that shows the mistake; elsewhere rounding may part two ways to write it.
        """
        try:
            shown = [k for k in range(len(self.asked)) if self.leaves(k)]
            for wrong in wrong_rules.for_rule(self.rule):
                if self.starts(wrong) and any(self.walks(wrong, k) for k in shown):
                    return wrong
        except (WrongError, BlankError):  # a function that breaks has no path to compare
            pass
        return None

    def leaves(self, k):
        """Return whether the learner leaves the right path in some case of set ``k``."""
        pairs = zip(self.all_of(self.function, k), self.known.all_of(self.known.right, k))
        return any(deviates(mine, right) is not None for mine, right in pairs)

    def walks(self, wrong, k):
        """Return whether a mistake walks the learner's paths in every case of set ``k``."""
        (drawn, hyper), size = self.asked[k], len(_state(self.rule))
        return recognise(self.all_of(self.function, k), drawn, [wrong], size, **hyper) is not None

    def starts(self, wrong):
        """Return whether a mistake takes the learner's first steps in every case."""
        for k, n in self.places:
            theirs = self.known.path(wrong.function, k, n, steps=5)
            mine = self.path(self.function, k, n)[: len(theirs)]
            end = numbers_until(mine)
            if deviates(mine[:end], theirs[:end]) is not None:
                return False
        return True


def _state(rule):
    return get(rule).rule_state


def _adapted(rule, function, takes):
    """Return the learner's function with all arguments of the rule, judged on what it returns."""
    names = _state(rule)
    kept = [name for name in names if takes is None or name in takes]
    wanted = f"({', '.join(['w', *kept])}{',' * (not kept)})"

    def learner(w, g, *state, t, **hyper):
        given = dict(zip(names, state, strict=True))
        ask = partial(function, t=t, **hyper) if callable(function) else function
        new = call(ask, w, g, *(given[name].copy() for name in kept))
        if is_blank(new):
            raise BlankError
        if not kept and not (isinstance(new, tuple | list) and len(new) == 1):
            new = (new,)
        if not isinstance(new, tuple | list) or len(new) != 1 + len(kept):
            raise WrongError(f"it should return {wanted}, it returned {short(new)}.")
        w, *new = new
        given |= {k: numbers(v, state[0].shape, f"the new {k}") for k, v in zip(kept, new)}
        return w, *given.values()

    return learner


def _with(hyper):
    """Return the words that name hyperparameters; none where they are the defaults."""
    said = ", ".join(f"{name}={value}" for name, value in hyper.items())
    return f"with {said} " if said else ""
