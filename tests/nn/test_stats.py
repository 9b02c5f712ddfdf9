"""What ``nn.stats`` measures is what the formulas say, and it leaves the model as it was."""

import numpy as np
import pytest

from optlearn import nn

rng = np.random.default_rng(0)
X = rng.normal(size=(6, 4))
Y = rng.normal(size=(6, 3))
D = {"dtype": np.float64}


def model():
    return nn.Sequential(
        nn.Linear(4, 4, rng=0, **D),
        nn.Residual(nn.BatchNorm(4, **D), nn.Tanh(), nn.Dropout(0.5, rng=0)),
        nn.Linear(4, 3, rng=1, bias=False, **D),
    )


def test_every_layer_is_measured_in_the_order_of_the_summary():
    net = model()
    rows = nn.stats(net, nn.MSELoss(), X, Y, lr=0.1)
    assert [(row.name, row.layer) for row in rows] == [
        (row.name, row.layer) for row in net.summary().rows
    ]
    assert [row.name for row in rows] == ["0", "1", "1.0", "1.1", "1.2", "2"]
    values = np.array([row[2:6] for row in rows])
    assert np.isfinite(values).all()


def test_the_numbers_are_those_of_the_formulas():
    net, loss = nn.Sequential(nn.Linear(4, 3, rng=0, **D), nn.Tanh()), nn.MSELoss()
    linear, tanh = nn.stats(net, loss, X, Y, lr=0.1)
    weight, bias = net[0].weight, net[0].bias
    z = X @ weight.data.T + bias.data
    out = np.tanh(z)
    dout = 2 * (out - Y) / Y.size
    dz = dout * (1 - out**2)
    norm = np.linalg.norm
    weights, slopes = norm(weight.data), norm(dz.T @ X)
    expected = [z.mean(), z.std(), norm(z), norm(dz), weights, slopes, 0.1 * slopes / weights]
    np.testing.assert_allclose(linear[2:], expected, rtol=1e-12)
    np.testing.assert_allclose(tanh[2:6], [out.mean(), out.std(), norm(out), norm(dout)])
    assert np.isnan(tanh[6:]).all()


def test_without_a_rate_there_is_no_ratio_and_weights_of_zero_have_an_infinite_one():
    net = nn.Sequential(nn.Linear(4, 3, weight_init=nn.init.normal(0), **D))
    assert np.isnan(nn.stats(net, nn.MSELoss(), X, Y)[0].update_ratio)
    assert nn.stats(net, nn.MSELoss(), X, Y, lr=0.1)[0].update_ratio == np.inf


def test_the_model_is_left_as_it_was():
    net, twin = model(), model()
    before = net.state_dict()
    nn.stats(net, nn.MSELoss(), X, Y)
    assert all(np.array_equal(before[name], value) for name, value in net.state_dict().items())
    assert np.array_equal(net(X), twin(X))
    assert not any({"forward", "backward"} & set(vars(m)) for _, m in net.named_modules())


def test_a_failure_leaves_the_model_as_it_was_too():
    net, before = model(), model().state_dict()
    with pytest.raises(ValueError, match="MSELoss needs equal shapes"):
        nn.stats(net, nn.MSELoss(), X, Y[:2])
    assert all(np.array_equal(before[name], value) for name, value in net.state_dict().items())
    assert not any({"forward", "backward"} & set(vars(m)) for _, m in net.named_modules())


def test_layers_that_run_fused_are_measured_one_by_one():
    net, loss = nn.Sequential(
        nn.Conv2d(1, 2, 3, rng=0, **D), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(8, 3, rng=0, **D),
    ), nn.MSELoss()  # fmt: skip
    fused, x = net._steps, rng.normal(size=(6, 1, 6, 6))
    rows = nn.stats(net, loss, x, Y)
    assert net._steps is fused
    assert len(fused) < len(rows) == len(net)
    gradients = [p.grad.copy() for p in net.parameters()]
    loss(net(x), Y)
    net.backward(loss.backward())
    for p, gradient in zip(net.parameters(), gradients):
        np.testing.assert_allclose(p.grad, gradient, atol=1e-12)
    for row, layer in zip(rows, net.layers):
        x = layer(x)
        assert row.norm == pytest.approx(np.linalg.norm(x))
        assert row.grad_norm > 0


def deep(activation, init, depth=10):
    draw, layers = np.random.default_rng(0), []
    for _ in range(depth):
        layers += [nn.Linear(48, 48, weight_init=init, rng=draw, **D), activation()]
    return nn.Sequential(*layers, nn.Linear(48, 10, weight_init=init, rng=draw, **D))


@pytest.mark.parametrize(
    ("activation", "init", "low", "high"),
    [
        (nn.Sigmoid, nn.init.xavier, 0, 1e-4),
        (nn.Tanh, nn.init.xavier, 0.1, 10),
        (nn.ReLU, nn.init.he, 0.1, 10),
        (nn.ReLU, nn.init.scaled(3, nn.init.he), 1e3, np.inf),
    ],
)
def test_vanishing_and_exploding_gradients_show(activation, init, low, high):
    x = np.random.default_rng(1).normal(size=(32, 48))
    net = deep(activation, init)
    rows = nn.stats(net, nn.CrossEntropyLoss(), x, np.arange(32) % 10)
    first, last = rows[0].grad_norm, rows[-1].grad_norm
    assert low < first / last < high
