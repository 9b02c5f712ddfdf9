"""Whether full batches need the optimizers that were made for large ones."""

import numpy as np

from .. import datasets, nn, optim, schedules, training
from .arms import grid, measure, tune
from .stored import experiment

STEPS = 60
RATES = {
    "momentum": grid(-2, 0.5, 4),
    "lars": grid(-0.5, 2, 4),
    "adam": grid(-3.5, -1, 4),
    "lamb": grid(-3, -0.5, 4),
}
METRICS = ["train_loss", "test_accuracy"]


@experiment(choosing=5, seeds=10, rtol=0.2)
def batches(choosing, seeds):
    """Return training loss and test accuracy by optimizer and seed, after a few full batches.

    A network 64-48-48-10 sees all 1077 digits in each of 60 steps, with a cosine schedule. Each
    optimizer's rate has equally many values and is chosen on other seeds by the training loss.
    """
    found = {}
    for name, rates in RATES.items():
        arm = {"optimizer": name}
        chosen = tune(train, arm, rates, choosing, ["train_loss"])["train_loss"]
        found[name] = {**chosen, **measure(train, arm, chosen["lr"], seeds, METRICS)}
    return found


def train(config):
    """Return the training loss and the test accuracy of one run."""
    how = {"rng": np.random.default_rng(config["seed"]), "dtype": float}
    model, loss = nn.Sequential(
        nn.Linear(64, 48, **how), nn.ReLU(), nn.Linear(48, 48, **how), nn.ReLU(),
        nn.Linear(48, 10, **how),
    ), nn.CrossEntropyLoss()  # fmt: skip
    lr = schedules.cosine(config["lr"], STEPS)
    opt = optim.REGISTRY[config["optimizer"]].make(model.parameters(), lr=lr)
    data = datasets.load("digits")
    with np.errstate(all="ignore"):
        training.fit(model, loss, opt, [data] * STEPS, 1)
        test = training.evaluate(model, loss, *datasets.load("digits", "test"))
        now = training.evaluate(model, loss, *data)
    return {"train_loss": now["loss"], "test_accuracy": test["accuracy"]}
