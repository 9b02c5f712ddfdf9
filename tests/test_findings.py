"""What lessons say of their stored experiments, held to the intervals behind it."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed: uv sync")

from optlearn import experiments, tuning


def interval(differences):
    return np.array(tuning.Comparison("paired", tuple(differences)).ci95)


@pytest.mark.parametrize(
    ("task", "goal", "metric", "method", "low", "high"),
    [
        ("full", "train_loss", "train_loss", "momentum", -np.inf, -0.5),
        ("full", "train_loss", "train_loss", "nesterov", -np.inf, -0.3),
        ("full", "train_loss", "test_accuracy", "momentum", -np.inf, 0),
        ("full", "val_loss", "test_accuracy", "momentum", 0, np.inf),
        ("small", "train_loss", "train_loss", "momentum", -0.2, 0),
        ("small", "val_loss", "test_loss", "momentum", -0.1, 0),
        ("small", "val_loss", "test_loss", "nesterov", -0.1, 0),
    ],
)
def test_tuned_momentum_gains_much_with_full_batches_and_little_with_small_ones(
    task, goal, metric, method, low, high
):
    runs = experiments.get("momentum.tuned").result()[task][goal]
    assert runs[method]["edges"] == runs["sgd"]["edges"] == {}
    found = interval(np.subtract(runs[method][metric], runs["sgd"][metric]))
    assert low < found[0] < found[1] < high


@pytest.mark.parametrize(
    ("task", "method", "learned"),
    [
        ("full", "momentum", 20),
        ("full", "nesterov", 0),
        ("small", "momentum", 0),
        ("small", "nesterov", 0),
    ],
)
def test_momentum_switched_on_at_the_rate_of_sgd(task, method, learned):
    assert (
        experiments.get("momentum.tuned").result()[task]["switched"][method]["learned"] == learned
    )


@pytest.mark.parametrize(
    ("rates", "small", "large", "low", "high"),
    [("same-1", 1, 512, 1, 2), ("tuned", 64, 512, 1, 1.5), ("tuned", 1, 16, 8, 16)],
)
def test_a_larger_batch_saves_steps_by_a_factor(rates, small, large, low, high):
    found = experiments.get("batch.cost").result()
    few, many = (found[rates]["steps"][found["sizes"].index(size)] for size in (small, large))
    factor = np.exp(interval(np.log(few) - np.log(many)))
    assert low < factor[0] < factor[1] < high


def test_batch_512_costs_more_than_ten_times_the_examples_of_batch_16():
    found = experiments.get("batch.cost").result()
    few, many = (
        np.array(found["tuned"]["steps"][found["sizes"].index(size)]) * size for size in (16, 512)
    )
    assert np.exp(interval(np.log(many) - np.log(few)))[0] > 10


def test_of_single_blind_trials_about_half_are_lost_and_ten_can_lose_to_the_default():
    found = experiments.get("search.blind").result()
    for runs in found.values():
        assert 0.35 < np.mean(np.array(runs["first"]) < 0.5) < 0.65
    gain = {k: interval(np.subtract(runs["winner"], runs["default"])) for k, runs in found.items()}
    assert gain["noisy"][1] < 0 < gain["clean"][0]


def test_the_leader_of_the_league_changes_with_the_range_of_rates():
    from optlearn import explore

    narrow, wide = (explore.runs("league").standing(rates) for rates in ("narrow", "wide"))
    assert min(narrow, key=narrow.get) == "rmsprop"
    assert sorted(narrow.values())[:2] == [narrow["rmsprop"], narrow["adam"]]
    assert narrow["rmsprop"] < narrow["adam"]
    assert wide["momentum"] <= wide["rmsprop"]
