"""The running task with its wrong labels: what noise, stopping and an untuned rate cost."""

import numpy as np

from .. import datasets, nn, optim, training
from .arms import grid, measure, tune
from .stored import experiment

EXAMPLES = 300
EPOCHS = 60
DEFAULT = 0.001
RATES = {"sgd": grid(-2, 0.5, 4), "adam": grid(-4, -1, 4)}
#: What is kept of a run: its end, and the epoch where validation accuracy was highest.
METRICS = [
    f"{when}_{part}_{name}"
    for when in ("end", "stopped")
    for part in ("test", "train")
    for name in ("accuracy", "loss")
]
#: Arms are called after what chose their rate.
CHOSEN_BY = {
    "end": "end_validation_accuracy",
    "stopped": "stopped_validation_accuracy",
    "fitted": "end_train_loss",
}


@experiment(choosing=5, seeds=20, rtol=0.1)
def noise(choosing, seeds):
    """Return accuracies and losses by seed: each arm at its end and where it should have stopped.

    A network 64-32-10 learns 300 digits for 60 epochs of 10 batches, with a fifth of the labels
    wrong and with all of them right; ``full`` takes as many steps of all examples. The rate is
    chosen on other seeds: by the validation accuracy at the end (``"end"``) or at the epoch where
    it is highest (``"stopped"``), or by the training loss (``"fitted"``). ``default`` is Adam with
    its default rate.
    """
    found = {}
    for name, labels, batch in (
        ("sgd", "clean", 30), ("sgd", "noisy", 30), ("adam", "clean", 30), ("adam", "noisy", 30),
        ("sgd", "clean", EXAMPLES),
    ):  # fmt: skip
        arm = {"optimizer": name, "labels": labels, "batch_size": batch}
        title = f"{name}-{labels}" + ("-full" if batch == EXAMPLES else "")
        chosen = tune(train, arm, RATES[name], choosing, CHOSEN_BY.values())
        rates = {how: chosen[metric] for how, metric in CHOSEN_BY.items()}
        if labels == "clean":  # there the loss can be driven down with any rate: none fits best
            del rates["fitted"]
        if name == "adam":
            rates["default"] = {"lr": DEFAULT, "edges": {}}
        for how, one in rates.items():
            found[f"{title}-{how}"] = {**one, **measure(train, arm, one["lr"], seeds, METRICS)}
    return found


def train(config):
    """Return accuracies and losses of one run at its end and at its best epoch."""
    rng = np.random.default_rng(config["seed"])
    model = nn.Sequential(
        nn.Linear(64, 32, rng=rng, dtype=float), nn.ReLU(), nn.Linear(32, 10, rng=rng, dtype=float)
    )
    parts = {name: datasets.load("digits", name) for name in datasets.SPLITS}
    parts["train"] = tuple(array[:EXAMPLES] for array in parts["train"])
    if config["labels"] == "noisy":
        parts["train"] = datasets.load("noisy_digits")
    loss = nn.CrossEntropyLoss()
    opt = optim.REGISTRY[config["optimizer"]].make(model.parameters(), lr=config["lr"])
    loader = datasets.DataLoader(*parts["train"], config["batch_size"], rng=rng)
    passes = 10 if config["batch_size"] == EXAMPLES else 1  # as many steps
    seen = []

    def look(history, model, optimizer):
        if len(history["loss"]) % passes == 0:
            scores = {part: training.evaluate(model, loss, *data) for part, data in parts.items()}
            seen.append({f"{p}_{k}": v for p, found in scores.items() for k, v in found.items()})

    training.fit(model, loss, opt, loader, EPOCHS * passes, callbacks=[look])
    best = int(np.argmax([scores["validation_accuracy"] for scores in seen]))
    return {
        f"{when}_{name}": value
        for when, scores in (("end", seen[-1]), ("stopped", seen[best]))
        for name, value in scores.items()
    }
