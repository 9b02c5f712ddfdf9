"""Mistakes in RMSprop.

The learning rate inside the buffer is missing: while it is constant, the weights move the same.
"""

# The sentence in front of each function says what it does.
# ruff: noqa: D103

import numpy as np

from .base import mistake, ratio


def _means(v, g_mean, g, alpha):
    """Return the running means of the squares and of the gradients after ``g``."""
    return alpha * v + (1 - alpha) * g**2, alpha * g_mean + (1 - alpha) * g


def _root(v, g_mean, centered):
    """Return the size of recent gradients; a mistake can make the variance negative."""
    return np.sqrt(np.maximum(v - g_mean**2, 0) if centered else v)


@mistake("rmsprop", "It climbs: the step is added instead of subtracted.")
def rmsprop_climbs(
    w, g, v, g_mean, b, t, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False
):
    v, g_mean = _means(v, g_mean, g, alpha)
    b = momentum * b + g / (_root(v, g_mean, centered) + eps)
    return w + lr * b, v, g_mean, b


@mistake("rmsprop", "The root is forgotten: it divides by the mean of squares itself.")
def rmsprop_forgets_root(
    w, g, v, g_mean, b, t, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False
):
    v, g_mean = _means(v, g_mean, g, alpha)
    b = momentum * b + g / (_root(v, g_mean, centered) ** 2 + eps)
    return w - lr * b, v, g_mean, b


@mistake("rmsprop", "It never forgets: the squares are summed, as in Adagrad.")
def rmsprop_never_forgets(
    w, g, v, g_mean, b, t, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False
):
    v = v + g**2
    g_mean = alpha * g_mean + (1 - alpha) * g
    b = momentum * b + g / (_root(v, g_mean, centered) + eps)
    return w - lr * b, v, g_mean, b


@mistake("rmsprop", "The newest square is not multiplied by 1 - alpha: v is far too large.")
def rmsprop_forgets_weight(
    w, g, v, g_mean, b, t, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False
):
    v = alpha * v + g**2
    g_mean = alpha * g_mean + (1 - alpha) * g
    b = momentum * b + g / (_root(v, g_mean, centered) + eps)
    return w - lr * b, v, g_mean, b


@mistake("rmsprop", "The weights alpha and 1 - alpha are exchanged: the past hardly counts.")
def rmsprop_exchanges_weights(
    w, g, v, g_mean, b, t, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False
):
    v, g_mean = _means(v, g_mean, g, 1 - alpha)
    b = momentum * b + g / (_root(v, g_mean, centered) + eps)
    return w - lr * b, v, g_mean, b


@mistake("rmsprop", "The mean is not kept: every step sees the newest square alone.")
def rmsprop_keeps_no_mean(
    w, g, v, g_mean, b, t, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False
):
    newest, mean = _means(0, 0, g, alpha)
    b = momentum * b + g / (_root(newest, mean, centered) + eps)
    return w - lr * b, v, g_mean, b


@mistake(
    "rmsprop", "The old mean is used: the newest gradient is missing, so the first step is vast."
)
def rmsprop_divides_late(
    w, g, v, g_mean, b, t, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False
):
    b = momentum * b + g / (_root(v, g_mean, centered) + eps)
    v, g_mean = _means(v, g_mean, g, alpha)
    return w - lr * b, v, g_mean, b


@mistake("rmsprop", "The mean is of absolute values: the gradients are not squared.")
def rmsprop_averages_absolute_values(
    w, g, v, g_mean, b, t, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False
):
    v = alpha * v + (1 - alpha) * np.abs(g)
    g_mean = alpha * g_mean + (1 - alpha) * g
    b = momentum * b + g / (_root(v, g_mean, centered) + eps)
    return w - lr * b, v, g_mean, b


@mistake("rmsprop", "Neither square nor root: it divides by the mean of absolute values.")
def rmsprop_forgets_square_and_root(
    w, g, v, g_mean, b, t, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False
):
    v = alpha * v + (1 - alpha) * np.abs(g)
    g_mean = alpha * g_mean + (1 - alpha) * g
    size = np.abs(v - g_mean**2) if centered else v
    b = momentum * b + g / (size + eps)
    return w - lr * b, v, g_mean, b


@mistake("rmsprop", "One number, the mean square over all weights, scales them alike.")
def rmsprop_averages_over_weights(
    w, g, v, g_mean, b, t, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False
):
    v = alpha * v + (1 - alpha) * np.mean(g**2)
    g_mean = alpha * g_mean + (1 - alpha) * g
    b = momentum * b + g / (_root(v, g_mean, centered) + eps)
    return w - lr * b, v, g_mean, b


@mistake("rmsprop", "The mean is corrected for its start at zero, as in Adam.")
def rmsprop_corrects_bias(
    w, g, v, g_mean, b, t, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False
):
    v, g_mean = _means(v, g_mean, g, alpha)
    root = _root(v, g_mean, centered) / np.sqrt(1 - alpha**t)
    b = momentum * b + g / (root + eps)
    return w - lr * b, v, g_mean, b


@mistake("rmsprop", "The eps stands inside the root; here it is added to the root.")
def rmsprop_eps_inside_root(
    w, g, v, g_mean, b, t, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False
):
    v, g_mean = _means(v, g_mean, g, alpha)
    b = momentum * b + g / _root(v + eps, g_mean, centered)
    return w - lr * b, v, g_mean, b


@mistake("rmsprop", "The eps is added to the weights: brackets are missing around the denominator.")
def rmsprop_adds_eps_to_w(
    w, g, v, g_mean, b, t, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False
):
    v, g_mean = _means(v, g_mean, g, alpha)
    b = momentum * b + ratio(g, _root(v, g_mean, centered))
    return w - lr * b + eps, v, g_mean, b


@mistake("rmsprop", "The mean is kept but nothing is divided by it.")
def rmsprop_never_divides(
    w, g, v, g_mean, b, t, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False
):
    v, g_mean = _means(v, g_mean, g, alpha)
    b = momentum * b + g
    return w - lr * b, v, g_mean, b


@mistake("rmsprop", "It multiplies by the root instead of dividing by it.")
def rmsprop_multiplies(
    w, g, v, g_mean, b, t, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False
):
    v, g_mean = _means(v, g_mean, g, alpha)
    b = momentum * b + g * (_root(v, g_mean, centered) + eps)
    return w - lr * b, v, g_mean, b


@mistake("rmsprop", "The learning rate is forgotten.")
def rmsprop_forgets_lr(
    w, g, v, g_mean, b, t, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False
):
    v, g_mean = _means(v, g_mean, g, alpha)
    b = momentum * b + g / (_root(v, g_mean, centered) + eps)
    return w - b, v, g_mean, b


@mistake("rmsprop", "Only the sign of the gradient is used: nothing depends on the mean.")
def rmsprop_uses_signs(
    w, g, v, g_mean, b, t, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False
):
    v, g_mean = _means(v, g_mean, g, alpha)
    b = momentum * b + np.sign(g)
    return w - lr * b, v, g_mean, b


@mistake("rmsprop", "The momentum is forgotten: only the newest step counts.")
def rmsprop_forgets_momentum(
    w, g, v, g_mean, b, t, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False
):
    v, g_mean = _means(v, g_mean, g, alpha)
    return w - lr * g / (_root(v, g_mean, centered) + eps), v, g_mean, b


@mistake("rmsprop", "The newest step is weighted by 1 - mu: the buffer is an average, not a sum.")
def rmsprop_averages_steps(
    w, g, v, g_mean, b, t, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False
):
    v, g_mean = _means(v, g_mean, g, alpha)
    u = g / (_root(v, g_mean, centered) + eps)
    b = momentum * b + (1 - momentum) * u
    return w - lr * b, v, g_mean, b


@mistake("rmsprop", "The buffer gathers gradients and is divided afterwards, not before.")
def rmsprop_gathers_before_dividing(
    w, g, v, g_mean, b, t, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False
):
    v, g_mean = _means(v, g_mean, g, alpha)
    b = momentum * b + g
    return w - lr * b / (_root(v, g_mean, centered) + eps), v, g_mean, b


@mistake("rmsprop", "The mean gradient is not taken off: nothing is centered.")
def rmsprop_never_centers(
    w, g, v, g_mean, b, t, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False
):
    v, g_mean = _means(v, g_mean, g, alpha)
    b = momentum * b + g / (np.sqrt(v) + eps)
    return w - lr * b, v, g_mean, b


@mistake("rmsprop", "The mean gradient is always taken off, also where nothing should be centered.")
def rmsprop_always_centers(
    w, g, v, g_mean, b, t, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False
):
    v, g_mean = _means(v, g_mean, g, alpha)
    b = momentum * b + g / (_root(v, g_mean, True) + eps)
    return w - lr * b, v, g_mean, b
