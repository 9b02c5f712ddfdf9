"""Assignment 05, adaptive methods: the rungs from five step lengths by hand to three rules."""

from functools import partial

from .answers import predicted, several
from .engine import Task, asks
from .ordering import ordered, shuffled, walks_as
from .report import Part, grade
from .updates import asks_rule

# ------------------------------------------------------------------------ 1. predict by hand

#: Two slopes whose squares add up to a square.
SLOPES = ((3, -4), (4, -3), (6, -8), (8, -6), (5, -12), (12, -5), (8, -15))
#: A decay, and one over the root of what it leaves of the first square.
STRETCHED = {0.75: 2.0, 0.84: 2.5, 0.96: 5.0}


def _draw_predict(rng):
    first, second = SLOPES[rng.integers(len(SLOPES))]
    lr, eps = float(rng.choice([0.1, 0.2, 0.3])), float(rng.choice([1e-4, 4e-4]))
    alpha, rho = (float(rng.choice(list(STRETCHED))) for _ in range(2))
    text = (
        f"Slope of your weight: {first} at step 1, {second} at step 2\n"
        f"Adagrad and RMSprop: learning rate {lr}, eps so small that it does not count\n"
        f"RMSprop: alpha {alpha}\nAdadelta: rho {rho}, eps {eps:g}, learning rate 1"
    )
    return Task(text, slopes=(first, second), lr=lr, alpha=alpha, rho=rho, eps=eps)


def _lengths(task):
    """Return the five lengths that are asked for."""
    first, second = task.slopes
    v = (1 - task.rho) * first**2
    return (
        task.lr,
        task.lr * abs(second) / (first**2 + second**2) ** 0.5,
        task.lr * STRETCHED[task.alpha],
        task.lr,
        first * (task.eps / (v + task.eps)) ** 0.5,
    )


_PLAIN = "keeps-the-slope", "This is gradient descent: the slope has to be divided by its size."


def _slips(task, rights):
    """Return, for each of the five, what a mistake makes of it."""
    (g, h), lr, new = task.slopes, task.lr, 1 - task.alpha
    both = (g * g + h * h) ** 0.5
    plain, rootless = _PLAIN, ("forgets-the-root", "The root is forgotten: it divides by squares.")
    first = [
        (lr * g, *plain),
        (lr / g, *rootless),
        (lr * g / both, "looks-ahead", "The second slope is not known yet at step 1."),
    ]
    second = [
        (lr, "keeps-no-sum", "The first square is still in the sum."),
        (lr * abs(h) / both**2, *rootless),
        (lr * abs(h), *plain),
        (lr * abs(h) / (g + abs(h)), "adds-the-slopes", "Add the squares, then take the root."),
        (lr * abs(h) / (both / 2**0.5), "takes-the-mean", "A sum is kept here, not a mean."),
        (lr * abs(h) / g, "divides-late", "The newest square is added before it divides."),
    ]
    start = [
        (lr, "forgets-the-weight", "Only 1 − alpha of the first square is in the mean."),
        (lr / task.alpha**0.5, "exchanges-the-weights", "The new square is weighted 1 − alpha."),
        (lr / new, "weight-without-root", "The 1 − alpha stands under the root as well."),
        (lr * new**0.5, "turns-it-over", "A small mean makes a long step: it stands below."),
        (lr / (new * g), *rootless),
        (lr * g, *plain),
    ]
    late = [
        (rights[2], "never-forgets-the-start", "The mean has filled up: it is the square by now."),
        (0.0, "dies", "The mean forgets: it does not grow for ever as Adagrad's sum does."),
        (lr / 1000**0.5, "sums-the-squares", "This is Adagrad: the mean does not grow like t."),
        (lr * g, *plain),
    ]
    signed = "gives-the-change", "Asked is how long the step is: a length has no sign."
    return [
        [*slips, (-right, *signed)]
        for slips, right in zip((first, second, start, late, _adadelta_slips(task)), rights)
    ]


def _adadelta_slips(task):
    root = task.eps**0.5
    return [
        (0.0, "never-starts", "The eps above the line starts the motion: it is not zero."),
        (root, "forgets-the-weight", "Only 1 − rho of the first square is in the mean."),
        (1 / (1 - task.rho) ** 0.5, "forgets-the-size-above", "This is RMSprop with rate 1."),
        (root / (1 - task.rho), "weight-without-root", "The 1 − rho stands under the root."),
        (root / task.rho**0.5, "exchanges-the-weights", "The new square is weighted 1 − rho."),
        (root * task.slopes[0], *_PLAIN),
    ]


@asks(
    "05.predict",
    "predict",
    draw=_draw_predict,
    hints=(
        "Each step is the slope, divided by a size of slopes. Which squares are in that size?",
        "Adagrad: η |g| / √(g₁² + g₂² + ...). RMSprop: at step 1 the mean is (1 − α) g₁², after "
        "many equal slopes it is g₁². Adadelta: the same with ρ, and √ε in place of η.",
        "lr · g₁ / √(g₁²); lr · |g₂| / √(g₁² + g₂²); lr · g₁ / √((1 − alpha) · g₁²); "
        "lr · g₁ / √(g₁²); √eps · g₁ / √((1 − rho) · g₁² + eps)",
    ),
)
def predict(answer, task, rng):
    """Check ``[adagrad_first, adagrad_second, rmsprop_first, rmsprop_late, adadelta_first]``."""
    asked = "adagrad_first", "adagrad_second", "rmsprop_first", "rmsprop_late", "adadelta_first"
    table = (
        ("Adagrad's first step", "What is g divided by the root of its own square?"),
        ("Adagrad's second step", "Which two squares are in the sum by now?"),
        ("RMSprop's first step", "The mean starts at zero: how much of the first square is in it?"),
        ("RMSprop's late step", "What is a mean of a thousand equal squares?"),
        ("Adadelta's first step", "No step was taken yet: what stands above the line?"),
    )
    answer, rights = several(answer, asked), _lengths(task)
    return grade(
        Part(name, 1, lambda g=g, r=r, s=s, n=name: predicted(g, r, s, n), think)
        for (name, think), g, r, s in zip(table, answer, rights, _slips(task, rights))
    )


# ------------------------------------------------------------------------ 2. order the lines

LINES = (
    "w = start",
    "v = 0 * start",
    "path = [w]",
    "for t in range(steps):",
    "    g = gradient(w)",
    "    v = v + g**2",
    "    v = v + g",
    "    w = w - lr * g / (np.sqrt(v) + eps)",
    "    w = w - lr * g / (v + eps)",
    "    path.append(w)",
)


@asks(
    "05.order",
    "implement",
    draw=partial(shuffled, LINES),
    hints=(
        "Three things have to exist before the loop starts. Is the newest slope in the sum when "
        "the step divides by it?",
        "start → [slope → sum → step → keep] → [slope → sum → step → keep] → ...",
        "First w, v and the path, then `for`; inside: g, its square into v, the step with the "
        "root, append.",
    ),
)
def order(letters, task, rng):
    """Check a list of letters by running the lines in that order."""
    program = ordered(letters, task)
    think = "Read it aloud: what is in the sum when each line runs, and what is divided by it?"
    part = Part("your lines are Adagrad", 1, lambda: walks_as("adagrad", program, eps=0.1), think)
    return grade([part])


# ------------------------------------------------------------ 3. fill the blank, 4, 5. write freely

asks_rule(
    "05.adagrad",
    "adagrad",
    takes=("w", "g", "v", "t", "lr", "eps"),
    hints=(
        "The state is a sum of squares. The step is the slope, over the root of that sum.",
        "v ← v + g², then w ← w − η g / (√v + ε), where η is `lr` and ε is `eps`.",
        "new_v = v + ...; new_w = w - lr * ... / (np.sqrt(new_...) + eps)",
    ),
)

asks_rule(
    "05.rmsprop",
    "rmsprop",
    takes=("w", "g", "v", "t", "lr", "alpha", "eps"),
    hints=(
        "It is Adagrad with another state: the old mean fades before the new square comes in.",
        "v ← α v + (1 − α) g², then w ← w − η g / (√v + ε).",
        "new_v = alpha * ... + (1 - alpha) * ...; new_w as in Adagrad; return both.",
    ),
)

asks_rule(
    "05.adadelta",
    "adadelta",
    hints=(
        "Two fading means: of the squared slopes, and of the squared updates. The update uses the "
        "new one of slopes, and the old one of updates.",
        "First v ← ρ v + (1 − ρ) g². The update is u = √(d + ε) / √(v + ε) · g. "
        "Then d ← ρ d + (1 − ρ) u² and w ← w − η u.",
        "new_v as in RMSprop; u = np.sqrt(d + eps) / np.sqrt(new_v + eps) * g; new_d from d and "
        "u**2; new_w = w - lr * u; return the three in the order w, v, d.",
    ),
)
