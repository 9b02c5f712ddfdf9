"""An optimizer from a learner's own function, in the form of the rules."""

import functools
import math

import numpy as np
import pytest

from optlearn import Parameter, rules
from optlearn.optim import REGISTRY, Adam, FromRule, MultiOptimizer


def learners_adam(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """Adam with the corrections folded into the rate, and with its arguments written into."""
    m *= betas[0]
    m += (1 - betas[0]) * g
    v *= betas[1]
    v += (1 - betas[1]) * g**2
    c = math.sqrt(1 - betas[1] ** t)
    w -= lr * c / (1 - betas[0] ** t) * m / (np.sqrt(v) + eps * c)
    return w, m, v


def pair():
    return [Parameter(np.linspace(-1, 1, 6).reshape(2, 3), "a"), Parameter([0.5, 2.0], "b")]


def walk(optimizer, params, steps, seed=0):
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        for p in params:
            p.grad = rng.normal(size=p.shape)
        optimizer.step()
    return np.concatenate([p.data.ravel() for p in params])


def snapshot(optimizer):
    values = [p.data.copy() for p in optimizer.params]
    return values, {k: np.copy(v) for k, v in optimizer.state_dict().items()}


def same(one, other):
    return all(map(np.array_equal, one[0], other[0])) and all(
        np.array_equal(one[1][key], other[1][key]) for key in one[1]
    )


def test_a_learners_adam_walks_the_path_of_ours():
    mine, ours = pair(), pair()
    end = walk(FromRule(learners_adam, mine, lr=0.01, betas=(0.8, 0.99)), mine, 100)
    np.testing.assert_allclose(
        end, walk(Adam(ours, lr=0.01, betas=(0.8, 0.99)), ours, 100), rtol=1e-12
    )


@pytest.mark.parametrize("name", [n for n in REGISTRY if n not in ("muon", "nesterov")])
def test_every_rule_of_the_library_is_in_the_form(name):
    entry = REGISTRY[name]
    mine, ours = pair(), pair()
    lr = entry.hyperparameters["lr"]
    hyper = {k: v for k, v in entry.hyperparameters.items() if k != "lr"}
    end = walk(FromRule(entry.rule, mine, lr=lr, **hyper), mine, 30)
    optimizer = entry.make(ours, weight_decay=0.0)
    np.testing.assert_allclose(end, walk(optimizer, ours, 30), rtol=1e-12)


def test_a_rule_may_use_norms_and_a_schedule():
    p = Parameter([[3.0, 4.0]])
    optimizer = FromRule(
        lambda w, g, t, lr: (w - lr * g / np.linalg.norm(g),), [p], lr=lambda t: 1 / t
    )
    for _ in range(3):
        p.grad = [[0.3, 0.4]]
        optimizer.step()
    np.testing.assert_allclose(p.data, [[3 - 0.6 * 11 / 6, 4 - 0.8 * 11 / 6]])


def gives(answer):
    """Return a rule that is right for the first parameter and wrong for the second."""

    def rule(w, g, m, t, lr=0.1):
        return (w - lr * g, m + g) if w.ndim == 2 else answer(w, m)

    return rule


def raises(w, m):
    raise ZeroDivisionError("in the rule")


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (lambda w, m: w, ValueError, r"rule must return a tuple of 2 arrays: \(w, m\)"),
        (lambda w, m: None, ValueError, "a tuple of 2 arrays"),
        (lambda w, m: (w,), ValueError, "a tuple of 2 arrays"),
        (lambda w, m: (w, m, m), ValueError, "a tuple of 2 arrays"),
        (lambda w, m: [w, m], ValueError, "a tuple of 2 arrays"),
        (lambda w, m: (w[:1], m), ValueError, r"returned w of shape \(1,\), .* has shape \(2,\)"),
        (lambda w, m: (w, 0.0), ValueError, r"returned m of shape \(\)"),
        (lambda w, m: (w, m + 1j), ValueError, "returned m of dtype complex128"),
        (lambda w, m: (w.astype(str), m), ValueError, "returned w of dtype <U32"),
        (raises, ZeroDivisionError, "in the rule"),
    ],
)
@pytest.mark.parametrize("wrap", [lambda o: o, lambda o: MultiOptimizer(Adam(others()), o)])
def test_a_wrong_return_is_refused_and_nothing_changes(answer, error, says, wrap):
    params = pair()
    good = {"on": True}

    def rule(w, g, m, t, lr=0.1):
        if good["on"]:
            return w - lr * g, m + g
        m += 1  # it may write into what it is given
        w += 1
        return gives(answer)(w, g, m, t, lr)

    optimizer = wrap(FromRule(rule, params))
    walk(optimizer, optimizer.params, 2)
    before = snapshot(optimizer)
    good["on"] = False
    with pytest.raises(error, match=says):
        optimizer.step()
    assert same(before, snapshot(optimizer))
    good["on"] = True
    optimizer.step()  # and it can go on
    assert optimizer.t == 3
    assert not same(before, snapshot(optimizer))


def others():
    return [Parameter(np.ones(3), "other")]


@pytest.mark.parametrize(
    ("rule", "hyper", "says"),
    [
        (lambda g, w, t, lr: (w,), {}, r"takes \(w, g, \*state, t, lr, ...\), got \(g, w, t, lr\)"),
        (lambda w, g, lr: (w,), {}, r"got \(w, g, lr\)"),
        (lambda w, g, t: (w,), {}, r"got \(w, g, t\)"),
        (lambda w, g, lr, t: (w,), {}, r"got \(w, g, lr, t\)"),
        (rules.sgd, {"momentum": 0.9}, "sgd takes no momentum"),
        (functools.partial(rules.sgd), {"eps": 0.9}, "takes no eps"),
    ],
)
def test_a_function_of_another_form_is_refused(rule, hyper, says):
    with pytest.raises(TypeError, match=says):
        FromRule(rule, pair(), **hyper)


def test_the_state_of_another_rule_is_refused():
    saved = FromRule(rules.adam, pair()).state_dict()
    with pytest.raises(ValueError, match=r"state of FromRule\(adam\), not of FromRule\(nadam\)"):
        FromRule(rules.nadam, pair()).load_state_dict(saved)
    FromRule(rules.adam, pair()).load_state_dict(saved)
