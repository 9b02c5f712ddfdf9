"""The fully connected layer."""

import math

import numpy as np

from ..backend import DTYPE, as_array, as_rng
from ..parameters import Parameter
from . import init
from .module import Module


class Linear(Module):
    r"""Weigh and add all inputs: :math:`y = x W^\top + b`.

    Parameters
    ----------
    in_features, out_features : int
    bias : bool, default True
    weight_init : callable, optional
        ``(shape, rng) -> array`` from :mod:`optlearn.nn.init`. PyTorch's default where none is
        given, which also draws the bias; with another one the bias starts at zero.
    rng : int or numpy.random.Generator, optional
    dtype : dtype, default float32

    Notes
    -----
    ``weight`` has shape ``(out_features, in_features)`` and ``bias`` ``(out_features,)``, as in
    PyTorch. Inputs have shape ``(..., in_features)``.
    """

    def __init__(
        self, in_features, out_features, bias=True, *, weight_init=None, rng=None, dtype=DTYPE
    ):
        self.in_features = whole("in_features", in_features)
        self.out_features = whole("out_features", out_features)
        shape = (out_features, in_features)
        self.weight, self.bias = weight_and_bias(shape, bias, weight_init, rng, dtype)
        self._ones = None  # a product with ones is the fastest sum over examples

    def forward(self, x):
        weight = self.weight.data
        x = as_array(x, weight.dtype, like=weight)
        if x.ndim == 0 or x.shape[-1] != self.in_features:
            raise ValueError(
                f"{self!r} got an input of shape {x.shape}: its last axis must have length "
                f"{self.in_features}"
            )
        self._shape = x.shape
        if x.ndim == 2:
            # The same product with the examples last in memory, where BLAS is faster, twice as
            # fast for few examples.
            self._x, out = x, np.dot(weight, x.T).T
        else:
            self._x = x.reshape(-1, self.in_features)  # one large product, not many small ones
            out = np.dot(self._x, weight.T).reshape(*x.shape[:-1], self.out_features)
        if self.bias is not None:
            out += self.bias.data
        return out

    def backward(self, dout, *, input_grad=True):
        dout = as_array(dout, self._x.dtype).reshape(-1, self.out_features)
        np.dot(dout.T, self._x, out=self.weight.grad)
        if self.bias is not None:
            if type(self._ones) is not type(dout) or len(self._ones) != len(dout):
                self._ones = np.ones_like(dout, shape=len(dout))
            np.dot(dout.T, self._ones, out=self.bias.grad)
        if not input_grad:
            return None
        # In the memory layout of the input, which is the one that the layer before works in.
        dx = np.matmul(dout, self.weight.data, out=np.empty_like(self._x))
        return dx.reshape(self._shape)

    def __repr__(self):
        return f"Linear({self.in_features}, {self.out_features})"


def whole(name, n, least=1):
    """Return ``n`` if it is a whole number of at least ``least``, or say what is wrong with it."""
    if not isinstance(n, int | np.integer) or n < least:
        raise ValueError(f"{name} must be a whole number >= {least}, got {n!r}")
    return n


def weight_and_bias(shape, bias, weight_init, rng, dtype):
    """Return the starting parameters of a layer whose weights have shape ``(out, in, ...)``.

    Without ``weight_init`` both are drawn as in PyTorch; with it, the bias starts at zero.
    """
    rng = as_rng(rng)
    weight = Parameter((weight_init or init.fan_in_uniform)(shape, rng).astype(dtype), "weight")
    if not bias:
        return weight, None
    bound = 0 if weight_init else 1 / math.sqrt(init.fan_in(shape))
    return weight, Parameter(rng.uniform(-bound, bound, shape[0]).astype(dtype), "bias")
