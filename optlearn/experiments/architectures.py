"""Whether the architecture chooses the optimizer: the same digits, as images and row by row."""

import numpy as np

from .. import datasets, nn, optim, schedules, training
from .arms import grid, measure, tune
from .stored import experiment

BATCH = 32
EPOCHS = 8
EXAMPLES = 1077  # of the digits
STEPS = EPOCHS * -(-EXAMPLES // BATCH)
SHAPES = {"cnn": (1, 8, 8), "rnn": (8, 8)}
RATES = {"momentum": grid(-3, -0.5, 4), "adam": grid(-3.5, -1, 4)}
SCHEDULES = {"constant": schedules.constant, "cosine": lambda lr: schedules.cosine(lr, STEPS)}
METRICS = ["test_accuracy", "test_loss", "train_loss"]


@experiment(choosing=5, seeds=20, rtol=0.2)
def optimizers(choosing, seeds):
    """Return the scores of SGD with momentum and of Adam by network, schedule and seed.

    A convolutional network (8 and 16 channels) sees the digits as images, a recurrent one (32
    units) row by row; 8 epochs in batches of 32. Each arm's rate has equally many values, and is
    chosen on other seeds by the validation loss.
    """
    found = {}
    for network in SHAPES:
        for schedule in SCHEDULES:
            for name, rates in RATES.items():
                arm = {"network": network, "schedule": schedule, "optimizer": name}
                chosen = tune(train, arm, rates, choosing, ["validation_loss"])["validation_loss"]
                found[f"{network}-{schedule}-{name}"] = {
                    **chosen, **measure(train, arm, chosen["lr"], seeds, METRICS)
                }  # fmt: skip
    return found


def train(config):
    """Return losses and accuracies of one run."""
    rng = np.random.default_rng(config["seed"])
    how = {"rng": rng, "dtype": float}
    model = {"cnn": cnn, "rnn": rnn}[config["network"]](how)
    parts = {
        part: datasets.load("digits", part, shape=SHAPES[config["network"]])
        for part in datasets.SPLITS
    }
    loss, lr = nn.CrossEntropyLoss(), SCHEDULES[config["schedule"]](config["lr"])
    opt = optim.REGISTRY[config["optimizer"]].make(model.parameters(), lr=lr)
    loader = datasets.DataLoader(*parts["train"], BATCH, rng=rng)
    with np.errstate(all="ignore"):
        training.fit(model, loss, opt, loader, EPOCHS)
        scores = {part: training.evaluate(model, loss, *data) for part, data in parts.items()}
    return {f"{part}_{name}": value for part, row in scores.items() for name, value in row.items()}


def cnn(how):
    """Return a small convolutional network."""
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1, **how), nn.ReLU(),
        nn.Conv2d(8, 16, 3, padding=1, **how), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(256, 10, **how),
    )  # fmt: skip


def rnn(how):
    """Return a small recurrent network."""
    return nn.Sequential(nn.RNN(8, 32, last=True, **how), nn.Linear(32, 10, **how))
