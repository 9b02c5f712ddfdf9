"""Mistakes in Adagrad."""

# The sentence in front of each function says what it does.
# ruff: noqa: D103

import numpy as np

from .base import mistake, ratio


def _add(v, x, t, initial):
    """Return the accumulator after ``x``; it starts at ``initial``."""
    return v + x + (initial if t == 1 else 0)


def _rate(lr, lr_decay, t):
    """Return the decayed learning rate."""
    return lr / (1 + (t - 1) * lr_decay)


@mistake("adagrad", "It climbs: the step is added instead of subtracted.")
def adagrad_climbs(w, g, v, t, lr=1e-2, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10):
    v = _add(v, g**2, t, initial_accumulator_value)
    return w + _rate(lr, lr_decay, t) * g / (np.sqrt(v) + eps), v


@mistake("adagrad", "The root is forgotten: it divides by the sum of squares itself.")
def adagrad_forgets_root(
    w, g, v, t, lr=1e-2, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10
):
    v = _add(v, g**2, t, initial_accumulator_value)
    return w - _rate(lr, lr_decay, t) * g / (v + eps), v


@mistake("adagrad", "The sum is not kept: every step divides by the newest gradient alone.")
def adagrad_keeps_no_sum(
    w, g, v, t, lr=1e-2, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10
):
    newest = _add(0, g**2, t, initial_accumulator_value)
    return w - _rate(lr, lr_decay, t) * g / (np.sqrt(newest) + eps), v


@mistake("adagrad", "It forgets: the squares are averaged with 0.9 and 0.1, as in RMSprop.")
def adagrad_forgets_the_past(
    w, g, v, t, lr=1e-2, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10
):
    v = _add(0.9 * v, 0.1 * g**2, t, initial_accumulator_value)
    return w - _rate(lr, lr_decay, t) * g / (np.sqrt(v) + eps), v


@mistake("adagrad", "The squares are divided by their number: a mean instead of a sum.")
def adagrad_takes_the_mean(
    w, g, v, t, lr=1e-2, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10
):
    v = _add(v, g**2, t, initial_accumulator_value)
    return w - _rate(lr, lr_decay, t) * g / (np.sqrt(v / t) + eps), v


@mistake("adagrad", "The eps stands inside the root; here it is added to the root.")
def adagrad_eps_inside_root(
    w, g, v, t, lr=1e-2, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10
):
    v = _add(v, g**2, t, initial_accumulator_value)
    return w - _rate(lr, lr_decay, t) * g / np.sqrt(v + eps), v


@mistake("adagrad", "The eps is added to the sum at every step and grows with it.")
def adagrad_collects_eps(
    w, g, v, t, lr=1e-2, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10
):
    v = _add(v, g**2 + eps, t, initial_accumulator_value)
    return w - _rate(lr, lr_decay, t) * g / np.sqrt(v), v


@mistake("adagrad", "The sum is of absolute values: the gradients are not squared.")
def adagrad_sums_absolute_values(
    w, g, v, t, lr=1e-2, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10
):
    v = _add(v, np.abs(g), t, initial_accumulator_value)
    return w - _rate(lr, lr_decay, t) * g / (np.sqrt(v) + eps), v


@mistake("adagrad", "Neither square nor root: it divides by the sum of absolute values.")
def adagrad_forgets_square_and_root(
    w, g, v, t, lr=1e-2, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10
):
    v = _add(v, np.abs(g), t, initial_accumulator_value)
    return w - _rate(lr, lr_decay, t) * g / (v + eps), v


@mistake("adagrad", "One number, the sum over all weights, scales them alike.")
def adagrad_sums_over_weights(
    w, g, v, t, lr=1e-2, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10
):
    v = _add(v, np.sum(g**2), t, initial_accumulator_value)
    return w - _rate(lr, lr_decay, t) * g / (np.sqrt(v) + eps), v


@mistake(
    "adagrad", "The old sum is used: the newest gradient is missing, so the first step is vast."
)
def adagrad_divides_late(
    w, g, v, t, lr=1e-2, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10
):
    old = _add(v, 0, t, initial_accumulator_value)
    return w - _rate(lr, lr_decay, t) * g / (np.sqrt(old) + eps), old + g**2


@mistake("adagrad", "The sum is kept but nothing is divided by it: this is gradient descent.")
def adagrad_never_divides(
    w, g, v, t, lr=1e-2, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10
):
    return w - _rate(lr, lr_decay, t) * g, _add(v, g**2, t, initial_accumulator_value)


@mistake("adagrad", "It multiplies by the root instead of dividing by it.")
def adagrad_multiplies(w, g, v, t, lr=1e-2, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10):
    v = _add(v, g**2, t, initial_accumulator_value)
    return w - _rate(lr, lr_decay, t) * g * (np.sqrt(v) + eps), v


@mistake("adagrad", "The gradient is missing from the numerator: every weight can only fall.")
def adagrad_forgets_gradient(
    w, g, v, t, lr=1e-2, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10
):
    v = _add(v, g**2, t, initial_accumulator_value)
    return w - _rate(lr, lr_decay, t) / (np.sqrt(v) + eps), v


@mistake("adagrad", "The learning rate is forgotten.")
def adagrad_forgets_lr(w, g, v, t, lr=1e-2, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10):
    v = _add(v, g**2, t, initial_accumulator_value)
    return w - _rate(1, lr_decay, t) * g / (np.sqrt(v) + eps), v


@mistake("adagrad", "The eps is added to the weights: brackets are missing around the denominator.")
def adagrad_adds_eps_to_w(
    w, g, v, t, lr=1e-2, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10
):
    v = _add(v, g**2, t, initial_accumulator_value)
    return w - _rate(lr, lr_decay, t) * ratio(g, np.sqrt(v)) + eps, v


@mistake("adagrad", "The decay of the learning rate is forgotten.")
def adagrad_forgets_lr_decay(
    w, g, v, t, lr=1e-2, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10
):
    v = _add(v, g**2, t, initial_accumulator_value)
    return w - lr * g / (np.sqrt(v) + eps), v


@mistake("adagrad", "The learning rate decays from the first step on: it counts t, not t - 1.")
def adagrad_decays_early(
    w, g, v, t, lr=1e-2, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10
):
    v = _add(v, g**2, t, initial_accumulator_value)
    return w - lr / (1 + t * lr_decay) * g / (np.sqrt(v) + eps), v


@mistake("adagrad", "The sum starts at zero: its initial value is forgotten.")
def adagrad_forgets_initial_value(
    w, g, v, t, lr=1e-2, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10
):
    v = v + g**2
    return w - _rate(lr, lr_decay, t) * g / (np.sqrt(v) + eps), v


@mistake("adagrad", "The initial value is added at every step, not only at the first.")
def adagrad_repeats_initial_value(
    w, g, v, t, lr=1e-2, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10
):
    v = v + g**2 + initial_accumulator_value
    return w - _rate(lr, lr_decay, t) * g / (np.sqrt(v) + eps), v
