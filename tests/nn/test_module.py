"""What a model tells about itself: names, modes, state, summary."""

import numpy as np
import pytest

from optlearn import Parameter, nn

X = np.random.default_rng(0).normal(size=(6, 4))


def linear(n_in=4, n_out=4, **kw):
    return nn.Linear(n_in, n_out, rng=0, dtype=np.float64, **kw)


class Shift(nn.Module):
    """A layer of a user: a weight, a buffer and a layer inside, all found by their attributes."""

    buffers = ("seen",)

    def __init__(self):
        self.inner = linear()
        self.shift = Parameter(np.ones(4), "shift")
        self.seen = np.zeros(())

    def forward(self, x):
        self.seen = self.seen + len(x)
        return self.inner(x) + self.shift.data

    def backward(self, dout, *, input_grad=True):
        self.shift.grad = dout.sum(axis=0)
        return self.inner.backward(dout, input_grad=input_grad)


def nested():
    return nn.Sequential(
        linear(), nn.Tanh(), nn.Residual(linear(), nn.Sequential(linear(bias=False))), Shift()
    )


NAMES = [
    "0.weight", "0.bias", "2.0.weight", "2.0.bias", "2.1.0.weight",
    "3.shift", "3.inner.weight", "3.inner.bias",
]  # fmt: skip


def test_names_tell_the_place_of_a_weight_from_the_outside_in():
    model = nested()
    assert [name for name, _ in model.named_parameters()] == NAMES
    assert [p.name for p in model.parameters()] == NAMES
    assert list(model.state_dict()) == [*NAMES, "3.seen"]
    assert [name for name, _ in model.named_modules()] == [
        "", "0", "1", "2", "2.0", "2.1", "2.1.0", "3", "3.inner",
    ]  # fmt: skip


def test_names_do_not_depend_on_the_order_of_building():
    inner = nn.Sequential(linear())
    assert [p.name for p in inner.parameters()] == ["0.weight", "0.bias"]
    nn.Sequential(nn.Tanh(), inner)
    outer = nn.Sequential(nn.Tanh(), nn.Tanh(), inner)
    assert [p.name for p in outer.parameters()] == ["2.0.weight", "2.0.bias"]


def test_all_weights_of_a_nested_model_are_views_of_one_vector():
    model = nested()
    assert len({id(p.flat) for p in model.parameters()}) == 1
    assert model.parameters()[0].flat.w.size == sum(p.size for p in model.parameters())


def test_modes_reach_every_layer():
    model = nested()
    assert model.eval() is model
    assert not any(module.training for _, module in model.named_modules())
    assert all(module.training for _, module in model.train().named_modules())


def test_state_goes_over_exactly_and_shares_no_memory():
    a, b = nested(), nested()
    for p in a.parameters():
        p.data = p.data * 1.5
    a(X)
    saved = a.state_dict()
    b.load_state_dict(saved)
    for value in saved.values():
        value[...] = 0
    assert b[3].seen == 6
    assert np.array_equal(a(X), b(X))
    assert a[3].seen == b[3].seen == 12


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"0.weight": np.zeros((4, 3))}, ValueError, r"0.weight has shape \(4, 4\), got \(4, 3\)"),
        ({"3.seen": np.zeros(2)}, ValueError, r"3.seen has shape \(\), got \(2,\)"),
        ({"3.seen": np.array("six")}, TypeError, "3.seen has dtype float64, got <U3"),
        ({"3.inner.bias": np.zeros(4) * 1j}, TypeError, "3.inner.bias .* got complex128"),
        ({"4.bias": np.zeros(4)}, ValueError, "one side only: 4.bias"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change, error, says):
    model = nested()
    before = model.state_dict()
    others = {name: value + 1 for name, value in before.items()}
    with pytest.raises(error, match=says):
        model.load_state_dict(others | change)
    after = model.state_dict()
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_the_gradient_goes_through_a_nested_model():
    loss = nn.MSELoss()
    assert nn.gradcheck(nested(), loss, X, np.ones((6, 4))) < 1e-6


@pytest.mark.parametrize("asked", [False, True])
def test_a_residual_computes_an_input_gradient_only_if_asked(asked):
    model = nn.Sequential(nn.Residual(linear()), input_grad=asked)
    loss = nn.MSELoss()
    loss(model(X), X)
    dx = model.backward(loss.backward())
    assert (None if dx is None else dx.shape) == (X.shape if asked else None)


def test_a_summary_shows_every_layer_with_its_shape_and_its_own_weights():
    model = nested()
    rows = model.summary((2, 4)).rows
    assert [row.name for row in rows] == ["0", "1", "2", "2.0", "2.1", "2.1.0", "3", "3.inner"]
    assert [row.parameters for row in rows] == [20, 0, 0, 20, 0, 16, 4, 20]
    assert {row.output_shape for row in rows} == {(2, 4)}
    assert rows[3].layer == "Linear(4, 4)"
    assert rows[2].layer == "Residual"
    assert model.summary().total == sum(p.size for p in model.parameters()) == 80


def test_a_summary_is_a_table_in_words():
    model = nn.Sequential(nn.Linear(64, 32, rng=0), nn.ReLU(), nn.Linear(32, 10, rng=0))
    assert repr(model.summary()).splitlines()[2].split() == ["0", "Linear(64,", "32)", "?", "2,080"]
    assert repr(model.summary((5, 64))) == (
        "name  layer           output shape  parameters\n"
        "----------------------------------------------\n"
        "0     Linear(64, 32)  (5, 32)            2,080\n"
        "1     ReLU()          (5, 32)                0\n"
        "2     Linear(32, 10)  (5, 10)              330\n"
        "----------------------------------------------\n"
        "      total                              2,410"
    )
    assert [row.name for row in linear().summary().rows] == [""]


def test_a_summary_remembers_the_last_forward_pass_and_puts_the_modes_back():
    model = nested()
    model[2].eval()
    model(X)
    assert model.summary().rows[0].output_shape == (6, 4)
    modes = [module.training for _, module in model.named_modules()]
    with pytest.raises(ValueError, match=r"Linear\(4, 4\) got an input of shape \(2, 3\)"):
        model.summary((2, 3))
    assert [module.training for _, module in model.named_modules()] == modes
    assert not all(modes)


def test_a_summary_draws_nothing_and_averages_nothing():
    model = nn.Sequential(linear(), nn.BatchNorm(4), nn.Dropout(rng=0))
    before = model.state_dict()
    model.summary((2, 4))
    assert all(np.array_equal(before[name], value) for name, value in model.state_dict().items())


twice = nn.Tanh()


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (
            lambda: nn.Residual(linear(4, 3))(X),
            ValueError,
            r"Residual\(Linear\(4, 3\)\) adds .* shape \(6, 4\) .* shape \(6, 3\)",
        ),
        (lambda: nn.Residual(), ValueError, "at least one layer"),
        (
            lambda: nn.Sequential(twice, nn.Sequential(linear(), twice)),
            ValueError,
            r"Tanh\(\) stands in this model twice, as 0 and as 1.1",
        ),
    ],
)
def test_a_model_that_cannot_work_is_refused(call, error, says):
    with pytest.raises(error, match=says):
        call()
