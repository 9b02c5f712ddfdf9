"""The Gaussian error linear unit, and the normal distribution that NumPy does not have."""

import math

import numpy as np

from ..backend import as_array
from .module import Module

# Coefficients, lowest power first, of the P and Q in erfc(z) = exp(-z^2) P(z) / Q(z), z >= 0: the
# form of Cody, "Rational Chebyshev approximations for the error function" (1969), with all of
# [0, 6] as one interval. Fitted for this file in 60 digits by weighted least squares (Lawson's
# algorithm), so that the largest error of erfc is smallest. All are positive, so that the sums
# lose no digits. The error is 4.3e-17 here, less than float64 can hold,
_DOUBLE = (
    (
        1.0, 1.4206743520457024, 1.017939641821994, 0.435587050628409, 0.11578003049700812,
        0.01799174586403777, 0.001281043619742326,
    ),
    (
        1.0, 2.54905351914123, 2.8942385286316257, 1.9045847698820884, 0.7881678691698669,
        0.20633250632125663, 0.03189075946296302, 0.0022705489913277576,
    ),
)  # fmt: skip
# and 5.2e-10 here, a hundredth of what float32 can hold, in half the time.
_SINGLE = (
    (0.9999999994747167, 0.84225633213084, 0.34586032745000717, 0.056207896837559036),
    (1.0, 1.9706354193915423, 1.5694862151269071, 0.6087830183282066, 0.099951201565349),
)


def normal(x):
    r"""Return :math:`\Phi(x)`, the share of a normal distribution below ``x``, and its density.

    ``x`` is an array of floats, and both have its dtype; the error of the share is below 1e-15 in
    float64 and 2e-7 in float32.
    """
    z = np.abs(x)
    z *= 1 / math.sqrt(2)
    np.minimum(z, 27, out=z)  # exp(-27^2) is 0 already, and powers of z cannot overflow
    bell = np.exp(-z * z)
    above, below = _DOUBLE if x.dtype == np.float64 else _SINGLE
    cdf = _polynomial(above, z)
    cdf /= _polynomial(below, z)
    cdf *= bell
    cdf *= 0.5  # now the share above |x|
    bell *= 1 / math.sqrt(2 * math.pi)
    return np.where(x > 0, 1 - cdf, cdf), bell


def _polynomial(coefficients, z):
    """Evaluate by Horner's rule in one array."""
    out = np.full_like(z, coefficients[-1])
    for c in coefficients[-2::-1]:
        out *= z
        out += c
    return out


class GELU(Module):
    r"""Weigh each number by how large it is among normal ones: :math:`x\,\Phi(x)`.

    Hendrycks & Gimpel, "Gaussian error linear units" (2016), section 2.

    Parameters
    ----------
    approximate : {"none", "tanh"}, default "none"
        With ``"tanh"`` :math:`\Phi(x) \approx \frac12 (1 + \tanh(\sqrt{2/\pi}\,(x + 0.044715
        x^3)))`, as in GPT-2, which is off by less than 5e-4. PyTorch's default is exact, too.
    """

    def __init__(self, approximate="none"):
        if approximate not in ("none", "tanh"):
            raise ValueError(f"approximate must be 'none' or 'tanh', got {approximate!r}")
        self.approximate = approximate

    def forward(self, x):
        x = as_array(x)
        self._x = x if np.issubdtype(x.dtype, np.floating) else x.astype(float)
        if self.approximate == "tanh":
            self._cdf, self._density = self._tanh(self._x)
        else:
            self._cdf, self._density = normal(self._x)
        return self._x * self._cdf

    def backward(self, dout, *, input_grad=True):
        if not input_grad:
            return None
        dx = self._x * self._density
        dx += self._cdf
        dx *= dout
        return dx

    @staticmethod
    def _tanh(x):
        """Return what stands for the normal distribution, and its derivative."""
        scale, square = math.sqrt(2 / math.pi), x * x
        tanh = np.tanh(scale * x * (1 + 0.044715 * square))
        slope = 0.5 * (1 - tanh * tanh) * (scale * (1 + 3 * 0.044715 * square))
        return 0.5 * (1 + tanh), slope

    def __repr__(self):
        return "GELU()" if self.approximate == "none" else "GELU(approximate='tanh')"
