"""The forms of a step: array operations of NumPy, or the rules compiled by numba."""

import os

FORMS = ("numpy", "numba")

_chosen = None


def use(form):
    """Choose how all optimizers compute their steps from now on.

    Where nothing was chosen the environment variable ``OPTLEARN_BACKEND`` decides, and without it
    NumPy. Both forms give the same weights but for rounding, and continue each other's states: over
    some hundred steps they part by less than 1e-12 of the largest weight in float64 and by less
    than 1e-4 in float32.

    Parameters
    ----------
    form : {"numpy", "numba"}
        Array operations, or the functions of :mod:`optlearn.rules` compiled into one loop over the
        weights, which is several times as fast. The first step of a rule then waits for the
        compiler, some tenths of a second; what it made is kept in the user's cache folder. Rules
        with norms or matrices, hyperparameters given as arrays and learners' rules stay with NumPy.

    Raises
    ------
    ImportError
        If numba is asked for and not installed.
    """
    global _chosen
    _chosen = _possible(form, "backend.use")


def form():
    """Return the form in use."""
    global _chosen
    if _chosen is None:
        asked = os.environ.get("OPTLEARN_BACKEND") or "numpy"
        _chosen = _possible(asked, "the environment variable OPTLEARN_BACKEND")
    return _chosen


def _possible(form, asked_by):
    if form not in FORMS:
        raise ValueError(f"{asked_by} takes one of {', '.join(FORMS)}, got {form!r}")
    if form == "numba":
        try:
            import numba  # noqa: F401
        except ImportError as error:
            raise ImportError(
                f"{asked_by} asks for numba, which is not installed: pip install optlearn[fast]"
            ) from error
    return form
