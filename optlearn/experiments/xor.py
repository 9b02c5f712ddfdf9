"""Bad endings: how often a small network cannot learn XOR, by its width."""

import numpy as np

from .. import datasets, rules
from .stored import experiment

WIDTHS = [2, 3, 4, 8, 16]
ACTIVATIONS = {
    "relu": (lambda z: np.maximum(z, 0), lambda a: (a > 0).astype(float)),
    "tanh": (np.tanh, lambda a: 1 - a * a),
}
#: Each with its learning rates, and the number of states of its rule.
OPTIMIZERS = {
    "sgd": (rules.sgd, [float(f"{10 ** (k / 3):.3g}") for k in range(-6, 4)], 0),
    "adam": (rules.adam, [float(f"{10 ** (k / 3):.3g}") for k in range(-10, 2)], 2),
}
SOLVED = 0.01  # half the mean squared error; a network that knows nothing has 0.125


@experiment(choosing=100, starts=400, steps=4000, rtol=0.1)
def width(choosing, starts, steps):
    """Return the share of starts that learn XOR, by width, activation and optimizer.

    Networks 2-k-1 in full batches. Each combination gets the learning rate that solved most of
    ``choosing`` starts (of equals, the one that took fewest steps); ``starts`` others, the same
    for both optimizers, then measure it. A start is solved once half the mean squared error is
    below 0.01, within ``steps`` steps. ``gained`` and ``lost`` count the starts that Adam solves
    and gradient descent does not, and the other way round. Of each combination one solved and
    one stuck network is kept, as weights.
    """
    cells = []
    for units in WIDTHS:
        for activation in ACTIVATIONS:
            reached = {}
            for optimizer in OPTIMIZERS:
                lr, edge = choose(units, activation, optimizer, choosing, steps)
                first = weights(units, starts, np.random.default_rng(units))
                ends, when = train(first, units, activation, optimizer, lr, steps)
                solved, finite = np.isfinite(when), np.isfinite(ends).all(1)
                reached[optimizer] = solved
                cell = {
                    "width": units, "activation": activation, "optimizer": optimizer,
                    "lr": lr, "edge": edge, "solved": int(solved.sum()),
                    "diverged": int((~finite).sum()), "steps": float(np.median(when[solved])),
                    "nets": {
                        "solved": first_of(ends[solved]), "stuck": first_of(ends[finite & ~solved])
                    },
                }  # fmt: skip
                cells.append(cell)
            cell["gained"] = int((reached["adam"] & ~reached["sgd"]).sum())
            cell["lost"] = int((reached["sgd"] & ~reached["adam"]).sum())
    return {"starts": starts, "cells": cells}


def first_of(nets):
    """Return the weights of the first network, if there is one."""
    return nets[0].tolist() if len(nets) else None


def choose(units, activation, optimizer, starts, steps):
    """Return the best learning rate, and whether it lies at an end of those tried."""
    rates = OPTIMIZERS[optimizer][1]
    first = weights(units, starts, np.random.default_rng(1000 + units))
    when = np.stack([train(first, units, activation, optimizer, lr, steps)[1] for lr in rates])
    solved = np.isfinite(when).sum(1)
    spent = np.minimum(when, steps).sum(1)
    best = max(range(len(rates)), key=lambda i: (solved[i], -spent[i]))
    return rates[best], best in (0, len(rates) - 1)


def weights(units, starts, rng):
    """Draw networks as PyTorch does, one a row: both layers' weights and biases."""
    inner, outer = 1 / np.sqrt(2), 1 / np.sqrt(units)
    return np.hstack(
        [
            rng.uniform(-inner, inner, (starts, 3 * units)),
            rng.uniform(-outer, outer, (starts, units + 1)),
        ]
    )


def train(w, units, activation, optimizer, lr, steps):
    """Train many networks at once; return their weights and the steps until each is solved.

    A network that is solved goes on no further, and one that is not within ``steps`` took
    infinitely many.
    """
    rule, _, states = OPTIMIZERS[optimizer]
    w, when, at = w.copy(), np.full(len(w), np.inf), np.arange(len(w))
    alive, state = w, [np.zeros_like(w) for _ in range(states)]
    with np.errstate(all="ignore"):
        for t in range(steps + 1):
            loss, g = loss_and_gradient(alive, units, activation)
            done = loss < SOLVED
            if done.any() or t == steps:
                w[at], when[at[done]] = alive, t
                at, alive, g = at[~done], alive[~done], g[~done]
                state = [s[~done] for s in state]
            if len(at) == 0:
                break
            alive, *state = rule(alive, g, *state, t + 1, lr=lr)
    return w, when


def loss_and_gradient(w, units, activation):
    """Return half the mean squared error of each network on XOR, and its gradient."""
    x, labels = datasets.load("xor")
    function, derivative = ACTIVATIONS[activation]
    rows, k = len(w), units
    inner, bias = w[:, : 2 * k].reshape(rows, k, 2), w[:, 2 * k : 3 * k]
    outer, shift = w[:, 3 * k : 4 * k], w[:, 4 * k]
    hidden = function(np.einsum("nki,pi->nkp", inner, x) + bias[:, :, None])
    error = np.einsum("nk,nkp->np", outer, hidden) + shift[:, None] - labels
    back = error / len(x)
    inward = back[:, None] * outer[:, :, None] * derivative(hidden)
    gradient = [
        np.einsum("nkp,pi->nki", inward, x).reshape(rows, -1), inward.sum(2),
        np.einsum("nkp,np->nk", hidden, back), back.sum(1)[:, None],
    ]  # fmt: skip
    return 0.5 * np.mean(error**2, 1), np.hstack(gradient)
