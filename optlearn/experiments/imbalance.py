"""Rare tokens: what SGD and Adam leave unlearned, by how often a token comes and by batch size."""

import numpy as np

from .. import datasets, rules, schedules
from .stored import experiment

VOCABULARY = 96
EXAMPLES = 65_536  # pairs of tokens that a run sees, whatever its batch size
SIZES = {"16": 16, "256": 256, "4096": 4096, "all": None}
#: Ranks of tokens that are reported together, the first and the last of each group.
GROUPS = [(1, 1), (2, 3), (4, 7), (8, 15), (16, 31), (32, 63), (64, 96)]
LOOKS = 16  # a run is looked at so often, after equal numbers of examples
RATES = {
    "sgd": [float(f"{10 ** (k / 4):.3g}") for k in range(1, 17)],  # 1.78 ... 10000
    "adam": [float(f"{10 ** (k / 4):.3g}") for k in range(-12, 4)],  # 0.001 ... 5.62
}


@experiment(choosing=3, seeds=8, rtol=0.1)
def excess(choosing, seeds):
    """Return the loss above the least possible, in nats, by frequency, batch size and optimizer.

    A table of logits, all 0 at first, learns what follows each of 96 tokens. The tokens follow
    Zipf's law or come equally often. Every run sees 65,536 pairs, so a batch of 16 takes 4096
    steps and one of 4096 takes 16; ``"all"`` takes these 16 steps with the exact gradient, as if
    the batch were endless. The rate falls linearly to 0. ``choosing`` seeds choose each first
    rate by the mean of the last loss; ``seeds`` others, the same for all arms, then measure it.
    Each seed is a language of its own.
    """
    arms = {}
    for kind in ("zipf", "uniform"):
        for size, number in SIZES.items():
            for name, rates in RATES.items():
                trial = train(kind, number, name, rates, range(1000, 1000 + choosing))
                means = trial["total"][-1].mean(axis=1)
                best = int(np.nanargmin(np.where(np.isfinite(means), means, np.nan)))
                run = train(kind, number, name, rates[best : best + 1], range(seeds))
                arms[f"{kind}-{size}-{name}"] = {
                    "lr": rates[best],
                    "edge": best in (0, len(rates) - 1),
                    "total": run["total"][-1, 0],
                    "groups": run["groups"][0],
                    "course": run["total"][:, 0].mean(axis=1),
                }
    return {"examples": EXAMPLES, "groups": GROUPS, "arms": arms}


def train(kind, batch_size, name, rates, seeds):
    """Train with every rate and every seed at once.

    Returns
    -------
    dict
        ``total``: the excess of the whole loss, shape (LOOKS + 1, rates, seeds); ``groups``: that
        of each group's tokens at the end, shape (rates, seeds, groups).
    """
    languages = [datasets.bigrams(kind, VOCABULARY, rng=seed) for seed in seeds]
    steps = EXAMPLES // (batch_size or max(filter(None, SIZES.values())))
    counts = _counts(languages, batch_size, steps, seeds)
    w = np.zeros((len(rates), len(languages), VOCABULARY, VOCABULARY), np.float32)
    state = [np.zeros_like(w) for _ in range({"sgd": 0, "adam": 2}[name])]
    first = np.array(rates, np.float32)[:, None, None, None]
    fall = schedules.linear(1.0, steps)
    total = []
    with np.errstate(all="ignore"):  # rates that are too high diverge
        for t, now in enumerate(counts, start=1):
            if (t - 1) % (steps // LOOKS) == 0:
                total.append(_weigh(languages, _excess(languages, w)))
            g = now.sum(axis=-1, keepdims=True) * _softmax(w) - now
            w, *state = getattr(rules, name)(w, g, *state, t=t, lr=np.float32(fall(t)) * first)
        rows = _excess(languages, w)
        total.append(_weigh(languages, rows))
    return {"total": np.array(total), "groups": _grouped(languages, rows)}


def _counts(languages, batch_size, steps, seeds):
    """Yield, step by step, each seed's share of every pair in its batch, (seeds, V, V)."""
    if batch_size is None:
        exact = np.array([language.table for language in languages], np.float32)
        for _ in range(steps):
            yield exact
        return
    loaders = [
        iter(language.batches(batch_size, steps, rng=np.random.default_rng([seed, 1])))
        for language, seed in zip(languages, seeds, strict=True)
    ]
    for batches in zip(*loaders, strict=True):
        shares = [
            np.bincount(x * VOCABULARY + y, minlength=VOCABULARY**2) / batch_size
            for x, y in batches
        ]
        yield np.reshape(shares, (-1, VOCABULARY, VOCABULARY)).astype(np.float32)


def _softmax(w):
    e = np.exp(w - w.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _excess(languages, w):
    """Return the excess of each token's loss, shape (rates, seeds, V)."""
    return np.array(
        [[language.excess(table) for language, table in zip(languages, row)] for row in w]
    )


def _weigh(languages, rows):
    return np.einsum("rsv,sv->rs", rows, [language.frequencies for language in languages])


def _grouped(languages, rows):
    """Return the mean excess of the tokens of each group, weighed by how often they come."""
    frequencies = languages[0].frequencies  # every language of a kind has the same
    return np.stack(
        [
            np.average(rows[..., a - 1 : b], axis=-1, weights=frequencies[a - 1 : b])
            for a, b in GROUPS
        ],
        axis=-1,
    )
