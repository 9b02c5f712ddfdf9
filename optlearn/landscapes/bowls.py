"""Bowls and valleys with one minimum and curvatures you choose."""

from dataclasses import replace

import numpy as np

from .base import landscape


def quadratic(condition=10.0, angle=0.0, sharpness=1.0):
    r"""Return a bowl, :math:`\frac12 (a x^2 + 2 b x y + c y^2)`.

    Parameters
    ----------
    condition : float, default 10
        Ratio of the two curvatures, at least 1. The condition number of the Hessian.
    angle : float, default 0
        By how many degrees the bowl is turned. At 0 the steep direction is ``y``.
    sharpness : float, default 1
        The larger curvature :math:`L`.
    """
    if not condition >= 1:
        raise ValueError(f"condition must be a number >= 1, got {condition}")
    if not sharpness > 0:
        raise ValueError(f"sharpness must be > 0, got {sharpness}")
    if not np.isfinite(angle):
        raise ValueError(f"angle must be a number of degrees, got {angle}")
    flat, steep = sharpness / condition, float(sharpness)
    cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    a = float(flat * cos * cos + steep * sin * sin)
    b = float((flat - steep) * cos * sin)
    c = float(flat * sin * sin + steep * cos * cos)

    def value(x, y):
        return 0.5 * (a * x * x + 2 * b * x * y + c * y * y)

    def gradient(x, y):
        return a * x + b * y, b * x + c * y

    def hessian(x, y):
        return a, b, c

    return landscape(
        "quadratic", value, gradient, hessian, [(0, 0)],
        bounds=((-4, 4), (-3, 3)), start=(-3.4, 1.5), coefficients=(a, b, c),
    )  # fmt: skip


def rotated_quadratic(condition=10.0, angle=30.0, sharpness=1.0):
    """Return the bowl of :func:`quadratic`, turned so that no axis is special."""
    bowl = quadratic(condition, angle, sharpness)
    return replace(bowl, name="rotated_quadratic")


def ravine(steepness=20.0):
    r"""Return a valley with steep walls and a floor that hardly slopes near its end.

    .. math:: \sqrt{1 + x^2} - 1 + \tfrac{k}{2}\, y^2

    Parameters
    ----------
    steepness : float, default 20
        Curvature :math:`k` of the walls.
    """
    if not steepness > 0:
        raise ValueError(f"steepness must be > 0, got {steepness}")
    k = float(steepness)

    def value(x, y):
        return np.sqrt(1 + x * x) - 1 + 0.5 * k * y * y

    def gradient(x, y):
        return x / np.sqrt(1 + x * x), k * y

    def hessian(x, y):
        return 1 / ((1 + x * x) * np.sqrt(1 + x * x)), 0.0, k

    return landscape(
        "ravine", value, gradient, hessian, [(0, 0)],
        bounds=((-4, 4), (-3, 3)), start=(-3.5, 1.0), coefficients=(k,),
    )  # fmt: skip
