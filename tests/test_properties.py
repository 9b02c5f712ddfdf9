"""What holds for all gradients, not only for those of a stored path."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from optlearn import Parameter
from optlearn.optim import REGISTRY, Adam, AdamW

#: The same examples on every run, and no database left behind. Ten each: a table over the registry
#: repeats a property for every optimizer, and each example is a path of 20 steps in 12 weights.
few = settings(derandomize=True, max_examples=10, deadline=None, database=None)

ELEMENTWISE = [name for name, entry in REGISTRY.items() if entry.elementwise]
SIZE, STEPS = 12, 20


def paths(bound=10.0, size=SIZE, steps=STEPS):
    """Return a strategy of gradients, a row a step; entries are zero or at least 1e-3 in size."""
    size_ = st.floats(1e-3, bound)
    entry = st.one_of(st.just(0.0), size_, size_.map(lambda x: -x))
    return hnp.arrays(np.float64, (steps, size), elements=entry)


def walk(make, gradients, shapes=((SIZE,),), start=None, after=None):
    """Return the weights after all steps."""
    gradients = np.asarray(gradients)
    w = np.linspace(-1, 1, gradients.shape[1]) if start is None else start
    cuts = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
    params = [Parameter(part.reshape(s)) for part, s in zip(np.split(w, cuts), shapes)]
    optimizer = make(params)
    for g in gradients:
        for p, part in zip(params, np.split(g, cuts)):
            p.grad = part.reshape(p.shape)
        optimizer.step()
        if after:
            after(params)
    return np.concatenate([p.data.ravel() for p in params])


nonzero = st.floats(1e-4, 1e6).flatmap(lambda x: st.sampled_from([x, -x]))


@few
@given(g=hnp.arrays(np.float64, SIZE, elements=nonzero), lr=st.floats(1e-5, 1.0))
def test_the_first_step_of_adam_is_the_rate_against_the_sign(g, lr):
    w = walk(lambda p: Adam(p, lr=lr), [g], start=np.zeros(SIZE))
    np.testing.assert_allclose(w, -lr * np.sign(g), rtol=1.1e-4)  # eps / |g| at most


@few
@given(eps=st.floats(1e-12, 1e3), lr=st.floats(1e-5, 1.0), sign=st.sampled_from([-1, 1]))
def test_the_first_step_of_adam_is_half_where_the_gradient_is_eps(eps, lr, sign):
    (w,) = walk(lambda p: Adam(p, lr=lr, eps=eps), [[sign * eps]], ((1,),), np.zeros(1))
    assert w == pytest.approx(-sign * lr / 2, rel=1e-12)


@few
@given(lr=st.floats(1e-5, 1.0), wd=st.floats(1e-4, 0.9), steps=st.integers(1, 30))
def test_without_gradients_adamw_shrinks_by_the_rate_times_the_decay(lr, wd, steps):
    start = np.linspace(-3, 3, SIZE)
    w = walk(lambda p: AdamW(p, lr=lr, weight_decay=wd), np.zeros((steps, SIZE)), start=start)
    np.testing.assert_allclose(w, start * (1 - lr * wd) ** steps, rtol=1e-13)


@few
@given(gradients=paths(), lr=st.floats(1e-4, 0.1))
def test_a_loss_1024_times_as_large_leaves_adams_path(gradients, lr):
    def make(params):
        return Adam(params, lr=lr, eps=0)

    g = np.where(gradients == 0, 1e-3, gradients)  # 0/0 without eps
    # A power of two rounds nothing, so that the paths are the same to the last bit.
    assert np.array_equal(walk(make, g), walk(make, 1024 * g))
    np.testing.assert_allclose(walk(make, g), walk(make, 1000 * g), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", ELEMENTWISE)
@few
@given(gradients=paths(), order=st.permutations(range(SIZE)))
def test_permuting_the_coordinates_permutes_the_path(name, gradients, order):
    start = np.linspace(-1, 1, SIZE)
    plain = walk(REGISTRY[name].make, gradients, start=start)
    turned = walk(REGISTRY[name].make, gradients[:, order], start=start[order])
    assert np.array_equal(plain[order], turned)


@pytest.mark.parametrize("name", ELEMENTWISE)
@few
@given(gradients=paths(), cuts=st.sets(st.integers(1, SIZE - 1)))
def test_splitting_a_parameter_changes_nothing(name, gradients, cuts):
    edges = [0, *sorted(cuts), SIZE]
    shapes = [(b - a,) for a, b in pairwise(edges)]
    whole, split = (walk(REGISTRY[name].make, gradients, s) for s in (((SIZE,),), shapes))
    assert np.array_equal(whole, split)


@pytest.mark.parametrize("name", REGISTRY)
@few
@given(gradients=paths(), junk=st.floats(allow_nan=True, allow_infinity=True))
def test_a_gradient_overwritten_after_the_step_changes_nothing(name, gradients, junk):
    def overwrite(params):
        for p in params:
            p.grad.fill(junk)

    shapes = ((2, 3), (6, 1))
    kept = walk(REGISTRY[name].make, gradients, shapes)
    assert np.array_equal(kept, walk(REGISTRY[name].make, gradients, shapes, after=overwrite))


@pytest.mark.parametrize("name", ["schedule_free_sgd", "schedule_free_adamw"])
@pytest.mark.parametrize("broken", [False, True])
@few
@given(gradients=paths(bound=1e3), dtype=st.sampled_from([np.float32, np.float64]))
def test_averaged_gives_the_weights_back_exactly(name, broken, gradients, dtype):
    seen = []

    def look(params):
        before = [p.data.copy() for p in params]
        state = {key: v.copy() for key, v in optimizers[0].state.items()}
        try:
            with optimizers[0].averaged():
                seen.append([p.data.copy() for p in params])
                params[0].data[...] = 7  # whoever evaluates may do as he likes
                if broken:
                    raise KeyboardInterrupt
        except KeyboardInterrupt:
            assert broken
        assert all(np.array_equal(w, p.data) for w, p in zip(before, params))
        assert all(np.array_equal(state[key], v) for key, v in optimizers[0].state.items())

    def make(params):
        optimizers[:] = [REGISTRY[name].make(params)]
        return optimizers[0]

    optimizers = []
    walk(make, gradients, ((2, 3), (6,)), np.ones(SIZE, dtype), after=look)
    assert len(seen) == STEPS


#: How far float32 may be from float64 after 200 steps, as a share of the largest weight: 200
#: roundings of up to 6e-8 would be 1e-5 if they all fell one way, but they mostly cancel.
FLOAT32 = dict.fromkeys(REGISTRY, 2.5e-6)
#: They do not where every step multiplies by the same rounded factor (the decay 1 - lr * wd), or
#: is of the same length (Lion).
FLOAT32.update(adamw=1e-5, muon=1e-5, lion=1e-5)


@pytest.mark.parametrize("name", REGISTRY)
@pytest.mark.parametrize("seed", range(3))
def test_float32_stays_near_float64_over_200_steps(name, seed):
    g = np.random.default_rng(seed).normal(size=(200, SIZE)) * np.geomspace(1e-3, 1, SIZE)
    g = g.astype(np.float32)
    start, shapes = np.linspace(-1, 1, SIZE).astype(np.float32), ((2, 3), (6, 1))
    single = walk(REGISTRY[name].make, g, shapes, start)
    double = walk(REGISTRY[name].make, g.astype(float), shapes, start.astype(float))
    assert single.dtype == np.float32
    d = np.max(np.abs(single - double)) / np.max(np.abs(double))
    assert d <= FLOAT32[name]
