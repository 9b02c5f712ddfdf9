"""What a landscape is, and how its formulas become functions of arrays."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Landscape:
    """A function of two weights with its first and second derivatives.

    Attributes
    ----------
    name : str
    value : callable
        ``(..., 2) -> (...)``, the loss.
    gradient : callable
        ``(..., 2) -> (..., 2)``.
    hessian : callable
        ``(..., 2) -> (..., 2, 2)``.
    minima : numpy.ndarray
        Local minima, shape ``(k, 2)``, the lowest first.
    bounds : tuple
        ``((x_low, x_high), (y_low, y_high))``, the part worth looking at; 4:3, so that a picture
        of that shape shows angles as they are.
    start : tuple of float
        A starting point that shows what the landscape is about.
    coefficients : tuple of float
        The numbers in the formula.
    """

    name: str
    value: Callable
    gradient: Callable
    hessian: Callable
    minima: np.ndarray
    bounds: tuple
    start: tuple
    coefficients: tuple

    def sharpness(self, w):
        r"""Return the largest eigenvalue of the Hessian at ``w``, the steepest curvature.

        On a quadratic it is the constant :math:`L`, and gradient descent is stable for learning
        rates below :math:`2/L`.
        """
        h = self.hessian(w)
        a, b, c = h[..., 0, 0], h[..., 0, 1], h[..., 1, 1]
        half = (a - c) / 2
        return (a + c) / 2 + np.sqrt(half * half + b * b)


def landscape(name, value, gradient, hessian, minima, bounds, start, coefficients):
    """Wrap scalar formulas of ``x`` and ``y`` into functions of ``(..., 2)`` arrays."""

    def split(w):
        w = np.asarray(w)
        if w.ndim == 0 or w.shape[-1] != 2:
            raise ValueError(f"{name} takes points of shape (..., 2), got shape {w.shape}")
        if not np.issubdtype(w.dtype, np.number) or np.iscomplexobj(w):
            raise TypeError(f"{name} takes real numbers, got dtype {w.dtype}")
        w = w if np.issubdtype(w.dtype, np.floating) else w.astype(float)
        return w[..., 0], w[..., 1]

    def joined(parts, like, shape):
        # Each part lies in one piece of memory: many points at once are then swept fast.
        out = np.empty((len(parts), *like.shape), like.dtype)
        for i, part in enumerate(parts):
            out[i] = part
        return np.moveaxis(out, 0, -1).reshape(*like.shape, *shape)

    def array_value(w):
        x, y = split(w)
        return value(x, y)

    def array_gradient(w):
        x, y = split(w)
        return joined(gradient(x, y), x, (2,))

    def array_hessian(w):
        x, y = split(w)
        a, b, c = hessian(x, y)
        return joined((a, b, b, c), x, (2, 2))

    polished = np.array(minima, dtype=float)
    for _ in range(8):  # Newton's method: the guesses above are good to a few digits
        h, g = array_hessian(polished), array_gradient(polished)
        polished = polished - np.squeeze(np.linalg.pinv(h) @ g[..., None], -1)
    return Landscape(
        name, array_value, array_gradient, array_hessian, polished, bounds, start, coefficients
    )
