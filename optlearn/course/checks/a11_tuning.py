"""Assignment 11, questions 1 and 2: an interval and budgets by hand, and a tuning in order."""

from functools import partial

import numpy as np

from .answers import predicted, several
from .engine import Task, asks
from .ordering import ordered, shuffled
from .probe import call, numbers, short
from .report import Mistake, Part, WrongError, grade

# ------------------------------------------------------------------------ 1. predict by hand

#: Student's t for three degrees of freedom, as the text states it.
T3 = 3.18


def _draw_predict(rng):
    pattern = [(-1, -1, 1, 1), (-2, 0, 0, 2), (-1, 0, -1, 2), (-3, 1, 1, 1)]
    shape = np.array(pattern[rng.integers(len(pattern))])
    d = float(rng.choice([-2.0, -1.5, 1.5, 2.0])) + rng.permutation(shape) * 0.6
    second = np.round(rng.uniform(82, 88, 4), 1)
    rivals, seeds, side = int(rng.choice([3, 4])), int(rng.choice([5, 6])), int(rng.integers(4, 8))
    each = int(rng.integers(6, 10))
    budget = rivals * seeds * each + int(rng.integers(1, rivals * seeds))
    first = np.round(second + d, 1)
    rows = (
        f"{name}: {' '.join(f'{one:6.1f}' for one in side_of)}"
        for name, side_of in (("A", first), ("B", second))
    )
    text = (
        "Right test digits (%) with seeds 1 to 4:\n"
        + "\n".join(rows)
        + f"\nYour square grid: {side**2} runs over the rate and beta2, one seed each"
        f"\nYour budget: {budget} runs for {rivals} rivals, {seeds} seeds for each rate"
    )
    return Task(
        text, first=first, second=second, grid=side**2, budget=budget, rivals=rivals, seeds=seeds
    )


def _mean_slips(task):
    d = task.first - task.second
    return [
        (-d.mean(), "turns-it-over", "The sign is turned over: it is A less B."),
        (d.sum(), "forgets-to-divide", "This is the sum of the four differences."),
        (task.first.mean(), "gives-one-side", "This is the mean of A alone."),
        (np.abs(d).max(), "takes-the-best", "This is the largest difference of a seed."),
    ]


def _reach_slips(task):
    d = task.first - task.second
    s = d.std(ddof=1)
    apart = np.hypot(task.first.std(ddof=1), task.second.std(ddof=1))
    return [
        (T3 * d.std() / 2, "divides-by-n", "In s the squares are divided by n − 1, here 3."),
        (T3 * s, "forgets-the-root", "Divide by the root of the number of seeds."),
        (s / 2, "forgets-t", "This is the standard error: multiply it by t."),
        (T3 * s / 4, "divides-by-the-number", "Divide by the root of 4, not by 4."),
        (1.96 * s / 2, "takes-the-normal", "1.96 is for very many seeds: here t is 3.18."),
        (T3 * s**2 / 2, "takes-the-variance", "This is the variance: take its root first."),
        (T3 * apart / 2, "ignores-the-pairs", "Take the spread of the differences."),
        (s, "gives-the-spread", "This is s itself."),
    ]


def _grid_slips(task):
    side = int(np.sqrt(task.grid))
    return [
        (task.grid, "counts-the-runs", "Most of these runs repeat a rate with another beta2."),
        (task.grid / 2, "halves-the-runs", "A square has as many rows as columns: take a root."),
        (side - 1, "counts-the-gaps", "This counts the gaps between the rates."),
    ]


def _budget_slips(task):
    each = task.budget / task.rivals / task.seeds
    return [
        (task.budget // task.rivals, "forgets-the-seeds", "Each rate costs several runs."),
        (task.budget // task.seeds, "forgets-the-rivals", "The rivals share the budget."),
        (int(each) + 1, "overspends", "The budget does not reach so far: round down."),
        (each, "counts-part-of-a-rate", "No part of a rate can be tried: round down."),
        (task.budget, "counts-the-runs", "These are runs: how many does one rate cost?"),
    ]


@asks(
    "11.predict",
    "predict",
    draw=_draw_predict,
    hints=(
        "Write the four differences down first. For the two others ask how many runs a single "
        "rate costs.",
        "d̄ = Σ d / 4; s² = Σ (d − d̄)² / 3; the reach is 3.18 · s / √4. "
        "A square of n runs has √n rows.",
        "mean = sum of d / 4; reach = 3.18 · sqrt(sum of (d − mean)² / 3) / 2; "
        "rates = sqrt(runs of the grid); each = budget // (rivals · seeds)",
    ),
)
def predict(answer, task, rng):
    """Check ``[mean, reach, rates, each]``."""
    answer = several(answer, ("mean", "reach", "rates", "each"))
    d = task.first - task.second
    table = (
        ("the mean difference", d.mean(), _mean_slips, "What does each seed say?"),
        (
            "how far the interval reaches",
            T3 * d.std(ddof=1) / 2,
            _reach_slips,
            "How far are the four differences from their mean?",
        ),
        (
            "the rates on the square grid",
            np.sqrt(task.grid),
            _grid_slips,
            "In how many runs of the grid does one and the same rate stand?",
        ),
        (
            "the rates for each rival",
            task.budget // (task.rivals * task.seeds),
            _budget_slips,
            "What does one rate of one rival cost?",
        ),
    )
    return grade(
        Part(name, 1, lambda g=g, r=r, s=s, n=name: predicted(g, r, s(task), n), think)
        for g, (name, r, s, think) in zip(answer, table)
    )


# ------------------------------------------------------------------------ 2. order the lines

LINES = (
    "scores = {}",
    "for lr in rates:",
    "    scores[lr] = np.mean([validation(lr, seed) for seed in seeds])",
    "    scores[lr] = np.mean([test(lr, seed) for seed in seeds])",
    "    scores[lr] = max(validation(lr, seed) for seed in seeds)",
    "best = max(scores, key=scores.get)",
    "report = [test(best, seed) for seed in fresh]",
    "report = [test(best, seed) for seed in seeds]",
    "report = [validation(best, seed) for seed in fresh]",
)
#: Which of four rates is the best by each way to choose.
_BY_VALIDATION, _BY_TEST, _BY_LUCK, _RATES = 0.01, 0.1, 0.001, (0.001, 0.01, 0.1, 1.0)
_SEEDS, _FRESH = (1, 2, 3), (11, 12, 13, 14)


def validation(lr, seed):
    """Return an accuracy that is best on average at one rate and for one seed at another."""
    lucky = 9 * (lr == _BY_LUCK and seed == 2)
    return 80 + 4 * (lr == _BY_VALIDATION) - 2 * (lr == 1.0) + lucky + 0.1 * seed


def test(lr, seed):
    """Return an accuracy whose best rate is another one."""
    return 78 + 3 * (lr == _BY_TEST) + 1 * (lr == _BY_VALIDATION) + 0.2 * seed


def _reported(lr, seeds, by=test):
    return np.array([by(lr, seed) for seed in seeds])


#: (name, the report that it makes, sentence)
_WRONG_REPORTS = (
    (
        "chooses-by-test",
        _reported(_BY_TEST, _FRESH),
        "Test data chose the rate: then they can report no more.",
    ),
    (
        "chooses-the-luckiest",
        _reported(_BY_LUCK, _FRESH),
        "The luckiest single run chose the rate, not the mean.",
    ),
    (
        "reports-what-chose",
        _reported(_BY_VALIDATION, _SEEDS),
        "The seeds that chose report as well: take fresh ones.",
    ),
    (
        "reports-validation",
        _reported(_BY_VALIDATION, _FRESH, validation),
        "Validation data chose: test data have to report.",
    ),
    (
        "chooses-by-test",
        _reported(_BY_TEST, _SEEDS),
        "Test data chose the rate, with the very seeds that report.",
    ),
)


@asks(
    "11.order",
    "implement",
    draw=partial(shuffled, LINES),
    hints=(
        "First every rate gets a score, then one rate is chosen, then that one is measured.",
        "scores → for each rate: [mean over the seeds, on validation data] → best → "
        "report: test data, fresh seeds.",
        "scores = {}; the `for`; the indented np.mean with validation; best = ...; the report "
        "with test and fresh",
    ),
)
def order(letters, task, rng):
    """Check a list of letters by running the lines in that order."""
    program = ordered(letters, task, "report")

    def runs():
        names = {"rates": list(_RATES), "seeds": list(_SEEDS), "fresh": list(_FRESH), "np": np}
        given = call(partial(program, validation=validation, test=test, **names))
        got, want = numbers(given, what="the report"), _reported(_BY_VALIDATION, _FRESH)
        if got.shape != want.shape or not np.allclose(got, want):
            known = next(
                (
                    Mistake(name, sentence)
                    for name, report, sentence in _WRONG_REPORTS
                    if got.shape == report.shape and np.allclose(got, report)
                ),
                None,
            )
            raise WrongError(f"the report is {short(got)}, expected {short(want)}.", known)

    think = "Which data and which seeds choose, and which of them have chosen nothing?"
    return grade([Part("your lines tune and report fairly", 1, runs, think)])
