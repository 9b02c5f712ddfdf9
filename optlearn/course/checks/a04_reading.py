"""Assignment 04, questions 6 and 7: read three runs, and refute a fluent sentence."""

import numpy as np

from ... import rules, wrong_rules
from .answers import labels, read, several
from .engine import Task, asks
from .probe import call, counted, number, short
from .report import Mistake, Part, WrongError, grade

# --------------------------------------------------------------------------- 6. read the runs

#: label -> the rule that makes such a run
RULES = {
    "gradient descent": lambda w, g, b, **hyper: rules.momentum(w, g, 0 * b, **hyper),
    "heavy ball": rules.momentum,
    "nesterov": rules.nesterov,
    "average": next(
        wrong.function
        for wrong in wrong_rules.for_rule("momentum")
        if wrong.name == "momentum_averages"
    ),
}
SHOWN = [0, 1, 2, 3, 4, 20]


def _draw_diagnose(rng):
    lr, momentum = float(rng.choice([1.5, 1.6, 1.7, 1.8])), float(rng.choice([0.8, 0.9]))
    start, runs = float(rng.choice([-3, -2, 2, 3])), {}
    rows = [
        f"steepest curvature 1, learning rate {lr}, momentum {momentum}",
        f"the weight after {', '.join(map(str, SHOWN[:-1]))} and {SHOWN[-1]} steps",
    ]
    # One label stays over, and it may be any: none can be ruled out unseen.
    for letter, label in zip("ABC", rng.permutation(list(RULES))):
        w, b, path = start, 0.0, []
        for t in range(1, 22):
            path.append(w)
            w, b = RULES[str(label)](w, w, b, t=t, lr=lr, momentum=momentum)
        runs[letter] = np.array(path)
        shown = runs[letter][SHOWN].round(2) + 0.0  # no -0.00
        rows.append(f"{letter} |" + " ".join(f"{w:9.2f}" for w in shown))
    return Task("\n".join(rows), runs=runs, lr=lr, momentum=momentum)


#: (what it is, what was said) -> (name, sentence)
_MISREAD = {
    ("nesterov", "heavy ball"): (
        "takes-nesterov-for-the-heavy-ball",
        "It runs away, and the heavy ball's wall stands far above this rate.",
    ),
    ("nesterov", "gradient descent"): (
        "takes-a-runaway-for-plain",
        "It runs away, and gradient descent settles at any rate below 2.",
    ),
    ("heavy ball", "nesterov"): (
        "takes-every-swing-for-nesterov",
        "It swings but settles: Nesterov's wall stands below this rate.",
    ),
    ("heavy ball", "gradient descent"): (
        "overlooks-the-buffer",
        "Gradient descent multiplies the weight by the same number at each step.",
    ),
    ("gradient descent", "heavy ball"): (
        "sees-a-buffer",
        "Each step multiplies the weight by the same number: nothing is remembered.",
    ),
    ("gradient descent", "nesterov"): (
        "takes-a-zigzag-for-divergence",
        "It changes sides, but each jump is shorter than the last: it settles.",
    ),
    ("average", "heavy ball"): (
        "takes-an-average-for-a-sum",
        "A sum starts with the whole slope, an average with 1 − momentum of it.",
    ),
    ("heavy ball", "average"): (
        "takes-a-sum-for-an-average",
        "Its first step is the whole rate times the slope: nothing is averaged.",
    ),
    ("average", "gradient descent"): (
        "takes-slow-for-plain",
        "Its first step is 1 − momentum times as long as that of gradient descent.",
    ),
}


@asks(
    "04.diagnose",
    "diagnose",
    draw=_draw_diagnose,
    hints=(
        "Which of the four cannot settle at this rate? Then look at the first step, and at the "
        "second.",
        "The first step is η w. With Nesterov it is η (1 + μ) w, with an average η (1 − μ) w. "
        "Two of the four begin alike: the buffer tells them apart at the second step.",
        "For each run: (w₀ − w₁) / w₀, held against lr, (1 + momentum)·lr and (1 − momentum)·lr; "
        "then w₂ / w₁ against w₁ / w₀",
    ),
)
def diagnose(answer, task, rng):
    """Check ``{"A": label, "B": label, "C": label}``."""
    given = labels(answer, "ABC", RULES, "nesterov")
    think = "How long is the first step, and does the run settle although it stands at this rate?"
    return grade(
        Part(f"run {key}", 1, lambda k=key, v=label: read(v, _made(task, k), _MISREAD), think)
        for key, label in given.items()
    )


def _made(task, letter):
    """Return the label whose rule takes the first two steps of a run."""
    start, *seen = task.runs[letter][:3]
    for label, rule in RULES.items():
        first, b = rule(start, start, 0.0, t=1, lr=task.lr, momentum=task.momentum)
        second, _ = rule(first, first, b, t=2, lr=task.lr, momentum=task.momentum)
        if np.allclose(seen, [first, second]):
            return label
    raise AssertionError("a run that no rule made")


# ------------------------------------------------------------------------ 7. refute the sentence

#: How far a measured mean square may be from the true one, as a share of it.
NEAR = 0.15
#: Calls of the gradient: enough to follow one walker for a long time instead of many at once.
CALLS = 200_000


def _draw_refute(rng):
    curvature, lr = float(rng.choice([0.5, 1, 2])), float(rng.choice([0.05, 0.08, 0.1]))
    momentum = float(rng.choice([0.8, 0.9]))
    text = (
        f"Your slope: {curvature:g} · w, and noise of standard deviation 1\n"
        f"Your learning rate: {lr}\nYour momentum: {momentum}"
    )
    return Task(text, curvature=curvature, lr=lr, momentum=momentum)


def noisy(curvature, rng):
    """Return the noisy gradient of a bowl, for one walker or an array of them."""
    return lambda w: curvature * w + rng.normal(size=np.shape(w))


def mean_square(curvature, lr, momentum):
    """Return the mean of w² that the heavy ball settles at, with noise of variance 1."""
    room = 2 * (1 + momentum) - lr * curvature
    return lr * (1 + momentum) / (curvature * (1 - momentum) * room)


@asks(
    "04.refute",
    "refute",
    draw=_draw_refute,
    hints=(
        "Let many walkers go at once, and measure when none of them is still on its way down.",
        "b ← μ b + g and w ← w − η b, with the same η twice: once with μ = 0. Average w² over "
        "walkers, and over the last steps.",
        "for mu in (0, momentum): w = np.zeros(2000); b = 0 * w; for t in range(600): "
        "b = mu * b + gradient(w); w = w - lr * b; then keep np.mean(w**2) of the last 300 steps",
    ),
)
def refute(function, task, rng):
    """Check ``experiment(gradient, lr, momentum) -> (without, with_it)``."""
    drawn, found = [task, _draw_refute(rng)], {}

    def measured(i):
        """Return what the learner measured on bowl ``i``, run once for all parts."""
        if i not in found:
            c, lr, mu = drawn[i].curvature, drawn[i].lr, drawn[i].momentum
            gradient = counted(noisy(c, np.random.default_rng(rng.integers(2**32))), CALLS)
            found[i] = several(call(function, gradient, lr, mu), ("without", "with_it"))
        return found[i]

    def near(which):
        for i, bowl in enumerate(drawn):
            _near(number(measured(i)[which], ("without", "with_it")[which]), bowl, which)

    def apart():
        for i in range(len(drawn)):
            without, with_it = (number(value, "a height") for value in measured(i))
            if not with_it > 2 * without:
                raise WrongError(
                    f"without momentum you have {short(without)}, with it {short(with_it)}: "
                    "this does not refute the sentence."
                )

    once_down = "Are your walkers down when you begin to measure, and are there enough of them?"
    return grade(
        [
            Part("the mean of w² without momentum", 1, lambda: near(0), once_down),
            Part("the mean of w² with momentum", 1, lambda: near(1), once_down),
            Part(
                "your numbers tell the two claims apart",
                1,
                apart,
                "If momentum took the noise out, which of your two numbers would be larger?",
                manner=True,
            ),
        ]
    )


def _near(given, bowl, which):
    """Raise WrongError unless a measured mean square is near the true one."""
    c, lr, mu = bowl.curvature, bowl.lr, bowl.momentum * which
    right = mean_square(c, lr, mu)
    if abs(given / right - 1) <= NEAR:
        return
    slips = [
        (np.sqrt(right), "forgets-the-square", "This is the spread of w: square it first."),
        (right / 2, "keeps-the-half", "This is half of the mean square."),
        (
            mean_square(c, lr * (1 - mu), mu),
            "averages-the-gradients",
            "Your buffer is an average: it takes 1 − momentum of each slope. "
            "In the heavy ball each slope enters whole.",
        ),
        (mean_square(c, lr, 0), "uses-no-momentum", "This is the height without momentum."),
        (
            mean_square(c, lr, bowl.momentum),
            "exchanges-the-two",
            "This is the height with momentum: the one without it stands first.",
        ),
    ]
    known = next((slip[1:] for slip in slips if abs(given / slip[0] - 1) <= NEAR / 2), None)
    raise WrongError(
        f"with curvature {c:g}, rate {lr} and momentum {mu} you measured {short(given)}, it is "
        f"{short(right)} (15 % off would be near enough).",
        Mistake(*known) if known else None,
    )
