import numpy as np
import pytest

from optlearn import nn

rng = np.random.default_rng(0)
X = rng.normal(size=(6, 4))
LABELS = np.array([0, 1, 2, 0, 1, 2])
TARGETS = rng.normal(size=(6, 3))


def linear(n_in, n_out, seed=0, **kw):
    return nn.Linear(n_in, n_out, rng=seed, dtype=np.float64, **kw)


def test_forward_values_follow_the_formulas():
    layer = linear(4, 3)
    np.testing.assert_allclose(layer(X), X @ layer.weight.data.T + layer.bias.data)
    x = np.array([-1000.0, -1.0, 0.0, 2.0, 1000.0])
    np.testing.assert_allclose(nn.ReLU()(x), [0, 0, 0, 2, 1000])
    np.testing.assert_allclose(nn.Tanh()(x), np.tanh(x))
    np.testing.assert_allclose(nn.Sigmoid()(x[1:4]), 1 / (1 + np.exp(-x[1:4])))
    assert nn.Sigmoid()(x)[[0, -1]].tolist() == [0, 1]


def test_losses_follow_the_formulas():
    assert nn.MSELoss()(np.array([1.0, 3.0]), np.array([0.0, 1.0])) == 2.5
    even = np.zeros((7, 10))
    assert nn.CrossEntropyLoss()(even, np.arange(7)) == pytest.approx(np.log(10))
    huge = np.array([[1000.0, 0.0], [0.0, 1000.0]])
    assert nn.CrossEntropyLoss()(huge, np.array([0, 0])) == pytest.approx(500)


def test_the_loss_of_sequences_is_that_of_their_steps_laid_in_a_row():
    out, y = rng.normal(size=(2, 3, 5)), rng.integers(5, size=(2, 3))
    steps, row = nn.CrossEntropyLoss(), nn.CrossEntropyLoss()
    assert steps(out, y) == row(out.reshape(6, 5), y.ravel())
    assert np.array_equal(steps.backward(), row.backward().reshape(2, 3, 5))


def test_a_models_weights_and_gradients_are_views_of_two_vectors():
    model = nn.Sequential(nn.Linear(4, 5, rng=0), nn.ReLU(), nn.Linear(5, 3, rng=1))
    flat = {id(p.flat) for p in model.parameters()}
    assert len(flat) == 1
    w = model.parameters()[0].flat.w
    assert w.size == 4 * 5 + 5 + 5 * 3 + 3
    w[...] = 0
    assert (model(X) == 0).all()
    assert [p.name for p in model.parameters()] == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert [p.shape for p in model.parameters()] == [(5, 4), (5,), (3, 5), (3,)]


@pytest.mark.parametrize("asked", [False, True])
def test_the_first_layer_computes_an_input_gradient_only_if_asked(asked):
    model = nn.Sequential(linear(4, 5), nn.Tanh(), linear(5, 3), input_grad=asked)
    loss = nn.MSELoss()
    loss(model(X), TARGETS)
    dx = model.backward(loss.backward())
    assert (dx is not None) is asked
    if asked:
        assert dx.shape == X.shape


def test_layers_default_to_float32_and_keep_it():
    model = nn.Sequential(nn.Linear(4, 3, rng=0), nn.Tanh())
    loss = nn.MSELoss()
    out = model(X)
    loss(out, TARGETS)
    model.backward(loss.backward())
    assert out.dtype == loss.backward().dtype == model.parameters()[0].grad.dtype == np.float32


def test_the_same_seed_gives_the_same_weights_and_none_gives_fresh_ones():
    same = [nn.Linear(4, 3, rng=7).weight.data for _ in range(2)]
    fresh = [nn.Linear(4, 3).weight.data for _ in range(2)]
    assert np.array_equal(*same)
    assert not np.array_equal(*fresh)


def test_weights_can_be_saved_and_put_back():
    a, b = (nn.Sequential(linear(4, 5, seed), nn.Tanh(), linear(5, 3, seed)) for seed in (1, 2))
    saved = a.state_dict()
    b.load_state_dict(saved)
    assert np.array_equal(a(X), b(X))
    saved["0.weight"][:] = 0
    assert np.abs(b.parameters()[0].data).min() > 0


MODEL = nn.Sequential(linear(4, 3))


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: nn.Linear(0, 3), ValueError, "in_features must be a whole number >= 1, got 0"),
        (lambda: nn.Linear(4, 2.5), ValueError, "out_features .* got 2.5"),
        (lambda: MODEL(X[:, :3]), ValueError, r"Linear\(4, 3\) got .* shape \(6, 3\)"),
        (lambda: nn.Sequential(), ValueError, "at least one layer"),
        (lambda: nn.Sequential(np.tanh), TypeError, "takes layers"),
        (lambda: nn.MSELoss()(X, X[:3]), ValueError, r"\(6, 4\) and \(3, 4\)"),
        (lambda: nn.CrossEntropyLoss()(X, LABELS[:2]), ValueError, r"\(6, 4\) and \(2,\)"),
        (lambda: nn.CrossEntropyLoss()(X, TARGETS), ValueError, r"\(6, 4\) and \(6, 3\)"),
        (lambda: nn.CrossEntropyLoss()(X, LABELS + 9), ValueError, "label 11 is outside the 4"),
        (lambda: nn.CrossEntropyLoss()(X, LABELS - 1), ValueError, "label -1 is outside"),
        (lambda: nn.CrossEntropyLoss()(X, LABELS * 1.0), TypeError, r"use y.astype\(int\)"),
        (lambda: nn.CrossEntropyLoss()(X[:0], LABELS[:0]), ValueError, "got no examples"),
        (lambda: MODEL.load_state_dict({"0.weight": X}), ValueError, "one side only: 0.bias"),
        (
            lambda: MODEL.load_state_dict({"0.weight": X, "0.bias": np.zeros(3)}),
            ValueError,
            r"0.weight has shape \(3, 4\), got \(6, 4\)",
        ),
    ],
)
def test_bad_input_is_refused_with_the_value_and_the_remedy(call, error, says):
    with pytest.raises(error, match=says):
        call()
