"""How good a network is on examples that it is not trained on."""

import contextlib

import numpy as np

from ..backend import as_array


def evaluate(model, loss, x, y):
    """Return the loss of ``model`` on ``x, y`` and, for whole-number labels, its accuracy.

    The model is run in evaluation mode and then put back into the mode it was in.
    """
    was_training = model.training
    model.eval()
    try:
        out, y = model(x), as_array(y)
        result = {"loss": float(loss(out, y))}
    finally:
        if was_training:
            model.train()
    if np.issubdtype(y.dtype, np.integer) and out.shape[:-1] == y.shape:
        result["accuracy"] = float(np.mean(out.argmax(axis=-1) == as_array(y, like=out)))
    return result


def averaged(optimizer):
    """Return a ``with`` block in which the parameters hold the weights that are to be judged.

    That is the average for a schedule-free optimizer; for the others they hold them anyway.
    """
    return optimizer.averaged() if hasattr(optimizer, "averaged") else contextlib.nullcontext()
