import subprocess
import sys

import numpy as np
import pytest

from optlearn import datasets, landscapes, nn, optim
from optlearn.datasets import DataLoader
from optlearn.training import evaluate, fit, trace


def setting(seed=0, lr=0.1, dtype=np.float64, batch_size=32, **hyper):
    """Return the arguments of ``fit`` for a small network on the moons."""
    rng = np.random.default_rng(seed)
    layers = (
        nn.Linear(2, 16, rng=rng, dtype=dtype),
        nn.Tanh(),
        nn.Linear(16, 2, rng=rng, dtype=dtype),
    )
    model = nn.Sequential(*layers)
    optimizer = optim.SGD(model.parameters(), lr=lr, **hyper)
    loader = DataLoader(*datasets.load("moons"), batch_size=batch_size, rng=rng)
    return model, nn.CrossEntropyLoss(), optimizer, loader


def weights(model):
    return np.concatenate([p.data.ravel() for p in model.parameters()])


def test_digits_are_learned_to_95_percent_on_test_over_5_seeds():
    x, y = datasets.load("digits")
    for seed in range(5):
        rng = np.random.default_rng(seed)
        model = nn.Sequential(nn.Linear(64, 64, rng=rng), nn.ReLU(), nn.Linear(64, 10, rng=rng))
        optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        fit(model, nn.CrossEntropyLoss(), optimizer, DataLoader(x, y, 32, rng=rng), epochs=30)
        result = evaluate(model, nn.CrossEntropyLoss(), *datasets.load("digits", "test"))
        assert result["accuracy"] >= 0.95, seed


def test_the_history_counts_what_was_spent():
    model, loss, optimizer, loader = setting()
    history = fit(
        model, loss, optimizer, loader, 3, validation=datasets.load("moons", "validation")
    )
    assert len(history["loss"]) == len(history["val_loss"]) == len(history["val_accuracy"]) == 3
    assert history.grad_evals == len(history.steps["loss"]) == optimizer.t == 3 * 12
    assert history.examples == 3 * 360
    assert history["loss"][-1] < history["loss"][0]
    assert "val_loss" in history
    assert "3 epochs" in repr(history)


def test_an_epochs_loss_is_the_mean_over_examples_not_over_batches():
    model, loss, optimizer, loader = setting(lr=1e-12, batch_size=350)
    history = fit(model, loss, optimizer, loader, 1)
    whole = loss(model(loader.x), loader.y)
    assert history["loss"][0] == pytest.approx(whole, rel=1e-6)
    assert np.mean(history.steps["loss"]) != pytest.approx(whole, rel=1e-6)


def test_one_batch_of_all_examples_is_gradient_descent():
    model, loss, optimizer, _ = setting(lr=0.5)
    x, y = datasets.load("moons")
    expected = weights(model)
    fit(model, loss, optimizer, DataLoader(x, y, len(x), rng=1), 1)
    fresh, loss, _, _ = setting(lr=0.5)
    loss(fresh(x), y)
    fresh.backward(loss.backward())
    gradient = np.concatenate([p.grad.ravel() for p in fresh.parameters()])
    np.testing.assert_allclose(weights(model), expected - 0.5 * gradient, rtol=1e-12, atol=1e-15)


def test_accumulating_k_batches_equals_one_batch_k_times_as_large():
    ends = []
    for batch_size, accumulate in ((90, 1), (30, 3)):
        model, loss, optimizer, loader = setting(batch_size=batch_size)
        history = fit(model, loss, optimizer, loader, 2, accumulate=accumulate)
        ends.append(weights(model))
        assert optimizer.t == 8
        assert history.grad_evals == 8 * accumulate
    np.testing.assert_allclose(*ends, rtol=1e-10)


def test_a_last_group_of_batches_that_is_too_small_is_averaged_over_what_there_is():
    model, loss, optimizer, loader = setting(batch_size=120)
    fit(model, loss, optimizer, loader, 1, accumulate=2)
    assert optimizer.t == 2


def test_clipping_bounds_the_step():
    model, loss, optimizer, loader = setting(lr=1.0, batch_size=360)
    before = weights(model)
    fit(model, loss, optimizer, loader, 1, clip=1e-3)
    assert np.linalg.norm(weights(model) - before) == pytest.approx(1e-3, rel=1e-2)


def test_a_callback_sees_each_epoch_and_ends_the_training_by_returning_true():
    model, loss, optimizer, loader = setting()
    seen = []

    def watch(history, model, optimizer):
        seen.append(len(history["loss"]))
        return len(seen) == 2

    fit(model, loss, optimizer, loader, 5, callbacks=[watch])
    assert seen == [1, 2]


def test_ctrl_c_returns_the_history_so_far():
    model, loss, optimizer, loader = setting()

    def interrupt(history, model, optimizer):
        if len(history["loss"]) == 2:
            raise KeyboardInterrupt

    history = fit(model, loss, optimizer, loader, 5, callbacks=[interrupt])
    assert history.interrupted
    assert len(history["loss"]) == 2


def test_a_gradient_that_is_not_finite_is_named_with_its_step_and_parameter():
    model, loss, optimizer, loader = setting()
    model.parameters()[2].data = np.full((2, 16), np.nan)
    with pytest.raises(FloatingPointError, match=r"step 1: .*'0.weight'.*[Ll]ower the learning"):
        fit(model, loss, optimizer, loader, 1)
    assert optimizer.t == 0


def test_such_updates_are_skipped_if_asked_and_counted():
    model, loss, optimizer, loader = setting(lr=0.1)
    broken = model[0].forward
    calls = []

    def sometimes(x):
        calls.append(1)
        out = broken(x)
        return out * np.nan if len(calls) == 3 else out

    model[0].forward = sometimes
    history = fit(model, loss, optimizer, loader, 1, errors="skip")
    assert history.skipped == 1
    assert optimizer.t == 11
    assert np.isfinite(weights(model)).all()


KILLED = """
import os, sys
sys.path.insert(0, sys.argv[2])
from test_training import setting
from optlearn.training import fit

def die(history, model, optimizer):
    if len(history["loss"]) == 3:
        os.kill(os.getpid(), 9)

fit(*setting(momentum=0.9), 6, checkpoint=sys.argv[1], callbacks=[die])
"""


def test_training_goes_on_from_a_checkpoint_after_a_kill_as_if_nothing_had_happened(tmp_path):
    file = tmp_path / "run.npz"
    here = __file__.rpartition("/")[0]
    killed = subprocess.run([sys.executable, "-c", KILLED, str(file), here], check=False)
    assert killed.returncode == -9
    resumed = setting(momentum=0.9)
    history = fit(*resumed, 6, checkpoint=file)
    whole = setting(momentum=0.9)
    expected = fit(*whole, 6)
    assert np.array_equal(weights(resumed[0]), weights(whole[0]))
    assert history["loss"] == expected["loss"]
    assert history.steps == expected.steps
    assert history.grad_evals == expected.grad_evals
    assert list(tmp_path.iterdir()) == [file]


def test_a_checkpoint_of_another_model_is_refused(tmp_path):
    file = tmp_path / "run.npz"
    fit(*setting(), 1, checkpoint=file)
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2))
    optimizer = optim.SGD(model.parameters())
    with pytest.raises(ValueError, match=r"0.weight has shape \(3, 2\), got \(16, 2\)"):
        fit(model, nn.CrossEntropyLoss(), optimizer, setting()[3], 2, checkpoint=file)


def test_a_progress_bar_is_shown_on_demand(capsys):
    fit(*setting(), 2, progress=True)
    assert "2/2" in capsys.readouterr().err
    fit(*setting(), 2)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"epochs": 0}, "epochs must be a whole number >= 1, got 0"),
        ({"epochs": 1.5}, "got 1.5"),
        ({"epochs": 1, "accumulate": 0}, "accumulate must be a whole number >= 1"),
        ({"epochs": 1, "errors": "ignore"}, "errors must be 'raise' or 'skip', got 'ignore'"),
        ({"epochs": 1, "clip": 0}, "max_norm must be > 0, got 0"),
    ],
)
def test_bad_arguments_of_fit_are_refused(arguments, says):
    with pytest.raises(ValueError, match=says):
        fit(*setting(), **arguments)


def test_a_loader_that_yields_nothing_is_refused():
    model, loss, optimizer, _ = setting()
    loader = DataLoader(np.zeros((4, 2)), np.zeros(4, int), 3, drop_last=True)
    loader.batch_size = 5
    with pytest.raises(ValueError, match="the loader yields no batch"):
        fit(model, loss, optimizer, loader, 1)


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
