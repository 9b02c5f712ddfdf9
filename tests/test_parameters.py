import numpy as np
import pytest

from optlearn import Parameter
from optlearn.optim import SGD
from optlearn.parameters import flatten, segments


def test_assigning_copies_and_never_aliases():
    p, mine = Parameter(np.zeros(3)), np.ones(3)
    p.data = mine
    p.grad = mine
    mine[:] = 7
    assert p.data.tolist() == p.grad.tolist() == [1, 1, 1]


def test_construction_copies():
    mine = np.ones(3)
    p = Parameter(mine)
    mine[:] = 7
    assert p.data.tolist() == [1, 1, 1]


@pytest.mark.parametrize("what", ["data", "grad"])
@pytest.mark.parametrize(
    ("value", "error", "says"),
    [
        (np.zeros((3, 1)), ValueError, r"shape \(3,\), got an array of shape \(3, 1\)"),
        (np.zeros(2), ValueError, r"'bias' has shape \(3,\)"),
        (1.0, ValueError, r"got an array of shape \(\)"),
        (np.array(["a", "b", "c"]), TypeError, "real numbers"),
        (np.zeros(3, complex), TypeError, "complex128"),
        (np.zeros(3, bool), TypeError, "bool"),
    ],
)
def test_a_wrong_assignment_is_refused_and_changes_nothing(what, value, error, says):
    p = Parameter(np.full(3, 2.0), "bias")
    with pytest.raises(error, match=says):
        setattr(p, what, value)
    assert p.data.tolist() == [2, 2, 2]
    assert p.grad.tolist() == [0, 0, 0]


@pytest.mark.parametrize("array", [np.arange(3), [1, 2], np.zeros(2, bool), np.array(["a"])])
def test_a_parameter_of_anything_but_floats_is_refused_with_the_remedy(array):
    with pytest.raises(TypeError, match=r"astype\(float\)"):
        Parameter(array, "w")


def test_an_optimizer_moves_loose_parameters_into_one_vector_and_keeps_their_values():
    params = [Parameter(np.full((2, 3), 1.0)), Parameter(np.full(4, 2.0)), Parameter(3.0)]
    SGD(params)
    ((w, g),) = segments(params)
    assert w.tolist() == [1] * 6 + [2] * 4 + [3]
    assert all(np.shares_memory(p.data, w) and np.shares_memory(p.grad, g) for p in params)
    params[1].data = np.arange(4.0)
    assert w[6:10].tolist() == [0, 1, 2, 3]


def test_mixed_dtypes_and_owned_parameters_work_as_several_segments():
    owned = [Parameter(np.ones(2)), Parameter(np.ones(3))]
    SGD(owned)
    mixed = [Parameter(np.ones(4)), Parameter(np.ones(5, np.float32)), *reversed(owned)]
    optimizer = SGD(mixed, lr=0.5, momentum=0.9)
    assert [w.size for w, _ in segments(mixed)] == [4, 5, 3, 2]
    for p in mixed:
        p.grad = np.ones(p.shape)
    optimizer.step()
    assert all((p.data == 0.5).all() for p in mixed)
    assert optimizer.state["b"].size == 14


def test_parameters_in_use_do_not_move_again():
    p = Parameter(np.ones(2))
    SGD([p])
    home = p.flat
    flatten([p, Parameter(np.ones(2))])
    assert p.flat is home


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_flat_vectors_and_states_start_where_a_cache_line_starts(size, dtype):
    params = [Parameter(np.ones(size, dtype)) for _ in range(3)]
    optimizer = SGD(params, momentum=0.9)
    flat = params[0].flat
    for vector in (flat.w, flat.g, optimizer.state["b"]):
        assert vector.ctypes.data % 64 == 0
        assert vector.dtype == dtype
        assert vector.shape == (3 * size,)
    assert not flat.g.any()
    assert (flat.w == 1).all()
