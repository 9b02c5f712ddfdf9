"""Mistakes in Nesterov's momentum.

Looking ahead with the old buffer, ``g + momentum * b_old``, is plain momentum to the last bit.
"""

# The sentence in front of each function says what it does.
# ruff: noqa: D103

from .base import mistake


@mistake("nesterov", "It climbs: the step is added instead of subtracted.")
def nesterov_climbs(w, g, b, t, lr=1e-3, momentum=0.9):
    b = momentum * b + g
    return w + lr * (g + momentum * b), b


@mistake("nesterov", "This is plain momentum: it looks nowhere, or ahead with the old buffer.")
def nesterov_looks_nowhere(w, g, b, t, lr=1e-3, momentum=0.9):
    b = momentum * b + g
    return w - lr * b, b


@mistake("nesterov", "The gradient itself is missing from the step.")
def nesterov_forgets_gradient(w, g, b, t, lr=1e-3, momentum=0.9):
    b = momentum * b + g
    return w - lr * momentum * b, b


@mistake("nesterov", "The buffer is not multiplied by mu when it looks ahead.")
def nesterov_looks_too_far(w, g, b, t, lr=1e-3, momentum=0.9):
    b = momentum * b + g
    return w - lr * (g + b), b


@mistake("nesterov", "The gradient is weighted by 1 - mu: an average, not a sum.")
def nesterov_averages(w, g, b, t, lr=1e-3, momentum=0.9):
    b = momentum * b + (1 - momentum) * g
    return w - lr * (g + momentum * b), b


@mistake("nesterov", "Buffer and step are averages: both gradients are weighted by 1 - mu.")
def nesterov_averages_twice(w, g, b, t, lr=1e-3, momentum=0.9):
    b = momentum * b + (1 - momentum) * g
    return w - lr * ((1 - momentum) * g + momentum * b), b


@mistake("nesterov", "The buffer is not kept: only the newest gradient moves the weights.")
def nesterov_keeps_no_buffer(w, g, b, t, lr=1e-3, momentum=0.9):
    return w - lr * (1 + momentum) * g, b


@mistake("nesterov", "The buffer never decays: the pushes of the past are not multiplied by mu.")
def nesterov_never_decays(w, g, b, t, lr=1e-3, momentum=0.9):
    b = b + g
    return w - lr * (g + momentum * b), b


@mistake("nesterov", "The look-ahead is stored: the next step starts with a buffer that ran ahead.")
def nesterov_stores_look_ahead(w, g, b, t, lr=1e-3, momentum=0.9):
    b = g + momentum * (momentum * b + g)
    return w - lr * b, b


@mistake("nesterov", "The factor mu is on the gradient; it belongs on the buffer.")
def nesterov_damps_the_gradient(w, g, b, t, lr=1e-3, momentum=0.9):
    b = momentum * b + g
    return w - lr * (momentum * g + b), b


@mistake("nesterov", "The buffer is subtracted from the gradient: it looks back, not ahead.")
def nesterov_looks_back(w, g, b, t, lr=1e-3, momentum=0.9):
    b = momentum * b + g
    return w - lr * (g - momentum * b), b


@mistake("nesterov", "The last look-ahead is never taken back: the weights run ever further ahead.")
def nesterov_never_takes_back(w, g, b, t, lr=1e-3, momentum=0.9):
    b = momentum * b + g
    return w - lr * (1 + momentum) * b, b


@mistake(
    "nesterov", "The last look-ahead is added once more instead of taken back: a sign is wrong."
)
def nesterov_takes_back_the_wrong_way(w, g, b, t, lr=1e-3, momentum=0.9):
    old, b = b, momentum * b + g
    return w - lr * (momentum * old + (1 + momentum) * b), b


@mistake("nesterov", "The learning rate is used twice: in the buffer and in the step.")
def nesterov_squares_lr(w, g, b, t, lr=1e-3, momentum=0.9):
    b = momentum * b + lr * g
    return w - lr * (g + momentum * b), b


@mistake("nesterov", "The learning rate is on the gradient alone, not on the buffer.")
def nesterov_scales_gradient_only(w, g, b, t, lr=1e-3, momentum=0.9):
    b = momentum * b + g
    return w - lr * g - momentum * b, b


@mistake("nesterov", "The learning rate is forgotten.")
def nesterov_forgets_lr(w, g, b, t, lr=1e-3, momentum=0.9):
    b = momentum * b + g
    return w - (g + momentum * b), b
