"""Mistakes in Adam.

Two are missing because a root of negative numbers ends them in the first steps: the two means
exchanged, and a v that averages ``g`` itself. So is a correction that counts from t = 0, which
divides 0 by 0. What breaks needs no name to be found.
"""

# The sentence in front of each function says what it does.
# ruff: noqa: D103

import numpy as np

from .base import corrected, means, mistake, ratio

# ---------------------------------------------------------------------------------------- the whole


@mistake("adam", "It climbs: the step is added instead of subtracted.")
def adam_climbs(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    m_hat, v_hat = corrected(m, v, betas, t)
    return w + lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@mistake("adam", "The learning rate is forgotten.")
def adam_forgets_lr(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    m_hat, v_hat = corrected(m, v, betas, t)
    return w - m_hat / (np.sqrt(v_hat) + eps), m, v


# ---------------------------------------------------------------------------------- bias correction


@mistake("adam", "The bias correction is forgotten: both means start at zero and stay too small.")
def adam_forgets_correction(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    return w - lr * m / (np.sqrt(v) + eps), m, v


@mistake("adam", "The bias correction never moves on: it uses t = 1 for ever.")
def adam_freezes_correction(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    m_hat, v_hat = corrected(m, v, betas, 1)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@mistake("adam", "The bias correction is one step ahead: it starts with t = 2.")
def adam_counts_from_two(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    m_hat, v_hat = corrected(m, v, betas, t + 1)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@mistake("adam", "The bias correction is one step behind: t grows after the step, not before.")
def adam_counts_late(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    m_hat, v_hat = corrected(m, v, betas, max(t - 1, 1))
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@mistake("adam", "Only m is corrected: the correction of v is forgotten.")
def adam_corrects_m_only(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    m_hat, _ = corrected(m, v, betas, t)
    return w - lr * m_hat / (np.sqrt(v) + eps), m, v


@mistake("adam", "Only v is corrected: the correction of m is forgotten.")
def adam_corrects_v_only(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    _, v_hat = corrected(m, v, betas, t)
    return w - lr * m / (np.sqrt(v_hat) + eps), m, v


@mistake("adam", "The corrected means are stored: the next step corrects them once more.")
def adam_stores_correction(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    m, v = corrected(m, v, betas, t)
    return w - lr * m / (np.sqrt(v) + eps), m, v


@mistake("adam", "The corrections are exchanged: m is corrected with beta2 and v with beta1.")
def adam_exchanges_corrections(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    m_hat, v_hat = corrected(m, v, betas[::-1], t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@mistake("adam", "The means are multiplied by 1 - beta**t instead of divided by it.")
def adam_multiplies_correction(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    beta1, beta2 = betas
    m_hat, v_hat = m * (1 - beta1**t), v * (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@mistake("adam", "The root of v is divided by 1 - beta2**t; v should be, before its root is taken.")
def adam_corrects_after_root(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    beta1, beta2 = betas
    m_hat, root = m / (1 - beta1**t), np.sqrt(v) / (1 - beta2**t)
    return w - lr * m_hat / (root + eps), m, v


# ------------------------------------------------------------------------------------ running means


@mistake("adam", "The step uses the old m: every push comes one step late.")
def adam_steps_late(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    new_m, v = means(m, v, g, betas)
    m_hat, v_hat = corrected(m, v, betas, t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), new_m, v


@mistake(
    "adam", "The step uses the old v: the newest gradient is missing, so the first step is vast."
)
def adam_divides_late(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, new_v = means(m, v, g, betas)
    m_hat, v_hat = corrected(m, v, betas, t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, new_v


@mistake("adam", "The means are not kept: every step sees the newest gradient alone.")
def adam_keeps_no_means(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m_hat, v_hat = corrected(*means(0, 0, g, betas), betas, t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@mistake("adam", "The betas are exchanged: beta1 belongs to m, beta2 to v.")
def adam_exchanges_betas(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas[::-1])
    m_hat, v_hat = corrected(m, v, betas[::-1], t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@mistake("adam", "The weights beta and 1 - beta are exchanged: the past hardly counts.")
def adam_exchanges_weights(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m, v = means(m, v, g, (1 - beta1, 1 - beta2))
    m_hat, v_hat = corrected(m, v, betas, t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@mistake("adam", "The gradient in m is not multiplied by 1 - beta1: m is a sum, not a mean.")
def adam_sums_m(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m = beta1 * m + g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat, v_hat = corrected(m, v, betas, t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@mistake("adam", "The square in v is not multiplied by 1 - beta2: v is a sum, not a mean.")
def adam_sums_v(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + g**2
    m_hat, v_hat = corrected(m, v, betas, t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@mistake("adam", "Neither gradient nor square is multiplied by 1 - beta: both means are sums.")
def adam_sums_both(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m = beta1 * m + g
    v = beta2 * v + g**2
    m_hat, v_hat = corrected(m, v, betas, t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@mistake("adam", "It never forgets: the squares are summed, as in Adagrad.")
def adam_never_forgets(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, _ = means(m, v, g, betas)
    v = v + g**2
    m_hat, _ = corrected(m, v, betas, t)
    return w - lr * m_hat / (np.sqrt(v) + eps), m, v


@mistake("adam", "The mean v is of absolute values: the gradients are not squared.")
def adam_averages_absolute_values(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * np.abs(g)
    m_hat, v_hat = corrected(m, v, betas, t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@mistake("adam", "The mean v is of the squares of m; it should be of the squares of g.")
def adam_squares_m(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * m**2
    m_hat, v_hat = corrected(m, v, betas, t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@mistake("adam", "The mean v is of the squares of g - m: this is AdaBelief.")
def adam_squares_surprise(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * (g - m) ** 2
    m_hat, v_hat = corrected(m, v, betas, t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@mistake("adam", "One number, the mean square over all weights, scales them alike.")
def adam_averages_over_weights(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    beta1, beta2 = betas
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * np.mean(g**2)
    m_hat, v_hat = corrected(m, v, betas, t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


# --------------------------------------------------------------------------------------------- step


@mistake("adam", "The step uses the gradient instead of m: there is no momentum.")
def adam_ignores_m(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    _, v_hat = corrected(m, v, betas, t)
    return w - lr * g / (np.sqrt(v_hat) + eps), m, v


@mistake("adam", "Nothing is divided by the root of v: this is momentum with an average.")
def adam_ignores_v(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    m_hat, _ = corrected(m, v, betas, t)
    return w - lr * m_hat, m, v


@mistake("adam", "The root is forgotten: it divides by v itself.")
def adam_forgets_root(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    m_hat, v_hat = corrected(m, v, betas, t)
    return w - lr * m_hat / (v_hat + eps), m, v


@mistake("adam", "It multiplies by the root of v instead of dividing by it.")
def adam_multiplies(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    m_hat, v_hat = corrected(m, v, betas, t)
    return w - lr * m_hat * (np.sqrt(v_hat) + eps), m, v


@mistake("adam", "The eps stands inside the root; here it is added to the root.")
def adam_eps_inside_root(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    m_hat, v_hat = corrected(m, v, betas, t)
    return w - lr * m_hat / np.sqrt(v_hat + eps), m, v


@mistake("adam", "The eps is added before v is corrected: it acts much larger at first.")
def adam_eps_before_correction(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    m_hat, _ = corrected(m, v, betas, t)
    scale = np.sqrt(1 - betas[1] ** t)
    return w - lr * scale * m_hat / (np.sqrt(v) + eps), m, v


@mistake("adam", "The eps is added to the weights: brackets are missing around the denominator.")
def adam_adds_eps_to_w(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    m_hat, v_hat = corrected(m, v, betas, t)
    return w - lr * ratio(m_hat, np.sqrt(v_hat)) + eps, m, v


@mistake("adam", "The eps is added to v itself and stays there: it piles up.")
def adam_collects_eps(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    v = v + eps
    m_hat, v_hat = corrected(m, v, betas, t)
    return w - lr * m_hat / np.sqrt(v_hat), m, v


@mistake("adam", "The learning rate falls with the root of t: only the paper's proof needs that.")
def adam_decays_lr(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    m_hat, v_hat = corrected(m, v, betas, t)
    return w - lr / np.sqrt(t) * m_hat / (np.sqrt(v_hat) + eps), m, v


@mistake("adam", "The learning rate is used twice: the step is shorter by a factor lr.")
def adam_squares_lr(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    m_hat, v_hat = corrected(m, v, betas, t)
    return w - lr**2 * m_hat / (np.sqrt(v_hat) + eps), m, v


@mistake("adam", "The newest gradient is mixed in once more: this is nearly NAdam.")
def adam_looks_ahead(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    m_hat, v_hat = corrected(m, v, betas, t)
    beta1 = betas[0]
    m_hat = beta1 * m_hat + (1 - beta1) * g / (1 - beta1**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v
