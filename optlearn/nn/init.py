r"""Starting values of weights. Every function maps a shape and a generator to an array.

Shapes are ``(out, in)``, or ``(out, in, height, width)`` for the kernels of a convolution, where
each of the ``height * width`` places counts as an input. Any of these is a layer's
``weight_init``: ``Linear(64, 32, weight_init=init.he)``, and those with a number of their own,
such as ``orthogonal(gain=2)``, return such a function.
"""

import math

import numpy as np


def xavier(shape, rng):
    r"""Draw from :math:`N(0, 2/(n_{in}+n_{out}))`, for tanh (Glorot & Bengio, 2010, eq. 12)."""
    return rng.normal(0, math.sqrt(2 / (fan_in(shape) + fan_out(shape))), shape)


def xavier_uniform(shape, rng):
    r"""Draw from :math:`U(-a, a)`, :math:`a^2 = 6/(n_{in}+n_{out})` (Glorot & Bengio, eq. 16)."""
    bound = math.sqrt(6 / (fan_in(shape) + fan_out(shape)))
    return rng.uniform(-bound, bound, shape)


def he(shape, rng):
    r"""Draw from :math:`N(0, 2/n_{in})`, for ReLU (He et al., 2015, equation 10)."""
    return rng.normal(0, math.sqrt(2 / fan_in(shape)), shape)


def he_uniform(shape, rng):
    r"""Draw from :math:`U(-a, a)` with :math:`a^2 = 6/n_{in}`, the variance of :func:`he`."""
    bound = math.sqrt(6 / fan_in(shape))
    return rng.uniform(-bound, bound, shape)


def lecun(shape, rng):
    r"""Draw from :math:`N(0, 1/n_{in})` (LeCun et al., "Efficient BackProp", 1998, eq. 16)."""
    return rng.normal(0, math.sqrt(1 / fan_in(shape)), shape)


def fan_in_uniform(shape, rng):
    r"""Draw from :math:`U(-1/\sqrt{n}, 1/\sqrt{n})` with ``n`` inputs, PyTorch's default."""
    bound = 1 / math.sqrt(fan_in(shape))
    return rng.uniform(-bound, bound, shape)


def normal(std):
    r"""Return an initialiser that draws from :math:`N(0, \sigma^2)`, whatever the shape."""
    if not 0 <= std < math.inf:
        raise ValueError(f"std must be finite and >= 0, got {std!r}")
    return lambda shape, rng: rng.normal(0, std, shape)


def scaled(factor, init=lecun):
    r"""Return an initialiser whose weights are ``factor`` times those of ``init``.

    By default they are from :math:`N(0, \mathrm{factor}^2/n_{in})`: with a factor above 1 the
    signal of a deep linear network explodes, below 1 it vanishes.
    """
    if not math.isfinite(factor):
        raise ValueError(f"factor must be finite, got {factor!r}")
    return lambda shape, rng: factor * init(shape, rng)


def orthogonal(gain=1.0):
    r"""Return an initialiser of matrices whose rows or columns are orthonormal, times ``gain``.

    A square one keeps the length of every vector, and so does a deep row of them (Saxe et al.,
    "Exact solutions to the nonlinear dynamics of learning in deep linear networks", 2014).
    Of a kernel ``(out, in, height, width)`` the matrix is ``(out, in * height * width)``.
    """
    if not math.isfinite(gain):
        raise ValueError(f"gain must be finite, got {gain!r}")

    def initialise(shape, rng):
        rows, columns = shape[0], fan_in(shape)
        q, r = np.linalg.qr(rng.normal(size=(max(rows, columns), min(rows, columns))))
        # QR alone prefers some matrices: with a positive diagonal of R all are as likely
        # (Mezzadri, "How to generate random matrices from the classical compact groups", 2007).
        q *= np.sign(np.diag(r))
        return gain * (q if rows >= columns else q.T).reshape(shape)

    return initialise


def fan_in(shape):
    """Return the number of inputs of a unit whose weights have shape ``(out, in, ...)``."""
    return math.prod(shape[1:])


def fan_out(shape):
    """Return the number of outputs that one input reaches, for weights ``(out, in, ...)``."""
    return shape[0] * math.prod(shape[2:])
