"""Compile a rule with numba: one loop over the weights, kept in the user's cache folder."""

import functools
import hashlib
import inspect
import os
import sys
import tempfile
from pathlib import Path

from .split import elements, split

#: The dtypes that numba and processors compute with.
DTYPES = ("float32", "float64")

# The compiler may divide by a number through its reciprocal, join a product and a sum, and ignore
# the sign of zero. It may not take for granted that there is no NaN and no infinity. Without the
# error model of NumPy every division would be checked for zero, one by one.
_MODULE = """\
import math
import numba
import numpy as np

MODE = {{"error_model": "numpy", "fastmath": {{"arcp", "contract", "nsz"}}}}
number = numba.{dtype}

{parts}
def once(optimizer, lr):
    return -1.0 if optimizer.maximize else 1.0, {once}

def sweep({vectors}, sign, {numbers}):
    zero, sign, {numbers} = number(0), number(sign), {typed}
    for i in range(w.size):
        w_i, g_i = w[i], sign * g[i]
        {decay}
        {new}, = {rule}(w_i, g_i, {old})
"""

# Zero decay must not make a NaN of an infinite weight.
_DECAY = {
    "coupled_decay": "g_i = coupled_decay(w_i, g_i, {0}) if {0} else g_i",
    "decoupled_decay": "w_i = decoupled_decay(w_i, {0})",
}


@functools.cache
def compile_rule(rule, dtype, state, decay=None):
    """Return ``(once, sweep)`` of a function of :mod:`optlearn.rules`.

    Parameters
    ----------
    rule : callable
    dtype : {"float32", "float64"}
        Of all vectors.
    state : tuple of str
        Those of the rule's state vectors that there are; the others are zero and not kept.
    decay : {rules.coupled_decay, rules.decoupled_decay}, optional
        The helper for weight decay that comes before the rule.

    Returns
    -------
    once : callable
        ``once(optimizer, lr)``, the numbers of a step, made from the optimizer's attributes.
    sweep : callable
        ``sweep(w, g, *state, *numbers)`` updates the vectors ``w`` and ``state`` in place.
    """
    import numba

    source = _source(rule, dtype, state, decay)
    path = _stored(source, f"{rule.__name__}_{dtype}")
    space = {"__name__": rule.__module__}  # numba asks for this module when it loads stored code
    exec(compile(source, path or f"<{rule.__name__}>", "exec"), space)
    once, sweep = space["once"], space["sweep"]
    vectors = 2 + len(state)
    numbers = len(inspect.signature(sweep).parameters) - vectors
    vector = numba.types.Array(getattr(numba, dtype), 1, "C")
    signature = numba.void(*[vector] * vectors, *[numba.float64] * numbers)
    if path:
        try:
            return once, numba.njit(signature, cache=True, **space["MODE"])(sweep)
        except Exception:  # a folder that is full, damaged or read-only is no reason to stop
            pass
    return once, numba.njit(signature, **space["MODE"])(sweep)


def _source(rule, dtype, state, decay):
    """Return a module's text: the parts of the rule, ``once`` over them and ``sweep`` over them."""
    steps = [decay, rule] if decay else [rule]
    needed = dict.fromkeys(step for last in steps for step in (*split(last).calls, last))
    numbers = [f"n{i}" for i in range(sum(split(step).numbers for step in steps))]
    first = len(numbers) - split(rule).numbers
    old = [f"{name}[i]" if name in state else "zero" for name in elements(rule)[2:]]
    return _MODULE.format(
        dtype=dtype,
        parts="\n".join(f"{split(f).once}\n@numba.njit(**MODE)\n{split(f).each}" for f in needed),
        once=", ".join(f"*{step.__name__}_once({_attributes(step)})" for step in steps),
        vectors=", ".join(["w", "g", *state]),
        numbers=", ".join(numbers),
        typed=", ".join(f"number({name})" for name in numbers),
        decay=_DECAY[decay.__name__].format(*numbers) if decay else "",
        new=", ".join(["w[i]", *("_" if value == "zero" else value for value in old)]),
        rule=rule.__name__,
        old=", ".join([*old, *numbers[first:]]),
    )


def _attributes(rule):
    """Return how the numbers that a rule takes are read from an optimizer."""
    names = [name for name in inspect.signature(rule).parameters if name not in elements(rule)]
    return ", ".join("lr" if name == "lr" else f"optimizer.{name}" for name in names)


def _stored(source, name):
    """Put a text into the user's cache folder; return its path, or nothing if that cannot be.

    The name holds the text's hash, so that another version of a rule never meets the code of this.
    """
    try:
        folder = _cache_folder()
        path = folder / f"{name}_{hashlib.sha256(source.encode()).hexdigest()[:16]}.py"
        if not (path.exists() and path.read_text("utf8") == source):
            folder.mkdir(parents=True, exist_ok=True)
            handle, fresh = tempfile.mkstemp(dir=folder, suffix=".tmp")
            with os.fdopen(handle, "w", encoding="utf8") as file:
                file.write(source)
            os.replace(fresh, path)  # whole or not at all: another process may do the same
    except (OSError, RuntimeError):  # RuntimeError: the user has no home
        return None
    return str(path)


def _cache_folder():
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "optlearn"
