"""Runs played back: the browser reads the tables as Python does, and the tables say what we say."""

import itertools
import json
import math

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed: uv sync")
mini_racer = pytest.importorskip("py_mini_racer", reason="mini-racer is not installed: uv sync")

from optlearn import experiments, explore, progress, questions  # noqa: E402
from optlearn.experiments import doctor as trainings  # noqa: E402
from optlearn.explore.runs import WHAT, budget, doctor, league, range_test, seeds  # noqa: E402


def script(explorer):
    """Return a function that evaluates JavaScript beside the explorer's and its ``data``."""
    engine = mini_racer.MiniRacer()
    engine.eval(explorer._esm.replace("export default { render };", ""))
    engine.eval(f"const data = {json.dumps(explorer.found)};")
    return lambda expression: json.loads(engine.eval(f"JSON.stringify({expression})"))


# ---- the range test ----


@pytest.mark.parametrize("optimizer", range_test.OPTIMIZERS)
@pytest.mark.parametrize("labels", range_test.LABELS)
def test_the_browser_judges_guesses_as_python_does(optimizer, labels):
    explorer = explore.runs("range_test", optimizer=optimizer, labels=labels)
    js, here = script(explorer), explorer.here()
    for guess in np.geomspace(1e-4, 1, 25):
        call = f"accuracyAt(data['{optimizer}-{labels}'], {guess})"
        assert math.isclose(js(call), range_test.at_rate(here, guess), rel_tol=1e-12)
        said = js(f"offBy({here['best']}, {guess})")
        assert said == range_test.off(here["best"], guess)


def test_the_rules_point_too_high_with_noisy_labels_and_a_tenth_too_low_with_clean_ones():
    found = experiments.get("ranges.folk").result()
    for name in range_test.OPTIMIZERS:
        noisy, clean = found[f"{name}-noisy"], found[f"{name}-clean"]
        assert min(noisy["advice"]["steepest"]) > 5 * noisy["best"]
        assert np.median(noisy["advice"]["tenth"]) > 1.5 * noisy["best"]
        assert np.median(clean["advice"]["tenth"]) < clean["best"] / 1.4


def test_nothing_is_told_before_it_is_revealed():
    explorer = explore.runs("range_test")
    best = f"{explorer.here()['best']}"
    assert best not in explorer.text()
    explorer.revealed = True
    assert f"the best rate is {best}" in explorer.text()


# ---- the budget ----


def every_run(found):
    return [
        [name, size, lr]
        for name in budget.OPTIMIZERS for size in found["batches"] for lr in found["rates"]
    ]  # fmt: skip


def test_the_browser_reads_the_table_as_python_does():
    explorer = explore.runs("budget")
    js = script(explorer)
    assert js("allRuns(data)") == every_run(explorer.found)
    assert js("bestOf(data, allRuns(data))") == explorer.best()
    for part in ("validation", "test"):
        theirs = js(f"allRuns(data).map((run) => lookUp(data, run, '{part}'))")
        assert theirs == explorer.table(part).tolist()


def test_what_ten_random_runs_find_is_what_draws_find():
    explorer = explore.runs("budget")
    table, rng = explorer.table(), np.random.default_rng(0)
    draws = [rng.choice(table, budget.BUDGET, replace=False).max() for _ in range(20_000)]
    error = np.std(draws) / math.sqrt(len(draws))
    assert abs(np.mean(draws) - explorer.expected()) < 4 * error


def test_a_whole_game_ends_with_the_score_on_test_data():
    spent = every_run(experiments.get("budget.runs").result())[:10]
    assert "10 of 10" not in explore.runs("budget", spent=spent[:9]).text()
    said = explore.runs("budget", spent=spent).text().splitlines()[0]
    assert "on test data" in said
    assert "ten random runs find" in said


def test_ten_random_runs_do_not_beat_the_default():
    explorer = explore.runs("budget")
    default = explorer._look_up(budget.DEFAULT)
    assert explorer.expected() < default < explorer.table().max()


# ---- the seeds ----


@pytest.mark.parametrize("pair", seeds.PAIRS)
def test_the_browsers_interval_is_that_of_the_comparison(pair):
    explorer = explore.runs("seeds", pair=pair)
    js = script(explorer)
    for count, first in itertools.product((2, 3, 7, 40), (0, 1, 39)):
        explorer.seeds, explorer.first = count, first
        ours = explorer.comparison()
        theirs = js(f"compareSeeds(data, '{pair}', {count}, {first})")
        want = (ours.effect, *ours.ci95, ours.smallest_effect)
        got = [theirs[k] for k in ("mean", "low", "high", "smallest")]
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-12)


def test_three_seeds_often_have_the_wrong_sign_where_the_difference_is_small():
    found = experiments.get("seeds.claims").result()
    opposite = {}
    for pair in seeds.PAIRS:
        a, b = (np.array(found["accuracy"][name]) for name in pair.split("-"))
        means = [np.mean((a - b)[list(c)]) for c in itertools.combinations(range(40), 3)]
        wrong = np.mean(np.array(means) * np.sign(np.mean(a - b)) < -1e-5)
        at = found["subsets"][pair]["sizes"].index(3)
        assert abs(wrong - found["subsets"][pair]["opposite"][at]) < 1e-4
        opposite[pair] = wrong
    assert opposite["momentum-adam"] > 0.3
    assert max(opposite["sgd-momentum"], opposite["sgd-adam"]) < 0.1


# ---- the league ----


@pytest.mark.parametrize("rates", league.RANGES)
def test_the_browser_ranks_as_python_does(rates):
    explorer = explore.runs("league", rates=rates)
    js = script(explorer)
    for task in league.TASKS:
        assert js(f"entriesOf(data, '{task}', '{rates}')") == explorer.entries(task)
    theirs = dict(js(f"standingOf(data, '{rates}')"))
    assert theirs == pytest.approx(explorer.standing())


def test_the_range_changes_the_ranking_and_only_the_narrow_one_has_edges():
    explorer = explore.runs("league")
    edges = {
        rates: sum(
            one["edge"] for task in league.TASKS for one in explorer.entries(task, rates).values()
        )
        for rates in league.RANGES
    }
    assert edges["wide"] == 0
    assert edges["narrow"] > 5
    narrow, wide = explorer.standing("narrow"), explorer.standing("wide")
    assert narrow["momentum"] > narrow["adam"] + 0.5
    assert wide["momentum"] <= wide["adam"]


# ---- the doctor ----


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("OPTLEARN_DATA", str(tmp_path))


def test_every_training_has_its_question():
    assert set(doctor.CASES) == set(trainings.CASES) == set(questions._raw("doctor"))
    assert len(doctor.CASES) >= 13


def test_answers_go_into_the_record(data):
    explorer = explore.runs("doctor")
    first = f"doctor.{doctor.CASES[0]}"
    explorer.answers = {first: "a"}
    (event,) = progress.events()
    assert (event["kind"], event["name"], event["right"]) == ("question", first, False)
    assert event["misconception"]


@pytest.mark.parametrize("case", range(1, len(doctor.CASES) + 1))
def test_the_text_shows_the_evidence_and_no_diagnosis(case):
    explorer = explore.runs("doctor", case=case)
    rows = explorer.text().splitlines()
    assert len(rows) <= 12
    assert sum(row.startswith("- ") for row in rows) == 4
    options = explorer.questions[case - 1].options
    shown = "\n".join(row for row in rows if not row.startswith("- "))
    assert not [option.text for option in options if option.text in shown]
    assert "nan" not in explorer.text()


def test_no_place_of_the_right_answer_is_a_hint():
    right = [
        option.answer
        for case in doctor.CASES
        for option in questions.question(f"doctor.{case}").options
        if option.right
    ]
    assert max(right.count(letter) for letter in "abcd") <= len(right) / 3


#: What a diagnosis says about the curves, for each planted fault.
EVIDENCE = {
    "sound": lambda r: r["test"] > 0.9,
    "rate-too-high": lambda r: max(r["update"]) > 0.3 and r["units_on"] == 0,
    "rate-too-low": lambda r: max(r["update"]) < 2e-4 and r["loss"][0] - r["loss"][-1] < 0.03,
    "sorted": lambda r: max(r["val_accuracy"][:8]) < 0.25 and r["test"] > 0.8,
    "labels-misaligned": lambda r: r["val_loss"][-1] > 2.5 and r["loss"][-1] < 2,
    "equal-start": lambda r: r["units_on"] == 1 and r["units_distinct"] < 0.04,
    "dead-units": lambda r: r["units_on"] == 0 and max(r["update"]) < 2e-3,
    "overfitting": lambda r: r["accuracy"][-1] == 1 and r["val_accuracy"][-1] < 0.82,
    "decay-too-strong": lambda r: min(r["loss"]) > 1.3 and r["gradient"][-1] > r["gradient"][0],
    "gradients-pile-up": lambda r: r["gradient"][-1] > 10 * r["gradient"][0],
    "adagrad-died": lambda r: r["update"][0] > 6 * r["update"][-1] and min(r["gradient"]) > 14,
    "momentum-too-high": lambda r: max(r["accuracy"]) > 0.85 and r["accuracy"][-1] < 0.5,
    "loss-summed": lambda r: abs(r["first"] / 32 - math.log(10)) < 0.1,
    "leak": lambda r: r["val_accuracy"][-1] == 1 and r["test"] < 0.96,
    "tiny-batch-norm": lambda r: r["loss"][-1] > r["val_loss"][-1] and r["accuracy"][-1] > 0.95,
    "gradient-explodes": lambda r: r["loss"][-1] == "nan" and r["loss"][15] < r["loss"][0],
    "inputs-not-scaled": lambda r: r["first"] > 40 and max(r["loss"]) > 1e5,
}


@pytest.mark.parametrize("case", doctor.CASES)
def test_the_curves_show_what_was_planted(case):
    assert EVIDENCE[case](experiments.get("doctor.cases").result()[case])


# ---- bad input ----


@pytest.mark.parametrize("what", WHAT)
def test_unknown_controls_are_refused(what):
    with pytest.raises(TypeError, match="there is no control 'colour' here"):
        explore.runs(what, colour=1)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: explore.runs("walks"), ValueError, "unknown what 'walks': known are range_test"),
        (lambda: explore.runs("range_test", guess=3), ValueError, "guess is 3: choose a rate"),
        (lambda: explore.runs("range_test", labels="x"), ValueError, "unknown labels 'x': known"),
        (lambda: explore.runs("budget", lr=0.5), ValueError, "lr is 0.5: choose one of 0.0001"),
        (lambda: explore.runs("budget", batch_size=3), ValueError, "batch_size is 3: choose one"),
        (
            lambda: explore.runs("budget", spent=[["adam", 32, 0.1]] * 11),
            ValueError,
            "spent holds 11 runs: the budget is 10",
        ),
        (lambda: setattr(explore.runs("budget"), "lr", 2), ValueError, "lr is 2: choose one of"),
        (lambda: explore.runs("seeds", seeds=1), ValueError, "seeds is 1: choose a whole number"),
        (lambda: explore.runs("seeds", pair="x"), ValueError, "unknown pair 'x': known are"),
        (lambda: explore.runs("league", task="x"), ValueError, "unknown task 'x': known are bowl"),
        (lambda: explore.runs("doctor", case=0), ValueError, "case is 0: choose a whole number"),
    ],
)
def test_bad_input(call, error, says):
    with pytest.raises(error, match=says):
        call()
