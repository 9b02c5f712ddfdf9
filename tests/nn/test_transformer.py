"""The layers make a small transformer that learns, in a second."""

import numpy as np
import pytest

from optlearn import datasets, nn, optim, schedules
from optlearn.training import evaluate, fit

SEEDS = range(3)


def block(width, heads, rng, causal=False):
    attention = nn.SelfAttention(width, heads, causal=causal, rng=rng)
    wide, narrow = nn.Linear(width, 2 * width, rng=rng), nn.Linear(2 * width, width, rng=rng)
    return (
        nn.Residual(nn.LayerNorm(width), attention),
        nn.Residual(nn.LayerNorm(width), wide, nn.GELU(), narrow),
    )


def train(model, x, y, epochs, batch_size, rng):
    steps = epochs * -(-len(x) // batch_size)
    schedule = schedules.cosine(3e-3, steps, warmup=steps // 20)
    optimizer = optim.AdamW(model.parameters(), lr=schedule)
    loader = datasets.DataLoader(x, y, batch_size, rng=rng)
    return fit(model, nn.CrossEntropyLoss(), optimizer, loader, epochs)


def digits(split):
    """Return images as sequences of eight rows of eight pixels."""
    x, y = datasets.load("digits", split)
    return x.reshape(-1, 8, 8), y


@pytest.mark.parametrize("seed", SEEDS)
def test_digits_are_read_row_by_row(seed):
    rng = np.random.default_rng(seed)
    model = nn.Sequential(
        nn.Linear(8, 32, rng=rng),
        nn.PositionEmbedding(8, 32, rng=rng),
        *block(32, 4, rng),
        nn.LayerNorm(32),
        nn.Flatten(),
        nn.Dropout(0.3, rng=rng),
        nn.Linear(8 * 32, 10, rng=rng),
    )
    train(model, *digits("train"), 15, 32, rng)
    assert evaluate(model, nn.CrossEntropyLoss(), *digits("test"))["accuracy"] >= 0.95


@pytest.mark.parametrize("seed", SEEDS)
def test_a_causal_transformer_says_again_what_it_has_heard(seed):
    rng = np.random.default_rng(seed)
    model = nn.Sequential(
        nn.Embedding(33, 32, weight_init=nn.init.normal(0.02), rng=rng),
        nn.PositionEmbedding(16, 32, rng=rng),
        *block(32, 4, rng, causal=True),
        nn.LayerNorm(32),
        nn.Linear(32, 33, rng=rng),
    )
    train(model, *datasets.copy_task(400 * 64, rng=rng), 1, 64, rng)
    new = datasets.copy_task(500, rng=rng)
    assert evaluate(model, nn.CrossEntropyLoss(), *new)["accuracy"] >= 0.999
