"""Recurrent layers: equal to their readable twins, and what they keep from batch to batch."""

import copy
import pickle

import numpy as np
import pytest

from optlearn import datasets, nn, optim
from optlearn.nn import reference
from optlearn.training import fit

rng = np.random.default_rng(0)
X = rng.normal(size=(4, 6, 3))
D = {"dtype": np.float64}
KINDS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
GATES = {"rnn": 1, "gru": 3, "lstm": 4}


def layer(kind, units=5, inputs=3, seed=0, **kw):
    return KINDS[kind](inputs, units, rng=seed, **D, **kw)


def weights(made):
    return [p.data for p in made.parameters()]


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("steps", "inputs", "units"), [(6, 3, 5), (1, 3, 5), (4, 11, 4), (2, 1, 1)]
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_is_its_readable_twin(kind, steps, inputs, units, bias):
    made = layer(kind, units, inputs, bias=bias)
    x = rng.normal(size=(4, steps, inputs))
    twin = getattr(reference, kind)(x, *weights(made))
    np.testing.assert_allclose(made(x), twin, rtol=1e-12, atol=1e-14)
    last = layer(kind, units, inputs, bias=bias, last=True)
    np.testing.assert_allclose(last(x), twin[:, -1], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("last", [True, False])
def test_going_back_through_time_is_the_readable_one(last):
    made = layer("rnn", last=last)
    out = made(X)
    dout = rng.normal(size=out.shape)
    dx = made.backward(dout)
    everywhere = np.zeros((4, 6, 5))
    everywhere[:, -1 if last else slice(None)] = dout
    w_ih, w_hh, b_ih, b_hh = weights(made)
    h = reference.rnn(X, w_ih, w_hh, b_ih, b_hh)
    *expected, dh = reference.rnn_backward(everywhere, X, h, w_ih, w_hh)
    found = [dx, made.weight_ih_l0.grad, made.weight_hh_l0.grad, made.bias_ih_l0.grad]
    for a, b in zip([*found, made.bias_hh_l0.grad], [*expected, expected[-1]]):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)
    norms = np.sqrt((dh**2).sum(axis=(0, 2)))
    np.testing.assert_allclose(made.hidden_grad_norms(), norms, rtol=1e-12)


def loss_after(made, t, weight):
    """Return the loss of the states that follow from what now stands for the state after ``t``."""
    m, ahead = made._memory, made._memory.ahead
    m.ahead = ahead[t:]
    made._forward_steps(m)
    m.ahead = ahead
    return np.sum(weight * made._output(m))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("last", [True, False])
def test_norms_through_time_are_those_of_differences_at_each_state(kind, last):
    made = layer(kind, last=last)
    weight = rng.normal(size=made(X).shape)
    made.backward(weight)
    norms = made.hidden_grad_norms()
    assert norms.shape == (6,)
    for t in range(1, 7):
        made(X)
        state = made._memory.h[t]
        kept, gradient = state.copy(), np.empty_like(state)
        for i in np.ndindex(state.shape):
            ends = []
            for move in (1e-6, -1e-6):
                state[...] = kept
                state[i] += move
                ends.append(loss_after(made, t, weight))
            gradient[i] = (ends[0] - ends[1]) / 2e-6
        assert np.sqrt((gradient**2).sum()) == pytest.approx(norms[t - 1], rel=1e-6)


@pytest.mark.parametrize(("scale", "factor"), [(0.5, 0.5), (2.0, 2.0)])
def test_the_gradient_of_a_linear_state_shrinks_or_grows_by_its_weight_each_step(scale, factor):
    made = layer("rnn", nonlinearity="relu", last=True, bias=False)
    made.weight_ih_l0.data = np.full((5, 3), 0.1)
    made.weight_hh_l0.data = scale * np.eye(5)  # states stay positive, where relu is linear
    made(np.abs(X))
    made.backward(np.ones((4, 5)))
    norms = made.hidden_grad_norms()
    np.testing.assert_allclose(norms[:-1] / norms[1:], factor)


def test_norms_are_those_of_the_last_backward_whatever_was_seen_since():
    made = layer("gru")
    with pytest.raises(ValueError, match=r"GRU\(3, 5\) has no gradients yet: call forward and"):
        made.hidden_grad_norms()
    made.backward(np.ones_like(made(X)))
    before = made.hidden_grad_norms()
    for x in (X + 1, X[:2], X[:, :3]):
        made(x)
        assert np.array_equal(made.hidden_grad_norms(), before)


@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_returned_is_never_written_again(kind, last):
    made = layer(kind, last=last)
    out = made(X)
    dx = made.backward(np.ones_like(out))
    kept = out.copy(), dx.copy()
    made.backward(2 * np.ones_like(made(X + 1)))
    assert np.array_equal(out, kept[0])
    assert np.array_equal(dx, kept[1])
    out[...] = dx[...] = 7
    fresh = layer(kind, last=last)
    assert np.array_equal(made(X), fresh(X))
    assert np.array_equal(made.backward(np.ones_like(out)), fresh.backward(np.ones_like(out)))


@pytest.mark.parametrize("kind", KINDS)
def test_batches_of_other_sizes_and_lengths_leave_no_trace(kind):
    made = layer(kind)
    for x in (X, X[:3], X[:, :2], X[:1, :1], X[:0], X):
        fresh = layer(kind)
        out = made(x)
        assert np.array_equal(out, fresh(x))
        made.backward(np.ones_like(out))
        fresh.backward(np.ones_like(out))
        for p, q in zip(made.parameters(), fresh.parameters()):
            assert np.array_equal(p.grad, q.grad)


def digits(kind, seed=0):
    """Return the arguments of ``fit`` for the digits read line by line."""
    draw = np.random.default_rng(seed)
    model = nn.Sequential(KINDS[kind](8, 12, last=True, rng=draw), nn.Linear(12, 10, rng=draw))
    x, y = datasets.load("digits")
    loader = datasets.DataLoader(x[:200].reshape(-1, 8, 8), y[:200], 64, rng=draw)
    return model, nn.CrossEntropyLoss(), optim.Adam(model.parameters(), lr=0.01), loader


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_trains_as_the_original_does_and_apart_from_it(kind, duplicate):
    model, loss, optimizer, loader = digits(kind)
    fit(model, loss, optimizer, loader, 1)
    x, y = loader.x[:20], loader.y[:20]
    model(x)  # the arrays for this shape are there, and in use
    other = duplicate(model)
    outs = []
    for trained in (model, other):
        steps = optim.SGD(trained.parameters(), lr=0.1)
        for _ in range(3):
            loss(trained(x), y)
            trained.backward(loss.backward())
            steps.step()
        outs.append(trained(x))
    assert np.array_equal(*outs)
    assert not np.shares_memory(model.parameters()[0].data, other.parameters()[0].data)


@pytest.mark.parametrize("kind", KINDS)
def test_the_digits_are_learnt_line_by_line(kind):
    model, loss, optimizer, loader = digits(kind)
    x, y = datasets.load("digits", "validation")
    history = fit(model, loss, optimizer, loader, 40, validation=(x.reshape(-1, 8, 8), y))
    assert history["loss"][-1] < 0.5 * history["loss"][0]
    assert history["val_accuracy"][-1] > 0.5


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_have_pytorchs_names_shapes_and_start(kind):
    made, rows = KINDS[kind](40, 25, rng=0), 25 * GATES[kind]
    shapes = {name: array.shape for name, array in made.state_dict().items()}
    assert shapes == {
        "weight_ih_l0": (rows, 40), "weight_hh_l0": (rows, 25),
        "bias_ih_l0": (rows,), "bias_hh_l0": (rows,),
    }  # fmt: skip
    for array in weights(made):
        assert 0.18 < np.abs(array).max() <= 0.2  # 1 / sqrt(25), whatever the shape
        assert array.var() == pytest.approx(0.04 / 3, rel=0.4)
    assert not np.array_equal(weights(made)[0], weights(KINDS[kind](40, 25, rng=1))[0])
    assert list(KINDS[kind](3, 4, bias=False).state_dict()) == ["weight_ih_l0", "weight_hh_l0"]


@pytest.mark.parametrize("kind", KINDS)
def test_another_start_is_drawn_gate_by_gate_and_leaves_the_biases_at_zero(kind):
    made = layer(kind, units=6, weight_init=nn.init.orthogonal())
    w_ih, w_hh, b_ih, b_hh = weights(made)
    for gate in np.split(w_hh, GATES[kind]):
        np.testing.assert_allclose(gate @ gate.T, np.eye(6), atol=1e-14)
    for gate in np.split(w_ih, GATES[kind]):
        np.testing.assert_allclose(gate.T @ gate, np.eye(3), atol=1e-14)
    assert not b_ih.any()
    assert not b_hh.any()


@pytest.mark.parametrize("kind", KINDS)
def test_huge_numbers_close_gates_without_overflow(kind):
    with np.errstate(all="raise"):
        out = layer(kind)(1e6 * X)
    assert np.abs(out).max() <= 1


@pytest.mark.parametrize("name", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda make: make(0, 4), "input_size must be a whole number >= 1, got 0"),
        (lambda make: make(3, 4.5), "hidden_size .* got 4.5"),
        (lambda make: make(3, 4)(X[..., :2]), r"\(3, 4\) got .*\(4, 6, 2\).*\(N, T, 3\)"),
        (lambda make: make(3, 4)(X[0]), r"\(3, 4\) got .*\(6, 3\).*\(N, T, 3\)"),
        (lambda make: make(3, 4)(X[:, :0]), r"\(3, 4\) got .*\(4, 0, 3\).*T >= 1"),
    ],
)
def test_bad_input_is_refused_with_the_value_and_the_remedy(name, call, says):
    with pytest.raises(ValueError, match=says):
        call(KINDS[name])


def test_an_unknown_nonlinearity_is_refused():
    with pytest.raises(ValueError, match="'tanh' or 'relu', got 'sigmoid'"):
        nn.RNN(3, 4, nonlinearity="sigmoid")
