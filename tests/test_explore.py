"""The trajectory explorer: its JavaScript against Python, its text, its picture, its errors."""

import base64
import io
import itertools
import json
import re

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb

pytest.importorskip("anywidget", reason="anywidget is not installed: uv sync")
mini_racer = pytest.importorskip("py_mini_racer", reason="mini-racer is not installed: uv sync")

from optlearn import explore, landscapes, plots  # noqa: E402
from optlearn.explore import base  # noqa: E402
from optlearn.explore.runners import FAR, HIGH, OPTIMIZERS, follow  # noqa: E402
from optlearn.explore.trajectory import Trajectory  # noqa: E402

EXPORT = "export default { render };"
FRAGMENTS = sorted(p.name for p in base._FOLDER.glob("*.js"))
RATES = (0.03, 0.3, 0.9, 1.0, 1.36, 1.99, 2.01, 3.7, 4.3)
MOMENTA = (0.0, 0.5, 0.9, 0.99)
STEPS = 200


@pytest.fixture(scope="module")
def js():
    """Return ``call(expression)`` in the JavaScript of the explorer; numbers arrive bit by bit."""
    engine = mini_racer.MiniRacer()
    engine.eval(Trajectory._esm.replace(EXPORT, ""))
    # JSON would turn infinities and nan into null; the shortest decimal gives the same bits back.
    engine.eval("const plain = (v) => Array.isArray(v) ? v.map(plain) : String(v);")

    def numbers(value):
        return [numbers(v) for v in value] if isinstance(value, list) else float(value)

    def call(expression, raw=False):
        if raw:
            return json.loads(engine.eval(f"JSON.stringify({expression})"))
        return numbers(json.loads(engine.eval(f"JSON.stringify(plain({expression}))")))

    return call


def land_js(land):
    return f"landscape({land.name!r}, {json.dumps([float(c) for c in land.coefficients])})"


def lands():
    """Return every landscape, and some with other settings than the usual."""
    usual = [landscapes.get(name) for name in landscapes.NAMES]
    return [
        *usual,
        landscapes.get("quadratic", condition=200, angle=-40, sharpness=3),
        landscapes.get("ravine", steepness=70),
        landscapes.get("rosenbrock", b=100),
        landscapes.get("double_well", tilt=0),
    ]


EXACT = [land for land in lands() if land.name != "cliff"]


def cases(land):
    """Return (optimizer, learning rate, momentum) for one landscape."""
    scale = float(land.sharpness(land.minima).max())
    for rate in RATES:
        yield "sgd", rate / scale, 0.9
        for optimizer, mu in itertools.product(("momentum", "nesterov"), MOMENTA):
            yield optimizer, rate / scale, mu


def both(js, land, optimizer, lr, mu, steps=STEPS):
    """Return the path of Python and that of JavaScript."""
    hyper = {"lr": lr, "momentum": mu}
    ours = follow(land, optimizer, land.start, steps, hyper)
    path = (
        f"simulate({land_js(land)}, {optimizer!r}, {json.dumps(hyper)}, "
        f"{json.dumps(land.start)}, {steps})"
    )
    theirs = js(
        f"((p) => [Array.from(p.points.slice(0, 2 * p.length + 2)), "
        f"p.diverged === null ? -1 : p.diverged])({path})"
    )
    return ours, np.reshape(theirs[0], (-1, 2)), theirs[1], path


@pytest.mark.parametrize("land", EXACT, ids=lambda land: f"{land.name}{land.coefficients}")
def test_paths_are_bit_equal(js, land):
    table = list(cases(land))
    for optimizer, lr, mu in table:
        ours, points, diverged, path = both(js, land, optimizer, lr, mu)
        where = optimizer, lr, mu
        assert np.array_equal(ours.points, points, equal_nan=True), where
        assert diverged == (len(ours.points) - 1 if ours.diverged else -1), where
        assert js(f"manner({path}, {land_js(land)})", raw=True) == ours.manner(land), where


def test_enough_settings_are_compared():
    compared = [(land, case) for land in EXACT for case in cases(land)]
    assert len(compared) >= 250
    ends = [
        follow(land, o, land.start, STEPS, {"lr": lr, "momentum": mu}).diverged
        for land, (o, lr, mu) in compared[::5]
    ]
    assert 0.2 < np.mean(ends) < 0.8, "both kinds of path must be among them"


@pytest.mark.parametrize("lr", [0.01, 0.05, 0.1])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_paths_on_the_cliff(js, optimizer, lr):
    # V8's exponential differs from libm's in the last bit now and then. Up to the cliff, where
    # the smallest difference decides on which side a step lands, that must not grow.
    land = landscapes.get("cliff")
    ours, points, _, _ = both(js, land, optimizer, lr, 0.5, steps=40)
    assert len(points) == 41
    np.testing.assert_allclose(points, ours.points, rtol=1e-12)


@pytest.mark.parametrize("land", lands(), ids=lambda land: f"{land.name}{land.coefficients}")
def test_value_gradient_and_sharpness(js, land):
    rng = np.random.default_rng(7)
    (x0, x1), (y0, y1) = land.bounds
    points = rng.uniform((x0, y0), (x1, y1), (200, 2))
    got = js(
        f"((land) => {json.dumps(points.tolist())}.map(([x, y]) => "
        f"[land.value(x, y), ...land.gradient(x, y), land.sharpness(x, y)]))({land_js(land)})"
    )
    with np.errstate(over="ignore"):
        want = np.column_stack([land.value(points), land.gradient(points), land.sharpness(points)])
    if land.name == "cliff":
        # Derivatives through 50 steps multiply the last bit's error; the scale is the largest.
        np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)
        assert np.mean(np.isclose(got, want, rtol=1e-12, atol=1e-15)) > 0.95
    else:
        assert np.array_equal(got, want)


@pytest.mark.parametrize("name", ["quadratic", "rotated_quadratic", "ravine"])
def test_sliders_of_a_landscape_give_its_coefficients(js, name):
    choices = (
        [{"steepness": k} for k in (1, 7.5, 100)]
        if name == "ravine"
        else [
            {"condition": k, "angle": a, "sharpness": s}
            for k in (1, 10, 1000) for a in (-90, 0, 33, 180) for s in (1, 4.5)
        ]
    )  # fmt: skip
    for settings in choices:
        want = landscapes.get(name, **settings).coefficients
        got = js(f"COEFFICIENTS[{name!r}]({json.dumps(settings)})")
        np.testing.assert_allclose(got, want, rtol=1e-14, atol=1e-15)


def test_javascript_knows_what_python_knows(js):
    assert js("Object.keys(RULES)", raw=True) == list(OPTIMIZERS)
    assert js("Object.keys(LANDSCAPES)", raw=True) == list(landscapes.NAMES)
    assert js("COLORS", raw=True) == list(plots.COLORS)
    ends = [to_hex(plots.VALLEY(i / 3)) for i in range(4)]
    assert js("[VALLEY[0], VALLEY[VALLEY.length - 1]]", raw=True) == [ends[0], ends[-1]]
    assert js("[FAR, HIGH]") == [FAR, HIGH]


@pytest.mark.parametrize("sharpness", [1, 1.0, 0.25, 20])
def test_the_limit_is_on_the_slider(js, sharpness):
    rates = js(f"learningRates({sharpness})")
    assert rates == sorted(set(rates))
    for multiple in (0.01, 1.99, 2, 2.01, 10):
        assert any(abs(r - multiple / sharpness) < 1e-12 for r in rates), multiple
    assert max(np.diff(np.log(rates))) < 0.07, "one key press changes the rate by at most 7 %"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (1e-13, "< 1e-12"), (1.995, "2"), (-3.4, "−3.4"), (123456, "1.23e5"),
        (0.00001, "1.00e-5"), (0.0123456, "0.0123"),
    ],
)  # fmt: skip
def test_numbers_are_brief(js, value, text):
    assert js(f"brief({value})", raw=True) == text


@pytest.mark.parametrize("name", FRAGMENTS)
def test_fragments_are_no_modules(name):
    assert not re.search(r"^\s*(import|export)\b", base.fragment(name), re.MULTILINE)


def test_module_parses_and_renders_something():
    assert Trajectory._esm.count("export ") == 1
    assert Trajectory._esm.rstrip().endswith(EXPORT)
    engine = mini_racer.MiniRacer()
    engine.eval("'use strict';\n" + Trajectory._esm.replace(EXPORT, ""))
    assert engine.eval("typeof render") == "function"


# ---- what Python shows ---------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", landscapes.NAMES)
def test_text_twin(name, optimizer):
    twin = repr(explore.trajectory(name, optimizer))
    rows = twin.splitlines()
    assert len(rows) <= 12
    assert rows[0].startswith(f"{name.replace('_', ' ')}, {OPTIMIZERS[optimizer]}, learning rate")
    assert re.search("descends|zigzags|climbs|diverges", rows[0])
    assert "0x" not in twin
    for printed in re.findall(r"(?<![\w.])-?\d+\.\d+(?:e[+-]\d+)?", twin):
        assert abs(float(printed)) >= 1e-12
        assert len(re.sub(r"^0+|\D", "", printed.split("e")[0].lstrip("-0."))) <= 3, printed


@pytest.mark.parametrize(
    ("name", "optimizer"), zip(itertools.cycle(landscapes.NAMES), OPTIMIZERS, strict=False)
)
def test_the_text_twin_is_the_same_every_time(name, optimizer):
    twin, again = (repr(explore.trajectory(name, optimizer)) for _ in range(2))
    assert twin == again


@pytest.mark.parametrize(
    ("arguments", "finding"),
    [
        ({"lr": 1.99}, "1.99 = 1.99/L: zigzags, after 50 steps the loss is 0.412 (start 1.7)"),
        ({"lr": 2.01}, "2.01 = 2.01/L: zigzags outwards, after 50 steps the loss is 3.04"),
        ({"lr": 2.5}, "2.5 = 2.5/L: diverges at step 34 (loss at the start 1.7)"),
        ({"lr": 0.1}, "0.1 = 0.1/L: descends, after 50 steps"),
        ({"lr": 0.1, "steps": 1}, "descends, after 1 step the loss"),
        ({"lr": 1.99, "sharpness": 2}, "1.99 = 3.98/L: diverges"),
        ({"lr": 1, "condition": 1}, "descends, after 50 steps the loss is 0 (start 6.9)"),
    ],
)  # fmt: skip
def test_finding(arguments, finding):
    assert finding in repr(explore.trajectory("quadratic", "sgd", **arguments)).splitlines()[0]


def test_another_rate_gives_another_text():
    texts = {repr(explore.trajectory(lr=lr)) for lr in (0.1, 0.1001, 1.99, 2.0, 2.01)}
    assert len(texts) == 5


@pytest.mark.parametrize("name", landscapes.NAMES)
def test_bundle(name):
    explorer = explore.trajectory(name, "momentum", steps=100)
    data, metadata = explorer._repr_mimebundle_()
    assert set(data) == {
        "text/plain", "image/png", "application/vnd.jupyter.widget-view+json",
    }  # fmt: skip
    assert data["text/plain"] == repr(explorer) == metadata["image/png"]["alt"]
    assert len(data["image/png"]) <= 100_000
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.model_id


def pixels(optimizer="sgd", **arguments):
    from PIL import Image

    data, _ = explore.trajectory("quadratic", optimizer, **arguments)._repr_mimebundle_()
    with Image.open(io.BytesIO(base64.b64decode(data["image/png"]))) as image:
        return np.asarray(image.convert("RGB"), dtype=float)


@pytest.mark.parametrize("color", plots.COLORS[:3])
def test_thin_lines_keep_their_colours_in_the_small_picture(color):
    away = np.abs(pixels(["sgd", "adagrad", "rmsprop"]) - 255 * np.array(to_rgb(color))).max(-1)
    assert (away < 12).sum() >= 20


def test_picture_shows_the_path():
    near, same, far = pixels(lr=1.99), pixels(lr=1.99), pixels(lr=0.1)
    assert near.shape[1] >= 400
    assert np.array_equal(near, same)
    assert (np.abs(near - far).max(-1) > 60).mean() > 0.005


def test_attributes_follow():
    explorer = explore.trajectory("quadratic", "sgd", lr=1.99, condition=50, angle=30)
    assert explorer.settings == {"condition": 50.0, "angle": 30.0, "sharpness": 1.0}
    before = repr(explorer)
    explorer.lr = 0.5
    assert repr(explorer) != before
    explorer.settings = {"condition": 5}
    assert explorer.surface["coefficients"] == [0.2, -0.0, 1.0]
    explorer.start = (3.9, 2.9)
    explorer.landscape = "rosenbrock"
    assert explorer.settings == {"a": 1.0, "b": 10.0}
    assert explorer.start == [-1.5, 2.0], "(3.9, 2.9) is outside Rosenbrock's picture"
    assert explorer.surface["landscape"] == "rosenbrock"
    assert explorer.path().shape[1] == 2


def test_message_from_the_browser():
    explorer = explore.trajectory("quadratic")
    explorer.set_state(
        {"landscape": "ravine", "settings": {"steepness": 50}, "start": [-3, 2], "lr": 0.01}
    )
    assert repr(explorer) == repr(
        explore.trajectory("ravine", steepness=50, start=(-3, 2), lr=0.01)
    )
    assert explorer.surface["coefficients"] == [50.0]


@pytest.mark.parametrize(
    "land",
    [land for land in lands() if land.name != "cliff"],
    ids=lambda land: f"{land.name}{land.coefficients}",
)
def test_a_finished_landscape_is_as_good_as_its_name(land):
    explorer = explore.trajectory(land, lr=0.01)
    named = explore.trajectory(land.name, lr=0.01, **explorer.settings)
    assert repr(explorer) == repr(named)
    assert explorer.surface["coefficients"] == list(land.coefficients)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"landscape": "hill"}, ValueError, "unknown landscape 'hill': known are quadratic"),
        ({"optimizer": "newton"}, ValueError, "unknown optimizer 'newton': known are sgd"),
        ({"lr": 0}, ValueError, "lr is 0: choose a learning rate > 0"),
        ({"lr": -0.1}, ValueError, "lr is -0.1: choose"),
        ({"lr": float("nan")}, ValueError, "lr is nan: choose"),
        ({"lr": float("inf")}, ValueError, "lr is inf: choose"),
        ({"lr": "fast"}, TypeError, "lr must be a number, got 'fast'"),
        ({"lr": True}, TypeError, "lr must be a number, got True"),
        ({"momentum": 1}, ValueError, "momentum is 1: choose a number in"),
        ({"momentum": -0.1}, ValueError, "momentum is -0.1"),
        ({"steps": 0}, ValueError, "steps is 0: choose a whole number from 1 to 1000"),
        ({"steps": 10**6}, ValueError, "steps is 1000000: choose"),
        ({"steps": 2.5}, TypeError, "steps must be a whole number, got 2.5"),
        ({"start": 3}, ValueError, "start is 3: give two weights"),
        ({"start": (1, 2, 3)}, ValueError, r"start is \(1, 2, 3\): give two weights"),
        ({"start": (1, float("nan"))}, ValueError, "start weight 2 is nan"),
        ({"start": (1, "x")}, TypeError, "start weight 2 must be a number, got 'x'"),
        ({"start": (9, 0)}, ValueError, "outside the picture of quadratic: choose weights within"),
        ({"condition": 0.5}, ValueError, "condition must be a number >= 1, got 0.5"),
        ({"condition": "big"}, TypeError, "condition must be a number, got 'big'"),
        (
            {"landscape": "cliff", "length": 2.5},
            TypeError,
            "length must be a whole number, got 2.5",
        ),
        ({"steepness": 3}, ValueError, "quadratic has no setting 'steepness': it has condition"),
        ({"landscape": "beale", "a": 3}, ValueError, "beale has no setting 'a': it has none"),
        (
            {"landscape": landscapes.get("ravine"), "steepness": 3},
            TypeError,
            "a finished landscape takes no settings, got steepness",
        ),
    ],
)
def test_bad_input(arguments, error, message):
    with pytest.raises(error, match=message):
        explore.trajectory(**arguments)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lr", -1), ("momentum", 1), ("steps", 0), ("start", (99, 0)), ("optimizer", "newton"),
        ("landscape", "hill"), ("settings", {"steepness": 3}),
    ],
)  # fmt: skip
def test_bad_assignment_changes_nothing(name, value):
    explorer = explore.trajectory()
    before = repr(explorer)
    with pytest.raises(ValueError, match=r"choose|give|known|has no"):
        setattr(explorer, name, value)
    assert repr(explorer) == before
