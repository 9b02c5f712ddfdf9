"""Assignment 14, question 5: choose an optimizer and its rate with a few runs."""

import numpy as np

from .engine import Task, asks
from .probe import call, is_blank, number, short
from .report import BlankError, Mistake, Part, WrongError, grade

NAMES = ("momentum", "rmsprop", "adam")
#: The range in which rates are asked for, and the runs that a search may spend.
LOWEST, HIGHEST, BUDGET = 1e-4, 10.0, 15
#: Problems that a search is tried on, and how far behind the best choice it may be in the mean.
PROBLEMS, NEAR, NEARER = 400, 1.6, 0.95


class Problem:
    """A training whose validation accuracy depends on optimizer and rate; it counts its runs.

    Each optimizer has a best rate and a highest score of its own. A run adds the luck of its seed.
    """

    def __init__(self, rng, budget=BUDGET):
        behind = rng.permutation([0.0, rng.uniform(3.5, 5.5), rng.uniform(6, 9)])
        self.peaks = dict(zip(NAMES, 90 - behind))
        self.places = dict(zip(NAMES, rng.uniform(-3.3, 0.3, 3)))
        self.slopes = dict(zip(NAMES, rng.uniform(6, 12, 3)))
        self.luck = np.random.default_rng(int(rng.integers(2**32)))
        self.budget, self.runs = budget, []

    def score(self, name, lr):
        """Return the mean accuracy of a setting, in percent."""
        distance = np.log10(lr) - self.places[name]
        return max(10.0, self.peaks[name] - self.slopes[name] * distance**2)

    def run(self, name, lr):
        """Return the validation accuracy of one run; a run beyond the budget is refused."""
        name, lr = _setting((name, lr))
        if len(self.runs) == self.budget:
            raise WrongError(f"it asks for more than {self.budget} runs.", _SPENDS)
        self.runs.append((name, lr))
        return self.score(name, lr) + 0.4 * float(self.luck.normal())

    def behind(self, name, lr):
        """Return by how many points a setting is behind the best of all."""
        return max(self.peaks.values()) - self.score(name, lr)


_SPENDS = Mistake("spends_too_much", "A budget that grows while it is spent is none.")


def _setting(given):
    """Return a name and a rate, or say what is wrong with them."""
    if is_blank(given):
        raise BlankError
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise WrongError(f"a pair (name, lr) is expected, you gave {short(given)}.")
    name, lr = given
    if is_blank(name) and is_blank(lr):
        raise BlankError
    if not isinstance(name, str) or name not in NAMES:
        raise WrongError(f"{short(name)} is none of {', '.join(NAMES)}.")
    lr = number(lr, "the learning rate")
    if not (np.isfinite(lr) and lr > 0):
        raise WrongError(f"a learning rate is above 0, you gave {short(lr)}.")
    return name, lr


def _draw_search(rng):
    seed = int(rng.integers(2**32))
    text = (
        f"Your optimizers: {', '.join(NAMES)}\n"
        f"Your range of rates: {LOWEST:g} to {HIGHEST:g}\nYour budget: {BUDGET} runs"
    )
    return Task(
        text,
        names=NAMES,
        lowest=LOWEST,
        highest=HIGHEST,
        budget=BUDGET,
        problem=lambda: Problem(np.random.default_rng(seed)),
    )


def coarse_to_fine(run, names, lowest, highest, budget):
    """Spend four runs on each optimizer, and what is left around the best."""
    spaced = np.geomspace(lowest, highest, 9)[1::2]
    seen = {(name, lr): run(name, lr) for name in names for lr in spaced}
    for factor in (4.0, 0.25, 2.0):
        name, lr = max(seen, key=seen.get)
        seen[name, lr * factor] = run(name, lr * factor)
    return max(seen, key=seen.get)


@asks(
    "14.search",
    "tune",
    draw=_draw_search,
    reference=coarse_to_fine,
    hints=(
        "Rates that differ by a factor are equally far apart. First find out who is ahead, then "
        "where its best rate is.",
        "Some runs for each optimizer, evenly spaced in log₁₀ of the rate. What is left of the "
        "budget goes around the best of them.",
        "for name in names: for lr in np.geomspace(3e-4, 3, 4): seen[name, lr] = run(name, lr); "
        "then name, lr = max(seen, key=seen.get), and runs at lr * 4, lr / 4, ...",
    ),
)
def search(function, task, rng):
    """Check ``search(run, names, lowest, highest, budget) -> (name, lr)``."""
    drawn, found = [Problem(rng) for _ in range(PROBLEMS)], []

    def chosen():
        """Return the settings that the learner chose, one a problem, searched once."""
        if not found:
            given = [
                _setting(call(function, one.run, list(NAMES), LOWEST, HIGHEST, BUDGET))
                for one in drawn
            ]
            found.extend(given)
        return found

    def behind(most):
        mean = float(np.mean([one.behind(*setting) for one, setting in zip(drawn, chosen())]))
        if mean > most:
            raise WrongError(
                f"on {PROBLEMS} problems your choice is {mean:.2f} points behind the best one, "
                f"in the mean; {most} are allowed.",
                _habit(drawn),
            )

    return grade(
        [
            Part(
                f"within {NEAR} points of the best choice",
                1,
                lambda: behind(NEAR),
                "How many of your runs did each optimizer get, and at which rates?",
            ),
            Part(
                f"within {NEARER} points of the best choice",
                1,
                lambda: behind(NEARER),
                "What do the first runs tell, and do the last ones make use of it?",
            ),
        ]
    )


def _habit(drawn):
    """Return what all searches have in common that costs them points, or None."""
    counts = [[sum(name == n for n, _ in one.runs) for name in NAMES] for one in drawn]
    rates = [np.array([lr for _, lr in one.runs]) for one in drawn]
    if not all(len(tried) for tried in rates):
        return Mistake("runs_nothing", "It never runs anything: nobody can tell without data.")
    if all(min(row) == 0 for row in counts):
        return Mistake("leaves_an_optimizer_out", "It never tries one of the three optimizers.")
    if all(len(set(tried)) < 4 for tried in rates):
        return Mistake("shares_few_rates", "Too few rates: a best rate may lie between them.")
    if all(sorted(row)[1] < 3 for row in counts):
        return Mistake("tunes_one_alone", "Only one optimizer was tuned: tune each.")
    if all(tried.max() / tried.min() < 1000 for tried in rates):
        return Mistake("searches_a_narrow_range", "It searches a part of the range: where is best?")
    if all(np.mean(tried < 0.1) < 0.25 for tried in rates):
        return Mistake("spaces_rates_evenly", "Even steps leave the small rates out: use factors.")
    if all(len(tried) < BUDGET - 2 for tried in rates):
        return Mistake("leaves_runs_unused", "Runs of the budget are left: spend them.")
    return None
