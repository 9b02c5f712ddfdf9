"""The counter: the loader's own batches, and one neuron by the library's own parts."""

import importlib
import json

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed: uv sync")
mini_racer = pytest.importorskip("py_mini_racer", reason="mini-racer is not installed: uv sync")

from optlearn import datasets, explore  # noqa: E402

c = importlib.import_module("optlearn.explore.counter")


def script(kind):
    engine = mini_racer.MiniRacer()
    engine.eval(kind._esm.replace("export default { render };", ""))
    return lambda expression: json.loads(engine.eval(f"JSON.stringify({expression})"))


CASES = [
    (samples, size, drop)
    for samples in (1, 2, 31, 32, 33, 300, 1078)
    for size in (1, 7, 32, 300)
    for drop in (False, True)
]


def test_batches_are_those_of_the_loader():
    js = script(c.Counter)
    for samples, size, drop in CASES:
        explorer = explore.counter(samples=samples, batch_size=size, drop_last=drop)
        x = np.zeros((samples, 1))
        loader = datasets.DataLoader(x, x, min(size, samples), drop_last=drop)
        want = [len(batch) for batch, _ in loader]
        assert explorer.sizes() == want
        assert js(f"batchSizes({json.dumps(explorer.get_state(CONTROLS))})") == want


CONTROLS = ["samples", "batch_size", "drop_last"]


@pytest.mark.parametrize("lr", [0.01, 0.1, 0.37, 0.5])
@pytest.mark.parametrize("factor", [0.5, 0.9, 1.0])
def test_the_browsers_neuron_is_the_librarys(lr, factor):
    js = script(c.Neuron)
    explorer = explore.counter("neuron", lr=lr, factor=factor, steps=12)
    state = json.dumps({"lr": lr, "factor": factor, "steps": 12})
    theirs = js(f"trainNeuron({state}, {json.dumps(c.EXAMPLES)})")
    for row, other in zip(explorer.record(), theirs, strict=True):
        assert row.keys() == other.keys()
        np.testing.assert_allclose([other[k] for k in row], list(row.values()), rtol=1e-13)


def test_the_neuron_learns_where_the_answers_come_from():
    last = explore.counter("neuron", lr=0.1, factor=1.0, steps=12).record()[-1]
    first = explore.counter("neuron").record()[0]
    assert abs(last["w_new"] - 2) < 0.2 * abs(first["w"] - 2)


@pytest.mark.parametrize(
    ("controls", "says"),
    [
        ({"samples": 1078, "epochs": 5}, "34 steps an epoch, 170 updates in 5 epochs (not 5)"),
        ({"samples": 64, "batch_size": 2000, "epochs": 1}, "1 step an epoch, 1 update in 1 epoch"),
        ({"samples": 300, "drop_last": True}, "samples left out in each epoch: 12"),
    ],
)
def test_the_text_counts(controls, says):
    assert says in repr(explore.counter(**controls))


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: explore.counter("batch"), ValueError, "unknown part 'batch': known are steps"),
        (lambda: explore.counter(lr=0.1), TypeError, "no control 'lr' here: there are samples"),
        (lambda: explore.counter(samples=0), ValueError, "samples is 0: choose a whole number"),
        (lambda: explore.counter(batch_size=1.5), TypeError, "batch_size must be a whole number"),
        (lambda: explore.counter("neuron", lr=2), ValueError, "lr is 2: choose 0.01 to 0.5"),
        (lambda: explore.counter("neuron", factor=2), ValueError, "factor is 2: choose 0.5 to 1"),
        (lambda: explore.counter("neuron", steps=99), ValueError, "steps is 99: choose a whole"),
    ],
)
def test_bad_input(call, error, says):
    with pytest.raises(error, match=says):
        call()
