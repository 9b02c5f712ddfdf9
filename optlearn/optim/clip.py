"""Gradient clipping: bound the gradient before the optimizer sees it."""

import math

import numpy as np

from ..parameters import segments


def clip_grad_norm(params, max_norm):
    r"""Scale all gradients together so that their joint norm is at most ``max_norm``.

    .. math:: g \leftarrow g \cdot \min\!\left(1, \frac{c}{\lVert g \rVert + 10^{-6}}\right)

    Parameters
    ----------
    params : iterable of Parameter
        Already owned by an optimizer or a model.
    max_norm : float
        :math:`c > 0`.

    Returns
    -------
    float
        The norm before clipping.

    Raises
    ------
    ValueError
        If ``max_norm`` is not above 0.

    Notes
    -----
    PyTorch's and MLX's ``clip_grad_norm`` are the same. Optax's ``clip_by_global_norm`` and Keras's
    ``global_clipnorm`` leave the 1e-6 out; Keras's ``clipnorm`` bounds each parameter on its own,
    which changes the direction.

    References
    ----------
    Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks", ICML
    2013, Algorithm 1. The 1e-6 is PyTorch's.
    """
    if not max_norm > 0:
        raise ValueError(f"max_norm must be > 0, got {max_norm}")
    gradients = [g for _, g in segments(list(params))]
    norm = math.sqrt(sum(g @ g for g in gradients))  # on a GPU: one number comes down
    scale = max_norm / (norm + 1e-6)
    if scale < 1:
        for g in gradients:
            g *= scale
    return norm


def clip_grad_value(params, value):
    r"""Cut every entry of every gradient to :math:`[-c, c]`. It changes the direction, too.

    Parameters
    ----------
    params : iterable of Parameter
        Already owned by an optimizer or a model.
    value : float
        :math:`c > 0`; anything else is a ``ValueError``.
    """
    if not value > 0:
        raise ValueError(f"value must be > 0, got {value}")
    for _, g in segments(list(params)):
        np.clip(g, -value, value, out=g)
