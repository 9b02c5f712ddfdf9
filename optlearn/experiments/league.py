"""A league of optimizers on small tasks: who wins depends on the rates that were tried."""

import math

import numpy as np

from .. import datasets, nn, training, tuning
from ..parameters import Parameter
from .stored import experiment
from .task import optimizer

OPTIMIZERS = ["sgd", "momentum", "adagrad", "rmsprop", "adam"]
RATES = [float(f"{10 ** (k / 2):.3g}") for k in range(-8, 4)]  # 0.0001 ... 31.6
#: Task: epochs and examples, or steps where there are none.
TASKS = {
    "bowl": 200,
    "digits": (30, 300),
    "words": (5, 1800),
    "images": (8, 300),
    "rows": (10, 300),
}


@experiment(seeds=5, rtol=0.5)  # runs that are lost differ between machines
def scores(seeds):
    """Return the score of each optimizer on each task by learning rate, mean and deviation.

    Tasks: a bowl of 20 weights, condition 1000, turned at random (score: by how many powers of 10
    the loss fell, from -1 to 12); 300 noisy digits with a network 64-32-10; 1800 bags of words
    with a logistic regression; 300 digits as images with a small convolution; 300 digits read row
    by row by a recurrent network (score: accuracy). All get the same rates, epochs and batches of
    32.
    """
    trained = tuning.sweep(
        run,
        [
            {"task": task, "optimizer": name, "lr": lr, "seed": seed}
            for task in TASKS for name in OPTIMIZERS for lr in RATES for seed in range(seeds)
        ],
        n_jobs=-1,
    )  # fmt: skip

    def row(task, name):
        found = {"validation": [], "test": [], "sd": []}
        for lr in RATES:
            config = {"task": task, "optimizer": name, "lr": lr}
            test = list(trained.values(config, "test_score").values())
            found["validation"].append(
                float(np.mean(list(trained.values(config, "validation_score").values())))
            )
            found["test"].append(float(np.mean(test)))
            found["sd"].append(float(np.std(test, ddof=1)))
        return found

    return {
        "rates": RATES,
        "scores": {task: {name: row(task, name) for name in OPTIMIZERS} for task in TASKS},
    }


def run(config):
    """Return validation and test score of one run."""
    rng = np.random.default_rng(config["seed"])
    with np.errstate(all="ignore"):
        if config["task"] == "bowl":
            return _bowl(config, rng)
        return _network(config, rng)


def _bowl(config, rng):
    curvatures = np.geomspace(1e-3, 1, 20)
    turn, _ = np.linalg.qr(rng.normal(size=(20, 20)))
    hessian = turn * curvatures @ turn.T
    w = Parameter(rng.normal(size=20))
    opt = optimizer(config["optimizer"], [w], config["lr"])

    def loss():
        return float(w.data @ hessian @ w.data) / 2

    start = loss()
    for _ in range(TASKS["bowl"]):
        w.grad = hessian @ w.data
        opt.step()
    end = loss()
    fall = math.log10(start / max(end, 1e-300)) if math.isfinite(end) else -1.0
    score = min(max(fall, -1.0), 12.0)
    return {"validation_score": score, "test_score": score}


def _network(config, rng):
    task = config["task"]
    epochs, examples = TASKS[task]
    name = {"digits": "noisy_digits", "words": "bag_of_words"}.get(task, "digits")
    shape = {"images": (1, 8, 8), "rows": (8, 8)}.get(task)
    x, y = datasets.load(name, shape=shape)
    model, loss = _model(task, rng), nn.CrossEntropyLoss()
    opt = optimizer(config["optimizer"], model.parameters(), config["lr"])
    loader = datasets.DataLoader(x[:examples], y[:examples], 32, rng=rng)
    training.fit(model, loss, opt, loader, epochs, errors="skip")
    return {
        f"{part}_score": training.evaluate(model, loss, *datasets.load(name, part, shape=shape))[
            "accuracy"
        ]
        for part in ("validation", "test")
    }


def _model(task, rng):
    how = {"rng": rng, "dtype": float}
    layers = {
        "digits": lambda: [nn.Linear(64, 32, **how), nn.ReLU(), nn.Linear(32, 10, **how)],
        "words": lambda: [nn.Linear(1000, 2, **how)],
        "images": lambda: [
            nn.Conv2d(1, 6, 3, padding=1, **how), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(96, 10, **how),
        ],
        "rows": lambda: [nn.RNN(8, 24, last=True, **how), nn.Linear(24, 10, **how)],
    }  # fmt: skip
    return nn.Sequential(*layers[task]())
