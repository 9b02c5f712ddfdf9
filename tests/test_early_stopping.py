"""Early stopping: when it stops, what it restores, and that it goes on from a checkpoint."""

import numpy as np
import pytest

from optlearn import datasets, nn, optim
from optlearn.datasets import DataLoader
from optlearn.training import EarlyStopping, History, evaluate, fit

VALIDATION = datasets.load("moons", "validation")


def setting():
    """Return a network too large and a rate too high for 40 points: it overfits within epochs."""
    rng = np.random.default_rng(0)
    first, last = (nn.Linear(*n, rng=rng, dtype=float) for n in ((2, 64), (64, 2)))
    model = nn.Sequential(first, nn.Tanh(), last)
    x, y = (part[:40] for part in datasets.load("moons"))
    optimizer = optim.Adam(model.parameters(), lr=0.05)
    loader = DataLoader(x, datasets.label_noise(y, 0.2, rng=1), batch_size=10, rng=rng)
    return model, nn.CrossEntropyLoss(), optimizer, loader


def run(epochs=60, checkpoint=None, **options):
    model, loss, optimizer, loader = setting()
    stopping = EarlyStopping(**options)
    history = fit(
        model, loss, optimizer, loader, epochs,
        validation=VALIDATION, callbacks=[stopping], checkpoint=checkpoint,
    )  # fmt: skip
    return model, history, stopping


def val_loss(model):
    return evaluate(model, nn.CrossEntropyLoss(), *VALIDATION)["loss"]


def after(values, **options):
    """Return the epochs that pass before training with these losses stops."""
    history, stopping = History(), EarlyStopping(restore_best=False, **options)
    history.epochs[options.get("monitor", "val_loss")] = seen = []
    for value in values:
        seen.append(value)
        if stopping(history, None, None):
            break
    return len(seen), stopping.best, stopping.best_epoch


NAN = float("nan")


@pytest.mark.parametrize(
    ("values", "options", "end"),
    [
        ([5, 4, 3, 2], {"patience": 1}, (4, 2, 4)),
        ([5, 4, 6, 3, 4, 4, 4], {"patience": 2}, (6, 3, 4)),
        ([5, 4, 6, 3, 4, 4, 4], {"patience": 1}, (3, 4, 2)),
        ([5, 4.8, 4.6, 4.4], {"patience": 2, "min_delta": 0.5}, (3, 5, 1)),
        ([5, 4.8, 4.4, 4.3], {"patience": 2, "min_delta": 0.5}, (4, 4.4, 3)),
        ([5, 5, 5], {"patience": 2}, (3, 5, 1)),
        ([NAN, NAN, 1], {"patience": 2}, (2, np.inf, 0)),
        ([0.5, 0.7, 0.6, 0.6], {"patience": 2, "monitor": "val_accuracy"}, (4, 0.7, 2)),
        ([5, 4, 6, 7], {"patience": 2, "monitor": "loss"}, (4, 4, 2)),
    ],
)
def test_it_stops_after_patience_epochs_in_a_row_without_improvement(values, options, end):
    assert after(values, **options) == end


def test_training_ends_with_the_weights_of_the_best_epoch():
    model, history, stopping = run(patience=5)
    assert len(history) == stopping.best_epoch + 5 < 60
    assert stopping.best == min(history["val_loss"]) == history["val_loss"][stopping.best_epoch - 1]
    assert val_loss(model) == stopping.best < history["val_loss"][-1]


def test_it_restores_the_best_epoch_where_the_epochs_run_out_first():
    model, history, stopping = run(patience=1000)
    assert len(history) == 60
    assert not stopping.stopped
    assert val_loss(model) == min(history["val_loss"]) < history["val_loss"][-1]


def test_it_leaves_the_last_weights_if_asked():
    model, history, _ = run(patience=5, restore_best=False)
    assert val_loss(model) == history["val_loss"][-1] > min(history["val_loss"])


@pytest.mark.parametrize("epochs", [1, 2, "best + 2", "all"])
def test_it_goes_on_from_a_checkpoint_to_the_same_end(epochs, tmp_path):
    whole, expected, stopping = run(patience=5)
    until = {"best + 2": stopping.best_epoch + 2, "all": 60}.get(epochs, epochs)
    run(until, tmp_path / "c.npz", patience=5)
    model, history, resumed = run(60, tmp_path / "c.npz", patience=5)
    assert history.epochs == expected.epochs
    assert history.steps == expected.steps
    assert vars(resumed) == vars(stopping)
    for name, array in whole.state_dict().items():
        assert np.array_equal(model.state_dict()[name], array)


def test_what_it_was_used_for_before_does_not_count_when_it_goes_on():
    stopping, history = EarlyStopping(2), History()
    history.epochs["val_loss"] = [0.5, 0.6]
    for _ in range(2):
        assert not stopping.resume(history)
        assert (stopping.best, stopping.best_epoch) == (0.5, 1)
    history.epochs["val_loss"] = [3.0, 2.0, 2.5, 2.5]
    assert stopping.resume(history)
    assert (stopping.best, stopping.best_epoch) == (2.0, 2)


def test_a_training_that_has_stopped_goes_on_with_more_patience(tmp_path):
    run(60, tmp_path / "c.npz", patience=3)
    _, history, _ = run(60, tmp_path / "c.npz", patience=12)
    _, expected, _ = run(60, patience=12)
    assert history.epochs == expected.epochs


def test_with_a_schedule_free_optimizer_it_keeps_the_average_that_was_judged():
    model, loss, _, loader = setting()
    optimizer = optim.ScheduleFreeSGD(model.parameters(), lr=2.0)
    stopping = EarlyStopping(1000)
    fit(model, loss, optimizer, loader, 20, validation=VALIDATION, callbacks=[stopping])
    assert val_loss(model) == stopping.best


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"patience": 0}, "patience must be a whole number >= 1, got 0"),
        ({"patience": 2.5}, "got 2.5"),
        ({"min_delta": -1}, "min_delta must be >= 0, got -1"),
        ({"min_delta": NAN}, "got nan"),
    ],
)
def test_bad_arguments_are_refused(options, says):
    with pytest.raises(ValueError, match=says):
        EarlyStopping(**options)


def test_what_is_not_in_the_history_is_named_with_the_remedy():
    with pytest.raises(ValueError, match=r"no 'val_loss': pass validation=\(x, y\) to fit, or mon"):
        fit(*setting(), 1, callbacks=[EarlyStopping()])
