"""Different optimizers for different parameters of one model."""

import io

import numpy as np
import pytest

from optlearn import Parameter, rules
from optlearn.optim import (
    SGD,
    AdamW,
    FromRule,
    MultiOptimizer,
    Muon,
    NAdam,
    ScheduleFreeAdamW,
)


def model():
    rng = np.random.default_rng(0)
    return [
        Parameter(rng.normal(size=(3, 4)), "hidden"),
        Parameter(rng.normal(size=3), "bias"),
        Parameter(rng.normal(size=(2, 3)), "output"),
        Parameter(rng.normal(size=2)),
    ]


def children(params, lr=0.02):
    """Return one optimizer a parameter, of four kinds of state."""
    hidden, bias, output, last = params
    return (
        Muon([hidden], lr=lr),
        ScheduleFreeAdamW([bias], lr=lr),
        NAdam([output], lr=lr),
        FromRule(rules.adam, [last], lr=lr),
    )


def walk(optimizer, params, steps, seed=0):
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        for p in params:
            p.grad = rng.normal(size=p.shape)
        optimizer.step()
    return [p.data.copy() for p in params]


def equal(one, other):
    return all(map(np.array_equal, one, other))


class Each:
    """The children stepped by hand."""

    def __init__(self, *optimizers):
        self.optimizers = optimizers

    def step(self):
        for optimizer in self.optimizers:
            optimizer.step()


@pytest.mark.parametrize("nested", [False, True])
def test_it_does_what_its_children_do(nested):
    together, apart = model(), model()
    optimizers = children(together)
    if nested:
        optimizers = optimizers[0], MultiOptimizer(*optimizers[1:])
    optimizer = MultiOptimizer(*optimizers, params=together)
    assert equal(walk(optimizer, together, 20), walk(Each(*children(apart)), apart, 20))
    assert optimizer.t == 20
    assert optimizer.params == together
    optimizer.zero_grad()
    assert all((p.grad == 0).all() for p in together)


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda p: MultiOptimizer(), "needs at least one"),
        (
            lambda p: MultiOptimizer(SGD(p[:2]), SGD(p[1:])),
            "'bias' stands in children 0 and 1: leave it out of one",
        ),
        (lambda p: MultiOptimizer(SGD(p[1:]), params=p), "no child updates parameter 'hidden'"),
        (
            lambda p: MultiOptimizer(Muon(p[:1]), SGD(p[1:2]), params=iter(p)),
            "'output', 'number 3'",
        ),
    ],
)
def test_a_parameter_has_exactly_one_optimizer(build, says):
    with pytest.raises(ValueError, match=says):
        build(model())


def test_a_state_read_back_from_npz_continues_bit_identically():
    params = model()
    optimizer = MultiOptimizer(*children(params))
    start = walk(optimizer, params, 15)
    file = io.BytesIO()
    np.savez(file, **optimizer.state_dict())
    file.seek(0)
    copy = model()
    resumed = MultiOptimizer(*children(copy, lr=0.5))
    for p, w in zip(copy, start):
        p.data = w
    resumed.load_state_dict(dict(np.load(file)))
    assert equal(walk(optimizer, params, 15, seed=1), walk(resumed, copy, 15, seed=1))
    assert resumed.t == 30


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"3/v": np.zeros(3)}, r"'v' must have shape \(2,\)"),
        ({"3/class": "Adam"}, "state of Adam"),
        ({"4/t": 1}, "'4/t' belongs to no child: there are 4"),
        ({"t": 1}, "'t' belongs to no child"),
        ({"2/t": -1}, "t must be"),
        ({"2/product": None}, "the state lacks 'product'"),
    ],
)
def test_a_wrong_state_is_refused_and_no_child_changes(change, says):
    params = model()
    saved = MultiOptimizer(*children(model(), lr=0.5)).state_dict() | change
    saved = {k: v for k, v in saved.items() if v is not None}
    optimizer = MultiOptimizer(*children(params))
    walk(optimizer, params, 3)
    before = optimizer.state_dict()
    with pytest.raises(ValueError, match=says):
        optimizer.load_state_dict(saved)
    after = optimizer.state_dict()
    assert all(np.array_equal(before[key], after[key]) for key in before)


def test_no_child_moves_if_one_has_a_broken_schedule():
    params = model()
    first = SGD(params[:2], lr=0.1)
    second = AdamW(params[2:], lr=lambda t: 0.1 if t < 3 else np.nan)
    optimizer = MultiOptimizer(first, second)
    before = walk(optimizer, params, 2)
    with pytest.raises(ValueError, match="gave nan at step 3"):
        optimizer.step()
    assert equal(before, [p.data for p in params])
    assert (first.t, second.t) == (2, 2)
