"""Assignment 08, questions 6 and 7: read three starts layer by layer, and refute a sentence."""

from functools import lru_cache, partial
from types import SimpleNamespace

import numpy as np

from ... import nn
from .answers import labels, predicted, read, several
from .engine import Task, asks
from .probe import call, number, short
from .report import Mistake, Part, WrongError, grade

WIDTH, INPUTS, BATCH = 32, 16, 8


@lru_cache(maxsize=4096)  # small, and experiments ask again and again
def layers(activation, init, scale, depth, seed):
    """Return, for each hidden layer before training, the gradient's length and the output's size.

    The size is the root of the mean square, and the gradient is that of the layer's weights.
    """
    rng = np.random.default_rng(seed)
    how = {"weight_init": nn.init.scaled(scale, init), "rng": rng, "dtype": float}
    row = []
    for k in range(depth):
        row += [nn.Linear(WIDTH if k else INPUTS, WIDTH, **how), activation()]
    model = nn.Sequential(*row, nn.Linear(WIDTH, 10, **how))
    x, y = rng.normal(size=(BATCH, INPUTS)), rng.integers(10, size=BATCH)
    *hidden, _ = nn.stats(model, nn.CrossEntropyLoss(), x, y)
    return SimpleNamespace(
        gradients=np.array([layer.weight_grad_norm for layer in hidden[::2]]),
        outputs=np.array([layer.norm for layer in hidden[1::2]]) / np.sqrt(BATCH * WIDTH),
    )


# ------------------------------------------------------------------------- 6. read the layers

#: label -> activation, start, and by what its weights are multiplied
STARTS = {
    "sigmoid": (nn.Sigmoid, nn.init.xavier, (0.8, 1.0, 1.2)),
    "weights too small": (nn.ReLU, nn.init.he, (0.25, 0.3, 0.4)),
    "weights too large": (nn.ReLU, nn.init.he, (2.5, 3.0, 4.0)),
    "saturated": (nn.Tanh, nn.init.xavier, (3.5, 4.0, 5.0)),
    "healthy": (nn.ReLU, nn.init.he, (1.0,)),
}


def _draw_diagnose(rng):
    runs, rows = {}, ["layer" + " " * 13 + "".join(f"{k:9d}" for k in range(1, 11, 2))]
    # Two labels stay over, and they may be any: none can be ruled out unseen.
    for letter, label in zip("ABC", rng.permutation(list(STARTS))):
        activation, init, scales = STARTS[str(label)]
        seed, scale = int(rng.integers(2**32)), float(rng.choice(scales))
        runs[letter] = run = layers(activation, init, scale, 10, seed)
        rows += [
            f"{letter} | {name}" + "".join(f"{v:9.0e}" for v in values[::2])
            for name, values in (("gradient     ", run.gradients), ("output's size", run.outputs))
        ]
    return Task("\n".join(rows), runs=runs)


#: what it is -> (name, sentence) where it is taken for something else
_MISREAD = {
    "sigmoid": (
        "overlooks-the-fall",
        "Going back, its gradient falls by the same factor each layer, and its outputs stay: the "
        "activation lets little through.",
    ),
    "weights too small": (
        "looks-at-the-ratio-alone",
        "First and last gradient are alike, and both are tiny. The outputs fade from layer to "
        "layer.",
    ),
    "weights too large": (
        "overlooks-the-growth",
        "All its gradients are huge, and its outputs grow from layer to layer without end.",
    ),
    "saturated": (
        "overlooks-the-ceiling",
        "Its outputs stand near 1, which is the ceiling of tanh, and its gradient grows going "
        "back: large weights.",
    ),
    "healthy": (
        "sees-trouble-everywhere",
        "Gradients and outputs are of ordinary size in every layer.",
    ),
}


@asks(
    "08.diagnose",
    "diagnose",
    draw=_draw_diagnose,
    hints=(
        "Read both rows of a network. Does the gradient change from layer to layer, and how large "
        "is it? What do the outputs do on the way forward?",
        "ReLU: weights s times as large make the outputs s times as large in each layer, and all "
        "gradients alike. Sigmoid: about a quarter is left each layer back. Tanh stays below 1.",
        "Gradient grows from first to last, outputs stay: ... All tiny, outputs fade: ... All "
        "huge, outputs grow: ... Gradient falls from first to last, outputs near 1: ... Else ...",
    ),
)
def diagnose(answer, task, rng):
    """Check ``{"A": label, "B": label, "C": label}``."""
    given = labels(answer, "ABC", STARTS, "sigmoid")
    misread = {(a, b): known for a, known in _MISREAD.items() for b in STARTS}
    think = "Which of its two rows changes from layer to layer, and in which direction?"
    return grade(
        Part(f"network {key}", 1, partial(_read, task.runs[key], label, misread), think)
        for key, label in given.items()
    )


def _read(run, label, misread):
    read(label, suffers(run), misread)


def suffers(run):
    """Return the label of a network, by the criteria that the text states."""
    first, last = run.gradients[0], run.gradients[-1]
    if first < 1e-3 * last:
        return "sigmoid"
    if run.outputs[-1] < 0.05 * run.outputs[0]:
        return "weights too small"
    if run.outputs[-1] > 20 * run.outputs[0]:
        return "weights too large"
    return "saturated" if run.outputs.min() > 0.7 and first > 5 * last else "healthy"


# ------------------------------------------------------------------------ 7. refute the sentence

#: How many times shorter the first gradient has to be, at least and at most.
SHORTER = (1e3, 1e6)
#: The ratio of first to last that counts as "about as long".
ALIKE = 5.0


def _network(rng, depth):
    """Return the function that measures a ReLU network whose first and last gradient are alike."""
    while True:
        measure = partial(measured, depth, int(rng.integers(2**32)))
        first, *_, last = measure(1.0)
        if 1 / 2 < first / last < 2:
            return measure


def measured(depth, seed, scale):
    """Return the gradient's length in each hidden layer, first to last, for He's start.

    All weights are multiplied by ``scale``.
    """
    if not (np.isfinite(scale) and scale > 0):
        raise ValueError(f"scale must be a number above 0, got {scale}")
    return layers(nn.ReLU, nn.init.he, float(scale), depth, seed).gradients.copy()


def _draw_refute(rng):
    depth = int(rng.integers(7, 12))
    text = f"Your network: {depth} hidden layers of {WIDTH} ReLU units, He's start times a scale"
    return Task(text, depth=depth, measure=_network(rng, depth))


@asks(
    "08.refute",
    "refute",
    draw=_draw_refute,
    hints=(
        "The sentence looks at a ratio. What could happen to all layers alike?",
        "With ReLU, weights s times as large make each layer's gradient about s^(layers) times as "
        "long. What does that do to first over last?",
        "before = measure(1)[0]; for scale in np.linspace(0.95, 0.02, 94): g = measure(scale); "
        "if before / g[0] > 2000: return scale, g[0] / g[-1], before / g[0]",
    ),
)
def refute(function, task, rng):
    """Check ``experiment(measure) -> (scale, ratio, shorter)``."""
    drawn = [task.measure, _network(rng, 4), _network(rng, 16)]
    found, names = {}, ("scale", "ratio", "shorter")

    def each(test):
        for i, measure in enumerate(drawn):
            if i not in found:
                given = several(call(function, measure), names)
                found[i] = _seen(measure, number(given[0], "the scale")), given
            test(*found[i])

    think = "Which two gradients do you divide, and which of them is below?"
    return grade(
        [
            Part(
                "first and last are alike, and yet both have vanished",
                2,
                lambda: each(_refutes),
                "How much shorter does each layer's gradient become, when all weights shrink?",
            ),
            Part("the ratio of first to last", 1, lambda: each(_ratio), think),
            Part("how many times shorter the first became", 1, lambda: each(_shorter), think),
        ]
    )


def _seen(measure, scale):
    """Return the learner's scale, and the gradients at He's start and at the scale."""
    if not (np.isfinite(scale) and scale > 0):
        raise WrongError(f"a scale is a number above 0, you gave {short(scale)}.")
    return SimpleNamespace(scale=scale, before=measure(1.0), after=measure(scale))


def _refutes(seen, given):
    ratio = seen.after[0] / seen.after[-1]
    shorter = seen.before[0] / seen.after[0]
    where = f"in {len(seen.after)} layers, at scale {short(seen.scale)}, "
    if not 1 / ALIKE < ratio < ALIKE:
        raise WrongError(f"{where}first and last differ: their ratio is {short(ratio)}.")
    if shorter < SHORTER[0]:
        known = Mistake("explodes-instead", "Larger weights make all gradients longer: go down.")
        raise WrongError(
            f"{where}the first gradient is only {short(shorter)} times shorter than at scale 1.",
            known if seen.scale > 1 else None,
        )
    if shorter > SHORTER[1]:
        raise WrongError(
            f"{where}the first gradient is {short(shorter)} times shorter, more than a million.",
            Mistake("forgets-the-depth", "The deeper the network, the less each layer may lose."),
        )


def _ratio(seen, given):
    first, last = seen.after[[0, -1]]
    slips = [
        (last / first, "turns-it-over", "It is upside down: first over last."),
        (seen.before[0] / seen.before[-1], "measures-at-one", "This is the ratio at scale 1."),
        (first, "gives-the-first", "This is the first gradient: divide it by the last."),
    ]
    predicted(given[1], float(first / last), slips, "the ratio")


def _shorter(seen, given):
    right = float(seen.before[0] / seen.after[0])
    value = number(given[2], "how many times shorter")
    slips = (
        (1 / right, "turns-it-over", "It is upside down: the one at scale 1 stands above."),
        (1 / seen.scale, "takes-one-layer", "This is what one layer loses: all of them lose it."),
        (
            seen.before[-1] / seen.after[-1],
            "takes-the-last",
            "This is the last layer's: take the first.",
        ),
    )
    if not abs(value / right - 1) <= 1e-3:
        known = next((s[1:] for s in slips if abs(value / s[0] - 1) <= 1e-3), None)
        raise WrongError(
            f"you report {short(value)}, in {len(seen.after)} layers it is {short(right)}.",
            Mistake(*known) if known else None,
        )
