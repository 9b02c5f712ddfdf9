"""Groups: what the browser says of every choice is what the library does; Muon's iteration."""

import itertools
import json
from importlib import import_module

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed: uv sync")
mini_racer = pytest.importorskip("py_mini_racer", reason="mini-racer is not installed: uv sync")

from optlearn import explore, rules  # noqa: E402

g, s = (import_module(f"optlearn.explore.{name}") for name in ("groups", "groups_singular"))


def script(kind):
    engine = mini_racer.MiniRacer()
    engine.eval(kind._esm.replace("export default { render };", ""))
    return lambda expression: json.loads(engine.eval(f"JSON.stringify({expression})"))


def test_every_choice_is_judged_as_the_library_does():
    js, explorer = script(g.Groups), explore.groups()
    choices = json.dumps(explorer.choices)
    refused = 0
    for owners in itertools.product(g.OWNERS, repeat=len(g.GROUPS)):
        named = dict(zip(g.GROUPS, owners, strict=True))
        explorer.set_state(named)
        theirs = js(f"judge({json.dumps(named)}, {choices})")
        assert theirs["refused"] == g.refusal(named), named
        assert theirs["code"] == explorer.code()
        assert theirs["state"] == explorer.state()
        refused += bool(theirs["refused"])
    assert refused == 448 + 1  # Muon for norm or biases: 1024 (1 - 9/16), and all frozen


def test_the_words_of_a_refusal_are_the_librarys():
    assert "Muon needs matrices, but parameter '2.weight'" in repr(explore.groups(norm="muon"))
    nobody = explore.groups(**dict.fromkeys(g.GROUPS, "frozen"))
    assert "MultiOptimizer needs at least one optimizer" in repr(nobody)
    advised = repr(explore.groups(embedding="muon"))
    assert advised.startswith("accepted")
    assert "not advised: a row of an embedding" in advised


def test_the_code_runs():
    from optlearn import optim

    explorer = explore.groups(embedding="sgd", output="frozen")
    model = g.network()
    params = {p.name: p for p in model.parameters()}
    lists = {group: [params[name] for name in names] for group, names in g.GROUPS.items()}
    names = {group: own if len(own) > 1 else own[0] for group, own in lists.items()}
    optimizer = eval(explorer.code(), {**vars(optim), **names, "model": model})
    assert [type(child).__name__ for child in optimizer.children] == ["Muon", "AdamW", "SGD"]
    assert len(optimizer.params) == 6  # all but the output's


@pytest.mark.parametrize("name", s.MATRICES)
@pytest.mark.parametrize("steps", range(s.MOST + 1))
def test_singular_values_go_through_the_polynomial(name, steps):
    matrix = s.matrix(name)
    theirs = script(s.Singular)(f"newtonSchulz({s.singular(matrix).tolist()}, {steps})")
    ours = s.singular(rules.orthogonalize(matrix, steps))
    np.testing.assert_allclose(sorted(theirs, reverse=True), ours, rtol=1e-10, atol=1e-10)


def test_five_steps_bring_most_of_a_real_momentum_near_one_and_more_steps_all():
    before, five, ten = (explore.groups("singular").values(k) for k in (0, 5, 10))
    assert before[0] / before[-1] > 1000
    assert five[0] / five[-1] < 10
    assert 0.1 < five[-1] < 0.6, "the weakest directions are still on their way"
    assert 0.65 < ten[-1] < ten[0] < 1.25


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: explore.groups("all"), ValueError, "unknown part 'all': known are layers, sing"),
        (lambda: explore.groups(bias="sgd"), TypeError, "no control 'bias' here: there are embed"),
        (lambda: explore.groups(norm="lion"), ValueError, "known are muon, adamw, sgd, frozen"),
        (lambda: explore.groups("singular", steps=11), ValueError, "steps is 11: choose a whole"),
        (lambda: explore.groups("singular", matrix="x"), ValueError, "known are digits, normal"),
    ],
)
def test_bad_input(call, error, says):
    with pytest.raises(error, match=says):
        call()
