"""What a reference path and ours are both given: start, gradients and learning rates.

NumPy's Generator gives the same numbers everywhere, so none of this is stored.
"""

from functools import cache

import numpy as np

#: A matrix that is wide, a vector, and a matrix that is tall: 25 weights.
SHAPES = ((3, 4), (5,), (4, 2))
MATRICES = ((3, 4), (4, 2))  # Muon takes nothing else
KINDS = ("ill-conditioned", "sparse", "tiny")
STEPS = 1000
#: The steps after which the weights are stored.
STORED = (1, 2, 3, 10, 100, 1000)


def shapes(name):
    return MATRICES if name == "muon" else SHAPES


def sizes(name):
    return [int(np.prod(shape)) for shape in shapes(name)]


@cache
def gradients(kind, size):
    """Return the gradients of all steps: noisy and of very different sizes, mostly zero, or tiny.

    They do not depend on the weights, so that a difference cannot feed upon itself.
    """
    g = np.random.default_rng([KINDS.index(kind), size]).normal(size=(STEPS, size))
    if kind == "ill-conditioned":
        g *= np.geomspace(1e-4, 1, size)[::-1]
    elif kind == "sparse":
        g *= np.random.default_rng(7).uniform(size=g.shape) < 0.1
    else:
        g *= 1e-7
    g.flags.writeable = False
    return g


def start(kind, size):
    """Return the weights before step 1: tiny for tiny gradients, which would not show otherwise."""
    w = np.random.default_rng(11).normal(size=size)
    return 1e-7 * w if kind == "tiny" else w


def rates(lr):
    """Return the learning rate of every step: a number, or a warm-up from zero and then a decay.

    The schedule is written ``{"peak": 0.1, "warmup": 10}``, so that a golden can store it.
    """
    if not isinstance(lr, dict):
        return [lr] * STEPS
    return [lr["peak"] * min(t / lr["warmup"], 1) * (1 - t / (2 * STEPS)) for t in range(STEPS)]
