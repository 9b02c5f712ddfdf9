"""Test functions of the field: a bent valley, plains, several minima, a saddle, two wells."""

import numpy as np

from .base import landscape


def rosenbrock(a=1.0, b=10.0):
    r"""Return the banana valley, :math:`(a - x)^2 + b\,(y - x^2)^2` (Rosenbrock, 1960).

    The original has ``b=100``; 10 leaves the valley as curved and the steps visible.
    """

    def value(x, y):
        r = y - x * x
        return (a - x) * (a - x) + b * r * r

    def gradient(x, y):
        r = y - x * x
        return -2 * (a - x) - 4 * b * x * r, 2 * b * r

    def hessian(x, y):
        return 2 - 4 * b * (y - 3 * x * x), -4 * b * x, 2 * b

    return landscape(
        "rosenbrock", value, gradient, hessian, [(a, a * a)],
        bounds=((-2, 2), (-0.75, 2.25)), start=(-1.5, 2.0), coefficients=(a, b),
    )  # fmt: skip


def beale():
    r"""Return Beale's function (1958): flat plains, sharp corners, minimum at (3, 0.5).

    .. math:: (1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2
    """

    def parts(x, y):
        p, q, r = 1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y * y * y
        return p, q, r, y - 1, y * y - 1, y * y * y - 1

    def value(x, y):
        p, q, r, *_ = parts(x, y)
        return p * p + q * q + r * r

    def gradient(x, y):
        p, q, r, px, qx, rx = parts(x, y)
        return (
            2 * (p * px + q * qx + r * rx),
            2 * x * (p + 2 * y * q + 3 * y * y * r),
        )

    def hessian(x, y):
        p, q, r, px, qx, rx = parts(x, y)
        py, qy, ry = x, 2 * x * y, 3 * x * y * y
        return (
            2 * (px * px + qx * qx + rx * rx),
            2 * (py * px + p + qy * qx + 2 * y * q + ry * rx + 3 * y * y * r),
            2 * (py * py + qy * qy + 2 * x * q + ry * ry + 6 * x * y * r),
        )

    return landscape(
        "beale", value, gradient, hessian, [(3, 0.5)],
        bounds=((-4, 4), (-3, 3)), start=(1.0, 1.5), coefficients=(),
    )  # fmt: skip


def himmelblau():
    r"""Return Himmelblau's function (1972): four minima of equal depth.

    .. math:: (x^2 + y - 11)^2 + (x + y^2 - 7)^2
    """

    def value(x, y):
        p, q = x * x + y - 11, x + y * y - 7
        return p * p + q * q

    def gradient(x, y):
        p, q = x * x + y - 11, x + y * y - 7
        return 4 * x * p + 2 * q, 2 * p + 4 * y * q

    def hessian(x, y):
        p, q = x * x + y - 11, x + y * y - 7
        return 4 * p + 8 * x * x + 2, 4 * x + 4 * y, 2 + 4 * q + 8 * y * y

    return landscape(
        "himmelblau", value, gradient, hessian,
        [(3, 2), (-2.805, 3.131), (-3.779, -3.283), (3.584, -1.848)],
        bounds=((-6, 6), (-4.5, 4.5)), start=(-0.3, -0.8), coefficients=(),
    )  # fmt: skip


def saddle():
    r"""Return a saddle between two valleys, :math:`x^2 - y^2 + y^4/4`.

    Its gradient vanishes at the origin, which is no minimum.
    """

    def value(x, y):
        return x * x - y * y + 0.25 * y * y * y * y

    def gradient(x, y):
        return 2 * x, y * y * y - 2 * y

    def hessian(x, y):
        return 2.0, 0.0, 3 * y * y - 2

    return landscape(
        "saddle", value, gradient, hessian, [(0, 1.4), (0, -1.4)],
        bounds=((-2.8, 2.8), (-2.1, 2.1)), start=(-2.2, 0.001), coefficients=(),
    )  # fmt: skip


def double_well(tilt=0.15):
    r"""Return two wells of unequal depth, :math:`\frac14 x^4 - \frac12 x^2 + \tau x + \frac12 y^2`.

    Parameters
    ----------
    tilt : float, default 0.15
        :math:`\tau`, between 0 and 0.38 (where the shallow well vanishes). The left well is
        the deeper one.
    """
    limit = 2 / np.sqrt(27)  # where x^3 - x + tilt = 0 has a double root
    if not 0 <= tilt < limit:
        raise ValueError(f"tilt must be in [0, {limit:.3f}), got {tilt}")
    tilt = float(tilt)

    def value(x, y):
        return 0.25 * x * x * x * x - 0.5 * x * x + tilt * x + 0.5 * y * y

    def gradient(x, y):
        return x * x * x - x + tilt, y

    def hessian(x, y):
        return 3 * x * x - 1, 0.0, 1.0

    return landscape(
        "double_well", value, gradient, hessian, [(-1.1, 0), (1, 0)],
        bounds=((-2, 2), (-1.5, 1.5)), start=(1.8, 1.1), coefficients=(tilt,),
    )  # fmt: skip
