"""Mistakes in AMSGrad."""

# The sentence in front of each function says what it does.
# ruff: noqa: D103

import numpy as np

from .base import corrected, means, mistake


@mistake("amsgrad", "It climbs: the step is added instead of subtracted.")
def amsgrad_climbs(w, g, m, v, v_max, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    v_max = np.maximum(v_max, v)
    m_hat, v_hat = corrected(m, v_max, betas, t)
    return w + lr * m_hat / (np.sqrt(v_hat) + eps), m, v, v_max


@mistake("amsgrad", "The maximum is not used, or not kept: this is Adam.")
def amsgrad_forgets_maximum(w, g, m, v, v_max, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    m_hat, v_hat = corrected(m, v, betas, t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v, v_max


@mistake(
    "amsgrad",
    "It keeps the smallest v instead of the largest: that is zero, and the steps are vast.",
)
def amsgrad_takes_minimum(w, g, m, v, v_max, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    v_max = np.minimum(v_max, v)
    m_hat, v_hat = corrected(m, v_max, betas, t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v, v_max


@mistake("amsgrad", "The maximum is stored as v: the mean starts from it at every step.")
def amsgrad_averages_maximum(w, g, m, v, v_max, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    v_max = np.maximum(v_max, v)
    m_hat, v_hat = corrected(m, v_max, betas, t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v_max, v_max


@mistake("amsgrad", "The maximum is of the squared gradients; it should be of their mean v.")
def amsgrad_maximum_of_squares(w, g, m, v, v_max, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    v_max = np.maximum(v_max, g**2)
    m_hat, v_hat = corrected(m, v_max, betas, t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v, v_max


@mistake("amsgrad", "The maximum is taken over all weights: one number scales them alike.")
def amsgrad_maximum_over_weights(w, g, m, v, v_max, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    v_max = np.maximum(v_max, np.max(v))
    m_hat, v_hat = corrected(m, v_max, betas, t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v, v_max


@mistake("amsgrad", "The old maximum is used: the newest v is missing, so the first step is vast.")
def amsgrad_divides_late(w, g, m, v, v_max, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    m_hat, v_hat = corrected(m, v_max, betas, t)
    v_max = np.maximum(v_max, v)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v, v_max


@mistake(
    "amsgrad", "The bias correction is forgotten: the paper has none, but this rule corrects both."
)
def amsgrad_forgets_correction(w, g, m, v, v_max, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    v_max = np.maximum(v_max, v)
    return w - lr * m / (np.sqrt(v_max) + eps), m, v, v_max


@mistake("amsgrad", "Only m is corrected: the correction of the maximum is forgotten.")
def amsgrad_corrects_m_only(w, g, m, v, v_max, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    v_max = np.maximum(v_max, v)
    m_hat, _ = corrected(m, v_max, betas, t)
    return w - lr * m_hat / (np.sqrt(v_max) + eps), m, v, v_max


@mistake("amsgrad", "Only the maximum is corrected: the correction of m is forgotten.")
def amsgrad_corrects_v_only(w, g, m, v, v_max, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    v_max = np.maximum(v_max, v)
    _, v_hat = corrected(m, v_max, betas, t)
    return w - lr * m / (np.sqrt(v_hat) + eps), m, v, v_max


@mistake("amsgrad", "The bias correction never moves on: it uses t = 1 for ever.")
def amsgrad_freezes_correction(w, g, m, v, v_max, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    v_max = np.maximum(v_max, v)
    m_hat, v_hat = corrected(m, v_max, betas, 1)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v, v_max


@mistake("amsgrad", "The maximum is of the corrected v; here v is corrected after the maximum.")
def amsgrad_corrects_before_maximum(w, g, m, v, v_max, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    m_hat, v_hat = corrected(m, v, betas, t)
    v_max = np.maximum(v_max, v_hat)
    return w - lr * m_hat / (np.sqrt(v_max) + eps), m, v, v_max


@mistake("amsgrad", "The root is forgotten: it divides by the maximum itself.")
def amsgrad_forgets_root(w, g, m, v, v_max, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    v_max = np.maximum(v_max, v)
    m_hat, v_hat = corrected(m, v_max, betas, t)
    return w - lr * m_hat / (v_hat + eps), m, v, v_max


@mistake("amsgrad", "The eps stands inside the root; here it is added to the root.")
def amsgrad_eps_inside_root(w, g, m, v, v_max, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    v_max = np.maximum(v_max, v)
    m_hat, v_hat = corrected(m, v_max, betas, t)
    return w - lr * m_hat / np.sqrt(v_hat + eps), m, v, v_max


@mistake("amsgrad", "The learning rate is forgotten.")
def amsgrad_forgets_lr(w, g, m, v, v_max, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = means(m, v, g, betas)
    v_max = np.maximum(v_max, v)
    m_hat, v_hat = corrected(m, v_max, betas, t)
    return w - m_hat / (np.sqrt(v_hat) + eps), m, v, v_max
