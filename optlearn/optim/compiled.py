"""The compiled step: who may take it, and over which stretches of memory."""

import inspect

import numpy as np

from .. import rules
from ..backend import form
from ..parameters import segments


def sweeps(optimizer):
    """Return ``(once, sweep, vectors)`` for each stretch of memory, or none if NumPy is to step.

    See :func:`optlearn.backend.compiled.compile_rule` for the two functions.
    """
    named = "rule" in vars(type(optimizer))  # and not inherited by a class that changed a step
    if form() != "numba" or not named or optimizer._by_rows or not optimizer.rule:
        return []
    from ..backend import compiled  # brings a dozen modules along

    found, start = [], 0
    for w, g in segments(optimizer.params):
        state = {k: v[start : start + w.size] for k, v in optimizer.state.items()}
        vectors = (w, g, *state.values())
        start += w.size
        if not all(isinstance(v, np.ndarray) and v.dtype == w.dtype for v in vectors):
            return []
        if w.dtype.name not in compiled.DTYPES:
            return []
        once, sweep = compiled.compile_rule(
            optimizer.rule, w.dtype.name, tuple(state), _decay(optimizer)
        )
        found.append((once, sweep, vectors))
    return found


def _decay(optimizer):
    """Return the helper of :mod:`optlearn.rules` that comes before the rule."""
    if "weight_decay" in inspect.signature(optimizer.rule).parameters:
        return None
    return rules.decoupled_decay if optimizer.decoupled else rules.coupled_decay
