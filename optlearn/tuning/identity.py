"""What a function is known by, so that its finished runs are told from those of its next version.

Its instructions are, and not its source: that would be missing where the function was typed in,
and may be newer than the function that runs.
"""

import functools
import inspect


def identity(fn, seen=()):
    """Return what changes with the code of ``fn`` and with the values that it uses.

    That is its instructions, and those of the functions of its own module that it calls; and the
    numbers, texts and tuples that it finds in global variables, closures, defaults, arguments of
    ``functools.partial``, or the object whose method it is. Lists, dictionaries, arrays and other
    objects are left out: a function may write into them while it runs.
    """
    bound = {}
    while not inspect.isfunction(fn):
        if isinstance(fn, functools.partial):
            bound |= {**dict(enumerate(fn.args)), **fn.keywords}
            fn = fn.func
        elif inspect.ismethod(fn):
            bound |= getattr(fn.__self__, "__dict__", {})
            fn = fn.__func__
        elif callable(fn) and inspect.ismethod(fn.__call__):
            fn = fn.__call__
        else:
            raise TypeError(f"fn must be a function written in Python, got {fn!r}")
    if fn in seen:
        return fn.__qualname__  # it calls itself, maybe through others
    cells = zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True)
    bound |= {"defaults": fn.__defaults__} | (fn.__kwdefaults__ or {})
    bound |= {name: cell.cell_contents for name, cell in cells}
    used = {k: fn.__globals__[k] for k in _names(fn.__code__) if k in fn.__globals__}
    values = [(str(k), _value(v, fn, (*seen, fn))) for k, v in [*bound.items(), *used.items()]]
    return fn.__module__, fn.__qualname__, _instructions(fn.__code__), sorted(values, key=str)


def _value(value, fn, seen):
    """Return what of a value is watched: nothing, if it can be written into."""
    if inspect.isfunction(value) and value.__module__ == fn.__module__:
        return identity(value, seen)
    if isinstance(value, tuple):
        return tuple(_value(part, fn, seen) for part in value)
    return value if isinstance(value, bool | int | float | str) else None


def _instructions(code):
    """Return what a function does, whatever its file, its lines and its comments."""
    inner = [_instructions(c) if inspect.iscode(c) else c for c in code.co_consts]
    return code.co_code, code.co_names, code.co_varnames, code.co_freevars, inner


def _names(code):
    """Return the names that a function and those inside it look up."""
    inner = (name for c in code.co_consts if inspect.iscode(c) for name in _names(c))
    return sorted({*code.co_names, *inner})
