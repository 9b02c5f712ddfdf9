"""Promises that every optimizer of the registry keeps."""

import io

import numpy as np
import pytest

from optlearn import Parameter, backend, rules
from optlearn.optim import REGISTRY, SGD, clip_grad_norm, get
from optlearn.optim import base as optim_base

CASES = [
    pytest.param(entry, case, id=f"{name}-{i}")
    for name, entry in REGISTRY.items()
    for i, case in enumerate(entry.cases)
]
#: More than all that depends on t: RAdam changes its form at step 6, bias corrections fade.
STEPS = 60


def gradients(kind, size, seed=0):
    """Gradients that try an update rule: noisy and ill-conditioned, sparse, or tiny."""
    rng = np.random.default_rng(seed)
    scale = np.geomspace(1e-4, 1, size)
    while True:
        g = rng.normal(size=size)
        if kind == "ill-conditioned":
            yield scale * g
        elif kind == "sparse":
            yield g * (rng.uniform(size=size) < 0.1)
        else:
            yield 1e-7 * g


def rule_path(entry, case, params, kind):
    """Yield the flat weights, and the state by its names, that the rule and its helpers give."""
    wd = case.get("weight_decay", entry.make([Parameter([[0.0]])]).weight_decay)
    hyper = {k: v for k, v in {**entry.hyperparameters, **case}.items() if k in entry.arguments}
    groups = [p.data.copy() for p in params]
    if entry.elementwise:
        groups = [np.concatenate([w.ravel() for w in groups])]
    if entry.name == "muon":
        groups = [w.reshape(len(w), -1) for w in groups]
    sizes = np.cumsum([w.size for w in groups])[:-1]
    states = [[np.zeros_like(w) for _ in entry.rule_state] for w in groups]
    for t, stream in zip(range(1, STEPS + 1), gradients(kind, sum(w.size for w in groups))):
        for i, g in enumerate(np.split(stream, sizes)):
            w, g = groups[i], g.reshape(groups[i].shape)
            if entry.decay == "coupled":
                g = rules.coupled_decay(w, g, wd)
            elif entry.decay == "decoupled":
                w = rules.decoupled_decay(w, hyper["lr"], wd)
            groups[i], *states[i] = entry.rule(w, g, *states[i], t=t, **hyper)
        named = dict(zip(entry.rule_state, zip(*states)))
        yield (
            np.concatenate([w.ravel() for w in groups]),
            {k: np.concatenate([s.ravel() for s in v]) for k, v in named.items()},
        )


SHAPES = ((3, 4), (5, 1), (2, 2, 2))  # matrices all, since Muon takes nothing else


def params_of(w, shapes=SHAPES):
    params, start = [], 0
    for i, shape in enumerate(shapes):
        size = int(np.prod(shape))
        params.append(Parameter(w[start : start + size].reshape(shape), f"p{i}"))
        start += size
    return params


def put(params, g):
    start = 0
    for p in params:
        p.grad = g[start : start + p.size].reshape(p.shape)
        start += p.size


def flat(params):
    return np.concatenate([p.data.ravel() for p in params])


@pytest.mark.parametrize("kind", ["ill-conditioned", "sparse", "tiny"])
@pytest.mark.parametrize("block", [backend.BLOCK, 7], ids=["one piece", "many pieces"])
@pytest.mark.parametrize(("entry", "case"), CASES)
def test_the_fast_form_equals_the_rule(entry, case, kind, block, monkeypatch):
    monkeypatch.setattr(optim_base, "BLOCK", block)
    params = params_of(np.random.default_rng(1).normal(size=25))
    optimizer = entry.make(params, **case)
    largest = {}  # of each state vector so far: what it rounds at
    for g, (expected, state) in zip(gradients(kind, 25), rule_path(entry, case, params, kind)):
        put(params, g)
        optimizer.step()
        # Weights of size 1 that pass through zero keep the rounding of their size.
        np.testing.assert_allclose(flat(params), expected, rtol=1e-12, atol=1e-15)
        for name, vector in optimizer.state.items():
            largest[name] = max(largest.get(name, 0), np.abs(state[name]).max())
            rounding = 1e-14 * largest[name]
            np.testing.assert_allclose(vector, state[name], rtol=1e-12, atol=rounding)


@pytest.mark.parametrize(("entry", "case"), CASES)
def test_a_rule_changes_none_of_its_arguments(entry, case):
    w, g = np.ones((2, 2)), np.full((2, 2), 0.5)
    state = [np.full((2, 2), 0.25) for _ in entry.rule_state]
    hyper = {k: v for k, v in {**entry.hyperparameters, **case}.items() if k in entry.arguments}
    for t in (1, 2):
        new, *later = entry.rule(w, g, *state, t=t, **hyper)
        for array in (new, *later):
            array += 99
    assert (w == 1).all()
    assert (g == 0.5).all()
    assert all((s == 0.25).all() for s in state)


@pytest.mark.parametrize(("entry", "case"), CASES)
def test_overwriting_the_callers_gradient_after_a_step_changes_nothing(entry, case):
    paths = []
    for overwrite in (False, True):
        params = params_of(np.ones(25))
        optimizer = entry.make(params, **case)
        for g, _ in zip(gradients("ill-conditioned", 25), range(20)):
            put(params, g)
            optimizer.step()
            if overwrite:
                put(params, np.full(25, np.nan))
        paths.append(flat(params))
    assert np.array_equal(*paths)


@pytest.mark.parametrize(("entry", "case"), [c for c in CASES if c.values[0].elementwise])
def test_splitting_or_permuting_the_weights_permutes_the_path(entry, case):
    order = np.random.default_rng(3).permutation(25)
    ends = []
    for shapes, index in ((SHAPES, np.arange(25)), (((25,),), order)):
        params = params_of(np.linspace(-1, 1, 25)[index], shapes)
        optimizer = entry.make(params, **case)
        for g, _ in zip(gradients("ill-conditioned", 25), range(50)):
            put(params, g[index])
            optimizer.step()
        ends.append(flat(params))
    np.testing.assert_array_equal(ends[0][order], ends[1])


@pytest.mark.parametrize(("entry", "case"), CASES)
def test_a_state_read_back_from_npz_continues_bit_identically(entry, case):
    def train(params, optimizer, stream, steps):
        for _ in range(steps):
            put(params, next(stream))
            optimizer.step()

    params, stream = params_of(np.ones(25)), gradients("ill-conditioned", 25)
    optimizer = entry.make(params, **case)
    train(params, optimizer, stream, 20)
    file = io.BytesIO()
    np.savez(file, **optimizer.state_dict())
    file.seek(0)
    copy = params_of(flat(params))
    resumed = entry.make(copy, **{**case, "lr": 0.77})  # the saved learning rate must win
    saved = dict(np.load(file))
    resumed.load_state_dict(saved)
    for value in saved.values():  # must not be aliased
        if value.dtype.kind == "f" and value.ndim:
            value.fill(np.nan)
    twin_stream = gradients("ill-conditioned", 25, seed=5)
    train(params, optimizer, gradients("ill-conditioned", 25, seed=5), 20)
    train(copy, resumed, twin_stream, 20)
    assert np.array_equal(flat(params), flat(copy))
    assert resumed.t == 40


@pytest.mark.parametrize(("entry", "case"), CASES)
def test_maximize_climbs_the_path_that_minimizing_the_negative_descends(entry, case):
    ends = []
    for sign, maximize in ((1, True), (-1, False)):
        params = params_of(np.ones(25))
        optimizer = entry.make(params, **{"weight_decay": 0.1, **case}, maximize=maximize)
        for g, _ in zip(gradients("ill-conditioned", 25), range(20)):
            put(params, sign * g)
            optimizer.step()
        ends.append(flat(params))
    assert np.array_equal(*ends)


@pytest.mark.parametrize(
    ("entry", "case"),
    [c for c in CASES if c.values[0].decay == "coupled" and "weight_decay" not in c.values[1]],
)
def test_weight_decay_adds_to_the_gradient(entry, case):
    plain, decayed = params_of(np.ones(25)), params_of(np.ones(25))
    first = entry.make(plain, **case)
    second = entry.make(decayed, weight_decay=0.3, **case)
    for g, _ in zip(gradients("ill-conditioned", 25), range(20)):
        put(plain, g + 0.3 * flat(plain))
        put(decayed, g)
        first.step()
        second.step()
    np.testing.assert_allclose(flat(decayed), flat(plain), rtol=1e-12)


@pytest.mark.parametrize("name", [n for n in REGISTRY if REGISTRY[n].elementwise])
def test_hyperparameters_given_as_arrays_run_side_by_side(name):
    entry, rates = get(name), np.array([0.01, 0.1, 0.5])
    together = Parameter(np.ones((3, 2)))
    optimizer = entry.make([together], lr=rates)
    alone = [Parameter(np.ones(2)) for _ in rates]
    optimizers = [entry.make([p], lr=lr) for p, lr in zip(alone, rates)]
    for _ in range(30):
        together.grad = together.data * [1.0, 0.1]
        optimizer.step()
        for p, single in zip(alone, optimizers):
            p.grad = p.data * [1.0, 0.1]
            single.step()
    assert np.array_equal(together.data, [p.data for p in alone])


@pytest.mark.parametrize("name", REGISTRY)
def test_a_registry_entry_describes_its_optimizer(name):
    entry = REGISTRY[name]
    assert entry.name == name
    assert entry.source
    optimizer = entry.make([Parameter([[1.0]])])
    for key, value in entry.hyperparameters.items():
        assert getattr(optimizer, key) == value, key


def test_a_schedule_sets_the_rate_of_the_next_step_and_a_number_replaces_it():
    p = Parameter([0.0])
    optimizer = SGD([p], lr=lambda t: 1 / t)
    seen = []
    for _ in range(4):
        seen.append(optimizer.lr)
        p.grad = [-1.0]
        optimizer.step()
    assert seen == [1, 1 / 2, 1 / 3, 1 / 4]
    assert p.data[0] == pytest.approx(25 / 12)
    optimizer.lr = 0.5
    assert optimizer.lr == 0.5


def test_zero_grad_clears_every_gradient():
    params = params_of(np.ones(25))
    optimizer = SGD(params)
    put(params, np.ones(25))
    optimizer.zero_grad()
    assert all((p.grad == 0).all() for p in params)


def test_float32_stays_within_1e_5_of_float64_over_200_steps():
    ends = []
    for dtype in (np.float32, np.float64):
        p = Parameter(np.ones(25, dtype))
        optimizer = SGD([p], lr=0.02, momentum=0.9)
        for g, _ in zip(gradients("ill-conditioned", 25), range(200)):
            p.grad = g
            optimizer.step()
        ends.append(p.data)
    assert ends[0].dtype == np.float32
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-5, atol=1e-5)


P = Parameter([1.0], "w")


@pytest.mark.parametrize(
    ("params", "arguments", "error", "says"),
    [
        ([], {}, ValueError, "params is empty"),
        (P, {}, TypeError, "put the Parameter into a list"),
        ([np.zeros(3)], {}, TypeError, "wrap it in optlearn.Parameter"),
        ([P, P], {}, ValueError, "'w' stands in params twice"),
        ([P], {"lr": 0}, ValueError, "lr must be a finite number > 0, got 0"),
        ([P], {"lr": -1.0}, ValueError, "lr must be a finite number > 0, got -1.0"),
        ([P], {"lr": np.nan}, ValueError, "got nan"),
        ([P], {"lr": np.inf}, ValueError, "got inf"),
        ([P], {"lr": "fast"}, ValueError, "got 'fast'"),
        ([P], {"lr": None}, ValueError, "got None"),
        ([P], {"momentum": 1.0}, ValueError, "momentum must be a finite number >= 0 and < 1"),
        ([P], {"momentum": -0.1}, ValueError, "got -0.1"),
        ([P], {"momentum": np.nan}, ValueError, "got nan"),
        ([P], {"momentum": 0.9, "dampening": 2}, ValueError, "dampening must be .* <= 1"),
        ([P], {"weight_decay": -1}, ValueError, "weight_decay must be a finite number >= 0"),
        ([P], {"nesterov": True}, ValueError, "nesterov=True needs momentum > 0"),
        (
            [P],
            {"nesterov": True, "momentum": 0.9, "dampening": 0.1},
            ValueError,
            "dampening 0, got momentum=0.9 and dampening=0.1",
        ),
        ([P], {"lr": np.array([0.1, 0.2])}, ValueError, r"lr has shape \(2,\)"),
    ],
)
def test_bad_arguments_are_refused_with_the_value_and_the_remedy(params, arguments, error, says):
    with pytest.raises(error, match=says):
        SGD(params, **arguments)


@pytest.mark.parametrize("bad", [np.nan, -1.0, np.inf])
def test_a_schedule_that_gives_a_bad_rate_is_named_and_the_step_not_taken(bad):
    p = Parameter([1.0])
    optimizer = SGD([p], lr=lambda t: bad if t == 3 else 0.1, momentum=0.9)
    for _ in range(2):
        p.grad = [1.0]
        optimizer.step()
    before = p.data.copy(), optimizer.state["b"].copy(), optimizer.t
    with pytest.raises(ValueError, match=f"gave {bad} at step 3"):
        optimizer.step()
    assert (p.data.copy(), optimizer.state["b"].copy(), optimizer.t) == before


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"class": "Adam"}, "state of Adam, not of SGD"),
        ({"b": np.zeros(3)}, r"'b' must have shape \(2,\), got \(3,\)"),
        ({"b": None}, r"'b' must have shape \(2,\)"),
        ({"v": np.zeros(2)}, "keeps no 'v': build it with the options it was saved with"),
    ],
)
def test_another_optimizers_state_is_refused_and_nothing_changes(change, says):
    p = Parameter([1.0, 1.0])
    optimizer = SGD([p], momentum=0.9)
    p.grad = [1.0, 1.0]
    optimizer.step()
    with pytest.raises(ValueError, match=says):
        optimizer.load_state_dict({**optimizer.state_dict(), **change})
    assert optimizer.state["b"].tolist() == [1, 1]


def test_an_unknown_optimizer_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown optimizer 'adm': known are sgd, momentum"):
        get("adm")


@pytest.mark.parametrize(("largest", "expected"), [(10.0, 5.0), (1.0, 1.0)])
def test_clipping_bounds_the_joint_norm_and_returns_the_old_one(largest, expected):
    params = params_of(np.ones(25))
    SGD(params)
    put(params, np.full(25, 1.0))
    assert clip_grad_norm(params, largest) == pytest.approx(5)
    norm = np.sqrt(sum((p.grad**2).sum() for p in params))
    assert norm == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("bad", [0, -1, np.nan])
def test_clipping_refuses_a_norm_that_is_not_positive(bad):
    with pytest.raises(ValueError, match="max_norm must be > 0"):
        clip_grad_norm([], bad)
