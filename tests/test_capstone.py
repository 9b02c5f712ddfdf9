"""The capstone: equal budgets, seeds that nobody can tune to, and a verdict by the interval."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed: uv sync")

from optlearn import course, progress, tuning
from optlearn.experiments import capstone as task

GOOD = {"optimizer": "nesterov", "lr": 0.3, "weight_decay": 0.02}


def test_whoever_knows_the_task_beats_the_default():
    found = task.capstone({"lr": 1e-9}, GOOD)
    assert found.chosen["optimizer"] == "nesterov"  # validation data chose it
    assert found.default["lr"] in [s["lr"] for s in task.DEFAULT[1:-1]]  # not at an edge
    assert found.comparison.ci95[0] > 0
    assert repr(found).startswith("you are ahead: +")
    assert "chosen of 2" in repr(found)
    assert "nesterov, lr 0.3, weight_decay 0.02" in repr(found)


def test_settings_that_do_not_learn_lose():
    assert task.capstone({"lr": 1e-9}).verdict == "the default is ahead"


def test_the_default_against_itself_is_no_difference_at_all():
    found = task.capstone(*task.DEFAULT)
    assert set(found.comparison.differences) == {0.0}
    assert found.verdict == "undecided"


def test_both_sides_run_on_the_hidden_seeds_and_on_test_digits():
    found = task.capstone(GOOD)
    seeds = task.hidden([task.complete(GOOD)])
    for side, setting in (("yours", found.chosen), ("default", found.default)):
        again = 100 * task.train({**setting, "seed": seeds[3]})["test_accuracy"]
        assert again == pytest.approx(found.accuracy[side][3])


def test_hidden_seeds_follow_from_the_settings_and_not_from_their_order():
    one, other = task.complete({"lr": 0.1}), task.complete({"lr": 0.2})
    seeds = task.hidden([one, other])
    assert seeds == task.hidden([other, one])
    assert len(set(seeds)) == task.HIDDEN
    assert not set(seeds) & set(task.hidden([one]))
    choosing = range(task.CHOOSING, task.CHOOSING + task.CHOOSE)
    assert min(seeds) > max(choosing)


def test_each_side_has_the_same_budget():
    assert len(task.DEFAULT) == task.TRIALS
    assert len(task.examples()[0]) == task.SIZE
    with pytest.raises(ValueError, match="hand in 1 to 5 settings"):
        task.capstone(*[GOOD] * 6)
    with pytest.raises(ValueError, match="hand in 1 to 5 settings"):
        task.capstone()


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ({}, "a setting needs its lr"),
        ({"lr": 0.1, "epochs": 31}, "epochs is 31: the budget allows whole numbers from 1 to 30"),
        ({"lr": 0.1, "epochs": 0.5}, "epochs is 0.5"),
        ({"lr": 0.1, "batch_size": 301}, "batch_size is 301"),
        ({"lr": 0.1, "schedule": "cyclic"}, "choose one of constant, cosine, linear"),
        ({"lr": 0.1, "warmup": 1}, "warmup is 1: give a share"),
        ({"lr": 0.1, "optimizer": "best"}, "unknown optimizer 'best'"),
        ({"lr": -0.1}, "-0.1"),
        ({"lr": 0.1, "weight_decay": -1}, "weight_decay"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_is(setting, says, monkeypatch):
    monkeypatch.setattr(task, "train", pytest.fail)
    with pytest.raises(ValueError, match=says):
        task.capstone({"lr": 0.1}, setting)


def test_an_argument_that_the_optimizer_does_not_have_is_refused():
    with pytest.raises(TypeError, match="momentum"):
        task.complete({"lr": 0.1, "momentum": 0.9})


@pytest.mark.parametrize("schedule", task.SCHEDULES)
@pytest.mark.parametrize("warmup", [0, 0.25])
def test_the_rate_rises_over_the_share_of_the_steps_that_warms_up(schedule, warmup):
    setting = task.complete({"lr": 0.1, "schedule": schedule, "warmup": warmup})
    opt = task._optimizer(setting, task.network(np.random.default_rng(0)).parameters())
    rates = []
    for _ in range(300):
        rates.append(opt.lr)
        opt.step()
    first = {0: 0.1, 0.25: 0.1 / 75}[warmup]
    assert rates[0] == pytest.approx(first)
    assert max(rates) == pytest.approx(0.1, rel=0.01)
    assert int(np.argmax(rates)) in {0: (0,), 0.25: (74, 75)}[warmup]
    assert rates[-1] == pytest.approx(0.1) if schedule == "constant" else rates[-1] < 2e-3


def test_practice_runs_serve_a_sweep():
    runs = tuning.sweep(task.practise, [{**GOOD, "seed": 0}, {"lr": 1e-9, "seed": 0}])
    best = runs.best()
    assert best["config"]["optimizer"] == "nesterov"
    assert best["mean"] > 0.8


def test_every_try_stands_in_the_learners_record(tmp_path, monkeypatch):
    monkeypatch.setenv("OPTLEARN_DATA", str(tmp_path))
    found = course.capstone(GOOD)
    (event,) = progress.events()
    assert (event["kind"], event["name"]) == ("run", "14.capstone")
    assert event["score"] == found.comparison.effect
    assert "nesterov" in event["settings"]
