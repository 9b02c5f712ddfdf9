"""Whether one optimizer for the matrices and another for the rest pays: Muon and Adam on an RNN."""

import numpy as np

from .. import datasets, nn, optim, schedules, training
from .architectures import BATCH, EPOCHS, METRICS, SHAPES, STEPS, rnn
from .arms import grid, measure, tune
from .stored import experiment

RATES = {"adam": grid(-3.5, -1, 4), "muon-adam": grid(-3, -0.5, 4), "sgd-adam": grid(-3, -0.5, 4)}


@experiment(choosing=5, seeds=20, rtol=0.2)
def groups(choosing, seeds):
    """Return the scores of Adam for all parameters, and of pairs of optimizers, by seed.

    A recurrent network (32 units) reads the digits row by row; 8 epochs in batches of 32, cosine
    schedule. ``muon-adam`` gives the three matrices to Muon, which steps as long as AdamW would,
    and the biases to Adam; ``sgd-adam`` gives the last layer to Adam and the rest to SGD with
    momentum, at ten times Adam's rate. Each arm has one rate, chosen on other seeds by the
    validation loss.
    """
    found = {}
    for name, rates in RATES.items():
        arm = {"optimizer": name}
        chosen = tune(train, arm, rates, choosing, ["validation_loss"])["validation_loss"]
        found[name] = {**chosen, **measure(train, arm, chosen["lr"], seeds, METRICS)}
    return found


def train(config):
    """Return losses and accuracies of one run."""
    rng = np.random.default_rng(config["seed"])
    model, loss = rnn({"rng": rng, "dtype": float}), nn.CrossEntropyLoss()
    parts = {p: datasets.load("digits", p, shape=SHAPES["rnn"]) for p in datasets.SPLITS}
    loader = datasets.DataLoader(*parts["train"], BATCH, rng=rng)
    opt = optimizer(config["optimizer"], model, config["lr"])
    with np.errstate(all="ignore"):
        training.fit(model, loss, opt, loader, EPOCHS)
        scores = {part: training.evaluate(model, loss, *data) for part, data in parts.items()}
    return {f"{part}_{name}": value for part, row in scores.items() for name, value in row.items()}


def optimizer(name, model, peak):
    """Return the optimizer of an arm, over all parameters of the network."""
    params, lr = model.parameters(), schedules.cosine(peak, STEPS)
    if name == "adam":
        return optim.Adam(params, lr=lr)
    if name == "muon-adam":
        matrices = [p for p in params if p.data.ndim == 2]
        rest = [p for p in params if p.data.ndim != 2]
        first = optim.Muon(matrices, lr=lr, weight_decay=0.0, adjust_lr="match_rms_adamw")
        return optim.MultiOptimizer(first, optim.Adam(rest, lr=lr), params=params)
    *before, weight, bias = params
    slower = schedules.cosine(peak / 10, STEPS)
    return optim.MultiOptimizer(
        optim.SGD(before, lr=lr, momentum=0.9), optim.Adam([weight, bias], lr=slower), params=params
    )
