"""The running task: a small network learns 300 digits, a fifth of them with a wrong label."""

import numpy as np

from .. import datasets, nn, optim, training

EPOCHS = 30
WIDTH = 32
BATCH = 32


def examples(labels="noisy"):
    """Return the 300 training examples, with the wrong labels or as they were (``"clean"``)."""
    x, y = datasets.load("noisy_digits")
    return (x, y) if labels == "noisy" else (x, datasets.load("digits")[1][: len(x)])


def network(rng):
    """Return the network 64-32-10 with weights drawn by ``rng``."""
    return nn.Sequential(
        nn.Linear(64, WIDTH, rng=rng, dtype=float),
        nn.ReLU(),
        nn.Linear(WIDTH, 10, rng=rng, dtype=float),
    )


def optimizer(name, params, lr):
    """Return the optimizer of a registry name with its usual hyperparameters."""
    entry = optim.REGISTRY[name]
    return entry.cls(params, lr=lr, **entry.fixed)


def train(config):
    """Train with an ``optimizer``, ``lr`` and ``seed``; return the accuracies at the end.

    ``batch_size`` and ``labels`` may be given as well. A step whose gradient is not finite is left
    out: a run that is lost ends at the accuracy of guessing.
    """
    rng = np.random.default_rng(config["seed"])
    model, loss = network(rng), nn.CrossEntropyLoss()
    data = examples(config.get("labels", "noisy"))
    loader = datasets.DataLoader(*data, config.get("batch_size", BATCH), rng=rng)
    opt = optimizer(config["optimizer"], model.parameters(), config["lr"])
    with np.errstate(all="ignore"):
        training.fit(model, loss, opt, loader, EPOCHS, errors="skip")
        found = {
            part: training.evaluate(model, loss, *datasets.load("digits", part))
            for part in ("validation", "test")
        }
    return {f"{part}_accuracy": scores["accuracy"] for part, scores in found.items()}
