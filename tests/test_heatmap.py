"""The heat map: JavaScript against the optimizers, the limits against simulation."""

import importlib
import json

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed: uv sync")
mini_racer = pytest.importorskip("py_mini_racer", reason="mini-racer is not installed: uv sync")

from optlearn import explore, landscapes  # noqa: E402

#: The module; its function, which the package exports, has the same name.
h = importlib.import_module("optlearn.explore.heatmap")


@pytest.fixture(scope="module")
def js():
    engine = mini_racer.MiniRacer()
    engine.eval(h.Heatmap._esm.replace("export default { render };", ""))
    # JSON knows no infinity; the shortest decimal gives the same bits back.
    engine.eval("const plain = (v) => Array.isArray(v) ? v.map(plain) : String(v);")
    return lambda expression: json.loads(engine.eval(f"JSON.stringify(plain({expression}))"))


def floats(strings):
    return np.array(strings, dtype=float)


def settings():
    for optimizer in h.METHODS:
        for steps in (10, 100, 300):
            for condition in (1.0, 30.0, 1000.0):
                yield optimizer, "momentum", 0.9, condition, steps
            yield optimizer, "condition", 0.9, 100.0, steps


@pytest.mark.parametrize(("optimizer", "across", "mu", "condition", "steps"), settings())
def test_every_cell_is_the_optimizers(js, optimizer, across, mu, condition, steps):
    state = {
        "optimizer": optimizer, "across": across, "momentum": mu, "condition": condition,
        "steps": steps,
    }  # fmt: skip
    grid = {"lr": h.RATES, "momentum": h.MOMENTA, "condition": h.CONDITIONS}
    ours = h.Heatmap(lr=1.0, **state).left()
    start = landscapes.get("quadratic").start
    theirs = floats(
        js(f"Array.from(shares({json.dumps(state)}, {json.dumps(grid)}, {json.dumps(start)}))")
    ).reshape(ours.shape)
    # The value of the bowl is summed in another order; a run that leaves the range of numbers
    # may do so in one form only.
    small = np.minimum(ours, theirs) < 1e100
    np.testing.assert_allclose(theirs[small], ours[small], rtol=1e-9, atol=1e-300)
    assert np.array_equal(theirs < 1, ours < 1)


@pytest.mark.parametrize("optimizer", h.METHODS)
@pytest.mark.parametrize("mu", [0.0, 0.5, 0.9])
def test_the_limit_is_where_runs_begin_to_grow(js, optimizer, mu):
    wall = h.limit(optimizer, mu)
    assert floats(js(f"stableUpTo({optimizer!r}, {mu})")) == wall
    below, above = h.left(optimizer, [0.99 * wall, 1.01 * wall], [mu], 10, 2000)[0]
    assert below < 1e-3
    assert above > 1


@pytest.mark.parametrize("optimizer", h.METHODS)
@pytest.mark.parametrize("condition", [10.0, 100.0])
def test_theorys_best_is_no_worse_than_any_cell_after_many_steps(js, optimizer, condition):
    rate, mu = h.optimum(optimizer, condition)
    np.testing.assert_allclose(floats(js(f"fastest({optimizer!r}, {condition})")), [rate, mu])
    there = h.left(optimizer, [rate], [mu], condition, 300)[0, 0]
    cells = h.left(optimizer, h.RATES[::3], h.MOMENTA[::3], condition, 300)
    # A share falls like steps^2 rho^(2 steps): a factor of 1000 is nothing against the decades.
    assert there <= max(1e3 * cells.min(), 1e-29)


def test_attributes_follow_and_the_text_with_them():
    explorer = explore.heatmap()
    before = repr(explorer)
    explorer.set_state({"lr": 3.9})
    assert repr(explorer) != before
    assert "chosen cell, learning rate 3.9/L, momentum 0.9: grows" in repr(explorer)


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"optimizer": "adam"}, ValueError, "unknown optimizer 'adam': known are sgd, momentum"),
        ({"across": "angle"}, ValueError, "unknown across 'angle': known are momentum, condition"),
        ({"lr": 0}, ValueError, "lr is 0: choose a number from 0.05 to 4.2"),
        ({"momentum": 1}, ValueError, "momentum is 1: choose a number from 0.0 to 0.98"),
        ({"condition": 1e4}, ValueError, "condition is 10000.0: choose a number from 1.0 to 1000"),
        ({"steps": 5}, ValueError, "steps is 5: choose a whole number from 10 to 300"),
        ({"steps": 50.5}, TypeError, "steps must be a whole number"),
    ],
)
def test_bad_input(arguments, error, says):
    with pytest.raises(error, match=says):
        explore.heatmap(**arguments)
