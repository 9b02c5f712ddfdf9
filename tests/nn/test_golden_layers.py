"""Our layers return what PyTorch's return, forward and backward, from the same weights."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from golden import layers

from optlearn import nn

GOLDEN = Path(__file__).parents[1] / "golden" / "layers.npz"
D = {"dtype": np.float64}

#: What the layers of ``golden/layers.py`` are called here.
OURS = {
    "linear": lambda: nn.Linear(4, 3, **D),
    "linear, no bias": lambda: nn.Linear(4, 3, bias=False, **D),
    "relu": lambda: nn.ReLU(),
    "tanh": lambda: nn.Tanh(),
    "sigmoid": lambda: nn.Sigmoid(),
    "gelu": lambda: nn.GELU(),
    "gelu, tanh": lambda: nn.GELU("tanh"),
    "layer norm": lambda: nn.LayerNorm(4, **D),
    "layer norm on two axes": lambda: nn.LayerNorm((3, 4), eps=0.1, **D),
    "batch norm": lambda: nn.BatchNorm(4, **D),
    "batch norm, options": lambda: nn.BatchNorm(4, eps=0.1, momentum=0.7, **D),
    "batch norm of images": lambda: nn.BatchNorm(3, **D),
    "batch norm of one image": lambda: nn.BatchNorm(3, **D),
    "embedding": lambda: nn.Embedding(7, 4, **D),
    "attention": lambda: nn.SelfAttention(4, **D),
    "attention, heads": lambda: nn.SelfAttention(6, 3, **D),
    "attention, causal": lambda: nn.SelfAttention(6, 2, causal=True, **D),
    "attention, no bias": lambda: nn.SelfAttention(4, 2, bias=False, **D),
    "convolution": lambda: nn.Conv2d(2, 3, 3, **D),
    "convolution, stride and padding": lambda: nn.Conv2d(2, 3, 3, 2, 1, **D),
    "convolution, no bias": lambda: nn.Conv2d(3, 2, 2, 3, bias=False, **D),
    "pooling": lambda: nn.MaxPool2d(2),
    "pooling of equal pixels": lambda: nn.MaxPool2d(3, 2),
    "pooling, overlapping": lambda: nn.MaxPool2d(2, 1),
    "flatten": lambda: nn.Flatten(),
    "convolution, relu, pooling": lambda: nn.Sequential(
        nn.Conv2d(2, 3, 3, 1, 1, **D), nn.ReLU(), nn.MaxPool2d(2)
    ),
    "rnn": lambda: nn.RNN(3, 4, **D),
    "rnn, relu, no bias": lambda: nn.RNN(3, 4, nonlinearity="relu", bias=False, **D),
    "rnn, one step": lambda: nn.RNN(11, 4, **D),
    "gru": lambda: nn.GRU(3, 4, **D),
    "gru, no bias": lambda: nn.GRU(3, 4, bias=False, **D),
    "lstm": lambda: nn.LSTM(3, 4, **D),
    "lstm, no bias": lambda: nn.LSTM(3, 4, bias=False, **D),
    "cross-entropy": lambda: nn.CrossEntropyLoss(),
    "mean squares": lambda: nn.MSELoss(),
}
LOSSES = [name for name, case in layers.CASES.items() if {"labels", "targets"} & set(case)]
LAYERS = [name for name in layers.CASES if name not in LOSSES]


@cache
def stored():
    with np.load(GOLDEN) as file:
        return dict(file)


def golden(name, part=""):
    """Return the arrays of a case, those of one part by what comes after it."""
    start = f"{name}/{part}/" if part else f"{name}/"
    return {k.removeprefix(start): v for k, v in stored().items() if k.startswith(start)}


def assert_close(found, expected, what=""):
    """Compare by the largest value, since a small one may be what is left of two large ones."""
    scale = max(np.abs(expected).max(), 1e-3)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12 * scale, err_msg=what)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_is_pytorchs_forward_and_backward(name):
    layer, case = OURS[name](), golden(name)
    layer.load_state_dict(golden(name, "start"))
    assert_close(layer(case["x"]), case["out"])
    dx = layer.backward(case["dout"], input_grad=True)
    assert (dx is not None) == ("dx" in case)
    if "dx" in case:
        assert_close(dx, case["dx"])
    gradients = golden(name, "grad")
    assert {key for key, _ in layer.named_parameters()} == set(gradients)
    for key, p in layer.named_parameters():
        assert_close(p.grad, gradients[key], key)


@pytest.mark.parametrize("name", [name for name in LAYERS if f"{name}/eval_out" in stored()])
def test_a_layer_with_running_averages_is_pytorchs_in_evaluation(name):
    layer, case = OURS[name](), golden(name)
    layer.load_state_dict(golden(name, "start"))
    layer(case["x"])
    for key, value in golden(name, "end").items():
        assert_close(layer.state_dict()[key], value, key)
    assert_close(layer.eval()(case["x"]), case["eval_out"])


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_pytorchs_forward_and_backward(name):
    loss, case = OURS[name](), golden(name)
    assert_close(loss(case["x"], case["y"]), case["out"])
    assert_close(loss.backward(), case["dx"])


def test_the_goldens_hold_the_cases_that_are_written_down():
    about = json.loads(str(stored()["about"]))
    assert about["cases"] == json.loads(json.dumps(layers.CASES)), "run golden/make_layers.py again"
    assert list(OURS) == list(layers.CASES)
    assert {"python", "numpy", "torch"} == set(about["versions"])
    assert GOLDEN.stat().st_size < 200_000


@pytest.mark.parametrize("name", layers.CASES)
def test_the_stored_inputs_are_those_that_are_written_down(name):
    for found, expected in zip(layers.inputs(name), (golden(name)["x"], golden(name).get("y"))):
        assert np.array_equal(found, expected)
