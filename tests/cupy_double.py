"""A double of CuPy for machines without a GPU: NumPy underneath, CuPy's refusals on top.

It is a model of CuPy, made from its source and from the names and arguments that ``cupy_names.txt``
holds. What passes here may still fail on a GPU: rounding, memory, speed and streams are NumPy's.

- An array of the double *has* a NumPy array and is none. NumPy's functions reach it only through
  ``__array_ufunc__`` and ``__array_function__``, as they reach CuPy.
- What CuPy refuses is refused in its words: turning an array into NumPy's without ``get``, NumPy
  arrays as operands, names and arguments that CuPy lacks.
- Every crossing between the device and main memory is counted in ``crossings``: ``"up"``,
  ``"down"`` (an array), and ``"scalar"`` (one number, for which a GPU has to stop).

``tests/test_cupy_double.py`` holds the double to this, and CuPy itself where there is a GPU.
"""

import collections
import functools
import operator
import types
from pathlib import Path

import numpy as np

crossings = collections.Counter()


def _names():
    """Return CuPy's names with the names of their arguments; ``None`` where there are none."""
    table = {}
    _, *lines = Path(__file__).with_name("cupy_names.txt").read_text("utf8").splitlines()
    for line in lines:
        name, bracket, takes = line.rstrip(")").partition("(")
        table[name] = [a for a in takes.split(", ") if a] if bracket else None
    return table


NAMES = _names()
# The methods of ufuncs that CuPy has; ``at`` and ``outer`` are not modelled.
NAMES |= {
    "add.reduce": NAMES["ndarray.sum"],
    "add.accumulate": NAMES["ndarray.cumsum"],
    "add.reduceat": ["indices", "axis", "dtype", "out"],
    "multiply.reduce": NAMES["ndarray.prod"],
    "multiply.accumulate": NAMES["ndarray.cumprod"],
}
#: What CuPy has and the double does not model.
_NOT_MODELLED = {"base", "cstruct", "data", "device", "dump", "dumps", "flat", "tofile", "mdspan"}


def arguments(name):
    """Return the names of what CuPy's function takes, ``None`` if it is no function."""
    if NAMES[name] is None and isinstance(getattr(np, name, None), np.ufunc):
        return ["*", "out", "dtype", "casting"]  # no ``where=``
    return NAMES[name]


def _check(name, args, kwargs):
    """Refuse a call that CuPy's function would refuse."""
    takes = arguments(name)
    unknown = set() if "**" in takes else kwargs.keys() - takes
    if unknown or ("*" not in takes and len(args) > len(takes)):
        raise TypeError(f"CuPy's {name} takes ({', '.join(takes)}), got {args}, {kwargs}")


def _host(x):
    """Return the NumPy array within ``x``, or refuse what CuPy's functions refuse."""
    if isinstance(x, ndarray):
        return x._array
    if isinstance(x, np.ndarray):
        raise TypeError(f"Unsupported type {type(x)}")
    if isinstance(x, list | tuple):
        return type(x)(map(_host, x))
    return x


def _device(x):
    """Return what NumPy gave as CuPy would: a number of an array is an array without axes."""
    if isinstance(x, list | tuple):
        return type(x)(map(_device, x))
    return ndarray(np.asarray(x)) if isinstance(x, np.ndarray | np.generic) else x


def _wrapped(function, name):
    """Return a function of NumPy's as CuPy's of that name."""

    @functools.wraps(function)
    def on_device(*args, **kwargs):
        _check(name, args, kwargs)
        if name in ("split", "array_split"):  # they take indices in main memory
            args = (args[0], *(np.asarray(arg).tolist() for arg in args[1:]))
        result = function(*map(_host, args), **{k: _host(v) for k, v in kwargs.items()})
        if isinstance(kwargs.get("out"), ndarray):
            return kwargs["out"]
        # NumPy answers these with a Python bool; CuPy's answer stays on the device.
        return _device(np.bool_(result) if name in ("allclose", "array_equal") else result)

    return on_device


def _number(x, kind):
    crossings["scalar"] += 1
    return kind(x._array.item())


def _index(index):
    """Return an index for NumPy; host arrays go up, and a mask has to be counted."""
    if isinstance(index, tuple):
        return tuple(map(_index, index))
    if isinstance(index, list | np.ndarray):
        crossings["up"] += 1
    if isinstance(index, ndarray) and index.dtype == bool:
        crossings["scalar"] += 1
    return index._array if isinstance(index, ndarray) else index


def _gathers(index):
    """Tell whether an index holds arrays, that is, whether it copies."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(part, list | np.ndarray | ndarray) for part in parts)


class ndarray:
    """An array on the device."""

    __slots__ = ("_array",)
    __hash__ = None
    __array_priority__ = 100

    def __init__(self, array):
        self._array = array

    def __array__(self, dtype=None, copy=None):
        raise TypeError(
            "Implicit conversion to a NumPy array is not allowed. "
            "Please use `.get()` to construct a NumPy array explicitly."
        )

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        if ufunc.__name__ not in NAMES:
            return NotImplemented
        for x in (*inputs, *(out or ())):
            _operand(x)
        if out is not None:
            kwargs["out"] = out[0]
        if method != "__call__":
            name = f"{ufunc.__name__}.{method}"
            if name not in NAMES:
                raise NotImplementedError(f"`{name}` is not supported yet")
            return _wrapped(getattr(ufunc, method), name)(*inputs, **kwargs)
        return getattr(cupy, ufunc.__name__)(*inputs, **kwargs)

    def __array_function__(self, function, kinds, args, kwargs):
        name = ".".join([*function.__module__.split(".")[1:], function.__name__])
        if name not in NAMES:
            return NotImplemented
        return _wrapped(function, name)(*args, **kwargs)

    def __getattr__(self, name):
        if f"ndarray.{name}" not in NAMES or name in _NOT_MODELLED:
            raise AttributeError(f"an array of CuPy's, or of its double, has no {name!r}")
        value = getattr(self._array, name)
        if callable(value):
            return _wrapped(value, f"ndarray.{name}")
        return _device(value)

    def get(self):
        crossings["down"] += 1
        return self._array.copy()

    def tolist(self):
        return self.get().tolist()

    def item(self):
        return _number(self, lambda number: number)

    def fill(self, value):
        value = np.asarray(value._array if isinstance(value, ndarray) else value)
        if value.ndim:
            raise ValueError("non-scalar numpy.ndarray cannot be used for fill")
        self._array.fill(value[()])

    def __getitem__(self, index):
        return _device(self._array[_index(index)])

    def __setitem__(self, index, value):
        if isinstance(value, ndarray):
            self._array[_index(index)] = value._array
        elif _gathers(index):
            crossings["up"] += isinstance(value, list | np.ndarray)
            self._array[_index(index)] = value
        elif np.ndim(value):
            raise ValueError("non-scalar numpy.ndarray cannot be used for fill")
        else:
            self._array[index] = value

    def __len__(self):
        return len(self._array)

    def __iter__(self):
        if not self.ndim:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(len(self)))

    def __bool__(self):
        return _number(self, bool)

    def __int__(self):
        return _number(self, int)

    def __float__(self):
        return _number(self, float)

    def __repr__(self):
        return repr(self.get())

    def __str__(self):
        return str(self.get())

    def __format__(self, spec):
        return format(self.get(), spec)

    def __copy__(self):
        return self.copy()

    def __deepcopy__(self, memo):
        return self.copy()

    def __reduce__(self):
        return cupy.array, (self.get(),)


def _operand(x):
    """Return the other side of an operator for NumPy, or refuse it."""
    if not isinstance(x, ndarray | int | float | complex | np.generic):
        raise TypeError(f"Unsupported type {type(x)}")
    return _host(x)


def _binary(apply):
    return lambda a, b: _device(apply(a._array, _operand(b)))


def _reflected(apply):
    return lambda a, b: _device(apply(_operand(b), a._array))


def _unary(apply):
    return lambda a: _device(apply(a._array))


def _in_place(change):
    def changed(a, b):
        change(a._array, _operand(b))
        return a

    return changed


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor"):
    setattr(ndarray, f"__{_name}__", _binary(getattr(operator, f"__{_name}__")))
    setattr(ndarray, f"__r{_name}__", _reflected(getattr(operator, f"__{_name}__")))
    setattr(ndarray, f"__i{_name}__", _in_place(getattr(operator, f"__i{_name}__")))
for _name in ("matmul", "lt", "le", "gt", "ge", "eq", "ne"):  # CuPy has no ``@=``
    setattr(ndarray, f"__{_name}__", _binary(getattr(operator, f"__{_name}__")))
ndarray.__rmatmul__ = _reflected(operator.matmul)
for _name in ("neg", "pos", "abs", "invert"):
    setattr(ndarray, f"__{_name}__", _unary(getattr(operator, f"__{_name}__")))


def _upload(make, x, dtype=None, **kwargs):
    """Return an array on the device; one from main memory is copied."""
    if isinstance(x, ndarray):
        return ndarray(make(x._array, dtype, **kwargs))
    crossings["up"] += 1
    x = np.array(x, dtype)
    if x.dtype.kind not in "biufc":
        raise ValueError(f"Unsupported dtype {x.dtype}")
    return ndarray(x)


def _functions(numpy, prefix=""):
    """Return, of CuPy's names that start with ``prefix``, those that NumPy has too."""
    found = {}
    for name in NAMES:
        value = getattr(numpy, name.removeprefix(prefix), None)
        if not name.startswith(prefix) or value is None or isinstance(value, types.ModuleType):
            continue
        if callable(value) and not isinstance(value, type):
            value = _wrapped(value, name)
        found[name.removeprefix(prefix)] = value
    return found


cupy = types.ModuleType("cupy", "A double of CuPy.")
vars(cupy).update(
    _functions(np),
    ndarray=ndarray,
    asarray=functools.partial(_upload, np.asarray),
    array=functools.partial(_upload, np.array),
    asnumpy=lambda x: x.get() if isinstance(x, ndarray) else np.asarray(x),
    linalg=types.SimpleNamespace(**_functions(np.linalg, "linalg.")),
    cuda=types.SimpleNamespace(is_available=lambda: True),
)
