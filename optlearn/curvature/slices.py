"""Pictures of the loss around the weights, on a plane through them."""

from dataclasses import dataclass

import numpy as np

from ..backend import as_rng


@dataclass(frozen=True)
class LossSlice:
    """The loss on a plane through the weights.

    Attributes
    ----------
    a, b : numpy.ndarray, shape (points,)
        How far along the first and the second direction; 0 is where the weights are.
    loss : numpy.ndarray, shape (points, points)
        ``loss[i, j]`` is the loss at ``w + a[i] * directions[0] + b[j] * directions[1]``.
    directions : numpy.ndarray, shape (2, weights)
        Flat, in the order of ``model.parameters()``.
    """

    a: np.ndarray
    b: np.ndarray
    loss: np.ndarray
    directions: np.ndarray


def loss_slice(model, loss, x, y, *, span=1.0, points=25, directions=None, rng=0):
    r"""Return the loss on a plane through the weights, along two random directions.

    The directions are normal noise, filter-normalised: each row :math:`d_i` of a weight, which is
    what one unit or filter multiplies its inputs by, is made as long as the row :math:`w_i` of
    the weights,

    .. math:: d_i \leftarrow \frac{d_i}{\lVert d_i \rVert} \lVert w_i \rVert

    so that slices of different networks can be compared: with ReLU, weights twice as large in one
    layer and half as large in the next are the same function, and give the same picture. Biases
    and other parameters with one axis stay where they are.

    Parameters
    ----------
    model : Module
        Run in evaluation mode; its weights are moved and put back.
    loss : callable
    x, y : array
        The examples over which the loss is taken.
    span : float, default 1
        The plane reaches from ``-span`` to ``span`` both ways, in lengths of the weights.
    points : int, default 25
        Along each direction, so the loss is computed ``points**2`` times. With an odd number the
        middle is the weights themselves.
    directions : array of shape (2, weights), optional
        Directions to take as they are instead, flat, in the order of ``model.parameters()``.
    rng : int or numpy.random.Generator, default 0
        For the directions.

    Returns
    -------
    LossSlice
        A loss that overflows is inf or nan.

    Notes
    -----
    A plane shows two of many thousand directions, and the network hardly ever moves along them:
    minima look rounder than they are, since a random direction meets the steepest ones only a
    little.

    References
    ----------
    Li et al., "Visualizing the loss landscape of neural nets", NeurIPS 2018, section 4.
    """
    if not span > 0:
        raise ValueError(f"span must be > 0, got {span!r}")
    if not isinstance(points, int | np.integer) or points < 2:
        raise ValueError(f"points must be a whole number >= 2, got {points!r}")
    params = model.parameters()
    if directions is None:
        rng = as_rng(rng)
        directions = [_filter_normalised(params, rng) for _ in range(2)]
    directions = np.array(directions, dtype=float)
    size = sum(p.size for p in params)
    if directions.shape != (2, size):
        raise ValueError(f"directions must have shape (2, {size}), got {directions.shape}")
    steps = np.linspace(-span, span, points)
    kept, was_training = [p.data.copy() for p in params], model.training
    model.eval()
    values = np.empty((points, points))
    try:
        with np.errstate(all="ignore"):
            for i, j in np.ndindex(values.shape):
                _move(params, kept, steps[i] * directions[0] + steps[j] * directions[1])
                values[i, j] = loss(model(x), y)
    finally:
        for p, weights in zip(params, kept, strict=True):
            p.data = weights
        if was_training:
            model.train()
    return LossSlice(steps, steps.copy(), values, directions)


def _filter_normalised(params, rng):
    """Return a random direction whose rows are as long as those of the weights."""
    parts = []
    for p in params:
        w = p.data.reshape(len(p.data), -1) if p.data.ndim > 1 else np.zeros((1, p.size))
        d = rng.normal(size=w.shape)
        d *= np.linalg.norm(w, axis=1, keepdims=True) / np.linalg.norm(d, axis=1, keepdims=True)
        parts.append(d.ravel())
    return np.concatenate(parts)


def _move(params, kept, step):
    start = 0
    for p, weights in zip(params, kept, strict=True):
        p.data = weights + step[start : start + p.size].reshape(p.shape)
        start += p.size
