"""Attention of a sequence to itself, the heart of a transformer."""

import math

import numpy as np

from ..backend import DTYPE, as_rng
from ..parameters import Parameter
from . import init
from .linear import Linear, whole
from .module import Module


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
        x = np.asarray(x)
        if x.ndim != 3 or x.shape[2] != self.embed_dim or x.shape[1] == 0:
            raise ValueError(
                f"{self!r} got an input of shape {x.shape}: it must be (N, T, {self.embed_dim}) "
                "with T >= 1"
            )
        self._x = x.astype(self.in_proj_weight.data.dtype, copy=False)
        projected = self._x @ self.in_proj_weight.data.T
        if self.in_proj_bias is not None:
            projected += self.in_proj_bias.data
        n, t, _ = x.shape
        # (N, T, 3 E) to three arrays (N, heads, T, d), views of the one.
        parts = projected.reshape(n, t, 3, self.num_heads, -1).transpose(2, 0, 3, 1, 4)
        self._q, self._k, self._v = parts
        self.attention = self._softmax(self._q @ self._k.swapaxes(2, 3))
        mixed = self.attention @ self._v
        return self.out_proj(mixed.swapaxes(1, 2).reshape(x.shape))

    def _softmax(self, scores):
        """Return the attention weights; ``scores`` is overwritten."""
        scores *= self._scale()
        if self.causal:
            t = scores.shape[-1]
            scores[..., np.triu(np.ones((t, t), bool), k=1)] = -np.inf
        scores -= scores.max(axis=-1, keepdims=True)  # exp cannot overflow
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        return scores

    def _scale(self):
        return 1 / math.sqrt(self.embed_dim // self.num_heads)

    def backward(self, dout, *, input_grad=True):
        n, t, e = self._x.shape
        dmixed = self.out_proj.backward(dout).reshape(n, t, self.num_heads, -1).swapaxes(1, 2)
        # The softmax takes out of each row what would move all its scores alike.
        dscores = dmixed @ self._v.swapaxes(2, 3)
        dscores -= np.sum(dscores * self.attention, axis=-1, keepdims=True)
        dscores *= self.attention
        dscores *= self._scale()
        dprojected = np.empty((n, t, 3, self.num_heads, e // self.num_heads), dout.dtype)
        dq, dk, dv = dprojected.transpose(2, 0, 3, 1, 4)
        dq[...] = dscores @ self._k
        dk[...] = dscores.swapaxes(2, 3) @ self._q
        dv[...] = self.attention.swapaxes(2, 3) @ dmixed
        rows = dprojected.reshape(-1, 3 * e)
        np.matmul(rows.T, self._x.reshape(-1, e), out=self.in_proj_weight.grad)
        if self.in_proj_bias is not None:
            np.sum(rows, axis=0, out=self.in_proj_bias.grad)
        return (rows @ self.in_proj_weight.data).reshape(n, t, e) if input_grad else None

    def __repr__(self):
        return f"SelfAttention({self.embed_dim}, num_heads={self.num_heads})"
