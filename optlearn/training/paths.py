"""A point, or many at once, over a landscape."""

import numpy as np

from .. import landscapes, optim
from ..parameters import Parameter


def trace(landscape, optimizer, start, steps, **hyper):
    """Return the path of an optimizer over a landscape.

    Parameters
    ----------
    landscape : Landscape or str
    optimizer : str or callable
        A name of ``optim.REGISTRY``, or a factory ``params -> Optimizer``. Hyperparameters that
        are arrays of shape ``(N,)`` give each of ``N`` starts its own value.
    start : array_like
        Shape ``(2,)``, or ``(N, 2)`` for many paths at once.
    steps : int
        Number of updates, 0 or more.
    **hyper
        Hyperparameters for an optimizer given by its name, such as ``lr=0.1``.

    Returns
    -------
    numpy.ndarray of float64
        Shape ``(steps + 1, 2)`` or ``(steps + 1, N, 2)``. A path that diverges goes on as inf or
        nan.
    """
    if isinstance(landscape, str):
        landscape = landscapes.get(landscape)
    start = np.asarray(start, dtype=float)
    if start.ndim not in (1, 2) or start.shape[-1] != 2 or not np.isfinite(start).all():
        raise ValueError(f"start must be finite, of shape (2,) or (N, 2), got {start.tolist()!r}")
    if not isinstance(steps, int | np.integer) or steps < 0:
        raise ValueError(f"steps must be a whole number >= 0, got {steps!r}")
    w = Parameter(start, "w")
    if isinstance(optimizer, str):
        stepper = optim.get(optimizer).make([w], **hyper)
    elif hyper:
        raise TypeError(f"a factory sets its own hyperparameters; drop {', '.join(hyper)}")
    else:
        stepper = optimizer([w])
    path = np.empty((steps + 1, *start.shape))
    path[0] = start
    with np.errstate(all="ignore"):
        for t in range(1, steps + 1):
            w.grad = landscape.gradient(w.data)
            stepper.step()
            path[t] = w.data
    return path
