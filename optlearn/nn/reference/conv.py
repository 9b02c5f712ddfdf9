"""Convolution and max pooling of images in a few lines each.

Images have shape (N, C, H, W): examples, channels, rows, columns.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def conv2d(x, weight, bias=None, stride=1, padding=0):
    r"""Weigh and add the pixels of each patch, with the same weights everywhere.

    .. math:: y_{n,o,r,s} = b_o + \sum_{c,i,j} w_{o,c,i,j}\; x_{n,\,c,\,rS+i-P,\,sS+j-P}

    Parameters
    ----------
    x : array, shape (N, C, H, W)
    weight : array, shape (O, C, k, k)
    bias : array, shape (O,), optional
    stride, padding : int
        :math:`S` and :math:`P`; pixels outside the image are 0.

    Returns
    -------
    array, shape (N, O, H', W')
        With :math:`H' = \lfloor (H + 2P - k)/S \rfloor + 1`, and :math:`W'` likewise.
    """
    patches = _patches(_padded(x, padding), weight.shape[-1], stride)
    y = np.einsum("nchwij,ocij->nohw", patches, weight)
    return y if bias is None else y + bias[:, None, None]


def conv2d_backward(dy, x, weight, stride=1, padding=0):
    """Return the gradients of a loss with respect to ``x``, ``weight`` and the bias.

    Parameters
    ----------
    dy : array, shape (N, O, H', W')
        The gradient with respect to what ``conv2d`` returned.
    x, weight, stride, padding
        What ``conv2d`` was given.
    """
    padded = _padded(x, padding)
    dweight = np.einsum("nchwij,nohw->ocij", _patches(padded, weight.shape[-1], stride), dy)
    dbias = dy.sum(axis=(0, 2, 3))
    dx = np.zeros_like(padded)
    rows, columns = dy.shape[2:]
    for r in range(rows):
        for s in range(columns):
            # A pixel of the output sends its gradient to the patch that it was computed from.
            patch = _patch(dx, r, s, weight.shape[-1], stride)
            patch += np.einsum("no,ocij->ncij", dy[:, :, r, s], weight)
    return dx[:, :, padding : x.shape[2] + padding, padding : x.shape[3] + padding], dweight, dbias


def max_pool2d(x, kernel_size, stride=None):
    """Return the largest pixel of each patch of ``kernel_size`` x ``kernel_size``."""
    return _patches(x, kernel_size, stride or kernel_size).max(axis=(4, 5))


def max_pool2d_backward(dy, x, kernel_size, stride=None):
    """Return the gradient with respect to ``x``: the first largest pixel of a patch gets it all."""
    dx = np.zeros_like(x)
    rows, columns = dy.shape[2:]
    for r in range(rows):
        for s in range(columns):
            place = r, s, kernel_size, stride or kernel_size
            pixels = _patch(x, *place).reshape(*x.shape[:2], -1)
            first = np.arange(kernel_size**2) == pixels.argmax(axis=-1)[:, :, None]
            patch = _patch(dx, *place)
            patch += first.reshape(patch.shape) * dy[:, :, r, s, None, None]
    return dx


def _padded(x, padding):
    return np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))


def _patches(x, kernel_size, stride):
    """Return a view of all patches, shape (N, C, H', W', k, k)."""
    size = (kernel_size, kernel_size)
    return sliding_window_view(x, size, axis=(2, 3))[:, :, ::stride, ::stride]


def _patch(x, r, s, kernel_size, stride):
    """Return a view of the patch that output pixel (r, s) sees, shape (N, C, k, k)."""
    top, left = r * stride, s * stride
    return x[:, :, top : top + kernel_size, left : left + kernel_size]
