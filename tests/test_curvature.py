import numpy as np
import pytest

from optlearn import datasets, nn
from optlearn.curvature import gradient_noise_scale, hessian_vector, loss_slice, sharpness

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(20, 3)), rng.normal(size=(20, 2))


def regression():
    """A linear model with squared error: its Hessian is known, and the same everywhere."""
    model = nn.Sequential(nn.Linear(3, 2, bias=False, rng=0, dtype=float))
    hessian = np.kron(np.eye(2), X.T @ X / 20)  # MSELoss averages over 20 * 2 numbers
    return model, hessian


def test_the_product_with_a_vector_equals_the_hessian():
    model, hessian = regression()
    v = rng.normal(size=6)
    product = hessian_vector(model, nn.MSELoss(), X, Y, v)
    np.testing.assert_allclose(product, hessian @ v, rtol=1e-6)


def test_the_weights_are_put_back_exactly():
    model, _ = regression()
    before = model.state_dict()["0.weight"]
    hessian_vector(model, nn.MSELoss(), X, Y, np.ones(6))
    assert np.array_equal(before, model.state_dict()["0.weight"])


def test_sharpness_is_the_largest_eigenvalue():
    model, hessian = regression()
    largest = np.linalg.eigvalsh(hessian)[-1]
    assert sharpness(model, nn.MSELoss(), X, Y, tol=1e-10) == pytest.approx(largest, rel=1e-6)


@pytest.mark.parametrize(
    ("v", "says"),
    [(np.zeros(6), "not zero"), (np.full(6, np.nan), "finite"), (np.ones(5), "has 6 weights")],
)
def test_a_bad_direction_is_refused(v, says):
    with pytest.raises(ValueError, match=says):
        hessian_vector(regression()[0], nn.MSELoss(), X, Y, v)


def test_the_sharpness_of_a_plane_is_zero():
    class Sum:
        def __call__(self, out, y):
            self.shape = out.shape
            return float(out.sum())

        def backward(self):
            return np.ones(self.shape)

    assert sharpness(regression()[0], Sum(), X, Y) == 0


def test_the_weights_are_put_back_if_the_loss_fails():
    model, _ = regression()
    before = model.state_dict()["0.weight"]
    with pytest.raises(ValueError, match="equal shapes"):
        hessian_vector(model, nn.MSELoss(), X, Y[:3], np.ones(6))
    assert np.array_equal(before, model.state_dict()["0.weight"])


def test_single_precision_is_refused_with_the_remedy():
    model = nn.Sequential(nn.Linear(3, 2, rng=0))
    with pytest.raises(TypeError, match=r"dtype=np\.float64"):
        sharpness(model, nn.MSELoss(), X, Y)


def test_the_kinks_of_relu_do_not_disturb_the_measurement():
    for seed in range(10):
        rng = np.random.default_rng(seed)
        first, last = (nn.Linear(*size, rng=rng, dtype=float) for size in ((64, 32), (32, 10)))
        model = nn.Sequential(first, nn.ReLU(), last)
        found = sharpness(model, nn.CrossEntropyLoss(), *datasets.load("noisy_digits"))
        assert 0.3 < found < 3, seed


def quadratic_around(model, along):
    """Return the loss of the regression at the weights plus ``along``, from its formula."""
    w = (model[0].weight.data.ravel() + along).reshape(2, 3)
    return np.mean((X @ w.T - Y) ** 2)


def test_a_slice_is_the_loss_on_the_plane():
    model, _ = regression()
    plane = loss_slice(model, nn.MSELoss(), X, Y, span=2.0, points=5)
    assert plane.a.tolist() == plane.b.tolist() == [-2, -1, 0, 1, 2]
    for i, j in np.ndindex(plane.loss.shape):
        along = plane.a[i] * plane.directions[0] + plane.b[j] * plane.directions[1]
        assert plane.loss[i, j] == pytest.approx(quadratic_around(model, along), rel=1e-12)
    assert not np.allclose(plane.loss, plane.loss.T)


def relu_network(bias=True, dtype=float):
    first = nn.Linear(3, 8, bias=bias, rng=0, dtype=dtype)
    return nn.Sequential(first, nn.ReLU(), nn.Linear(8, 2, bias=False, rng=1, dtype=dtype))


def test_directions_are_as_long_as_the_weights_row_by_row_and_leave_biases_alone():
    model = relu_network()
    plane = loss_slice(model, nn.MSELoss(), X, Y, points=3)
    for direction in plane.directions:
        first, bias, last = direction[:24], direction[24:32], direction[32:]
        for found, weight in ((first.reshape(8, 3), model[0]), (last.reshape(2, 8), model[2])):
            lengths = np.linalg.norm(weight.weight.data, axis=1)
            np.testing.assert_allclose(np.linalg.norm(found, axis=1), lengths, rtol=1e-12)
        assert not bias.any()
    assert abs(np.corrcoef(plane.directions)[0, 1]) < 0.9


def test_slices_do_not_depend_on_how_layers_share_the_scale():
    slices = []
    for scale in (1.0, 10.0):
        model = relu_network(bias=False)
        model[0].weight.data *= scale
        model[2].weight.data /= scale
        slices.append(loss_slice(model, nn.MSELoss(), X, Y, points=5).loss)
    np.testing.assert_allclose(*slices, rtol=1e-10)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_slice_puts_weights_and_mode_back_even_if_the_loss_fails(dtype):
    model = relu_network(dtype=dtype)
    before = model.state_dict()
    model.train()
    plane = loss_slice(model, nn.MSELoss(), X, Y, points=3)
    assert plane.loss[1, 1] == pytest.approx(nn.MSELoss()(model(X), Y))
    with pytest.raises(ValueError, match="equal shapes"):
        loss_slice(model, nn.MSELoss(), X, Y[:5])
    assert model.training
    assert all(np.array_equal(before[name], w) for name, w in model.state_dict().items())


def test_a_slice_goes_along_the_directions_it_is_given():
    model, hessian = regression()
    axes = np.eye(6)[[0, 4]]
    plane = loss_slice(model, nn.MSELoss(), X, Y, directions=axes, points=3)
    bend = plane.loss[0, 1] - 2 * plane.loss[1, 1] + plane.loss[2, 1]
    assert bend == pytest.approx(hessian[0, 0])
    assert loss_slice(model, nn.MSELoss(), X, Y, rng=1, points=2).loss[0, 0] != plane.loss[0, 0]


def exact_noise(model):
    """Return the variance of the gradient of one example and the square of the mean gradient."""
    errors = X @ model[0].weight.data.T - Y
    each = (errors[:, :, None] * X[:, None, :]).reshape(20, 6)  # 2 / outputs = 1
    mean = each.mean(axis=0)
    return np.mean(np.sum((each - mean) ** 2, axis=1)), mean @ mean


def test_the_noise_scale_agrees_with_the_gradients_of_all_examples():
    model, _ = regression()
    noise, gradient = exact_noise(model)
    found = gradient_noise_scale(model, nn.MSELoss(), X, Y, small=2, big=8, draws=4000)
    assert found.noise == pytest.approx(noise, rel=0.05)
    assert found.gradient == pytest.approx(gradient, rel=0.1)
    assert found.scale == found.noise / found.gradient


@pytest.mark.parametrize(("small", "big"), [(1, 2), (4, 64)])
def test_the_noise_scale_does_not_depend_on_the_batches_it_is_measured_with(small, big):
    model, _ = regression()
    draws = 16000 // big
    found = gradient_noise_scale(model, nn.MSELoss(), X, Y, small=small, big=big, draws=draws)
    noise, gradient = exact_noise(model)
    assert found.scale == pytest.approx(noise / gradient, rel=0.2)


def test_the_noise_scale_of_equal_examples_is_zero():
    model, _ = regression()
    same = np.repeat(X[:1], 9, axis=0), np.repeat(Y[:1], 9, axis=0)
    found = gradient_noise_scale(model, nn.MSELoss(), *same, draws=3)
    assert found.scale == pytest.approx(0, abs=1e-12)


def test_the_noise_scale_is_infinite_where_the_gradient_is_zero():
    model, _ = regression()
    model[0].weight.data = np.linalg.lstsq(X, Y, rcond=None)[0].T
    found = [gradient_noise_scale(model, nn.MSELoss(), X, Y, draws=20, rng=s) for s in range(8)]
    assert any(estimate.scale == np.inf for estimate in found)
    assert np.mean([estimate.gradient for estimate in found]) == pytest.approx(0, abs=0.1)


def test_measuring_noise_leaves_weights_and_buffers_as_they_were():
    model = nn.Sequential(nn.BatchNorm(3), nn.Linear(3, 2, rng=0))
    before = model.state_dict()
    gradient_noise_scale(model, nn.MSELoss(), X, Y, draws=2)
    assert all(np.array_equal(before[name], w) for name, w in model.state_dict().items())


@pytest.mark.parametrize(
    ("call", "options", "says"),
    [
        (loss_slice, {"span": 0}, "span must be > 0, got 0"),
        (loss_slice, {"points": 1}, "points must be a whole number >= 2, got 1"),
        (loss_slice, {"directions": np.ones((2, 5))}, r"shape \(2, 6\), got \(2, 5\)"),
        (gradient_noise_scale, {"small": 0}, "small must be a whole number >= 1, got 0"),
        (gradient_noise_scale, {"small": 4, "big": 10}, "multiple of small=4, .* got 10"),
        (gradient_noise_scale, {"small": 4, "big": 4}, "larger than it, got 4"),
        (gradient_noise_scale, {"draws": 1.5}, "draws must be a whole number >= 1, got 1.5"),
    ],
)
def test_bad_options_are_refused(call, options, says):
    with pytest.raises(ValueError, match=says):
        call(regression()[0], nn.MSELoss(), X, Y, **options)
