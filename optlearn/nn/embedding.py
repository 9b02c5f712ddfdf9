"""Tables of vectors: one for each word, or one for each place."""

import numpy as np

from ..backend import DTYPE, as_array, as_rng, to_host
from ..parameters import Parameter
from . import init
from .linear import whole
from .module import Module


class Embedding(Module):
    r"""Look up a learned vector for each whole number: :math:`y = W_{x}`.

    Parameters
    ----------
    num_embeddings : int
        Inputs are from 0 to ``num_embeddings - 1``.
    embedding_dim : int
        The length of the vectors.
    weight_init : callable, optional
        As for :class:`Linear`; :math:`N(0, 1)` where none is given, as in PyTorch.
    rng : int or numpy.random.Generator, optional
    dtype : dtype, default float32

    Notes
    -----
    ``weight`` has shape ``(num_embeddings, embedding_dim)``. An input of any shape ``(...)`` gives
    an output ``(..., embedding_dim)``. Whole numbers have no gradient: ``backward`` returns
    ``None``. The gradient of the table is dense, zero for what did not occur.
    """

    def __init__(self, num_embeddings, embedding_dim, *, weight_init=None, rng=None, dtype=DTYPE):
        self.num_embeddings = whole("num_embeddings", num_embeddings)
        self.embedding_dim = whole("embedding_dim", embedding_dim)
        self.weight = _table((num_embeddings, embedding_dim), weight_init, rng, dtype)

    def forward(self, x):
        x = to_host(x)  # where looking at the numbers, and sorting them, halts no GPU
        if not np.issubdtype(x.dtype, np.integer):
            raise TypeError(f"{self!r} takes whole numbers, got dtype {x.dtype}: use x.astype(int)")
        if x.size and not (x.min() >= 0 and x.max() < self.num_embeddings):
            odd = x.min() if x.min() < 0 else x.max()
            raise ValueError(
                f"{self!r} got {odd}: inputs must be from 0 to {self.num_embeddings - 1}"
            )
        self._x = x
        return self.weight.data[as_array(x, like=self.weight.data)]

    def backward(self, dout, *, input_grad=True):
        x, rows = self._x.ravel(), dout.reshape(-1, self.embedding_dim)
        self.weight.grad.fill(0)
        if len(x):
            # Equal numbers side by side, each stretch summed: 3 to 10 times faster than add.at.
            # Stable, so that the sums round alike on every machine.
            order = np.argsort(x, kind="stable")
            x = x[order]
            starts = np.flatnonzero(np.diff(x, prepend=-1))
            order, found, starts = (as_array(i, like=rows) for i in (order, x[starts], starts))
            self.weight.grad[found] = np.add.reduceat(rows[order], starts, axis=0)

    def __repr__(self):
        return f"Embedding({self.num_embeddings}, {self.embedding_dim})"


class PositionEmbedding(Module):
    r"""Add a learned vector for each place of a sequence: :math:`y_t = x_t + W_t`.

    Attention does not see the order of what it attends to; this tells it. Gehring et al.,
    "Convolutional sequence to sequence learning" (2017), section 3.1. PyTorch has no such layer:
    there it is an ``Embedding`` of ``arange(T)``, added by hand.

    Parameters
    ----------
    max_length : int
        The longest sequence; a shorter one uses the first vectors.
    embedding_dim : int
    weight_init : callable, optional
        :math:`N(0, 0.02^2)` where none is given, as in GPT-2, which starts its table of words in
        the same way: ``Embedding(..., weight_init=init.normal(0.02))``. From :math:`N(0, 1)` the
        words drown the places, and a task in which order counts is learned late or never.
    rng : int or numpy.random.Generator, optional
    dtype : dtype, default float32

    Notes
    -----
    ``weight`` has shape ``(max_length, embedding_dim)``, inputs ``(..., T, embedding_dim)``.
    """

    def __init__(self, max_length, embedding_dim, *, weight_init=None, rng=None, dtype=DTYPE):
        self.max_length = whole("max_length", max_length)
        self.embedding_dim = whole("embedding_dim", embedding_dim)
        weight_init = weight_init or init.normal(0.02)
        self.weight = _table((max_length, embedding_dim), weight_init, rng, dtype)

    def forward(self, x):
        x = as_array(x, self.weight.data.dtype, like=self.weight.data)
        if (
            x.ndim < 2
            or x.shape[-1] != self.embedding_dim
            or not 1 <= x.shape[-2] <= self.max_length
        ):
            raise ValueError(
                f"{self!r} got an input of shape {x.shape}: it must be (..., T, "
                f"{self.embedding_dim}) with T from 1 to {self.max_length}"
            )
        return x + self.weight.data[: x.shape[-2]]

    def backward(self, dout, *, input_grad=True):
        length = dout.shape[-2]
        np.sum(dout, axis=tuple(range(dout.ndim - 2)), out=self.weight.grad[:length])
        self.weight.grad[length:] = 0
        return dout if input_grad else None

    def __repr__(self):
        return f"PositionEmbedding({self.max_length}, {self.embedding_dim})"


def _table(shape, weight_init, rng, dtype):
    values = (weight_init or init.normal(1))(shape, as_rng(rng))
    return Parameter(values.astype(dtype), "weight")
