"""What the range test advises, and what full trainings say to it."""

import numpy as np

from .. import datasets, nn, tuning
from .stored import experiment
from .task import BATCH, examples, network, optimizer, train

#: Optimizer: the rates between which the test goes, and those of the full trainings.
TESTED = {"sgd": (1e-4, 10.0), "adam": (1e-5, 1.0)}
TRAINED = {
    "sgd": [float(f"{10 ** (k / 6):.3g}") for k in range(-12, 2)],  # 0.01 ... 1.47
    "adam": [float(f"{10 ** (k / 6):.3g}") for k in range(-21, -6)],  # 0.000316 ... 0.0681
}
LABELS = ("noisy", "clean")
RULES = ("steepest", "tenth")


@experiment(seeds=8, steps=100, rtol=0.1)
def folk(seeds, steps):
    """Return the curves of the range test by seed, its advice, and the truth of full trainings.

    The running task (300 digits, network 64-32-10, batches of 32, 30 epochs), with a fifth of the
    labels wrong and with all of them right.
    """
    return {
        f"{name}-{labels}": {
            **_tests(name, labels, seeds, steps), **_trainings(name, labels, seeds)
        }
        for name in TESTED for labels in LABELS
    }  # fmt: skip


def _trainings(name, labels, seeds):
    trained = tuning.sweep(
        train,
        [
            {"optimizer": name, "lr": lr, "labels": labels, "seed": seed}
            for lr in TRAINED[name]
            for seed in range(seeds)
        ],
        n_jobs=-1,
    )
    return {
        "trained": TRAINED[name],
        "accuracy": [list(trained.values({"lr": lr}).values()) for lr in TRAINED[name]],
        "best": trained.best()["config"]["lr"],
        "edges": trained.edges,
    }


def _tests(name, labels, seeds, steps):
    low, high = TESTED[name]
    tests = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        model, loss = network(rng), nn.CrossEntropyLoss()
        loader = datasets.DataLoader(*examples(labels), BATCH, rng=rng)
        opt = optimizer(name, model.parameters(), low)
        test = tuning.lr_range_test(model, loss, opt, loader, low=low, high=high, steps=steps)
        tests.append(test)
    return {
        "rates": [float(f"{lr:.4g}") for lr in np.geomspace(low, high, steps)],
        "curves": [[float(f"{v:.4g}") for v in test.smoothed] for test in tests],
        "advice": {rule: [getattr(test, rule) for test in tests] for rule in RULES},
    }
