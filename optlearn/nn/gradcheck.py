"""Compare a network's gradients with differences of its loss."""

import numpy as np


def gradcheck(model, loss, x, y, *, eps=1e-6):
    """Return the largest relative error of the gradients that ``backward`` computes.

    Every weight and every input is moved by ``eps`` both ways, and the change of the loss is held
    against the gradient. Buffers are put back each time, so that dropout draws the same. Meant for
    small networks in float64, where a right gradient gives about 1e-8 and a wrong one more than
    1e-3.

    Parameters
    ----------
    model : Module
        In float64.
    loss : callable
    x : array of float64, or of whole numbers, which have no gradient
    y : array
    eps : float, default 1e-6

    Raises
    ------
    TypeError
        If a weight or ``x`` is not float64: single precision hides wrong gradients in rounding.
    """
    x = np.array(x)
    named = {name: p.data for name, p in model.named_parameters()}
    if not np.issubdtype(x.dtype, np.integer):
        named["x"] = x
    for name, array in named.items():
        if array.dtype != np.float64:
            raise TypeError(
                f"gradcheck needs float64, but {name} is {array.dtype}: build the layers with "
                "dtype=np.float64"
            )
    kept = [(module, name, getattr(module, name)) for _, module, name in model.named_buffers()]

    def put_back():
        for module, name, buffer in kept:
            setattr(module, name, buffer)

    def value():
        put_back()
        return loss(model(x), y)

    value()
    dx = model.backward(loss.backward(), input_grad=True)
    gradients = {name: p.grad.copy() for name, p in model.named_parameters()} | {"x": dx}
    errors = [
        _relative_error(gradients[name], _differences(value, array, eps))
        for name, array in named.items()
    ]
    put_back()
    return max(errors)


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
