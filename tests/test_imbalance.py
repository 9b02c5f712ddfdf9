"""Rare tokens: the vectorised runs against the library's loop, and what they show."""

import json
from importlib import import_module

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed: uv sync")
mini_racer = pytest.importorskip("py_mini_racer", reason="mini-racer is not installed: uv sync")

from optlearn import datasets, experiments, explore, nn, optim, schedules, training  # noqa: E402
from optlearn.experiments import imbalance as runs  # noqa: E402

e = import_module("optlearn.explore.imbalance")


def arms():
    return experiments.get("imbalance.excess").result()["arms"]


@pytest.mark.parametrize("kind", e.KINDS)
@pytest.mark.parametrize("name", e.OPTIMIZERS)
@pytest.mark.parametrize("size", [4096, None])
def test_all_rates_and_seeds_at_once_are_the_librarys_runs(kind, name, size):
    rates, seeds = [0.03, 3.0], [5, 6]
    found = runs.train(kind, size, name, rates, seeds)["total"][-1]
    for i, j in np.ndindex(found.shape):
        lr, seed = rates[i], seeds[j]
        language = datasets.bigrams(kind, runs.VOCABULARY, rng=seed)
        table = nn.Embedding(96, 96, weight_init=lambda shape, _: np.zeros(shape), dtype=float)
        model = nn.Sequential(table)
        optimizer = optim.REGISTRY[name].make(model.parameters(), lr=schedules.linear(lr, 16))
        if size is None:
            training.fit(model, datasets.TableLoss(), optimizer, language.whole(), 16)
        else:
            loader = language.batches(size, 16, rng=np.random.default_rng([seed, 1]))
            training.fit(model, nn.CrossEntropyLoss(), optimizer, loader, 1)
        one = language.frequencies @ language.excess(model(language.tokens))
        np.testing.assert_allclose(found[i, j], one, rtol=1e-3)


def ahead(kind, size):
    """Return by how many nats Adam is ahead of SGD, a number a seed."""
    sgd, adam = (np.array(arms()[f"{kind}-{size}-{name}"]["total"]) for name in e.OPTIMIZERS)
    return sgd - adam


@pytest.mark.parametrize("size", e.SIZES)
@pytest.mark.parametrize("kind", e.KINDS)
def test_adam_is_ahead_only_with_rare_tokens_and_few_large_batches(kind, size):
    if kind == "zipf" and size in ("4096", "all"):
        assert (ahead(kind, size) > 0.1).all()
    else:
        assert (ahead(kind, size) < 0).all()


def test_it_is_the_rare_tokens_that_sgd_leaves():
    for size in ("4096", "all"):
        sgd, adam = (np.mean(arms()[f"zipf-{size}-{o}"]["groups"], 0) for o in e.OPTIMIZERS)
        assert (sgd - adam)[-1] > 0.5
        assert abs(sgd - adam)[1] < 0.05, "ranks 2 and 3"


def test_no_rate_was_chosen_at_the_end_of_its_grid():
    assert not any(arm["edge"] for arm in arms().values())
    assert len({len(rates) for rates in runs.RATES.values()}) == 1, "equal budgets"


def test_groups_and_the_course_add_up_to_the_total():
    result = experiments.get("imbalance.excess").result()
    for name, arm in arms().items():
        language = datasets.bigrams(name.split("-")[0], runs.VOCABULARY)
        shares = [language.frequencies[a - 1 : b].sum() for a, b in result["groups"]]
        np.testing.assert_allclose(arm["groups"] @ np.array(shares), arm["total"], rtol=1e-4)
        np.testing.assert_allclose(arm["course"][-1], np.mean(arm["total"]), rtol=1e-4)
        assert len(arm["course"]) == runs.LOOKS + 1


def test_the_browser_shows_what_was_computed():
    engine = mini_racer.MiniRacer()
    engine.eval(e.Imbalance._esm.replace("export default { render };", ""))
    for arm in arms().values():
        groups = np.array(arm["groups"])
        theirs = json.loads(engine.eval(f"JSON.stringify(spreads({json.dumps(arm['groups'])}))"))
        want = np.transpose([groups.mean(0), groups.min(0), groups.max(0)])
        np.testing.assert_allclose(theirs, want, rtol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"kind": "normal"}, "unknown kind 'normal': known are zipf, uniform"),
        ({"batch_size": 32}, "unknown batch_size '32': known are 16, 256, 4096, all"),
        ({"view": "time"}, "unknown view 'time': known are rank, course"),
    ],
)
def test_bad_input(arguments, says):
    with pytest.raises(ValueError, match=says):
        explore.imbalance(**arguments)
