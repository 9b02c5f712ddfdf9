"""What every other module asks about arrays: where they live, their dtype, their randomness.

This is the only part of the library that knows of CuPy and numba, and it imports neither before
it is asked to.
"""

from .arrays import BLOCK, DTYPE, as_float, as_rng, to_device, to_host
from .forms import FORMS, form, use

__all__ = [
    "BLOCK",
    "DTYPE",
    "FORMS",
    "as_float",
    "as_rng",
    "form",
    "to_device",
    "to_host",
    "use",
]
