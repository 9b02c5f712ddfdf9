"""Mistakes in momentum.

Two are missing because the weights cannot tell them from others: a buffer that is not kept moves
them as one that is not used, and a constant learning rate may as well stand inside the buffer.
"""

# The sentence in front of each function says what it does.
# ruff: noqa: D103

import numpy as np

from .base import mistake


def _push(g, t, dampening):
    """Return what the gradient adds to the buffer."""
    return g if t == 1 else (1 - dampening) * g


@mistake("momentum", "It climbs: the buffer is added instead of subtracted.")
def momentum_climbs(w, g, b, t, lr=1e-3, momentum=0.9, dampening=0.0):
    b = momentum * b + _push(g, t, dampening)
    return w + lr * b, b


@mistake(
    "momentum", "Only the newest gradient moves the weights: the buffer is not used, or not kept."
)
def momentum_ignores_buffer(w, g, b, t, lr=1e-3, momentum=0.9, dampening=0.0):
    return w - lr * _push(g, t, dampening), b


@mistake("momentum", "The step uses the old buffer: every push comes one step late.")
def momentum_steps_late(w, g, b, t, lr=1e-3, momentum=0.9, dampening=0.0):
    return w - lr * b, momentum * b + _push(g, t, dampening)


@mistake("momentum", "The buffer never decays: the pushes of the past are not multiplied by mu.")
def momentum_never_decays(w, g, b, t, lr=1e-3, momentum=0.9, dampening=0.0):
    b = b + _push(g, t, dampening)
    return w - lr * b, b


@mistake(
    "momentum", "The gradient is weighted by 1 - mu: an average, ten times smaller at mu = 0.9."
)
def momentum_averages(w, g, b, t, lr=1e-3, momentum=0.9, dampening=0.0):
    b = momentum * b + (1 - momentum) * _push(g, t, dampening)
    return w - lr * b, b


@mistake("momentum", "The buffer is an average with Adam's bias correction, not a sum.")
def momentum_corrects_an_average(w, g, b, t, lr=1e-3, momentum=0.9, dampening=0.0):
    b = momentum * b + (1 - momentum) * _push(g, t, dampening)
    return w - lr * b / (1 - momentum**t), b


@mistake("momentum", "The factor mu is on the gradient instead of on the buffer.")
def momentum_damps_the_gradient(w, g, b, t, lr=1e-3, momentum=0.9, dampening=0.0):
    b = b + momentum * _push(g, t, dampening)
    return w - lr * b, b


@mistake("momentum", "The factor mu is on the gradient as well as on the buffer.")
def momentum_damps_both(w, g, b, t, lr=1e-3, momentum=0.9, dampening=0.0):
    b = momentum * (b + _push(g, t, dampening))
    return w - lr * b, b


@mistake("momentum", "The weights mu and 1 - mu are exchanged: the past hardly counts.")
def momentum_exchanges_weights(w, g, b, t, lr=1e-3, momentum=0.9, dampening=0.0):
    b = (1 - momentum) * b + momentum * _push(g, t, dampening)
    return w - lr * b, b


@mistake(
    "momentum", "The old buffer is subtracted from the gradient: it brakes instead of pushing."
)
def momentum_brakes(w, g, b, t, lr=1e-3, momentum=0.9, dampening=0.0):
    b = _push(g, t, dampening) - momentum * b
    return w - lr * b, b


@mistake("momentum", "The factor mu is on the weights: they shrink at every step.")
def momentum_shrinks_weights(w, g, b, t, lr=1e-3, momentum=0.9, dampening=0.0):
    b = b + _push(g, t, dampening)
    return momentum * w - lr * b, b


@mistake("momentum", "The learning rate is on the gradient alone: the old buffer moves w unscaled.")
def momentum_scales_gradient_only(w, g, b, t, lr=1e-3, momentum=0.9, dampening=0.0):
    push = _push(g, t, dampening)
    return w - lr * push - momentum * b, momentum * b + push


@mistake("momentum", "The learning rate is used twice: in the buffer and in the step.")
def momentum_squares_lr(w, g, b, t, lr=1e-3, momentum=0.9, dampening=0.0):
    b = momentum * b + lr * _push(g, t, dampening)
    return w - lr * b, b


@mistake("momentum", "The learning rate is forgotten.")
def momentum_forgets_lr(w, g, b, t, lr=1e-3, momentum=0.9, dampening=0.0):
    b = momentum * b + _push(g, t, dampening)
    return w - b, b


@mistake(
    "momentum", "Only the signs of the buffer are used: every weight moves by the same amount."
)
def momentum_uses_signs(w, g, b, t, lr=1e-3, momentum=0.9, dampening=0.0):
    b = momentum * b + _push(g, t, dampening)
    return w - lr * np.sign(b), b


@mistake("momentum", "This is Nesterov's step: it already looks ahead.")
def momentum_looks_ahead(w, g, b, t, lr=1e-3, momentum=0.9, dampening=0.0):
    push = _push(g, t, dampening)
    b = momentum * b + push
    return w - lr * (push + momentum * b), b


@mistake("momentum", "The dampening is forgotten: every gradient enters the buffer whole.")
def momentum_forgets_dampening(w, g, b, t, lr=1e-3, momentum=0.9, dampening=0.0):
    b = momentum * b + g
    return w - lr * b, b


@mistake("momentum", "The first gradient is damped, too: it should enter the buffer whole.")
def momentum_damps_the_first(w, g, b, t, lr=1e-3, momentum=0.9, dampening=0.0):
    b = momentum * b + (1 - dampening) * g
    return w - lr * b, b


@mistake("momentum", "The dampening is the weight itself: 1 minus it is forgotten.")
def momentum_turns_dampening_round(w, g, b, t, lr=1e-3, momentum=0.9, dampening=0.0):
    b = momentum * b + (g if t == 1 else dampening * g)
    return w - lr * b, b
