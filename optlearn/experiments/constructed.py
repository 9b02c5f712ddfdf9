"""A problem made so that adaptive methods learn nothing of it, and the setting that undoes that."""

import numpy as np

from .. import optim
from ..parameters import Parameter
from .stored import experiment

EXAMPLES = 100
SHARE = 0.6  # of examples in the larger class
STEPS = 3000
LEAST = 1e-12  # what is smaller is round-off
#: Each with its learning rate: all end with the training examples learned exactly.
ARMS = {
    "sgd": ("sgd", {"lr": 0.1}),
    "adagrad": ("adagrad", {"lr": 0.01}),
    "adam": ("adam", {"lr": 1e-3}),
    "adam-large-eps": ("adam", {"lr": 100.0, "eps": 1e3}),
}


@experiment(seeds=10)
def wilson(seeds):
    """Return the error left in training and the test accuracy of each optimizer by seed.

    The least-squares problem of Wilson et al. (2017), section 3.3: the first feature is the label,
    the next two are the same for all, and each example brings features that no other has. The
    labels are 1 with probability 0.6, else -1. Adam with a large eps, which is the search space
    that Choi et al. (2019) ask for, is close to momentum.
    """
    runs = {name: [learn(*arm, seed) for seed in range(seeds)] for name, arm in ARMS.items()}
    return {
        name: {key: [run[key] for run in row] for key in ("error", "accuracy")}
        for name, row in runs.items()
    }


def examples(rng, first, count):
    """Return ``count`` examples that own the features from ``first`` on, and their labels."""
    labels = np.where(rng.random(count) < SHARE, 1.0, -1.0)
    x = np.zeros((count, 3 + 5 * 2 * EXAMPLES))
    x[:, 0], x[:, 1:3] = labels, 1.0
    for i, label in enumerate(labels):
        own = 3 + 5 * (first + i)
        x[i, own : own + (1 if label > 0 else 5)] = 1.0
    return x, labels


def learn(name, hyper, seed):
    """Return the mean squared error left in training and the accuracy on new examples."""
    rng = np.random.default_rng(seed)
    x, y = examples(rng, 0, EXAMPLES)
    unseen, labels = examples(rng, EXAMPLES, EXAMPLES)
    w = Parameter(np.zeros(x.shape[1]))
    opt = optim.REGISTRY[name].make([w], **hyper)
    for _ in range(STEPS):
        w.grad = x.T @ (x @ w.data - y) / EXAMPLES
        opt.step()
    return {
        "error": max(float(np.mean((x @ w.data - y) ** 2)), LEAST),
        "accuracy": float(np.mean(np.sign(unseen @ w.data) == labels)),
    }
