"""The patches of images, as columns of one matrix: a convolution is then one matrix product.

Images come and go as (N, C, H, W), but lie in memory as (C, H, W, N), the examples last. Every
copy of a patch then moves whole rows of N numbers, whatever the stride, and the next layer finds
the layout it wants without a copy.
"""

import numpy as np


class Scratch:
    """Arrays that are filled anew in every step and kept, so that a step allocates nothing.

    Nothing that a layer returns lies in them. Copies of a model, and pickles, start without.
    """

    def __init__(self):
        self._kept = {}

    def __call__(self, name, shape, dtype, make=np.empty):
        """Return the array of this name, made anew where the shape or the dtype has changed."""
        array = self._kept.get(name)
        if array is None or array.shape != shape or array.dtype != dtype:
            array = self._kept[name] = make(shape, dtype)
        return array

    def __reduce__(self):
        return Scratch, ()


class Patches:
    """Cut ``kernel_size`` x ``kernel_size`` patches out of images, and put their gradients back.

    Parameters
    ----------
    kernel_size, stride, padding : int

    Attributes
    ----------
    columns : array, shape (C k k, H' W' N)
        The patches last gathered, in scratch memory: the next call overwrites them.
    """

    def __init__(self, kernel_size, stride, padding):
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        self._scratch = Scratch()

    def gather(self, x):
        """Write the patches of images (N, C, H, W) into ``columns``."""
        images = self._padded(x)
        c, h, w, n = self._shape = images.shape
        k = self.kernel_size
        rows, columns = (count(length, k, self.stride) for length in (h, w))
        patches = self._scratch("patches", (c, k, k, rows, columns, n), x.dtype)
        for i, j, view in windows(images, k, self.stride, rows, columns):
            patches[:, i, j] = view
        self.columns = patches.reshape(c * k * k, -1)

    def scatter(self, gradients):
        """Return the gradient of the images last gathered from the gradient of their patches."""
        c, h, w, n = self._shape
        k, pad = self.kernel_size, self.padding
        rows, columns = (count(length, k, self.stride) for length in (h, w))
        gradients = gradients.reshape(c, k, k, rows, columns, n)
        images = np.zeros(self._shape, gradients.dtype)
        for i, j, view in windows(images, k, self.stride, rows, columns):
            view += gradients[:, i, j]
        return to_nchw(images[:, pad : h - pad, pad : w - pad])

    def __reduce__(self):
        return Patches, (self.kernel_size, self.stride, self.padding)

    def _padded(self, x):
        images = np.ascontiguousarray(to_chwn(x))
        if self.padding == 0:
            return images
        c, h, w, n = images.shape
        pad = self.padding
        # The border stays zero from the first time on.
        padded = self._scratch("padded", (c, h + 2 * pad, w + 2 * pad, n), x.dtype, np.zeros)
        padded[:, pad : pad + h, pad : pad + w] = images
        return padded


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
