"""Normalisation: give numbers mean 0 and variance 1, then a learned scale and shift."""

import math

import numpy as np

from ..backend import DTYPE, as_array
from ..parameters import Parameter
from .linear import whole
from .module import Module
from .patches import to_chwn, to_nchw
from .rows import sums


class _Norm(Module):
    r"""What normalisations share: :math:`y = w \hat x + b`, :math:`\hat x = (x - \mu) / \sigma`.

    A subclass cuts its input into rows, each of which is normalised.
    """

    def __init__(self, shape, eps, dtype):
        if not 0 <= eps < math.inf:
            raise ValueError(f"eps must be finite and >= 0, got {eps!r}")
        self.eps = float(eps)  # NumPy's own float64 would turn float32 arrays into float64
        self.weight = Parameter(np.ones(shape, dtype), "weight")
        self.bias = Parameter(np.zeros(shape, dtype), "bias")

    def _normalise(self, rows, mean=None, variance=None):
        """Return the rows with mean 0 and variance 1, and their own mean and variance."""
        if mean is None:
            mean = sums(rows)[:, None] / rows.shape[1]
        normal = rows - mean
        if variance is None:
            variance = sums(normal * normal)[:, None] / rows.shape[1]
        self._inverse = 1 / np.sqrt(variance + self.eps)
        normal *= self._inverse
        self._normal = normal
        return normal, mean, variance

    def _through_statistics(self, dnormal):
        """Return the gradient with respect to rows; that to the normal ones is overwritten.

        Moving all of a row alike, or stretching it, changes nothing: these two directions are
        taken out of the gradient.
        """
        n = dnormal.shape[1]
        along = sums(dnormal * self._normal)[:, None] / n
        dnormal -= sums(dnormal)[:, None] / n
        dnormal -= self._normal * along
        dnormal *= self._inverse
        return dnormal


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
        x = as_array(x, self.weight.data.dtype, like=self.weight.data)
        n = len(self.normalized_shape)
        if x.shape[-n:] != self.normalized_shape:
            raise ValueError(
                f"{self!r} got an input of shape {x.shape}: its last axes must have the lengths "
                f"{self.normalized_shape}"
            )
        rows = x.reshape(-1, self.weight.size)
        normal, _, _ = self._normalise(rows)
        out = normal * self.weight.data.ravel()
        out += self.bias.data.ravel()
        return out.reshape(x.shape)

    def backward(self, dout, *, input_grad=True):
        rows = dout.reshape(self._normal.shape)
        sums((rows * self._normal).T, out=self.weight.grad.reshape(-1))
        sums(rows.T, out=self.bias.grad.reshape(-1))
        if not input_grad:
            return None
        return self._through_statistics(rows * self.weight.data.ravel()).reshape(dout.shape)

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
        x = as_array(x, self.weight.data.dtype, like=self.weight.data)
        if x.ndim not in (2, 4) or x.shape[1] != self.num_features:
            raise ValueError(
                f"{self!r} got an input of shape {x.shape}: it must be (N, {self.num_features}) "
                f"or (N, {self.num_features}, H, W)"
            )
        rows = self._channels(x)
        self._of_batch = self.training
        if self.training:
            if rows.shape[1] < 2:
                raise ValueError(
                    f"{self!r} got an input of shape {x.shape} in training: one value a channel "
                    "has no variance. Use a larger batch (drop_last=True leaves out a small last "
                    "one), or model.eval()"
                )
            normal, mean, variance = self._normalise(rows)
            self._average(mean.ravel(), variance.ravel(), rows.shape[1])
        else:
            mean, variance = self.running_mean[:, None], self.running_var[:, None]
            normal, _, _ = self._normalise(rows, mean, variance)
        out = normal * self.weight.data[:, None]
        out += self.bias.data[:, None]
        return self._back(out, x.shape)

    def _average(self, mean, variance, values):
        """Move the running averages towards the batch."""
        new, unbiased = self.momentum, variance * (values / (values - 1))
        # New arrays, so that nobody who holds the old ones sees them change.
        self.running_mean = (1 - new) * self.running_mean + new * mean
        self.running_var = (1 - new) * self.running_var + new * unbiased

    def backward(self, dout, *, input_grad=True):
        rows = self._channels(dout)
        sums(rows * self._normal, out=self.weight.grad)
        sums(rows, out=self.bias.grad)
        if not input_grad:
            return None
        dnormal = rows * self.weight.data[:, None]
        if self._of_batch:
            return self._back(self._through_statistics(dnormal), dout.shape)
        return self._back(dnormal * self._inverse, dout.shape)

    def _channels(self, x):
        """Return all values of each channel as one row, in the order that convolutions use."""
        return x.T if x.ndim == 2 else to_chwn(x).reshape(self.num_features, -1)

    @staticmethod
    def _back(rows, shape):
        if len(shape) == 2:
            return rows.T
        n, channels, height, width = shape
        return to_nchw(rows.reshape(channels, height, width, n))

    def __repr__(self):
        return f"BatchNorm({self.num_features})"
