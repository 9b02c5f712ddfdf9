import math

import numpy as np
import pytest
from scipy import stats

from optlearn import datasets, nn, optim, schedules
from optlearn.tuning import Comparison, Results, lr_range_test, sweep
from optlearn.tuning.compare import t_quantile

RATES = {"sgd": (0.01, 0.1, 1.0), "adam": (0.001, 0.01)}
BEST = {"sgd": 0.1, "adam": 0.001}


def rows(seeds=(0, 1, 2)):
    """Return runs whose validation loss is the distance to the best rate, plus the seed."""
    made = []
    for optimizer, rates in RATES.items():
        for lr in rates:
            for seed in seeds:
                loss = (
                    abs(math.log10(lr / BEST[optimizer])) + 0.1 * seed + 0.9 * (optimizer == "adam")
                )
                result = {
                    "train_loss": -loss,
                    "validation_loss": loss,
                    "validation_accuracy": -loss,
                    "test_accuracy": loss + 0.01 * seed * lr,
                }
                config = {"optimizer": optimizer, "lr": lr, "seed": seed, "epochs": 3}
                made.append({"config": config, "result": result, "error": None})
    return made


def test_the_best_setting_is_that_of_the_lowest_mean_over_seeds():
    best = Results(rows()).best()
    assert best["config"] == {"optimizer": "sgd", "lr": 0.1, "epochs": 3}
    assert best["mean"] == pytest.approx(0.1)
    assert best["sd"] == pytest.approx(0.1)
    assert (best["n"], best["diverged"], best["edges"]) == (3, 0, {})


@pytest.mark.parametrize(
    ("metric", "maximize", "expected"),
    [
        (None, None, 0.1),
        ("validation_loss", None, 0.1),
        ("validation_accuracy", None, 0.1),
        ("validation_loss", True, 0.01),
        ("validation_accuracy", False, 0.01),
        ("train_loss", None, 0.01),
    ],
)
def test_the_metric_and_its_direction_decide(metric, maximize, expected):
    part = Results(rows()).split("optimizer")["sgd"]
    assert part.best(metric, maximize=maximize)["config"]["lr"] == expected


def test_plain_numbers_are_ranked_too():
    results = sweep(lambda config: (config["x"] - 2) ** 2, [{"x": x} for x in range(5)])
    assert results.best()["config"] == {"x": 2}
    assert results.best()["mean"] == 0
    assert math.isnan(results.best()["sd"])


@pytest.mark.parametrize("method", ["best", "settings", "table"])
def test_no_setting_is_chosen_on_test_data(method):
    with pytest.raises(ValueError, match="'test_accuracy' may not choose a setting"):
        getattr(Results(rows()), method)("test_accuracy")


def test_the_test_data_of_a_chosen_setting_can_be_read():
    results = Results(rows())
    found = results.values(results.best()["config"], "test_accuracy")
    assert found == pytest.approx({0: 0, 1: 0.1 + 0.001, 2: 0.2 + 0.002})


def test_edges_are_found_within_the_range_of_each_optimizer():
    results = Results(rows())
    assert results.edges == {}
    parts = results.split("optimizer")
    assert {name: part.edges for name, part in parts.items()} == {
        "sgd": {},
        "adam": {"lr": "lowest"},
    }
    marked = [one["config"] for one in results.settings() if one["edges"]]
    assert marked == [{"optimizer": "adam", "lr": 0.001, "epochs": 3}]


@pytest.mark.parametrize(
    ("tried", "edges"),
    [
        ([1], {}),
        ([1, 3], {"x": "lowest"}),
        ([0, 1, 3], {}),
        ([-2, 0, 1], {"x": "highest"}),
        ([-2, 0.5, 1], {"x": "highest"}),
    ],
)
def test_an_edge_is_the_lowest_or_highest_of_several_numbers(tried, edges):
    configs = [{"x": x, "flag": True, "name": "a"} for x in tried]
    assert sweep(lambda config: abs(config["x"] - 1), configs).edges == edges


def test_edges_of_two_hyperparameters_are_found_together():
    configs = [{"x": x, "y": y} for x in range(4) for y in range(4)]
    results = sweep(lambda config: (config["x"] - 1) ** 2 - config["y"], configs)
    assert results.edges == {"y": "highest"}


def test_a_hyperparameter_that_only_some_optimizers_have_is_no_obstacle():
    configs = [{"optimizer": "sgd", "lr": lr, "momentum": 0.9} for lr in (0.1, 1.0)]
    configs += [{"optimizer": "adam", "lr": lr, "betas": (0.9, 0.99)} for lr in (1.0, 2.0, 3.0)]
    results = sweep(lambda config: abs(config["lr"] - 2), configs)
    assert results.best()["config"]["optimizer"] == "adam"
    assert results.edges == {}
    assert "betas" in results.table()


@pytest.mark.parametrize("lost", [math.nan, math.inf, -math.inf, None])
@pytest.mark.parametrize("maximize", [False, True])
def test_a_run_that_diverged_makes_its_setting_infinitely_bad_and_is_counted(lost, maximize):
    made = [
        {"config": {"lr": lr, "seed": seed}, "result": {"val": value}, "error": None}
        for lr, values in {0.1: (1.0, 1.0), 1.0: (0.0, lost), 10.0: (2.0, lost)}.items()
        for seed, value in enumerate(values)
    ]
    for row in made:
        if row["result"]["val"] is None:
            row |= {"result": None, "error": "FloatingPointError: lost"}
    results = Results(made)
    best, *others = results.settings("val", maximize=maximize)
    assert best["config"] == {"lr": 0.1}
    assert [one["mean"] for one in others] == [-math.inf if maximize else math.inf] * 2
    assert [one["diverged"] for one in others] == [1, 1]
    assert all(math.isnan(one["sd"]) for one in others)


@pytest.mark.parametrize(
    ("made", "says"),
    [
        ([{"config": {"lr": 1}, "result": None, "error": "KeyError: 'x'"}], "KeyError: 'x'"),
        ([{"config": {"lr": 1}, "result": math.nan, "error": None}], "every setting diverged"),
        ([{"config": {"lr": 1}, "result": {"curve": [1]}, "error": None}], "holds a number"),
    ],
)
def test_without_a_finite_setting_there_is_no_best(made, says):
    with pytest.raises(ValueError, match=says):
        Results(made).best()


def test_the_table_is_text_in_at_most_three_digits():
    made = rows()
    made[0]["result"]["validation_loss"] = math.nan
    table = Results(made).table()
    assert table.splitlines() == [
        "optimizer  lr     validation_loss  sd   n  diverged  edge",
        "sgd        0.1    0.1              0.1  3  0",
        "adam       0.001  1                0.1  3  0         lr lowest",
        "sgd        1      1.1              0.1  3  0",
        "adam       0.01   2                0.1  3  0",
        "sgd        0.01   inf              -    3  1",
    ]
    assert Results(made).table(most=2).splitlines()[-1] == "and 3 more"
    assert repr(Results(made)) == "Results(15 runs, 0 with an error)"


def test_the_table_shows_no_rounding_as_a_number():
    results = sweep(lambda config: config["x"] * 1e-17, [{"x": 1}, {"x": 3}])
    assert "< 1e-12" in results.table()


@pytest.mark.parametrize("df", [1, 2, 3, 4, 5, 10, 31, 100])
@pytest.mark.parametrize("p", [0.5, 0.8, 0.975])
def test_students_t_is_that_of_scipy(p, df):
    assert t_quantile(p, df) == pytest.approx(stats.t.ppf(p, df), rel=1e-12, abs=1e-12)


def test_settings_are_compared_seed_by_seed():
    results = Results(rows(seeds=range(5)))
    a, b = {"optimizer": "sgd", "lr": 0.1}, {"optimizer": "sgd", "lr": 1.0}
    found = results.compare(a, b, "test_accuracy")
    differences = np.array([-1 + 0.01 * seed * (0.1 - 1.0) for seed in range(5)])
    np.testing.assert_allclose(found.differences, differences)
    expected = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
    np.testing.assert_allclose(found.ci95, (expected.low, expected.high))
    assert found.effect == pytest.approx(differences.mean())
    assert found.differs
    assert results.compare(b, a, "test_accuracy").effect == pytest.approx(-found.effect)


@pytest.mark.parametrize("n", [3, 5, 20])
def test_the_smallest_effect_is_seen_4_times_in_5(n):
    rng, seen = np.random.default_rng(n), []
    shift = (t_quantile(0.975, n - 1) + t_quantile(0.8, n - 1)) / math.sqrt(n)  # for sd 1
    for draws in rng.normal(shift, 1, (1500, n)):
        seen.append(Comparison("loss", tuple(draws)).differs)
    assert np.mean(seen) == pytest.approx(0.8, abs=0.05)


def test_the_interval_holds_the_truth_in_95_of_100_and_the_text_says_what_was_found():
    rng = np.random.default_rng(0)
    wrong = [Comparison("loss", tuple(draws)).differs for draws in rng.normal(0, 1, (2000, 5))]
    assert np.mean(wrong) == pytest.approx(0.05, abs=0.015)
    assert str(Comparison("loss", (1.0, 3.0))) == (
        "undecided: loss +2, 95 % interval -11 to +15, over 2 seeds, which would show a "
        "difference of 14 4 times in 5"
    )
    assert str(Comparison("loss", (1.0, 1.0, 1.1))).startswith("they differ: loss +1, 95 %")


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda r: r.compare({"lr": 0.1}, {"lr": 9}), r"0 settings have {'lr': 9}"),
        (lambda r: r.compare({"lr": 0.1}, {"optimizer": "sgd"}), r"3 settings have {'opt"),
        (lambda r: Results(r.rows[::3]).compare({"lr": 0.1}, {"lr": 1.0}), "1 seeds are shared"),
        (lambda r: r.best("loss"), "no run has a metric 'loss': there are train_loss, validation_"),
        (lambda r: r.split("rate"), "no configuration has 'rate': there are optimizer, lr, seed"),
        (lambda r: Results([]).best(), "no run returned a result"),
    ],
)
def test_questions_without_an_answer_are_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call(Results(rows()))


def test_a_difference_from_a_run_that_diverged_is_refused():
    made = rows()
    made[4]["result"]["validation_loss"] = math.inf
    with pytest.raises(ValueError, match=r"{'lr': 0.1} diverged for seeds \[1\]"):
        Results(made).compare({"lr": 1.0}, {"lr": 0.1})


def setting(lr=0.1, rng=0):
    rng = np.random.default_rng(rng)
    model = nn.Sequential(
        nn.Linear(64, 16, rng=rng, dtype=np.float64), nn.Tanh(),
        nn.Linear(16, 10, rng=rng, dtype=np.float64),
    )  # fmt: skip
    optimizer = optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    loader = datasets.DataLoader(*datasets.load("digits"), batch_size=64, rng=rng)
    return model, nn.CrossEntropyLoss(), optimizer, loader


def test_the_range_test_is_training_with_a_growing_rate():
    found = lr_range_test(*setting(), low=1e-3, high=10, steps=60, smoothing=0)
    model, loss, optimizer, loader = setting()
    for lr, expected, (x, y) in zip(found.lrs, found.losses, [*loader, *loader, *loader, *loader]):
        assert loss(model(x), y) == expected
        model.backward(loss.backward())
        optimizer.lr = float(lr)
        optimizer.step()
    assert found.lrs[0] == pytest.approx(1e-3)
    ratios = found.lrs[1:] / found.lrs[:-1]
    np.testing.assert_allclose(ratios, 10 ** (4 / 59))
    assert np.array_equal(found.losses, found.smoothed)


def test_the_range_test_stops_where_the_loss_is_lost_and_names_two_rules_of_thumb():
    found = lr_range_test(*setting(), low=1e-3, high=1e6)
    assert found.diverged_at > found.lrs[-1]
    assert len(found.lrs) == len(found.losses) == len(found.smoothed) < 100
    assert np.isfinite(found.losses).all()
    assert found.tenth == pytest.approx(found.lrs[np.argmin(found.smoothed)] / 10)
    slopes = np.diff(found.smoothed) / np.diff(np.log(found.lrs))
    steepest = found.lrs[np.argmin(slopes)]
    assert found.steepest == pytest.approx(steepest, rel=0.5)
    assert lr_range_test(*setting(), high=1e-3).diverged_at is None


def test_the_range_test_leaves_everything_as_it_was():
    model, loss, optimizer, loader = setting(lr=schedules.cosine(0.1, 10))
    before = model.state_dict(), optimizer.state_dict(), loader.rng.bit_generator.state
    model.eval()
    first = lr_range_test(model, loss, optimizer, loader, steps=5)
    assert not model.training
    for old, new in zip(before[0].values(), model.state_dict().values(), strict=True):
        assert np.array_equal(old, new)
    for name, value in optimizer.state_dict().items():
        assert np.array_equal(before[1][name], value), name
    assert optimizer.lr == pytest.approx(0.1)
    assert loader.rng.bit_generator.state == before[2]
    again = lr_range_test(model, loss, optimizer, loader, steps=5)
    assert np.array_equal(first.losses, again.losses)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"low": 0}, "0 < low < high, got 0"),
        ({"low": 1, "high": 0.1}, "got 1 and 0.1"),
        ({"high": math.inf}, "got 1e-06 and inf"),
        ({"steps": 1}, "steps must be a whole number >= 2, got 1"),
        ({"smoothing": 1}, r"smoothing must be in \[0, 1\), got 1"),
        ({"stop": 1}, "stop must be above 1, got 1"),
    ],
)
def test_bad_arguments_of_the_range_test_are_refused(arguments, says):
    with pytest.raises(ValueError, match=says):
        lr_range_test(*setting(), **arguments)


def test_a_model_that_is_lost_from_the_start_is_refused():
    model, *rest = setting()
    model.parameters()[0].data = np.full((16, 64), np.nan)
    with pytest.raises(ValueError, match="not finite before the first step"):
        lr_range_test(model, *rest)
