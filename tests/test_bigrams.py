"""A language whose probabilities are known: exact losses, and samples that agree with them."""

import numpy as np
import pytest

from optlearn import nn, optim
from optlearn.datasets import Bigrams, TableLoss, bigrams
from optlearn.nn import CrossEntropyLoss
from optlearn.training import fit

KINDS = ["zipf", "uniform"]


def logits(size=96, seed=0):
    return np.random.default_rng(seed).normal(size=(size, size))


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_is_a_probability_made_from_the_seed(kind):
    language = bigrams(kind, 30, rng=3)
    assert language.table.sum() == pytest.approx(1)
    assert language.table.min() > 0
    np.testing.assert_allclose(language.table.sum(axis=1), language.frequencies)
    np.testing.assert_allclose(language.following.sum(axis=1), 1)
    assert np.array_equal(language.table, bigrams(kind, 30, rng=3).table)
    assert not np.array_equal(language.table, bigrams(kind, 30, rng=4).table)


def test_only_the_frequencies_tell_the_two_kinds_apart():
    zipf, uniform = map(bigrams, KINDS)
    assert np.array_equal(zipf.following, uniform.following)
    np.testing.assert_allclose(zipf.frequencies[0] / zipf.frequencies, np.arange(1, 97))
    assert np.ptp(uniform.frequencies) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_the_entropy_is_the_loss_of_the_true_model_and_nothing_is_less(kind):
    language, loss = bigrams(kind), TableLoss()
    true = np.log(language.following)
    assert loss(true + 5, language.table) == pytest.approx(language.entropy, rel=1e-12)
    np.testing.assert_allclose(loss.backward(), 0, atol=1e-15)
    assert np.abs(language.excess(true)).max() < 1e-14
    assert (language.excess(logits()) > 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_the_excess_by_token_adds_up_to_the_excess_of_the_whole(kind):
    language = bigrams(kind)
    whole = TableLoss()(logits(), language.table) - language.entropy
    assert language.frequencies @ language.excess(logits()) == pytest.approx(whole, rel=1e-12)


def test_the_gradient_of_the_table_loss_is_its_slope():
    language, loss, out = bigrams("zipf", 5), TableLoss(), logits(5)
    loss(out, language.table)
    gradient, eps = loss.backward(), 1e-6
    for i in np.ndindex(out.shape):
        moved = [out.copy(), out.copy()]
        moved[0][i] += eps
        moved[1][i] -= eps
        slope = (loss(moved[0], language.table) - loss(moved[1], language.table)) / (2 * eps)
        assert gradient[i] == pytest.approx(slope, abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_samples_have_the_frequencies_of_the_table(kind):
    language = bigrams(kind, 8)
    ((x, y),) = language.batches(100_000, 1, rng=0)
    counts = np.zeros((8, 8))
    np.add.at(counts, (x, y), 1 / len(x))
    np.testing.assert_allclose(counts, language.table, atol=5e-3)
    sampled = CrossEntropyLoss()(logits(8)[x], y)
    assert sampled == pytest.approx(TableLoss()(logits(8), language.table), rel=0.01)


def test_each_pass_draws_new_batches_that_follow_the_seed():
    language = bigrams()
    loader, again = (language.batches(16, 3, rng=1) for _ in range(2))
    first, second = list(loader), list(loader)
    assert len(loader) == len(first) == 3
    assert {len(x) for x, _ in first} == {16}
    assert np.array_equal(first, list(again))
    assert not np.array_equal(first, second)


def test_what_never_happens_costs_nothing():
    language = Bigrams([0.5, 0.5], [[1.0, 0.0], [0.5, 0.5]])
    assert language.entropy == pytest.approx(0.5 * np.log(2))
    assert language.excess([[50.0, -50.0], [0.0, 0.0]]) == pytest.approx([0, 0])
    for x, y in language.batches(50, 4, rng=0):
        assert not y[x == 0].any()


def table_model(size):
    return nn.Sequential(
        nn.Embedding(size, size, weight_init=lambda s, _: np.zeros(s), dtype=float)
    )


def test_a_table_of_logits_learns_the_language_from_the_whole_and_from_samples():
    language = bigrams("uniform", 12)
    for loss, loader, lr in (
        (TableLoss(), language.whole() * 200, 3.0),
        (CrossEntropyLoss(), language.batches(256, 200, rng=0), 3.0),
    ):
        model = table_model(12)
        before = language.frequencies @ language.excess(model(language.tokens))
        fit(model, loss, optim.SGD(model.parameters(), lr=lr), loader, 1)
        after = language.frequencies @ language.excess(model(language.tokens))
        assert after < 0.1 * before


def test_sampled_training_goes_on_exactly_from_a_checkpoint(tmp_path):
    def run(epochs, **options):
        language, model = bigrams("zipf", 12), table_model(12)
        optimizer = optim.Adam(model.parameters(), lr=0.05)
        fit(model, CrossEntropyLoss(), optimizer, language.batches(8, 5, rng=0), epochs, **options)
        return model(language.tokens)

    run(2, checkpoint=tmp_path / "c.npz")
    assert np.array_equal(run(5, checkpoint=tmp_path / "c.npz"), run(5))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: bigrams("zip"), "kind must be 'zipf' or 'uniform', got 'zip'"),
        (lambda: bigrams(vocabulary=1), "vocabulary must be a whole number >= 2, got 1"),
        (lambda: bigrams().batches(0, 1), "batch_size must be a whole number >= 1, got 0"),
        (lambda: bigrams().batches(1, 2.5), "steps must be a whole number >= 1, got 2.5"),
        (lambda: bigrams().excess(np.zeros(3)), r"logits must have shape \(96, 96\), got \(3,\)"),
        (lambda: TableLoss()(np.zeros((2, 2)), np.zeros((3, 3))), r"shape \(3, 3\), got \(2, 2\)"),
        (lambda: Bigrams([0.5, 0.6], np.eye(2)), "frequencies must be probabilities"),
        (lambda: Bigrams([0.5, 0.5], [[1.5, -0.5], [0, 1]]), "following must be probabilities"),
    ],
)
def test_bad_input_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()
