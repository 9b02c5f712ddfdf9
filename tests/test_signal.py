"""The signal: JavaScript against nn.stats, the recurrent layer and the rules; what is claimed."""

import itertools
import json
from importlib import import_module

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed: uv sync")
mini_racer = pytest.importorskip("py_mini_racer", reason="mini-racer is not installed: uv sync")

from optlearn import explore, nn  # noqa: E402
from optlearn.explore import draws  # noqa: E402

layers, time, decay = (
    import_module(f"optlearn.explore.{name}") for name in ("signal", "signal_time", "signal_decay")
)


def engine(explorer):
    """Return a function that evaluates an expression in which ``normal`` and ``uniform`` stand."""
    js = mini_racer.MiniRacer()
    js.eval(explorer._esm.replace("export default { render };", ""))
    for name in ("normal", "uniform"):
        numbers = np.frombuffer(getattr(explorer, name, b""), "<i2").tolist()
        step = "NORMAL_STEP" if name == "normal" else "UNIFORM_STEP"
        js.eval(f"const {name} = drawsOf(new Int16Array({numbers}), {step});")
    js.eval(f"const choices = {json.dumps(explorer.choices)};")
    return lambda expression: json.loads(js.eval(f"JSON.stringify({expression})"), parse_int=float)


def test_the_browsers_gradients_are_those_of_nn_stats():
    explorer = explore.signal()
    js = engine(explorer)
    cases = itertools.product(layers.ACTIVATIONS, layers.INITS, (0.25, 1.0, 4.0), (2, 7, 30))
    compared = 0
    for activation, init, gain, depth in cases:
        state = {"activation": activation, "init": init, "gain": gain, "depth": depth}
        theirs = js(f"layerNorms({json.dumps(state)}, normal, uniform, choices.sizes)")
        ours = explore.signal(**state).norms()
        # Layers of tanh that amplify are chaotic: what rounding starts, each of them multiplies.
        chaotic = activation == "tanh" and gain == 4 and depth == 30
        tolerance = 1e-4 if chaotic else 1e-10
        np.testing.assert_allclose(theirs, ours, rtol=tolerance, err_msg=str(state))
        compared += 1
    assert compared == 180


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
@pytest.mark.parametrize("scale", [0.5, 1.0, 1.5, 2.0])
@pytest.mark.parametrize("steps", [2, 30, 60])
@pytest.mark.parametrize("clip", [1e-4, 1.0, 1e4])
def test_the_browsers_steps_in_time_are_those_of_the_recurrent_layer(
    nonlinearity, scale, steps, clip
):
    state = {"nonlinearity": nonlinearity, "scale": scale, "steps": steps, "clip": clip}
    explorer = explore.signal("time", **state)
    theirs = engine(explorer)(f"timeNorms({json.dumps(state)}, normal, choices)")
    norms, whole, clipped = explorer.norms()
    chaotic = nonlinearity == "tanh" and scale > 1  # see above
    rtol = 1e-7 if chaotic else 1e-10
    np.testing.assert_allclose(theirs["norms"], norms, rtol=rtol)
    np.testing.assert_allclose([theirs["whole"], theirs["clipped"]], [whole, clipped], rtol=rtol)


def test_the_browsers_decaying_weights_are_bit_equal():
    for kind, lr, wd in itertools.product(decay.DECAYS, (1e-4, 1e-3, 1e-2), (0.0, 0.1, 1.0)):
        explorer = explore.signal("decay", decay=kind, lr=lr, weight_decay=wd, steps=700)
        state = json.dumps(explorer.get_state(["decay", "lr", "weight_decay", "steps"]))
        call = f"decayPaths({state}, normal, choices).map(run => run.map(p => Array.from(p)))"
        theirs = np.array(engine(explorer)(call))
        assert np.array_equal(theirs.transpose(2, 0, 1), explorer.paths())


def test_weights_are_the_librarys_own():
    numbers = np.arange(-200, 300)
    taken = nn.init.he((16, 16), draws.Replay(numbers))
    assert np.array_equal(taken.ravel(), np.sqrt(2 / 16) * numbers[:256] * draws.STEP)
    spread = nn.init.fan_in_uniform((500, 1), draws.Replay([], np.linspace(-32768, 32767, 500)))
    np.testing.assert_allclose([spread.min(), spread.max()], [-1, 1], atol=1e-4)


def test_draws_are_normal_and_uniform():
    z = draws.normals(200_000, np.random.default_rng(1)) * draws.STEP
    u = draws.uniforms(200_000, np.random.default_rng(1)) / 32768
    np.testing.assert_allclose(
        [z.mean(), z.std(), u.mean(), u.std()], [0, 1, 0, 1 / 3**0.5], atol=0.01
    )


@pytest.mark.parametrize("seed", range(5))
def test_sigmoid_vanishes_and_tanh_of_the_same_weights_does_not(seed):
    def share(**controls):
        return layers.ratio(layers.Layers(seed=seed, **controls).norms())

    assert share(activation="sigmoid") < 1e-4
    assert 0.1 < share(activation="tanh") < 10
    assert 1e-4 < share(activation="sigmoid", gain=4.0) < 1, "larger weights help, not enough"


@pytest.mark.parametrize("seed", range(5))
def test_small_relu_weights_leave_a_tiny_gradient_everywhere(seed):
    # Without biases w . dL/dw is the same in all layers of ReLU: only the size tells.
    norms = layers.Layers(seed=seed, activation="relu", init="torch", depth=30).norms()
    assert 1e-2 < layers.ratio(norms) < 1e2
    assert norms.max() < 1e-6
    assert "tiny in all layers alike" in layers.verdict(norms)


def test_clipping_keeps_the_ratio_and_bounds_the_whole():
    explorer = explore.signal("time", nonlinearity="relu", scale=1.8, clip=0.5)
    norms, whole, clipped = explorer.norms()
    assert norms[0] > 1000 * norms[-1]
    assert whole > 1000
    np.testing.assert_allclose(clipped, 0.5)
    free = explore.signal("time", nonlinearity="relu", scale=1.8, clip=1e4)
    assert np.array_equal(free.norms()[0], norms)


def test_the_noisy_weight_hardly_shrinks_under_coupled_decay():
    draw = np.random.default_rng(3).normal(size=(2000, 400))
    coupled = decay.follow(draw, "coupled", 1e-3, 0.1)[-1]
    decoupled = decay.follow(draw, "decoupled", 1e-3, 0.1)[-1]
    alone = (1 - 1e-4) ** 2000
    error = 4 * decoupled.std(0) / 20
    assert (abs(decoupled.mean(0) - alone) < error).all()
    means = coupled.mean(0)
    assert (np.diff(means) < -0.1).all(), "the more noise, the less decay"
    assert means[0] > 0.95 > alone
    assert means[-1] < 0.05
    # Adam does not see the size of a gradient: under AdamW all four take the same path.
    np.testing.assert_allclose(decoupled, decoupled[:, :1].repeat(4, 1), rtol=1e-4)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: explore.signal("space"), ValueError, "unknown part 'space': known are layers"),
        (lambda: explore.signal(steps=3), TypeError, "no control 'steps' here: there are depth"),
        (lambda: explore.signal(depth=31), ValueError, "depth is 31: choose a whole number from 2"),
        (lambda: explore.signal(init="best"), ValueError, "unknown init 'best': known are xavier"),
        (lambda: explore.signal(gain=0), ValueError, "gain is 0: choose a number from 0.25 to 4"),
        (lambda: explore.signal("time", steps=1), ValueError, "steps is 1: choose a whole number"),
        (lambda: explore.signal("time", clip=0), ValueError, "clip is 0: choose a number from"),
        (lambda: explore.signal("decay", decay="l2"), ValueError, "known are coupled, decoupled"),
        (lambda: explore.signal("decay", weight_decay=-1), ValueError, "weight_decay is -1"),
    ],
)
def test_bad_input(call, error, says):
    with pytest.raises(error, match=says):
        call()
