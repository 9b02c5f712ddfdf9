"""Starting values of weights. Every function maps a shape and a generator to an array."""

import math

import numpy as np


def fan_in_uniform(shape, rng):
    r"""Draw from :math:`U(-1/\sqrt{n}, 1/\sqrt{n})` with ``n`` inputs, PyTorch's default."""
    bound = 1 / math.sqrt(fan_in(shape))
    return rng.uniform(-bound, bound, shape)


def xavier(shape, rng):
    r"""Draw from :math:`N(0, 2/(n_{in}+n_{out}))`, for tanh (Glorot & Bengio, 2010, eq. 12)."""
    return rng.normal(0, math.sqrt(2 / (fan_in(shape) + shape[0])), shape)


def he(shape, rng):
    r"""Draw from :math:`N(0, 2/n_{in})`, for ReLU (He et al., 2015, equation 10)."""
    return rng.normal(0, math.sqrt(2 / fan_in(shape)), shape)


def fan_in(shape):
    """Return the number of inputs of a unit whose weights have shape ``(out, in, ...)``."""
    return int(np.prod(shape[1:]))
