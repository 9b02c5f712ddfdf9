"""The formulas behind the cards of conventions: each reads the cells of a row, and nothing else.

A formula takes ``(row, h, w, g, s, t, lr)``: the row, the hyperparameters in one spelling, weights
and gradient, a dictionary of state that starts as zeros, the step from 1, the learning rate. It
returns the step to subtract.
"""

from collections import defaultdict

import numpy as np

from optlearn import rules

#: The libraries' words for one hyperparameter.
SPELLED = {
    "learning_rate": "lr",
    "alpha": "rho",
    "decay": "rho",
    "gamma": "rho",
    "epsilon": "eps",
    "beta": "momentum",
    "b1": "beta1",
    "b2": "beta2",
    "beta_1": "beta1",
    "beta_2": "beta2",
}


def hyper(row, options=()):
    """Return all hyperparameters of a row, options first, then its defaults, in one spelling."""
    h = {SPELLED.get(k, k): v for k, v in {**row.get("defaults", {}), **dict(options)}.items()}
    if "betas" in h:
        h["beta1"], h["beta2"] = h["betas"]
    return h


def root(row, v, eps, share=1.0):
    """Return the denominator; ``share`` corrects ``v`` for its start at zero."""
    if row["eps"] == "inside":
        return np.sqrt(v / share + eps)
    if row["eps"] == "hat":
        return (np.sqrt(v) + eps) / np.sqrt(share)
    return np.sqrt(v / share) + eps


def sgd(row, h, w, g, s, t, lr):
    return lr * g


def momentum(row, h, w, g, s, t, lr):
    mu, push = h["momentum"], g
    if t > 1 or row.get("first") == "damped":
        push = (1 - h.get("dampening", 0)) * g
    inside = row["lr"] == "inside" or h.get("classic")
    rate, after = (lr, 1) if inside else (1, lr)
    s["b"] = mu * s["b"] + rate * push
    return after * (rate * g + mu * s["b"] if h.get("nesterov") else s["b"])


def adagrad(row, h, w, g, s, t, lr):
    if t == 1:
        s["v"] = h.get("initial_accumulator_value", 0)
    s["v"] = s["v"] + g**2
    return lr / (1 + (t - 1) * h.get("lr_decay", 0)) * g / root(row, s["v"], h["eps"])


def rmsprop(row, h, w, g, s, t, lr):
    rho = h["rho"]
    s["v"] = rho * s["v"] + (1 - rho) * g**2
    s["mean"] = rho * s["mean"] + (1 - rho) * g
    share = 1 - rho**t if row["correct"] else 1.0
    spread = s["v"] - s["mean"] ** 2 if h.get("centered") else s["v"]
    step = g / root(row, spread, h["eps"], share)
    if not h.get("momentum"):
        return lr * step
    return momentum(row, h, w, step, s, t, lr)


def adadelta(row, h, w, g, s, t, lr):
    rho, eps = h["rho"], h["eps"]
    s["v"] = rho * s["v"] + (1 - rho) * g**2
    step = root(row, s["d"], eps) / root(row, s["v"], eps) * g
    s["d"] = rho * s["d"] + (1 - rho) * step**2
    return step if row.get("lr") == "absent" else lr * step


def adam(row, h, w, g, s, t, lr):
    beta1, beta2 = h["beta1"], h["beta2"]
    s["m"] = beta1 * s["m"] + (1 - beta1) * g
    s["v"] = beta2 * s["v"] + (1 - beta2) * g**2
    first, second = (1 - beta1**t, 1 - beta2**t) if row["correct"] else (1.0, 1.0)
    v = s["v"]
    if row.get("of") == "raw":
        v = s["v_max"] = np.maximum(s["v_max"], v)
    elif row.get("of") == "corrected":
        v = s["v_max"] = np.maximum(s["v_max"], v / second)
        second = 1.0
    return lr * s["m"] / first / root(row, v, h["eps"], second)


def adamax(row, h, w, g, s, t, lr):
    beta1, beta2 = h["beta1"], h["beta2"]
    inside, outside = (h["eps"], 0) if row["eps"] == "inside" else (0, h["eps"])
    s["m"] = beta1 * s["m"] + (1 - beta1) * g
    s["u"] = np.maximum(beta2 * s["u"], np.abs(g) + inside)
    first = 1 - beta1**t if row["correct"] else 1.0
    return lr * s["m"] / first / (s["u"] + outside)


def nadam(row, h, w, g, s, t, lr):
    beta1, beta2 = h["beta1"], h["beta2"]

    def mu(t):
        grown = 1 - 0.5 * 0.96 ** (t * row["growth"]) if "growth" in row else 1
        return beta1 * grown

    s["m"] = beta1 * s["m"] + (1 - beta1) * g
    s["v"] = beta2 * s["v"] + (1 - beta2) * g**2
    now = np.prod([mu(i) for i in range(1, t + 1)])
    ahead, first, second = 1 - now * mu(t + 1), 1 - now, 1 - beta2**t
    if not row["correct"]:
        ahead = first = second = 1.0
    mean = mu(t + 1) * s["m"] / ahead + (1 - mu(t)) * g / first
    return lr * mean / root(row, s["v"], h["eps"], second)


def lion(row, h, w, g, s, t, lr):
    beta1, beta2 = h["beta1"], h["beta2"]
    step = np.sign(beta1 * s["m"] + (1 - beta1) * g)
    s["m"] = beta2 * s["m"] + (1 - beta2) * g
    return lr * step


def muon(row, h, w, g, s, t, lr):
    mu, (rows, columns) = h["momentum"], g.shape
    s["m"] = mu * s["m"] + (1 - mu) * g
    ahead, now = (1 - mu ** (t + 1), 1 - mu**t) if row.get("correct") else (1, 1)
    scale = {
        "rows": max(1, rows / columns) ** 0.5,
        "columns": max(1, columns / rows) ** 0.5,
        "longer": 0.2 * max(rows, columns) ** 0.5,
        "none": 1,
    }[row["scale"]]
    mean = mu * s["m"] / ahead + (1 - mu) * g / now
    return lr * scale * rules.orthogonalize(mean, h["ns_steps"])


FORMULAS = {
    "sgd": sgd,
    "momentum": momentum,
    "nesterov": momentum,
    "adagrad": adagrad,
    "rmsprop": rmsprop,
    "adadelta": adadelta,
    "adam": adam,
    "amsgrad": adam,
    "adamw": adam,
    "adamax": adamax,
    "nadam": nadam,
    "lion": lion,
    "muon": muon,
}


def walk(optimizer, row, options, start, gradients, rates):
    """Return the weights after each step."""
    h, s, w = hyper(row, options), defaultdict(float), start
    decay, path = h.get("weight_decay", 0.0), []
    for t, (g, lr) in enumerate(zip(gradients, rates), start=1):
        if row["decay"] == "coupled":
            g = g + decay * w
        elif row["decay"] == "decoupled":
            w = w * (1 - lr * decay)
        w = w - FORMULAS[optimizer](row, h, w, g, s, t, lr)
        path.append(w)
    return np.array(path)
