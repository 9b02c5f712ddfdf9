"""Convolution and pooling: equal to their readable twins, alone and run as one step."""

import copy
import pickle

import numpy as np
import pytest

from optlearn import nn, optim
from optlearn.nn import reference

rng = np.random.default_rng(0)


def images(*shape):
    return rng.normal(size=shape)


def equal_pixels(*shape):
    """Images of few values: most patches have several largest pixels."""
    return rng.integers(0, 2, size=shape).astype(float)


def conv(*sizes, **kw):
    return nn.Conv2d(*sizes, rng=0, dtype=np.float64, **kw)


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)


#: Arguments of Conv2d and the size of the images; sizes that leave a rest are among them.
CONVOLUTIONS = [
    ((1, 4, 3), (8, 8)),
    ((3, 4, 3), (9, 7)),
    ((2, 3, 3, 1, 1), (6, 7)),
    ((2, 3, 3, 2), (8, 9)),
    ((2, 5, 3, 2, 1), (9, 8)),
    ((2, 3, 5, 1, 2), (7, 7)),
    ((2, 3, 2, 1, 1), (6, 7)),
    ((2, 3, 2, 3), (9, 7)),
    ((3, 2, 1), (4, 5)),
    ((2, 3, 3, 1, 3), (4, 4)),
]
POOLINGS = [((2,), (6, 8)), ((2,), (7, 5)), ((3,), (8, 7)), ((3, 2), (7, 8)), ((2, 1), (4, 5))]


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@pytest.mark.parametrize(("arguments", "size"), CONVOLUTIONS)
def test_a_convolution_is_its_readable_twin(arguments, size, bias):
    layer, x = conv(*arguments, bias=bias), images(5, arguments[0], *size)
    weight, offset = layer.weight.data, layer.bias.data if bias else None
    out = layer(x)
    close(out, reference.conv2d(x, weight, offset, *arguments[3:]))
    dout = images(*out.shape)
    dx, dweight, dbias = reference.conv2d_backward(dout, x, weight, *arguments[3:])
    close(layer.backward(dout), dx)
    close(layer.weight.grad, dweight)
    if bias:
        close(layer.bias.grad, dbias)


@pytest.mark.parametrize("draw", [images, equal_pixels])
@pytest.mark.parametrize(("arguments", "size"), POOLINGS)
def test_a_pooling_is_its_readable_twin(arguments, size, draw):
    layer, x = nn.MaxPool2d(*arguments), draw(4, 3, *size)
    out = layer(x)
    close(out, reference.max_pool2d(x, *arguments))
    dout = images(*out.shape)
    close(layer.backward(dout), reference.max_pool2d_backward(dout, x, *arguments))


def one_by_one(layers, x, dout=None):
    """Return what the layers give without Sequential, forward and, given ``dout``, backward."""
    for layer in layers:
        x = layer(x)
    if dout is None:
        return x
    for layer in reversed(layers):
        dout = layer.backward(dout)
    return dout


@pytest.mark.parametrize("draw", [images, equal_pixels])
@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@pytest.mark.parametrize(("arguments", "size"), CONVOLUTIONS)
def test_what_runs_as_one_step_gives_what_the_layers_give(arguments, size, bias, draw):
    layers = conv(*arguments, bias=bias), nn.ReLU(), nn.MaxPool2d(2)
    for p in layers[0].parameters():  # sums of few values: equal pixels stay equal
        p.data = np.round(4 * p.data) / 4
    model, x = nn.Sequential(*layers, input_grad=True), draw(5, arguments[0], *size)
    out = model(x)
    shapes = [row.output_shape for row in model.summary().rows]
    close(out, one_by_one(layers, x))
    assert shapes == [layer.output_shape for layer in layers]
    dout = images(*out.shape)
    found = model.backward(dout), *(p.grad.copy() for p in model.parameters())
    expected = one_by_one(layers, x, dout), *(p.grad for p in model.parameters())
    for ours, theirs in zip(found, expected, strict=True):
        close(ours, theirs)


@pytest.mark.parametrize(
    ("layers", "steps"),
    [
        ([conv(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2)], 1),
        ([nn.Tanh(), conv(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2, 2), nn.Flatten()], 3),
        ([conv(1, 2, 3, 2), nn.ReLU(), nn.MaxPool2d(2)], 3),
        ([conv(1, 2, 3), nn.ReLU(), nn.MaxPool2d(3)], 3),
        ([conv(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2, 1)], 3),
        ([conv(1, 2, 3), nn.Tanh(), nn.MaxPool2d(2)], 3),
        ([conv(32, 2, 3), nn.ReLU(), nn.MaxPool2d(2)], 3),
        ([conv(1, 2, 3), nn.ReLU()], 2),
        ([conv(1, 2, 3)], 1),
    ],
)
def test_only_what_is_known_to_fit_runs_as_one_step(layers, steps):
    model = nn.Sequential(*layers)
    assert len(model._steps) == steps
    assert list(model) == list(model.layers) == layers


def network(dtype=np.float64):
    return nn.Sequential(
        nn.Conv2d(2, 3, 3, padding=1, rng=0, dtype=dtype),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(3, 4, 2, rng=1, dtype=dtype),
        nn.Tanh(),
        nn.MaxPool2d(2, 1),
        nn.Flatten(),
        nn.Linear(4, 3, rng=2, dtype=dtype),
    )


X, LABELS = images(4, 2, 7, 6), np.array([0, 2, 1, 0])
NETWORKS = {
    "fused": lambda: nn.Sequential(conv(2, 3, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
    "stride": lambda: nn.Sequential(conv(2, 3, 3, 2, 1), nn.Tanh(), nn.Flatten()),
    "overlapping pools": lambda: nn.Sequential(conv(2, 2, 2), nn.MaxPool2d(3, 2), nn.Flatten()),
    "two convolutions": network,
}


def gradients(model, x, y):
    loss = nn.CrossEntropyLoss()
    value = loss(model(x), y)
    model.backward(loss.backward())
    return [value, *(p.grad.copy() for p in model.parameters())]


def test_a_smaller_batch_and_an_evaluation_leave_no_trace():
    model = network()
    first = gradients(model, X, LABELS)
    gradients(model, X[:3], LABELS[:3])
    model.eval()(images(9, 2, 7, 6))
    model.train()
    for ours, before in zip(gradients(model, X, LABELS), first, strict=True):
        assert np.array_equal(ours, before)


@pytest.mark.parametrize("name", NETWORKS)
def test_an_output_stays_when_the_model_runs_again(name):
    model = NETWORKS[name]()
    out = model(X)
    kept = out.copy()
    model(-X)
    assert np.array_equal(out, kept)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_backward_pass_belongs_to_the_last_forward_pass(name):
    model = NETWORKS[name]()
    expected = gradients(model, X, LABELS)
    model(-X)
    for ours, theirs in zip(gradients(model, X, LABELS), expected, strict=True):
        assert np.array_equal(ours, theirs)


def test_neither_pass_changes_what_it_is_given():
    model, x = network(), X.copy()
    dout = images(*model(x).shape)
    kept = dout.copy()
    model.backward(dout, input_grad=True)
    assert np.array_equal(x, X)
    assert np.array_equal(dout, kept)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_trains_on_its_own(copied):
    model = network()
    expected = gradients(model, X, LABELS)
    twin = copied(model)
    for ours, theirs in zip(gradients(twin, X, LABELS), expected, strict=True):
        assert np.array_equal(ours, theirs)
    before = model(X)
    optim.Adam(twin.parameters(), lr=0.1).step()
    assert np.array_equal(model(X), before)
    assert not np.array_equal(twin(X), before)


def test_a_pickle_carries_no_scratch_memory():
    layer = conv(2, 3, 3)
    fresh = len(pickle.dumps(layer))
    layer(images(50, 2, 7, 6))
    assert len(pickle.dumps(layer)) < fresh + 100


def test_layers_default_to_float32_and_keep_it():
    model = nn.Sequential(
        nn.Conv2d(2, 3, 3, rng=0), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(3, 4, 2, rng=0)
    )
    out = model(X)
    dx = model.backward(out, input_grad=True)
    assert out.dtype == dx.dtype == model[0].weight.grad.dtype == np.float32


@pytest.mark.parametrize("draw", [None, nn.init.he])
def test_weights_start_as_in_pytorch_or_as_asked(draw):
    layer = nn.Conv2d(8, 64, 3, weight_init=draw, rng=0)
    weight, bias, fan_in = layer.weight.data, layer.bias.data, 8 * 9
    if draw is None:
        for values in (weight, bias):
            assert 0.9 < np.abs(values).max() * np.sqrt(fan_in) <= 1
    else:
        assert weight.std() == pytest.approx(np.sqrt(2 / fan_in), rel=0.05)
        assert (bias == 0).all()
    assert np.array_equal(weight, nn.Conv2d(8, 64, 3, weight_init=draw, rng=0).weight.data)


def test_flattening_gives_the_row_of_numbers_of_each_example():
    layer = nn.Flatten()
    assert np.array_equal(layer(X), X.reshape(4, -1))
    assert np.array_equal(layer.backward(X.reshape(4, -1)), X)
    laid_out_otherwise = np.asfortranarray(X)
    assert np.array_equal(layer(laid_out_otherwise), X.reshape(4, -1))


def test_a_batch_without_examples_gives_an_output_without_examples():
    model = network()
    out = model(X[:0])
    assert out.shape == (0, 3)
    assert model.backward(out, input_grad=True).shape == (0, 2, 7, 6)
    assert all((p.grad == 0).all() for p in model.parameters())


FUSED = nn.Sequential(conv(2, 3, 3), nn.ReLU(), nn.MaxPool2d(2))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: nn.Conv2d(0, 3, 3), "in_channels must be a whole number >= 1, got 0"),
        (lambda: nn.Conv2d(1, 3.5, 3), "out_channels .* got 3.5"),
        (lambda: nn.Conv2d(1, 3, (3, 3)), r"kernel_size .* got \(3, 3\)"),
        (lambda: nn.Conv2d(1, 3, 3, 0), "stride .* >= 1, got 0"),
        (lambda: nn.Conv2d(1, 3, 3, 1, -1), "padding must be a whole number >= 0, got -1"),
        (lambda: nn.MaxPool2d(0), "kernel_size .* got 0"),
        (lambda: nn.MaxPool2d(2, 0), "stride .* got 0"),
        (lambda: conv(3, 4, 3)(X), r"Conv2d\(3, 4, 3.*\(4, 2, 7, 6\).*\(examples, 3, height"),
        (lambda: FUSED(X[:, :1]), r"Conv2d\(2, 3, 3.*\(4, 1, 7, 6\).*\(examples, 2, height"),
        (lambda: conv(2, 4, 3)(X[0]), r"Conv2d.*\(2, 7, 6\)"),
        (lambda: conv(2, 4, 9, padding=1)(X), r"\(4, 2, 7, 6\).*9x8 pixels, fewer .* 9x9"),
        (lambda: FUSED(X[..., :2]), r"Conv2d.*\(4, 2, 7, 2\).*7x2 pixels, fewer .* 3x3"),
        (lambda: FUSED(X[..., :3]), r"MaxPool2d\(2.*\(4, 3, 5, 1\).*5x1 pixels .* 2x2"),
        (lambda: nn.MaxPool2d(7)(X), r"MaxPool2d\(7.*\(4, 2, 7, 6\).*7x6 .* 7x7"),
        (lambda: nn.MaxPool2d(2)(X[0]), r"MaxPool2d\(2.*\(2, 7, 6\)"),
        (lambda: nn.Flatten()(X[0, 0, 0]), r"Flatten\(\) got .*\(6,\)"),
    ],
)
def test_bad_input_is_refused_with_the_shapes_and_the_layer(call, says):
    with pytest.raises(ValueError, match=says):
        call()
