"""Parameters, and the flat storage that lets one array operation update all of them.

A network has many small weight arrays, and a NumPy call costs about a microsecond whatever the
size. So the arrays are views into two long vectors, one of weights and one of gradients, and an
optimizer sweeps over the vectors.
"""

import math

import numpy as np

from .backend import array_module, as_array, as_float, device_of, to_device, zeros


class Parameter:
    """A weight array and the gradient of the loss with respect to it.

    Parameters
    ----------
    array : array_like of float
        The starting values, copied. Any shape; float32 or float64; in main memory or on a GPU.
    name : str, default ""
        Used in error messages and in ``state_dict``.

    Raises
    ------
    TypeError
        If ``array`` is not floating point.

    Notes
    -----
    Assigning ``p.data = x`` or ``p.grad = x`` copies ``x`` in, so that nobody else's array is
    ever aliased. When an optimizer or a model takes the parameter it moves into flat storage:
    read ``p.data`` afresh afterwards instead of keeping the array.

    PyTorch's ``grad`` is ``None`` before the first backward pass; here it is zeros.
    """

    __slots__ = ("_data", "_grad", "flat", "name", "offset")

    def __init__(self, array, name=""):
        self._data = as_float(array, f"the data of parameter {name!r}").copy()
        self._grad = np.zeros_like(self._data)
        self.name = name
        self.flat = None  # the Flat that holds the two arrays
        self.offset = 0  # where in it they start

    @property
    def data(self):
        """The weights."""
        return self._data

    @data.setter
    def data(self, value):
        self._copy_in(self._data, value, "data")

    @property
    def grad(self):
        """The gradient of the loss with respect to the weights."""
        return self._grad

    @grad.setter
    def grad(self, value):
        self._copy_in(self._grad, value, "grad")

    @property
    def shape(self):
        """The shape of both arrays."""
        return self._data.shape

    @property
    def size(self):
        """The number of weights."""
        return self._data.size

    @property
    def device(self):
        """Where both arrays live: ``"cpu"`` or ``"gpu"``."""
        return device_of(self._data)

    def _copy_in(self, target, value, what):
        value = as_array(value)
        if value.shape != target.shape:
            raise ValueError(
                f"{what} of parameter {self.name!r} has shape {target.shape}, "
                f"got an array of shape {value.shape}"
            )
        if value.dtype.kind not in "fiu":
            raise TypeError(
                f"{what} of parameter {self.name!r} must be real numbers, got dtype {value.dtype}"
            )
        # What a person assigns may come from the other side; an optimizer never does that.
        target[...] = value if type(value) is type(target) else to_device(value, self.device)

    def __getstate__(self):
        """Return what pickle and ``copy.deepcopy`` keep: a place in the flat vectors, no view."""
        own = (self._data, self._grad) if self.flat is None else None
        return self.name, self.shape, self.flat, self.offset, own

    def __setstate__(self, state):
        self.name, shape, self.flat, self.offset, own = state
        if own is not None:
            self._data, self._grad = own
        else:
            self.flat.view(self, shape)

    def __repr__(self):
        return f"Parameter({self.name!r}, shape={self.shape}, dtype={self._data.dtype})"


class Flat:
    """One vector ``w`` of weights and one ``g`` of gradients, of which parameters are views.

    Parameters
    ----------
    params : list of Parameter
        All of one dtype and on one device; their values are kept.
    """

    def __init__(self, params):
        self.w = zeros(sum(p.size for p in params), like=params[0].data)
        self.g = zeros(self.w.size, like=self.w)
        #: True once an optimizer holds views of the vectors: the parameters may not move again.
        self.pinned = False
        offset = 0
        for p in params:
            span = slice(offset, offset + p.size)
            self.w[span], self.g[span] = p.data.ravel(), p.grad.ravel()
            p.flat, p.offset = self, offset
            self.view(p, p.shape)
            offset += p.size

    def view(self, p, shape):
        """Make the arrays of ``p`` views of the two vectors, from its offset on."""
        span = slice(p.offset, p.offset + math.prod(shape))
        p._data, p._grad = self.w[span].reshape(shape), self.g[span].reshape(shape)


def flatten(params):
    """Move parameters into flat storage, one ``Flat`` for each run of the same dtype and device.

    Parameters that an optimizer already updates stay where they are.
    """
    run = []
    for p in params:
        movable = p.flat is None or not p.flat.pinned
        if run and not (movable and _alike(run[0].data, p.data)):
            Flat(run)
            run = []
        if movable:
            run.append(p)
    if run:
        Flat(run)


def _alike(a, b):
    return a.dtype == b.dtype and array_module(a) is array_module(b)


def cast(params, dtype):
    """Give parameters another dtype, in flat storage of their own; no optimizer holds them then."""
    for p in params:
        p._data, p._grad, p.flat = p.data.astype(dtype), p.grad.astype(dtype), None
    flatten(params)


def move(params, device):
    """Move parameters to ``"cpu"`` or ``"gpu"``, where they are views of flat storage again.

    Raises
    ------
    ValueError
        If an optimizer updates one of them already; nothing has moved then.
    """
    moving = [p for p in params if p.device != device]
    for p in moving:
        if p.flat is not None and p.flat.pinned:
            raise ValueError(
                f"parameter {p.name!r} cannot move to {device!r}, an optimizer updates it where "
                "it is: move the model before you build the optimizer"
            )
    there = [(to_device(p.data, device), to_device(p.grad, device)) for p in moving]
    for p, (data, grad) in zip(moving, there, strict=True):
        p._data, p._grad, p.flat = data, grad, None
    flatten(moving)


def segments(params):
    """Return the longest stretches ``(w, g)`` of flat storage that hold ``params`` in order."""
    found = []  # [flat, start, stop]
    for p in params:
        if found and found[-1][0] is p.flat and found[-1][2] == p.offset:
            found[-1][2] += p.size
        else:
            found.append([p.flat, p.offset, p.offset + p.size])
    return [(flat.w[start:stop], flat.g[start:stop]) for flat, start, stop in found]
