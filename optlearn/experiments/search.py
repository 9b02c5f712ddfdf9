"""Whether it is a gamble to try optimizers at random: a few blind trials, judged fairly."""

import numpy as np

from .. import tuning
from .labels import DEFAULT, train
from .stored import experiment

OPTIMIZERS = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "nadam", "lion"]
#: Powers of ten between which rates are drawn, for all optimizers alike.
RANGE = (-4.0, 0.5)
CHOICE = "end_validation_accuracy"


@experiment(searches=20, trials=10, rtol=0.1)
def blind(searches, trials):
    """Return test accuracies of random searches, of their first trial, and of Adam's default.

    The running task (300 digits, network 64-32-10, 60 epochs), with a fifth of the labels wrong
    and with all of them right. Each search draws optimizers and rates, trains each once from the
    same initial weights, and keeps the one with the best validation accuracy at the end. A trial
    that diverges counts as guessing.
    """
    found = {}
    for labels in ("noisy", "clean"):
        rows = [search(labels, seed, trials) for seed in range(searches)]
        found[labels] = {name: [row[name] for row in rows] for name in rows[0]}
    return found


def search(labels, seed, trials):
    """Return the test accuracy of the winner, of the first trial and of the default."""
    rng, common = np.random.default_rng(seed), {"labels": labels, "batch_size": 30, "seed": seed}
    drawn = [
        {"optimizer": str(rng.choice(OPTIMIZERS)), "lr": float(10 ** rng.uniform(*RANGE)), **common}
        for _ in range(trials)
    ]
    default = {"optimizer": "adam", "lr": DEFAULT, **common}
    rows = tuning.sweep(train, [*drawn, default], n_jobs=-1).rows
    scores = [row["result"] or {CHOICE: 0.1, "end_test_accuracy": 0.1} for row in rows]
    winner = max(scores[:trials], key=lambda one: one[CHOICE])
    picked = {"winner": winner, "first": scores[0], "default": scores[-1]}
    return {name: one["end_test_accuracy"] for name, one in picked.items()}
