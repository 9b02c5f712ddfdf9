"""Question 11.compare: a comparison of two rivals, judged by the runs that it makes."""

import numpy as np
import pytest
from answers import Hostile, crashes, exits, rejected

from optlearn.course.checks import a11_compare, check, intervals, labs

STEP = 3.0


def mean_of(which):
    """Return the score of a rate: the mean accuracy over its seeds."""
    return lambda train, name, lr, seeds: np.mean([train(name, lr, s)[which] for s in seeds])


def best_of(which):
    return lambda train, name, lr, seeds: np.max([train(name, lr, s)[which] for s in seeds])


def log_grid(low, high):
    return list(np.geomspace(low, high, 8))


def widened(rates, best):
    return [rates[0] / STEP, *rates, rates[-1] * STEP]


def upwards(rates, best):
    return [*rates, rates[-1] * STEP] if rates[-1] in best else rates


MEAN = mean_of(0)


def comparison(
    score=MEAN,
    grid=log_grid,
    seeds=range(5),
    fresh=lambda place: range(100, 110),
    widen=widened,
    change=lambda train, rivals, best, rates: best,
    part=1,
    interval=intervals.paired_interval,
):
    """Return the comparison of the protocol, with pieces that may be replaced."""

    def compare(train, rivals, low, high, t):
        def choose():
            return [
                rates[int(np.argmax([score(train, name, lr, seeds) for lr in rates]))]
                for name in rivals
            ]

        rates = grid(low, high)
        best, before = choose(), None
        while {rates[0], rates[-1]} & set(best) and rates != before:
            before, rates = rates, widen(rates, best)
            best = choose()
        best = change(train, rivals, best, rates)
        tests = [
            [train(name, lr, seed)[part] for seed in fresh(place)]
            for place, (name, lr) in enumerate(zip(rivals, best))
        ]
        return best, *interval(*tests, t)

    return compare


# -------------------------------------------------------------------------------- right ones


def plainly(train, rivals, low, high, t):
    """In the shape of the lesson: dictionaries and a pair of loops."""
    rates, best = np.geomspace(low, high, 9), {}
    while len(best) < 2 or any(lr in (rates[0], rates[-1]) for lr in best.values()):
        if best:
            rates = np.concatenate([[rates[0] / 2], rates, [rates[-1] * 2]])
        for name in rivals:
            scores = {lr: sum(train(name, lr, s)[0] for s in (1, 2, 3)) / 3 for lr in rates}
            best[name] = max(scores, key=scores.get)
    first, second = (np.array([train(n, best[n], s)[1] for s in range(50, 62)]) for n in rivals)
    d = first - second
    reach = t(0.975, 11) * np.std(d, ddof=1) / np.sqrt(12)
    return best, d.mean() - reach, d.mean() + reach


def refines(train, rivals, low, high, t):
    """A coarse grid first, then as many rates around the best of each."""
    found = []
    coarse = np.geomspace(low / 100, high * 100, 16)
    for name in rivals:
        scores = [np.mean([train(name, lr, s)[0] for s in range(4)]) for lr in coarse]
        around = coarse[np.argmax(scores)] * np.array([0.5, 0.7, 1.4, 2.0])
        everything = [*coarse, *around]
        scores += [np.mean([train(name, lr, s)[0] for s in range(4)]) for lr in around]
        found.append(everything[int(np.argmax(scores))])
    pairs = zip(rivals, found)
    tests = [[train(name, lr, -s)[1] for s in range(1, 31)] for name, lr in pairs]
    return np.array(found), *intervals_of(*tests, t)


def intervals_of(a, b, t):
    d = np.subtract(a, b)
    reach = t(0.975, len(d) - 1) * d.std(ddof=1) / len(d) ** 0.5
    return d.mean() - reach, d.mean() + reach


def at_random(train, rivals, low, high, t):
    """Random draws, the same number for both, from a range that is wide enough."""
    rng = np.random.default_rng(0)
    cells = (np.arange(24) + rng.random(24)) / 24
    drawn = np.concatenate([[low, high], low / 100 * (high / low * 1e4) ** cells]).tolist()
    found = []
    for name in rivals:
        scores = np.array([[train(name, lr, s)[0] for s in range(6)] for lr in drawn])
        found.append(drawn[scores.mean(axis=1).argmax()])
    tests = [[train(name, lr, s)[1] for s in range(6, 14)] for name, lr in zip(rivals, found)]
    return [tuple(found), *intervals_of(*tests, t)]


def keeps_what_it_ran(train, rivals, low, high, t):
    """Runs each setting once, and writes it down."""
    table = {}

    def score(name, lr):
        if (name, lr) not in table:
            table[name, lr] = np.mean([train(name, lr, seed)[0] for seed in range(5)])
        return table[name, lr]

    exponents = list(np.arange(round(2 * np.log10(low)), round(2 * np.log10(high)) + 1) / 2)
    while True:
        best = [max(exponents, key=lambda e, name=name: score(name, 10**e)) for name in rivals]
        if exponents[0] not in best and exponents[-1] not in best:
            break
        exponents = [exponents[0] - 0.5, *exponents, exponents[-1] + 0.5]
    rates = [10.0**e for e in best]
    runs = np.array([[train(n, lr, s)[1] for n, lr in zip(rivals, rates)] for s in range(9, 19)])
    return rates, *intervals_of(*runs.T, t)


RIGHT = [comparison(), plainly, refines, at_random, keeps_what_it_ran]


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("solution", RIGHT)
def test_compare_accepts(student, solution, fresh):
    report = check("11.compare", solution, fresh=fresh)
    if solution is RIGHT[0]:  # built on the course's own interval, which is noticed
        assert report.message.startswith("Correct.")
    else:
        assert report, report


@pytest.mark.parametrize("solution", [comparison(), plainly, keeps_what_it_ran])
def test_honest_comparisons_are_fair_whatever_is_drawn(solution):
    for seed in range(10):
        rng = np.random.default_rng(seed)
        report = a11_compare.examine(solution, a11_compare._draw(rng), rng)
        assert report, report


# --------------------------------------------------------------------------------- wrong ones

WRONG = {
    "chooses_by_test": {"score": mean_of(1)},
    "chooses_the_luckiest": {"score": best_of(0)},
    "chooses_by_luck": {"seeds": [0]},
    "takes_a_linear_grid": {"grid": lambda low, high: list(np.linspace(low, high, 12))},
    "ends_at_the_edge": {"widen": lambda rates, best: rates},
    "shares_the_rate": {"change": lambda train, rivals, best, rates: [best[0]] * 2},
    "exchanges_the_rates": {
        "change": lambda train, rivals, best, rates: best if best[0] == best[1] else best[::-1]
    },
    "reports_what_chose": {"fresh": lambda place: range(5)},
    "measures_with_other_seeds": {"fresh": lambda place: range(100 * place + 10, 100 * place + 20)},
    "reports_too_few_seeds": {"fresh": lambda place: range(100, 104)},
    "reports_validation": {"part": 0},
    "reports_all_seeds": {"fresh": lambda place: [*range(5), *range(100, 110)]},
    **{name: {"interval": wrong} for name, (_, wrong) in intervals.WRONG_INTERVALS.items()},
}


@pytest.mark.parametrize("name", WRONG)
def test_compare_names_the_mistake(student, name):
    report = rejected("11.compare", comparison(**WRONG[name]))
    assert report.matched == name
    assert report.score <= 5 / 6


def widens_each(train, rivals, low, high, t):
    """Each rival gets the range that it needs, so one gets more runs."""
    found = []
    for name in rivals:
        rates = log_grid(low, high)
        while True:
            scores = [np.mean([train(name, lr, s)[0] for s in range(5)]) for lr in rates]
            best = rates[int(np.argmax(scores))]
            if best not in (rates[0], rates[-1]):
                break
            rates = widened(rates, best)
        found.append(best)
    tests = [[train(n, lr, s)[1] for s in range(100, 110)] for n, lr in zip(rivals, found)]
    return found, *intervals_of(*tests, t)


def tunes_one(train, rivals, low, high, t):
    """The second rival is run at a default rate."""
    rates = np.geomspace(low / 100, high * 100, 15)
    scores = [np.mean([train(rivals[0], lr, s)[0] for s in range(5)]) for lr in rates]
    found = [rates[int(np.argmax(scores))], 1e-3]
    tests = [[train(n, lr, s)[1] for s in range(100, 110)] for n, lr in zip(rivals, found)]
    return found, *intervals_of(*tests, t)


def never_ends(train, rivals, low, high, t):
    for seed in range(10**9):
        train(rivals[0], low, seed)


def returning(change):
    """Return the comparison whose answer is ``change(answer)``."""
    return lambda *args: change(plainly(*args))


@pytest.mark.parametrize(
    ("wrong", "mistake"),
    [
        (widens_each, "unequal_budgets"),
        (tunes_one, "tunes_one_side"),
        (comparison(widen=upwards), "ends_at_the_edge"),
        (comparison(grid=lambda low, high: list(np.geomspace(low, high, 4))), None),
        (comparison(grid=lambda low, high: list(np.geomspace(low * 10, high, 8))), None),
        (comparison(score=lambda *a: -mean_of(0)(*a), widen=lambda rates, best: rates), None),
        (returning(lambda r: (list(r[0]), *r[1:])), None),  # names in the place of rates
        (returning(lambda r: (1e-5, *r[1:])), None),
        (returning(lambda r: ({name: 0.5 * lr for name, lr in r[0].items()}, *r[1:])), None),
        (returning(lambda r: (r[0], 0.0, 0.0)), None),
        (returning(lambda r: r[0]), None),
        (returning(lambda r: r[1:]), None),
        (returning(lambda r: (r[0], r[1], "high")), None),
        (lambda train, rivals, *rest: ([0.001, 0.001], -1, 1), None),  # nothing was trained
        (lambda train, rivals, *rest: train("adamax", 0.1, 0), None),
        (lambda train, rivals, *rest: train(rivals[0], 0.0, 0), None),
        (lambda train, rivals, *rest: train(rivals[0], np.nan, 0), None),
        (lambda train, rivals, *rest: train(rivals[0], 0.1, 0.5), None),
        (lambda train, rivals, *rest: train(rivals[0], "fast", 0), None),
        (never_ends, None),
        (lambda *args: Hostile(), None),
        (lambda *args: (Hostile(), Hostile(), Hostile()), None),
        (crashes, None),
        (exits, None),
        (7, None),
    ],
)
def test_compare_rejects(wrong, mistake):
    report = rejected("11.compare", wrong)
    assert report.score < 1
    if mistake:
        assert report.matched == mistake


def test_a_grid_that_begins_anew_is_told_of_the_earlier_one():
    anew = comparison(widen=lambda rates, best: log_grid(rates[0] / STEP, rates[-1] * STEP))
    report = rejected("11.compare", anew)
    assert "earlier grid" in report.message
    assert report.score == pytest.approx(5 / 6)


def test_an_endless_search_is_told():
    assert "does it stop?" in check("11.compare", never_ends).message


def test_a_run_can_be_repeated():
    lab = labs.draw_lab(np.random.default_rng(0))
    first, second = lab.rivals
    assert lab.train(first, 0.01, 3) == lab.again().train(first, 0.01, 3)
    assert lab.train(first, 0.01, 3) != lab.train(first, 0.01, 4)
    assert lab.train(first, 0.01, 3) != lab.train(second, 0.01, 3)


@pytest.mark.parametrize("edge", ["high", "low"])
def test_one_best_rate_lies_beyond_the_range(edge):
    lab = labs.draw_lab(np.random.default_rng(0), edge)
    ends = np.log10([lab.low, lab.high])
    beyond = [not ends[0] < best < ends[1] for best in lab.best]
    assert beyond == [edge == "high", edge == "low"]
