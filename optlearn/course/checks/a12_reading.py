"""Assignment 12, questions 6 and 7: tell rules by their steps, and read three comparisons."""

import numpy as np

from ... import experiments, rules, tuning
from .answers import labels, read
from .engine import Task, asks
from .report import Part, grade

# --------------------------------------------------------------------------- 6. read the steps

RANKS = np.array([1, 2, 4, 8, 16, 32])
VOCABULARY, STEPS = 96, 2000


def _sign(w, g, t, lr):
    return (w - lr * np.sign(g),)


#: label -> the rule, its arrays of state, and whether its gradients are exact
RULES = {
    "descent": (rules.sgd, 0, False),
    "adam, exact": (rules.adam, 2, True),
    "adam, batches": (rules.adam, 2, False),
    "sign, batches": (_sign, 0, False),
}


def lengths(label, shares, frequencies):
    """Return the mean step of each row in the second half, as multiples of the first row's.

    ``shares`` are how often each token comes in each batch, shape ``(STEPS, ranks)``.
    """
    rule, size, exact = RULES[label]
    w, state, steps = np.zeros(len(RANKS)), [np.zeros(len(RANKS))] * size, []
    for t, share in enumerate(shares, 1):
        g = frequencies if exact else share
        new, *state = rule(w, g, *state, t=t, lr=1.0)
        w, step = new, w - new
        steps.append(step)
    mean = np.mean(steps[STEPS // 2 :], axis=0)
    return mean / mean[0]


def _draw_steps(rng):
    batch = int(rng.choice([12, 16, 24]))
    frequencies = 1 / RANKS / np.sum(1 / np.arange(1, VOCABULARY + 1))
    shares = rng.binomial(batch, frequencies, size=(STEPS, len(RANKS))) / batch
    # One label stays over, and it may be any: none can be ruled out unseen.
    picked = [str(label) for label in rng.permutation(list(RULES))[:3]]
    runs = {key: lengths(label, shares, frequencies) for key, label in zip("ABC", picked)}
    rows = [
        f"batches of {batch} pairs",
        "rank       |" + " ".join(f"{rank:6d}" for rank in RANKS),
        "in a batch |" + " ".join(f"{batch * p:6.2f}" for p in frequencies),
        *(f"steps of {k} |" + " ".join(f"{v:6.3f}" for v in run) for k, run in runs.items()),
    ]
    numbers = {"batch": batch, "frequencies": frequencies, "shares": shares}
    return Task("\n".join(rows), runs=runs, ranks=RANKS.copy(), **numbers)


#: (what it is, what was said) -> (name, sentence)
_MISREAD = {
    ("descent", "sign, batches"): (
        "takes-a-fall-for-signs",
        "It falls like 1/k from the start. Signs are alike where a token is in every batch.",
    ),
    ("sign, batches", "descent"): (
        "overlooks-the-flat-start",
        "Rank 2 comes half as often as rank 1, and yet steps more than half as far.",
    ),
    ("adam, exact", "adam, batches"): (
        "expects-noise-everywhere",
        "All rows step alike: the frequency cancels wholly, so there is no noise.",
    ),
    ("adam, batches", "adam, exact"): (
        "expects-a-perfect-cancelling",
        "Rare rows step less far: in batches that seldom hold a token, v is large beside m.",
    ),
    ("adam, batches", "sign, batches"): (
        "takes-a-root-for-a-line",
        "From rank 16 to 32 it falls by about √2. Signs would fall by half, as the chance does.",
    ),
    ("sign, batches", "adam, batches"): (
        "takes-a-line-for-a-root",
        "From rank 16 to 32 it falls by half, as the chance to be in a batch does.",
    ),
    ("adam, batches", "descent"): (
        "takes-every-fall-for-descent",
        "Descent's steps fall like 1/k: at rank 32 they would be a thirty-second.",
    ),
    ("descent", "adam, batches"): (
        "expects-adam-to-help-little",
        "These steps fall like the frequency itself: nothing was divided.",
    ),
}


@asks(
    "12.steps",
    "diagnose",
    draw=_draw_steps,
    hints=(
        "Hold each line against 1, and against 1/k. For the other two: how often is a token of "
        "rank 16 or 32 in a batch at all?",
        "Descent: 1/k. Exact Adam: 1. Signs: the chance that the token is in the batch, about "
        "B p where that is small. Adam in batches: about √(B p / (1 + B p)).",
        "run[-1] near 1: ...; run[1] near 1/2: ...; run[-1] below 0.2, as the chance to be in a "
        "batch is: ...; else ...",
    ),
)
def steps(answer, task, rng):
    """Check ``{"A": label, "B": label, "C": label}``."""
    given = labels(answer, "ABC", RULES, "descent")
    think = "By which factor does it fall from rank 1 to 2, and from rank 16 to 32?"
    return grade(
        Part(f"steps of {key}", 1, lambda k=key, v=label: read(v, _made(task, k), _MISREAD), think)
        for key, label in given.items()
    )


def _made(task, letter):
    """Return the label whose rule takes the steps of a run."""
    for label in RULES:
        if np.allclose(task.runs[letter], lengths(label, task.shares, task.frequencies)):
            return label
    raise AssertionError("steps that no rule made")


# --------------------------------------------------------------------- 7. read the comparisons

CLAIMS = ("adam", "sgd", "open")
SEEDS = 10
#: So far from 0 an interval has to begin or end, that its reading is beyond doubt.
CLEAR = 0.05


def _interval(leads):
    return tuning.Comparison("lead", tuple(leads)).ci95


def verdict(leads):
    """Return who is ahead by the 95 % interval of Adam's lead."""
    low, high = _interval(leads)
    return "adam" if low > 0 else "sgd" if high < 0 else "open"


def _digits(rng, network):
    """Return Adam's lead over SGD with momentum by seed, in points, and a title."""
    schedule = str(rng.choice(["constant", "cosine"]))
    found = experiments.get("architectures.optimizers").result()
    adam, sgd = (found[f"{network}-{schedule}-{o}"]["test_accuracy"] for o in ("adam", "momentum"))
    seeds = rng.permutation(len(adam))[:SEEDS]
    return 100 * np.subtract(adam, sgd)[seeds], f"{network.upper()}, {schedule} rate (points)"


def _tokens(rng):
    # Adam leads in one of these; let it come as often as the others together.
    settings = [("zipf", "4096")] * 3 + [("zipf", "16"), ("uniform", "16"), ("uniform", "4096")]
    kind, size = settings[rng.integers(len(settings))]
    arms = experiments.get("imbalance.excess").result()["arms"]
    sgd, adam = (np.log10(arms[f"{kind}-{size}-{name}"]["total"]) for name in ("sgd", "adam"))
    return np.subtract(sgd, adam), f"tokens, {kind}, batch {size} (powers of ten)"


def _draw_habit(rng):
    told = str(rng.choice(["adam", "open"]))  # of the RNN: both come about equally often
    while True:
        drawn = [_digits(rng, "cnn"), _digits(rng, "rnn"), _tokens(rng)]
        ends = [abs(end) for leads, _ in drawn for end in _interval(leads)]
        if min(ends) > CLEAR and verdict(drawn[1][0]) == told:
            break
    drawn = [drawn[i] for i in rng.permutation(3)]
    leads = {key: leads.round(2) for key, (leads, _) in zip("ABC", drawn)}
    rows = [
        f"{key}: {title}\n   " + " ".join(f"{lead:+.2f}" for lead in leads[key])
        for key, (_, title) in zip("ABC", drawn)
    ]
    return Task("Adam's lead over SGD, seed by seed\n" + "\n".join(rows), leads=leads)


_OVERCLAIMED = {
    ("open", "adam"): (
        "takes-a-mean-for-a-lead",
        "The interval of the mean lead holds 0: the seeds do not tell it from nothing.",
    ),
    ("open", "sgd"): (
        "takes-a-mean-for-a-lead",
        "The interval of the mean lead holds 0: the seeds do not tell it from nothing.",
    ),
    ("adam", "open"): (
        "asks-for-every-seed",
        "Single seeds may point the other way. The interval of the mean stays on one side of 0.",
    ),
    ("sgd", "open"): (
        "asks-for-every-seed",
        "Single seeds may point the other way. The interval of the mean stays on one side of 0.",
    ),
    ("adam", "sgd"): ("turns-the-sign", "A lead above 0 is Adam's."),
    ("sgd", "adam"): ("turns-the-sign", "A lead below 0 is that of SGD."),
}


@asks(
    "12.habit",
    "diagnose",
    draw=_draw_habit,
    hints=(
        "One number a seed, paired already. Is the mean lead farther from 0 than the spread of the "
        "seeds lets it wander?",
        "The interval is d̄ ± t s / √n, with s the spread (n − 1 below the line). For 10 seeds t is "
        "2.26, for 8 it is 2.36.",
        "reach = 2.3 * np.std(leads, ddof=1) / np.sqrt(len(leads)); mean > reach: 'Adam'; mean < "
        "-reach: 'SGD'; else 'open'",
    ),
)
def habit(answer, task, rng):
    """Check ``{"A": claim, "B": claim, "C": claim}``; a claim may come twice."""
    given = labels(answer, "ABC", CLAIMS, "open", repeats=True)
    think = "Where does the 95 % interval of the mean lead begin and end?"

    def reads(key, claim):
        read(claim, verdict(task.leads[key]), _OVERCLAIMED)

    return grade(
        Part(f"comparison {key}", 1, lambda key=key, claim=claim: reads(key, claim), think)
        for key, claim in given.items()
    )
