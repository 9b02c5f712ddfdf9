"""Two-dimensional loss functions: the hills and valleys on which a step can be watched.

Every landscape works on arrays of shape ``(..., 2)``, so one call serves a point, a path or a
whole map. Gradients and Hessians are written out by hand, with products in place of powers: the
explorers repeat them in JavaScript and get the same bits.
"""

from .base import Landscape
from .bowls import quadratic, ravine, rotated_quadratic
from .classic import beale, double_well, himmelblau, rosenbrock, saddle
from .recurrent import cliff

_FACTORIES = {
    f.__name__: f
    for f in (
        quadratic,
        rotated_quadratic,
        ravine,
        rosenbrock,
        beale,
        himmelblau,
        saddle,
        double_well,
        cliff,
    )
}

#: The names that :func:`get` knows.
NAMES = tuple(_FACTORIES)


def get(name, **kw):
    """Return the landscape called ``name``.

    Parameters
    ----------
    name : str
        One of ``landscapes.NAMES``.
    **kw
        Its own settings, such as ``condition=100`` of ``quadratic``.

    Raises
    ------
    ValueError
        If the name is not known (the known ones are listed) or a setting is out of range.
    """
    if name not in _FACTORIES:
        raise ValueError(f"unknown landscape {name!r}: known are {', '.join(NAMES)}")
    return _FACTORIES[name](**kw)


__all__ = ["NAMES", "Landscape", "get", *NAMES]
