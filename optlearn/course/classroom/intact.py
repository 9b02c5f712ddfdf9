"""Look whether the notebook of this kernel has put functions of its own into the library.

The canary behind the last cell asks :func:`replaced`. It runs where the notebook runs, so it finds
the usual ways and not all: a function that stands in the library, in NumPy or among the builtins
but was written in the notebook.
"""

import sys

#: The packages in which nothing of the notebook belongs.
LIBRARIES = ("optlearn", "numpy", "builtins")
#: How far to look: a module holds a table, a table a question, a question its function.
DEPTH = 4


def replaced():
    """Return the names that hold a function of the notebook, sorted."""
    found, seen = set(), set()
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in LIBRARIES and module is not None:
            _look(name, module, DEPTH, found, seen)
    return sorted(found)


def _look(name, value, depth, found, seen):
    if _is_of_the_notebook(value):
        found.add(name)
    elif depth and id(value) not in seen:
        seen.add(id(value))
        for key, inner in _parts(value):
            if not isinstance(inner, type(sys)):  # each module has its own turn
                _look(f"{name}.{key}", inner, depth - 1, found, seen)


def _parts(value):
    """Return what an object of the libraries holds, by name."""
    if isinstance(value, dict):
        return list(value.items())
    home = getattr(type(value), "__module__", "")
    ours = isinstance(value, type | type(sys)) or str(home).split(".")[0] == "optlearn"
    return list(vars(value).items()) if ours and hasattr(value, "__dict__") else []


def _is_of_the_notebook(value):
    function = getattr(value, "__func__", getattr(value, "fget", value))
    world = getattr(function, "__globals__", None)
    code = getattr(function, "__code__", None)
    inside = isinstance(world, dict) and world.get("__name__") == "__main__"
    return inside or "ipykernel_" in getattr(code, "co_filename", "")
