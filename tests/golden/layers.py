"""Which layers are held to PyTorch's, and what they are run on. Nothing here knows optlearn.

To add a layer, add a line here, run ``make_layers.py``, and say what it is called in optlearn in
``nn/test_golden_layers.py``.
"""

import zlib

import numpy as np

#: The layer as an expression in ``torch.nn``, and the shape of its input. ``below`` makes the input
#: whole numbers below that, ``labels`` adds right answers below that, ``causal`` hides the future,
#: and ``rounded`` makes many numbers of the input equal.
CASES = {
    "linear": {"torch": "Linear(4, 3)", "x": (6, 4)},
    "linear, no bias": {"torch": "Linear(4, 3, bias=False)", "x": (2, 3, 4)},
    "relu": {"torch": "ReLU()", "x": (6, 4)},
    "tanh": {"torch": "Tanh()", "x": (6, 4)},
    "sigmoid": {"torch": "Sigmoid()", "x": (6, 4)},
    "gelu": {"torch": "GELU()", "x": (20, 4)},
    "gelu, tanh": {"torch": "GELU('tanh')", "x": (20, 4)},
    "layer norm": {"torch": "LayerNorm(4)", "x": (2, 3, 4)},
    "layer norm on two axes": {"torch": "LayerNorm((3, 4), eps=0.1)", "x": (2, 3, 4)},
    "batch norm": {"torch": "BatchNorm1d(4)", "x": (6, 4)},
    "batch norm, options": {"torch": "BatchNorm1d(4, eps=0.1, momentum=0.7)", "x": (6, 4)},
    "batch norm of images": {"torch": "BatchNorm2d(3)", "x": (2, 3, 4, 2)},
    "batch norm of one image": {"torch": "BatchNorm2d(3)", "x": (1, 3, 4, 2)},
    "embedding": {"torch": "Embedding(7, 4)", "x": (3, 5), "below": 7},
    "attention": {"torch": "MultiheadAttention(4, 1, batch_first=True)", "x": (2, 5, 4)},
    "attention, heads": {"torch": "MultiheadAttention(6, 3, batch_first=True)", "x": (2, 5, 6)},
    "attention, causal": {
        "torch": "MultiheadAttention(6, 2, batch_first=True)", "x": (2, 5, 6), "causal": True,
    },
    "attention, no bias": {
        "torch": "MultiheadAttention(4, 2, bias=False, batch_first=True)", "x": (2, 5, 4),
    },
    "convolution": {"torch": "Conv2d(2, 3, 3)", "x": (2, 2, 5, 4)},
    "convolution, stride and padding": {"torch": "Conv2d(2, 3, 3, 2, 1)", "x": (2, 2, 6, 5)},
    "convolution, no bias": {"torch": "Conv2d(3, 2, 2, 3, bias=False)", "x": (2, 3, 6, 4)},
    "pooling": {"torch": "MaxPool2d(2)", "x": (2, 2, 5, 4)},
    "pooling of equal pixels": {"torch": "MaxPool2d(3, 2)", "x": (2, 2, 6, 7), "rounded": True},
    "pooling, overlapping": {"torch": "MaxPool2d(2, 1)", "x": (2, 2, 4, 3), "rounded": True},
    "flatten": {"torch": "Flatten()", "x": (2, 2, 3, 4)},
    "convolution, relu, pooling": {
        "torch": "Sequential(Conv2d(2, 3, 3, 1, 1), ReLU(), MaxPool2d(2))",
        "x": (2, 2, 5, 6),
    },
    "rnn": {"torch": "RNN(3, 4, batch_first=True)", "x": (2, 5, 3)},
    "rnn, relu, no bias": {
        "torch": "RNN(3, 4, nonlinearity='relu', bias=False, batch_first=True)", "x": (2, 5, 3),
    },
    "rnn, one step": {"torch": "RNN(11, 4, batch_first=True)", "x": (3, 1, 11)},
    "gru": {"torch": "GRU(3, 4, batch_first=True)", "x": (2, 5, 3)},
    "gru, no bias": {"torch": "GRU(3, 4, bias=False, batch_first=True)", "x": (2, 5, 3)},
    "lstm": {"torch": "LSTM(3, 4, batch_first=True)", "x": (2, 5, 3)},
    "lstm, no bias": {"torch": "LSTM(3, 4, bias=False, batch_first=True)", "x": (2, 5, 3)},
    "cross-entropy": {"torch": "CrossEntropyLoss()", "x": (6, 5), "labels": 5},
    "mean squares": {"torch": "MSELoss()", "x": (6, 4), "targets": True},
}  # fmt: skip


def draws(name):
    """Return a generator of its own for each case, so that a new one changes no other."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def inputs(name):
    """Return the input, and the right answer where the case is a loss."""
    case, rng = CASES[name], draws(name)
    x = rng.integers(case["below"], size=case["x"]) if "below" in case else None
    x = 2 * rng.normal(size=case["x"]) if x is None else x
    x = np.round(x) if "rounded" in case else x
    if "labels" in case:
        return x, rng.integers(case["labels"], size=case["x"][:-1])
    return x, rng.normal(size=case["x"]) if "targets" in case else None
