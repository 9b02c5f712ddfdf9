import numpy as np
import pytest

from optlearn import landscapes, optim
from optlearn.training import trace


@pytest.mark.parametrize("name", [n for n, entry in optim.REGISTRY.items() if entry.elementwise])
def test_trace_follows_the_rule(name):
    entry, bowl = optim.get(name), landscapes.get("rosenbrock")
    path = trace(bowl, name, bowl.start, 50, lr=1e-3, weight_decay=0.0)
    w, state = np.array(bowl.start), [np.zeros(2) for _ in entry.rule_state]
    hyper = {**entry.hyperparameters, "lr": 1e-3}
    for t in range(1, 51):
        w, *state = entry.rule(w, bowl.gradient(w), *state, t=t, **hyper)
        np.testing.assert_allclose(path[t], w, rtol=1e-12)
    assert path[0].tolist() == list(bowl.start)


def test_trace_walks_many_starts_with_their_own_rates():
    rates = np.array([0.5, 1.0, 1.5])
    starts = np.array([(1.0, 1.0), (2.0, -1.0), (-3.0, 0.5)])
    path = trace("quadratic", lambda w: optim.SGD(w, lr=rates, momentum=0.3), starts, 20)
    assert path.shape == (21, 3, 2)
    for i, start in enumerate(starts):
        alone = trace("quadratic", "momentum", start, 20, lr=rates[i], momentum=0.3)
        assert np.array_equal(path[:, i], alone)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", optim.REGISTRY)
def test_the_last_points_are_the_ends_of_the_paths(name, dtype):
    starts = np.random.default_rng(0).uniform(-1, 1, (7, 2))
    for start in (starts,) if name == "muon" else (starts, starts[0]):  # Muon needs a matrix
        path = trace("himmelblau", name, start, 9, lr=1e-3, dtype=dtype)
        last = trace("himmelblau", name, start, 9, lr=1e-3, dtype=dtype, keep="last")
        assert path.dtype == last.dtype == dtype
        assert path.shape == (10, *start.shape)
        assert np.array_equal(last, path[-1])
        assert not np.array_equal(path[-1], path[-2])


@pytest.mark.parametrize("name", [n for n, entry in optim.REGISTRY.items() if entry.elementwise])
def test_many_paths_at_once_are_the_paths_alone(name):
    starts = np.random.default_rng(0).uniform(-2, 2, (40, 2))
    together = trace("rosenbrock", name, starts, 30, lr=1e-3)
    for i, start in enumerate(starts):
        assert np.array_equal(together[:, i], trace("rosenbrock", name, start, 30, lr=1e-3))


def test_a_map_of_rates_and_momenta_is_its_paths_alone():
    rates, momenta = np.repeat([0.01, 0.1], 3), np.tile([0.0, 0.5, 0.9], 2)
    starts = np.tile([-1.5, 2.0], (6, 1))
    ends = trace("quadratic", "momentum", starts, 30, lr=rates, momentum=momenta, keep="last")
    for end, lr, momentum in zip(ends, rates, momenta, strict=True):
        alone = trace("quadratic", "momentum", starts[0], 30, lr=lr, momentum=momentum)
        assert np.array_equal(end, alone[-1])


def test_noise_has_the_standard_deviation_asked_for_and_follows_the_seed():
    start = np.zeros((2000, 2))  # the gradient there is zero
    steps = [trace("quadratic", "sgd", start, 1, lr=1.0, noise=0.3, rng=seed) for seed in (0, 0, 1)]
    assert np.std(steps[0][-1], axis=0) == pytest.approx([0.3, 0.3], rel=0.1)
    assert np.mean(steps[0][-1], axis=0) == pytest.approx([0, 0], abs=0.03)
    assert np.array_equal(steps[0], steps[1])
    assert not np.array_equal(steps[0], steps[2])


def test_clipping_bounds_each_gradient_and_leaves_shorter_ones_alone():
    starts = np.array([(3.0, 4.0), (0.03, 0.04)])
    round_bowl = landscapes.get("quadratic", condition=1)
    path = trace(round_bowl, "sgd", starts, 1, lr=0.1, clip=2.5)
    np.testing.assert_allclose(path[1], starts * [[0.95], [0.9]], rtol=1e-6)


def test_a_diverging_path_goes_on_and_warns_nobody():
    path = trace("rosenbrock", "sgd", (-1.5, 2.0), 50, lr=1.0)
    assert not np.isfinite(path[-1]).any()


def test_trace_needs_no_steps():
    assert trace("saddle", "sgd", (1, 2), 0).tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        (("bowl", "sgd", (0, 0), 1), ValueError, "unknown landscape 'bowl': known are"),
        (("saddle", "sdg", (0, 0), 1), ValueError, "unknown optimizer 'sdg': known are sgd"),
        (("saddle", "sgd", (0, 0, 0), 1), ValueError, r"shape \(2,\) or \(N, 2\)"),
        (("saddle", "sgd", (0, np.nan), 1), ValueError, "start must be finite"),
        (("saddle", "sgd", (0, 0), -1), ValueError, "steps must be a whole number >= 0, got -1"),
        (("saddle", "sgd", (0, 0), 2.5), ValueError, "got 2.5"),
    ],
)
def test_bad_arguments_of_trace_are_refused(arguments, error, says):
    with pytest.raises(error, match=says):
        trace(*arguments)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"keep": "end"}, "keep must be 'all' or 'last', got 'end'"),
        ({"noise": -1}, "noise must be >= 0, got -1"),
        ({"clip": 0}, "clip must be > 0, got 0"),
        ({"lr": [0.1, 0.2, 0.3]}, r"lr has shape \(3,\): an array needs one value for each row"),
    ],
)
def test_bad_options_of_trace_are_refused(options, says):
    with pytest.raises(ValueError, match=says):
        trace("saddle", "sgd", [(0, 0), (1, 1)], 3, **options)


def test_a_factory_takes_no_hyperparameters():
    with pytest.raises(TypeError, match="drop lr"):
        trace("saddle", optim.SGD, (0, 0), 1, lr=0.1)
