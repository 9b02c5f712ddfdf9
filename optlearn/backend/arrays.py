"""Arrays: their dtype, and where their randomness comes from."""

import numpy as np

from .devices import as_array

#: The dtype of a layer's weights where none is asked for. Half the memory traffic of float64.
DTYPE = np.float32

#: Elements in one piece of an update. A piece of the weights, the gradient, two state vectors and
#: the scratch vector (5 x 1 MiB in float32) stays in a processor's last cache between the passes;
#: of 32Ki to 512Ki this was the fastest at 1e6 and 1e7 weights (tests/benchmarks/optimizers.py).
BLOCK = 262_144


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
