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


def test_a_factory_takes_no_hyperparameters():
    with pytest.raises(TypeError, match="drop lr"):
        trace("saddle", optim.SGD, (0, 0), 1, lr=0.1)
