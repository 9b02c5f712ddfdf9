"""What a batch size costs: steps and examples until the training loss reaches a target."""

import math

import numpy as np

from .. import datasets, nn, optim, training, tuning
from .stored import experiment

EXAMPLES = 512  # of the digits
SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
RATES = [float(f"{10 ** (k / 4):.3g}") for k in range(-10, 5)]  # 0.00316 ... 10
#: Where all sizes get one learning rate, it is the best one of one of these.
SHARED = (1, 16)


@experiment(choosing=5, seeds=10, target=0.1, most=3000, rtol=0.1)
def cost(choosing, seeds, target, most):
    """Return steps and examples to a training loss, by batch size, at the same and at tuned rates.

    Plain SGD on a network 64-24-10 and 512 digits. ``choosing`` seeds choose each size's learning
    rate, by the mean number of steps; ``seeds`` others then measure it. A run that has not
    arrived after ``most`` steps, or 60 passes over the data where those are more, never arrives.
    """
    common = {"target": target, "most": most}
    trials = tuning.sweep(
        steps_to_target,
        [
            {"batch_size": size, "lr": lr, "seed": 1000 + seed, **common}
            for size in SIZES for lr in RATES for seed in range(choosing)
        ],
        n_jobs=-1,
    )  # fmt: skip
    best = {size: trials.split("batch_size")[size].best("steps", maximize=False) for size in SIZES}
    rates = {size: best[size]["config"]["lr"] for size in SIZES}
    measured = tuning.sweep(
        steps_to_target,
        [
            {"batch_size": size, "lr": lr, "seed": seed, **common}
            for size in SIZES
            for lr in sorted({rates[size], *(rates[shared] for shared in SHARED)})
            for seed in range(seeds)
        ],
        n_jobs=-1,
    )

    def row(size, lr):
        config = {"batch_size": size, "lr": lr, **common}
        return list(measured.values(config, "steps").values())

    return {
        "sizes": SIZES,
        "examples": EXAMPLES,
        "tuned": {
            "lr": [rates[size] for size in SIZES],
            "edges": [best[size]["edges"] for size in SIZES],
            "steps": [row(size, rates[size]) for size in SIZES],
        },
        **{
            f"same-{shared}": {
                "lr": rates[shared],
                "steps": [row(size, rates[shared]) for size in SIZES],
            }
            for shared in SHARED
        },
    }


def steps_to_target(config):
    """Return the steps until the loss over all examples is at most the target (inf: never)."""
    x, y = (array[:EXAMPLES] for array in datasets.load("digits"))
    size, rng = config["batch_size"], np.random.default_rng(config["seed"])
    model = nn.Sequential(
        nn.Linear(64, 24, rng=rng, dtype=float), nn.ReLU(), nn.Linear(24, 10, rng=rng, dtype=float)
    )
    loss = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=config["lr"])
    loader = datasets.DataLoader(x, y, size, rng=rng)
    every = max(1, 128 // size)  # a look costs as much as some steps
    most = max(config["most"], 60 * EXAMPLES // size)
    step = 0
    with np.errstate(all="ignore"):
        while step < most:
            for inputs, labels in loader:
                loss(model(inputs), labels)
                model.backward(loss.backward())
                optimizer.step()
                step += 1
                if step % every == 0:
                    now = training.evaluate(model, loss, x, y)["loss"]
                    if now <= config["target"]:
                        return {"steps": step}
                    if not math.isfinite(now):
                        return {"steps": math.inf}
    return {"steps": math.inf}
