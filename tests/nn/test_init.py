"""Starting values have the variance of their source, or keep lengths."""

import numpy as np
import pytest

from optlearn import nn
from optlearn.nn import init

KERNEL = (60, 50, 3, 3)
FAN_IN, FAN_OUT = 450, 540

VARIANCES = {
    "xavier": (init.xavier, lambda n, m: 2 / (n + m)),
    "xavier_uniform": (init.xavier_uniform, lambda n, m: 2 / (n + m)),
    "he": (init.he, lambda n, m: 2 / n),
    "he_uniform": (init.he_uniform, lambda n, m: 2 / n),
    "lecun": (init.lecun, lambda n, m: 1 / n),
    "fan_in_uniform": (init.fan_in_uniform, lambda n, m: 1 / (3 * n)),
    "normal": (init.normal(0.1), lambda n, m: 0.01),
    "scaled": (init.scaled(0.7), lambda n, m: 0.49 / n),
    "scaled xavier": (init.scaled(4, init.xavier), lambda n, m: 32 / (n + m)),
    "orthogonal": (init.orthogonal(), lambda n, m: 1 / n),
}


@pytest.mark.parametrize("name", VARIANCES)
@pytest.mark.parametrize(
    ("shape", "fans"), [((100, 400), (400, 100)), (KERNEL, (FAN_IN, FAN_OUT))], ids=str
)
def test_weights_have_the_variance_of_their_source(name, shape, fans):
    start, variance = VARIANCES[name]
    weights = start(shape, np.random.default_rng(0))
    assert weights.shape == shape
    assert weights.var() == pytest.approx(variance(*fans), rel=0.03)
    assert weights.mean() == pytest.approx(0, abs=4 * weights.std() / weights.size**0.5)


@pytest.mark.parametrize("name", [name for name in VARIANCES if name.endswith("uniform")])
def test_uniform_weights_fill_their_range_and_stay_in_it(name):
    weights = VARIANCES[name][0]((100, 400), np.random.default_rng(0))
    bound = np.sqrt(3 * VARIANCES[name][1](400, 100))
    assert 0.999 * bound < np.abs(weights).max() <= bound


@pytest.mark.parametrize("gain", [1.0, 0.5, -2.0])
@pytest.mark.parametrize("shape", [(5, 5), (3, 8), (8, 3), (4, 2, 3, 3), (1, 6)], ids=str)
def test_orthogonal_rows_or_columns_are_orthonormal_times_the_gain(shape, gain):
    w = init.orthogonal(gain)(shape, np.random.default_rng(0)).reshape(shape[0], -1)
    gram = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(gram, gain**2 * np.eye(len(gram)), atol=1e-14)


def test_no_rotation_is_preferred_by_orthogonal():
    rng = np.random.default_rng(0)
    draws = np.array([init.orthogonal()((3, 3), rng) for _ in range(2000)])
    assert np.abs(draws.mean(axis=0)).max() < 4 * np.sqrt(1 / 3 / 2000)


@pytest.mark.parametrize("start", [init.orthogonal(), init.scaled(2), init.normal(1)])
def test_any_initialiser_is_a_layers_weight_init(start):
    layer = nn.Linear(4, 3, weight_init=start, rng=1)
    expected = start((3, 4), np.random.default_rng(1)).astype(np.float32)
    assert np.array_equal(layer.weight.data, expected)
    assert not layer.bias.data.any()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: init.normal(-1), "std must be finite and >= 0, got -1"),
        (lambda: init.scaled(np.inf), "factor must be finite, got inf"),
        (lambda: init.orthogonal(np.nan), "gain must be finite, got nan"),
    ],
)
def test_a_number_that_makes_no_weights_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()
