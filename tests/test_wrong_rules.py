"""Every mistake is one: it leaves the right rule's path, and no two are the same."""

import functools
import inspect
from itertools import combinations

import numpy as np
import pytest
from right_styles import RIGHT, looped

from optlearn import wrong_rules
from optlearn.course.checks import trajectories, updates
from optlearn.optim.registry import REGISTRY
from optlearn.parameters import Parameter
from optlearn.wrong_rules import REVEALING

LEAST = {
    "sgd": 15,
    "momentum": 15,
    "nesterov": 15,
    "adagrad": 15,
    "rmsprop": 15,
    "adadelta": 15,
    "adam": 30,
    "amsgrad": 12,
    "adamw": 40,
}
RULES = tuple(LEAST)
ALL = [wrong for rule in RULES for wrong in wrong_rules.for_rule(rule)]


def runs(rule, seed):
    """Yield each case on its own."""
    for drawn, hyper in updates.tasks(rule, np.random.default_rng(seed)):
        for case in drawn:
            yield case, hyper


def path(function, rule, case, hyper):
    with np.errstate(all="ignore"):
        return trajectories.follow(function, case, len(REGISTRY[rule].rule_state), **hyper)


def same(a, b):
    return trajectories.deviates(a, b) is None


def undecided(functions, rule, seed=0):
    """Return the pairs of functions that no run tells apart."""
    pairs = set(combinations(functions, 2))
    for run in runs(rule, seed):
        walked = {f: path(functions[f], rule, *run) for f in {f for pair in pairs for f in pair}}
        pairs = {(a, b) for a, b in pairs if same(walked[a], walked[b])}
    return pairs


@functools.cache
def right_path(rule, seed, k, n):
    with np.errstate(all="ignore"):
        return updates.Known(rule, np.random.default_rng(seed)).right_path(k, n)


def test_every_rule_with_mistakes_is_in_the_tables():
    assert {wrong.rule for wrong in wrong_rules.KNOWN} == set(RULES) == set(REVEALING) == set(RIGHT)


@pytest.mark.parametrize("wrong", ALL, ids=lambda wrong: wrong.name)
@pytest.mark.parametrize("seed", [0, 1])
def test_differs_from_the_right_rule(wrong, seed):
    known = updates.Known(wrong.rule, np.random.default_rng(seed))
    with np.errstate(all="ignore"):
        assert any(
            not same(known.path(wrong.function, *place), right_path(wrong.rule, seed, *place))
            for place in known.places
        )


@pytest.mark.parametrize("rule", RULES)
def test_no_two_are_the_same(rule):
    functions = {wrong.name: wrong.function for wrong in wrong_rules.for_rule(rule)}
    assert undecided(functions, rule) == set()


def test_two_that_are_the_same_are_caught():
    """Looking ahead with the old buffer is plain momentum."""

    def with_old_buffer(w, g, b, t, lr, momentum=0.9):
        return w - lr * (g + momentum * b), momentum * b + g

    functions = {wrong.name: wrong.function for wrong in wrong_rules.for_rule("nesterov")}
    found = undecided({**functions, "old": with_old_buffer}, "nesterov")
    assert found == {("nesterov_looks_nowhere", "old")}


@pytest.mark.parametrize("wrong", ALL, ids=lambda wrong: wrong.name)
def test_has_the_arguments_of_the_right_rule(wrong):
    right = inspect.signature(wrong_rules.right(wrong.rule))
    assert inspect.signature(wrong.function) == right


def test_the_right_rule_is_the_one_of_the_library():
    for rule in set(RULES) - {"adamw"}:
        assert wrong_rules.right(rule) is REGISTRY[rule].rule


def test_the_right_adamw_decays_as_the_optimizer_does():
    right, hyper = wrong_rules.right("adamw"), {"lr": 0.1, "weight_decay": 0.5}
    w, g = np.array([1.0, -2.0]), np.array([0.3, 4.0])
    assert inspect.signature(right).parameters["weight_decay"].default == 1e-2
    parameter = Parameter(w.copy())
    optimizer = REGISTRY["adamw"].make([parameter], **hyper)
    state = [np.zeros(2), np.zeros(2)]
    for t in range(1, 6):
        parameter.grad[:] = g
        optimizer.step()
        w, *state = right(w, g, *state, t=t, **hyper)
        np.testing.assert_allclose(parameter.data, w, rtol=1e-13)


@pytest.mark.parametrize("wrong", ALL, ids=lambda wrong: wrong.name)
def test_sentence_is_one_friendly_sentence(wrong):
    assert wrong.sentence[0].isupper()
    assert wrong.sentence.endswith(".")
    assert 15 < len(wrong.sentence) < 100
    assert wrong.name.startswith(f"{wrong.rule}_")
    assert wrong.name == wrong.function.__name__


def test_names_and_sentences_are_unique_within_a_rule():
    assert len({wrong.name for wrong in ALL}) == len(ALL)
    for rule in RULES:
        sentences = [wrong.sentence for wrong in wrong_rules.for_rule(rule)]
        assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("rule", RULES)
def test_there_are_enough(rule):
    assert len(wrong_rules.for_rule(rule)) >= LEAST[rule]


def test_unknown_rules_have_none():
    assert wrong_rules.for_rule("nobody") == []


@pytest.mark.parametrize("wrong", ALL, ids=lambda wrong: wrong.name)
def test_does_not_change_its_input(wrong):
    names = REGISTRY[wrong.rule].rule_state
    given = [np.array([1.0, 2.0]), np.array([3.0, -4.0]), *(np.array([0.5, 0.7]) for _ in names)]
    before = [array.copy() for array in given]
    wrong.function(*given, t=1, lr=0.1)
    np.testing.assert_array_equal(given, before)


STYLES = [(rule, style) for rule in RULES for style in (*RIGHT[rule], looped(rule))]


@pytest.mark.parametrize(("rule", "style"), STYLES, ids=lambda x: getattr(x, "__name__", x))
@pytest.mark.parametrize("seed", range(3))
def test_rewriting_the_right_rule_is_accepted(rule, style, seed):
    """The tolerance holds what rounding does to a correct formula."""
    for case, hyper in runs(rule, seed):
        right = path(wrong_rules.right(rule), rule, case, hyper)
        at = trajectories.deviates(path(style, rule, case, hyper), right)
        assert at is None, f"{case.name} at {hyper}: step {at}"
