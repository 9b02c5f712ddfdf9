"""Mistakes in AdamW: those of Adam after the right weight decay, and those of the decay itself.

The rules of :mod:`optlearn.rules` leave weight decay out. Here it stands in the rule, as its last
hyperparameter, and :func:`adamw` is the right one.
"""

# The sentence in front of each function says what it does.
# ruff: noqa: D103

import numpy as np

from .. import rules
from .base import KNOWN, corrected, means, mistake


def adamw(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
    """Decay the weights, then take Adam's step: the right rule."""
    return rules.adamw(rules.decoupled_decay(w, lr, weight_decay), g, m, v, t, lr, betas, eps)


def _after_decay(wrong):
    """Register a mistake of Adam as one of AdamW."""

    def function(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        w = rules.decoupled_decay(w, lr, weight_decay)
        return wrong.function(w, g, m, v, t, lr, betas, eps)

    function.__name__ = wrong.name.replace("adam_", "adamw_", 1)
    mistake("adamw", wrong.sentence)(function)


for _wrong in [wrong for wrong in KNOWN if wrong.rule == "adam"]:
    _after_decay(_wrong)


@mistake(
    "adamw", "The decay is added to the gradient and divided by its size: this is Adam with L2."
)
def adamw_couples_decay(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
    return rules.adamw(w, rules.coupled_decay(w, g, weight_decay), m, v, t, lr, betas, eps)


@mistake("adamw", "The decay is there twice: in the gradient and on the weights.")
def adamw_couples_decay_as_well(
    w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2
):
    g = rules.coupled_decay(w, g, weight_decay)
    return rules.adamw(rules.decoupled_decay(w, lr, weight_decay), g, m, v, t, lr, betas, eps)


@mistake("adamw", "The decay is forgotten: this is Adam.")
def adamw_forgets_decay(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
    return rules.adamw(w, g, m, v, t, lr, betas, eps)


@mistake("adamw", "The decay is not multiplied by the learning rate: the weights shrink too fast.")
def adamw_decays_without_lr(
    w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2
):
    return rules.adamw((1 - weight_decay) * w, g, m, v, t, lr, betas, eps)


@mistake("adamw", "The decay is multiplied by the learning rate twice.")
def adamw_decays_with_squared_lr(
    w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2
):
    return rules.adamw(rules.decoupled_decay(w, lr**2, weight_decay), g, m, v, t, lr, betas, eps)


@mistake("adamw", "The decay comes after the step: the step itself shrinks, too.")
def adamw_decays_new_weights(
    w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2
):
    w, m, v = rules.adamw(w, g, m, v, t, lr, betas, eps)
    return rules.decoupled_decay(w, lr, weight_decay), m, v


@mistake("adamw", "The weights grow: the decay is added instead of subtracted.")
def adamw_grows_weights(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
    return rules.adamw(rules.decoupled_decay(w, -lr, weight_decay), g, m, v, t, lr, betas, eps)


@mistake("adamw", "The weights are multiplied by lr * weight_decay: the 1 - is forgotten.")
def adamw_keeps_the_decayed_part(
    w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2
):
    return rules.adamw(lr * weight_decay * w, g, m, v, t, lr, betas, eps)


@mistake("adamw", "The decay is twice as strong: the penalty is one half of the squared weights.")
def adamw_decays_twice_as_fast(
    w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2
):
    return rules.adamw(rules.decoupled_decay(w, 2 * lr, weight_decay), g, m, v, t, lr, betas, eps)


@mistake("adamw", "The decay takes the same amount off every weight: an L1 penalty.")
def adamw_decays_by_signs(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
    return rules.adamw(w - lr * weight_decay * np.sign(w), g, m, v, t, lr, betas, eps)


@mistake("adamw", "The decay is added to m: it is divided by the size of the gradient.")
def adamw_decays_the_mean(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
    m, v = means(m, v, g, betas)
    m_hat, v_hat = corrected(m, v, betas, t)
    return w - lr * (m_hat + weight_decay * w) / (np.sqrt(v_hat) + eps), m, v


@mistake("adamw", "Only the first step decays the weights.")
def adamw_decays_once(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
    decay = weight_decay if t == 1 else 0
    return rules.adamw(rules.decoupled_decay(w, lr, decay), g, m, v, t, lr, betas, eps)
