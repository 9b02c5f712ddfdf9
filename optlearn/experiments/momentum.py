"""What momentum does for a network: gradient descent, the heavy ball and Nesterov, each tuned."""

import math

import numpy as np

from .. import datasets, nn, optim, training, tuning
from .stored import experiment

#: Options of ``optim.SGD`` by method.
METHODS = {
    "sgd": {},
    "momentum": {"momentum": 0.9},
    "nesterov": {"momentum": 0.9, "nesterov": True},
}
#: The examples of a batch, and the epochs: 40 steps over everything, or 300 small ones.
TASKS = {"full": {"batch_size": 300, "epochs": 40}, "small": {"batch_size": 10, "epochs": 10}}
#: What decides which learning rate is the best one.
GOALS = ("train_loss", "val_loss")
RATES = [float(f"{2 ** (k / 2):.3g}") for k in range(-18, 6)]  # 0.00195 ... 5.66


@experiment(choosing=5, seeds=20, rtol=0.1)
def tuned(choosing, seeds):
    """Return what each method reaches on 300 noisy digits, by task and goal, one value a seed.

    ``choosing`` seeds choose each method's learning rate from the same 24, by the goal; ``seeds``
    others measure. Under ``"switched"`` momentum was turned on at the rate that gives gradient
    descent the lowest training loss, and at a tenth of it.
    """
    seen = [1000 + seed for seed in range(choosing)]
    trials = {task: _runs(task, [(m, lr) for m in METHODS for lr in RATES], seen) for task in TASKS}
    return {task: _measured(task, trials[task], range(seeds)) for task in TASKS}


def _runs(task, settings, seeds):
    settings = sorted(set(settings))
    return tuning.sweep(
        train,
        [
            {"task": task, "method": method, "lr": lr, "seed": seed}
            for method, lr in settings for seed in seeds
        ],
        n_jobs=-1,
    )  # fmt: skip


def _measured(task, trials, seeds):
    """Run the chosen settings of one task on seeds that had no part in the choice."""
    best = {
        goal: {method: trials.split("method")[method].best(goal) for method in METHODS}
        for goal in GOALS
    }
    rates = {goal: {m: one["config"]["lr"] for m, one in best[goal].items()} for goal in GOALS}
    plain = rates["train_loss"]["sgd"]
    switched = [(method, lr) for method in METHODS for lr in (plain, plain / 10)]
    runs = _runs(task, [*switched, *(pair for g in GOALS for pair in rates[g].items())], seeds)

    def values(method, lr, metric):
        return list(runs.values({"method": method, "lr": lr}, metric).values())

    metrics = ("train_loss", "test_loss", "test_accuracy")
    result = {
        goal: {
            method: {"lr": lr, "edges": best[goal][method]["edges"]}
            | {metric: values(method, lr, metric) for metric in metrics}
            for method, lr in rates[goal].items()
        }
        for goal in GOALS
    }
    result["switched"] = {
        method: {
            # Above the loss of guessing a run has learned nothing; where it ends is chance.
            "learned": sum(end < math.log(10) for end in values(method, plain, "train_loss")),
            "a tenth": values(method, plain / 10, "train_loss"),
        }
        for method in METHODS
    }
    return result


def train(config):
    """Return the losses of one run after its last step."""
    x, y = datasets.load("noisy_digits")
    rng = np.random.default_rng(config["seed"])
    first = nn.Linear(64, 32, rng=rng, dtype=float)
    last = nn.Linear(32, 10, rng=rng, dtype=float)
    model, loss = nn.Sequential(first, nn.Tanh(), last), nn.CrossEntropyLoss()
    task = TASKS[config["task"]]
    optimizer = optim.SGD(model.parameters(), lr=config["lr"], **METHODS[config["method"]])
    loader = datasets.DataLoader(x, y, task["batch_size"], rng=rng)
    training.fit(model, loss, optimizer, loader, task["epochs"])
    parts = {"val": "validation", "test": "test"}
    found = {
        key: training.evaluate(model, loss, *datasets.load("digits", part))
        for key, part in parts.items()
    }
    return {
        "train_loss": training.evaluate(model, loss, x, y)["loss"],
        "val_loss": found["val"]["loss"],
        "test_loss": found["test"]["loss"],
        "test_accuracy": found["test"]["accuracy"],
    }
