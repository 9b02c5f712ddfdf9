"""Everything that shall run on a GPU runs on the double of CuPy, and on CuPy where there is a GPU.

On the double every number must be NumPy's, bit for bit, and what crosses between the device and
main memory is counted. On a GPU the numbers may differ by rounding and nobody counts.
"""

import contextlib
import copy
import io
import sys

import cupy_double
import numpy as np
import pytest

from optlearn import Parameter, backend, datasets, nn, optim, rules, schedules, training
from optlearn.optim import REGISTRY, MultiOptimizer
from optlearn.optim import base as optim_base
from optlearn.parameters import segments

CASES = [
    pytest.param(entry, case, id=f"{name}-{i}")
    for name, entry in REGISTRY.items()
    for i, case in enumerate(entry.cases)
]
SHAPES = ((3, 4), (5, 1), (2, 2, 2))
STEPS = 20


@pytest.fixture
def crossing(cupy):
    """Return ``crossing(up=, down=, scalar=)``: a block in which just this much may cross."""

    @contextlib.contextmanager
    def block(**expected):
        cupy_double.crossings.clear()
        yield
        if cupy is cupy_double.cupy:
            assert dict(cupy_double.crossings) == expected

    return block


@pytest.fixture
def same(cupy):
    """Return ``same(array, array)``: bit for bit on the double, up to rounding on a GPU."""

    def check(a, b):
        a, b = backend.to_host(a), backend.to_host(b)
        rtol, atol = (0, 0) if cupy is cupy_double.cupy else (1e-9, 1e-12)
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)

    return check


def params_on(device, shapes=SHAPES, dtype=np.float64):
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=shape).astype(dtype) for shape in shapes]
    return [Parameter(backend.to_device(a, device), f"p{i}") for i, a in enumerate(arrays)]


def put_gradients(params, t):
    rng = np.random.default_rng(t)
    for p in params:
        p.grad = rng.normal(size=p.shape)


def weights(params):
    return np.concatenate([backend.to_host(p.data).ravel() for p in params])


# The device


def without_a_device(cupy, monkeypatch):
    monkeypatch.setattr(cupy.cuda, "is_available", lambda: False)


def test_what_decides_is_a_device_and_not_that_cupy_imports(cupy, monkeypatch):
    assert backend.gpu_available()
    without_a_device(cupy, monkeypatch)
    assert not backend.gpu_available()
    monkeypatch.setitem(sys.modules, "cupy", None)  # an import fails now
    assert not backend.gpu_available()


def test_without_cupy_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(ImportError, match=r"pip install 'optlearn\[gpu\]'"):
        nn.Linear(2, 1).to("gpu")


def test_without_a_device_the_error_says_so_and_nothing_moves(cupy, monkeypatch):
    model = nn.Linear(2, 1)
    without_a_device(cupy, monkeypatch)
    with pytest.raises(RuntimeError, match="finds no CUDA device"):
        model.to("gpu")
    assert {p.device for p in model.parameters()} == {"cpu"}


@pytest.mark.parametrize("device", ["cuda", "cuda:0", None, 0])
def test_a_strange_device_is_refused_with_the_known_ones(device):
    with pytest.raises(ValueError, match=f"must be 'cpu' or 'gpu', got {device!r}"):
        backend.to_device([1.0], device)


def test_arrays_know_their_module_and_go_both_ways_unchanged(cupy, crossing):
    mine = np.random.default_rng(0).normal(size=(3, 2))
    with crossing(up=1):
        there = backend.to_device(mine, "gpu")
    assert backend.array_module(there) is cupy
    assert backend.device_of(there) == "gpu"
    with crossing():
        assert backend.as_array(there) is there
        assert isinstance(backend.to_device(there, "gpu"), cupy.ndarray)
    with crossing(down=1):
        back = backend.to_host(there)
    assert np.array_equal(back, mine)
    for host in (mine, 1.0, [1.0], np.float32(1)):
        assert backend.array_module(host) is np
        assert isinstance(backend.to_device(host, "cpu"), np.ndarray)


def test_data_go_up_to_meet_weights_and_nothing_comes_down_unasked(cupy, crossing):
    there = cupy.asarray(np.ones(2))
    with crossing(up=1):
        assert isinstance(backend.as_array([1, 2], like=there), cupy.ndarray)
    with crossing():
        assert backend.as_array(there, like=there) is there
        with pytest.raises(ValueError, match=r"move the model with \.to\('gpu'\)"):
            backend.as_array(there, like=np.ones(2))


# Parameters


def test_a_parameter_is_copied_where_its_array_lives_and_takes_arrays_of_both_sides(
    cupy, crossing, same
):
    there = cupy.asarray(np.ones((2, 2)))
    with crossing():
        p = Parameter(there, "w")
        there.fill(9)
        p.grad = cupy.asarray(there)
        p.data -= 0.5 * p.grad
    assert p.device == "gpu"
    same(p.data, np.full((2, 2), -3.5))
    with crossing(up=1):
        p.grad = np.full((2, 2), 2.0)
    same(p.grad, np.full((2, 2), 2.0))
    host = Parameter(np.zeros((2, 2)))
    host.data = p.data  # asked for
    same(host.data, p.data)


@pytest.mark.parametrize(
    ("value", "error"),
    [(np.ones(3), ValueError), (np.ones(2, complex), TypeError), (np.ones(2, bool), TypeError)],
)
@pytest.mark.parametrize("device", ["cpu", "gpu"])
def test_a_wrong_array_is_refused_on_the_device_too(cupy, value, error, device):
    p = Parameter(cupy.asarray(np.zeros(2)))
    with pytest.raises(error):
        p.data = backend.to_device(value, device)
    assert backend.to_host(p.data).tolist() == [0, 0]


def network(dtype=np.float64):
    rng = np.random.default_rng(1)
    return nn.Sequential(
        nn.Residual(nn.Linear(4, 4, rng=rng, dtype=dtype), nn.Tanh()),
        nn.Linear(4, 5, rng=rng, dtype=dtype),
        nn.ReLU(),
        nn.Linear(5, 5, rng=rng, dtype=dtype),
        nn.GELU(),
        nn.Linear(5, 5, bias=False, rng=rng, dtype=dtype),
        nn.Sigmoid(),
        nn.GELU("tanh"),
        nn.Linear(5, 3, rng=rng, dtype=dtype),
    )


def test_a_model_moves_and_comes_back_unchanged_and_stays_one_flat_vector(cupy):
    model = network()
    put_gradients(model.parameters(), 1)
    before = model.state_dict()
    gradients = [p.grad.copy() for p in model.parameters()]
    for device in ("gpu", "cpu"):
        assert model.to(device) is model
        ((w, g),) = segments(model.parameters())
        assert backend.device_of(w) == backend.device_of(g) == device
        assert {p.device for p in model.parameters()} == {device}
        after = model.state_dict()
        assert all(np.array_equal(before[name], after[name]) for name in before)
        for p, grad in zip(model.parameters(), gradients, strict=True):
            assert np.array_equal(backend.to_host(p.grad), grad)
        w.fill(3)  # the parameters are views of it
        g.fill(4)
        assert all((backend.to_host(p.data) == 3).all() for p in model.parameters())
        assert all((backend.to_host(p.grad) == 4).all() for p in model.parameters())
        model.load_state_dict(before)
        for p, grad in zip(model.parameters(), gradients, strict=True):
            p.grad = grad


def test_a_model_that_an_optimizer_updates_does_not_move(cupy):
    model = network()
    optimizer = optim.Adam(model.parameters())
    with pytest.raises(ValueError, match=r"'0.0.weight' cannot move .* before you build the opt"):
        model.to("gpu")
    assert {p.device for p in model.parameters()} == {"cpu"}
    assert model.to("cpu") is model  # where it is
    optimizer.step()


def test_layers_of_two_devices_can_be_joined_and_moved_together(cupy, same):
    first, second = nn.Linear(4, 3, rng=0).to("gpu"), nn.Linear(3, 2, rng=0)
    model = nn.Sequential(first, second)
    assert [p.device for p in model.parameters()] == ["gpu"] * 2 + ["cpu"] * 2
    before = weights(model.parameters())
    assert {p.device for p in model.to("gpu").parameters()} == {"gpu"}
    same(weights(model.parameters()), before)
    optim.SGD(model.parameters()).step()


def test_a_device_model_is_copied_on_the_device(cupy, crossing, same):
    model = network().to("gpu")
    optimizer = optim.Adam(model.parameters())
    with crossing():
        twin, other = copy.deepcopy((model, optimizer))
    for m, o in ((model, optimizer), (twin, other)):
        put_gradients(m.parameters(), 1)
        o.step()
    assert twin.parameters()[0].device == "gpu"
    same(weights(model.parameters()), weights(twin.parameters()))


def test_parameters_of_two_devices_are_refused(cupy):
    mixed = [Parameter(np.ones(2), "here"), Parameter(cupy.asarray(np.ones(2)), "there")]
    with pytest.raises(ValueError, match="'here' on cpu, 'there' on gpu"):
        optim.SGD(mixed)


# Optimizers


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("options", [{}, {"maximize": True, "weight_decay": 0.1}], ids=["", "max"])
@pytest.mark.parametrize(("entry", "case"), CASES)
def test_every_optimizer_equals_its_numpy_run_and_nothing_crosses_in_a_step(
    cupy, crossing, entry, case, options, dtype
):
    if cupy is not cupy_double.cupy and dtype == np.float32:
        pytest.skip("the rounding of 20 steps in float32 is the GPU's own")
    here, there = params_on("cpu", dtype=dtype), params_on("gpu", dtype=dtype)
    one, other = (entry.make(params, **{**case, **options}) for params in (here, there))
    for t in range(1, STEPS + 1):
        put_gradients(here, t)
        put_gradients(there, t)
        one.step()
        with crossing():
            other.step()
    tolerance = 0 if cupy is cupy_double.cupy else 1e-9
    np.testing.assert_allclose(weights(there), weights(here), rtol=tolerance, atol=tolerance)
    for name, vector in other.state.items():
        assert backend.device_of(vector) == "gpu"
        assert vector.dtype == dtype
        np.testing.assert_allclose(
            backend.to_host(vector), one.state[name], rtol=tolerance, atol=tolerance
        )


def test_one_sweep_updates_all_weights_of_a_gpu(cupy, monkeypatch):
    monkeypatch.setattr(optim_base, "BLOCK", 4)
    calls = []

    class Counting(optim.SGD):
        def update(self, w, *rest):
            calls.append(w.size)
            super().update(w, *rest)

    Counting(params_on("gpu")).step()
    Counting(params_on("cpu")).step()
    assert calls == [25, 4, 4, 4, 4, 4, 4, 1]


@pytest.mark.parametrize("start", ["cpu", "gpu"])
@pytest.mark.parametrize("name", REGISTRY)
def test_a_saved_state_continues_on_either_device(cupy, crossing, same, name, start):
    rate = schedules.cosine(0.05, 2 * STEPS)
    through = params_on(start)
    optimizer = REGISTRY[name].make(through, lr=rate, weight_decay=0.01)
    for t in range(STEPS):
        put_gradients(through, t)
        optimizer.step()
    downs = {"down": len(optimizer.state)} if start == "gpu" and optimizer.state else {}
    with crossing(**downs):
        saved = optimizer.state_dict()
    file = io.BytesIO()
    np.savez(file, **saved)
    file.seek(0)
    resumed = params_on("gpu")
    for p, q in zip(resumed, through, strict=True):
        p.data = q.data
    other = REGISTRY[name].make(resumed, lr=rate, weight_decay=0.5)
    with np.load(file) as arrays:
        loaded = dict(arrays)
    with crossing(**({"up": len(other.state)} if other.state else {})):
        other.load_state_dict(loaded)
    for vector in loaded.values():
        if vector.dtype.kind == "f" and vector.ndim:
            vector.fill(np.nan)  # must not be aliased
    for vector in optimizer.state:
        same(other.state[vector], optimizer.state[vector])
    for t in range(STEPS, 2 * STEPS):
        put_gradients(through, t)
        put_gradients(resumed, t)
        optimizer.step()
        other.step()
    same(weights(resumed), weights(through))


def muon_and_adamw(params):
    return MultiOptimizer(optim.Muon(params[:1]), optim.AdamW(params[1:]), params=params)


def from_rule(params):
    return optim.FromRule(rules.adam, params, lr=0.1, betas=(0.5, 0.9))


def from_a_rule_of_norms(params):
    return optim.FromRule(rules.lamb, params, lr=schedules.step_decay(0.1, 5, 0.5))


@pytest.mark.parametrize("build", [muon_and_adamw, from_rule, from_a_rule_of_norms])
def test_joint_optimizers_and_rules_of_your_own_equal_their_numpy_run(cupy, crossing, same, build):
    here, there = params_on("cpu"), params_on("gpu")
    one, other = build(here), build(there)
    for t in range(STEPS):
        put_gradients(here, t)
        put_gradients(there, t)
        one.step()
        with crossing():
            other.step()
    same(weights(there), weights(here))
    again = build(params_on("gpu"))
    again.load_state_dict(other.state_dict())
    assert again.t == STEPS


def test_a_rule_that_leaves_the_device_is_named_and_nothing_changes(cupy):
    def host_noise(w, g, m, t, lr=0.1):
        return w, np.zeros(w.shape)

    params = params_on("gpu")
    before = weights(params)
    optimizer = optim.FromRule(host_noise, params)
    with pytest.raises(ValueError, match="host_noise returned m on cpu"):
        optimizer.step()
    assert optimizer.t == 0
    assert np.array_equal(weights(params), before)


@pytest.mark.parametrize("hyper", [{"lr": np.array([0.1, 0.2])}, {"momentum": np.array([0.1, 0])}])
def test_settings_side_by_side_are_refused_on_a_gpu(cupy, hyper):
    p = Parameter(cupy.asarray(np.ones((2, 3))))
    with pytest.raises(ValueError, match="is an array, and settings side by side run on the CPU"):
        optim.SGD([p], **{"lr": 0.1, **hyper})


#: How often a GPU has to stop and tell a number: what a caller gets back as a Python number.
STOPS = {
    "step": (lambda params, optimizer: optimizer.step(), {}),
    "zero_grad": (lambda params, optimizer: optimizer.zero_grad(), {}),
    "clip_grad_value": (lambda params, optimizer: optim.clip_grad_value(params, 0.5), {}),
    "clip_grad_norm": (lambda params, optimizer: optim.clip_grad_norm(params, 0.5), {"scalar": 1}),
}


@pytest.mark.parametrize(("act", "crosses"), STOPS.values(), ids=STOPS)
def test_a_gpu_stops_only_for_what_the_caller_gets_back(cupy, crossing, same, act, crosses):
    gradients, answers = [], []
    for device, expected in (("cpu", {}), ("gpu", crosses)):
        params = params_on(device)
        optimizer = optim.Adam(params)
        put_gradients(params, 1)
        with crossing(**expected):
            answers.append(act(params[::-1], optimizer))  # backwards: three stretches of memory
        gradients.append(np.concatenate([backend.to_host(p.grad).ravel() for p in params]))
    same(*gradients)
    if answers[0] is not None:
        assert type(answers[1]) is float
        same(*answers)


# Networks

X = np.random.default_rng(2).normal(size=(6, 4))
LABELS = np.array([0, 2, 1, 1, 0, 2])


@pytest.mark.parametrize(
    ("loss", "y"),
    [(nn.CrossEntropyLoss(), LABELS), (nn.MSELoss(), X[:, :3])],
    ids=["labels", "mse"],
)
def test_a_network_trains_on_the_device_as_on_the_cpu(cupy, crossing, same, loss, y):
    here, there = network(), network().to("gpu")
    one, other = optim.Adam(here.parameters(), 0.01), optim.Adam(there.parameters(), 0.01)
    for _ in range(STEPS):
        expected = loss(here(X), y)
        here.backward(loss.backward())
        one.step()
        # A batch and its labels go up, twice here for the two ways of the residual; the loss
        # comes down as one number.
        with crossing(up=3, scalar=1):
            value = loss(there(X), y)
            there.backward(loss.backward())
            other.step()
        same(value, expected)
    same(weights(there.parameters()), weights(here.parameters()))


IMAGES = np.random.default_rng(3).normal(size=(2, 3, 4, 4))
#: Layers with an input for each, and what crosses forward and backward: the input, the mask of
#: ``Dropout``, which is drawn in main memory, and with each use the order of the gates.
LAYERS = {
    "BatchNorm": (lambda: nn.BatchNorm(3, dtype=np.float64), IMAGES, {"up": 1}),
    "Conv2d": (lambda: nn.Conv2d(3, 2, 3, padding=1, rng=0, dtype=np.float64), IMAGES, {"up": 1}),
    "Dropout": (lambda: nn.Dropout(0.5, rng=0), X, {"up": 1}),
    "Embedding": (lambda: nn.Embedding(3, 2, rng=0, dtype=np.float64), LABELS, {"up": 4}),
    "Flatten": (nn.Flatten, IMAGES, {}),
    "GELU": (nn.GELU, X, {}),
    "LayerNorm": (lambda: nn.LayerNorm(4, dtype=np.float64), X, {"up": 1}),
    "Linear": (lambda: nn.Linear(4, 2, rng=0, dtype=np.float64), X, {"up": 1}),
    "MaxPool2d": (lambda: nn.MaxPool2d(3, stride=1), IMAGES, {}),
    "PositionEmbedding": (
        lambda: nn.PositionEmbedding(6, 4, rng=0, dtype=np.float64),
        X,
        {"up": 1},
    ),
    "ReLU": (nn.ReLU, X, {}),
    "SelfAttention": (
        lambda: nn.SelfAttention(4, 2, causal=True, rng=0, dtype=np.float64),
        X.reshape(2, 3, 4),
        {"up": 1},
    ),
    "GRU": (lambda: nn.GRU(4, 3, rng=0, dtype=np.float64), X.reshape(2, 3, 4), {"up": 6}),
    "LSTM": (lambda: nn.LSTM(4, 3, rng=0, dtype=np.float64), X.reshape(2, 3, 4), {"up": 11}),
    "RNN": (
        lambda: nn.RNN(4, 3, last=True, rng=0, dtype=np.float64),
        X.reshape(2, 3, 4),
        {"up": 1},
    ),
    "Residual": (lambda: nn.Residual(nn.LayerNorm(4, dtype=np.float64)), X, {"up": 2}),
    "Sequential": (
        lambda: nn.Sequential(
            nn.Conv2d(3, 2, 3, padding=1, rng=0, dtype=np.float64),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(8, 2, rng=0, dtype=np.float64),
        ),
        IMAGES,
        {"up": 1},
    ),
    "Sigmoid": (nn.Sigmoid, X, {}),
    "Tanh": (nn.Tanh, X, {}),
}


@pytest.mark.parametrize(("build", "x", "crosses"), LAYERS.values(), ids=LAYERS)
def test_a_layer_gives_on_the_device_what_it_gives_on_the_cpu(
    cupy, crossing, same, build, x, crosses
):
    one, other = build(), build()
    for layer in (one, other):
        layer.backward(layer(x), input_grad=True)  # what it keeps for the next batch stays behind
    other.to("gpu")
    # A layer without weights works where its input is.
    there = backend.to_device(x, "gpu") if not other.parameters() else x
    for train in ("train", "eval"):
        out = getattr(one, train)()(x)
        dx = one.backward(np.cos(out), input_grad=True)
        up = {} if train == "eval" and not other.parameters() else crosses
        with crossing(**up):
            result = getattr(other, train)()(there)
            gradient = other.backward(np.cos(result), input_grad=True)
        same(result, out)
        if dx is not None:  # words have no gradient
            same(gradient, dx)
        for p, q in zip(one.parameters(), other.parameters(), strict=True):
            same(q.grad, p.grad)
    saved, expected = other.state_dict(), one.state_dict()
    assert saved.keys() == expected.keys()
    for name in saved:
        assert type(saved[name]) is np.ndarray
        if saved[name].dtype.kind == "f":
            same(saved[name], expected[name])
    other.load_state_dict(expected)
    same(other(there), one(x))


def test_every_layer_stands_in_the_table():
    layers = {name: getattr(nn, name) for name in nn.__all__}
    layers = {n for n, c in layers.items() if isinstance(c, type) and issubclass(c, nn.Module)}
    assert layers - {"Module"} == set(LAYERS)


def test_the_norms_of_hidden_gradients_come_down(cupy, crossing, same):
    x, norms = X.reshape(2, 3, 4), []
    for device, down in (("cpu", {}), ("gpu", {"down": 1})):
        layer = nn.RNN(4, 3, rng=0, dtype=np.float64).to(device)
        layer.backward(layer(x))
        with crossing(**down):
            norms.append(layer.hidden_grad_norms())
    assert type(norms[1]) is np.ndarray
    same(*norms)


def test_an_input_on_the_gpu_of_a_model_on_the_cpu_is_refused_with_the_remedy(cupy):
    with pytest.raises(ValueError, match=r"move the model with \.to\('gpu'\)"):
        network()(cupy.asarray(X))


def test_weights_on_a_gpu_step_by_array_operations_whatever_form_is_chosen(
    cupy, crossing, monkeypatch
):
    pytest.importorskip("numba", reason="numba is not installed: uv sync --group ci")
    monkeypatch.setattr(backend.forms, "_chosen", "numba")
    here, there = params_on("cpu"), params_on("gpu")
    one, other = optim.Adam(here, 0.1), optim.Adam(there, 0.1)
    for t in range(STEPS):
        put_gradients(here, t)
        put_gradients(there, t)
        one.step()
        with crossing():
            other.step()
    np.testing.assert_allclose(weights(there), weights(here), rtol=1e-10)


@pytest.mark.parametrize("accumulate", [1, 2])
@pytest.mark.parametrize("name", ["adam", "schedule_free_sgd"])
def test_fit_trains_on_the_device_as_on_the_cpu(cupy, same, tmp_path, name, accumulate):
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(40, 4)), rng.integers(0, 3, 40)
    ends = []
    for device in ("cpu", "gpu"):
        for epochs in (2, 4):  # the second goes on from the checkpoint of the first
            model = network().to(device)
            optimizer = REGISTRY[name].make(model.parameters(), lr=0.05)
            history = training.fit(
                model,
                nn.CrossEntropyLoss(),
                optimizer,
                datasets.DataLoader(x, y, batch_size=16, rng=0),
                epochs,
                validation=(x, y),
                clip=0.5,
                accumulate=accumulate,
                checkpoint=tmp_path / f"{device}.npz",
            )
        ends.append((weights(model.parameters()), history))
    (here, one), (there, other) = ends
    same(there, here)
    for kept in ("loss", "val_loss", "val_accuracy"):
        assert len(other[kept]) == 4
        same(other[kept], one[kept])


def test_fit_stops_a_gpu_for_the_loss_a_look_at_the_gradients_and_the_norm(cupy, crossing):
    x, y = np.ones((12, 4)), np.zeros(12, int)
    model = nn.Sequential(nn.Linear(4, 3, rng=0, dtype=np.float64)).to("gpu")
    loader = datasets.DataLoader(x, y, batch_size=4, rng=0)
    optimizer = optim.Adam(model.parameters())
    steps = len(loader)
    with crossing(up=2 * steps, scalar=3 * steps):
        training.fit(model, nn.CrossEntropyLoss(), optimizer, loader, 1, clip=1.0)


def test_what_is_not_finite_is_named_on_the_device_too(cupy):
    model = network().to("gpu")
    loader = [(backend.to_device(np.full((2, 4), np.nan), "gpu"), np.zeros(2, int))]
    with pytest.raises(FloatingPointError, match=r"'0.0.weight' .* row 0 of the batch"):
        training.fit(model, nn.CrossEntropyLoss(), optim.SGD(model.parameters()), loader, 1)
