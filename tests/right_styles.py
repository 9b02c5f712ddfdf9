"""The right rules once more, as people write them: in place, rearranged, loop by loop, in lists.

All have the arguments of the right rule, with the weight decay for AdamW. State may be kept in
another form, as the velocity that holds the learning rate.
"""

import math

import numpy as np

from optlearn.wrong_rules import right

# ------------------------------------------------------------------------------------- in place


def sgd_in_place(w, g, t, lr):
    w -= lr * g
    return (w,)


def momentum_in_place(w, g, b, t, lr, momentum=0.9, dampening=0.0):
    if t > 1:
        g *= 1 - dampening
    b *= momentum
    b += g
    b_scaled = b.copy()
    b_scaled *= lr
    w -= b_scaled
    return w, b


def nesterov_in_place(w, g, b, t, lr, momentum=0.9):
    b *= momentum
    b += g
    g += momentum * b
    w -= lr * g
    return w, b


def adagrad_in_place(w, g, v, t, lr, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10):
    if t == 1:
        v += initial_accumulator_value
    v += g * g
    root = np.sqrt(v)
    root += eps
    g *= lr / (1 + (t - 1) * lr_decay)
    g /= root
    w -= g
    return w, v


def rmsprop_in_place(w, g, v, g_mean, b, t, lr, alpha=0.99, eps=1e-8, momentum=0.0, centered=False):
    v *= alpha
    v += (1 - alpha) * g * g
    g_mean *= alpha
    g_mean += (1 - alpha) * g
    root = v - g_mean * g_mean if centered else v.copy()
    np.sqrt(root, out=root)
    root += eps
    b *= momentum
    b += g / root
    w -= lr * b
    return w, v, g_mean, b


def adadelta_in_place(w, g, v, d, t, lr, rho=0.9, eps=1e-6):
    v *= rho
    v += (1 - rho) * g * g
    g *= np.sqrt(d + eps)
    g /= np.sqrt(v + eps)
    d *= rho
    d += (1 - rho) * g * g
    w -= lr * g
    return w, v, d


def adam_in_place(w, g, m, v, t, lr, betas=(0.9, 0.999), eps=1e-8):
    m *= betas[0]
    m += (1 - betas[0]) * g
    v *= betas[1]
    v += (1 - betas[1]) * g * g
    root = v / (1 - betas[1] ** t)
    np.sqrt(root, out=root)
    root += eps
    step = m / (1 - betas[0] ** t)
    step *= lr
    step /= root
    w -= step
    return w, m, v


def amsgrad_in_place(w, g, m, v, v_max, t, lr, betas=(0.9, 0.999), eps=1e-8):
    m += (1 - betas[0]) * (g - m)
    v += (1 - betas[1]) * (g * g - v)
    np.maximum(v, v_max, out=v_max)
    root = np.sqrt(v_max)
    root /= math.sqrt(1 - betas[1] ** t)
    root += eps
    w -= lr / (1 - betas[0] ** t) * m / root
    return w, m, v, v_max


def adamw_in_place(w, g, m, v, t, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
    w -= lr * weight_decay * w
    return adam_in_place(w, g, m, v, t, lr, betas, eps)


# ----------------------------------------------------------------------------------- rearranged


def sgd_rearranged(w, g, t, lr):
    return ((w / lr - g) * lr,)


def momentum_as_velocity(w, g, b, t, lr, momentum=0.9, dampening=0.0):
    """Keep the learning rate and the sign in the state, as Keras does."""
    b = momentum * b - lr * (g if t == 1 else g - dampening * g)
    return w + b, b


def nesterov_as_velocity(w, g, b, t, lr, momentum=0.9):
    """Take the last look-ahead back, go, and look ahead again."""
    old, b = b, momentum * b - lr * g
    return w - momentum * old + (1 + momentum) * b, b


def adagrad_as_mean(w, g, v, t, lr, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10):
    """Keep the mean of the squares; the sum is t times as much."""
    v = v + (g**2 - v) / t + (initial_accumulator_value / t if t == 1 else 0)
    rate = lr / (1 + t * lr_decay - lr_decay)
    return w - g * (rate / (math.sqrt(t) * np.sqrt(v) + eps)), v


def rmsprop_rearranged(
    w, g, v, g_mean, b, t, lr, alpha=0.99, eps=1e-8, momentum=0.0, centered=False
):
    v = g**2 - alpha * (g**2 - v)
    g_mean = g - alpha * (g - g_mean)
    size = np.sqrt(v - g_mean**2 * centered)
    b = momentum * b + lr / (size + eps) * g
    return w - b, v, g_mean, b


def adadelta_rearranged(w, g, v, d, t, lr, rho=0.9, eps=1e-6):
    """Keep the sums instead of the means, and one root of the ratio."""
    v = rho * v + g**2
    step = g * np.sqrt((d * (1 - rho) + eps) / (v * (1 - rho) + eps))
    return w - step * lr, v, rho * d + step * step


def adam_rearranged(w, g, m, v, t, lr, betas=(0.9, 0.999), eps=1e-8):
    """Keep sums instead of means, and put both corrections into the rate and the eps."""
    m = betas[0] * m + g
    v = betas[1] * v + np.square(g)
    root = math.sqrt((1 - betas[1] ** t) / (1 - betas[1]))
    rate = lr * root * (1 - betas[0]) / (1 - betas[0] ** t)
    return w - rate * m / (np.sqrt(v) + eps * root), m, v


def amsgrad_rearranged(w, g, m, v, v_max, t, lr, betas=(0.9, 0.999), eps=1e-8):
    """Keep the largest root instead of the largest v."""
    m = m + (1 - betas[0]) * (g - m)
    v = v + (1 - betas[1]) * (g**2 - v)
    v_max = np.where(np.sqrt(v) > v_max, np.sqrt(v), v_max)
    root = math.sqrt(1 - betas[1] ** t)
    return w - lr / (1 - betas[0] ** t) * root * m / (v_max + eps * root), m, v, v_max


def adamw_rearranged(w, g, m, v, t, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
    """Take decay and step off the old weights at once."""
    step, m, v = adam_rearranged(0 * w, g, m, v, t, lr, betas, eps)
    return w + step - lr * (weight_decay * w), m, v


# ---------------------------------------------------------------------------------- loop by loop


def looped(rule):
    """Return the right rule, run on one weight after another."""
    function = right(rule)

    def loop(w, g, *state, t, **hyper):
        out = [np.empty_like(w) for _ in (w, *state)]
        for i in np.ndindex(w.shape):
            numbers = function(float(w[i]), float(g[i]), *[float(s[i]) for s in state], t, **hyper)
            for array, number in zip(out, numbers):
                array[i] = number
        return tuple(out)

    loop.__name__ = f"{rule}_looped"
    return loop


# --------------------------------------------------------------------------- other ways to return


def listed(rule):
    """Return the right rule, giving back lists of plain numbers."""
    function = right(rule)

    def answer(*arrays, t, **hyper):
        return [array.tolist() for array in function(*arrays, t=t, **hyper)]

    answer.__name__ = f"{rule}_listed"
    return answer


def flattened(rule):
    """Return the right rule, run on flat copies of all arrays, with a print on the way."""
    function = right(rule)

    def answer(w, g, *state, **hyper):
        print("debugging", w)
        flat = function(w.ravel(), g.ravel(), *(s.ravel() for s in state), **hyper)
        return tuple(array.reshape(w.shape) for array in flat)

    answer.__name__ = f"{rule}_flattened"
    return answer


RIGHT = {
    "sgd": [sgd_in_place, sgd_rearranged],
    "momentum": [momentum_in_place, momentum_as_velocity],
    "nesterov": [nesterov_in_place, nesterov_as_velocity],
    "adagrad": [adagrad_in_place, adagrad_as_mean],
    "rmsprop": [rmsprop_in_place, rmsprop_rearranged],
    "adadelta": [adadelta_in_place, adadelta_rearranged],
    "adam": [adam_in_place, adam_rearranged],
    "amsgrad": [amsgrad_in_place, amsgrad_rearranged],
    "adamw": [adamw_in_place, adamw_rearranged],
}
