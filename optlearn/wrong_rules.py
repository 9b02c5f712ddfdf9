"""The classic mistakes: rules that look right and are not, each with a name and a sentence.

A check that fails looks whether the learner's steps are those of one of these, and says so. They
have the signature of :mod:`optlearn.rules`, so they can also be run, drawn and raced.
"""

# The sentence in front of each function says what it does.
# ruff: noqa: D103

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class WrongRule:
    """One mistake.

    Attributes
    ----------
    name : str
    rule : str
        The rule of :mod:`optlearn.rules` that it was meant to be.
    function : callable
        ``(w, g, *state, t, **hyper) -> (w, *state)``, with the state of the right rule.
    sentence : str
        What went wrong, in one friendly sentence.
    """

    name: str
    rule: str
    function: Callable
    sentence: str


_KNOWN = []


def for_rule(rule):
    """Return the list of known mistakes of the rule with this name; empty where none is known."""
    return [wrong for wrong in _KNOWN if wrong.rule == rule]


def _mistake(rule, sentence):
    """Register the decorated function under its own name."""

    def register(function):
        _KNOWN.append(WrongRule(function.__name__, rule, function, sentence))
        return function

    return register


# ----------------------------------------------------------------------------- gradient descent


@_mistake("sgd", "It climbs: the step is added instead of subtracted.")
def sgd_climbs(w, g, t, lr=1e-3):
    return (w + lr * g,)


@_mistake("sgd", "The learning rate is forgotten: each step is as long as the gradient.")
def sgd_forgets_lr(w, g, t, lr=1e-3):
    return (w - g,)


@_mistake("sgd", "The learning rate is used twice: the step is shorter by a factor lr.")
def sgd_squares_lr(w, g, t, lr=1e-3):
    return (w - lr * lr * g,)


@_mistake("sgd", "The step is divided by the learning rate instead of multiplied by it.")
def sgd_divides_by_lr(w, g, t, lr=1e-3):
    return (w - g / lr,)


@_mistake(
    "sgd", "The old weights are lost: what comes back is the step alone, not w plus the step."
)
def sgd_returns_the_step(w, g, t, lr=1e-3):
    return (-lr * g,)


@_mistake("sgd", "Nothing moves: what comes back are the old weights.")
def sgd_stands_still(w, g, t, lr=1e-3):
    return (w + 0 * g,)


@_mistake("sgd", "The gradient is not used: the step follows the weights themselves.")
def sgd_follows_w(w, g, t, lr=1e-3):
    return (w - lr * w,)


@_mistake("sgd", "Weights and gradient are swapped: the step starts at the gradient.")
def sgd_swaps_w_and_g(w, g, t, lr=1e-3):
    return (g - lr * w,)


@_mistake("sgd", "The brackets are misplaced: the learning rate shrinks the weights as well.")
def sgd_misplaces_brackets(w, g, t, lr=1e-3):
    return (lr * (w - g),)


@_mistake("sgd", "The gradient is normalised: its direction is kept but its length is lost.")
def sgd_normalises(w, g, t, lr=1e-3):
    length = np.linalg.norm(g)
    return (w - lr * g / (length if length > 0 else 1.0),)


@_mistake("sgd", "Only the sign of the gradient is used: every weight moves by the same amount.")
def sgd_uses_signs(w, g, t, lr=1e-3):
    return (w - lr * np.sign(g),)


@_mistake("sgd", "The absolute value of the gradient is used: every weight can only fall.")
def sgd_uses_absolute_values(w, g, t, lr=1e-3):
    return (w - lr * np.abs(g),)


@_mistake("sgd", "The gradient is squared: small slopes vanish, large ones explode.")
def sgd_squares_gradient(w, g, t, lr=1e-3):
    return (w - lr * g * g,)


@_mistake("sgd", "One number, the mean of the gradient, moves all weights alike.")
def sgd_averages_gradient(w, g, t, lr=1e-3):
    return (w - lr * np.mean(g),)


@_mistake("sgd", "The gradient is clipped to the range from -1 to 1: large slopes lose their size.")
def sgd_clips(w, g, t, lr=1e-3):
    return (w - lr * np.clip(g, -1, 1),)


@_mistake("sgd", "The learning rate is divided by the number of the step: it decays.")
def sgd_decays_lr(w, g, t, lr=1e-3):
    return (w - lr / t * g,)


@_mistake("sgd", "Every step is twice as long as it should be.")
def sgd_doubles(w, g, t, lr=1e-3):
    return (w - 2 * lr * g,)


@_mistake("sgd", "Every step is half as long as it should be.")
def sgd_halves(w, g, t, lr=1e-3):
    return (w - lr * g / 2,)


@_mistake("sgd", "The weights are cut to whole numbers.")
def sgd_rounds(w, g, t, lr=1e-3):
    return (np.trunc(w - lr * g),)


@_mistake("sgd", "The weights are kept in single precision: after some 7 digits they differ.")
def sgd_single_precision(w, g, t, lr=1e-3):
    return ((w - lr * g).astype(np.float32).astype(np.float64),)


# ------------------------------------------------------------------------------------- momentum


@_mistake("momentum", "It climbs: the buffer is added instead of subtracted.")
def momentum_climbs(w, g, b, t, lr=1e-3, momentum=0.9):
    b = momentum * b + g
    return w + lr * b, b


@_mistake("momentum", "The buffer is kept but the step uses the gradient alone: no momentum.")
def momentum_ignores_buffer(w, g, b, t, lr=1e-3, momentum=0.9):
    return w - lr * g, momentum * b + g


@_mistake("momentum", "The step uses the old buffer: every push comes one step late.")
def momentum_steps_late(w, g, b, t, lr=1e-3, momentum=0.9):
    return w - lr * b, momentum * b + g


@_mistake("momentum", "The buffer never decays: the pushes of the past are not multiplied by mu.")
def momentum_never_decays(w, g, b, t, lr=1e-3, momentum=0.9):
    b = b + g
    return w - lr * b, b


@_mistake(
    "momentum", "The gradient is weighted by 1 - mu: an average, ten times smaller at mu = 0.9."
)
def momentum_averages(w, g, b, t, lr=1e-3, momentum=0.9):
    b = momentum * b + (1 - momentum) * g
    return w - lr * b, b


@_mistake("momentum", "The factor mu is on the gradient instead of on the buffer.")
def momentum_damps_the_gradient(w, g, b, t, lr=1e-3, momentum=0.9):
    b = b + momentum * g
    return w - lr * b, b


@_mistake("momentum", "The learning rate is used twice: in the buffer and in the step.")
def momentum_squares_lr(w, g, b, t, lr=1e-3, momentum=0.9):
    b = momentum * b + lr * g
    return w - lr * b, b


@_mistake("momentum", "The learning rate is forgotten.")
def momentum_forgets_lr(w, g, b, t, lr=1e-3, momentum=0.9):
    b = momentum * b + g
    return w - b, b


@_mistake("momentum", "This is Nesterov's step: it already looks ahead.")
def momentum_looks_ahead(w, g, b, t, lr=1e-3, momentum=0.9):
    b = momentum * b + g
    return w - lr * (g + momentum * b), b


# ------------------------------------------------------------------------------------- Nesterov


@_mistake("nesterov", "It climbs: the step is added instead of subtracted.")
def nesterov_climbs(w, g, b, t, lr=1e-3, momentum=0.9):
    b = momentum * b + g
    return w + lr * (g + momentum * b), b


@_mistake("nesterov", "This is plain momentum: it does not look ahead.")
def nesterov_looks_nowhere(w, g, b, t, lr=1e-3, momentum=0.9):
    b = momentum * b + g
    return w - lr * b, b


@_mistake("nesterov", "The gradient itself is missing from the step.")
def nesterov_forgets_gradient(w, g, b, t, lr=1e-3, momentum=0.9):
    b = momentum * b + g
    return w - lr * momentum * b, b


@_mistake("nesterov", "The buffer is not multiplied by mu when it looks ahead.")
def nesterov_looks_too_far(w, g, b, t, lr=1e-3, momentum=0.9):
    b = momentum * b + g
    return w - lr * (g + b), b


@_mistake("nesterov", "The gradient is weighted by 1 - mu: an average, not a sum.")
def nesterov_averages(w, g, b, t, lr=1e-3, momentum=0.9):
    b = momentum * b + (1 - momentum) * g
    return w - lr * (g + momentum * b), b
