"""Assignment 11, question 4: a fair comparison of two rivals, judged by the runs that it makes."""

from itertools import pairwise

import numpy as np

from . import intervals
from .answers import several
from .engine import Task, asks
from .labs import GAP, draw_lab
from .probe import call, is_blank, number, numbers, short
from .report import BlankError, Mistake, Part, WrongError, grade

#: The fewest seeds that may choose, and the fewest that may report.
CHOOSING, REPORTING = 3, 8


def _draw(rng):
    lab = draw_lab(rng)
    text = (
        f"Your rivals: {lab.rivals[0]} and {lab.rivals[1]}\n"
        f"The range to begin with: {lab.low:g} to {lab.high:g}"
    )
    again = {"rivals": lab.rivals, "low": lab.low, "high": lab.high}
    return Task(text, train=lab.train, lab=lab, **again)


def compare(train, rivals, low, high, t, step=3.0, seeds=range(5), fresh=range(100, 110)):
    """Return the chosen rates, and the ends of the interval of the difference."""

    def chosen(name, rates):
        return rates[
            int(np.argmax([np.mean([train(name, r, s)[0] for s in seeds]) for r in rates]))
        ]

    rates = list(np.geomspace(low, high, 2 + int(np.log(high / low) / np.log(step))))
    best = [chosen(name, rates) for name in rivals]
    while rates[0] in best or rates[-1] in best:
        rates = [rates[0] / step, *rates, rates[-1] * step]
        best = [chosen(name, rates) for name in rivals]
    tests = [[train(name, lr, s)[1] for s in fresh] for name, lr in zip(rivals, best)]
    return best, *intervals.paired_interval(*tests, t)


@asks(
    "11.compare",
    "implement",
    draw=_draw,
    reference=lambda *args: compare(*args),
    hints=(
        "Two phases. In the first, some seeds choose a rate for each rival, on validation data. "
        "In the second, other seeds measure the two chosen rates, on test data.",
        "Score of a rate: the mean validation accuracy over its seeds. "
        "While a best rate is the first or last of the grid, widen the grid for both.",
        "rates = list(np.geomspace(low, high, 8)); while rates[0] in best or rates[-1] in best: "
        "rates = [rates[0] / 3, *rates, rates[-1] * 3], and choose again. "
        "d = first - second over seeds 100 to 109; d.mean() ± t(0.975, 9) · d.std(ddof=1) / √10",
    ),
)
def examine(function, task, rng):
    """Check ``compare(train, rivals, low, high, t) -> (rates, low, high)`` by its runs."""
    labs = [task.lab.again(), *(draw_lab(rng, edge) for edge in ("high", "low", None, None))]
    done = []

    def tests(which):
        if not done:
            done.extend(_Done(lab, function) for lab in labs)
        for one in done:
            which(one)

    parts = (
        (
            "both rivals get as many runs to choose from",
            _equal_budgets,
            "How many runs has each rival spent when its rate is chosen?",
        ),
        (
            "a log grid without holes, and several seeds",
            _tries_enough,
            "By which factor are neighbours apart, and what does one seed tell?",
        ),
        (
            "no best rate stands at an edge",
            _is_inside,
            "What lies beyond the last rate that you tried?",
        ),
        (
            "validation data choose",
            _chose_by_validation,
            "Which accuracy, averaged over what, decides? Do the rates of an earlier grid count?",
        ),
        (
            "other seeds report, the same for both",
            _reports_afresh,
            "Which seeds have not chosen anything yet?",
        ),
        (
            "a paired interval of the test accuracies",
            _interval_is_right,
            "Which differences does it come from, and how many are there?",
        ),
    )
    return grade(Part(name, 1, lambda test=test: tests(test), think) for name, test, think in parts)


class _Done:
    """What a learner's comparison did in one laboratory, and what it returned."""

    def __init__(self, lab, function):
        self.lab = lab
        given = call(function, lab.train, lab.rivals, lab.low, lab.high, intervals.t)
        rates, low, high = several(given, ("rates", "low", "high"))
        if isinstance(rates, dict):
            rates = [rates.get(name) for name in lab.rivals]
        if is_blank(rates):
            raise BlankError
        rates = numbers(rates, (2,), "the chosen rates")
        self.rates = [float(f"{lr:.9g}") for lr in rates]
        self.ends = np.array([number(low, "low"), number(high, "high")])
        for name, lr in self.pairs:
            if lr not in lab.rates(name):
                raise WrongError(f"you return {short(lr)} for {name}, a rate that was never tried.")

    @property
    def pairs(self):
        return list(zip(self.lab.rivals, self.rates))

    @property
    def fresh(self):
        """The seeds that measured both chosen rates and chose none."""
        return sorted(set.intersection(*(self.lab.fresh_seeds(*pair) for pair in self.pairs)))


def _wrong(difference, name, sentence):
    raise WrongError(difference, Mistake(name, sentence))


def _equal_budgets(done):
    untuned = [name for name in done.lab.rivals if len(done.lab.rates(name)) == 1]
    if len(untuned) == 1:
        _wrong(
            f"{untuned[0]} was tried with one rate, its rival with more.",
            "tunes_one_side",
            "A rival at its default has a budget of one: search for both.",
        )
    spent = {name: len(done.lab.choosing_runs(name)) for name in done.lab.rivals}
    (first, a), (second, b) = spent.items()
    if a != b:
        _wrong(
            f"{first} had {a} runs to choose from, {second} had {b}.",
            "unequal_budgets",
            "Who may try more finds more: widen the range for both.",
        )


def _tries_enough(done):
    for name in done.lab.rivals:
        tried = sorted({lr for lr, _ in done.lab.choosing_runs(name)})
        apart = max((b / a for a, b in pairwise(tried)), default=np.inf)
        if apart > GAP * (1 + 1e-6):
            given = [lr for lr in tried if done.lab.low <= lr <= done.lab.high]
            even = len(given) > 2 and np.ptp(np.diff(given)) < 1e-6 * given[-1]
            raise WrongError(
                f"for {name} two neighbours are {short(apart)} times apart, at most {GAP:g} are "
                "asked for.",
                Mistake(
                    "takes_a_linear_grid",
                    "The rates are evenly apart: nearly all of them lie in the last power of ten.",
                )
                if even
                else None,
            )
        if tried[0] > done.lab.low * 1.001 or tried[-1] < done.lab.high * 0.999:
            raise WrongError(f"for {name} the range that you were given is not tried to its ends.")
        fewest = min(len(done.lab.seeds(name, lr)) for lr in tried)
        if fewest < CHOOSING:
            _wrong(
                f"for {name} a rate was tried with {fewest} seeds, at least {CHOOSING} are asked.",
                "chooses_by_luck",
                "With so few seeds the luckiest rate wins, not the best.",
            )


def _is_inside(done):
    for name, lr in done.pairs:
        tried = done.lab.rates(name)
        if lr in (tried[0], tried[-1]):
            side = "highest" if lr == tried[-1] else "lowest"
            _wrong(
                f"the rate {short(lr)} of {name} is the {side} that was tried.",
                "ends_at_the_edge",
                "The best rate stands at an edge: better ones may lie beyond, so widen the range.",
            )


#: name -> (0 for validation data and 1 for test data, how the seeds are taken together, sentence)
_CHOICES = {
    "chooses_by_test": (1, np.mean, "Test data chose the rate, so they can report no more."),
    "chooses_the_luckiest": (0, np.max, "The best single run chose, not the mean over seeds."),
    "chooses_the_worst": (0, lambda v: -np.mean(v), "The worst rate was chosen: take the largest."),
}


def _chose_by_validation(done):
    for name, lr in done.pairs:
        scores = done.lab.scores(name, 0)
        if scores.get(lr, -np.inf) < max(scores.values()) - 1e-9:
            best = max(scores, key=scores.get)
            raise WrongError(
                f"for {name} you chose {short(lr)}; on validation data {short(best)} is better, "
                f"{scores[best]:.2f} against {scores.get(lr, np.nan):.2f} %.",
                _known_choice(done),
            )


def _known_choice(done):
    for mistake, (which, reduce, sentence) in _CHOICES.items():
        found = [(done.lab.scores(name, which, reduce), lr) for name, lr in done.pairs]
        if all(lr in scores and scores[lr] >= max(scores.values()) for scores, lr in found):
            return Mistake(mistake, sentence)
    turned = zip(done.lab.rivals, done.rates[::-1])
    if all(lr == max(s, key=s.get) for s, lr in ((done.lab.scores(n, 0), lr) for n, lr in turned)):
        return Mistake("exchanges_the_rates", "The two rates stand in the wrong order.")
    if len(set(done.rates)) == 1:
        return Mistake("shares_the_rate", "One rate for both favours one: let each have its own.")
    return None


def _reports_afresh(done):
    alone = [done.lab.fresh_seeds(*pair) for pair in done.pairs]
    if not any(alone):
        _wrong(
            "no seed is left that did not choose.",
            "reports_what_chose",
            "The seeds that chose were lucky for the chosen rate: measure with others.",
        )
    if alone[0] != alone[1]:
        _wrong(
            f"the two rivals were measured with different seeds: {short(sorted(alone[0]))} and "
            f"{short(sorted(alone[1]))}.",
            "measures_with_other_seeds",
            "Shared seeds cancel in the difference: give both the same.",
        )
    if len(alone[0]) < REPORTING:
        _wrong(
            f"{len(alone[0])} seeds report, at least {REPORTING} are asked for.",
            "reports_too_few_seeds",
            "With few seeds the interval is wide, or wrong by luck.",
        )


def _interval_is_right(done):
    seeds = done.fresh or sorted(done.lab.choosing_seeds(done.lab.rivals[0]))
    if len(seeds) < 2:
        raise WrongError("there are no two seeds that measured both chosen rates.")
    a, b = _measured(done, seeds)
    want = np.array(intervals.paired_interval(a, b, intervals.t))
    if not np.allclose(done.ends, want, rtol=1e-9, atol=1e-9):
        raise WrongError(
            f"you return {short(done.ends)}; the runs with {len(seeds)} fresh seeds give "
            f"{short(want)}.",
            _known_interval(done, seeds),
        )


def _measured(done, seeds, which=1):
    return [done.lab.results(name, lr, seeds, which) for name, lr in done.pairs]


def _known_interval(done, seeds):
    chose = sorted(done.lab.choosing_seeds(done.lab.rivals[0]))
    other = {
        "reports_validation": (seeds, 0, "These are validation accuracies: test data report."),
        "reports_what_chose": (chose, 1, "These are the seeds that chose: others should report."),
        "reports_all_seeds": (
            sorted({*seeds, *chose}),
            1,
            "The seeds that chose are among these: leave them out.",
        ),
    }
    for name, (used, which, sentence) in other.items():
        if len(used) > 1:
            got = intervals.paired_interval(*_measured(done, used, which), intervals.t)
            if np.allclose(done.ends, got):
                return Mistake(name, sentence)
    for name, (sentence, wrong) in intervals.WRONG_INTERVALS.items():
        if np.allclose(done.ends, wrong(*_measured(done, seeds), intervals.t)):
            return Mistake(name, sentence)
    return None
