"""Mistakes in gradient descent."""

# The sentence in front of each function says what it does.
# ruff: noqa: D103

import numpy as np

from .base import mistake


@mistake("sgd", "It climbs: the step is added instead of subtracted.")
def sgd_climbs(w, g, t, lr=1e-3):
    return (w + lr * g,)


@mistake("sgd", "The learning rate is forgotten: each step is as long as the gradient.")
def sgd_forgets_lr(w, g, t, lr=1e-3):
    return (w - g,)


@mistake("sgd", "The learning rate is used twice: the step is shorter by a factor lr.")
def sgd_squares_lr(w, g, t, lr=1e-3):
    return (w - lr * lr * g,)


@mistake("sgd", "The step is divided by the learning rate instead of multiplied by it.")
def sgd_divides_by_lr(w, g, t, lr=1e-3):
    return (w - g / lr,)


@mistake("sgd", "The old weights are lost: what comes back is the step alone, not w plus the step.")
def sgd_returns_the_step(w, g, t, lr=1e-3):
    return (-lr * g,)


@mistake("sgd", "Nothing moves: what comes back are the old weights.")
def sgd_stands_still(w, g, t, lr=1e-3):
    return (w + 0 * g,)


@mistake("sgd", "The gradient is not used: the step follows the weights themselves.")
def sgd_follows_w(w, g, t, lr=1e-3):
    return (w - lr * w,)


@mistake("sgd", "Weights and gradient are swapped: the step starts at the gradient.")
def sgd_swaps_w_and_g(w, g, t, lr=1e-3):
    return (g - lr * w,)


@mistake("sgd", "The brackets are misplaced: the learning rate shrinks the weights as well.")
def sgd_misplaces_brackets(w, g, t, lr=1e-3):
    return (lr * (w - g),)


@mistake("sgd", "The gradient is normalised: its direction is kept but its length is lost.")
def sgd_normalises(w, g, t, lr=1e-3):
    length = np.linalg.norm(g)
    return (w - lr * g / (length if length > 0 else 1.0),)


@mistake("sgd", "Only the sign of the gradient is used: every weight moves by the same amount.")
def sgd_uses_signs(w, g, t, lr=1e-3):
    return (w - lr * np.sign(g),)


@mistake("sgd", "The absolute value of the gradient is used: every weight can only fall.")
def sgd_uses_absolute_values(w, g, t, lr=1e-3):
    return (w - lr * np.abs(g),)


@mistake("sgd", "The gradient is squared: small slopes vanish, large ones explode.")
def sgd_squares_gradient(w, g, t, lr=1e-3):
    return (w - lr * g * g,)


@mistake("sgd", "One number, the mean of the gradient, moves all weights alike.")
def sgd_averages_gradient(w, g, t, lr=1e-3):
    return (w - lr * np.mean(g),)


@mistake("sgd", "The gradient is clipped to the range from -1 to 1: large slopes lose their size.")
def sgd_clips(w, g, t, lr=1e-3):
    return (w - lr * np.clip(g, -1, 1),)


@mistake("sgd", "The learning rate is divided by the number of the step: it decays.")
def sgd_decays_lr(w, g, t, lr=1e-3):
    return (w - lr / t * g,)


@mistake("sgd", "Every step is twice as long as it should be.")
def sgd_doubles(w, g, t, lr=1e-3):
    return (w - 2 * lr * g,)


@mistake("sgd", "Every step is half as long as it should be.")
def sgd_halves(w, g, t, lr=1e-3):
    return (w - lr * g / 2,)


@mistake("sgd", "The weights are cut to whole numbers.")
def sgd_rounds(w, g, t, lr=1e-3):
    return (np.trunc(w - lr * g),)


@mistake("sgd", "The weights are kept in single precision: after some 7 digits they differ.")
def sgd_single_precision(w, g, t, lr=1e-3):
    return ((w - lr * g).astype(np.float32).astype(np.float64),)
