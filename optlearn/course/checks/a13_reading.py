"""Assignment 13, questions 5 and 6: mistakes in the groups, and steps by their singular values."""

import numpy as np

from ... import rules
from .a13_layer_wise_optimizers import HEAD, adamw_first
from .answers import labels, read
from .engine import Task, asks
from .report import Part, grade

# -------------------------------------------------------------------------- 5. read the logs

PARAMETERS = ("embedding", "hidden", "bias", "norm", "head")
IS_MATRIX = np.array([1, 1, 0, 0, 1])
LABELS = ("as planned", "forgotten", "twice", "one rate", "all decay")
STEPS = 10


def _draw_diagnose(rng):
    lr, decay = float(rng.choice([0.01, 0.02])), float(rng.choice([0.3, 0.4]))
    # Nowhere do decay and step cancel.
    start = rng.permutation([1.0, 2.0, 5.0, 6.0, 8.0]) * rng.choice([-1, 1], 5)
    slopes = np.exp(rng.uniform(np.log(0.01), np.log(50), 5)) * rng.choice([-1, 1], 5)
    slopes = np.array([float(f"{slope:.1g}") for slope in slopes])
    task = Task("", start=start, slopes=slopes, lr=lr, decay=decay, runs={})
    # Two labels stay over, and they may be any: none can be ruled out unseen.
    for letter, label in zip("ABC", rng.permutation(LABELS)):
        task.runs[letter] = logged(task, str(label), int(rng.integers(5)))
    task._text = _log(task)
    return task


def logged(task, label, odd):
    """Return the weights over the steps of AdamW; ``odd`` is the parameter of a mistake."""
    rates = task.lr * np.array([1, 1, 1, 1, 1 if label == "one rate" else HEAD])
    decays = task.decay * (1 if label == "all decay" else IS_MATRIX)
    turns = np.ones(5, dtype=int)
    turns[odd] = {"forgotten": 0, "twice": 2}.get(label, 1)
    path = [task.start]
    for _ in range(STEPS):
        w = path[-1]
        for turn in (1, 2):
            w = np.where(turns >= turn, adamw_first(w, task.slopes, rates, decays), w)
        path.append(w)
    return np.array(path)


def _log(task):
    def row(head, values, form="{:10.3f}"):
        return f"{head:<11}|" + "".join(form.format(v) for v in values)

    rows = [
        f"AdamW at {task.lr}, the head at {HEAD * task.lr:g}; weight decay {task.decay}, for "
        "matrices only",
        row("", PARAMETERS, "{:>10}"),
        row("slope", task.slopes, "{:10g}"),
        row("start", task.start),
    ]
    for letter, run in task.runs.items():
        rows += [row(f"{letter}, step {t}", run[t]) for t in (1, STEPS)]
    return "\n".join(rows)


_NOTHING = "sees-a-mistake", "Compute all five by the plan: each stands where it should."
#: (what it is, what was said) -> (name, sentence)
_MISREAD = {
    **{("as planned", label): _NOTHING for label in LABELS[1:]},
    ("forgotten", "as planned"): ("overlooks-the-gap", "One of the five has not moved at all."),
    ("twice", "as planned"): ("overlooks-the-double", "One of the five moves twice as far."),
    ("twice", "all decay"): (
        "takes-a-double-for-decay",
        "Only one parameter is off, and by a whole step.",
    ),
    ("one rate", "as planned"): ("overlooks-the-rate", "How long is the head's step by the plan?"),
    ("one rate", "forgotten"): (
        "takes-slow-for-forgotten",
        "The head does move, by a tenth of what it should.",
    ),
    ("forgotten", "one rate"): (
        "takes-forgotten-for-slow",
        "A parameter with too low a rate would still move.",
    ),
    ("all decay", "as planned"): (
        "overlooks-the-decay",
        "By the plan bias and norm move by one rate exactly. Do they?",
    ),
    ("all decay", "twice"): (
        "takes-decay-for-a-double",
        "Bias and norm are both off, and by far less than a whole step.",
    ),
}


@asks(
    "13.diagnose",
    "diagnose",
    draw=_draw_diagnose,
    hints=(
        "Work out where the five stand after one step, if all goes by the plan. Then look for "
        "what differs, in each run.",
        "Matrices: w ← (1 − η λ) w − η sign(g). Bias and norm: the same with λ = 0. The head's η "
        "is ten times the other.",
        "off = run[1] - planned. All 0: ... One stands at its start: ... Only the head, by nine "
        "tenths: ... Bias and norm, by lr·decay·w: ... One by a whole step more: ...",
    ),
)
def diagnose(answer, task, rng):
    """Check ``{"A": label, "B": label, "C": label}``."""
    given = labels(answer, "ABC", LABELS, "forgotten")
    think = "Which of the five is not where the plan takes it, and by how much is it off?"
    return grade(
        Part(f"run {key}", 1, lambda k=key, v=label: read(v, _made(task, k), _MISREAD), think)
        for key, label in given.items()
    )


def _made(task, letter):
    """Return the label of a run: what its grouping does to some parameter."""
    return next(
        label
        for label in LABELS
        for odd in range(5)
        if np.allclose(logged(task, label, odd), task.runs[letter], rtol=1e-9)
    )


# ----------------------------------------------------------------------- 6. tell the steps apart


def _exact(matrix):
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    return left @ right


#: label -> the step that is made of a momentum matrix
STEPS_OF = {
    "plain": lambda matrix: matrix,
    "sign": np.sign,
    "one iteration": lambda matrix: rules.orthogonalize(matrix, 1),
    "muon": rules.orthogonalize,
    "exact": _exact,
}


def relative(matrix):
    """Return the singular values over the largest of them."""
    values = np.linalg.svd(matrix, compute_uv=False)
    return values / values[0]


def _draw_spectra(rng):
    sizes = 10.0 ** rng.uniform([0, -0.4, -1.3, -2.3, -3.9], [0, -0.1, -0.8, -1.8, -3.3])
    left, right = (np.linalg.qr(rng.normal(size=(n, 5)))[0] for n in (5, 16))
    matrix = rng.uniform(2, 9) * (left * sizes) @ right.T
    values = np.linalg.svd(matrix, compute_uv=False)
    rows = [
        "singular values of the momentum: " + ", ".join(f"{v:.3g}" for v in values),
        "those of three steps, each divided by its largest:",
    ]
    runs = {}
    # Two labels stay over, and they may be any: none can be ruled out unseen.
    for letter, label in zip("ABC", rng.permutation(list(STEPS_OF))):
        runs[letter] = relative(STEPS_OF[str(label)](matrix))
        rows.append(f"{letter} |" + " ".join(f"{v:8.4f}" for v in runs[letter]))
    return Task("\n".join(rows), matrix=matrix, values=values, runs=runs)


#: (what it is, what was said) -> (name, sentence)
_MISTAKEN = {
    ("muon", "exact"): (
        "takes-near-for-exact",
        "They are far more alike than before, but an exact step has all of them at 1.",
    ),
    ("exact", "muon"): ("takes-exact-for-near", "Five iterations never make all values equal."),
    ("one iteration", "plain"): (
        "overlooks-the-iteration",
        "The small values have grown against the largest, by more than two times.",
    ),
    ("plain", "one iteration"): (
        "sees-an-iteration",
        "The ratios are those of the momentum itself: nothing was made of it.",
    ),
    ("muon", "one iteration"): (
        "counts-too-few",
        "One iteration multiplies a small value by 3.4, five by almost 500.",
    ),
    ("one iteration", "muon"): (
        "counts-too-many",
        "After five iterations all but the smallest would be near the largest.",
    ),
    ("sign", "muon"): (
        "takes-signs-for-muon",
        "Put the momentum's values through five iterations: they lead elsewhere.",
    ),
    ("muon", "sign"): (
        "takes-muon-for-signs",
        "Put the momentum's values through five iterations, and sort them: they lead here.",
    ),
    ("sign", "plain"): ("overlooks-the-signs", "The ratios of the momentum are others."),
    ("sign", "one iteration"): (
        "takes-signs-for-an-iteration",
        "Put the momentum's values through one iteration: they lead elsewhere.",
    ),
}


@asks(
    "13.spectra",
    "diagnose",
    draw=_draw_spectra,
    hints=(
        "Two labels need no calculation: which step keeps the ratios, and which has none left? "
        "For two more, follow the values one by one.",
        "Divide the values by the root of their summed squares. Then σ ← aσ + bσ³ + cσ⁵, once or "
        "five times; sort, and divide by the largest. What fits none of these was made by signs.",
        "s = steps.values / np.linalg.norm(steps.values); for _ in range(5): s = 3.4445*s - "
        "4.7750*s**3 + 2.0315*s**5; np.sort(s)[::-1] / s.max()",
    ),
)
def spectra(answer, task, rng):
    """Check ``{"A": label, "B": label, "C": label}``."""
    given = labels(answer, "ABC", STEPS_OF, "muon")
    think = "To what do the ratios of the momentum's own values lead, by each of the rules?"
    return grade(
        Part(f"step {key}", 1, lambda k=key, v=label: read(v, _step(task, k), _MISTAKEN), think)
        for key, label in given.items()
    )


def _step(task, letter):
    """Return the label whose step has these singular values."""
    return next(
        label
        for label, step in STEPS_OF.items()
        if np.allclose(relative(step(task.matrix)), task.runs[letter], atol=1e-9)
    )
