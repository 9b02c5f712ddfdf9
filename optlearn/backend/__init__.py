"""What every other module asks about arrays: where they live, their dtype, their randomness.

This is the only part of the library that knows of CuPy and numba, and it imports neither before
it is asked to.
"""

from .arrays import BLOCK, DTYPE, as_float, as_rng, zeros
from .devices import array_module, as_array, device_of, gpu_available, to_device, to_host
from .forms import FORMS, form, use

__all__ = [
    "BLOCK",
    "DTYPE",
    "FORMS",
    "array_module",
    "as_array",
    "as_float",
    "as_rng",
    "device_of",
    "form",
    "gpu_available",
    "to_device",
    "to_host",
    "use",
    "zeros",
]
