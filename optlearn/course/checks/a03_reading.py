"""Assignment 03, questions 5 and 6: read three walks, and refute a fluent sentence."""

import numpy as np

from .answers import labels, read
from .engine import Task, asks
from .machine import Machine
from .probe import call, is_blank, number, short
from .report import BlankError, Mistake, Part, WrongError, grade

# --------------------------------------------------------------------------- 5. read the curves

#: Examples of the walks; a batch of all of them has no noise.
ALL = 512
SIZES = ("1", "8", "64", str(ALL))
STEPS = 120
WEIGHTS = 30


def floor(lr, size):
    """Return the mean height at which a walk hovers over a bowl of curvature 1."""
    return 0.0 if size == ALL else WEIGHTS * lr / (2 * size * (2 - lr))


def _height(lr, size, rng):
    """Return the height of one walk at every step."""
    w, found = np.full(WEIGHTS, 2.0), []
    for _ in range(STEPS + 1):
        found.append(w @ w / 2)
        noise = 0 if size == ALL else rng.normal(size=WEIGHTS) / np.sqrt(size)
        w = w - lr * (w + noise)
    return np.array(found)


def _draw_diagnose(rng):
    lr = float(rng.choice([0.1, 0.15, 0.2, 0.25, 0.3]))
    runs, rows = {}, [f"Learning rate of all runs: {lr}"]
    rows.append(f"A batch of 1 hovers, in theory, at a height of {floor(lr, 1):.2g}.")
    rows.append("height after 0, 5, 10 and 20 steps | mean of the last 60")
    # One label stays over, and it may be any: none can be ruled out unseen.
    sizes = [int(label) for label in rng.permutation(SIZES)[:3]]
    for letter, size in zip("ABC", sizes):
        runs[letter] = run = _height(lr, size, rng)
        shown = " ".join(f"{v:7.2g}" for v in run[[0, 5, 10, 20]])
        rows.append(f"{letter} |{shown} | {run[-60:].mean():.2g}")
    return Task("\n".join(rows), lr=lr, runs=runs)


_ROOT = (
    "takes-the-root",
    "The noise of a gradient falls like one over the root of B, the height like one over B.",
)
_TURNED = ("turns-noise-over", "A larger batch has less noise: it hovers lower, not higher.")
#: (what it is, what was said) -> (name, sentence)
_MISREAD = {
    ("8", "64"): _ROOT,
    ("64", str(ALL)): (
        "takes-low-for-none",
        "It is low, but it still hovers: without noise the height falls at every step.",
    ),
    ("1", "64"): _TURNED,
    ("1", str(ALL)): _TURNED,
    ("8", str(ALL)): _TURNED,
    (str(ALL), "1"): _TURNED,
    (str(ALL), "8"): _TURNED,
    (str(ALL), "64"): (
        "takes-none-for-low",
        "It does not hover at all: each step leaves it lower than the last.",
    ),
}


@asks(
    "03.diagnose",
    "diagnose",
    draw=_draw_diagnose,
    hints=(
        "All runs fall equally fast at first, whatever their batch. Look at where they end.",
        "The height of the floor goes like η / B, and η is the same for all.",
        "Divide the height of batch 1 by 8 and by 64, then compare with the means of the runs. "
        "Which run has no floor?",
    ),
)
def diagnose(answer, task, rng):
    """Check ``{"A": batch size, "B": batch size, "C": batch size}``."""
    given = labels(answer, "ABC", SIZES, "8")
    think = "How many times lower than a batch of 1 does it hover, and what follows for B?"
    return grade(
        Part(f"run {key}", 1, lambda k=key, v=label: read(v, _size(task, k), _MISREAD), think)
        for key, label in given.items()
    )


def _size(task, letter):
    """Return the batch size whose floor is nearest; a run far below all has no noise."""
    height = task.runs[letter][-60:].mean()
    if height < floor(task.lr, 64) / 8:
        return str(ALL)
    return min(SIZES[:3], key=lambda size: abs(np.log(height / floor(task.lr, int(size)))))


# ------------------------------------------------------------------------ 6. refute the sentence

#: How many times the rounds of the small batch the large one has to take.
ENOUGH = 2
#: A rate is fair if no other one saves more than this share of the rounds.
FAIR = 1.3


def _machine(rng, capacity):
    return Machine(capacity, float(rng.integers(15, 31)), 0.4, int(rng.integers(2**32)))


def _draw_refute(rng):
    capacity = int(rng.choice([4, 8, 16, 32]))
    machine = _machine(rng, capacity)
    text = (
        f"Your machine reads {capacity} examples in one round.\n"
        f"Batch {capacity} at learning rate 0.1: {machine.rounds(capacity, 0.1)} rounds."
    )
    return Task(text, capacity=capacity, rounds=machine.rounds, machine=machine)


@asks(
    "03.refute",
    "refute",
    draw=_draw_refute,
    hints=(
        "Up to which batch size does a step take one round? What does a batch beyond it cost?",
        "rounds = steps · ⌈B / capacity⌉. Beyond the critical size the steps hardly fall, and "
        "⌈B / capacity⌉ goes on rising. Give each batch its own best learning rate.",
        "rates = np.geomspace(0.01, 1.9, 30); for each of the two sizes: "
        "min(rates, key=lambda lr: rounds(size, lr)); the ratio is large over small",
    ),
)
def refute(function, task, rng):
    """Check ``experiment(rounds) -> (small, lr_small), (large, lr_large), ratio``."""
    machines = [task.machine, *(_machine(rng, task.capacity) for _ in range(2))]
    answers = []

    def tests(which):
        if not answers:
            answers.extend(_three(call(function, machine.rounds)) for machine in machines)
        for machine, answer in zip(machines, answers):
            which(machine, *answer)

    parts = (
        (
            f"even at its best rate the larger batch takes {ENOUGH} times the rounds",
            2,
            _refutes,
            "Which batches cost one round a step, and where do more examples save no steps?",
        ),
        (
            "each batch has a rate of its own that suits it",
            1,
            _fair,
            "Would somebody who believes the sentence call your two rates fair?",
        ),
        (
            "the ratio you report is the one of your two runs",
            1,
            _ratio_is_right,
            "Rounds of which run over rounds of which other?",
        ),
    )
    return grade(
        Part(name, points, lambda test=test: tests(test), think)
        for name, points, test, think in parts
    )


def _three(given):
    if is_blank(given):
        raise BlankError
    if not isinstance(given, list | tuple) or len(given) != 3:
        raise WrongError(
            "three things are expected: (small, lr_small), (large, lr_large), ratio; got "
            f"{short(given)}."
        )
    if is_blank(given[0]):
        raise BlankError
    small, large = (_setting(pair, name) for pair, name in zip(given, ("small", "large")))
    if small[0] >= large[0]:
        raise WrongError(
            f"your first batch has {small[0]} examples and your second {large[0]}: the smaller "
            "one comes first, and they have to differ."
        )
    return small, large, given[2]


def _setting(pair, name):
    if not isinstance(pair, list | tuple | np.ndarray) or len(pair) != 2:
        raise WrongError(f"a pair is expected: ({name}, lr_{name}); got {short(pair)}.")
    size, lr = number(pair[0], f"the {name} batch"), number(pair[1], f"lr_{name}")
    if not (np.isfinite(size) and size == int(size) and 1 <= size <= ALL):
        raise WrongError(f"a batch has 1 to {ALL} examples, yours has {short(size)}.")
    if not (np.isfinite(lr) and lr > 0):
        raise WrongError(f"a learning rate is above 0, you gave {short(lr)}.")
    return int(size), lr


def _refutes(machine, small, large, ratio):
    took, best = machine.rounds(*small), machine.best(large[0])
    if np.isinf(took):
        raise WrongError(
            f"batch {small[0]} does not arrive at learning rate {short(small[1])}.",
            Mistake(
                "small-does-not-arrive", "The noise holds it above the target: lower its rate."
            ),
        )
    if best < ENOUGH * took:
        fits = large[0] <= machine.capacity
        raise WrongError(
            f"batch {small[0]} takes {short(took)} rounds, and batch {large[0]} can do it in "
            f"{short(best)}.",
            Mistake(
                "fills-the-machine",
                "Both fit into one round: here a larger batch costs nothing, and it may help.",
            )
            if fits
            else None,
        )


def _fair(machine, small, large, ratio):
    for size, lr in (small, large):
        took, best = machine.rounds(size, lr), machine.best(size)
        if took > FAIR * best + 1:
            same = small[1] == large[1]
            raise WrongError(
                f"batch {size} takes {short(took)} rounds at learning rate {short(lr)}, at "
                f"another rate {short(best)}.",
                Mistake(
                    "gives-both-one-rate",
                    "One rate for both favours one of them: let each have its own.",
                )
                if same
                else None,
            )


def _ratio_is_right(machine, small, large, ratio):
    claimed, few, many = number(ratio, "the ratio"), machine.rounds(*small), machine.rounds(*large)
    if np.isinf([few, many]).any():
        raise WrongError("one of your two runs does not arrive: there is no ratio.")
    right = many / few
    if abs(claimed - right) > 0.02 * right:
        steps = machine.steps(*large) / machine.steps(*small)
        table = {
            "turns-it-over": (1 / right, "It is upside down: large over small."),
            "counts-steps": (steps, "This is the ratio of the steps, not of the rounds."),
            "compares-the-rates": (large[1] / small[1], "This is the ratio of the rates."),
            "gives-the-difference": (many - few, "This is the difference: divide instead."),
        }
        known = next(
            (Mistake(k, s) for k, (v, s) in table.items() if np.isclose(claimed, v, rtol=1e-3)),
            None,
        )
        raise WrongError(f"you report {short(claimed)}, the runs give {right:.3g}.", known)
