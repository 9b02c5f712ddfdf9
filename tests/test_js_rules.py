"""The update rules in JavaScript against ``optlearn.rules``, bit by bit."""

import inspect
import itertools
import json

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed: uv sync")
mini_racer = pytest.importorskip("py_mini_racer", reason="mini-racer is not installed: uv sync")

from optlearn import landscapes, optim  # noqa: E402
from optlearn.explore import base  # noqa: E402
from optlearn.explore.runners import OPTIMIZERS, follow  # noqa: E402

SETTINGS, STEPS = 250, 40
#: How each hyperparameter is drawn from a generator.
DRAWS = {
    "lr": lambda rng: 10 ** rng.uniform(-4, 0.5),
    "momentum": lambda rng: rng.choice([0.0, 0.5, 0.9, 0.99, rng.random()]),
    "dampening": lambda rng: rng.choice([0.0, 0.5]),
    "lr_decay": lambda rng: rng.choice([0.0, 0.01]),
    "initial_accumulator_value": lambda rng: rng.choice([0.0, 0.1]),
    "alpha": lambda rng: rng.uniform(0.5, 0.999),
    "rho": lambda rng: rng.uniform(0.5, 0.999),
    "eps": lambda rng: 10 ** rng.uniform(-10, -1),
    "centered": lambda rng: bool(rng.random() < 0.5),
    "betas": lambda rng: rng.uniform((0, 0.8), (0.99, 0.9999)).tolist(),
    "momentum_decay": lambda rng: 10 ** rng.uniform(-3, -1),
    "weight_decay": lambda rng: rng.choice([0.0, 0.01, 0.3]),
}
LANDS = [landscapes.get(name) for name in landscapes.NAMES if name != "cliff"]


@pytest.fixture(scope="module")
def engine():
    engine = mini_racer.MiniRacer()
    engine.eval(base.fragment("rules.js") + base.fragment("landscapes.js"))
    # JSON would turn infinities and nan into null; the shortest decimal gives the same bits back.
    engine.eval(
        "const paths = (cases) => cases.map(([name, coefficients, ...rest]) => {"
        " const { points, length } = simulate(landscape(name, coefficients), ...rest);"
        " return Array.from(points.slice(0, 2 * length + 2), String); })"
    )
    return engine


def drawn(optimizer):
    """Return (landscape, hyperparameters), the first with nothing but the learning rate."""
    rng = np.random.default_rng(list(optimizer.encode()))
    names = [*inspect.signature(optim.get(optimizer).rule).parameters, "weight_decay"]
    low = 0.05 if optimizer.startswith("schedule_free") else 0.0  # they divide by the momentum
    for number, land in zip(range(SETTINGS), itertools.cycle(LANDS), strict=False):
        hyper = {k: draw(rng) for k, draw in DRAWS.items() if k in names}
        hyper = {k: float(v) if isinstance(v, float) else v for k, v in hyper.items()}
        if "momentum" in hyper:
            hyper["momentum"] = max(low, hyper["momentum"])
        if optimizer == "schedule_free_adamw":
            hyper["betas"][0] = max(low, hyper["betas"][0])
        yield land, hyper if number >= len(LANDS) else {"lr": hyper["lr"]}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_rule_gives_the_same_bits(engine, optimizer):
    cases = list(drawn(optimizer))
    assert len(cases) >= 250
    call = json.dumps(
        [
            (land.name, [float(c) for c in land.coefficients], optimizer, hyper, land.start, STEPS)
            for land, hyper in cases
        ]
    )
    theirs = json.loads(engine.eval(f"JSON.stringify(paths({call}))"))
    long = 0
    for (land, hyper), points in zip(cases, theirs, strict=True):
        ours = follow(land, optimizer, land.start, STEPS, hyper).points
        got = np.array(points, float).reshape(-1, 2)
        assert np.array_equal(ours, got, equal_nan=True), (land.name, hyper)
        long += len(ours) > STEPS
    assert long > 50, "too many paths diverge"


def test_javascript_knows_the_elementwise_rules(engine):
    elementwise = [name for name, entry in optim.REGISTRY.items() if entry.elementwise]
    assert list(OPTIMIZERS) == elementwise
    assert json.loads(engine.eval("JSON.stringify(Object.keys(RULES))")) == elementwise
    shrinks = [n for n in elementwise if optim.get(n).decay == "decoupled"]
    assert json.loads(engine.eval("JSON.stringify(SHRINKS)")) == shrinks
