"""Every mistake is one: it leaves the right rule's path, and no two are the same."""

import numpy as np
import pytest

from optlearn import rules, wrong_rules
from optlearn.course.checks import trajectories
from optlearn.optim.registry import REGISTRY

RULES = ("sgd", "momentum", "nesterov")
ALL = [wrong for rule in RULES for wrong in wrong_rules.for_rule(rule)]
STATE = {"sgd": 0, "momentum": 1, "nesterov": 1}


def paths(function, rule, seed=0):
    drawn = [trajectories.by_hand(), *trajectories.cases(np.random.default_rng(seed))]
    with np.errstate(all="ignore"):
        return [trajectories.follow(function, case, STATE[rule]) for case in drawn]


@pytest.mark.parametrize("wrong", ALL, ids=lambda wrong: wrong.name)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_differs_from_the_right_rule(wrong, seed):
    right = paths(REGISTRY[wrong.rule].rule, wrong.rule, seed)
    mine = paths(wrong.function, wrong.rule, seed)
    assert any(trajectories.deviates(a, b) is not None for a, b in zip(mine, right))


@pytest.mark.parametrize("rule", RULES)
def test_no_two_are_the_same(rule):
    known = wrong_rules.for_rule(rule)
    walked = {wrong.name: paths(wrong.function, rule) for wrong in known}
    for name, mine in walked.items():
        same = [
            other
            for other, theirs in walked.items()
            if all(trajectories.deviates(a, b) is None for a, b in zip(mine, theirs))
        ]
        assert same == [name]


@pytest.mark.parametrize("wrong", ALL, ids=lambda wrong: wrong.name)
def test_sentence_is_one_friendly_sentence(wrong):
    assert wrong.sentence[0].isupper()
    assert wrong.sentence.endswith(".")
    assert 15 < len(wrong.sentence) < 100
    assert wrong.name.startswith(wrong.rule)


def test_names_and_sentences_are_unique_within_a_rule():
    assert len({wrong.name for wrong in ALL}) == len(ALL)
    for rule in RULES:
        sentences = [wrong.sentence for wrong in wrong_rules.for_rule(rule)]
        assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize(("rule", "least"), [("sgd", 15), ("momentum", 8), ("nesterov", 5)])
def test_there_are_enough(rule, least):
    assert len(wrong_rules.for_rule(rule)) >= least


def test_unknown_rules_have_none():
    assert wrong_rules.for_rule("nobody") == []


@pytest.mark.parametrize("wrong", ALL, ids=lambda wrong: wrong.name)
def test_does_not_change_its_input(wrong):
    w, g = np.array([1.0, 2.0]), np.array([3.0, -4.0])
    wrong.function(w, g, *[np.zeros(2)] * STATE[wrong.rule], t=1, lr=0.1)
    assert w.tolist() == [1, 2]
    assert g.tolist() == [3, -4]


def rewritten(w, g, t, lr):
    return ((w / lr - g) * lr,)


@pytest.mark.parametrize("seed", range(5))
def test_rewriting_the_right_rule_is_accepted(seed):
    """The tolerance holds what rounding does to a correct formula."""
    for mine, right in zip(paths(rewritten, "sgd", seed), paths(rules.sgd, "sgd", seed)):
        assert trajectories.deviates(mine, right) is None
