"""Assignment 12, question 8: refute that Adam's lead on rare tokens comes from smoothing noise."""

from functools import partial

import numpy as np

from ... import datasets
from .answers import several
from .engine import Task, asks
from .probe import call, number, numbers, short
from .report import BlankError, Mistake, Part, WrongError, grade

VOCABULARY, STEPS = 24, 16
RATES = np.geomspace(1e-2, 1e3, 26)
#: By how much the rival has to end below descent, and how exactly losses are to be measured.
LOWER, NEAR = 2, 0.01


def _draw(rng):
    language = datasets.bigrams("zipf", VOCABULARY, rng=int(rng.integers(10_000)))
    text = (
        f"Your language: {VOCABULARY} tokens with Zipf's frequencies\n"
        f"Each walk: {STEPS} steps with the exact gradient; the rate falls linearly to 0\n"
        f"Learning rates: {len(RATES)}, from {RATES[0]:g} to {RATES[-1]:g}"
    )
    return Task(text, loss_after=partial(loss_after, language), rates=RATES.copy())


def loss_after(language, step, lr):
    """Return the loss above the least possible, in nats, after a walk of ``step(w, g, lr)``."""
    w = np.zeros((VOCABULARY, VOCABULARY))
    with np.errstate(all="ignore"):  # the highest rates run away
        for t in range(STEPS):
            e = np.exp(w - w.max(axis=1, keepdims=True))
            g = language.frequencies[:, None] * (
                e / e.sum(axis=1, keepdims=True) - language.following
            )
            w = numbers(call(step, w.copy(), g, lr * (1 - t / STEPS)), w.shape, "the new w")
        loss = float(language.frequencies @ language.excess(w))
    return loss if np.isfinite(loss) else np.inf


def descent(w, g, lr):
    """Take the step of gradient descent."""
    return w - lr * g


@asks(
    "12.refute",
    "refute",
    draw=_draw,
    hints=(
        "With exact gradients there is no noise to smooth. Which rule keeps nothing of the past, "
        "and still steps as far for a rare token as for a frequent one?",
        "Keep the sign of each number of the gradient and drop its size: w − η sign(g). For each "
        "rule take the lowest loss over all rates.",
        "def rival(w, g, lr): return w - lr * np.sign(g); the same for descent; then "
        "min(loss_after(rule, lr) for lr in rates) for each of the two; return rival and both",
    ),
)
def refute(function, task, rng):
    """Check ``experiment(loss_after, rates) -> (rival, descent_loss, rival_loss)``."""
    drawn, found = [task, _draw(rng), _draw(rng)], {}
    names = ("rival", "descent_loss", "rival_loss")

    def measured(i):
        """Return the learner's three answers on language ``i``, and the losses of both rules."""
        if i not in found:
            given = several(call(function, drawn[i].loss_after, drawn[i].rates.copy()), names)
            rival = _rule(given[0])
            losses = [[drawn[i].loss_after(r, lr) for lr in RATES] for r in (descent, rival)]
            found[i] = given, np.array(losses)
        return found[i]

    def leads():
        for i in range(len(drawn)):
            given, losses = measured(i)
            _remembers_nothing(given[0])
            _is_lower(losses)

    def near(which):
        for i in range(len(drawn)):
            given, losses = measured(i)
            _is_best(number(given[1 + which], names[1 + which]), which, losses)

    tuned = "Over which learning rates do you take the lowest loss, and of which rule?"
    return grade(
        [
            Part(
                "a rule without noise and without memory ends far below descent",
                2,
                leads,
                "What of a rare token's gradient makes descent step so little, and who drops it?",
            ),
            Part("the loss of descent at its best rate", 1, lambda: near(0), tuned),
            Part("the loss of your rule at its best rate", 1, lambda: near(1), tuned),
        ]
    )


def _rule(given):
    if given is None or given is Ellipsis:
        raise BlankError
    if not callable(given):
        raise WrongError(f"the rival should be a function (w, g, lr), you gave {short(given)}.")
    return given


def _remembers_nothing(rival):
    """Raise WrongError where a step depends on the steps before it."""
    rng = np.random.default_rng(0)
    w, *gradients = rng.normal(size=(4, VOCABULARY, VOCABULARY))
    first = np.array(rival(w.copy(), gradients[0], 0.1))
    for g in gradients[1:]:
        rival(w.copy(), g, 0.1)
    if not np.array_equal(first, np.array(rival(w.copy(), gradients[0], 0.1))):
        raise WrongError(
            "the same weights and the same gradient do not always give the same step.",
            Mistake("keeps-a-memory", "A mean over steps is a memory: do without any."),
        )


def _is_lower(losses):
    best, mine = losses.min(axis=1)
    if mine * LOWER < best:
        return
    known = None
    if np.allclose(*losses):
        known = Mistake("walks-down-twice", "Your rival is gradient descent itself.")
    raise WrongError(
        f"tuned descent ends at {short(float(best))} nats, your tuned rule at "
        f"{short(float(mine))}. It should end at less than half of that.",
        known,
    )


def _is_best(given, which, losses):
    """Raise WrongError unless ``given`` is the lowest loss of a rule over the rates."""
    mine, other = losses[which], losses[1 - which]
    if abs(given - mine.min()) <= NEAR * mine.min():
        return
    slips = [
        (other.min(), "exchanges-the-two", "This is the lowest loss of the other rule."),
        (mine[other.argmin()], "shares-one-rate", "This is its loss at the other's best rate."),
        (mine[0], "keeps-the-first-rate", "This is its loss at the lowest rate."),
        (mine[-1], "keeps-the-last-rate", "This is its loss at the highest rate."),
        (mine.max(), "takes-the-worst-rate", "This is its highest loss: take the lowest."),
        (RATES[mine.argmin()], "gives-the-rate", "This is the best rate: its loss is asked for."),
        (mine.argmin(), "gives-the-place", "This is the place of the rate: its loss is asked for."),
    ]
    known = next((s[1:] for s in slips if np.isclose(given, s[0], rtol=1e-6, atol=0)), None)
    raise WrongError(
        f"you report {short(given)}, at its best rate it ends at {short(float(mine.min()))}.",
        Mistake(*known) if known else None,
    )
