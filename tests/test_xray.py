"""The X-ray: its lines are the rules, in Python and in the browser, and its surprises are true."""

import importlib
import json
import re

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed: uv sync")
mini_racer = pytest.importorskip("py_mini_racer", reason="mini-racer is not installed: uv sync")

from optlearn import explore, optim, rules  # noqa: E402
from optlearn.explore import formulas  # noqa: E402

#: The module; its function, which the package exports, has the same name.
x = importlib.import_module("optlearn.explore.xray")
SETTINGS = [
    {},
    {"lr": 0.5, "beta1": 0.0, "beta2": 0.9, "momentum": 0.5, "alpha": 0.5, "rho": 0.99},
    {"lr": 0.01, "eps": 1e-3, "scale": 1e-3, "weight_decay": 0.5, "beta1": 0.95, "beta2": 0.9999},
    {"scale": 1000.0, "eps": 1.0, "momentum": 0.0, "alpha": 0.0},
]


@pytest.fixture(scope="module")
def js():
    engine = mini_racer.MiniRacer()
    engine.eval(x.Xray._esm.replace("export default { render };", ""))
    return lambda expression: json.loads(engine.eval(f"JSON.stringify({expression})"))


def by_rule(explorer):
    """Return the weights as ``optlearn.rules`` gives them."""
    entry = optim.get(explorer.optimizer)
    names = entry.arguments[2:]
    state = {name: np.zeros(1) for name in entry.rule_state}
    s = explorer.settings
    hyper = {"betas": (s["beta1"], s["beta2"]), **s}
    read = {*x.uses(explorer.optimizer), "betas"}
    hyper = {name: hyper[name] for name in names if name in hyper and name in read}
    w, weights = np.zeros(1), [0.0]
    for t in range(1, x.STEPS + 1):
        g = np.array([x.slope(explorer.gradient, t) * s["scale"]])
        if explorer.gradient == "reddi":
            hyper["lr"] = s["lr"] / np.sqrt(t)
        if entry.decay == "decoupled" and explorer.optimizer == "adamw":
            w = rules.decoupled_decay(w, hyper["lr"], s["weight_decay"])
        w, *new = entry.rule(w, g, *state.values(), t=t, **hyper)
        if explorer.gradient == "reddi":
            w = np.clip(w, -1, 1)
        state = dict(zip(state, new, strict=True))
        weights.append(w[0])
    return np.array(weights)


@pytest.mark.parametrize("optimizer", x.OPTIMIZERS)
@pytest.mark.parametrize("gradient", x.GRADIENTS)
def test_the_lines_are_the_rule_in_both_languages(js, optimizer, gradient):
    for settings in SETTINGS if gradient == "noisy" else SETTINGS[1:2]:
        explorer = explore.xray(optimizer, gradient, **settings)
        ours, _ = explorer.walk(True)
        np.testing.assert_allclose(ours, by_rule(explorer), rtol=1e-12, atol=1e-300)
        state = json.dumps(explorer.get_state(["optimizer", "gradient", "settings"]))
        for correct in (True, False):
            call = f"walk({state}, {json.dumps(correct)}, {json.dumps(explorer.choices)})"
            theirs = np.array(js(f"Array.from({call}.weights)"))
            assert np.array_equal(theirs, explorer.walk(correct)[0]), settings


def test_every_line_of_every_optimizer_is_read_by_its_settings():
    for optimizer in x.OPTIMIZERS:
        names = set(
            re.findall(r"\b[a-z]\w*\b(?!\()", " ".join(t for _, t, _ in formulas.LINES[optimizer]))
        )
        known = {
            *x.uses(optimizer),
            *formulas.STATE[optimizer],
            "w",
            "g",
            "t",
            "u",
            "m_hat",
            "v_hat",
        }
        assert names <= known, names - known


def test_without_correction_the_first_steps_are_too_long():
    raw, right = (explore.xray(correct=correct).lengths() for correct in (False, True))
    np.testing.assert_allclose(right, 1, rtol=1e-6)
    assert raw[0] == pytest.approx(0.1 / np.sqrt(0.001), rel=1e-6)
    assert 6 < raw.max() < 7
    assert 10 <= raw.argmax() + 1 <= 14
    assert raw[-1] > 1.2


def test_a_gradient_as_small_as_eps_halves_the_step():
    assert explore.xray(scale=1e-8).lengths()[0] == pytest.approx(0.5, rel=1e-6)


@pytest.mark.parametrize(
    ("optimizer", "settings", "end"),
    [
        ("adam", {}, 1),
        ("adam", {"beta2": 0.999}, -1),
        ("adam", {"beta1": 0.9}, -1),
        ("amsgrad", {}, -1),
        ("sgd", {}, -1),
    ],
)
def test_reddis_example_is_repaired_by_either_beta_or_by_amsgrad(optimizer, settings, end):
    explorer = explore.xray(optimizer, "reddi", **settings)
    assert abs(explorer.walk()[0][-1] - end) < 0.05
    assert ("the best point" if end < 0 else "the worst point") in explorer.finding()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("beta1 * m + (1 - beta1) * g", "0.9 · 0.5 + (1 \u2212 0.9) · \u22122"),
        ("m / (1 - beta1**t)", "0.5 / (1 \u2212 0.9^3)"),
        ("beta2 * v + g**2", "0.99 · 0 + \u22122²"),
        ("sqrt(v) + eps", "√(0) + 1.00e-8"),
    ],
)
def test_a_line_is_shown_with_its_numbers(js, text, shown):
    values = {"beta1": 0.9, "beta2": 0.99, "m": 0.5, "g": -2, "t": 3, "v": 0, "eps": 1e-8}
    assert js(f"filled({text!r}, {json.dumps(values)})") == shown


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: explore.xray("muon"), ValueError, "unknown optimizer 'muon': known are adam"),
        (lambda: explore.xray("adam", "steep"), ValueError, "unknown gradient 'steep': known are"),
        (lambda: explore.xray(t=0), ValueError, "t is 0: choose a whole number from 1 to 1000"),
        (lambda: explore.xray(gamma=1), TypeError, "no setting 'gamma': there are lr, beta1"),
        (lambda: explore.xray(beta2=1.0), ValueError, "beta2 is 1.0: choose a number from 0 to"),
        (lambda: setattr(explore.xray(), "settings", {"lr": 1}), ValueError, "settings are lr, "),
    ],
)
def test_bad_input(call, error, says):
    with pytest.raises(error, match=says):
        call()
