"""A deep network whose gradients vanish: what another optimizer cures, and what another start."""

import itertools

import numpy as np

from .. import datasets, nn, optim, schedules, training
from .arms import grid, measure, tune
from .stored import experiment

HIDDEN = 10
WIDTH = 48
EPOCHS = 9
BATCH = 32
STEPS = EPOCHS * 34
ACTIVATIONS = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh}
RATES = {"momentum": grid(-3.5, 0, 3), "adam": grid(-4.5, -1, 3)}


@experiment(choosing=5, seeds=10, rtol=0.2)
def cures(choosing, seeds):
    """Return test accuracy by activation, optimizer and seed, and how much gradient arrives.

    Ten hidden layers of 48 units learn the digits for 9 epochs from Xavier's start, with a cosine
    schedule. ``ratio`` is the length of the gradient of the first weights over that of the last,
    at the start. Each arm's rate is chosen on other seeds by the validation loss.
    """
    found = {}
    for activation in ACTIVATIONS:
        for name, rates in RATES.items():
            arm = {"activation": activation, "optimizer": name}
            chosen = tune(train, arm, rates, choosing, ["validation_loss"])["validation_loss"]
            metrics = ["test_accuracy", "ratio"]
            values = measure(train, arm, chosen["lr"], seeds, metrics)
            found[f"{activation}-{name}"] = {**chosen, **values}
    return found


def train(config):
    """Return the scores of one run, and the ratio of gradients at its start."""
    rng = np.random.default_rng(config["seed"])
    how = {"rng": rng, "dtype": float, "weight_init": nn.init.xavier}
    sizes = [64, *[WIDTH] * HIDDEN]
    layers = [
        layer
        for a, b in itertools.pairwise(sizes)
        for layer in (nn.Linear(a, b, **how), ACTIVATIONS[config["activation"]]())
    ]
    model, loss = nn.Sequential(*layers, nn.Linear(WIDTH, 10, **how)), nn.CrossEntropyLoss()
    parts = {part: datasets.load("digits", part) for part in datasets.SPLITS}
    x, y = parts["train"]
    loss(model(x), y)
    model.backward(loss.backward())
    lengths = [np.linalg.norm(p.grad) for p in model.parameters() if p.data.ndim == 2]
    lr = schedules.cosine(config["lr"], STEPS)
    opt = optim.REGISTRY[config["optimizer"]].make(model.parameters(), lr=lr)
    with np.errstate(all="ignore"):
        training.fit(model, loss, opt, datasets.DataLoader(x, y, BATCH, rng=rng), EPOCHS)
        scores = {part: training.evaluate(model, loss, *data) for part, data in parts.items()}
    return {
        "ratio": float(lengths[0] / lengths[-1]),
        **{f"{part}_{name}": v for part, row in scores.items() for name, v in row.items()},
    }
