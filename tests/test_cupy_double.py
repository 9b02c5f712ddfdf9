"""The double of CuPy refuses, answers and counts as the table says.

Where there is a GPU the same table runs against CuPy itself: ``pytest -m gpu``. That is how the
double is to be calibrated; it was made from CuPy's source on machines without one.
"""

import collections
import copy
import math
import operator
import pickle

import cupy_double
import numpy as np
import pytest

X = np.array([[1.5, -2.0, 0.25], [4.0, 0.5, -1.0]])
MASK = X > 0
ROWS = np.array([1, 0])

REFUSED = {
    "asarray": (lambda cp, d: np.asarray(d), TypeError, "Implicit conversion to a NumPy array"),
    "array": (lambda cp, d: np.array(d), TypeError, "Implicit conversion"),
    "array of a list": (lambda cp, d: np.array([d, d]), TypeError, "Implicit conversion"),
    "into a NumPy array": (
        lambda cp, d: operator.setitem(X.copy(), 0, d[0]),
        TypeError,
        "Implicit",
    ),
    "plus NumPy": (lambda cp, d: d + X, TypeError, "Unsupported type"),
    "NumPy times": (lambda cp, d: X * d, TypeError, "Unsupported type"),
    "NumPy without axes": (lambda cp, d: d * np.array(2.0), TypeError, "Unsupported type"),
    "in place with NumPy": (lambda cp, d: operator.iadd(d, X), TypeError, "Unsupported type"),
    "NumPy in place": (lambda cp, d: operator.iadd(X.copy(), d), TypeError, "Unsupported type"),
    "ufunc with NumPy": (lambda cp, d: np.maximum(d, X), TypeError, "Unsupported type"),
    "ufunc with a list": (lambda cp, d: np.add(d, [1.0, 2.0, 3.0]), TypeError, None),
    "NumPy as out": (lambda cp, d: np.sqrt(d, out=np.empty((2, 3))), TypeError, "Unsupported type"),
    "where of a ufunc": (lambda cp, d: np.exp(d, where=d > 0), TypeError, None),
    "an argument of a function": (lambda cp, d: np.sum(d, initial=1.0), TypeError, None),
    "an argument of a method": (lambda cp, d: d.max(initial=1.0), TypeError, None),
    "a list of both": (lambda cp, d: np.concatenate([d, X]), TypeError, None),
    "largest by a ufunc": (lambda cp, d: np.maximum.reduce(d), NotImplementedError, "reduce"),
    "no insert": (lambda cp, d: np.insert(d, 0, 1.0), TypeError, "no implementation"),
    "no errstate": (lambda cp, d: cp.errstate, AttributeError, "errstate"),
    "no frompyfunc": (lambda cp, d: cp.frompyfunc, AttributeError, "frompyfunc"),
    "assign NumPy": (lambda cp, d: operator.setitem(d, ..., X), ValueError, "non-scalar"),
    "assign a list": (lambda cp, d: operator.setitem(d, 0, [1.0, 2.0, 3.0]), ValueError, None),
    "fill with NumPy": (lambda cp, d: d.fill(X), ValueError, "non-scalar"),
    "text": (lambda cp, d: cp.asarray(np.array("text")), ValueError, "Unsupported dtype"),
    "truth of many": (lambda cp, d: bool(d), ValueError, None),
    "an array as a count": (lambda cp, d: range(d.sum()), TypeError, None),
    "rows of a number": (lambda cp, d: iter(d.sum()), TypeError, "0-d"),
    "hash": (lambda cp, d: hash(d), TypeError, "unhashable"),
    "memory": (lambda cp, d: d.ctypes, AttributeError, "ctypes"),
    "NumPy's interface": (lambda cp, d: d.__array_interface__, AttributeError, "__array_interface"),
    "a strange operand": (lambda cp, d: d + "1", TypeError, None),
}

#: What must give NumPy's numbers, and what crosses meanwhile. ``a`` is NumPy's or CuPy's array.
ANSWERED = {
    "operators": (lambda a: 2 - a**2 / (1 + abs(a)) @ a.T * -0.5, {}),
    "comparisons": (lambda a: (a > 0) | (a <= -1) & ~(a == 0.25), {}),
    "a NumPy number": (lambda a: a * np.float32(0.1) + np.float64(2), {}),
    "float32 stays": (lambda a: a.astype(np.float32) * 0.1, {}),
    "ufunc with out": (lambda a: _twice(a, np.empty_like(a)), {}),
    "ufunc onto itself": (lambda a: np.negative(a, out=a), {}),
    "in place": (lambda a: operator.itruediv(operator.isub(a, 0.5), a + 9), {}),
    "through a view": (lambda a: _through_a_view(a), {}),
    "where": (lambda a: np.where(a > 0, a, 0.0), {}),
    "clip": (lambda a: np.clip(a, -1, 1, out=a), {}),
    "a sum": (lambda a: np.sum(a, axis=0, out=np.empty_like(a, shape=3)), {}),
    "a method": (lambda a: a.max(axis=1, keepdims=True), {}),
    "sums by a ufunc": (lambda a: np.add.reduce(a, axis=1, out=np.empty_like(a, shape=2)), {}),
    "one number stays": (lambda a: np.sqrt(a.sum() ** 2) + 1, {}),
    "a norm": (lambda a: np.linalg.norm(a), {}),
    "a product": (lambda a: np.matmul(a.T, a, out=np.zeros_like(a, shape=(3, 3))), {}),
    "a list of arrays": (lambda a: np.concatenate([a, a[:, :2]], axis=1), {}),
    "parts of an array": (lambda a: np.split(a, np.array([1, 2]), axis=1)[1], {}),
    "zeros like it": (lambda a: np.zeros_like(a, dtype=np.float32, shape=5), {}),
    "a copy": (lambda a: np.copy(a), {}),
    "rows by one": (lambda a: sum(row for row in a), {}),
    "fill": (lambda a: _done(a, a.fill(7)), {}),
    "assign a number": (lambda a: _done(a, operator.setitem(a, (..., 0), 3)), {}),
    "assign an array": (lambda a: _done(a, operator.setitem(a, 0, a[1])), {}),
    "windows": (lambda a: np.lib.stride_tricks.sliding_window_view(a, 2, axis=1), {}),
    "a deep copy": (lambda a: copy.deepcopy(a), {}),
    "an index of NumPy": (lambda a: a[ROWS], {"up": 1}),
    "a list as index": (lambda a: a[:, [2, 0]], {"up": 1}),
    "assign NumPy at indices": (lambda a: _done(a, operator.setitem(a, [1, 0], X)), {"up": 2}),
    "a mask": (lambda a: a[a > 0], {"scalar": 1}),
    "a branch": (lambda a: a if a.sum() > 0 else -a, {"scalar": 1}),
    "the larger": (lambda a: a * max(a[0, 0], 0.1), {"scalar": 1}),
    "a number": (lambda a: a * float(a[0, 0]), {"scalar": 1}),
    "a root": (lambda a: a * math.sqrt(a[0, 0]), {"scalar": 1}),
    "an item": (lambda a: a * a.mean().item(), {"scalar": 1}),
    "a whole number": (lambda a: a * int(a[1, 0]), {"scalar": 1}),
    "printing": (lambda a: _done(a, str(a), repr(a), f"{a}"), {"down": 3}),
    "a list": (lambda a: a * len(a.tolist()), {"down": 1}),
    "pickle": (lambda a: pickle.loads(pickle.dumps(a)), {"down": 1, "up": 1}),
}


def _twice(a, out):
    assert np.add(a, a, out=out) is out
    return out


def _through_a_view(a):
    a.reshape(-1)[1:3] *= 2
    return a


def _done(a, *_):
    return a


@pytest.fixture
def counts(cupy):
    """Return what has crossed so far; on a GPU nobody counts."""
    cupy_double.crossings.clear()
    return cupy_double.crossings if cupy is cupy_double.cupy else None


@pytest.mark.parametrize(("act", "error", "says"), REFUSED.values(), ids=REFUSED)
def test_what_cupy_refuses_is_refused(cupy, act, error, says):
    with pytest.raises(error, match=says):
        act(cupy, cupy.asarray(X))


@pytest.mark.parametrize(("act", "crossing"), ANSWERED.values(), ids=ANSWERED)
def test_what_cupy_answers_is_numpys_answer_and_its_crossings_are_counted(
    cupy, counts, act, crossing
):
    device, expected = cupy.asarray(X), act(X.copy())
    if counts is not None:
        counts.clear()
    answer = act(device)
    assert counts is None or counts == collections.Counter(crossing)
    assert type(answer) is cupy.ndarray
    assert answer.dtype == expected.dtype
    np.testing.assert_allclose(
        answer.get(), expected, rtol=0 if counts is not None else 1e-12, atol=0
    )


def test_shapes_and_kinds_are_told_without_a_crossing(cupy, counts):
    device = cupy.asarray(X)
    if counts is not None:
        counts.clear()
    told = device.shape, device.size, device.ndim, len(device), np.shape(device), np.ndim(device)
    assert told == ((2, 3), 6, 2, 2, (2, 3), 2)
    assert device.dtype == np.float64
    assert not counts


def test_both_ways_copy(cupy):
    mine = X.copy()
    device = cupy.asarray(mine)
    mine.fill(9)
    down = device.get()
    assert np.array_equal(down, X)
    down.fill(9)
    assert np.array_equal(cupy.asnumpy(device), X)


def test_cupy_knows_its_own_arrays(cupy):
    device = cupy.asarray(X)
    assert cupy.asarray(device).get().tolist() == cupy.array(device).get().tolist() == X.tolist()
    assert isinstance(device, cupy.ndarray)
    assert not isinstance(device, np.ndarray)
    assert cupy.cuda.is_available()
