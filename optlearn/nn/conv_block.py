"""Convolution, ReLU and pooling in one go."""

import numpy as np

from .patches import Patches, to_chwn, to_nchw


class ConvReLUPool:
    """Run ``Conv2d``, ``ReLU`` and ``MaxPool2d(2)`` as one step, up to twice as fast.

    A pooled pixel sees four pixels of the convolution, and these together see a patch of
    (k + 1) x (k + 1) pixels of the image. One product of such patches with four shifted copies of
    the kernel gives the four as four blocks of rows: pooling is then the maximum of four
    contiguous arrays, and what the pooling leaves out is not computed. Bias and ReLU do not
    change which of the four is the largest, so they come last, on a quarter of the numbers.

    The results are those of the three layers, to rounding.

    Parameters
    ----------
    conv : Conv2d
        With stride 1. Its weights are used and their gradients written.
    relu : ReLU
    pool : MaxPool2d
        Of kernel size and stride 2.
    """

    def __init__(self, conv, relu, pool):
        self.conv, self.relu, self.pool = conv, relu, pool
        self._patches = Patches(conv.kernel_size + 1, 2, conv.padding)
        self._made_for = None  # the columns that the kept arrays fit

    def __call__(self, x):
        conv = self.conv
        x, size = conv.checked(x)
        conv.output_shape = self.relu.output_shape = len(x), conv.out_channels, *size
        size = self.pool.checked(conv.output_shape)
        self._patches.gather(x)
        columns = self._patches.columns
        if self._made_for is not columns:
            self._prepare(columns)
        for corner in self._corners(self._kernels):
            corner[...] = conv.weight.data
        np.matmul(self._kernels, columns, out=self._rows_of(self._four))
        a, b, c, d = self._four
        upper, lower = self._halves
        np.maximum(a, b, out=upper)
        np.maximum(c, d, out=lower)
        out = np.maximum(upper, lower)
        if conv.bias is not None:
            out += conv.bias.data[:, None]
        self._out = np.maximum(out, 0, out=out)
        out = to_nchw(out.reshape(conv.out_channels, *size, len(x)))
        self.pool.output_shape = out.shape
        return out

    def backward(self, dout, *, input_grad=True):
        conv, columns = self.conv, self._patches.columns
        dout = to_chwn(dout).reshape(self._out.shape) * (self._out > 0)
        if conv.bias is not None:
            dout.sum(axis=1, out=conv.bias.grad)
        np.multiply(self._largest(), dout, out=self._dfour)
        drows = self._rows_of(self._dfour)
        first, *others = self._corners(np.matmul(drows, columns.T))
        gradient = conv.weight.grad
        gradient[...] = first
        for corner in others:
            gradient += corner
        return self._patches.scatter(np.matmul(self._kernels.T, drows)) if input_grad else None

    def _prepare(self, columns):
        """Make the arrays that are filled anew in every step, for batches of this size."""
        o, patches = self.conv.out_channels, columns.shape[1]
        self._kernels = np.zeros_like(columns, shape=(4 * o, len(columns)))
        self._four, self._dfour = np.empty_like(columns, shape=(2, 4, o, patches))
        self._halves = np.empty_like(columns, shape=(2, o, patches))
        self._masks = np.empty_like(columns, bool, shape=(4, o, patches))
        self._made_for = columns

    def _largest(self):
        """Return where each of the four is the largest; of equal ones the first, as in PyTorch."""
        a, b, c, d = self._four
        upper, lower = self._halves
        up, left_up, left_low = upper >= lower, a >= b, c >= d
        at_a, at_b, at_c, at_d = self._masks
        np.logical_and(up, left_up, out=at_a)
        np.greater(up, left_up, out=at_b)  # up and not left
        np.greater(left_low, up, out=at_c)
        np.logical_or(left_low, up, out=at_d)
        np.logical_not(at_d, out=at_d)
        return self._masks

    def _corners(self, kernels):
        """Return the four places of the kernel in the larger ones, each of the weights' shape."""
        o, c, k, _ = self.conv.weight.shape
        kernels = kernels.reshape(2, 2, o, c, k + 1, k + 1)
        return [kernels[i, j, :, :, i : i + k, j : j + k] for i in range(2) for j in range(2)]

    def _rows_of(self, four):
        return four.reshape(len(self._kernels), -1)

    def __reduce__(self):
        return ConvReLUPool, (self.conv, self.relu, self.pool)
