"""How many seeds it takes until a difference may be claimed."""

import itertools
import math

import numpy as np

from .. import tuning
from ..tuning.compare import t_quantile
from .stored import experiment
from .task import train

#: The arms, and the learning rates among which each is tuned.
ARMS = {
    "sgd": [float(f"{10 ** (k / 6):.3g}") for k in range(-12, 1)],  # 0.01 ... 1
    "momentum": [float(f"{10 ** (k / 6):.3g}") for k in range(-18, -5)],  # 0.001 ... 0.1
    "adam": [float(f"{10 ** (k / 6):.3g}") for k in range(-20, -7)],  # 0.000464 ... 0.0464
}
#: So many subsets of the seeds stand for all, where there are more.
DRAWN = 10_000


@experiment(choosing=10, seeds=40, rtol=0.1)
def claims(choosing, seeds):
    """Return test accuracies of tuned optimizers by seed, and what subsets of them would claim.

    The running task (300 digits with label noise, network 64-32-10, batches of 32, 30 epochs).
    ``choosing`` seeds choose each one's learning rate on validation data; ``seeds`` others, the
    same for all, measure it. For each size of a subset, ``opposite`` is the share whose
    mean difference has the other sign than that of all, ``claimed`` and ``claimed_opposite`` the
    shares whose 95 % interval excludes 0 on the right and on the wrong side.
    """
    rates, edges, accuracy = {}, {}, {}
    for name, grid in ARMS.items():
        tried = tuning.sweep(
            train,
            [
                {"optimizer": name, "lr": lr, "seed": 1000 + seed}
                for lr in grid
                for seed in range(choosing)
            ],
            n_jobs=-1,
        )
        rates[name], edges[name] = tried.best()["config"]["lr"], tried.edges
        measured = tuning.sweep(
            train,
            [{"optimizer": name, "lr": rates[name], "seed": seed} for seed in range(seeds)],
            n_jobs=-1,
        )
        accuracy[name] = list(measured.values({}, "test_accuracy").values())
    return {
        "rates": rates,
        "edges": edges,
        "accuracy": accuracy,
        "subsets": {
            f"{a}-{b}": subsets(np.subtract(accuracy[a], accuracy[b]))
            for a, b in itertools.combinations(ARMS, 2)
        },
    }


def subsets(differences):
    """Return by size of the subset, from 2, which share of them would claim what."""
    rng, all_of_them = np.random.default_rng(0), len(differences)
    sign = np.sign(np.mean(differences))
    shares = {"sizes": [], "opposite": [], "claimed": [], "claimed_opposite": []}
    for n in range(2, all_of_them):
        if math.comb(all_of_them, n) <= DRAWN:
            chosen = np.array(list(itertools.combinations(range(all_of_them), n)))
        else:
            chosen = np.argsort(rng.random((DRAWN, all_of_them)), axis=1)[:, :n]
        values = sign * differences[chosen]
        mean = values.mean(1)
        reach = t_quantile(0.975, n - 1) * values.std(1, ddof=1) / math.sqrt(n)
        shares["sizes"].append(n)
        shares["opposite"].append(np.mean(mean < -1e-9))  # a tie is none, however it rounds
        shares["claimed"].append(np.mean(mean - reach > 0))
        shares["claimed_opposite"].append(np.mean(mean + reach < 0))
    return shares
