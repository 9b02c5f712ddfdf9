"""The checklist finds each bug that is planted, by its name, and nothing in a healthy network."""

import copy
import itertools

import numpy as np
import pytest

from optlearn import datasets, nn, optim, schedules
from optlearn.datasets import DataLoader
from optlearn.training import checkup, fit

DIGITS = datasets.load("digits")


def mlp(*sizes, act=nn.ReLU, seed=0, **options):
    """Return the layers of a network, with ``act`` between them."""
    rng, found = np.random.default_rng(seed), []
    for inputs, outputs in itertools.pairwise(sizes):
        found += [nn.Linear(inputs, outputs, rng=rng, **options), act()]
    return found[:-1]


def network(*sizes, **options):
    return nn.Sequential(*mlp(*(sizes or (64, 64, 10)), **options))


def convolutional():
    layers = [nn.Conv2d(1, 8, 3, padding=1, rng=0), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    return nn.Sequential(*layers, nn.Linear(8 * 16, 10, rng=1))


def attentive():
    front = nn.Embedding(33, 16, rng=0), nn.PositionEmbedding(16, 16, rng=1)
    return nn.Sequential(*front, nn.SelfAttention(16, 2, rng=2), nn.Linear(16, 33, rng=3))


def noisy():
    first, *rest = mlp(64, 64, 10)
    return nn.Sequential(first, nn.Dropout(0.2, rng=1), *rest)


def normalised():
    return nn.Sequential(nn.BatchNorm(64), *mlp(64, 64, 10))


CROSS = nn.CrossEntropyLoss
HEALTHY = {
    "digits": (network, CROSS, DIGITS),
    "deep tanh": (lambda: network(64, 32, 32, 32, 10, act=nn.Tanh), CROSS, DIGITS),
    "float64": (lambda: network(dtype=float), CROSS, DIGITS),
    "dropout": (noisy, CROSS, DIGITS),
    "batch normalisation": (normalised, CROSS, DIGITS),
    "convolution": (convolutional, CROSS, datasets.load("digits", shape=(1, 8, 8))),
    "moons": (lambda: network(2, 32, 2, act=nn.Tanh), CROSS, datasets.load("moons")),
    "xor": (lambda: network(2, 16, 2, act=nn.Tanh), CROSS, datasets.load("xor")),
    "linear": (lambda: network(30, 2), CROSS, datasets.load("breast_cancer")),
    "regression": (lambda: network(10, 64, 1), nn.MSELoss, datasets.load("diabetes")),
    "tokens": (attentive, CROSS, datasets.load("copy")),
}


@pytest.mark.parametrize("case", HEALTHY)
def test_nothing_is_found_in_a_healthy_network(case):
    build, loss, data = HEALTHY[case]
    model = build()
    lr = 1e-2 if case in ("xor", "moons") else 1e-3
    report = checkup(model, loss(), optim.Adam(model.parameters(), lr=lr), data)
    assert report.ok, report
    assert len(report.stages) == 7


def joint(params):
    matrices = optim.Muon([p for p in params if len(p.shape) > 1], lr=0.02)
    return optim.MultiOptimizer(matrices, optim.AdamW([p for p in params if len(p.shape) == 1]))


OPTIMIZERS = {
    "sgd": lambda params: optim.SGD(params, lr=0.1),
    "momentum": lambda params: optim.SGD(params, lr=0.05, momentum=0.9),
    "adagrad": optim.Adagrad,
    "rmsprop": lambda params: optim.RMSprop(params, lr=1e-3),
    "adamw with warm-up": lambda params: optim.AdamW(params, lr=schedules.cosine(3e-3, 500, 50)),
    "lion": optim.Lion,
    "schedule-free": optim.ScheduleFreeSGD,
    "two together": joint,
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_nothing_is_found_whatever_the_optimizer(name):
    model = network()
    report = checkup(model, CROSS(), OPTIMIZERS[name](model.parameters()), DIGITS)
    assert report.ok, report


class Summed(CROSS):
    """The sum over the batch where the mean belongs."""

    def __call__(self, out, y):
        return super().__call__(out, y) * len(y)

    def backward(self):
        return super().backward() * len(self._p)


class Softmax(nn.Module):
    def forward(self, x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.p = e / e.sum(axis=1, keepdims=True)
        return self.p

    def backward(self, dout, *, input_grad=True):
        return self.p * (dout - (dout * self.p).sum(axis=1, keepdims=True))


class WrongTanh(nn.Tanh):
    @staticmethod
    def derivative(out):
        return 1 - out


class NoBiasGradient(nn.Linear):
    def backward(self, dout, *, input_grad=True):
        dx = super().backward(dout, input_grad=input_grad)
        self.bias.grad[:] = 0
        return dx


def constant(value):
    return network(weight_init=lambda shape, rng: np.full(shape, value))


def probabilities():
    return nn.Sequential(*mlp(64, 64, 10), Softmax())


def sure():
    model = network()
    model[2].weight.data *= 50
    return model


def steep():
    model = network(act=nn.Tanh)
    model[0].weight.data *= 100
    return model


def regression():
    return network(10, 64, 1)


def dead():
    model = network()
    model[0].bias.data -= 10
    return model


def trained():
    model = network()
    fit(model, CROSS(), optim.Adam(model.parameters()), DataLoader(*DIGITS, rng=0), 10)
    return model


def without_bias_gradient():
    return nn.Sequential(NoBiasGradient(64, 16, rng=0), nn.Tanh(), nn.Linear(16, 10, rng=1))


X, Y = DIGITS
UNSCALED = (lambda x, y: (x, 150 + 80 * y))(*datasets.load("diabetes"))
#: The name of what must be found, then what is wrong: the model, the loss, the data.
BUGS = {
    "nan in the inputs": ("inputs_not_finite", network, CROSS, (np.where(X > 0.9, np.nan, X), Y)),
    "grey values to 255": ("inputs_not_scaled", network, CROSS, (X * 255, Y)),
    "tiny inputs": ("inputs_not_scaled", network, CROSS, (X * 1e-3, Y)),
    "labels from 1": ("labels", network, CROSS, (X, Y + 1)),
    "labels from 1, one output more": ("labels", lambda: network(64, 64, 11), CROSS, (X, Y + 1)),
    "labels as numbers": ("labels", network, CROSS, (X, Y.astype(float))),
    "the loss summed": ("loss_is_a_sum", network, Summed, DIGITS),
    "softmax twice": ("softmax_twice", probabilities, CROSS, DIGITS),
    "last layer too large": ("initial_loss", sure, CROSS, DIGITS),
    "a loss of inf": ("initial_loss", lambda: constant(1e30), CROSS, DIGITS),
    "already trained": ("initial_loss", trained, CROSS, DIGITS),
    "targets not scaled": ("initial_loss", regression, nn.MSELoss, UNSCALED),
    "wrong derivative": ("wrong_gradient", lambda: network(act=WrongTanh), CROSS, DIGITS),
    "no gradient of a bias": ("wrong_gradient", without_bias_gradient, CROSS, DIGITS),
    "weights of zero": ("equal_units", lambda: constant(0.0), CROSS, DIGITS),
    "constant weights": ("equal_units", lambda: constant(0.01), CROSS, DIGITS),
    "no activation": ("no_nonlinearity", lambda: network(act=nn.Flatten), CROSS, DIGITS),
    "negative biases": ("dead_units", dead, CROSS, DIGITS),
    "tanh too steep": ("saturated_units", steep, CROSS, DIGITS),
    "a bottleneck": ("cannot_overfit", lambda: network(64, 1, 10), CROSS, DIGITS),
}  # fmt: skip


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found_by_its_name(bug):
    name, build, loss, data = BUGS[bug]
    model = build()
    report = checkup(model, loss(), optim.Adam(model.parameters()), data)
    assert [finding.name for finding in report.findings] == [name], report
    assert name in report
    assert name in str(report)


def test_a_layer_that_the_optimizer_does_not_hold_is_named():
    model = network()
    report = checkup(model, CROSS(), optim.Adam(model[2].parameters()), DIGITS)
    (finding,) = report.findings
    assert finding.name == "frozen"
    assert "'0.weight', '0.bias'" in finding.message


def test_an_optimizer_that_climbs_is_found():
    model = network()
    climbing = optim.SGD(model.parameters(), lr=0.1, maximize=True)
    (finding,) = checkup(model, CROSS(), climbing, DIGITS).findings
    assert finding.name == "loss_does_not_fall"


def test_the_parameter_with_the_wrong_gradient_is_named():
    model = without_bias_gradient()
    (finding,) = checkup(model, CROSS(), optim.SGD(model.parameters()), DIGITS).findings
    assert "the gradient of '0.bias' is not the slope" in finding.message


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", ["SGD", "Adam"])
@pytest.mark.parametrize(
    ("factor", "finding"),
    [(100, "learning_rate_too_large"), (1, None), (0.01, "learning_rate_too_small")],
)
def test_a_rate_100_times_too_large_or_too_small_is_found(name, factor, finding, seed):
    model, healthy = network(seed=seed), {"SGD": 0.1, "Adam": 1e-3}[name]
    optimizer = getattr(optim, name)(model.parameters(), lr=healthy * factor)
    report = checkup(model, CROSS(), optimizer, DIGITS)
    assert [f.name for f in report.findings] == [finding] * (finding is not None), report
    best = report.measured["rate_where_the_loss_falls_fastest"]
    assert healthy / 2 < best < healthy * 100


def test_everything_is_left_as_it_was_to_the_last_bit():
    rng = np.random.default_rng(0)
    layers = [nn.BatchNorm(64), nn.Dropout(0.3, rng=rng), *mlp(64, 64, 10)]
    model, loss = nn.Sequential(*layers), CROSS()
    optimizer = optim.AdamW(model.parameters(), lr=schedules.cosine(1e-3, 100))
    loader = DataLoader(*DIGITS, rng=rng)
    fit(model, loss, optimizer, loader, 1)
    model.eval()

    def everything():
        gradients = {f"{p.name}.grad": p.grad.copy() for p in model.parameters()}
        numbers = {**model.state_dict(), **optimizer.state_dict(), **gradients}
        numbers |= {"x": loader.x.copy(), "y": loader.y.copy(), "rng": rng.bit_generator.state}
        numbers |= {"modes": [m.training for _, m in model.named_modules()]}
        return copy.deepcopy({**numbers, "loss": vars(loss)})

    before = everything()
    report = checkup(model, loss, optimizer, loader)
    assert len(report.stages) == 7
    np.testing.assert_equal(everything(), before)
    reports = [str(checkup(model, loss, optimizer, loader)) for _ in range(2)]
    assert reports[0] == reports[1]


def test_a_report_says_in_words_what_was_looked_at_and_found():
    model = network()
    report = str(checkup(model, CROSS(), optim.Adam(model.parameters()), DIGITS))
    assert report.startswith("Nothing found.\nLooked at: data, loss, gradient, weights, units, lea")
    assert "\nloss of guessing: 2.3\n" in report
    broken = str(checkup(model, CROSS(), optim.Adam(model.parameters()), (X * 255, Y)))
    assert broken.startswith("1 finding:\n- inputs_not_scaled: the inputs have a root mean square")
    assert "Looked at: data.\nRepair this and look again" in broken


@pytest.mark.parametrize("data", [(X, Y[:5]), (X[:1], Y[:1])])
def test_data_that_are_no_examples_are_refused(data):
    model = network()
    with pytest.raises(ValueError, match="data must be two examples or more"):
        checkup(model, CROSS(), optim.Adam(model.parameters()), data)
