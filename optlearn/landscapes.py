"""Two-dimensional loss functions: the hills and valleys on which a step can be watched.

Every landscape works on arrays of shape ``(..., 2)``, so one call serves a point, a path or a
whole map. Gradients and Hessians are written out by hand, with products in place of powers: the
explorers repeat them in JavaScript and get the same bits.
"""

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

    return _landscape(
        "quadratic", value, gradient, hessian, [(0, 0)],
        bounds=((-4, 4), (-3, 3)), start=(-3.4, 1.5), coefficients=(a, b, c),
    )  # fmt: skip


def rotated_quadratic(condition=10.0, angle=30.0, sharpness=1.0):
    """Return the bowl of :func:`quadratic`, turned so that no axis is special."""
    bowl = quadratic(condition, angle, sharpness)
    return _renamed(bowl, "rotated_quadratic")


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

    return _landscape(
        "ravine", value, gradient, hessian, [(0, 0)],
        bounds=((-4, 4), (-3, 3)), start=(-3.5, 1.0), coefficients=(k,),
    )  # fmt: skip


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

    return _landscape(
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

    return _landscape(
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

    return _landscape(
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

    return _landscape(
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

    return _landscape(
        "double_well", value, gradient, hessian, [(-1.1, 0), (1, 0)],
        bounds=((-2, 2), (-1.5, 1.5)), start=(1.8, 1.1), coefficients=(tilt,),
    )  # fmt: skip


def cliff(length=50, target=0.7):
    r"""Return the loss of one recurrent unit, which has a cliff (Pascanu et al., 2013, figure 6).

    The unit repeats :math:`h \leftarrow x\,\sigma(h) + y` from :math:`h = 0`, ``length`` times,
    and the loss is :math:`(\sigma(h) - \text{target})^2`. The two weights are the recurrent
    weight ``x`` and the bias ``y``.
    """
    if not length >= 1:
        raise ValueError(f"length must be a whole number >= 1, got {length}")
    if not 0 < target < 1:
        raise ValueError(f"target must be between 0 and 1, got {target}")

    def unroll(x, y):
        """Return the output and its derivatives, carried forward through time."""
        h = hx = hy = hxx = hxy = hyy = 0.0 * x * y
        for _ in range(length + 1):
            s = 1 / (1 + np.exp(-h))
            d = s * (1 - s)
            e = d * (1 - 2 * s)
            last = (
                s,
                d * hx,
                d * hy,
                e * hx * hx + d * hxx,
                e * hx * hy + d * hxy,
                (e * hy * hy + d * hyy),
            )
            hxx = 2 * d * hx + x * last[3]
            hxy = d * hy + x * last[4]
            hyy = x * last[5]
            h, hx, hy = x * s + y, s + x * last[1], 1 + x * last[2]
        return last

    def value(x, y):
        error = unroll(x, y)[0] - target
        return error * error

    def gradient(x, y):
        s, sx, sy, *_ = unroll(x, y)
        error = s - target
        return 2 * error * sx, 2 * error * sy

    def hessian(x, y):
        s, sx, sy, sxx, sxy, syy = unroll(x, y)
        error = s - target
        return (
            2 * (sx * sx + error * sxx),
            2 * (sx * sy + error * sxy),
            2 * (sy * sy + error * syy),
        )

    return _landscape(
        "cliff", value, gradient, hessian, [_on_target(value, target)],
        bounds=((3.8, 6.8), (-3.6, -1.35)), start=(6.3, -2.3), coefficients=(length, target),
    )  # fmt: skip


def _on_target(value, target):
    """Find a bias for which the cliff's unit ends on target, at recurrent weight 4.

    There the unit contracts, so it settles where ``h = 4 s(h) + y``; with ``s(h) = target``.
    """
    h = np.log(target / (1 - target))
    return 4.0, h - 4 * target


def _landscape(name, value, gradient, hessian, minima, bounds, start, coefficients):
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
        out = np.empty((*like.shape, len(parts)), like.dtype)
        for i, part in enumerate(parts):
            out[..., i] = part
        return out.reshape(*like.shape, *shape)

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


def _renamed(landscape, name):
    return Landscape(**{**vars(landscape), "name": name})


_FACTORIES = {
    f.__name__: f
    for f in (
        quadratic,
        rotated_quadratic,
        ravine,
        rosenbrock,
        beale,
        himmelblau,
        saddle,
        double_well,
        cliff,
    )
}

#: The names that :func:`get` knows.
NAMES = tuple(_FACTORIES)


def get(name, **kw):
    """Return the landscape called ``name``.

    Parameters
    ----------
    name : str
        One of ``landscapes.NAMES``.
    **kw
        Its own settings, such as ``condition=100`` of ``quadratic``.

    Raises
    ------
    ValueError
        If the name is not known (the known ones are listed) or a setting is out of range.
    """
    if name not in _FACTORIES:
        raise ValueError(f"unknown landscape {name!r}: known are {', '.join(NAMES)}")
    return _FACTORIES[name](**kw)
