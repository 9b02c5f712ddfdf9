"""Convolution, ReLU and pooling in one go."""

import numpy as np

from .patches import Patches, Scratch, to_chwn, to_nchw


class ConvReLUPool:
    """Run ``Conv2d``, ``ReLU`` and ``MaxPool2d(2)`` as one step, several times faster.

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
        self._scratch = Scratch()

    def __call__(self, x):
        conv = self.conv
        x, size = conv.checked(x)
        conv.output_shape = self.relu.output_shape = (len(x), conv.out_channels, *size)
        size = self.pool.checked(conv.output_shape)
        self._patches.gather(x)
        kernels = self._shifted_kernels()
        four = self._kept("four", 4)
        np.matmul(kernels, self._patches.columns, out=four.reshape(len(kernels), -1))
        upper, lower = self._kept("upper and lower", 2)
        np.maximum(four[0], four[1], out=upper)
        np.maximum(four[2], four[3], out=lower)
        out = np.maximum(upper, lower)
        if conv.bias is not None:
            out += conv.bias.data[:, None]
        self._out = np.maximum(out, 0, out=out)
        out = to_nchw(out.reshape(conv.out_channels, *size, len(x)))
        self.pool.output_shape = out.shape
        return out

    def backward(self, dout, *, input_grad=True):
        conv = self.conv
        dout = to_chwn(dout).reshape(self._out.shape) * (self._out > 0)
        if conv.bias is not None:
            np.sum(dout, axis=1, out=conv.bias.grad)
        dfour = self._kept("gradient of four", 4)
        for mask, gradient in zip(self._largest(), dfour, strict=True):
            np.multiply(dout, mask, out=gradient)
        dfour = dfour.reshape(4 * conv.out_channels, -1)
        dkernels = np.matmul(dfour, self._patches.columns.T)
        conv.weight.grad = sum(self._unshifted(dkernels))
        if not input_grad:
            return None
        return self._patches.scatter(np.matmul(self._shifted_kernels().T, dfour))

    def _largest(self):
        """Yield where each of the four is the largest; of equal ones the first, as in PyTorch."""
        four, (upper, lower) = self._kept("four", 4), self._kept("upper and lower", 2)
        up, left_up, left_low = upper >= lower, four[0] >= four[1], four[2] >= four[3]
        yield up & left_up
        yield up > left_up  # up and not left_up
        yield left_low > up
        yield ~(left_low | up)

    def _shifted_kernels(self):
        """Return the kernel in the four corners of a larger one, shape (4 O, C (k+1) (k+1))."""
        weight = self.conv.weight.data
        size = self.conv.kernel_size + 1
        shape = (4 * len(weight), weight.shape[1] * size * size)
        kernels = self._scratch("kernels", shape, weight.dtype, np.zeros)
        for corner in self._unshifted(kernels):
            corner[...] = weight
        return kernels

    def _unshifted(self, kernels):
        """Return the four corners of the larger kernels, each of the shape of the weights."""
        o, c, k, _ = self.conv.weight.shape
        kernels = kernels.reshape(2, 2, o, c, k + 1, k + 1)
        return [kernels[i, j, :, :, i : i + k, j : j + k] for i in range(2) for j in range(2)]

    def _kept(self, name, number):
        columns = self._patches.columns
        shape = (number, self.conv.out_channels, columns.shape[1])
        return self._scratch(name, shape, columns.dtype)
