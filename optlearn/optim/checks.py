"""What an optimizer accepts: its parameters, its hyperparameters and a saved state."""

import numpy as np

from ..parameters import Parameter


def parameters(params):
    """Return ``params`` as a list, or say what is wrong with it."""
    if isinstance(params, Parameter):
        raise TypeError("params must be an iterable of Parameter: put the Parameter into a list")
    params = list(params)
    if not params:
        raise ValueError("params is empty: pass model.parameters() or a list of Parameter")
    for p in params:
        if not isinstance(p, Parameter):
            raise TypeError(f"params holds a {type(p).__name__}: wrap it in optlearn.Parameter")
    names = [p.name or f"number {i}" for i, p in enumerate(params)]
    seen = {}
    for p, name in zip(params, names, strict=True):
        if id(p) in seen:
            raise ValueError(f"parameter {name!r} stands in params twice: list it once")
        seen[id(p)] = name
    if len({p.device for p in params}) > 1:
        homes = ", ".join(f"{name!r} on {p.device}" for p, name in zip(params, names, strict=True))
        raise ValueError(f"params live on two devices ({homes}): move the model as a whole")
    return params


def number(name, value, *, low=None, high=None, above=None, below=None):
    """Return a hyperparameter with ``low <= value <= high`` and ``above < value < below``.

    A Python number, or an array of floats if ``value`` has axes.
    """
    array = np.asarray(value)
    bounds = [
        (sign, bound, holds)
        for sign, bound, holds in (
            (">=", low, np.greater_equal),
            ("<=", high, np.less_equal),
            (">", above, np.greater),
            ("<", below, np.less),
        )
        if bound is not None
    ]
    numeric = np.issubdtype(array.dtype, np.number) and not np.iscomplexobj(array)
    if (
        not numeric
        or not np.all(np.isfinite(array))
        or not all(np.all(holds(array, bound)) for _, bound, holds in bounds)
    ):
        wanted = " and ".join(f"{sign} {bound}" for sign, bound, _ in bounds)
        raise ValueError(f"{name} must be a finite number {wanted}, got {value!r}")
    return array.astype(float) if array.ndim else array.item()


def two(name, values):
    """Return the two values of a pair of decay rates."""
    try:
        first, second = values
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be two numbers in [0, 1), got {values!r}") from None
    return first, second


def rows(name, array, params):
    """Shape an array of N hyperparameters so that it broadcasts over N rows."""
    if params[0].device != "cpu":
        raise ValueError(f"{name} is an array, and settings side by side run on the CPU only")
    shapes = {p.shape for p in params}
    (shape,) = shapes if len(shapes) == 1 else (None,)
    if shape is None or not shape or array.shape not in {shape[:1], (shape[0], 1)}:
        raise ValueError(
            f"{name} has shape {array.shape}: an array needs one value for each row of every "
            f"parameter, and the parameters have shapes {sorted(shapes)}"
        )
    return array.reshape(-1, *[1] * (len(shape) - 1))


def state(saved, kept, vectors):
    """Refuse a saved state that is not of the optimizer which keeps ``kept``, ``vectors`` too."""
    owner, name_here = str(saved.get("class")), kept["class"]
    if owner != name_here:
        raise ValueError(f"this is the state of {owner}, not of {name_here}")
    for name in saved:
        if name not in kept and name != "lr":
            raise ValueError(
                f"{owner} keeps no {name!r}: build it with the options it was saved with"
            )
    for name in kept:
        if name not in saved and name != "lr":  # a schedule is not saved
            raise ValueError(f"the state lacks {name!r}: save all of state_dict()")
    for name, vector in vectors.items():
        shape = np.shape(saved[name])
        if shape != vector.shape:
            raise ValueError(f"state {name!r} must have shape {vector.shape}, got {shape}")
    if str(saved["shapes"]) != kept["shapes"]:
        raise ValueError(f"the state is of shapes {saved['shapes']}, not {kept['shapes']}")
    number("t", plain(saved["t"]), low=0)


def plain(value):
    """Turn what ``numpy.load`` returns back into Python numbers; larger arrays are copied."""
    if isinstance(value, np.ndarray | np.generic):
        return value.item() if value.ndim == 0 else value.copy()
    return value
