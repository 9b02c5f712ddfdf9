"""Questions 03.mean and 03.loop: the mean of a batch, and the loop over epochs and batches."""

import numpy as np
import pytest
from answers import Hostile, crashes, exits, rejected

from optlearn.course.checks import check
from optlearn.course.checks.a03_batches import WRONG_MEANS
from optlearn.course.checks.batches import ORDERS, READING, SIZES
from optlearn.course.checks.epochs import WRONG_STEPS, descend

# ------------------------------------------------------------------------------------ 03.mean


def mean_by_sum(each, batch):
    return sum(each[i] for i in batch) / len(batch)


def mean_in_lists(each, batch):
    return np.average([each[i] for i in batch], axis=0).tolist()


def mean_in_a_loop(each, batch):
    g = np.zeros(each.shape[1:])
    for i in batch:
        g += each[i] / len(batch)
    return g


def mean_by_weights(each, batch):
    chosen = np.bincount(batch, minlength=len(each)) / len(batch)
    return np.tensordot(chosen, each, axes=1)


def mean_in_place(each, batch):
    each[list(batch)] /= len(batch)
    return each[list(batch)].sum(axis=0)


MEANS_RIGHT = [
    mean_by_sum,
    mean_in_lists,
    mean_in_a_loop,
    mean_by_weights,
    lambda each, batch: each[batch].mean(0),
    lambda each, batch: np.take(each, batch, axis=0).sum(axis=0) / len(batch),
]

MEANS_ODD = {
    "rows and columns": lambda each, batch: each[batch].mean(axis=1),
    "one too few": lambda each, batch: each[batch].sum(axis=0) / max(1, len(batch) - 1),
    "single precision": lambda each, batch: each[batch].astype(np.float32).mean(axis=0),
    "leaves out the last": lambda each, batch: each[batch[:-1]].sum(axis=0) / len(batch),
    "numbers off by one": lambda each, batch: each[np.asarray(batch) - 1].mean(axis=0),
    "text": lambda each, batch: "mean",
    "crashes": crashes,
    "exits": exits,
    "hostile": lambda each, batch: Hostile(),
    "no function": np.ones(2),
}


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("solution", MEANS_RIGHT)
def test_mean_accepts(solution, fresh):
    report = check("03.mean", solution, fresh=fresh)
    assert report, report


@pytest.mark.parametrize("name", MEANS_ODD)
def test_mean_rejects(name):
    assert rejected("03.mean", MEANS_ODD[name]).score < 1


@pytest.mark.parametrize("name", WRONG_MEANS)
def test_mean_names_the_mistake(name):
    sentence, wrong = WRONG_MEANS[name]
    report = check("03.mean", lambda each, batch: wrong(each, np.asarray(batch)))
    assert report.matched == name
    assert sentence in " ".join(report.message.split())
    assert report.score <= 0.6


def test_mean_leaves_its_input_alone():
    report = rejected("03.mean", mean_in_place)
    assert report.matched == "changes_its_input"
    assert report.score == pytest.approx(0.8)


# ------------------------------------------------------------------------------------ 03.loop


def loop_of(epoch_batches, step=lambda w, g, lr: w - lr * g):
    """Return the loop whose epochs are ``epoch_batches(epoch, n, size, drop_last, rng)``."""

    def loop(gradient, start, lr, n, size, epochs, drop_last, rng):
        w = np.array(start, dtype=float)
        path = [w]
        for epoch in range(epochs):
            for batch in epoch_batches(epoch, n, size, drop_last, rng):
                w = step(w, gradient(w, batch), lr)
                path.append(w)
        return path

    return loop


def cut(order, size, drop_last):
    batches = [order[i : i + size] for i in range(0, len(order), size)]
    return [b for b in batches if len(b) == size or not drop_last]


def by_shuffle(epoch, n, size, drop_last, rng):
    order = np.arange(n)
    rng.shuffle(order)
    return cut(order.tolist(), size, drop_last)


def by_argsort(epoch, n, size, drop_last, rng):
    return cut(np.argsort(rng.random(n)), size, drop_last)


def by_choice(epoch, n, size, drop_last, rng):
    return cut(tuple(rng.choice(n, n, replace=False).tolist()), size, drop_last)


def by_counting(epoch, n, size, drop_last, rng):
    order = rng.permutation(n)
    for k in range(n // size if drop_last else -(-n // size)):
        yield order[k * size : (k + 1) * size]


def by_mask(epoch, n, size, drop_last, rng):
    for batch in by_counting(epoch, n, size, drop_last, rng):
        mask = np.zeros(n, dtype=bool)
        mask[batch] = True
        yield mask


def in_place(gradient, start, lr, n, size, epochs, drop_last, rng):
    w = np.array(start, dtype=np.float64)
    path = [w.copy()]
    for _ in range(epochs):
        left = list(rng.permutation(n))
        while len(left) >= (size if drop_last else 1):
            batch, left = left[:size], left[size:]
            w -= lr * gradient(w, batch)
            path.append(w.copy())
    return np.stack(path)


def in_lists(gradient, start, lr, n, size, epochs, drop_last, rng):
    path = [[float(v) for v in start]]
    for epoch in range(epochs):
        for batch in by_shuffle(epoch, n, size, drop_last, rng):
            g = gradient(np.array(path[-1]), batch)
            path.append([a - lr * b for a, b in zip(path[-1], g)])
    return path


LOOPS_RIGHT = [
    *(loop_of(f) for f in (by_shuffle, by_argsort, by_choice, by_counting, by_mask)),
    in_place,
    in_lists,
]


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("solution", LOOPS_RIGHT)
def test_loop_accepts(solution, fresh):
    report = check("03.loop", solution, fresh=fresh)
    assert report, report
    assert report.score == 1


def together(gradient, start, lr, n, size, epochs, drop_last, rng):
    orders = np.concatenate([rng.permutation(n) for _ in range(epochs)] or [[]]).astype(int)
    batches = cut(orders, size, drop_last)
    return loop_of(lambda *a: batches)(gradient, start, lr, n, size, 1, drop_last, rng)


def once(gradient, start, lr, n, size, epochs, drop_last, rng):
    kept = cut(rng.permutation(n), size, drop_last)
    return loop_of(lambda *a: kept)(gradient, start, lr, n, size, epochs, drop_last, rng)


def wraps(epoch, n, size, drop_last, rng):
    order = rng.permutation(n)
    return [np.resize(np.roll(order, -i), size) for i in range(0, n, size)]


def split(epoch, n, size, drop_last, rng):
    return np.array_split(rng.permutation(n), -(-n // size))


def number_for_size(epoch, n, size, drop_last, rng):
    return [b for b in np.array_split(rng.permutation(n), size) if len(b)]


def counts(n, size, drop_last):
    return [len(batch) for batch in cut(range(n), size, drop_last)]


def of_random(draw):
    """Return the epochs whose batches are ``draw(n, size of the batch, rng)``."""
    return lambda e, n, size, drop, rng: [draw(n, k, rng) for k in counts(n, size, drop)]


def shuffled_blocks(epoch, n, size, drop_last, rng):
    batches = cut(np.arange(n), size, drop_last)
    full = [b for b in batches if len(b) == size]
    return [*(full[i] for i in rng.permutation(len(full))), *batches[len(full) :]]


def late(epoch, n, size, drop_last, rng):
    return cut(np.arange(n) if epoch == 0 else rng.permutation(n), size, drop_last)


WRONG_BATCHES = {
    "reads_everything": loop_of(lambda e, n, size, drop, rng: [rng.permutation(n)]),
    "forgets_the_epochs": lambda *a: descend(*a[:5], min(a[5], 1), *a[6:]),
    "ignores_drop_last": lambda *a: descend(*a[:6], False, a[7]),
    "always_drops_the_last": lambda *a: descend(*a[:6], True, a[7]),
    "drops_a_full_batch": loop_of(
        lambda e, n, size, drop, rng: cut(rng.permutation(n), size, False)[: -1 if drop else None]
    ),
    "fills_the_last_batch": loop_of(wraps),
    "lets_epochs_run_together": together,
    "splits_evenly": loop_of(split),
    "takes_size_for_the_number": loop_of(number_for_size),
    "always_the_same_batch": loop_of(
        lambda e, n, size, drop, rng: [np.arange(n)[:k] for k in counts(n, size, drop)]
    ),
    "draws_with_replacement": loop_of(of_random(lambda n, k, rng: rng.integers(n, size=k))),
    "draws_each_batch_anew": loop_of(of_random(lambda n, k, rng: rng.permutation(n)[:k])),
    "never_shuffles": loop_of(lambda e, n, size, drop, rng: cut(np.arange(n), size, drop)),
    "shuffles_only_the_batches": loop_of(shuffled_blocks),
    "shuffles_once": once,
    "shuffles_too_late": loop_of(late),
    "does_not_use_rng": loop_of(
        lambda e, n, size, drop, rng: cut(np.random.default_rng().permutation(n), size, drop)
    ),
}


def test_every_known_mistake_is_tested():
    assert set(WRONG_BATCHES) == {*SIZES, *READING, *ORDERS}


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("name", WRONG_BATCHES)
def test_loop_names_the_wrong_batches(name, fresh):
    report = rejected("03.loop", WRONG_BATCHES[name], fresh=fresh)
    assert report.matched == name
    assert report.score <= 5 / 6


def own_seed(epoch, n, size, drop_last, rng):
    return cut(np.random.default_rng(epoch).permutation(n), size, drop_last)


def test_a_seed_of_its_own_is_noticed():
    assert check("03.loop", loop_of(own_seed)).matched == "does_not_use_rng"


def stale(gradient, start, lr, n, size, epochs, drop_last, rng):
    w = np.array(start, dtype=float)
    path = [w]
    for _ in range(epochs):
        place = w
        for batch in cut(rng.permutation(n), size, drop_last):
            w = w - lr * gradient(place, batch)
            path.append(w)
    return path


def sized_step(change):
    """Return the right loop whose step is ``change(w, g, lr, batch size)``."""

    def loop(gradient, start, lr, n, size, epochs, drop_last, rng):
        w = np.array(start, dtype=float)
        path = [w]
        for _ in range(epochs):
            for batch in cut(rng.permutation(n), size, drop_last):
                w = change(w, gradient(w, batch), lr, len(batch))
                path.append(w)
        return path

    return loop


def an_epoch_a_point(gradient, start, lr, n, size, epochs, drop_last, rng):
    path = descend(gradient, start, lr, n, size, epochs, drop_last, rng)
    return path[:: max(1, len(counts(n, size, drop_last)))]


def one_array(*args):
    path = descend(*args)
    return np.repeat(path[-1:], len(path), axis=0)


WRONG_WALKS = {
    "climbs": sized_step(lambda w, g, lr, size: w + lr * g),
    "forgets_lr": sized_step(lambda w, g, lr, size: w - g),
    "divides_again": sized_step(lambda w, g, lr, size: w - lr * g / size),
    "sums_the_batch": sized_step(lambda w, g, lr, size: w - lr * g * size),
    "stands_still": sized_step(lambda w, g, lr, size: w),
    "keeps_one_array": one_array,
    "keeps_the_start_twice": lambda *a: (lambda p: [*p[:1], *p[:-1]] if len(p) > 1 else p)(
        descend(*a)
    ),
    "forgets_the_start": lambda *a: descend(*a)[1:].reshape(-1, len(a[1])),
    "forgets_the_end": lambda *a: descend(*a)[:-1].reshape(-1, len(a[1])),
    "keeps_a_point_an_epoch": an_epoch_a_point,
    "steps_from_the_epochs_start": stale,
}


@pytest.mark.parametrize("name", WRONG_STEPS)
def test_loop_names_the_wrong_step(name):
    report = rejected("03.loop", WRONG_WALKS[name])
    assert report.matched == name
    assert report.score < 1


def changes_start(gradient, start, *rest):
    path = descend(gradient, start, *rest)
    start[:] = path[-1]
    return path


def endless(gradient, start, *rest):
    while True:
        gradient(np.array(start), [0])


LOOPS_ODD = {
    "changes the start": changes_start,
    "endless": endless,
    "the last point alone": lambda *args: descend(*args)[-1],
    "never asks": lambda gradient, start, *rest: [start],
    "numbers from 1 to n": loop_of(lambda e, n, size, d, rng: cut(rng.permutation(n) + 1, size, d)),
    "an empty batch": loop_of(lambda e, n, size, d, rng: [*cut(rng.permutation(n), size, d), []]),
    "the examples as text": loop_of(lambda *args: ["all"]),
    "crashes": crashes,
    "exits": exits,
    "too few arguments": lambda gradient, start: [start],
    "hostile": lambda *args: Hostile(),
    "no function": [[1.0, 2.0]],
}


@pytest.mark.parametrize("name", LOOPS_ODD)
def test_loop_rejects(name):
    assert rejected("03.loop", LOOPS_ODD[name]).score < 1


def test_a_batch_that_is_none_is_named():
    report = check("03.loop", LOOPS_ODD["numbers from 1 to n"])
    assert "numbers of examples from 0 to 23" in " ".join(report.message.split())


def test_a_wrong_drop_last_keeps_the_points_of_the_rest():
    assert check("03.loop", WRONG_BATCHES["ignores_drop_last"]).score == pytest.approx(5 / 6)


def test_calling_the_library_is_said_openly():
    def borrows(gradient, start, lr, n, size, epochs, drop_last, rng):
        from optlearn.rules import sgd

        step = loop_of(by_counting, lambda w, g, lr: sgd(w, g, 1, lr)[0])
        return step(gradient, start, lr, n, size, epochs, drop_last, rng)

    report = check("03.loop", borrows)
    assert not report
    assert "Your answer calls optlearn.rules.sgd" in report.message
