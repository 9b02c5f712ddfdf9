"""Surfaces: JavaScript's runs against Python's, what the statistics show, and what is refused."""

import importlib
import json

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed: uv sync")
mini_racer = pytest.importorskip("py_mini_racer", reason="mini-racer is not installed: uv sync")

from optlearn import experiments, explore, training  # noqa: E402
from optlearn.explore import escape  # noqa: E402

#: The module; its function, which the package exports, has the same name.
Surface = importlib.import_module("optlearn.explore.surface").Surface
LANDS = tuple(escape.QUESTIONS)


def engine_of(kind, setup=""):
    engine = mini_racer.MiniRacer()
    engine.eval(kind._esm.replace("export default { render };", ""))
    # JSON knows no infinity; the shortest decimal gives the same bits back.
    engine.eval("const plain = (v) => Array.isArray(v) ? v.map(plain) : String(v);" + setup)
    return lambda expression: json.loads(engine.eval(f"JSON.stringify(plain({expression}))"))


def numbers(strings):
    return [
        numbers(s) if isinstance(s, list) else float(s.replace("Infinity", "inf")) for s in strings
    ]


@pytest.fixture(scope="module")
def js():
    """Return all columns of an explorer, as JavaScript finds them."""
    call = engine_of(
        Surface,
        """
        const surveyed = (question, state, pool, starts) => {
          const land = landscape(question.name, question.coefficients), found = {};
          const columns = ["here", "random", ...question.values.keys()];
          for (const column of columns) found[column] = [];
          for (const [column, run] of schedule(question, state.noise)) {
            const [start, settings] = setup(question, state, column, run, starts);
            found[column].push(arrival(question, land, start, run, settings, pool));
          }
          return columns.map((column) => found[column]);
        };
        """,
    )

    def survey(explorer):
        question, state = json.dumps(explorer.question), json.dumps(explorer._settings())
        pool = f"Int16Array.from({explorer._numbers.tolist()})"
        starts = f"Float64Array.from({explorer._starts.ravel().tolist()})"
        return numbers(call(f"surveyed({question}, {state}, {pool}, {starts})"))

    return survey


SETTINGS = [
    ("saddle", {}),
    ("saddle", {"distance": 0.0}),
    ("saddle", {"noise": 1e-3, "momentum": 0.9}),
    ("saddle", {"noise": 1e-6, "lr": 0.3, "clip": 0.3}),
    ("double_well", {}),
    ("double_well", {"lr": 0.3, "noise": 3.0}),
    ("double_well", {"noise": 0.0, "momentum": 0.9}),
    ("double_well", {"noise": 2.5, "clip": 1.0}),
]


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_every_run_ends_as_in_python(js, name, settings):
    explorer = explore.surface(name, **settings)
    ours, theirs = explorer.outcomes(), js(explorer)
    assert [len(column) for column in ours] == [len(column) for column in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        assert np.array_equal(mine, other)


@pytest.mark.parametrize("clip", [0.0, 0.3])
def test_at_the_cliff_the_shares_are_pythons(js, clip):
    # V8's exponential differs from libm's in the last bit, and a run at the cliff multiplies that.
    explorer = explore.surface("cliff", clip=clip)
    for mine, other in zip(explorer.outcomes(), js(explorer), strict=True):
        assert len(mine) == len(other)
        if len(mine):
            assert abs(np.isfinite(mine).mean() - np.isfinite(other).mean()) <= 0.03


@pytest.mark.parametrize(
    ("name", "settings", "start"),
    [
        ("saddle", {"distance": 0.01, "lr": 0.02}, (-2.2, 0.01)),
        ("saddle", {"distance": 1e-3, "momentum": 0.5, "clip": 0.3}, (-2.2, 1e-3)),
        ("cliff", {"lr": 0.1, "clip": 0.1}, None),
    ],
)
def test_a_run_is_that_of_the_optimizer(name, settings, start):
    explorer = explore.surface(name, **settings)
    path, clip = explorer.path(), settings.get("clip") or None
    start = explorer._starts[0] if start is None else start
    walked = training.trace(
        name, "momentum", start, len(path) - 1, clip=clip,
        lr=settings.get("lr", explorer.lr),
        momentum=settings.get("momentum", 0.0),
    )  # fmt: skip
    np.testing.assert_allclose(path, walked, rtol=1e-9, atol=1e-12)


def test_the_noise_is_normal_and_differs_from_run_to_run():
    draws = escape.pool() / escape.UNIT
    assert abs(draws.mean()) < 0.02
    assert abs(draws.std() - 1) < 0.01
    assert np.abs(draws).max() > 3.5
    runs = np.arange(200)
    noise = np.array([escape.disturbance(runs, t, 1.0, escape.pool()) for t in range(1, 301)])
    by_run = noise.transpose(1, 0, 2).reshape(200, -1)
    between = np.corrcoef(by_run)[np.triu_indices(200, 1)]
    assert np.abs(between).max() < 0.3
    assert between.std() == pytest.approx(1 / np.sqrt(by_run.shape[1]), rel=0.2)


def test_a_saddle_holds_nobody_but_who_stands_on_the_ridge():
    explorer = explore.surface("saddle")
    _, scattered, *columns = explorer.outcomes()
    steps = np.array([column[0] for column in columns])
    assert np.isfinite(scattered).all()
    # The distance grows by the same factor each step: the steps are as its logarithm.
    per_decade = -np.diff(steps[:-2:2])
    assert np.ptp(per_decade) <= 2
    assert per_decade.mean() == pytest.approx(np.log(10) / np.log1p(2 * 0.05), rel=0.02)
    assert "it stays there for all 5000 steps" in repr(explore.surface("saddle", distance=0))


def test_some_noise_finds_the_deeper_well_and_more_of_it_loses_it_again():
    columns = explore.surface("double_well").outcomes()[2:]
    hits = [int(np.isfinite(column).sum()) for column in columns]
    best = int(np.argmax(hits))
    assert hits[0] == 0
    assert 0 < best < len(hits) - 1
    assert escape.interval(hits[best], 200)[0] > escape.interval(hits[-1], 200)[1]


def test_clipping_solves_more_starts_at_the_cliff():
    columns = explore.surface("cliff").outcomes()[2:]
    hits = [int(np.isfinite(column).sum()) for column in columns]
    assert escape.interval(max(hits), 200)[0] > escape.interval(hits[-1], 200)[1] + 0.2
    assert hits[0] < max(hits), "a clip that is too small leaves no time"


def test_sharpness_stays_at_the_edge():
    found, explorer = experiments.get("edge.stability").result(), explore.surface("edge")
    for lr in (0.3, 0.5, 0.7, 1.0):
        assert np.all(np.abs(explorer.late(lr) * lr / 2 - 1) < 0.1), lr
    for i, lr in enumerate(found["rates"]):
        first = np.array([run[0] for run in found["loss"][i]])
        last = np.array([run[-1] for run in found["loss"][i]])
        if lr < 1.4:
            assert np.all(last < 0.5 * first)
        assert (lr <= 0.2) == (found["rises"][i] == [0.0] * 5)


def test_a_slice_of_the_edge_is_found_now():
    edge = importlib.import_module("optlearn.experiments.edge")
    run = edge.descend(1.0, seed=7, steps=450)
    assert abs(np.mean(run["sharpness"][-10:]) / 2 - 1) < 0.15
    assert run["loss"][-1] < 0.3 * run["loss"][0]
    assert run["rises"] > 0.2


def test_width_removes_bad_endings_and_adam_does_not():
    explorer, of = explore.surface("xor"), experiments.get("xor.width").result()["starts"]
    for activation in ("relu", "tanh"):
        for optimizer in ("sgd", "adam"):
            cells = explorer.cells(activation, optimizer)
            narrow, wide = cells[0]["solved"], cells[-1]["solved"]
            assert escape.interval(narrow, of)[1] < escape.interval(wide, of)[0]
            assert not any(cell["edge"] for cell in cells), "a learning rate at its range's end"
    sgd, adam = (explorer.cells("relu", name)[0]["solved"] for name in ("sgd", "adam"))
    assert escape.interval(adam, of)[0] < sgd / of, "Adam was not seen to help"


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("units", [2, 16])
def test_xor_gradients_and_outputs(activation, units):
    xor = importlib.import_module("optlearn.experiments.xor")
    w = xor.weights(units, 3, np.random.default_rng(0))
    loss, g = xor.loss_and_gradient(w, units, activation)
    for column in range(w.shape[1]):
        step = np.zeros_like(w)
        step[:, column] = 1e-6
        up, down = (xor.loss_and_gradient(w + s * step, units, activation)[0] for s in (1, -1))
        np.testing.assert_allclose((up - down) / 2e-6, g[:, column], atol=1e-7)
    Xor = importlib.import_module("optlearn.explore.xor").Xor
    outputs = engine_of(Xor)(
        f"CORNERS.map(([x, y]) => outputOf({w[0].tolist()}, {units}, {activation!r}, x, y))"
    )
    errors = np.array(numbers(outputs)) - [0, 1, 1, 0]
    assert 0.5 * np.mean(errors**2) == pytest.approx(loss[0], rel=1e-12)


def test_attributes_follow_and_the_text_with_them():
    explorer = explore.surface("double_well")
    before = repr(explorer)
    explorer.set_state({"noise": 2.0})
    assert repr(explorer) != before
    assert "noise 2: " in repr(explorer)


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        (("plateau", {}), ValueError, "unknown surface 'plateau': known are saddle, double_well"),
        (
            ("cliff", {"distance": 1}),
            TypeError,
            "cliff has no setting 'distance': it has lr, noise",
        ),
        (("edge", {"noise": 1}), TypeError, "edge has no setting 'noise': it has lr, seed"),
        (("saddle", {"lr": 0.7}), ValueError, "lr is 0.7: choose a number from 0.01 to 0.48"),
        (("saddle", {"noise": -1}), ValueError, "noise is -1: choose a number >= 0"),
        (("cliff", {"clip": "a"}), TypeError, "clip must be a number"),
        (("cliff", {"run": 200}), ValueError, "run is 200: choose a whole number from 0 to 199"),
        (("edge", {"lr": 0.4}), ValueError, "lr is 0.4: choose one of 0.1, 0.2"),
        (("edge", {"seed": 9}), ValueError, "seed is 9"),
        (("xor", {"width": 5}), ValueError, "width is 5: choose one of 2, 3, 4, 8, 16"),
        (("xor", {"optimizer": "lion"}), ValueError, "unknown optimizer 'lion'"),
    ],
)
def test_bad_input(arguments, error, says):
    name, settings = arguments
    with pytest.raises(error, match=says):
        explore.surface(name, **settings)
