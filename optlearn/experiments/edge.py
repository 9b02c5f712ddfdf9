"""The edge of stability: gradient descent drives a network to curvatures that it just bears."""

import numpy as np

from .. import curvature, datasets, nn, optim
from .stored import experiment

EXAMPLES = 200  # of the digits
EVERY = 15  # steps between two looks: an odd number, since the loss swings with period 2
FAR = 1e6  # a loss beyond it has diverged
RATES = [0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.4]


# At the edge rounding grows: repeated on another machine, a point of a curve may be elsewhere.
@experiment(seeds=5, steps=1200, rtol=0.7)
def stability(seeds, steps):
    """Return loss and sharpness along gradient descent, by learning rate and seed.

    A network 64-32-32-10 with tanh on 200 digits, trained in full batches on half the squared
    error. ``rises`` is the share of the steps in the second half of training in which the loss
    went up. The learning rates are those shown, not the best ones: the question is what each does.
    A run that diverges ends there: its lists are shorter, and ``diverged`` has the step.
    """
    runs = [[descend(lr, seed, steps) for seed in range(seeds)] for lr in RATES]
    return {
        "rates": RATES,
        "steps": list(range(0, steps + 1, EVERY)),
        **{
            name: [[run[name] for run in row] for row in runs]
            for name in ("loss", "sharpness", "rises", "diverged")
        },
    }


def descend(lr, seed, steps):
    """Train one network; return loss and sharpness every few steps, and how often the loss rose."""
    x, y = data()
    model, loss = network(np.random.default_rng(seed)), HalfSquaredError()
    optimizer = optim.SGD(model.parameters(), lr=lr)
    losses, sharpness = [], []
    for step in range(steps + 1):
        value = loss(model(x), y)
        if value > FAR:
            break
        if step % EVERY == 0:
            sharpness.append(curvature.sharpness(model, loss, x, y, tol=1e-3))
            loss(model(x), y)
        losses.append(value)
        model.backward(loss.backward())
        optimizer.step()
    late = np.diff(losses[len(losses) // 2 :])
    return {
        "loss": losses[::EVERY],
        "sharpness": sharpness,
        "rises": float(np.mean(late > 0)) if len(losses) > steps else None,
        "diverged": None if len(losses) > steps else len(losses),
    }


def data():
    """Return the digits without their mean, and the classes as rows of 0 and 1."""
    x, labels = (array[:EXAMPLES] for array in datasets.load("digits"))
    return x - x.mean(0), np.eye(10)[labels]


def network(rng):
    """Return the network: small weights at the start, so that its curvature has room to grow."""
    small = nn.init.scaled(0.7)
    sizes = [(64, 32), (32, 32), (32, 10)]
    first, second, last = (
        nn.Linear(*size, weight_init=small, rng=rng, dtype=float) for size in sizes
    )
    return nn.Sequential(first, nn.Tanh(), second, nn.Tanh(), last)


class HalfSquaredError:
    """Half the squared length of the error, averaged over examples."""

    def __call__(self, out, y):
        self._error = out - y
        return float(0.5 * np.sum(self._error**2) / len(y))

    def backward(self):
        """Return the gradient with respect to the output."""
        return self._error / len(self._error)
