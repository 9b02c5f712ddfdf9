"""The gradients of every layer equal differences of the loss, and a wrong one is noticed.

One table holds all layers: a row a case, in float64, with the input that it is run on.
"""

import inspect

import numpy as np
import pytest

from optlearn import nn

rng = np.random.default_rng(0)
ROWS = rng.normal(size=(6, 4))
SEQUENCES = rng.normal(size=(3, 5, 4))
IMAGES = rng.normal(size=(3, 2, 4, 4))
WORDS = rng.integers(7, size=(3, 5))

D = {"dtype": np.float64}
S = {"rng": 0, **D}


def linear(n_in=4, n_out=4, seed=0, **kw):
    return nn.Linear(n_in, n_out, rng=seed, **D, **kw)


def seen(layer, x):
    """Return a batch normalisation in evaluation, after it has seen one batch."""
    layer(3 * x + 1)
    return layer.eval()


#: What is run: layers in a row, and their input.
CASES = {
    "linear": (lambda: [linear(4, 3)], ROWS),
    "linear, no bias": (lambda: [linear(4, 3, bias=False)], ROWS),
    "linear on sequences": (lambda: [linear(4, 3)], SEQUENCES),
    "relu": (lambda: [linear(), nn.ReLU(), linear(4, 3, 1)], ROWS),
    "tanh": (lambda: [linear(), nn.Tanh(), linear(4, 3, 1)], ROWS),
    "sigmoid": (lambda: [linear(), nn.Sigmoid(), linear(4, 3, 1)], ROWS),
    "gelu": (lambda: [linear(), nn.GELU(), linear(4, 3, 1)], ROWS),
    "gelu, tanh": (lambda: [nn.GELU("tanh"), linear(4, 3)], 3 * ROWS),
    "layer norm": (lambda: [linear(), nn.LayerNorm(4, **D)], ROWS),
    "layer norm on two axes": (lambda: [nn.LayerNorm((5, 4), eps=0.1, **D)], SEQUENCES),
    "batch norm": (lambda: [linear(), nn.BatchNorm(4, **D), nn.Tanh()], ROWS),
    "batch norm of images": (lambda: [nn.BatchNorm(2, eps=0.1, **D)], IMAGES),
    "batch norm in evaluation": (lambda: [seen(nn.BatchNorm(4, **D), ROWS)], ROWS),
    "dropout": (lambda: [linear(), nn.Dropout(0.4, rng=1), linear(4, 3)], ROWS),
    "dropout in evaluation": (lambda: [linear(), nn.Dropout(0.4, rng=1).eval()], ROWS),
    "embedding": (lambda: [nn.Embedding(7, 4, **S), linear(4, 3)], WORDS),
    "positions": (lambda: [linear(), nn.PositionEmbedding(6, 4, **S)], SEQUENCES),
    "attention": (lambda: [nn.SelfAttention(4, **S)], SEQUENCES),
    "attention, two heads": (lambda: [nn.SelfAttention(4, 2, **S), linear()], SEQUENCES),
    "attention, causal": (lambda: [nn.SelfAttention(4, 2, causal=True, **S)], SEQUENCES),
    "attention, no bias": (lambda: [nn.SelfAttention(4, bias=False, **S)], SEQUENCES),
    "convolution": (lambda: [nn.Conv2d(2, 3, 3, **S), nn.Tanh(), nn.Flatten()], IMAGES),
    "convolution, stride and padding": (lambda: [nn.Conv2d(2, 3, 3, 2, 1, **S)], IMAGES),
    "pooling": (lambda: [nn.Conv2d(2, 2, 2, **S), nn.MaxPool2d(2)], IMAGES),
    "pooling, overlapping": (lambda: [nn.Conv2d(2, 2, 1, **S), nn.MaxPool2d(3, 1)], IMAGES),
    "convolution, relu, pooling": (
        lambda: [
            nn.Conv2d(2, 3, 2, padding=1, **S),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(3, 4, 2, rng=1, **D),
            nn.Tanh(),
            nn.Flatten(),
            linear(4, 3),
        ],
        IMAGES,
    ),
    "rnn": (lambda: [nn.RNN(4, 3, **S)], SEQUENCES),
    "rnn, relu": (lambda: [nn.RNN(4, 3, nonlinearity="relu", **S)], SEQUENCES),
    "rnn, last, no bias": (lambda: [nn.RNN(4, 5, last=True, bias=False, **S)], SEQUENCES),
    "rnn, one step": (lambda: [nn.RNN(4, 3, **S)], SEQUENCES[:, :1]),
    "gru": (lambda: [nn.GRU(4, 3, **S)], SEQUENCES),
    "gru, last, no bias": (lambda: [nn.GRU(4, 5, last=True, bias=False, **S)], SEQUENCES),
    "gru, one step": (lambda: [nn.GRU(4, 3, **S)], SEQUENCES[:, :1]),
    "lstm": (lambda: [nn.LSTM(4, 3, **S)], SEQUENCES),
    "lstm, last, no bias": (lambda: [nn.LSTM(4, 5, last=True, bias=False, **S)], SEQUENCES),
    "lstm, one step": (lambda: [nn.LSTM(4, 3, **S)], SEQUENCES[:, :1]),
    "recurrent layers in a row": (
        lambda: [nn.GRU(4, 3, **S), nn.LSTM(3, 4, **S), nn.RNN(4, 3, last=True, **S)],
        SEQUENCES,
    ),
    "residual": (lambda: [nn.Residual(linear(), nn.Tanh()), linear(4, 3, 1)], ROWS),
    "nested": (lambda: [nn.Sequential(linear(4, 5), nn.Tanh()), linear(5, 3, 1)], ROWS),
    "transformer": (
        lambda: [
            nn.Embedding(7, 4, **S),
            nn.PositionEmbedding(5, 4, **S),
            nn.Residual(nn.LayerNorm(4, **D), nn.SelfAttention(4, 2, causal=True, **S)),
            nn.Residual(nn.LayerNorm(4, **D), linear(4, 8), nn.GELU(), linear(8, 4)),
            linear(4, 3),
        ],
        WORDS,
    ),
}


def build(name):
    """Return a model whose weights are all moved, so that none is 0 or 1 by chance of its start."""
    layers, x = CASES[name]
    model, move = nn.Sequential(*layers()), np.random.default_rng(3)
    for p in model.parameters():
        p.data = p.data + 0.3 * move.normal(size=p.shape)
    return model, x


def error(model, x, loss=nn.MSELoss):
    """Return the gradient's error against answers that are drawn to fit the loss."""
    out, draw = model(x), np.random.default_rng(1)
    if loss is nn.MSELoss:
        return nn.gradcheck(model, loss(), x, draw.normal(size=out.shape))
    return nn.gradcheck(model, loss(), x, draw.integers(out.shape[-1], size=out.shape[:-1]))


@pytest.mark.parametrize("loss", [nn.MSELoss, nn.CrossEntropyLoss])
@pytest.mark.parametrize("name", CASES)
def test_gradients_equal_differences_of_the_loss(name, loss):
    assert error(*build(name), loss) < 1e-6


def layers_of(name):
    return {type(module) for _, module in build(name)[0].named_modules()}


def with_backward():
    """Return the layers of the library, each with a case that runs it."""
    classes = [c for c in vars(nn).values() if inspect.isclass(c) and issubclass(c, nn.Module)]
    found = {c: next((name for name in CASES if c in layers_of(name)), None) for c in classes}
    return [(c, case) for c, case in found.items() if c is not nn.Module]


@pytest.mark.parametrize(("layer", "case"), with_backward(), ids=lambda value: str(value))
def test_every_layer_has_a_row_and_a_wrong_backward_is_noticed(layer, case, monkeypatch):
    assert case is not None, f"no case has a {layer.__name__}"
    right = layer.backward

    def wrong(self, dout, **kw):
        dx = right(self, 1.01 * dout, **kw)
        return None if dx is None else dx / 1.02

    model, x = build(case)
    monkeypatch.setattr(layer, "backward", wrong)
    assert error(model, x) > 1e-4


def test_one_wrong_entry_of_a_weight_gradient_is_noticed(monkeypatch):
    model, x = build("layer norm")
    right = model[1].backward

    def wrong(dout, **kw):
        dx = right(dout, **kw)
        model[1].bias.grad[0] *= 1.01
        return dx

    monkeypatch.setattr(model[1], "backward", wrong)
    assert error(model, x) > 1e-4


@pytest.mark.parametrize("name", ["batch norm", "dropout"])
def test_gradcheck_leaves_buffers_and_weights_as_they_were(name):
    model, x = build(name)
    before = model.state_dict()
    nn.gradcheck(model, nn.MSELoss(), x, np.zeros((6, 4 if name == "batch norm" else 3)))
    after = model.state_dict()
    assert len(before) > len(model.parameters())
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_gradcheck_refuses_single_precision():
    model = nn.Sequential(nn.Linear(4, 3, rng=0))
    with pytest.raises(TypeError, match=r"0.weight is float32: build .* dtype=np.float64"):
        nn.gradcheck(model, nn.MSELoss(), ROWS, np.zeros((6, 3)))
    with pytest.raises(TypeError, match="x is float32"):
        nn.gradcheck(nn.Sequential(linear()), nn.MSELoss(), ROWS.astype("f"), ROWS)
