"""A point, or many at once, over a landscape."""

import numpy as np

from .. import landscapes, optim
from ..backend import as_rng
from ..parameters import Parameter, flatten, segments


def trace(
    landscape,
    optimizer,
    start,
    steps,
    *,
    keep="all",
    noise=0.0,
    clip=None,
    rng=None,
    dtype=float,
    **hyper,
):
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
    keep : {"all", "last"}, default "all"
        The whole path, or only where it ends. A map of 40,000 starts needs no more, and 300 steps
        of their paths would fill 200 MB.
    noise : float, default 0
        Standard deviation of the normal noise that is added to each number of the gradient.
    clip : float, optional
        Largest norm of the gradient, of each path by itself, as in ``optim.clip_grad_norm``.
    rng : int or numpy.random.Generator, optional
        For the noise.
    dtype : dtype, default float64
        float32 takes half the time on large maps.
    **hyper
        Hyperparameters for an optimizer given by its name, such as ``lr=0.1``.

    Returns
    -------
    numpy.ndarray of ``dtype``
        Shape ``(steps + 1, 2)`` or ``(steps + 1, N, 2)``; with ``keep="last"`` the shape of
        ``start``. A path that diverges goes on as inf or nan.
    """
    if isinstance(landscape, str):
        landscape = landscapes.get(landscape)
    start, rng = _checked(start, steps, keep, noise, clip), as_rng(rng)
    stepper, w, g = _placed(optimizer, start.astype(dtype), hyper)
    path = np.empty((steps + 1, *start.shape), dtype) if keep == "all" else None
    if keep == "all":
        path[0] = w
    with np.errstate(all="ignore"):
        for t in range(1, steps + 1):
            g[...] = landscape.gradient(w)
            if noise:
                g += noise * rng.normal(size=g.shape)
            if clip is not None:
                norm = np.linalg.norm(g, axis=-1, keepdims=True)
                g *= np.minimum(1, clip / (norm + 1e-6))
            stepper.step()
            if keep == "all":
                path[t] = w
    return path if keep == "all" else w.copy()


def _checked(start, steps, keep, noise, clip):
    start = np.asarray(start, dtype=float)
    if start.ndim not in (1, 2) or start.shape[-1] != 2 or not np.isfinite(start).all():
        raise ValueError(f"start must be finite, of shape (2,) or (N, 2), got {start.tolist()!r}")
    if not isinstance(steps, int | np.integer) or steps < 0:
        raise ValueError(f"steps must be a whole number >= 0, got {steps!r}")
    if keep not in ("all", "last"):
        raise ValueError(f"keep must be 'all' or 'last', got {keep!r}")
    if not noise >= 0:
        raise ValueError(f"noise must be >= 0, got {noise!r}")
    if clip is not None and not clip > 0:
        raise ValueError(f"clip must be > 0, got {clip!r}")
    return start


def _placed(optimizer, start, hyper):
    """Return the optimizer, and the weights and gradients in the shape of ``start``.

    Where the rule works on each number by itself, the coordinates become two parameters: each
    then lies in one piece of memory, and arrays of hyperparameters run along it. That makes maps
    of many paths two times faster, and those of hyperparameters ten times.
    """
    if isinstance(optimizer, str):
        entry = optim.get(optimizer)
        if start.ndim == 2 and entry.elementwise:
            xy = [Parameter(column, name) for column, name in zip(start.T, "xy", strict=True)]
            stepper = entry.make(xy, **hyper)
            ((w, g),) = segments(xy)
            return stepper, w.reshape(2, -1).T, g.reshape(2, -1).T
    point = Parameter(start, "w")
    flatten([point])
    if isinstance(optimizer, str):
        return entry.make([point], **hyper), point.data, point.grad
    if hyper:
        raise TypeError(f"a factory sets its own hyperparameters; drop {', '.join(hyper)}")
    return optimizer([point]), point.data, point.grad
