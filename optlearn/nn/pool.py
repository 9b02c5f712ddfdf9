"""What stands between convolutions and the fully connected layers."""

import math

import numpy as np

from ..backend import as_array
from .linear import whole
from .module import Module
from .patches import count, to_chwn, to_nchw, windows


class MaxPool2d(Module):
    """Keep the largest pixel of each patch, channel by channel.

    Parameters
    ----------
    kernel_size : int
        Patches are squares of this many pixels a side.
    stride : int, optional
        Pixels from one patch to the next; ``kernel_size`` where none is given.

    Raises
    ------
    ValueError
        For an input that is not ``(N, C, H, W)`` or is smaller than one patch.

    Notes
    -----
    Pixels that fill no whole patch are left out. Of several largest pixels the first, row by
    row, gets the gradient. Both are PyTorch's ways. Its ``padding`` is not offered here.
    """

    def __init__(self, kernel_size, stride=None):
        self.kernel_size = whole("kernel_size", kernel_size)
        self.stride = self.kernel_size if stride is None else whole("stride", stride)

    def forward(self, x):
        x = as_array(x)
        self._size = self.checked(x.shape)
        self._images = to_chwn(x)
        (_, _, first), *others = self._windows(self._images)
        out = first.copy()
        for _, _, view in others:
            np.maximum(out, view, out=out)
        self._out = out
        return to_nchw(out)

    def backward(self, dout, *, input_grad=True):
        if not input_grad:
            return None
        dout = to_chwn(dout)
        images = np.zeros_like(dout, shape=self._images.shape)
        free = np.ones_like(dout, bool)  # patches whose largest pixel is not yet found
        for (_, _, pixel), (_, _, gradient) in zip(
            self._windows(self._images), self._windows(images), strict=True
        ):
            largest = (pixel == self._out) & free
            free &= ~largest
            gradient += dout * largest
        return to_nchw(images)

    def checked(self, shape):
        """Return the height and width of the output for an input of this shape."""
        if len(shape) != 4:
            raise ValueError(
                f"{self!r} got an input of shape {shape}: it must be "
                "(examples, channels, height, width)"
            )
        if min(shape[2:]) < self.kernel_size:
            raise ValueError(
                f"{self!r} got an input of shape {shape}: {shape[2]}x{shape[3]} pixels are fewer "
                f"than a patch of {self.kernel_size}x{self.kernel_size}"
            )
        return [count(length, self.kernel_size, self.stride) for length in shape[2:]]

    def _windows(self, images):
        return windows(images, self.kernel_size, self.stride, *self._size)

    def __repr__(self):
        return f"MaxPool2d({self.kernel_size}, stride={self.stride})"


class Flatten(Module):
    """Make one row of numbers of each example: (N, C, H, W) becomes (N, C H W)."""

    def forward(self, x):
        x = as_array(x)
        if x.ndim < 2:
            raise ValueError(f"Flatten() got an input of shape {x.shape}: it needs >= 2 axes")
        self._shape = x.shape
        return x.reshape(len(x), math.prod(x.shape[1:]))

    def backward(self, dout, *, input_grad=True):
        return dout.reshape(self._shape) if input_grad else None

    def __repr__(self):
        return "Flatten()"
