"""Losses: from a network's output and the right answer to one number."""

import numpy as np


class MSELoss:
    r"""Mean squared error over all numbers of the output, :math:`\frac1n \sum (o_i - y_i)^2`."""

    def __call__(self, out, y):
        y = np.asarray(y)
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
        y = np.asarray(y)
        if out.ndim < 2 or y.shape != out.shape[:-1]:
            raise ValueError(
                "CrossEntropyLoss needs an output (..., classes) and labels (...), "
                f"got {out.shape} and {y.shape}"
            )
        self._shape, out, y = out.shape, out.reshape(-1, out.shape[-1]), y.ravel()
        if len(y) == 0:
            raise ValueError("CrossEntropyLoss got no examples")
        if not np.issubdtype(y.dtype, np.integer):
            raise TypeError(f"labels must be whole numbers, got dtype {y.dtype}: use y.astype(int)")
        if y.min() < 0 or y.max() >= out.shape[1]:
            odd = y.min() if y.min() < 0 else y.max()
            raise ValueError(f"label {odd} is outside the {out.shape[1]} classes of the output")
        shifted = out - out.max(axis=1, keepdims=True)  # exp cannot overflow
        exp = np.exp(shifted)
        total = exp.sum(axis=1, keepdims=True)
        self._p, self._y, self._rows = exp / total, y, np.arange(len(y))
        return float(np.mean(np.log(total[:, 0]) - shifted[self._rows, y]))

    def backward(self):
        """Return the gradient with respect to the output."""
        grad = self._p.copy()
        grad[self._rows, self._y] -= 1
        grad *= grad.dtype.type(1 / len(grad))
        return grad.reshape(self._shape)
