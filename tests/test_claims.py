"""The ledger: each verdict is what the stored numbers say, and each claim has its place."""

import re
from importlib import resources
from pathlib import Path

import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed: uv sync")

from optlearn import experiments
from optlearn.experiments import claims, judges

ALL = claims.all()
RUN = [claim for claim in ALL if claim.experiment]
ROOT = Path(__file__).parents[1]
LESSONS = (
    "00_start_here", "01_terminology", "02_gradient_descent", "03_stochastic_and_mini_batch",
    "04_momentum", "05_adaptive_methods", "06_adam", "07_landscapes",
    "08_vanishing_and_exploding", "09_weight_decay_and_overfitting",
    "10_schedules_and_batch_size", "11_tuning_fairly", "12_architectures",
    "13_layer_wise_optimizers", "14_choosing_an_optimizer",
)  # fmt: skip


def named(claim):
    return claim.id


def test_all_32_claims_stand_in_the_ledger():
    assert [claim.number for claim in ALL] == list(range(1, 33))
    assert len(RUN) >= 15


@pytest.mark.parametrize("claim", ALL, ids=named)
def test_a_claim_is_found_under_its_name(claim):
    assert claims.get(claim.id) is claim
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", claim.id)


@pytest.mark.parametrize("claim", ALL, ids=named)
def test_a_claim_has_a_verdict_of_the_literature_with_its_reason_and_a_lesson(claim):
    assert claim.literature in claims.LITERATURE
    assert claim.lesson in LESSONS
    assert claim.claim.endswith(".")
    assert claim.why.endswith(".")
    for source in claim.sources:
        assert source.author
        assert 1950 < source.year < 2030
        assert source.showed


def test_each_lesson_that_exists_is_named_as_the_ledger_names_it():
    assert {path.stem for path in (ROOT / "lessons").glob("*.ipynb")} <= set(LESSONS)


@pytest.mark.parametrize("claim", ALL, ids=named)
def test_what_the_literature_disputes_has_both_sides(claim):
    if claim.literature == "contested":
        assert claim.sources


@pytest.mark.parametrize("claim", ALL, ids=named)
def test_the_stored_numbers_say_what_the_ledger_asserts(claim):
    assert claim.asserts in claims.HERE
    assert claim.here == claim.asserts


@pytest.mark.parametrize("claim", RUN, ids=named)
def test_a_claim_is_decided_only_where_its_interval_is_on_one_side(claim):
    low, high = claim.ci95
    assert low <= claim.effect <= high
    above, below = low >= claim.interest, high < claim.interest
    supports = above if claim.predicts == "more" else below
    assert claim.here == ("shown" if supports else "refuted" if above or below else "undecided")


@pytest.mark.parametrize("claim", RUN, ids=named)
def test_the_experiment_of_a_claim_is_fresh_and_has_seeds_enough(claim):
    assert experiments.get(claim.experiment).stale() == ""
    assert claim.n >= 5
    assert claim.smallest_effect >= 0
    assert claim.interest > 0


@pytest.mark.parametrize("claim", RUN, ids=named)
def test_a_claim_says_what_was_tested_in_which_unit(claim):
    for words in (claim.tested, claim.effect_of, claim.unit):
        assert words


@pytest.mark.parametrize("claim", ALL, ids=named)
def test_what_was_not_run_has_no_numbers(claim):
    if not claim.experiment:
        given = claim.effect, claim.ci95, claim.smallest_effect, claim.n, claim.interest
        assert given == (None,) * 5
        assert not claim.tested


@pytest.mark.parametrize("name", sorted({claim.experiment for claim in RUN}))
def test_no_learning_rate_of_a_judged_experiment_lies_at_an_edge(name):
    def edges(value, key=""):
        if isinstance(value, dict):
            for name, one in value.items():
                yield from edges(one, name)
                if key == "edges":
                    yield name
        elif isinstance(value, list):
            for one in value:
                yield from edges(one, key)
        elif key == "edge" and value:
            yield value

    assert list(edges(experiments.get(name).result())) == []


def test_every_judge_has_its_claim():
    known = {claim.id.replace("-", "_") for claim in RUN}
    public = {
        name
        for module in (judges.speed, judges.quality)
        for name, value in vars(module).items()
        if getattr(value, "__module__", "") == module.__name__ and not name.startswith("_")
    }
    assert public == known


@pytest.mark.parametrize(
    ("ci95", "predicts", "says"),
    [
        ((1.0, 2.0), "more", "shown"),
        ((1.0, 2.0), "less", "refuted"),
        ((0.0, 0.9), "more", "refuted"),  # there is an effect, but none of interest
        ((0.1, 0.9), "less", "shown"),
        ((0.1, 1.1), "more", "undecided"),
        ((-3.0, 5.0), "less", "undecided"),
        ((-2.0, -1.0), "more", "refuted"),
        ((0.0, 0.0), "less", "shown"),
    ],
)
def test_an_interval_decides_about_the_smallest_effect_of_interest(ci95, predicts, says):
    assert claims.verdict(ci95, 1.0, predicts) == says


def test_the_ledger_quotes_nothing_of_more_than_three_words():
    text = (resources.files(experiments) / "claims.toml").read_text("utf8")
    inner = re.findall(r"[“‘«]([^”’»]*)|\\\"([^\"]*)\\\"", text)
    assert all(len("".join(quote).split()) <= 3 for quote in inner)


@pytest.mark.parametrize("claim", ALL, ids=named)
def test_a_card_says_everything_as_text_and_as_markdown(claim):
    card = claims.card(claim.id)
    for shown in (repr(card), card._repr_markdown_()):
        assert claim.claim in shown
        assert claim.why in shown
        assert claim.here.replace("_", " ") in shown
        for source in claim.sources:
            assert f"{source.author} ({source.year})" in shown
        for words in (claim.tested, *claim.beside):
            assert words in shown
    assert "**" not in repr(card)


def test_the_table_has_a_row_a_claim():
    rows = repr(claims.table()).splitlines()
    assert len(rows) == 33
    assert max(map(len, rows)) <= 170
    assert len(claims.table()._repr_markdown_().splitlines()) == 34
    assert len(repr(claims.table("no-best-optimizer")).splitlines()) == 2


def test_an_unknown_claim_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown claim 'x': known are weights-change"):
        claims.get("x")
