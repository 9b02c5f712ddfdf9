"""The convolution of images."""

import numpy as np

from ..backend import DTYPE, array_module, as_array
from .activations import ReLU
from .conv_block import ConvReLUPool
from .linear import weight_and_bias, whole
from .module import Module
from .patches import Patches, count, to_chwn, to_nchw
from .pool import MaxPool2d

#: Input channels up to which one step for convolution, ReLU and pooling pays: with a kernel of 3
#: it takes 16/9 of the multiplications, and spares memory that matters while these are few.
FEW = 16


class Conv2d(Module):
    r"""Weigh and add the pixels of each patch of an image, with the same weights everywhere.

    .. math:: y_{n,o,r,s} = b_o + \sum_{c,i,j} w_{o,c,i,j}\; x_{n,\,c,\,rS+i-P,\,sS+j-P}

    with stride :math:`S` and padding :math:`P`; pixels outside the image are 0.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int
        Patches are squares of this many pixels a side.
    stride : int, default 1
        Pixels from one patch to the next.
    padding : int, default 0
        Zeros added on all four sides.
    bias : bool, default True
    weight_init : callable, optional
        As for :class:`Linear`; PyTorch's default where none is given.
    rng : int or numpy.random.Generator, optional
    dtype : dtype, default float32

    Raises
    ------
    ValueError
        For an input that is not ``(N, in_channels, H, W)`` or is smaller than one patch.

    Notes
    -----
    ``weight`` has shape ``(out_channels, in_channels, kernel_size, kernel_size)`` and ``bias``
    ``(out_channels,)``; inputs have shape ``(N, C, H, W)`` and outputs ``(N, O, H', W')`` with
    :math:`H' = \lfloor (H + 2P - K)/S \rfloor + 1`, as in PyTorch, which also takes pairs for
    sizes, and dilation and groups.

    The patches become columns of one matrix (im2col), so that the convolution is one product.
    Outputs lie in memory with the examples last; ``numpy.ascontiguousarray`` undoes that where
    it matters. :func:`optlearn.nn.reference.conv2d` is the same in a few lines.
    """

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        bias=True,
        *,
        weight_init=None,
        rng=None,
        dtype=DTYPE,
    ):
        self.in_channels = whole("in_channels", in_channels)
        self.out_channels = whole("out_channels", out_channels)
        self.kernel_size = whole("kernel_size", kernel_size)
        self.stride = whole("stride", stride)
        self.padding = whole("padding", padding, least=0)
        shape = (out_channels, in_channels, kernel_size, kernel_size)
        self.weight, self.bias = weight_and_bias(shape, bias, weight_init, rng, dtype)
        self._patches = Patches(kernel_size, stride, padding)

    def forward(self, x):
        x, size = self.checked(x)
        self._patches.gather(x)
        out = np.matmul(self._matrix(self.weight.data), self._patches.columns)
        if self.bias is not None:
            out += self.bias.data[:, None]
        return to_nchw(out.reshape(self.out_channels, *size, len(x)))

    def backward(self, dout, *, input_grad=True):
        contiguous = array_module(dout).ascontiguousarray
        dout = contiguous(to_chwn(dout)).reshape(self.out_channels, -1)
        np.matmul(dout, self._patches.columns.T, out=self._matrix(self.weight.grad))
        if self.bias is not None:
            dout.sum(axis=1, out=self.bias.grad)
        if not input_grad:
            return None
        return self._patches.scatter(np.matmul(self._matrix(self.weight.data).T, dout))

    def fused(self, following):
        relu, pool = [*following, None, None][:2]
        if (
            type(relu) is ReLU
            and type(pool) is MaxPool2d
            and pool.kernel_size == pool.stride == 2
            and self.stride == 1
            and self.in_channels <= FEW
        ):
            return ConvReLUPool(self, relu, pool), 3
        return super().fused(following)

    def checked(self, x):
        """Return ``x`` in the dtype of the weights, and the height and width of the output."""
        x = as_array(x, self.weight.data.dtype, like=self.weight.data)
        if x.ndim != 4 or x.shape[1] != self.in_channels:
            raise ValueError(
                f"{self!r} got an input of shape {x.shape}: it must be "
                f"(examples, {self.in_channels}, height, width)"
            )
        room = [length + 2 * self.padding for length in x.shape[2:]]
        if min(room) < self.kernel_size:
            raise ValueError(
                f"{self!r} got an input of shape {x.shape}: with its padding that is "
                f"{room[0]}x{room[1]} pixels, fewer than the kernel's "
                f"{self.kernel_size}x{self.kernel_size}"
            )
        size = [count(length, self.kernel_size, self.stride) for length in room]
        return x, size

    def _matrix(self, weights):
        return weights.reshape(self.out_channels, -1)

    def __repr__(self):
        sizes = f"{self.in_channels}, {self.out_channels}, {self.kernel_size}"
        return f"Conv2d({sizes}, stride={self.stride}, padding={self.padding})"
