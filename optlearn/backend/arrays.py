"""Arrays: their dtype, and where their randomness comes from."""

import numpy as np

from .devices import array_module, as_array

#: The dtype of a layer's weights where none is asked for. Half the memory traffic of float64.
DTYPE = np.float32

#: Elements in one piece of an update. A piece of the weights, the gradient, two state vectors and
#: the scratch vector (5 x 512 KiB in float32) stays in a processor's caches between the passes; of
#: 8Ki to 1Mi this was the fastest at 1e6 and 1e7 weights (tests/benchmarks/optimizers.py).
BLOCK = 131_072

#: Bytes in a cache line.
_LINE = 64


def zeros(size, like, dtype=None):
    """Return a vector of zeros on the device and, unless told otherwise, of the dtype of ``like``.

    It starts where a cache line starts. Processors load 64 bytes at a time, and a load that
    straddles two lines is two loads: an update of 10,000 weights is a tenth faster without them.
    """
    dtype = np.dtype(dtype or like.dtype)
    if array_module(like) is not np:
        return np.zeros_like(like, dtype=dtype, shape=size)
    room = np.zeros(size * dtype.itemsize + _LINE, np.uint8)
    start = -room.ctypes.data % _LINE
    return room[start : start + size * dtype.itemsize].view(dtype)


def as_rng(rng):
    """Return a NumPy Generator made from ``rng``.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        A seed, a generator (returned as it is, so that draws continue), or ``None`` for
        fresh entropy.
    """
    if rng is None or isinstance(rng, int | np.integer | np.random.Generator):
        return np.random.default_rng(rng)
    raise TypeError(f"rng must be an int, a numpy Generator or None, got {rng!r}")


def as_float(array, what):
    """Return ``array`` as a floating-point array, or say why it is none.

    Integers are refused rather than converted: an update written into an integer array would
    be cut to whole numbers without a word.
    """
    array = as_array(array)
    if not np.issubdtype(array.dtype, np.floating):
        raise TypeError(
            f"{what} must be floating point, got dtype {array.dtype}: pass array.astype(float)"
        )
    return array
