"""Mistakes in Adadelta."""

# The sentence in front of each function says what it does.
# ruff: noqa: D103

import numpy as np

from .base import mistake, ratio


def _step(g, v, d, eps):
    """Return the gradient, scaled from its own size to the size of the steps."""
    return np.sqrt(d + eps) / np.sqrt(v + eps) * g


@mistake("adadelta", "It climbs: the step is added instead of subtracted.")
def adadelta_climbs(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    v = rho * v + (1 - rho) * g**2
    u = _step(g, v, d, eps)
    d = rho * d + (1 - rho) * u**2
    return w + lr * u, v, d


@mistake("adadelta", "The two roots are exchanged: large gradients take large steps.")
def adadelta_exchanges_roots(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    v = rho * v + (1 - rho) * g**2
    u = _step(g, d, v, eps)
    d = rho * d + (1 - rho) * u**2
    return w - lr * u, v, d


@mistake("adadelta", "The step is taken with the new d: it should be the one before this step.")
def adadelta_updates_d_early(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    v = rho * v + (1 - rho) * g**2
    u = _step(g, v, d, eps)
    d = rho * d + (1 - rho) * u**2
    return w - lr * _step(g, v, d, eps), v, d


@mistake("adadelta", "The old mean of squares is used: the newest gradient is missing.")
def adadelta_updates_v_late(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    u = _step(g, v, d, eps)
    v = rho * v + (1 - rho) * g**2
    d = rho * d + (1 - rho) * u**2
    return w - lr * u, v, d


@mistake("adadelta", "The eps is missing above: the first step is zero, and so are all others.")
def adadelta_never_starts(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    v = rho * v + (1 - rho) * g**2
    u = np.sqrt(d) / np.sqrt(v + eps) * g
    d = rho * d + (1 - rho) * u**2
    return w - lr * u, v, d


@mistake("adadelta", "The eps is missing below: tiny gradients take the largest steps.")
def adadelta_forgets_eps_below(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    v = rho * v + (1 - rho) * g**2
    u = np.sqrt(d + eps) * ratio(g, np.sqrt(v))
    d = rho * d + (1 - rho) * u**2
    return w - lr * u, v, d


@mistake("adadelta", "The eps is added to the roots; here it stands inside them.")
def adadelta_eps_outside_roots(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    v = rho * v + (1 - rho) * g**2
    u = (np.sqrt(d) + eps) / (np.sqrt(v) + eps) * g
    d = rho * d + (1 - rho) * u**2
    return w - lr * u, v, d


@mistake("adadelta", "Both roots are forgotten.")
def adadelta_forgets_roots(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    v = rho * v + (1 - rho) * g**2
    u = (d + eps) / (v + eps) * g
    d = rho * d + (1 - rho) * u**2
    return w - lr * u, v, d


@mistake("adadelta", "The root above is forgotten: the steps stay tiny.")
def adadelta_forgets_root_above(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    v = rho * v + (1 - rho) * g**2
    u = (d + eps) / np.sqrt(v + eps) * g
    d = rho * d + (1 - rho) * u**2
    return w - lr * u, v, d


@mistake("adadelta", "The root below is forgotten: it divides by the mean of squares itself.")
def adadelta_forgets_root_below(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    v = rho * v + (1 - rho) * g**2
    u = np.sqrt(d + eps) / (v + eps) * g
    d = rho * d + (1 - rho) * u**2
    return w - lr * u, v, d


@mistake("adadelta", "The mean d is of squared gradients; it should be of squared steps.")
def adadelta_averages_gradients_in_d(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    v = rho * v + (1 - rho) * g**2
    u = _step(g, v, d, eps)
    d = rho * d + (1 - rho) * g**2
    return w - lr * u, v, d


@mistake("adadelta", "The mean d is of squared weights; it should be of squared steps.")
def adadelta_averages_weights_in_d(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    v = rho * v + (1 - rho) * g**2
    u = _step(g, v, d, eps)
    d = rho * d + (1 - rho) * w**2
    return w - lr * u, v, d


@mistake("adadelta", "The steps in d are not squared: it is a mean of absolute values.")
def adadelta_forgets_square_in_d(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    v = rho * v + (1 - rho) * g**2
    u = _step(g, v, d, eps)
    d = rho * d + (1 - rho) * np.abs(u)
    return w - lr * u, v, d


@mistake("adadelta", "The newest square in v is not multiplied by 1 - rho.")
def adadelta_forgets_weight_in_v(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    v = rho * v + g**2
    u = _step(g, v, d, eps)
    d = rho * d + (1 - rho) * u**2
    return w - lr * u, v, d


@mistake("adadelta", "The newest square in d is not multiplied by 1 - rho.")
def adadelta_forgets_weight_in_d(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    v = rho * v + (1 - rho) * g**2
    u = _step(g, v, d, eps)
    d = rho * d + u**2
    return w - lr * u, v, d


@mistake("adadelta", "The newest squares are not multiplied by 1 - rho, neither in v nor in d.")
def adadelta_forgets_weights(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    v = rho * v + g**2
    u = _step(g, v, d, eps)
    d = rho * d + u**2
    return w - lr * u, v, d


@mistake("adadelta", "The weights rho and 1 - rho are exchanged: the past hardly counts.")
def adadelta_exchanges_weights(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    v = (1 - rho) * v + rho * g**2
    u = _step(g, v, d, eps)
    d = (1 - rho) * d + rho * u**2
    return w - lr * u, v, d


@mistake("adadelta", "It never forgets: the squared gradients are summed, as in Adagrad.")
def adadelta_never_forgets(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    v = v + g**2
    u = _step(g, v, d, eps)
    d = rho * d + (1 - rho) * u**2
    return w - lr * u, v, d


@mistake("adadelta", "The mean v is not kept: every step sees the newest gradient alone.")
def adadelta_keeps_no_v(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    u = _step(g, (1 - rho) * g**2, d, eps)
    d = rho * d + (1 - rho) * u**2
    return w - lr * u, v, d


@mistake("adadelta", "The mean d is not kept: the steps never grow.")
def adadelta_keeps_no_d(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    v = rho * v + (1 - rho) * g**2
    return w - lr * _step(g, v, 0, eps), v, d


@mistake("adadelta", "The gradient is not divided by its size.")
def adadelta_never_divides(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    v = rho * v + (1 - rho) * g**2
    u = np.sqrt(d + eps) * g
    d = rho * d + (1 - rho) * u**2
    return w - lr * u, v, d


@mistake("adadelta", "The steps so far are not used: this is RMSprop.")
def adadelta_forgets_d(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    v = rho * v + (1 - rho) * g**2
    u = g / np.sqrt(v + eps)
    d = rho * d + (1 - rho) * u**2
    return w - lr * u, v, d


@mistake("adadelta", "The learning rate is forgotten.")
def adadelta_forgets_lr(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    v = rho * v + (1 - rho) * g**2
    u = _step(g, v, d, eps)
    d = rho * d + (1 - rho) * u**2
    return w - u, v, d


@mistake(
    "adadelta",
    "The steps in d are multiplied by the learning rate; it belongs on the weights alone.",
)
def adadelta_scales_d(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    v = rho * v + (1 - rho) * g**2
    u = lr * _step(g, v, d, eps)
    d = rho * d + (1 - rho) * u**2
    return w - u, v, d
