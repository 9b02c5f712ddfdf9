"""In-place vector kernels, each one line of an equation.

``tmp`` is scratch memory as long as ``w``. Ufuncs with ``out=`` allocate nothing, which is what
makes them fast on long vectors.
"""

import numpy as np


def decay(w, g, weight_decay, out):
    """Set ``out`` to ``g + weight_decay * w``, the gradient of the loss plus an L2 penalty."""
    np.multiply(w, weight_decay, out=out)
    out += g
    return out


def accumulate(b, g, momentum, scale, tmp):
    """Set ``b`` to ``momentum * b + scale * g``."""
    b *= momentum
    np.multiply(g, scale, out=tmp)
    b += tmp


def look_ahead(b, g, momentum, out):
    """Set ``out`` to ``g + momentum * b``."""
    np.multiply(b, momentum, out=out)
    out += g


def descend(w, direction, lr, tmp):
    """Set ``w`` to ``w - lr * direction``; ``direction`` may be ``tmp``."""
    np.multiply(direction, lr, out=tmp)
    w -= tmp
