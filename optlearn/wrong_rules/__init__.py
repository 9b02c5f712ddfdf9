"""The classic mistakes: rules that look right and are not, each with a name and a sentence.

A check that fails looks whether the learner's steps are those of one of these, and says so. They
have the signature of :mod:`optlearn.rules`, so they can also be run, drawn and raced; AdamW's alone
have one argument more, the weight decay. What a mistake is measured against is :func:`right`.

A mistake moves the weights differently. What changes the state alone, or nothing but rounding, is
another way to be right and is not here.
"""

from .. import rules

# Importing a file registers its mistakes.
from . import adadelta, adagrad, adam, adamw, amsgrad, momentum, nesterov, rmsprop, sgd  # noqa: F401
from .base import KNOWN, WrongRule

__all__ = ["REVEALING", "WrongRule", "for_rule", "right"]

_ADAM = (
    {"lr": 1e-2},
    {"lr": 1e-2, "betas": (0.5, 0.9), "eps": 1e-2},
    {"lr": 0.1, "betas": (0.7, 0.95), "eps": 1.0},
)

#: Hyperparameters that make every part of a rule count: no mistake looks right at all of them.
#: RMSprop with a small eps jumps about the floor of a valley until rounding decides where it goes;
#: its learning rate is so small there that it does not arrive, and right rules stay together.
REVEALING = {
    "sgd": ({},),
    "momentum": ({}, {"momentum": 0.5}, {"momentum": 0.5, "dampening": 0.3}),
    "nesterov": ({}, {"momentum": 0.5}),
    "adagrad": (
        {"lr": 0.1},
        {"lr": 0.1, "eps": 0.1},
        {"lr": 0.5, "lr_decay": 0.01, "initial_accumulator_value": 0.1},
    ),
    "rmsprop": (
        {"lr": 1e-3},
        {"lr": 1e-2, "alpha": 0.9, "eps": 0.1},
        {"lr": 1e-2, "alpha": 0.9, "eps": 0.1, "momentum": 0.5},
        {"lr": 1e-2, "alpha": 0.95, "eps": 0.1, "centered": True},
    ),
    "adadelta": ({"lr": 1.0}, {"lr": 0.5, "rho": 0.7, "eps": 1e-2}),
    "adam": _ADAM,
    "amsgrad": _ADAM,
    "adamw": tuple({**hyper, "weight_decay": decay} for hyper, decay in zip(_ADAM, (1, 0.1, 0.5))),
}


def for_rule(rule):
    """Return the list of known mistakes of the rule with this name; empty where none is known."""
    return [wrong for wrong in KNOWN if wrong.rule == rule]


def right(rule):
    """Return the right rule of this name, with the arguments that its mistakes have.

    It is the one of :mod:`optlearn.rules`, but for AdamW: that takes a ``weight_decay`` and
    decays the weights first.
    """
    return adamw.adamw if rule == "adamw" else getattr(rules, rule)
