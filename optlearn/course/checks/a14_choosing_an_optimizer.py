"""Assignment 14, choosing an optimizer: four numbers by hand, and a fair table in order."""

from functools import partial

import numpy as np

from .answers import predicted, several
from .engine import Task, asks
from .ordering import ordered, shuffled
from .probe import call, number, short
from .report import Mistake, Part, WrongError, grade

# ------------------------------------------------------------------------ 1. predict by hand

#: The rates of the small table; the narrow range ends after ``NARROW`` of them.
RATES, NARROW = (0.001, 0.01, 0.1, 1.0, 10.0), 3


def _draw_predict(rng):
    """Draw a table whose lead turns round, and in which each slip gives a number of its own."""
    ranges = NARROW, len(RATES)
    while True:
        table = _draw_table(rng)
        narrow, wide = (table_lead(table, n) for n in ranges)
        if not (narrow > 1 and wide < -0.5):
            continue
        slips = [(table_lead(table, n), slip) for n in ranges for slip, *_ in _lead_slips(table, n)]
        if min(abs(right - slip) for right, slip in slips) > 0.05:
            break
    billions = int(rng.choice([2, 3, 5, 7]))
    settings = {"optimizers": 3, "rates": int(rng.choice([5, 7])), "seeds": int(rng.choice([3, 4]))}
    settings["new"] = int(rng.choice([10, 20]))
    rows = ["rate            " + "".join(f"{lr:8g}" for lr in RATES)]
    for name, part in (("A", table[0]), ("B", table[1])):
        for what, scores in zip(("validation", "test"), part):
            rows.append(f"{name}, {what:<13}" + "".join(f"{score:8.1f}" for score in scores))
    rows += [
        f"Your model: {billions} billion weights of 4 bytes",
        f"Your plan: {settings['optimizers']} optimizers, {settings['rates']} rates each, "
        f"{settings['seeds']} seeds to choose, {settings['new']} new seeds to measure",
    ]
    return Task("\n".join(rows), table=table, billions=billions, **settings)


def _draw_table(rng):
    """Return scores of A and B: ``table[optimizer, part, rate]``, validation first."""
    table = []
    for place in (rng.uniform(-2.2, -1.2), rng.uniform(-0.6, 0.6)):
        hill = rng.uniform(84, 90) - rng.uniform(5, 8) * (np.log10(RATES) - place) ** 2
        table.append([hill + rng.normal(0, 0.8, 5), hill - 1 + rng.normal(0, 0.8, 5)])
    return np.maximum(np.array(table), 10).round(1)


def table_lead(table, count):
    """Return by how much A leads B on test data, each at its best rate on validation data."""
    mine, other = (test[np.argmax(validation[:count])] for validation, test in table)
    return float(mine - other)


def _lead_slips(table, count):
    validation, test = table[:, 0, :count], table[:, 1, :count]
    best = validation.argmax(axis=1)
    whole = table_lead(table, NARROW + len(RATES) - count)
    return [
        (test[0].max() - test[1].max(), "chooses-on-test", "Validation data choose the rate."),
        (
            validation[0].max() - validation[1].max(),
            "reports-validation",
            "The rate is chosen now: report its test score.",
        ),
        (
            test[0, best[0]] - test[1, best[0]],
            "shares-the-rate-of-A",
            "This is B at A's rate: each has its own best one.",
        ),
        (
            test[0, best[1]] - test[1, best[1]],
            "shares-the-rate-of-B",
            "This is A at B's rate: each has its own best one.",
        ),
        (-table_lead(table, count), "turns-the-lead-over", "A less B: the sign is turned over."),
        (whole, "takes-the-other-range", "This is the lead over the other range of rates."),
    ]


def _gigabyte_slips(billions):
    return [
        (8 * billions, "counts-the-state-alone", "Weights and gradients need memory, too."),
        (12 * billions, "forgets-a-part", "Weights, gradients, and two numbers of state."),
        (4 * billions, "counts-the-weights-alone", "Gradients and state need memory, too."),
        (4.0, "forgets-the-bytes", "Four numbers of 4 bytes for each of so many weights."),
        (4 * billions / 4, "forgets-the-bytes", "Each number has 4 bytes."),
    ]


def _run_slips(task):
    many, rates, seeds, new = task.optimizers, task.rates, task.seeds, task.new
    return [
        (many * rates * seeds, "forgets-to-measure", "The chosen rate runs on new seeds as well."),
        (many * rates * (seeds + new), "measures-every-rate", "Only the chosen rate is measured."),
        (rates * seeds + new, "counts-one-optimizer", "Each optimizer gets as many runs."),
        (
            many * rates * seeds + new,
            "measures-the-winner-alone",
            "All chosen settings are measured on the same new seeds, in pairs.",
        ),
        (many * (rates + seeds + new), "adds-the-seeds", "Each rate is run with each seed."),
        (many * (rates + new), "chooses-on-one-seed", "Each rate is run with each seed."),
    ]


@asks(
    "14.predict",
    "predict",
    draw=_draw_predict,
    hints=(
        "Two rows choose, two rows report. Which rates may be chosen from, and by which row?",
        "S_A(R) = T_A(η̂), where η̂ is the best rate in R by validation. Bytes: weight, gradient, m "
        "and v are four numbers of 4 bytes.",
        "For A and for B: the highest validation score among the rates that are allowed, then the "
        "test score below it. 16 * billions; optimizers * (rates * seeds + new)",
    ),
)
def predict(answer, task, rng):
    """Check ``[narrow, wide, gigabytes, runs]``."""
    answer = several(answer, ("narrow", "wide", "gigabytes", "runs"))
    table, runs = task.table, task.optimizers * (task.rates * task.seeds + task.new)
    asked = (
        (
            "A's lead in the narrow range",
            table_lead(table, NARROW),
            _lead_slips(table, NARROW),
            "Which row chooses the rate, and which one reports?",
        ),
        (
            "A's lead in the wide range",
            table_lead(table, len(RATES)),
            _lead_slips(table, len(RATES)),
            "Which of the two finds a better rate now?",
        ),
        (
            "the gigabytes with AdamW",
            16 * task.billions,
            _gigabyte_slips(task.billions),
            "How many numbers are kept for one weight, the weight itself included?",
        ),
        (
            "the runs of the comparison",
            runs,
            _run_slips(task),
            "Which runs choose, and which ones measure what was chosen?",
        ),
    )
    return grade(
        Part(name, 1, lambda g=g, r=r, s=s, n=name: predicted(g, r, s, n), think)
        for g, (name, r, s, think) in zip(answer, asked)
    )


# ------------------------------------------------------------------------ 2. order the lines

LINES = (
    "table = {}",
    "for name in optimizers:",
    "    seen = {}",
    "    for lr in rates[name]:",
    "        seen[lr] = validation(name, lr)",
    "    best = max(seen, key=seen.get)",
    "    table[name] = test(name, best)",
    "        seen[lr] = test(name, lr)",
    "    table[name] = test(name, max(rates[name]))",
)
_MISTAKES = {
    "test": Mistake("chooses_on_test", "The test data choose: what they report is luck in part."),
    "last": Mistake("takes_the_highest_rate", "It takes the highest rate, not the best one."),
}


#: The rates of two optimizers, which have none in common.
BENCH_RATES = {"sgd": [0.1, 0.3, 1.0], "adam": [0.001, 0.003, 0.01]}
#: Their validation and test scores; no two ways to choose take the same.
BENCH = {
    "sgd": ([80.0, 88.0, 84.0], [81.0, 85.0, 86.0]),
    "adam": ([83.0, 87.0, 70.0], [86.0, 84.0, 71.0]),
}


def _score(part, name, lr):
    """Return a score of the bench; ``part`` is 0 for validation and 1 for test."""
    return BENCH[name][part][BENCH_RATES[name].index(lr)]


def _chosen(how):
    """Return the test scores; validation data choose, or the ``"test"`` data, or the ``"last"``."""
    found = {}
    for name, (validation, test) in BENCH.items():
        chosen = {"test": np.argmax(test), "last": 2}.get(how, np.argmax(validation))
        found[name] = test[int(chosen)]
    return found


def _is_fair(program):
    tested = []

    def test(name, lr):
        tested.append(name)
        return _score(1, name, lr)

    given = call(
        partial(
            program,
            optimizers=list(BENCH),
            rates={name: list(rates) for name, rates in BENCH_RATES.items()},
            validation=partial(_score, 0),
            test=test,
        )
    )
    want = _chosen("validation")
    if not isinstance(given, dict) or set(given) != set(want):
        raise WrongError(f"the table should hold {', '.join(want)}; it is {short(given)}.")
    got = {name: number(given[name], f"the score of {name}") for name in want}
    known = next((m for how, m in _MISTAKES.items() if got == _chosen(how)), None)
    for name, score in want.items():
        if got[name] != score:
            raise WrongError(
                f"for {name} your table has {short(got[name])}; at the rate that is best on "
                f"validation data the test score is {short(score)}.",
                known,
            )
    if sorted(tested) != sorted(want):
        raise WrongError(
            f"the table is right, but it asks for {len(tested)} test scores; {len(want)} are "
            "enough.",
            Mistake("tests_too_often", "Test data are for the one setting that was chosen."),
        )


@asks(
    "14.order",
    "implement",
    draw=partial(shuffled, LINES),
    hints=(
        "Two loops: over optimizers, and inside over the rates of each. Which data choose?",
        "For each optimizer: validate all its rates → the best of them → its test score, once.",
        "The table first; `for name`; inside: seen; `for lr` with one line in it; best; the test "
        "score of best.",
    ),
)
def order(letters, task, rng):
    """Check a list of letters by running the lines in that order."""
    program = ordered(letters, task, makes="table")
    think = "Which of these lines look at test data, and what had they decided before?"
    return grade(
        [Part("each optimizer is tuned, then tested", 1, lambda: _is_fair(program), think)]
    )
