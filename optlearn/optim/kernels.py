"""In-place vector kernels, each one line of an equation.

``tmp`` is scratch memory as long as ``w``. Ufuncs with ``out=`` allocate nothing, which is what
makes them fast on long vectors.
"""

import functools

import numpy as np


def decay(w, g, weight_decay, out):
    """Set ``out`` to ``g + weight_decay * w``, the gradient of the loss plus an L2 penalty."""
    np.multiply(w, weight_decay, out=out)
    out += g
    return out


def shrink(w, factor):
    """Set ``w`` to ``factor * w``: decoupled weight decay."""
    w *= factor


def accumulate(b, g, momentum, scale, tmp):
    """Set ``b`` to ``momentum * b + scale * g``; two passes where ``scale`` is the number 1."""
    b *= momentum
    if not (isinstance(scale, int | float) and scale == 1):
        g = np.multiply(g, scale, out=tmp)
    b += g


def average(m, g, beta, tmp):
    """Set ``m`` to ``beta * m + (1 - beta) * g``."""
    keep, take = _shares(beta, m)
    m *= keep
    np.multiply(g, take, out=tmp)
    m += tmp


def average_square(v, g, beta, tmp):
    """Set ``v`` to ``beta * v + (1 - beta) * g**2``."""
    keep, take = _shares(beta, v)
    v *= keep
    np.multiply(g, g, out=tmp)
    tmp *= take
    v += tmp


def _shares(beta, like):
    """Return ``beta`` and ``1 - beta``, on the CPU plain numbers as arrays without axes."""
    if isinstance(beta, np.ndarray) or not isinstance(like, np.ndarray):
        return beta, 1 - beta
    return _without_axes(beta, like.dtype)


@functools.lru_cache(maxsize=64)
def _without_axes(beta, dtype):
    # NumPy turns a Python number into such an array at every call, which on a small network takes
    # as long as the multiplication.
    return np.array(beta, dtype), np.array(1 - beta, dtype)


def add_square(v, g, tmp):
    """Set ``v`` to ``v + g**2``."""
    np.multiply(g, g, out=tmp)
    v += tmp


def look_ahead(b, g, momentum, out):
    """Set ``out`` to ``g + momentum * b``."""
    np.multiply(b, momentum, out=out)
    out += g


def root(v, eps, out):
    """Set ``out`` to ``sqrt(v) + eps``."""
    np.sqrt(v, out=out)
    out += eps


def descend(w, direction, lr, tmp):
    """Set ``w`` to ``w - lr * direction``; ``direction`` may be ``tmp``."""
    np.multiply(direction, lr, out=tmp)
    w -= tmp


def descend_scaled(w, m, denominator, lr, tmp):
    """Set ``w`` to ``w - lr * m / denominator``; ``denominator`` may be ``tmp``."""
    np.divide(m, denominator, out=tmp)
    tmp *= lr
    w -= tmp
