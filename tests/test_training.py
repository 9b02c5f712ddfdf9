import signal
import threading

import numpy as np
import pytest

from optlearn import datasets, nn, optim
from optlearn.datasets import DataLoader
from optlearn.training import evaluate, fit


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


@pytest.mark.parametrize("sizes", [(100, 100, 100), (100, 20), (150,)])
def test_a_group_of_batches_moves_the_weights_as_one_batch_of_its_examples(sizes):
    x, y = datasets.load("moons")
    ends = np.cumsum(sizes)
    batches = [(x[end - n : end], y[end - n : end]) for n, end in zip(sizes, ends, strict=True)]
    groups = [np.arange(sum(sizes[:2])), np.arange(sum(sizes[:2]), sum(sizes))]
    small, large = setting(), setting()
    fit(*small[:3], batches, 1, accumulate=2)
    whole = [(x[group], y[group]) for group in groups if len(group)]
    fit(*large[:3], whole, 1)
    assert small[2].t == len(whole)
    np.testing.assert_allclose(weights(small[0]), weights(large[0]), rtol=1e-12)


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


class CtrlC:
    """An optimizer in whose step Ctrl-C is pressed, at the moment that hurts most."""

    def __init__(self, inner, step):
        self.inner, self.step_number = inner, step

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def step(self):
        state = self.inner.state["b"].copy()
        self.inner.step()
        if self.inner.t == self.step_number:
            after, self.inner.params[0].data = self.inner.params[0].data.copy(), np.zeros((16, 2))
            signal.raise_signal(signal.SIGINT)  # state moved, weights half
            self.inner.params[0].data = after
        assert not np.array_equal(state, self.inner.state["b"])


def test_ctrl_c_in_the_middle_of_a_step_lets_the_step_end_first():
    model, loss, optimizer, loader = setting(momentum=0.9)
    history = fit(model, loss, CtrlC(optimizer, 15), loader, 5)
    whole, loss, expected, loader = setting(momentum=0.9)
    stop = Stop(after=15)
    fit(whole, loss, expected, loader, 5, callbacks=[stop])
    assert history.interrupted
    assert len(history) == 1
    assert len(history.steps["loss"]) == optimizer.t == 15
    assert np.array_equal(weights(model), weights(whole))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_ctrl_c_is_not_held_back():
    model, loss, optimizer, loader = setting()
    reached = []

    def impatient(history, model, optimizer):
        signal.raise_signal(signal.SIGINT)
        reached.append("after the first")
        signal.raise_signal(signal.SIGINT)
        reached.append("after the second")

    assert fit(model, loss, optimizer, loader, 5, callbacks=[impatient]).interrupted
    assert reached == ["after the first"]


def test_training_runs_in_a_thread_where_no_signal_can_be_handled():
    histories = []
    thread = threading.Thread(target=lambda: histories.append(fit(*setting(), 2)))
    thread.start()
    thread.join()
    assert len(histories[0]) == 2


class Stop:
    """End the training after a number of updates."""

    def __init__(self, after):
        self.after, self.seen = after, []

    def __call__(self, history, model, optimizer):
        return None

    def on_step(self, history, model, optimizer):
        self.seen.append(optimizer.t)
        return optimizer.t == self.after


def test_a_callback_sees_each_step_and_can_end_the_training_there():
    model, loss, optimizer, loader = setting()
    stop = Stop(after=15)
    history = fit(model, loss, optimizer, loader, 5, callbacks=[stop])
    assert stop.seen == list(range(1, 16))
    assert len(history) == 2
    assert history["loss"][1] == pytest.approx(np.mean(history.steps["loss"][12:]))


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


def test_any_iterable_of_batches_trains():
    x, y = datasets.load("moons")
    batches = [(x[i : i + 90], y[i : i + 90]) for i in range(0, 360, 90)]
    one, other = setting(), setting()
    history = fit(*one[:3], batches, 1)
    fit(*other[:3], iter(batches), 1)
    assert history.grad_evals == 4
    assert np.array_equal(weights(one[0]), weights(other[0]))


@pytest.mark.parametrize("options", [{"epochs": 2}, {"epochs": 1, "checkpoint": "unused.npz"}])
def test_a_generator_is_not_passed_over_twice(options):
    _, _, _, loader = setting()
    with pytest.raises(ValueError, match="can be passed over only once: set epochs=1"):
        fit(*setting()[:3], (batch for batch in loader), **options)


def test_an_optimizer_over_another_model_is_refused():
    model, loss, _, loader = setting()
    with pytest.raises(ValueError, match="holds no parameter of the model: build it over"):
        fit(model, loss, setting()[2], loader, 1)


def test_data_that_are_not_finite_are_named_with_their_row():
    model, loss, optimizer, loader = setting()
    before = weights(model)
    loader.x[:, 0] = np.nan
    with pytest.raises(FloatingPointError, match=r"step 1: .* row 0 of the batch: look for nan"):
        fit(model, loss, optimizer, loader, 1)
    assert np.array_equal(weights(model), before)


def test_a_label_outside_the_classes_is_refused_before_any_weight_moves():
    model, loss, optimizer, loader = setting(batch_size=360)
    before = weights(model)
    loader.y[5] = 2
    with pytest.raises(ValueError, match="label 2 is outside the 2 classes"):
        fit(model, loss, optimizer, loader, 1)
    assert np.array_equal(weights(model), before)


def test_a_schedule_free_optimizer_is_judged_at_its_average():
    model, loss, _, loader = setting()
    children = [optim.ScheduleFreeSGD(layer.parameters(), lr=0.5) for layer in (model[0], model[2])]
    optimizer = optim.MultiOptimizer(*children)
    validation = datasets.load("moons", "validation")
    history = fit(model, loss, optimizer, loader, 2, validation=validation)
    there = evaluate(model, loss, *validation)["loss"]
    with children[0].averaged(), children[1].averaged():
        assert history["val_loss"][-1] == evaluate(model, loss, *validation)["loss"] != there


def test_evaluation_leaves_the_mode_as_it_was_even_if_it_fails():
    model, loss, _, _ = setting()
    model.train()
    with pytest.raises(ValueError, match="needs an output"):
        evaluate(model, loss, np.zeros((3, 2)), np.zeros(4, int))
    assert model.training


def test_a_loader_that_yields_nothing_is_refused():
    model, loss, optimizer, _ = setting()
    loader = DataLoader(np.zeros((4, 2)), np.zeros(4, int), 3, drop_last=True)
    loader.batch_size = 5
    with pytest.raises(ValueError, match="the loader yields no batch"):
        fit(model, loss, optimizer, loader, 1)


def test_training_on_a_gpu_is_training_on_the_processor(cupy, tmp_path):
    histories = []
    for device in ("cpu", "gpu"):
        rng = np.random.default_rng(0)
        layers = nn.Linear(2, 8, rng=rng), nn.Tanh(), nn.Linear(8, 2, rng=rng)
        model = nn.Sequential(*layers).to(device)
        optimizer = optim.Adam(model.parameters(), lr=0.01)
        loader = DataLoader(*datasets.load("moons"), rng=rng)
        options = {"validation": datasets.load("moons", "validation"), "clip": 1.0}
        options |= {"accumulate": 2, "checkpoint": tmp_path / device}
        for epochs in (1, 3):  # the second goes on from the first
            history = fit(model, nn.CrossEntropyLoss(), optimizer, loader, epochs, **options)
        histories.append(history)
    for name in ("loss", "val_loss", "val_accuracy"):
        assert histories[0][name] == pytest.approx(histories[1][name], rel=1e-5)


def test_a_gradient_whose_squares_overflow_is_finite_all_the_same():
    model = nn.Sequential(nn.Linear(2, 2, rng=0, dtype=np.float64))
    optimizer = optim.SGD(model.parameters(), lr=1e-300)
    x, y = datasets.load("moons")
    history = fit(model, nn.CrossEntropyLoss(), optimizer, DataLoader(1e200 * x, y, rng=0), 1)
    assert np.abs(model[0].weight.grad).max() > 1e160
    assert history.skipped == 0
