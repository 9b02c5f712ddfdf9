"""The cost of a batch: what is drawn is what was computed."""

import importlib
import json
import math

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed: uv sync")
mini_racer = pytest.importorskip("py_mini_racer", reason="mini-racer is not installed: uv sync")

from optlearn import experiments, explore  # noqa: E402

b = importlib.import_module("optlearn.explore.batch_cost")


def found():
    return experiments.get("batch.cost").result()


@pytest.mark.parametrize("rates", b.RATES)
@pytest.mark.parametrize("cost", b.COSTS)
@pytest.mark.parametrize("parallel", [1, 32, 512])
def test_the_browser_counts_as_python_does(rates, cost, parallel):
    engine = mini_racer.MiniRacer()
    engine.eval(b.BatchCost._esm.replace("export default { render };", ""))
    call = f"costsOf({json.dumps(found())}, {rates!r}, {cost!r}, {parallel})"
    script = f"JSON.stringify({call}.map(a => a.map(String)))"
    theirs = np.array(json.loads(engine.eval(script)), float)
    ours = explore.batch_cost(rates, cost, parallel=parallel)
    assert np.array_equal(theirs, ours.costs())
    middles = json.loads(engine.eval(f"JSON.stringify({call}.map(a => String(median(a))))"))
    assert np.array_equal(np.array(middles, float), ours.middles())


def test_tuned_rates_save_steps_and_large_batches_cost_examples():
    explorer = explore.batch_cost()
    steps, examples = explorer.middles("tuned", "steps"), explorer.middles("tuned", "examples")
    assert (np.diff(steps) < 0).all(), "each doubling saves steps"
    assert examples[-1] > 3 * examples.min()


def test_no_rate_was_chosen_at_the_end_of_the_grid():
    assert found()["tuned"]["edges"] == [{}] * len(found()["sizes"])


@pytest.mark.parametrize("size", [1, 16])
def test_at_the_rate_of_a_small_batch_larger_ones_save_little(size):
    explorer = explore.batch_cost(f"same-{size}")
    first = found()["sizes"].index(size)
    tuned, same = (explorer.middles(rates, "steps") for rates in ("tuned", f"same-{size}"))
    assert math.isclose(same[first], tuned[first])
    assert same[-1] > 1.5 * tuned[-1]
    saved = same[first] / same[-1]
    assert saved < 0.5 * tuned[first] / tuned[-1] or saved < 2


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"rates": "best"}, ValueError, "unknown rates 'best': known are tuned, same"),
        ({"cost": "money"}, ValueError, "unknown cost 'money': known are steps, examples, time"),
        ({"batch_size": 3}, ValueError, "batch_size is 3: choose one of 1, 2, 4"),
        ({"parallel": 0}, ValueError, "parallel is 0: choose a whole number from 1 to 512"),
    ],
)
def test_bad_input(arguments, error, says):
    with pytest.raises(error, match=says):
        explore.batch_cost(**arguments)
