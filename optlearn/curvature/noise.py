"""How much a gradient owes to the examples that happened to be in the batch."""

from typing import NamedTuple

import numpy as np

from ..backend import as_rng
from ..parameters import segments


class NoiseScale(NamedTuple):
    r"""What :func:`gradient_noise_scale` measured.

    Attributes
    ----------
    scale : float
        :math:`\operatorname{tr} \Sigma / |G|^2`, in examples; inf where :math:`|G|^2` is lost in
        the noise.
    noise : float
        :math:`\operatorname{tr} \Sigma`, the variance of one example's gradient, summed over all
        weights.
    gradient : float
        :math:`|G|^2`, the squared length of the gradient without noise. The estimate can be
        negative.
    """

    scale: float
    noise: float
    gradient: float


def gradient_noise_scale(model, loss, x, y, *, small=4, big=64, draws=50, rng=0):
    r"""Estimate the batch size at which a gradient is as much noise as signal.

    A gradient over ``B`` examples has the expected squared length :math:`|G|^2 +
    \operatorname{tr}\Sigma / B`. Two batch sizes give two equations, and so

    .. math::
        |G|^2 &= \frac{B_{big} |G_{big}|^2 - B_{small} |G_{small}|^2}{B_{big} - B_{small}} \\
        \operatorname{tr}\Sigma &=
            \frac{|G_{small}|^2 - |G_{big}|^2}{1 / B_{small} - 1 / B_{big}}

    Both are unbiased; they are averaged over ``draws`` before they are divided. Batches far below
    the scale are mostly noise, and doubling them nearly doubles what a step achieves. Far above
    it, more examples add little.

    Parameters
    ----------
    model : Module
        Run in the mode that it is in; weights and buffers stay, gradients are overwritten.
    loss : callable
        The mean over the batch.
    x, y : array
        The examples, drawn with replacement.
    small, big : int, default 4 and 64
        The batch sizes. ``big`` is a multiple of ``small``: a big batch is made of small ones.
    draws : int, default 50
        Big batches. ``draws * big`` examples are run in all.
    rng : int or numpy.random.Generator, default 0
        For the batches.

    Returns
    -------
    NoiseScale

    Notes
    -----
    This is the simple noise scale, which takes every direction for equally steep. It grows during
    training, as the gradient shrinks and the noise does not.

    References
    ----------
    McCandlish et al., "An empirical model of large-batch training" (2018), equation 2.9 and
    appendix A.1.
    """
    for name, value in (("small", small), ("big", big), ("draws", draws)):
        if not isinstance(value, int | np.integer) or value < 1:
            raise ValueError(f"{name} must be a whole number >= 1, got {value!r}")
    if big <= small or big % small:
        raise ValueError(f"big must be a multiple of small={small}, larger than it, got {big}")
    x, y, rng = np.asarray(x), np.asarray(y), as_rng(rng)
    kept, gradients = model.state_dict(), [g for _, g in segments(model.parameters())]
    squares = np.empty((draws, 2))  # of a small gradient on average, and of the big one
    for draw in squares:
        batches = rng.integers(len(x), size=(big // small, small))
        found = []
        for batch in batches:
            loss(model(x[batch]), y[batch])
            model.backward(loss.backward())
            found.append(np.concatenate(gradients, dtype=float))
        draw[:] = np.mean([g @ g for g in found]), np.sum(np.mean(found, axis=0) ** 2)
    model.load_state_dict(kept)
    g_small, g_big = squares.mean(axis=0)
    signal = float((big * g_big - small * g_small) / (big - small))
    noise = float((g_small - g_big) / (1 / small - 1 / big))
    return NoiseScale(noise / signal if signal > 0 else np.inf, noise, signal)
