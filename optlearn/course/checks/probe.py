"""Ask a learner's function for an answer: safely, quietly, and on arguments of its own."""

import contextlib
import inspect
import io
import textwrap
import traceback
import warnings

import numpy as np

from .report import BlankError, WrongError

#: More calls than any right solution needs: a loop that never ends is told, not waited for.
CALLS = 5000


def is_blank(value):
    """Return whether ``value`` is what an exercise holds before anything is written."""
    return value is None or value is Ellipsis


def call(function, *args):
    """Return ``function(*args)``, or raise with what went wrong in plain words."""
    if not callable(function):
        raise WrongError(
            f"a function is expected, you gave {short(function)}. Pass its name without brackets."
        )
    try:
        return function(*args)
    except NotImplementedError:
        raise BlankError from None
    except WrongError:
        raise
    except (Exception, SystemExit) as error:
        where = [f for f in traceback.extract_tb(error.__traceback__) if f.name != "call"]
        line = f" in the line `{where[-1].line}`" if where and where[-1].line else ""
        raise WrongError(f"it stopped with {type(error).__name__}: {error}{line}.") from None


@contextlib.contextmanager
def quiet():
    """Swallow prints and warnings, those of diverging numbers included.

    Any line on stderr would cost a learner all points of the cell.
    """
    sink = io.StringIO()
    with (
        contextlib.redirect_stdout(sink),
        contextlib.redirect_stderr(sink),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        yield


def numbers(value, shape=None, what="the result"):
    """Return ``value`` as a float64 array of ``shape``, or say why it is none.

    Numbers, lists, tuples and arrays are all welcome.
    """
    if is_blank(value):
        raise BlankError
    if isinstance(value, str):
        raise WrongError(f"{what} is text, “{short(str(value))[1:-1]}”: leave the quotes out.")
    try:
        kind = np.asarray(value).dtype.kind
        array = np.array(value, dtype=np.float64) if kind in "iuf" else None
    except (Exception, SystemExit):
        array = None
    if array is None:
        raise WrongError(f"{what} should be numbers, you gave {short(value)}.")
    if shape is not None and array.shape != tuple(shape):
        raise WrongError(f"{what} should have shape {tuple(shape)}, yours has {array.shape}.")
    return array


def number(value, what):
    """Return ``value`` as a float; a 0-d array or an array of one number will do."""
    array = numbers(value, what=what)
    if array.size != 1:
        raise WrongError(f"{what} should be one number, you gave {short(value)}.")
    return float(array.reshape(()))


def counted(gradient, most=CALLS):
    """Return ``gradient`` on a copy of its argument, with an end to endless loops."""
    calls = 0

    def ask(w):
        nonlocal calls
        calls += 1
        if calls > most:
            raise WrongError(f"it asked for the gradient more than {most} times: does it stop?")
        return gradient(np.array(w, dtype=np.float64))

    return ask


def short(value):
    """Return numbers with 4 digits, and anything else in at most 60 characters."""
    if isinstance(value, float | np.floating):
        return f"{value:.4g}"
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.ndim:
        return "[" + ", ".join(short(v) for v in value[:6]) + (", ...]" if len(value) > 6 else "]")
    try:
        text = repr(value)
    except Exception:
        text = f"a {type(value).__name__}"
    if " at 0x" in text:
        text = f"a {type(value).__name__}"
    return text if len(text) <= 60 else text[:57] + "..."


def source(function):
    """Return the dedented source of a function, or None where Python cannot find it."""
    try:
        return textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        return None
