"""Write down what CuPy has: its names and their arguments. No GPU is needed, CuPy is.

Run with ``python tests/make_cupy_names.py > tests/cupy_names.txt`` where CuPy is installed.
"""

import inspect
import re

import cupy


def arguments(function, method):
    """Return the names of a function's arguments; ``*`` and ``**`` for any."""
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        # Methods are compiled: their signature is the first line of their documentation.
        line = re.search(r"\w\((.*)\)", (function.__doc__ or "").partition("\n")[0])
        if line is None:
            return ["*", "**"]
        texts = [re.sub(r"[=:].*", "", text).split() for text in line[1].split(",")]
        names = [text[-1] for text in texts if text]
        names = [re.sub(r"\w", "", name) or name for name in names if name != "/"]
    else:
        star = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
        names = [star.get(p.kind, p.name) for p in found]
    return names[1:] if method and names[:1] == ["self"] else names


def lines(thing, prefix="", method=False):
    """Yield one line a name; a ufunc and what is no function stand alone."""
    for name in sorted(n for n in dir(thing) if not n.startswith("_") and n != "annotations"):
        value = getattr(thing, name)
        plain = isinstance(value, type) or not callable(value) or isinstance(value, cupy.ufunc)
        text = "" if plain else f"({', '.join(arguments(value, method))})"
        yield prefix + name + text


if __name__ == "__main__":
    print(f"# CuPy {cupy.__version__}, written by tests/make_cupy_names.py")
    for line in (
        *lines(cupy),
        *lines(cupy.linalg, "linalg."),
        *lines(cupy.lib.stride_tricks, "lib.stride_tricks."),
        *lines(cupy.ndarray, "ndarray.", method=True),
    ):
        print(line)
