"""The fully connected layer."""

import math

import numpy as np

from ..backend import DTYPE, as_rng
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
        rng, shape = as_rng(rng), (out_features, in_features)
        self.weight = Parameter((weight_init or init.fan_in_uniform)(shape, rng).astype(dtype))
        self.weight.name = "weight"
        self.bias = None
        if bias:
            bound = 0 if weight_init else 1 / math.sqrt(in_features)
            self.bias = Parameter(rng.uniform(-bound, bound, out_features).astype(dtype), "bias")

    def forward(self, x):
        x = np.asarray(x)
        if x.ndim == 0 or x.shape[-1] != self.in_features:
            raise ValueError(
                f"{self!r} got an input of shape {x.shape}: its last axis must have length "
                f"{self.in_features}"
            )
        self._x = x.astype(self.weight.data.dtype, copy=False)
        out = self._x @ self.weight.data.T
        if self.bias is not None:
            out += self.bias.data
        return out

    def backward(self, dout, *, input_grad=True):
        rows, x = dout.reshape(-1, self.out_features), self._x.reshape(-1, self.in_features)
        np.matmul(rows.T, x, out=self.weight.grad)
        if self.bias is not None:
            np.sum(rows, axis=0, out=self.bias.grad)
        return dout @ self.weight.data if input_grad else None

    def __repr__(self):
        return f"Linear({self.in_features}, {self.out_features})"


def whole(name, n, least=1):
    """Return ``n`` if it is a whole number of at least ``least``, or say what is wrong with it."""
    if not isinstance(n, int | np.integer) or n < least:
        raise ValueError(f"{name} must be a whole number >= {least}, got {n!r}")
    return n
