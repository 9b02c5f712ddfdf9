"""Losses: from a network's output and the right answer to one number."""

import numpy as np

from ..backend import array_module, as_array, to_host


class MSELoss:
    r"""Mean squared error over all numbers of the output, :math:`\frac1n \sum (o_i - y_i)^2`."""

    def __call__(self, out, y):
        y = as_array(y, like=out)
        if out.shape != y.shape:
            raise ValueError(f"MSELoss needs equal shapes, got {out.shape} and {y.shape}")
        self._error = out - y.astype(out.dtype, copy=False)
        return float(np.mean(self._error * self._error))

    def backward(self):
        """Return the gradient with respect to the output."""
        return self._error * self._error.dtype.type(2 / self._error.size)


class CrossEntropyLoss:
    r"""Mean over examples of :math:`-\log p_y`, with ``p`` the softmax of the output.

    The output has shape ``(..., classes)``, the labels ``(...)``: one an example, or one a step of
    each sequence, and all count the same. Labels are whole numbers from 0 to ``classes - 1``.
    PyTorch has the classes of a sequence on the second axis instead.
    """

    def __call__(self, out, y):
        y = to_host(y)  # where a look at them costs nothing
        if out.ndim < 2 or y.shape != out.shape[:-1]:
            raise ValueError(
                "CrossEntropyLoss needs an output (..., classes) and labels (...), "
                f"got {out.shape} and {y.shape}"
            )
        self._shape, out, y = out.shape, out.reshape(-1, out.shape[-1]), y.ravel()
        if len(y) == 0:
            raise ValueError("CrossEntropyLoss got no examples")
        if y.dtype.kind not in "iu":
            raise TypeError(f"labels must be whole numbers, got dtype {y.dtype}: use y.astype(int)")
        if y.astype(np.uintp).max() >= out.shape[1]:  # as such a number, a negative one is huge
            odd = y.min() if y.min() < 0 else y.max()
            raise ValueError(f"label {odd} is outside the {out.shape[1]} classes of the output")
        # One row a class from here on: NumPy is several times faster at taking the maximum and the
        # sum of a few long rows than of many short ones.
        n = len(y)
        shifted = out.T.copy()
        shifted -= shifted.max(axis=0)  # exp cannot overflow
        self._exp = np.exp(shifted)
        self._total = self._exp.sum(axis=0)
        # Where, in all numbers in a row, those of the labels are.
        self._right = as_array(y, np.intp, like=out) * n + array_module(out).arange(n)
        losses = np.log(self._total) - shifted.take(self._right)
        return float(losses.sum()) / n

    def backward(self):
        """Return the gradient with respect to the output."""
        n = len(self._right)
        grad = self._exp / (self._total * n)
        grad.reshape(-1)[self._right] -= 1 / n
        return grad.T.reshape(self._shape)
