"""Questions 10.batch, 10.diagnose and 10.refute: another batch, three runs, and a sentence."""

import itertools

import numpy as np
import pytest
from answers import Hostile, crashes, exits, rejected

from optlearn.course.checks import a10_batches, a10_claim, a10_reading, check, variant
from optlearn.course.checks.noisy import NoisyBowl

# ------------------------------------------------------------------------------ the noisy bowl


@pytest.mark.parametrize("size", [1, 4])
def test_the_mean_loss_is_that_of_many_walkers(size):
    bowl, rng = NoisyBowl(np.array([0.2, 1.0]), 0.5), np.random.default_rng(0)
    rates, w, found = np.geomspace(0.05, 0.8, 12), np.ones((200_000, 2)), []
    for lr in rates:
        found.append(np.mean(w**2 @ bowl.curvatures) / 2)
        noise = rng.normal(size=w.shape) * np.sqrt(bowl.variance / size)
        w = w - lr * (bowl.curvatures * w + noise)
    np.testing.assert_allclose(bowl.follow(rates, size)[:-1], found, rtol=0.02)


@pytest.mark.parametrize("lr", [0.01, 0.5, 1.0, 1.9, 2.0, 2.1])
@pytest.mark.parametrize("steps", [1, 3, 200])
def test_the_formula_of_the_end_is_the_walk_step_by_step(lr, steps):
    bowl = NoisyBowl(np.array([0.1, 1.0]), 0.3)
    assert bowl.end(lr, steps, 8) == pytest.approx(bowl.follow([lr] * steps, 8)[-1])


def test_a_walk_that_runs_away_ends_at_infinity():
    assert NoisyBowl(np.ones(2), 0.1).end(9.0, 4000) == np.inf


# ------------------------------------------------------------------------------------ 10.batch


def on_a_grid(loss, k, lr):
    return min(np.geomspace(lr, k * lr, 10), key=loss)


def a_little_wider(loss, k, lr):
    tried = {rate: loss(rate) for rate in lr * k ** np.linspace(-0.1, 1.1, 10)}
    return min(tried, key=tried.get)


def both_rules_and_between(loss, k, lr):
    rates = [lr * k**p for p in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)]
    return np.array([rates[int(np.argmin([loss(rate) for rate in rates]))]])


def at_random(loss, k, lr):
    rng = np.random.default_rng(0)
    cells = (np.arange(10) + 0.25 + 0.5 * rng.random(10)) / 10
    return float(min(lr * k**cells, key=loss))


def by_thirds(loss, k, lr):
    """Narrow the range: in its logarithm the loss has one valley."""
    low, high = sorted((np.log(lr), np.log(k * lr)))
    for _ in range(5):
        a, b = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, b) if loss(np.exp(a)) <= loss(np.exp(b)) else (a, high)
    return np.exp((low + high) / 2)


def walks_on(loss, k, lr):
    """Go on from the old rate while the loss falls."""
    factor, rate, best = k**0.125, lr, loss(lr)
    for _ in range(9):
        new = loss(factor * rate)
        if not new < best:
            break
        rate, best = factor * rate, new
    return rate


GOOD = [on_a_grid, a_little_wider, both_rules_and_between, at_random, by_thirds, walks_on]


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("solution", GOOD)
def test_batch_accepts(student, solution, fresh):
    report = check("10.batch", solution, fresh=fresh)
    assert report, report


@pytest.mark.parametrize("solution", GOOD)
def test_honest_searches_are_good_whatever_is_drawn(solution):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        task = a10_batches._draw_move(rng)
        report = a10_batches.batch(solution, task, rng)
        assert report, report


@pytest.mark.parametrize(
    ("rule", "mistake", "most"),
    [
        (lambda loss, k, lr: k * lr, "trusts-the-linear-rule", 0.5),
        (lambda loss, k, lr: np.sqrt(k) * lr, "trusts-the-root", 0),
        (lambda loss, k, lr: lr, "keeps-the-rate", 0),
        (lambda loss, k, lr: lr / k, "turns-it-over", 0),
        (lambda loss, k, lr: k * lr / 2, None, 0.75),
        (lambda loss, k, lr: 0.4, None, 0.25),
        (lambda loss, k, lr: min([lr, np.sqrt(k) * lr, k * lr], key=loss), None, 0.5),
        (lambda loss, k, lr: min(np.linspace(0.1, 1, 10), key=loss), None, 0.75),
        (lambda loss, k, lr: min(np.geomspace(lr, k * lr, 11), key=loss), "overspends", 0),
        (lambda loss, k, lr: min(np.geomspace(lr, k * lr, 100), key=loss), "overspends", 0),
        (lambda loss, k, lr: max(np.geomspace(lr, k * lr, 10), key=loss), None, 0),
        (lambda loss, k, lr: loss(lr), None, 0.25),
        (lambda loss, k, lr: -lr, None, 0),
        (lambda loss, k, lr: np.inf, None, 0),
        (lambda loss, k, lr: np.nan, None, 0),
        (lambda loss, k, lr: "0.1", None, 0),
        (lambda loss, k, lr: np.geomspace(lr, k * lr, 10), None, 0),
        (lambda loss, k, lr: loss("fast"), None, 0),
        (lambda loss, k, lr: Hostile(), None, 0),
        (crashes, None, 0),
        (exits, None, 0),
        (0.3, None, 0),
    ],
)
def test_batch_rejects(student, rule, mistake, most):
    report = rejected("10.batch", rule)
    assert report.matched == mistake
    assert report.score <= most


def test_each_rule_fails_where_the_text_says():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        task = a10_batches._draw_move(rng)
        report = a10_batches.batch(lambda loss, k, lr: k * lr, task, rng)
        assert "Right so far: small batches; a smaller batch." in report.message


# --------------------------------------------------------------------------------- 10.diagnose

LABELS = tuple(a10_reading.SCHEDULES)


def diagnosis():
    """Return the labels from two heights of each run, as the hints say it."""
    task, found = variant("10.diagnose"), {}
    at_the_peak = a10_reading.floor(task.peak, task.variance)
    for letter, run in task.runs.items():
        half_way, end = run[200] / at_the_peak, run[-1] / at_the_peak
        if end > 0.8:
            found[letter] = "once an epoch" if half_way > 0.8 else "half as long"
        else:
            found[letter] = "twice as long" if end > 0.3 else "right"
    return found


def students(monkeypatch, count=60):
    for student in range(count):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        yield student


def test_any_label_may_stay_over(monkeypatch):
    over, places = set(), set()
    for _ in students(monkeypatch):
        right = diagnosis()
        assert len(set(right.values())) == 3
        over |= set(LABELS) - set(right.values())
        places |= set(right.items())
        assert check("10.diagnose", right)
    assert over == set(LABELS)
    assert places == set(itertools.product("ABC", LABELS))


@pytest.mark.parametrize(
    "form", [dict, lambda d: list(d.values()), lambda d: {k: f" {v.title()}" for k, v in d.items()}]
)
def test_diagnose_accepts(student, form):
    assert check("10.diagnose", form(diagnosis()))


@pytest.mark.parametrize("labels", itertools.product(LABELS, repeat=3), ids="-".join)
def test_diagnose_rejects_all_but_one(student, labels):
    answer, right = dict(zip("ABC", labels)), diagnosis()
    report = check("10.diagnose", answer)
    hits = sum(answer[k] == right[k] for k in "ABC") if len(set(labels)) == 3 else 0
    assert report.score == pytest.approx(hits / 3)
    assert bool(report) == (answer == right)


@pytest.mark.parametrize(("truth", "said"), itertools.permutations(LABELS, 2))
def test_diagnose_names_the_misreading(truth, said, monkeypatch):
    for _ in students(monkeypatch):
        answer = {letter: said for letter, label in diagnosis().items() if label == truth}
        if answer:
            break
    assert check("10.diagnose", answer).matched == a10_reading._MISREAD[truth, said][0]


@pytest.mark.parametrize("answer", [{}, [], 7, "right", {"A": "cosine"}, Hostile(), print])
def test_diagnose_survives(answer):
    assert check("10.diagnose", answer).score == 0


# ----------------------------------------------------------------------------------- 10.refute


def refuting(test, train, lengths=(20, 3000)):
    rates, losses = test()
    advised = rates[np.argmin(losses)] / 10
    found = []
    for steps in lengths:
        best = min(rates, key=lambda lr: train(lr, steps))
        found.append((steps, best, train(advised, steps) / train(best, steps)))
    return found


def in_steps_of_two(test, train):
    """Double and halve the advised rate until the gain is large enough."""
    rates, losses = test()
    advised = rates[list(losses).index(min(losses))] / 10
    found = []
    for steps, factor in ((30, 2.0), (5000, 0.5)):
        lr = advised
        while train(advised, steps) < 2.2 * train(lr, steps):
            lr *= factor
        found.append(np.array([steps, lr, train(advised, steps) / train(lr, steps)]))
    return tuple(found)


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    "solution",
    [
        refuting,
        in_steps_of_two,
        lambda test, train: refuting(test, train, (10, 5000)),
        lambda test, train: tuple(refuting(test, train, (40, 2500.0))),
        lambda test, train: [list(one) for one in refuting(test, train)],
    ],
)
def test_refute_accepts(student, solution, fresh):
    report = check("10.refute", solution, fresh=fresh)
    assert report, report


def test_the_advice_is_refuted_whatever_is_drawn():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        report = a10_claim.refute(refuting, a10_claim._draw_refute(rng), rng)
        assert report, report


def changed(which, place, change):
    """Return the experiment with one number of a triple changed."""

    def wrong(test, train):
        found = [list(one) for one in refuting(test, train)]
        rates, losses = test()
        found[which][place] = change(found[which], rates[np.argmin(losses)] / 10, train)
        return found

    return wrong


@pytest.mark.parametrize(
    ("wrong", "mistake"),
    [
        (lambda test, train: refuting(test, train)[::-1], "exchanges-the-two"),
        (lambda test, train: refuting(test, train, (300, 3000)), None),
        (lambda test, train: refuting(test, train, (20, 300)), None),
        (lambda test, train: refuting(test, train, (300, 300)), None),
        (changed(0, 2, lambda one, advised, train: 1 / one[2]), "turns-it-over"),
        (changed(1, 2, lambda one, advised, train: 1 / one[2]), "turns-it-over"),
        (changed(0, 2, lambda one, advised, train: advised / one[1]), "compares-the-rates"),
        (
            changed(
                1, 2, lambda one, advised, train: train(advised, one[0]) - train(one[1], one[0])
            ),
            "gives-the-difference",
        ),
        (changed(0, 2, lambda one, advised, train: 2.0), None),
        (changed(0, 1, lambda one, advised, train: advised), "exchanges-the-two"),
        (changed(1, 1, lambda one, advised, train: 1.05 * advised), "exchanges-the-two"),
        (changed(0, 1, lambda one, advised, train: 2.5), None),
        (changed(0, 1, lambda one, advised, train: -0.1), None),
        (changed(0, 1, lambda one, advised, train: np.nan), None),
        (changed(0, 0, lambda one, advised, train: 0), None),
        (changed(0, 0, lambda one, advised, train: 20.5), None),
        (changed(1, 0, lambda one, advised, train: 10**6), None),
        (changed(1, 0, lambda one, advised, train: "3000"), None),
        (lambda test, train: refuting(test, train)[:1], None),
        (lambda test, train: [one[:2] for one in refuting(test, train)], None),
        (lambda test, train: train(0.1, 10**6), None),
        (lambda test, train: [Hostile(), Hostile()], None),
        (lambda test, train: Hostile(), None),
        (crashes, None),
        (exits, None),
    ],
)
def test_refute_rejects(student, wrong, mistake):
    report = rejected("10.refute", wrong)
    assert report.score < 1
    if mistake:
        assert report.matched == mistake


def test_one_length_alone_earns_one_part():
    report = rejected("10.refute", lambda test, train: refuting(test, train, (20, 300)))
    assert "Right so far: a training for which the advice is clearly too low" in report.message
    assert report.score == pytest.approx(2 / 3)


def test_a_little_better_does_not_refute():
    def a_little(test, train):
        (steps, _, _), long = refuting(test, train)
        rates, losses = test()
        advised = rates[np.argmin(losses)] / 10
        rate = 1.3 * advised
        return (steps, rate, train(advised, steps) / train(rate, steps)), long

    report = rejected("10.refute", a_little)
    assert "that is not 2 times as much" in " ".join(report.message.split())
    assert report.score == pytest.approx(2 / 3)
