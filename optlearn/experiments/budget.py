"""A table of runs to spend a budget on: what can be found with few of them."""

from .. import tuning
from .stored import experiment
from .task import train

OPTIMIZERS = ["sgd", "momentum", "adam"]
RATES = [float(f"{10 ** (k / 4):.3g}") for k in range(-16, 1)]  # 0.0001 ... 1
BATCHES = [2, 8, 32, 128]


@experiment(seeds=5, rtol=0.5)  # runs that are lost differ between machines
def runs(seeds):
    """Return validation and test accuracy by optimizer, batch size and learning rate.

    The running task (300 digits with label noise, network 64-32-10, 30 epochs); means over seeds.
    """
    trained = tuning.sweep(
        train,
        [
            {"optimizer": name, "lr": lr, "batch_size": size, "seed": seed}
            for name in OPTIMIZERS for size in BATCHES for lr in RATES for seed in range(seeds)
        ],
        n_jobs=-1,
    )  # fmt: skip

    def means(metric):
        return {
            name: [[_mean(trained, metric, name, size, lr) for lr in RATES] for size in BATCHES]
            for name in OPTIMIZERS
        }

    kinds = trained.split("optimizer")
    return {
        "rates": RATES,
        "batches": BATCHES,
        "validation": means("validation_accuracy"),
        "test": means("test_accuracy"),
        "edges": {name: kinds[name].edges for name in OPTIMIZERS},
    }


def _mean(trained, metric, name, size, lr):
    values = trained.values({"optimizer": name, "batch_size": size, "lr": lr}, metric).values()
    return sum(values) / len(values)
