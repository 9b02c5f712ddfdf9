"""Products with the Hessian, and its largest eigenvalue.

Nothing here needs second derivatives: two gradients, a small step apart, tell how the gradient
changes along a direction, and that is the product of the Hessian with the direction.
"""

import numpy as np

from ..backend import as_rng
from ..parameters import segments


def hessian_vector(model, loss, x, y, v, *, eps=1e-7):
    r"""Return the Hessian of the loss times ``v``.

    .. math:: H v \approx \frac{\nabla f(w + \epsilon v) - \nabla f(w - \epsilon v)}{2\epsilon}

    Parameters
    ----------
    model : Module
        In float64: the difference of two float32 gradients is mostly rounding. Its weights are
        moved and put back.
    loss : callable
    x, y : array
        The examples over which the loss is taken.
    v : numpy.ndarray
        A direction over all weights, flat, in the order of ``model.parameters()``.
    eps : float, default 1e-7
        Length of the step along ``v / |v|``. Short, because with ReLU the loss has kinks, and a
        difference taken across one has nothing to do with the curvature.
    """
    w, g = _flat(model)
    if v.shape != w.shape:
        raise ValueError(f"v has shape {v.shape}, but the model has {w.size} weights")
    length = float(np.linalg.norm(v))
    if not (np.isfinite(length) and length > 0):
        raise ValueError(f"v must be finite and not zero, its length is {length}")
    kept = w.copy()
    gradients = []
    try:
        for side in (1, -1):
            w[...] = kept + side * eps / length * v
            loss(model(x), y)
            model.backward(loss.backward())
            gradients.append(g.copy())
    finally:
        w[...] = kept
    return (gradients[0] - gradients[1]) * (length / (2 * eps))


def sharpness(model, loss, x, y, *, tol=1e-4, iterations=200, rng=0):
    """Return the eigenvalue of the Hessian with the largest magnitude, by power iteration.

    Parameters
    ----------
    model, loss, x, y
        As for :func:`hessian_vector`.
    tol : float, default 1e-4
        Stop once the estimate changes by less than this share.
    iterations : int, default 200
        Stop after this many products in any case.
    rng : int or numpy.random.Generator, default 0
        For the direction to start from.
    """
    w, _ = _flat(model)
    v = as_rng(rng).normal(size=w.size)
    estimate = 0.0
    for _ in range(iterations):
        length = np.linalg.norm(v)
        if length == 0:  # the gradient is the same everywhere
            return 0.0
        v /= length
        hv = hessian_vector(model, loss, x, y, v)
        last, estimate = estimate, float(v @ hv)
        if abs(estimate - last) <= tol * abs(estimate):
            break
        v = hv
    return estimate


def _flat(model):
    found = segments(model.parameters())
    if len(found) != 1 or found[0][0].dtype != np.float64:
        raise TypeError(
            "curvature needs a model whose weights are one float64 vector: build its layers with "
            "dtype=np.float64 and put them into one Sequential"
        )
    return found[0]
