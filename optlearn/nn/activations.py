"""Activations: functions of one number, applied to each."""

import numpy as np

from ..backend import as_array
from .module import Module


class Activation(Module):
    """A layer without weights that acts on each number by itself.

    A subclass gives the function and its derivative, the derivative in terms of the output.
    """

    def forward(self, x):
        self._out = self.function(as_array(x))
        return self._out

    def backward(self, dout, *, input_grad=True):
        return dout * self.derivative(self._out) if input_grad else None

    @staticmethod
    def function(x):
        """Return the activation of ``x``."""
        raise NotImplementedError

    @staticmethod
    def derivative(out):
        """Return the derivative where the activation is ``out``."""
        raise NotImplementedError


class ReLU(Activation):
    r"""Keep what is positive: :math:`\max(0, x)`. The derivative at 0 is 0, as in PyTorch."""

    @staticmethod
    def function(x):
        return np.maximum(x, 0)

    @staticmethod
    def derivative(out):
        return out > 0


class Tanh(Activation):
    r"""Squash to (-1, 1): :math:`\tanh x`."""

    @staticmethod
    def function(x):
        return np.tanh(x)

    @staticmethod
    def derivative(out):
        return 1 - out * out


class Sigmoid(Activation):
    r"""Squash to (0, 1): :math:`1/(1+e^{-x})`."""

    @staticmethod
    def function(x):
        # The same as 1 / (1 + exp(-x)), without the overflow at large negative x.
        return 0.5 * np.tanh(0.5 * x) + 0.5

    @staticmethod
    def derivative(out):
        return out * (1 - out)
