"""Finished runs on disk, one small file each.

``joblib.Memory`` is not used, because it does not keep what a sweep promises: it deletes all
finished runs of a function once its code is edited, it does not see the values bound to a
function, and it runs a finished call again where one process had written to two caches.
"""

import functools
import hashlib
import inspect
import json
import os
import pickle
import tempfile
from pathlib import Path

import numpy as np

from .. import __version__


class Journal:
    """The finished runs of one function, as JSON files that are never half written.

    Parameters
    ----------
    cache : path
        A folder; it is made if it is missing. Each function, and each state of its code, has a
        folder of its own in there: a run of another function or version is never taken for one
        of this.
    fn : callable
        Known by its code, by the values bound to it (closure, defaults, ``functools.partial``)
        and by the versions of Python and optlearn. The code that it calls is not watched.
    """

    def __init__(self, cache, fn):
        import joblib

        name, *rest = identity(fn)
        try:
            self.folder = Path(cache) / f"{name}-{joblib.hash(rest)[:16]}"
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            raise TypeError(
                f"cache= cannot know {fn!r} again, because a value bound to it cannot be compared "
                f"({error}): let the function make that value, or put it into the configurations"
            ) from error
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=self.folder).close()
        except OSError as error:
            raise OSError(
                f"cache {str(cache)!r} cannot be written ({error}): name another folder, or pass "
                "cache=None to keep nothing"
            ) from error

    def load(self, config):
        """Return the row of a finished run, or ``None``."""
        try:
            row = json.loads(self._file(config).read_text("utf8"))
            return {**row, "config": config} if key(row["config"]) == key(config) else None
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return None  # never finished, or a file that somebody else damaged

    def save(self, row):
        """Write a row beside its place, then rename it: a kill leaves the whole row or none."""
        file = self._file(row["config"])
        beside = file.with_name(f"{file.name}.{os.getpid()}.part")
        beside.write_text(json.dumps(row), "utf8")
        os.replace(beside, file)

    def _file(self, config):
        return self.folder / f"{hashlib.sha256(key(config).encode()).hexdigest()[:32]}.json"


def key(config):
    """Return a text that is the same for equal configurations."""
    return json.dumps(config, sort_keys=True)


def plain(value, what):
    """Return ``value`` in Python's own types; a ``TypeError`` names what JSON cannot hold."""
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return type(value)([plain(v, f"{what}[{i}]") for i, v in enumerate(value)])
    if isinstance(value, dict) and all(isinstance(k, str) for k in value):
        return {k: plain(v, f"{what}[{k!r}]") for k, v in value.items()}
    raise TypeError(
        f"{what} is {value!r}: use numbers, text, None, lists and dictionaries of these, such as "
        "the name of a function instead of the function"
    )


def identity(fn):
    """Return the name of ``fn``, and what changes with its code and with the values bound to it."""
    bound = [__version__]
    while not inspect.isfunction(fn):
        if isinstance(fn, functools.partial):
            bound += [fn.args, fn.keywords]
            fn = fn.func
        elif inspect.ismethod(fn):
            bound.append(fn.__self__)
            fn = fn.__func__
        elif callable(fn) and inspect.ismethod(fn.__call__):
            fn = fn.__call__
        else:
            raise TypeError(f"fn must be a function written in Python, got {fn!r}")
    closure = inspect.getclosurevars(fn).nonlocals.items()
    bound += [fn.__defaults__, fn.__kwdefaults__]
    bound += [(k, identity(v) if inspect.isfunction(v) else v) for k, v in closure if v is not fn]
    return (
        fn.__name__.strip("<>"),
        fn.__module__,
        fn.__qualname__,
        _instructions(fn.__code__),
        bound,
    )


def _instructions(code):
    """Return what a function does, whatever its file, its line and its comments.

    The source would be missing where the function was typed in, and might be newer than the
    function that runs.
    """
    inner = [_instructions(c) if inspect.iscode(c) else c for c in code.co_consts]
    return code.co_code, code.co_names, code.co_varnames, code.co_freevars, inner
