"""Assignment 01, questions 3 and 7: who does what, and what three runs do."""

import numpy as np

from .a01_neuron import batched
from .answers import labels, read
from .engine import Task, asks
from .neurons import mean_slopes, once_an_epoch, pile_up, slopes_called, train
from .report import Part, grade

# ------------------------------------------------------------------------- 3. who does what

WORKERS = ("loader", "model", "loss", "backpropagation", "schedule", "optimizer")
#: Steps of the run that the lines are taken from.
STEPS = 100


def _draw_workers(rng):
    size, step = int(rng.choice([16, 32, 64])), int(rng.integers(2, 8))
    w, b = float(rng.choice([0.5, 1.5, 2.5])), float(rng.choice([-1, 1, 2]))
    x = int(rng.choice([2, 3, 4]))
    y = w * x + b + float(rng.choice([1.5, 2.5, 3]))
    out = w * x + b
    slope, rate = 2 * (out - y) * x, float(rng.choice([0.1, 0.2, 0.4]))
    now, sign = rate * (1 - step / STEPS), "+" if b > 0 else "−"
    done = {
        "loader": f"samples {step * size} to {(step + 1) * size - 1} of 640",
        "model": f"{w:g} · {x} {sign} {abs(b):g} = {out:g}",
        "loss": f"({out:g} − {y:g})² = {(out - y) ** 2:g}",
        "backpropagation": f"2 · ({out:g} − {y:g}) · {x} = {slope:g}",
        "schedule": f"{rate} · (1 − {step}/{STEPS}) = {now:g}",
        "optimizer": f"{w:g} − {now:g} · ({slope:g}) = {w - now * slope:g}",
    }
    # One worker stays over, and it may be any: none can be ruled out unseen.
    kept = [done[str(worker)].replace("-", "−") for worker in rng.permutation(WORKERS)[:5]]
    lines = dict(zip("ABCDE", kept))
    rows = "\n".join(f"{letter} | {line}" for letter, line in lines.items())
    return Task(f"Lines from step {step} of {STEPS}, in no order:\n{rows}", lines=lines)


def _did(line):
    """Return whose work a line is, from the form of its arithmetic."""
    if line.startswith("samples"):
        return "loader"
    if "²" in line:
        return "loss"
    if f"/{STEPS}" in line:
        return "schedule"
    if line.startswith("2 · ("):
        return "backpropagation"
    return "optimizer" if "(" in line else "model"


_SET_BY_SCHEDULE = (
    "takes-the-schedule-for-the-optimizer",
    "This number is the learning rate: the optimizer is given it.",
)
#: (who it is, who was said) -> (name, sentence)
_MISTAKEN = {
    ("backpropagation", "optimizer"): (
        "takes-backpropagation-for-the-optimizer",
        "This finds a slope; no weight is changed here.",
    ),
    ("optimizer", "backpropagation"): (
        "takes-the-optimizer-for-backpropagation",
        "A slope is used here, and a weight changes: finding the slope was another's work.",
    ),
    ("schedule", "optimizer"): _SET_BY_SCHEDULE,
    ("optimizer", "schedule"): (
        "takes-the-optimizer-for-the-schedule",
        "The learning rate is used here, not set.",
    ),
    ("loss", "optimizer"): (
        "lets-the-optimizer-see-the-loss",
        "The right answer is needed here, and an optimizer sees none.",
    ),
    ("loss", "backpropagation"): (
        "takes-the-loss-for-its-slope",
        "This says how wrong the output is; its slope comes afterwards.",
    ),
    ("backpropagation", "loss"): (
        "takes-the-slope-for-the-loss",
        "A loss is a square; this is the slope of one.",
    ),
    ("model", "loss"): (
        "takes-the-output-for-the-loss",
        "No right answer is looked at here.",
    ),
    ("loss", "model"): (
        "takes-the-loss-for-the-output",
        "The model sees no right answer.",
    ),
    ("model", "optimizer"): (
        "takes-the-model-for-the-optimizer",
        "The weight is used here, not changed.",
    ),
}


@asks(
    "01.workers",
    "diagnose",
    draw=_draw_workers,
    hints=(
        "Which line looks at the right answer? Which one changes a weight?",
        "Output: w x + b. Loss: (out − y)². Slope: 2 (out − y) x. New weight: w − η · slope. "
        "A schedule needs the step's number and a first rate.",
        "No arithmetic: loader. Times, then plus: model. A square: loss. Begins with 2: "
        "backpropagation. Has the step's number in it: schedule. Old weight minus a product: "
        "optimizer.",
    ),
)
def workers(answer, task, rng):
    """Check ``{"A": worker, ..., "E": worker}``."""
    given = labels(answer, "ABCDE", WORKERS, "model")
    think = "What has to be known before this line can be computed, and who is given that?"
    return grade(
        Part(f"line {k}", 1, lambda k=k, v=v: read(v, _did(task.lines[k]), _MISTAKEN), think)
        for k, v in given.items()
    )


# --------------------------------------------------------------------------- 7. read three runs


def _with_slopes(name):
    formula = slopes_called(name)

    def loop(*args):
        return train(*args, lambda *batch: mean_slopes(*batch, slopes=formula))

    return loop


#: label -> the loop that makes such a run
MADE_BY = {
    "healthy": train,
    "climbs": _with_slopes("turns_the_difference"),
    "the bias rests": _with_slopes("forgets_the_bias"),
    "slopes pile up": pile_up,
    "once an epoch": once_an_epoch,
}


def _draw_diagnose(rng):
    lr, x = float(rng.choice([0.04, 0.05, 0.06])), np.array([1.0, float(rng.choice([-2, 2, 3]))])
    y = x * float(rng.choice([2, 3])) + float(rng.choice([-4, 4]))
    w, b = 1.0, float(rng.choice([0.5, 1.0]))
    samples = "; ".join(f"x = {a:g}, y = {c:g}" for a, c in zip(x, y))
    rows = [f"learning rate {lr}; two batches of one sample in turns: {samples}"]
    rows.append("at the start and after each of four batches:")
    runs = {}
    # Two labels stay over, and they may be any: none can be ruled out unseen.
    for letter, label in zip("ABC", rng.permutation(list(MADE_BY))):
        runs[letter] = MADE_BY[str(label)](batched(x, y, 1), w, b, lr, 2)
        for name, values in zip(("w", "b"), runs[letter].T):
            rows.append(f"{letter} | {name} =" + " ".join(f"{v:8.3f}" for v in values))
    return Task("\n".join(rows), runs=runs, x=x, y=y, lr=lr)


#: (what it is, what was said) -> (name, sentence)
_MISREAD = {
    ("slopes pile up", "healthy"): (
        "overlooks-the-old-slopes",
        "The first step is right. Compute the second: the first slope is in it, too.",
    ),
    ("healthy", "slopes pile up"): (
        "sees-old-slopes",
        "Compute the second step: it follows the slope of its own batch alone.",
    ),
    ("climbs", "healthy"): (
        "overlooks-the-sign",
        "After the first step the output is farther from the right answer than before.",
    ),
    ("climbs", "slopes pile up"): (
        "takes-climbing-for-a-sum",
        "The very first step goes the wrong way, and nothing has piled up by then.",
    ),
    ("slopes pile up", "climbs"): (
        "takes-a-sum-for-climbing",
        "The first step goes the right way: only later ones go too far.",
    ),
    ("once an epoch", "healthy"): (
        "steps-once-an-epoch",
        "After the first batch nothing has changed: a step belongs to each batch.",
    ),
    ("healthy", "once an epoch"): (
        "takes-each-batch-for-an-epoch",
        "The weights change after every batch; an epoch is both of them.",
    ),
    ("the bias rests", "once an epoch"): (
        "takes-a-resting-bias-for-waiting",
        "The weight changes after every batch: only the bias rests.",
    ),
    ("the bias rests", "healthy"): (
        "overlooks-the-bias",
        "The bias keeps its number, although the output is wrong.",
    ),
}


@asks(
    "01.diagnose",
    "diagnose",
    draw=_draw_diagnose,
    hints=(
        "Which numbers do not move when they should? Then do the first step of a run by hand.",
        "w₁ = w₀ − η · 2 (out − y) x, and b₁ = b₀ − η · 2 (out − y). The second step has the "
        "second sample.",
        "b never moves: ... w rests after the first batch: ... w₁ on the wrong side of w₀: ... "
        "w₁ right and w₂ not: ... both right: ...",
    ),
)
def diagnose(answer, task, rng):
    """Check ``{"A": label, "B": label, "C": label}``."""
    given = labels(answer, "ABC", MADE_BY, "healthy")
    think = "What do the first two steps have to be, from the formulas?"
    return grade(
        Part(f"run {k}", 1, lambda k=k, v=v: read(v, _made(task, k), _MISREAD), think)
        for k, v in given.items()
    )


def _made(task, letter):
    """Return the label whose loop takes the steps of a run."""
    path = task.runs[letter]
    args = batched(task.x, task.y, 1), *path[0], task.lr, 2
    return next(label for label, loop in MADE_BY.items() if np.allclose(loop(*args), path))
