import numpy as np
import pytest

from optlearn import datasets, nn
from optlearn.curvature import hessian_vector, sharpness

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
