"""What each layer does beyond its formula: dtypes, modes, randomness, and what it refuses."""

import math

import numpy as np
import pytest

from optlearn import datasets, nn, optim
from optlearn.nn.gelu import normal
from optlearn.training import fit

rng = np.random.default_rng(0)
X = rng.normal(size=(6, 4))
SEQUENCES = rng.normal(size=(3, 5, 4))
WORDS = rng.integers(7, size=(3, 5))

#: A layer in its own dtype, and an input in float64 or whole numbers.
LAYERS = {
    "linear": (lambda: nn.Linear(4, 3), X),
    "gelu": (lambda: nn.GELU(), X.astype("f")),
    "gelu, tanh": (lambda: nn.GELU("tanh"), X.astype("f")),
    "dropout": (lambda: nn.Dropout(np.float64(0.5)), X.astype("f")),
    "layer norm": (lambda: nn.LayerNorm(4, eps=np.float64(1e-5)), X),
    "batch norm": (lambda: nn.BatchNorm(4, momentum=np.float64(0.1)), X),
    "embedding": (lambda: nn.Embedding(7, 4), WORDS),
    "positions": (lambda: nn.PositionEmbedding(5, 4), SEQUENCES),
    "attention": (lambda: nn.SelfAttention(4, 2, causal=True), SEQUENCES),
    "rnn": (lambda: nn.RNN(4, 3), SEQUENCES),
    "rnn, last": (lambda: nn.RNN(4, 3, nonlinearity="relu", last=True), SEQUENCES),
    "gru": (lambda: nn.GRU(4, 3), SEQUENCES),
    "gru, last": (lambda: nn.GRU(4, 3, last=True), SEQUENCES),
    "lstm": (lambda: nn.LSTM(4, 3), SEQUENCES),
    "lstm, last": (lambda: nn.LSTM(4, 3, last=True), SEQUENCES),
    "residual": (lambda: nn.Residual(nn.LayerNorm(4), nn.Linear(4, 4)), X.astype("f")),
}


@pytest.mark.parametrize("mode", ["train", "eval"])
@pytest.mark.parametrize("name", LAYERS)
def test_layers_default_to_float32_and_keep_it(name, mode):
    make, x = LAYERS[name]
    layer = make()
    layer(x)
    out = getattr(layer, mode)()(x)
    dx = layer.backward(np.ones_like(out), input_grad=True)
    arrays = [out, *([] if dx is None else [dx]), *(p.data for p in layer.parameters())]
    arrays += [getattr(module, name) for _, module, name in layer.named_buffers()]
    assert {a.dtype for a in arrays if a.dtype.kind != "U"} == {np.dtype("f")}


@pytest.mark.parametrize("name", LAYERS)
def test_layers_change_neither_their_input_nor_the_gradient_they_are_given(name):
    make, x = LAYERS[name]
    layer, x = make(), x.copy()
    kept = x.copy()
    dout = np.ones_like(layer(x))
    layer.backward(dout)
    assert np.array_equal(x, kept)
    assert (dout == 1).all()


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_overwrite_what_was_there_and_no_input_gradient_is_computed_unasked(name):
    make, x = LAYERS[name]
    layer = make().eval()
    out = layer(x)
    layer.backward(np.ones_like(out))
    once = [p.grad.copy() for p in layer.parameters()]
    for p in layer.parameters():
        p.grad = np.full(p.shape, 7.0)
    assert layer.backward(np.ones_like(out), input_grad=False) is None
    assert all(np.array_equal(p.grad, g) for p, g in zip(layer.parameters(), once))


def test_the_same_seed_gives_the_same_start():
    makers = (
        lambda **kw: nn.Embedding(7, 4, **kw).parameters(),
        lambda **kw: nn.PositionEmbedding(5, 4, **kw).parameters(),
        lambda **kw: nn.SelfAttention(4, **kw).parameters()[::2],
    )
    for make in makers:
        for a, b, c in zip(make(rng=1), make(rng=1), make(rng=2)):
            assert np.array_equal(a.data, b.data)
            assert not np.array_equal(a.data, c.data)


def test_the_normal_distribution_is_right_to_the_last_digits():
    z = np.concatenate([np.linspace(-9, 9, 20_001), 1e-3 * rng.normal(size=1000)])
    erf = 2 * normal(z * math.sqrt(2))[0] - 1
    assert np.abs(erf - [math.erf(v) for v in z]).max() < 1e-15
    left = -np.linspace(0, 8, 1001)
    exact = np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in left])
    assert (np.abs(normal(left)[0] - exact) / exact).max() < 1e-6


def test_the_normal_distribution_is_right_in_single_precision_too():
    x = np.linspace(-9, 9, 10_001).astype("f")
    share, density = normal(x)
    exact = [0.5 * math.erfc(-v / math.sqrt(2)) for v in x.tolist()]
    assert share.dtype == density.dtype == np.float32
    assert np.abs(share - exact).max() < 2e-7


@pytest.mark.parametrize("dtype", ["f", "d"])
def test_gelu_is_at_ease_with_huge_numbers(dtype):
    x = np.array([-1e30, -40.0, 0.0, 40.0, 1e30], dtype)
    gelu = nn.GELU()
    np.testing.assert_allclose(gelu(x), np.maximum(x, 0), atol=1e-280)
    slopes = gelu.backward(np.ones_like(x))
    np.testing.assert_allclose(slopes, [0, 0, 0.5, 1, 1], atol=1e-280)


def test_gelus_short_cut_is_as_close_as_it_says():
    x = np.linspace(-6, 6, 1001)
    difference = np.abs(nn.GELU("tanh")(x) - nn.GELU()(x)).max()
    assert 4e-4 < difference < 5e-4


def test_layer_norm_does_not_care_for_shift_and_scale_of_an_example():
    norm = nn.LayerNorm(4, eps=0, dtype=np.float64)
    np.testing.assert_allclose(norm(5 * X + 3), norm(X), atol=1e-12)
    np.testing.assert_allclose(norm(X).mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(norm(X).var(axis=1), 1)


def test_running_averages_approach_the_statistics_of_the_data():
    norm = nn.BatchNorm(4, dtype=np.float64)
    batch = 3 * X + 2
    for _ in range(300):
        norm(batch)
    np.testing.assert_allclose(norm.running_mean, batch.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(norm.running_var, batch.var(axis=0, ddof=1), rtol=1e-12)
    one = norm.eval()(batch[:1])
    assert np.array_equal(one, norm(batch)[:1])


def test_dropout_keeps_the_mean_and_evaluation_is_the_identity():
    dropout, x = nn.Dropout(0.2, rng=0), np.ones((200, 500))
    out = dropout(x)
    assert set(np.unique(out)) == {0, 1.25}
    assert out.mean() == pytest.approx(1, abs=0.01)
    assert np.array_equal(dropout.backward(x), out)
    assert not np.array_equal(dropout(x), out)
    assert dropout.eval()(X) is X
    assert dropout.backward(X) is X
    assert not nn.Dropout(1)(x).any()
    assert np.array_equal(nn.Dropout(0)(x), x)


GENERATORS = ["PCG64", "MT19937", "Philox", "SFC64", "PCG64DXSM"]


@pytest.mark.parametrize("kind", GENERATORS)
def test_dropouts_generator_goes_on_from_a_saved_state(kind, tmp_path):
    a, b = (nn.Dropout(rng=np.random.Generator(getattr(np.random, kind)(s))) for s in (0, 1))
    a(X)
    np.savez(tmp_path / "state.npz", **a.state_dict())
    with np.load(tmp_path / "state.npz") as saved:
        b.load_state_dict(dict(saved))
    assert np.array_equal(a(X), b(X))


def test_the_state_of_another_generator_is_refused_and_changes_nothing():
    mersenne = nn.Dropout(rng=np.random.Generator(np.random.MT19937(0)))
    model = nn.Sequential(nn.Dropout(rng=1), nn.Linear(4, 3, rng=0), nn.Dropout(rng=2))
    before = model.state_dict()
    saved = {name: value + 1 for name, value in before.items() if "rng" not in name}
    saved |= {"0.rng_state": nn.Dropout(rng=5).rng_state, "2.rng_state": mersenne.rng_state}
    with pytest.raises(ValueError, match=r"draws from PCG64, .* that of MT19937"):
        model.load_state_dict(saved)
    after = model.state_dict()
    assert all(np.array_equal(before[name], after[name]) for name in before)


def noisy(seed):
    """Return the arguments of ``fit`` for a model with running averages and dropout."""
    draw = np.random.default_rng(seed)
    model = nn.Sequential(
        nn.Linear(2, 8, rng=draw),
        nn.BatchNorm(8),
        nn.GELU(),
        nn.Dropout(0.3, rng=draw),
        nn.Linear(8, 2, rng=draw),
    )
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    loader = datasets.DataLoader(*datasets.load("moons"), batch_size=32, rng=draw)
    return model, nn.CrossEntropyLoss(), optimizer, loader


def test_a_training_with_dropout_and_running_averages_goes_on_exactly(tmp_path):
    whole, halves, other = noisy(0), noisy(0), noisy(1)
    fit(*whole, 4)
    fit(*halves, 2, checkpoint=tmp_path / "run.npz")
    fit(*other, 4, checkpoint=tmp_path / "run.npz")
    expected, found = whole[0].state_dict(), other[0].state_dict()
    assert {"1.running_mean", "1.running_var", "3.rng_state"} < set(expected)
    assert all(np.array_equal(expected[name], found[name]) for name in expected)


def test_an_embedding_looks_up_and_adds_the_gradients_of_equal_words():
    table = nn.Embedding(7, 4, rng=0, dtype=np.float64)
    assert np.array_equal(table(WORDS), table.weight.data[WORDS])
    dout = rng.normal(size=(3, 5, 4))
    table.backward(dout)
    expected = np.zeros((7, 4))
    np.add.at(expected, WORDS, dout)
    np.testing.assert_allclose(table.weight.grad, expected, atol=1e-14)
    assert table(WORDS[:0]).shape == (0, 5, 4)
    table.backward(dout[:0])
    assert not table.weight.grad.any()


def test_an_embedding_starts_normal_and_positions_small():
    assert nn.Embedding(100, 50, rng=0).weight.data.std() == pytest.approx(1, rel=0.03)
    assert nn.PositionEmbedding(100, 50, rng=0).weight.data.std() == pytest.approx(0.02, rel=0.03)


def test_positions_have_one_vector_a_place_and_serve_shorter_sequences():
    layer = nn.PositionEmbedding(9, 4, rng=0, dtype=np.float64)
    assert np.array_equal(layer(SEQUENCES), SEQUENCES + layer.weight.data[:5])
    layer.weight.grad = np.ones((9, 4))
    layer.backward(SEQUENCES)
    np.testing.assert_allclose(layer.weight.grad[:5], SEQUENCES.sum(axis=0))
    assert not layer.weight.grad[5:].any()


def test_attention_weights_are_means_and_a_causal_one_does_not_see_the_future():
    layer = nn.SelfAttention(4, 2, causal=True, rng=0, dtype=np.float64)
    out = layer(SEQUENCES)
    assert layer.attention.shape == (3, 2, 5, 5)
    np.testing.assert_allclose(layer.attention.sum(axis=-1), 1)
    assert not np.triu(layer.attention, 1).any()
    changed = SEQUENCES.copy()
    changed[:, 3:] += 1
    np.testing.assert_array_equal(layer(changed)[:, :3], out[:, :3])
    assert not np.allclose(layer(changed)[:, 3:], out[:, 3:])


def test_attention_is_at_ease_with_huge_scores():
    layer = nn.SelfAttention(4, 2, causal=True, rng=0, dtype=np.float64)
    assert np.isfinite(layer(1e3 * SEQUENCES)).all()
    np.testing.assert_allclose(layer.attention.sum(axis=-1), 1)


def test_attention_without_positions_does_not_see_the_order():
    layer, order = nn.SelfAttention(4, 2, rng=0, dtype=np.float64), [3, 1, 4, 0, 2]
    np.testing.assert_allclose(layer(SEQUENCES[:, order]), layer(SEQUENCES)[:, order])


def test_attention_starts_like_pytorchs():
    layer = nn.SelfAttention(64, 4, rng=0)
    bound = math.sqrt(6 / (4 * 64))
    weights = np.abs(layer.in_proj_weight.data)
    assert 0.999 * bound < weights.max() <= bound
    assert not layer.in_proj_bias.data.any()
    assert not layer.out_proj.bias.data.any()
    own = nn.SelfAttention(8, weight_init=nn.init.orthogonal(), rng=0, dtype=np.float64)
    for matrix in (*np.split(own.in_proj_weight.data, 3), own.out_proj.weight.data):
        np.testing.assert_allclose(matrix @ matrix.T, np.eye(8), atol=1e-14)


def test_every_layer_can_be_summed_up_from_a_shape():
    for name, (make, x) in LAYERS.items():
        assert make().summary(x.shape).rows[0].output_shape == make()(x).shape, name


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: nn.GELU("fast"), ValueError, "'none' or 'tanh', got 'fast'"),
        (lambda: nn.LayerNorm(0), ValueError, "normalized_shape .* >= 1, got 0"),
        (lambda: nn.LayerNorm(()), ValueError, "at least one axis"),
        (lambda: nn.LayerNorm(4, eps=-1), ValueError, "eps must be finite and >= 0, got -1"),
        (lambda: nn.LayerNorm(3)(X), ValueError, r"LayerNorm\(3\) got .*\(6, 4\).*\(3,\)"),
        (lambda: nn.LayerNorm((5, 3))(SEQUENCES), ValueError, r"LayerNorm\(\(5, 3\)\) .*5, 4\)"),
        (lambda: nn.BatchNorm(2.5), ValueError, "num_features .* got 2.5"),
        (lambda: nn.BatchNorm(4, momentum=2), ValueError, "momentum must be from 0 to 1, got 2"),
        (lambda: nn.BatchNorm(3)(X), ValueError, r"BatchNorm\(3\) got .*\(6, 4\): .*\(N, 3\)"),
        (lambda: nn.BatchNorm(5)(SEQUENCES), ValueError, r"\(3, 5, 4\): .*\(N, 5, H, W\)"),
        (lambda: nn.BatchNorm(4)(X[:1]), ValueError, r"\(1, 4\) in training.*larger batch.*eval"),
        (lambda: nn.Dropout(1.5), ValueError, "p must be from 0 to 1, got 1.5"),
        (lambda: nn.Dropout(rng="0"), TypeError, "rng must be"),
        (lambda: nn.Embedding(0, 4), ValueError, "num_embeddings .* got 0"),
        (lambda: nn.Embedding(7, 4)(WORDS + 1), ValueError, r"Embedding\(7, 4\) got 7: .* 0 to 6"),
        (lambda: nn.Embedding(7, 4)(WORDS - 9), ValueError, "got -9: .* 0 to 6"),
        (lambda: nn.Embedding(7, 4)(X), TypeError, r"float64: use x.astype\(int\)"),
        (
            lambda: nn.PositionEmbedding(3, 4)(SEQUENCES),
            ValueError,
            r"PositionEmbedding\(3, 4\) got .*\(3, 5, 4\).* T from 1 to 3",
        ),
        (lambda: nn.PositionEmbedding(9, 3)(SEQUENCES), ValueError, r"\(3, 5, 4\).*\(..., T, 3\)"),
        (lambda: nn.PositionEmbedding(9, 4)(X[0]), ValueError, r"shape \(4,\)"),
        (lambda: nn.SelfAttention(6, 4), ValueError, "embed_dim 6 .* num_heads 4"),
        (lambda: nn.SelfAttention(6, 0), ValueError, "num_heads .* >= 1, got 0"),
        (lambda: nn.SelfAttention(6)(SEQUENCES), ValueError, r"\(3, 5, 4\).*\(N, T, 6\)"),
        (lambda: nn.SelfAttention(4)(X), ValueError, r"SelfAttention\(4, num_heads=1\) .*\(6, 4\)"),
        (lambda: nn.SelfAttention(4)(SEQUENCES[:, :0]), ValueError, r"\(3, 0, 4\).* T >= 1"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_the_value_and_the_remedy(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_a_batch_of_one_leaves_the_running_averages_as_they_were():
    norm = nn.BatchNorm(4)
    norm(X)
    before = norm.state_dict()
    with pytest.raises(ValueError, match="in training"):
        norm(X[:1])
    assert all(np.array_equal(before[name], value) for name, value in norm.state_dict().items())
