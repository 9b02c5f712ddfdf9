"""Random numbers that Python draws and the browser uses, in two bytes each."""

import numpy as np

#: The step between two normal numbers that can be sent; they reach to 8 on both sides.
STEP = 1 / 4096


def normals(count, rng):
    """Return whole numbers: times ``STEP`` they are standard normal, and the same in JavaScript."""
    return np.clip(np.rint(rng.normal(size=count) / STEP), -32768, 32767).astype("<i2")


def uniforms(count, rng):
    """Return whole numbers: divided by 32768 they are uniform in [-1, 1)."""
    return rng.integers(-32768, 32768, count).astype("<i2")


class Replay:
    """Give numbers that were drawn before to the functions of :mod:`optlearn.nn.init`.

    They ask it as they ask a Generator, so that the weights are the library's own and yet the
    browser can make the same ones.
    """

    def __init__(self, normal, uniform=()):
        self._normal = iter(np.asarray(normal, float) * STEP)
        self._uniform = iter(np.asarray(uniform, float) / 32768)

    def normal(self, loc=0.0, scale=1.0, size=()):
        return loc + scale * _next(self._normal, size)

    def uniform(self, low, high, size):
        return low + (high - low) * (0.5 + 0.5 * _next(self._uniform, size))


def _next(numbers, size):
    return np.fromiter(numbers, float, count=int(np.prod(size))).reshape(size)
