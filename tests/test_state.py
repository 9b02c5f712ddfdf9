"""A saved state continues where it was saved, and fits nothing else."""

import copy
import io
import pickle

import numpy as np
import pytest

from optlearn import Parameter, nn
from optlearn.optim import REGISTRY, NAdam
from optlearn.parameters import segments

STEPS = 60


def rate(t):
    """Rise from zero over 20 steps, then fall."""
    return 0.05 * min((t - 1) / 20, 1) * (1 - t / 100)


def params():
    rng = np.random.default_rng(2)
    return [Parameter(rng.normal(size=shape), str(shape)) for shape in ((3, 2), (2, 4))]


def walk(optimizer, steps):
    """Take the gradients of the steps that come next."""
    for t in range(optimizer.t + 1, optimizer.t + steps + 1):
        for i, p in enumerate(optimizer.params):
            p.grad = np.random.default_rng([i, t]).normal(size=p.shape)
        optimizer.step()


def through_npz(saved):
    file = io.BytesIO()
    np.savez(file, **saved)
    file.seek(0)
    return dict(np.load(file))  # without pickle: only arrays, numbers and text pass


OPTIONS = {
    "momentum": {"dampening": 0.5},
    "adagrad": {"lr_decay": 0.1, "initial_accumulator_value": 0.5},
    "rmsprop": {"centered": True, "momentum": 0.5},
    "nadam": {"momentum_decay": 0.5},
    "adamw": {"amsgrad": True},
    "muon": {"adjust_lr": "match_rms_adamw", "ns_steps": 3},
}


@pytest.mark.parametrize("stop", [1, 10, 35], ids="after {}".format)
@pytest.mark.parametrize("name", REGISTRY)
def test_training_resumes_bit_identically_in_the_middle_of_a_schedule(name, stop):
    through, options = params(), OPTIONS.get(name, {})
    optimizer = REGISTRY[name].make(through, lr=rate, weight_decay=0.01, **options)
    walk(optimizer, stop)
    saved = through_npz(optimizer.state_dict())
    fresh = params()
    for p, q in zip(fresh, through):
        p.data = q.data
    resumed = REGISTRY[name].make(fresh, lr=rate, weight_decay=0.5, **options)  # the saved wins
    walk(resumed, 7)  # what it did before must be forgotten
    for p, q in zip(fresh, through):
        p.data = q.data
    resumed.load_state_dict(saved)
    walk(optimizer, STEPS - stop)
    walk(resumed, STEPS - stop)
    assert all(np.array_equal(p.data, q.data) for p, q in zip(through, fresh))
    ends = optimizer.state_dict(), resumed.state_dict()
    assert ends[0].keys() == ends[1].keys()
    assert all(np.array_equal(ends[0][key], ends[1][key]) for key in ends[0])


def test_settings_side_by_side_resume_too():
    p, q = Parameter(np.ones((3, 2))), Parameter(np.ones((3, 2)))
    betas = np.array([0.5, 0.8, 0.9]), 0.99
    one = NAdam([p], lr=np.array([0.1, 0.2, 0.3]), betas=betas)
    walk(one, 10)
    saved = one.state_dict()
    other = NAdam([q], lr=np.ones(3), betas=betas)
    q.data = p.data
    other.load_state_dict(saved)
    for value in saved.values():
        if isinstance(value, np.ndarray):
            value.fill(np.nan)  # must not be aliased
    walk(one, 10)
    walk(other, 10)
    assert np.array_equal(p.data, q.data)


def others(name):
    """Return states that an optimizer must refuse, with the reason."""
    mine = REGISTRY[name].make(params())
    saved = mine.state_dict()
    tall = [Parameter(np.ones(shape)) for shape in ((2, 3), (4, 2))]
    fewer = [Parameter(np.ones((3, 2)))]
    stranger = "adam" if type(mine).__name__ != "Adam" else "nadam"
    yield REGISTRY[stranger].make(params()).state_dict(), "this is the state of"
    yield REGISTRY[name].make(tall).state_dict(), "shapes"
    yield REGISTRY[name].make(fewer).state_dict(), "shape"
    yield {**saved, "strange": 1.0}, "keeps no 'strange'"
    yield {**saved, "lr": -1.0}, "lr must be"
    yield {**saved, "lr": np.nan}, "lr must be"
    yield {**saved, "t": -1}, "t must be"
    for missing in saved.keys() - {"class", "lr"}:
        yield {k: v for k, v in saved.items() if k != missing}, f"lacks '{missing}'"
    yield {}, "state of None"


@pytest.mark.parametrize("name", REGISTRY)
def test_a_state_that_does_not_fit_is_refused_and_nothing_changes(name):
    optimizer = REGISTRY[name].make(params())
    walk(optimizer, 3)
    before, weights = optimizer.state_dict(), [p.data.copy() for p in optimizer.params]
    for saved, says in others(name):
        with pytest.raises(ValueError, match=says):
            optimizer.load_state_dict(saved)
        after = optimizer.state_dict()
        assert before.keys() == after.keys()
        assert all(np.array_equal(before[key], after[key]) for key in before), says
        assert all(np.array_equal(w, p.data) for w, p in zip(weights, optimizer.params))


@pytest.mark.parametrize("name", REGISTRY)
def test_state_is_named_zero_before_the_first_step_and_flat(name):
    optimizer = REGISTRY[name].make(params())
    assert tuple(optimizer.state) == REGISTRY[name].state
    for vector in optimizer.state.values():
        assert vector.shape == (14,)
        assert not vector.any()
    saved = optimizer.state_dict()
    assert set(optimizer.state) <= set(saved)
    assert saved["t"] == 0


COPIES = {"deepcopy": copy.deepcopy, "pickle": lambda what: pickle.loads(pickle.dumps(what))}


@pytest.mark.parametrize("duplicate", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("stop", [0, 10])
@pytest.mark.parametrize("name", REGISTRY)
def test_a_copy_goes_on_by_itself_and_leaves_the_original_alone(name, stop, duplicate):
    first = params()
    optimizer = REGISTRY[name].make(first, lr=rate, **OPTIONS.get(name, {}))
    walk(optimizer, stop)
    before = [p.data.copy() for p in first]
    second, twin = duplicate((first, optimizer))
    walk(twin, 5)
    assert all(np.array_equal(p.data, old) for p, old in zip(first, before, strict=True))
    walk(optimizer, 5)
    assert all(np.array_equal(p.data, q.data) for p, q in zip(first, second, strict=True))
    assert not any(np.array_equal(p.data, old) for p, old in zip(first, before, strict=True))


def test_a_copied_network_still_learns_as_one_vector():
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    twin = copy.deepcopy(model)
    loose = copy.deepcopy(Parameter(np.ones(3), "loose"))
    assert loose.data.tolist() == [1, 1, 1]
    ((w, _),) = segments(twin.parameters())
    w[:] = 7
    assert all((p.data == 7).all() for p in twin.parameters())
    assert not any((p.data == 7).any() for p in model.parameters())
