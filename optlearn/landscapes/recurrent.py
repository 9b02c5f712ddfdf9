"""The cliff that a recurrent unit has, with derivatives carried through time."""

import numpy as np

from .base import landscape


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

    def unroll(x, y, order):
        """Return the output and its derivatives up to ``order``, carried forward through time."""
        h = hx = hy = hxx = hxy = hyy = 0.0 * x * y
        for _ in range(length + 1):
            s = 1 / (1 + np.exp(-h))
            last = (s,)
            if order:
                d = s * (1 - s)
                last += d * hx, d * hy
            if order == 2:
                e = d * (1 - 2 * s)
                last += (
                    e * hx * hx + d * hxx,
                    e * hx * hy + d * hxy,
                    e * hy * hy + d * hyy,
                )
                hxx = 2 * d * hx + x * last[3]
                hxy = d * hy + x * last[4]
                hyy = x * last[5]
            if order:
                hx, hy = s + x * last[1], 1 + x * last[2]
            h = x * s + y
        return last

    def value(x, y):
        (s,) = unroll(x, y, 0)
        return (s - target) * (s - target)

    def gradient(x, y):
        s, sx, sy = unroll(x, y, 1)
        error = s - target
        return 2 * error * sx, 2 * error * sy

    def hessian(x, y):
        s, sx, sy, sxx, sxy, syy = unroll(x, y, 2)
        error = s - target
        return (
            2 * (sx * sx + error * sxx),
            2 * (sx * sy + error * sxy),
            2 * (sy * sy + error * syy),
        )

    return landscape(
        "cliff", value, gradient, hessian, [_on_target(unroll, target)],
        bounds=((3.8, 6.8), (-3.6, -1.35)), start=(6.3, -2.3), coefficients=(length, target),
    )  # fmt: skip


def _on_target(unroll, target):
    """Find the bias for which the unit ends on target at recurrent weight 4, by bisection.

    The output rises with the bias, and recurrent weight 4 lies in the picture, left of the cliff.
    """
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if unroll(4.0, middle, 0)[0] < target else (low, middle)
    return 4.0, (low + high) / 2
