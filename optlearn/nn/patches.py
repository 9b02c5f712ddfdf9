"""The patches of images, as columns of one matrix: a convolution is then one matrix product.

Images come and go as (N, C, H, W), but lie in memory as (C, H, W, N), the examples last. Every
copy of a patch then moves whole rows of N numbers, whatever the stride, and the next layer finds
the layout it wants.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class Patches:
    """Cut ``kernel_size`` x ``kernel_size`` patches out of images, and put their gradients back.

    The memory is kept and filled anew in every step, so that a step allocates little; copies and
    pickles start without it.

    Parameters
    ----------
    kernel_size, stride, padding : int

    Attributes
    ----------
    columns : array, shape (C k k, H' W' N)
        The patches last gathered.
    """

    def __init__(self, kernel_size, stride, padding):
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        self._images = None

    def gather(self, x):
        """Write the patches of images (N, C, H, W) into ``columns``."""
        n, c, h, w = x.shape
        shape = c, h + 2 * self.padding, w + 2 * self.padding, n
        if not self._fits(x, shape):
            self._prepare(np.zeros_like(x, shape=shape, order="C"))
        self._inside(self._images)[...] = to_chwn(x)
        self._patches[...] = self._view

    def scatter(self, gradients):
        """Return the gradient of the images last gathered from the gradient of ``columns``."""
        gradients = gradients.reshape(self._patches.shape)
        images = np.zeros_like(self._images)
        for i, j, pixels in windows(images, self.kernel_size, self.stride, *self.size):
            pixels += gradients[:, i, j]
        return to_nchw(self._inside(images))

    def _fits(self, x, shape):
        images = self._images
        return type(images) is type(x) and images.shape == shape and images.dtype == x.dtype

    @property
    def size(self):
        """The number of patches from top to bottom and from left to right."""
        return self._patches.shape[3:5]

    def _prepare(self, images):
        """Make room for patches of ``images``, whose border stays zero from now on."""
        shape = self.kernel_size, self.kernel_size
        view = sliding_window_view(images, shape, axis=(1, 2))[:, :: self.stride, :: self.stride]
        self._images, self._view = images, view.transpose(0, 4, 5, 1, 2, 3)  # C k k H' W' N
        self._patches = np.empty_like(images, shape=self._view.shape)
        self.columns = self._patches.reshape(len(images) * self.kernel_size**2, -1)

    def _inside(self, images):
        """Return a view of images without the padding."""
        pad, (_, h, w, _) = self.padding, images.shape
        return images[:, pad : h - pad, pad : w - pad]

    def __reduce__(self):
        return Patches, (self.kernel_size, self.stride, self.padding)


def count(length, kernel_size, stride):
    """Return how many patches of ``kernel_size`` fit, the last incomplete one left out."""
    return (length - kernel_size) // stride + 1


def windows(images, kernel_size, stride, rows, columns):
    """Yield ``(i, j, view)``: the pixel (i, j) of every patch of images (C, H, W, N)."""
    for i in range(kernel_size):
        for j in range(kernel_size):
            down = slice(i, i + stride * (rows - 1) + 1, stride)
            right = slice(j, j + stride * (columns - 1) + 1, stride)
            yield i, j, images[:, down, right]


def to_chwn(x):
    """Return a view of images (N, C, H, W) as (C, H, W, N)."""
    return x.transpose(1, 2, 3, 0)


def to_nchw(images):
    """Return a view of images (C, H, W, N) as (N, C, H, W)."""
    return images.transpose(3, 0, 1, 2)
