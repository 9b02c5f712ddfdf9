"""Question 10.range: a learning-rate range test."""

import math

import numpy as np
import pytest
from answers import Hostile, crashes, exits, rejected

from optlearn import landscapes, tuning
from optlearn.course.checks import a10_range, check
from optlearn.course.checks.ranges import WRONG_TESTS, range_test


def by_geomspace(loss, gradient, start, low, high, steps, stop):
    w, rates, losses = np.array(start, dtype=float), [], []
    for lr in np.geomspace(low, high, steps):
        value = loss(w)
        if not np.isfinite(value) or (losses and value > stop * min(losses)):
            break
        rates.append(lr)
        losses.append(value)
        w = w - lr * gradient(w)
    return rates, losses, rates[np.argmin(losses)] / 10


def keeps_the_lost(loss, gradient, start, low, high, steps, stop):
    """The loss that ends the test stands in the list as well."""
    w, losses = list(start), []
    rates = [low * (high / low) ** (k / (steps - 1)) for k in range(steps)]
    for lr in rates:
        losses.append(float(loss(np.array(w))))
        if math.isnan(losses[-1]) or losses[-1] > stop * min(losses):
            break
        w = [a - lr * g for a, g in zip(w, gradient(np.array(w)))]
    best = min(range(len(losses)), key=lambda i: math.inf if math.isnan(losses[i]) else losses[i])
    return rates[: len(losses)], losses, 0.1 * rates[best]


def by_multiplying(loss, gradient, start, low, high, steps, stop):
    w, lr, factor = np.array(start, dtype=float), low, (high / low) ** (1 / (steps - 1))
    lowest, advice, kept = math.inf, None, []
    for _ in range(steps):
        value = loss(w)
        if not value <= stop * lowest:
            break
        kept.append((lr, value))
        if value < lowest:
            lowest, advice = value, lr / 10
        w -= lr * gradient(w)
        lr *= factor
    return *np.array(kept).T, advice


def as_a_while_loop(loss, gradient, start, low, high, steps, stop):
    w, rates, losses = np.asarray(start, dtype=float).copy(), np.empty(0), np.empty(0)
    grid = np.exp(np.linspace(np.log(low), np.log(high), steps))
    while len(rates) < steps:
        value = loss(w)
        if np.isnan(value) or (losses.size and value > stop * losses.min()) or np.isinf(value):
            break
        rates, losses = np.append(rates, grid[len(rates)]), np.append(losses, value)
        w = w - rates[-1] * np.asarray(gradient(w))
    return [rates, losses, rates[losses.argmin()] / 10]


def recursive(loss, gradient, start, low, high, steps, stop):
    grid = np.logspace(np.log10(low), np.log10(high), steps)

    def go(w, k, losses):
        value = loss(w)
        if not math.isfinite(value) or value > stop * min(losses, default=math.inf):
            return losses
        losses = [*losses, value]
        return losses if k + 1 == steps else go(w - grid[k] * gradient(w), k + 1, losses)

    losses = go(np.array(start, dtype=float), 0, [])
    return tuple(grid[: len(losses)]), tuple(losses), grid[losses.index(min(losses))] / 10


RIGHT = [by_geomspace, keeps_the_lost, by_multiplying, as_a_while_loop, recursive]


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("solution", RIGHT)
def test_range_accepts(solution, fresh):
    report = check("10.range", solution, fresh=fresh)
    assert report, report
    assert report.score == 1


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("name", WRONG_TESTS)
def test_range_names_the_mistake(name, fresh):
    sentence, twist = WRONG_TESTS[name]

    def wrong(*args):
        return range_test(*args, **twist)

    report = rejected("10.range", wrong, fresh=fresh)
    assert report.matched == name
    assert sentence in " ".join(report.message.split())
    assert report.score <= 0.8


@pytest.mark.parametrize("name", WRONG_TESTS)
def test_every_mistake_shows_whatever_is_drawn(name):
    for seed in range(12):
        drawn = a10_range.tasks(np.random.default_rng(seed))
        pairs = [
            (t.right, t.by(range_test, **WRONG_TESTS[name][1])) for g in drawn.values() for t in g
        ]
        # One loss more may be the one that ended the test: that is no difference.
        assert any(
            len(wrong[0]) - len(right[0]) not in (0, 1)
            or not np.allclose(right[0], wrong[0][: len(right[0])])
            or not np.allclose(right[1], wrong[1][: len(right[1])])
            or not np.isclose(right[2], wrong[2])
            for right, wrong in pairs
        )


def changes_start(loss, gradient, start, *how):
    found = by_geomspace(loss, gradient, start, *how)
    start[:] = [0.0] * len(start)
    return found


def endless(loss, gradient, start, *how):
    while True:
        loss(np.array(start))


ODD = {
    "changes the start": changes_start,
    "endless": endless,
    "losses without rates": lambda *a: by_geomspace(*a)[1],
    "two of three": lambda *a: by_geomspace(*a)[:2],
    "losses first": lambda *a: [by_geomspace(*a)[i] for i in (1, 0, 2)],
    "one loss short": lambda *a: (lambda r, v, x: (r[:-1], v[:-1], x))(*by_geomspace(*a)),
    "one rate more than losses": lambda *a: (lambda r, v, x: ([*r, r[-1]], v, x))(
        *by_geomspace(*a)
    ),
    "one step too many": lambda loss, gradient, start, low, high, steps, stop: by_geomspace(
        loss, gradient, start, low, high * (high / low) ** (1 / (steps - 1)), steps + 1, stop
    ),
    "single precision": lambda *a: [np.float32(part) for part in by_geomspace(*a)],
    "a loss in pieces": lambda *a: (lambda r, v, x: (r, [[one] for one in v], x))(
        *by_geomspace(*a)
    ),
    "text": lambda *a: ("rates", "losses", "advice"),
    "all rates for advice": lambda *a: (*by_geomspace(*a)[:2], by_geomspace(*a)[0]),
    "crashes": crashes,
    "exits": exits,
    "too few arguments": lambda loss, gradient, start: ([], [], 0),
    "hostile": lambda *a: Hostile(),
    "three hostile things": lambda *a: [Hostile(), Hostile(), Hostile()],
    "no function": ([0.1], [1.0], 0.01),
}


@pytest.mark.parametrize("name", ODD)
def test_range_rejects(name):
    assert rejected("10.range", ODD[name]).score < 1


def test_a_start_that_changes_is_named():
    assert check("10.range", changes_start).matched == "changes_its_input"


def test_a_step_too_many_is_counted():
    assert "there are 4 rates, expected 3" in check("10.range", ODD["one step too many"]).message


def test_a_lost_loss_may_be_kept_or_not():
    lost = a10_range.tasks(np.random.default_rng(0))["lost"]
    lengths = [(len(t.by(keeps_the_lost)[0]), len(t.right[0])) for t in lost]
    assert all(more == least + 1 for more, least in lengths)


def test_the_library_makes_the_same_test():
    """Without smoothing the library's test gives these rates, losses and advice."""
    bowl = landscapes.quadratic(condition=10)

    class Walker:
        """A model, a loss and an optimizer in one, whose weights walk over a landscape."""

        w, lr = np.array([2.0, -1.0]), 0.0

        def train(self):
            pass

        def __call__(self, *batch):
            return self.w

        def backward(self, slope):
            self.slope = slope

        def step(self):
            Walker.w = Walker.w - self.lr * bowl.gradient(Walker.w)

    class Loss:
        def __call__(self, w, y):
            return float(bowl.value(w))

        def backward(self):
            return None

    how = {"low": 1e-2, "high": 30.0, "steps": 60}
    right = range_test(lambda w: float(bowl.value(w)), bowl.gradient, Walker.w, *how.values(), 4.0)
    found = tuning.lr_range_test(
        Walker(), Loss(), Walker(), [(None, None)], **how, smoothing=0.0, stop=4.0
    )
    assert len(found.lrs) < 60
    for ours, theirs in zip(right, (found.lrs, found.losses, found.tenth), strict=True):
        np.testing.assert_allclose(ours, theirs)
