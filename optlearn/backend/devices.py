"""Devices: which library an array belongs to, and the ways between main memory and a GPU.

NumPy's functions hand arrays of CuPy's over to CuPy, so that most of the library is written once,
with ``np``. What is left is here.

CuPy installs and imports where there is no GPU; only its first array fails. So what decides is
whether it finds a device. It is imported by name, where it is needed: tests put their double of it
into ``sys.modules["cupy"]``.
"""

import sys

import numpy as np


def gpu_available():
    """Tell whether CuPy is installed and finds a CUDA device."""
    try:
        import cupy
    except ImportError:
        return False
    return bool(cupy.cuda.is_available())


def array_module(array):
    """Return the module that ``array`` belongs to: ``cupy`` on a GPU, ``numpy`` otherwise."""
    cupy = sys.modules.get("cupy")  # whoever has an array of CuPy's has imported it
    return cupy if cupy is not None and isinstance(array, cupy.ndarray) else np


def device_of(array):
    """Return where ``array`` lives: ``"cpu"`` or ``"gpu"``."""
    return "cpu" if array_module(array) is np else "gpu"


def to_device(array, device):
    """Return ``array`` on ``device``; as it is if it lives there already.

    Parameters
    ----------
    array : array_like
    device : {"cpu", "gpu"}

    Raises
    ------
    ValueError
        For any other device.
    ImportError
        For ``"gpu"`` without CuPy.
    RuntimeError
        For ``"gpu"`` where CuPy finds no CUDA device.
    """
    if device == "cpu":
        return to_host(array)
    if device != "gpu":
        raise ValueError(f"device must be 'cpu' or 'gpu', got {device!r}")
    try:
        import cupy
    except ImportError as error:
        raise ImportError(
            f"device 'gpu' needs CuPy ({error}): pip install 'optlearn[gpu]'"
        ) from error
    if not cupy.cuda.is_available():
        raise RuntimeError(
            "device 'gpu': CuPy is installed but finds no CUDA device; check the driver with "
            "nvidia-smi, or stay on 'cpu'"
        )
    return cupy.asarray(array)


def to_host(array):
    """Return ``array`` as a NumPy array in main memory."""
    return np.asarray(array) if array_module(array) is np else array.get()


def as_array(array, dtype=None, *, like=None):
    """Return ``array`` as an array of ``dtype``, on the device of ``like`` if that is given.

    ``numpy.asarray`` refuses what lives on a GPU. Data go up to a GPU when they meet weights
    there; nothing comes down unasked, because the GPU would have to stop for it.

    Raises
    ------
    ValueError
        If ``array`` lives on a GPU and ``like`` does not.
    """
    if "cupy" not in sys.modules:  # nothing lives on a GPU; layers are asked in every step
        return np.asarray(array, dtype)
    here = device_of(array)
    if here == "cpu":
        array = np.asarray(array, dtype)
    elif dtype is not None:
        array = array.astype(dtype, copy=False)
    if like is None or here == device_of(like):
        return array
    if here == "gpu":
        raise ValueError(
            "an array on the GPU meets one on the CPU: move the model with .to('gpu'), or the "
            "array with backend.to_host(array)"
        )
    return to_device(array, "gpu")
