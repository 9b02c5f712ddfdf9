"""Attention of a sequence to itself, the heart of a transformer."""

import math

import numpy as np

from ..backend import DTYPE, as_array, as_rng
from ..parameters import Parameter
from . import init
from .linear import Linear, whole
from .module import Module
from .rows import maxima, sums


class SelfAttention(Module):
    r"""Let each place of a sequence take a weighted mean over all of its places.

    .. math:: y = [A_1 V_1, \dots, A_H V_H]\, W_o^\top, \quad
        A_h = \mathrm{softmax}(Q_h K_h^\top / \sqrt{d})

    with queries, keys and values :math:`Q, K, V = x W_{in}^\top`, each cut into :math:`H` heads of
    length :math:`d`, and biases; Vaswani et al., "Attention is all you need" (2017), equation 1 and
    section 3.2.2.

    Parameters
    ----------
    embed_dim : int
        Inputs and outputs have shape ``(N, T, embed_dim)``.
    num_heads : int, default 1
        Must divide ``embed_dim``.
    causal : bool, default False
        Let each place see only itself and those before it.
    bias : bool, default True
    weight_init : callable, optional
        For each of the four matrices; PyTorch's start where none is given. Biases start at zero.
    rng : int or numpy.random.Generator, optional
    dtype : dtype, default float32

    Notes
    -----
    The weights lie as in PyTorch's ``MultiheadAttention``: ``in_proj_weight`` of shape
    ``(3 embed_dim, embed_dim)`` (queries, keys, values), ``in_proj_bias``, ``out_proj.weight``,
    ``out_proj.bias``. There ``batch_first=True`` is not the default, the causal mask is an argument
    of each call, and each call also returns the attention weights, here ``attention``.

    Examples
    --------
    A transformer that says the next of 33 words from up to 16, with one block of width 32 ::

        small = init.normal(0.02)
        model = Sequential(
            Embedding(33, 32, weight_init=small),
            PositionEmbedding(16, 32),
            Residual(LayerNorm(32), SelfAttention(32, num_heads=4, causal=True)),
            Residual(LayerNorm(32), Linear(32, 64), GELU(), Linear(64, 32)),
            LayerNorm(32),
            Linear(32, 33),
        )

    Attributes
    ----------
    attention : numpy.ndarray of shape (N, num_heads, T, T)
        Of the last forward pass: how much place ``i`` takes of place ``j``; rows sum to 1.
    """

    def __init__(
        self,
        embed_dim,
        num_heads=1,
        *,
        causal=False,
        bias=True,
        weight_init=None,
        rng=None,
        dtype=DTYPE,
    ):
        self.embed_dim = whole("embed_dim", embed_dim)
        self.num_heads = whole("num_heads", num_heads)
        if embed_dim % num_heads:
            raise ValueError(
                f"embed_dim {embed_dim} cannot be cut into num_heads {num_heads} equal heads"
            )
        self.causal, rng = causal, as_rng(rng)
        if weight_init:
            matrices = [weight_init((embed_dim, embed_dim), rng) for _ in range(3)]
            weights = np.concatenate(matrices)
        else:
            weights = init.xavier_uniform((3 * embed_dim, embed_dim), rng)
        self.in_proj_weight = Parameter(weights.astype(dtype), "in_proj_weight")
        self.in_proj_bias = None
        if bias:
            self.in_proj_bias = Parameter(np.zeros(3 * embed_dim, dtype), "in_proj_bias")
        self.out_proj = Linear(
            embed_dim, embed_dim, bias, weight_init=weight_init, rng=rng, dtype=dtype
        )
        if bias:
            self.out_proj.bias.data.fill(0)

    def forward(self, x):
        weight = self.in_proj_weight.data
        x = as_array(x, weight.dtype, like=weight)
        if x.ndim != 3 or x.shape[2] != self.embed_dim or x.shape[1] == 0:
            raise ValueError(
                f"{self!r} got an input of shape {x.shape}: it must be (N, T, {self.embed_dim}) "
                "with T >= 1"
            )
        self._shape, self._x = x.shape, x.reshape(-1, self.embed_dim)
        projected = self._x @ weight.T
        if self.in_proj_bias is not None:
            projected += self.in_proj_bias.data
        self._q, self._k, self._v = self._heads(projected, 3)
        self.attention = self._softmax(self._q @ self._k.swapaxes(2, 3))
        mixed = np.empty_like(x, order="C")
        np.matmul(self.attention, self._v, out=self._heads(mixed, 1)[0])
        return self.out_proj(mixed)

    def _heads(self, x, parts):
        """Cut ``(N, T, parts * embed_dim)`` into ``parts`` views ``(N, num_heads, T, d)``."""
        n, t, e = self._shape
        return x.reshape(n, t, parts, self.num_heads, e // self.num_heads).transpose(2, 0, 3, 1, 4)

    def _softmax(self, scores):
        """Return the attention weights; ``scores`` is overwritten."""
        scores *= self._scale()
        if self.causal:
            t = scores.shape[-1]
            scores += np.triu(np.full_like(scores, -np.inf, shape=(t, t)), k=1)
        rows = scores.reshape(-1, scores.shape[-1])
        rows -= maxima(rows)[:, None]  # exp cannot overflow
        np.exp(rows, out=rows)
        rows /= sums(rows)[:, None]
        return scores

    def _scale(self):
        return 1 / math.sqrt(self.embed_dim // self.num_heads)

    def backward(self, dout, *, input_grad=True):
        _, t, e = self._shape
        dmixed = self._heads(self.out_proj.backward(dout), 1)[0]
        dscores = dmixed @ self._v.swapaxes(2, 3)
        rows, weights = dscores.reshape(-1, t), self.attention.reshape(-1, t)
        # What moves all scores of a row alike does not change its softmax, and is taken out.
        rows -= sums(rows * weights)[:, None]
        rows *= weights
        rows *= self._scale()
        dprojected = np.empty_like(dout, shape=(len(self._x), 3 * e))
        dq, dk, dv = self._heads(dprojected, 3)
        np.matmul(dscores, self._k, out=dq)
        np.matmul(dscores.swapaxes(2, 3), self._q, out=dk)
        np.matmul(self.attention.swapaxes(2, 3), dmixed, out=dv)
        np.matmul(dprojected.T, self._x, out=self.in_proj_weight.grad)
        if self.in_proj_bias is not None:
            sums(dprojected.T, out=self.in_proj_bias.grad)
        if not input_grad:
            return None
        return (dprojected @ self.in_proj_weight.data).reshape(self._shape)

    def __repr__(self):
        return f"SelfAttention({self.embed_dim}, num_heads={self.num_heads})"
