"""What a learning rate is: the length of a step at one rate, by optimizer and scale of the loss."""

import numpy as np

from .. import datasets, nn, optim
from .stored import experiment

RATE = 0.001
SCALE = 1000.0
STEPS = 30


@experiment(seeds=10, rtol=0.05)
def lengths(seeds):
    """Return the mean length of a step by optimizer and seed, with the loss and 1000 times it.

    The first 30 steps on 300 noisy digits, network 64-32-10, batches of 30, rate 0.001 for all.
    """
    return {
        f"{name}-{'scaled' if scale > 1 else 'plain'}": [
            length(name, scale, seed) for seed in range(seeds)
        ]
        for name in ("sgd", "momentum", "adam", "lion")
        for scale in (1.0, SCALE)
    }


def length(name, scale, seed):
    """Return the mean length of the first steps."""
    rng = np.random.default_rng(seed)
    model = nn.Sequential(
        nn.Linear(64, 32, rng=rng, dtype=float), nn.ReLU(), nn.Linear(32, 10, rng=rng, dtype=float)
    )
    loss, params = nn.CrossEntropyLoss(), model.parameters()
    opt = optim.REGISTRY[name].make(params, lr=RATE)
    x, y = datasets.load("noisy_digits")
    found = []
    for _ in range(STEPS):
        batch = rng.choice(len(x), 30, replace=False)
        loss(model(x[batch]), y[batch])
        model.backward(scale * loss.backward())
        before = np.concatenate([p.data.ravel() for p in params])
        opt.step()
        found.append(np.linalg.norm(np.concatenate([p.data.ravel() for p in params]) - before))
    return float(np.mean(found))
