"""Compare a network's gradients with differences of its loss."""

import numpy as np


def gradcheck(model, loss, x, y, *, eps=1e-6):
    """Return the largest relative error of the gradients that ``backward`` computes.

    Every weight and every input is moved by ``eps`` both ways, and the change of the loss is held
    against the gradient. Meant for small networks in float64, where a right gradient gives about
    1e-8 and a wrong one more than 1e-3.

    Parameters
    ----------
    model : Module
        In float64.
    loss : callable
    x : array of float64
    y : array
    eps : float, default 1e-6

    Raises
    ------
    TypeError
        If a weight or ``x`` is not float64: single precision hides wrong gradients in rounding.
    """
    x = np.array(x)
    named = {name: p.data for name, p in model.named_parameters()} | {"x": x}
    for name, array in named.items():
        if array.dtype != np.float64:
            raise TypeError(
                f"gradcheck needs float64, but {name} is {array.dtype}: build the layers with "
                "dtype=np.float64"
            )
    loss(model(x), y)
    dx = model.backward(loss.backward(), input_grad=True)
    gradients = {name: p.grad.copy() for name, p in model.named_parameters()} | {"x": dx}
    return max(
        _relative_error(gradients[name], _differences(lambda: loss(model(x), y), array, eps))
        for name, array in named.items()
    )


def _differences(function, array, eps):
    """Return the central differences of ``function()`` with respect to each entry of ``array``."""
    out = np.empty_like(array)
    for i in np.ndindex(array.shape):
        kept = array[i]
        array[i] = kept + eps
        above = function()
        array[i] = kept - eps
        out[i] = (above - function()) / (2 * eps)
        array[i] = kept
    return out


def _relative_error(a, b):
    return float(np.max(np.abs(a - b)) / max(np.max(np.abs(a)), np.max(np.abs(b)), 1e-8))
