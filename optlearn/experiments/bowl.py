"""What adaptive methods gain on a bowl: where its axes are those of the weights, and where not."""

import numpy as np

from .. import optim, schedules
from ..parameters import Parameter
from .arms import grid, measure, tune
from .stored import experiment

CURVATURES = np.geomspace(1e-3, 1, 20)
STEPS = 500
#: What is smaller is round-off; what grows beyond this on its way has diverged, even if the
#: falling rate would bring it back.
LEAST, FAR = 1e-12, 1e6
RATES = {
    "sgd": grid(-2, 1, 6),
    "momentum": grid(-2, 1.5, 6),
    "adagrad": grid(-3, 2, 6),
    "rmsprop": grid(-4, 1, 6),
    "adam": grid(-3, 1, 6),
}


@experiment(choosing=5, seeds=10, rtol=0.1)
def rotated(choosing, seeds):
    """Return the last loss by optimizer and seed, with the bowl's axes aligned and rotated.

    20 weights, curvatures from 0.001 to 1, 500 steps, a rate that falls linearly to 0. The rotated
    bowl and its start are the aligned ones, turned. Each optimizer's rate is tuned for each bowl
    on other seeds.
    """
    found = {}
    for turned in (False, True):
        for name, rates in RATES.items():
            arm = {"optimizer": name, "turned": turned}
            chosen = tune(descend, arm, rates, choosing, ["decades"])["decades"]
            losses = measure(descend, arm, chosen["lr"], seeds, ["loss"])
            found[f"{name}-{'rotated' if turned else 'aligned'}"] = {**chosen, **losses}
    return found


def descend(config):
    """Return the last loss of one run, and its power of ten."""
    rng = np.random.default_rng(config["seed"])
    start, (turn, _) = rng.normal(size=20), np.linalg.qr(rng.normal(size=(20, 20)))
    turn = turn if config["turned"] else np.eye(20)
    hessian = turn * CURVATURES @ turn.T
    w = Parameter(turn @ start)
    lr = schedules.linear(config["lr"], STEPS)
    opt = optim.REGISTRY[config["optimizer"]].make([w], lr=lr)
    with np.errstate(all="ignore"):
        for _ in range(STEPS):
            w.grad = hessian @ w.data
            opt.step()
            if not np.max(np.abs(w.data)) < FAR:
                return {"loss": np.inf, "decades": np.inf}
        loss = max(float(w.data @ hessian @ w.data) / 2, LEAST)
    return {"loss": loss, "decades": float(np.log10(loss))}


@experiment(seeds=10, early=20, late=5000)
def fading(seeds, early, late):
    """Return by how many powers of ten the effective rate fell between two steps, by seed.

    Adagrad and RMSprop on the rotated bowl with the rate 1 (RMSprop 0.01), without noise and with
    noise of deviation 0.1 in each gradient. The effective rate is the mean over the weights of
    ``lr / (sqrt(v) + eps)``.
    """
    return {
        f"{name}-{'noise' if noise else 'exact'}": [
            fall(name, lr, noise, seed, early, late) for seed in range(seeds)
        ]
        for name, lr in (("adagrad", 1.0), ("rmsprop", 0.01))
        for noise in (0.0, 0.1)
    }


def fall(name, lr, noise, seed, early, late):
    """Return log10 of the effective rate after ``early`` steps over that after ``late``."""
    rng = np.random.default_rng(seed)
    w, (turn, _) = Parameter(rng.normal(size=20)), np.linalg.qr(rng.normal(size=(20, 20)))
    hessian = turn * CURVATURES @ turn.T
    opt = optim.REGISTRY[name].make([w], lr=lr)
    rates = {}
    for step in range(1, late + 1):
        w.grad = hessian @ w.data + noise * rng.normal(size=20)
        opt.step()
        if step in (early, late):
            rates[step] = np.mean(lr / (np.sqrt(opt.state["v"]) + opt.eps))
    return float(np.log10(rates[early] / rates[late]))
