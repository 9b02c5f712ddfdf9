"""Normalisation: give numbers mean 0 and variance 1, then a learned scale and shift."""

import math

import numpy as np

from ..backend import DTYPE
from ..parameters import Parameter
from .linear import whole
from .module import Module


class _Norm(Module):
    r"""What normalisations share: :math:`y = w \hat x + b`, :math:`\hat x = (x - \mu) / \sigma`.

    A subclass says over which axes it normalises, and which axes the weights are spread over.
    """

    def __init__(self, shape, eps, dtype):
        if not 0 <= eps < math.inf:
            raise ValueError(f"eps must be finite and >= 0, got {eps!r}")
        self.eps = float(eps)  # NumPy's own float64 would turn float32 arrays into float64
        self.weight = Parameter(np.ones(shape, dtype), "weight")
        self.bias = Parameter(np.zeros(shape, dtype), "bias")

    def _normalise(self, x, mean, variance, shape):
        """Return the output, and remember what ``backward`` needs."""
        self._inverse = 1 / np.sqrt(variance + self.eps)
        self._scale = self.weight.data.reshape(shape)
        self._normal = x - mean
        self._normal *= self._inverse
        out = self._normal * self._scale
        out += self.bias.data.reshape(shape)
        return out

    def _write_gradients(self, dout, axes):
        np.sum(dout * self._normal, axis=axes, out=self.weight.grad)
        np.sum(dout, axis=axes, out=self.bias.grad)

    def _through_statistics(self, dout, axes):
        """Return the gradient where mean and variance are those of ``x`` itself.

        Moving all of ``x`` alike, or stretching it, changes nothing: these two directions are
        taken out of the gradient.
        """
        dx = dout * self._scale
        along = np.mean(dx * self._normal, axis=axes, keepdims=True)
        dx -= np.mean(dx, axis=axes, keepdims=True)
        dx -= self._normal * along
        dx *= self._inverse
        return dx


class LayerNorm(_Norm):
    r"""Normalise each example by itself, over its last axes.

    .. math:: y = w \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + b

    with the mean and the (biased) variance of the example's own numbers; Ba et al., "Layer
    normalization" (2016), equation 4. The same in training and evaluation.

    Parameters
    ----------
    normalized_shape : int or tuple of int
        The lengths of the last axes, over which mean and variance are taken.
    eps : float, default 1e-5
        At least 0.
    dtype : dtype, default float32

    Notes
    -----
    ``weight`` (ones at the start) and ``bias`` (zeros) have shape ``normalized_shape``.
    """

    def __init__(self, normalized_shape, eps=1e-5, *, dtype=DTYPE):
        shape = normalized_shape if isinstance(normalized_shape, tuple | list) else None
        shape = (normalized_shape,) if shape is None else tuple(shape)
        if not shape:
            raise ValueError("normalized_shape must name at least one axis, got ()")
        self.normalized_shape = tuple(whole("normalized_shape", n) for n in shape)
        super().__init__(self.normalized_shape, eps, dtype)

    def forward(self, x):
        x = np.asarray(x)
        n = len(self.normalized_shape)
        if x.shape[-n:] != self.normalized_shape:
            raise ValueError(
                f"{self!r} got an input of shape {x.shape}: its last axes must have the lengths "
                f"{self.normalized_shape}"
            )
        x, axes = x.astype(self.weight.data.dtype, copy=False), tuple(range(-n, 0))
        mean, variance = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
        return self._normalise(x, mean, variance, self.normalized_shape)

    def backward(self, dout, *, input_grad=True):
        n = len(self.normalized_shape)
        self._write_gradients(dout, tuple(range(dout.ndim - n)))
        return self._through_statistics(dout, tuple(range(-n, 0))) if input_grad else None

    def __repr__(self):
        n, *more = self.normalized_shape
        return f"LayerNorm({self.normalized_shape if more else n})"


class BatchNorm(_Norm):
    r"""Normalise each feature or channel over the batch.

    .. math:: y = w \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + b

    In training with the mean and the (biased) variance of the batch, and running averages are
    kept; in evaluation with those averages. Ioffe & Szegedy, "Batch normalization" (2015),
    algorithms 1 and 2.

    Parameters
    ----------
    num_features : int
        Inputs have shape ``(N, num_features)`` or ``(N, num_features, H, W)``.
    eps : float, default 1e-5
        At least 0.
    momentum : float, default 0.1
        From 0 to 1: the share of the new batch in ``running_mean`` and ``running_var``. Keras
        counts the other way round: its 0.99 is 0.01 here.
    dtype : dtype, default float32

    Raises
    ------
    ValueError
        In training for a batch with one value a channel, whose variance is nothing.

    Notes
    -----
    ``weight`` (ones at the start) and ``bias`` (zeros) have shape ``(num_features,)``. As PyTorch's
    ``BatchNorm1d`` and ``BatchNorm2d`` in one; the running variance is unbiased there, too.
    PyTorch's state also has ``num_batches_tracked``, which nothing here needs.
    """

    buffers = ("running_mean", "running_var")

    def __init__(self, num_features, eps=1e-5, momentum=0.1, *, dtype=DTYPE):
        self.num_features = whole("num_features", num_features)
        if not 0 <= momentum <= 1:
            raise ValueError(f"momentum must be from 0 to 1, got {momentum!r}")
        super().__init__(num_features, eps, dtype)
        self.momentum = float(momentum)
        self.running_mean = np.zeros(num_features, dtype)
        self.running_var = np.ones(num_features, dtype)

    def forward(self, x):
        x = np.asarray(x)
        if x.ndim not in (2, 4) or x.shape[1] != self.num_features:
            raise ValueError(
                f"{self!r} got an input of shape {x.shape}: it must be (N, {self.num_features}) "
                f"or (N, {self.num_features}, H, W)"
            )
        x = x.astype(self.weight.data.dtype, copy=False)
        self._axes, shape = (0, 2, 3)[: x.ndim - 1], (-1, 1, 1)[: x.ndim - 1]
        self._of_batch = self.training
        if not self.training:
            mean, variance = self.running_mean.reshape(shape), self.running_var.reshape(shape)
            return self._normalise(x, mean, variance, shape)
        mean, variance = (f(x, axis=self._axes, keepdims=True) for f in (np.mean, np.var))
        self._average(mean, variance, x)
        return self._normalise(x, mean, variance, shape)

    def _average(self, mean, variance, x):
        """Move the running averages towards the batch."""
        values = x.size // self.num_features
        if values < 2:
            raise ValueError(
                f"{self!r} got an input of shape {x.shape} in training: one value a channel has no "
                "variance. Use a larger batch (drop_last=True leaves out a small last one), or "
                "model.eval()"
            )
        new = self.momentum
        unbiased = variance * (values / (values - 1))
        # New arrays, so that nobody who holds the old ones sees them change.
        self.running_mean = (1 - new) * self.running_mean + new * mean.ravel()
        self.running_var = (1 - new) * self.running_var + new * unbiased.ravel()

    def backward(self, dout, *, input_grad=True):
        self._write_gradients(dout, self._axes)
        if not input_grad:
            return None
        if self._of_batch:
            return self._through_statistics(dout, self._axes)
        return dout * (self._scale * self._inverse)

    def __repr__(self):
        return f"BatchNorm({self.num_features})"
