"""Assignment 10, question 6: a rate for another batch size."""

import numpy as np

from .answers import recognised
from .engine import Task, asks
from .noisy import NoisyBowl
from .probe import call, number, short
from .report import BlankError, Mistake, Part, WrongError, grade

# ----------------------------------------------------------- 6. a rate for another batch size

#: Examples that a training reads, whatever its batch size.
EXAMPLES = 4096
#: Trainings that may be paid for.
BUDGET = 10
#: A rate is good if no other one ends with less than 1 / GOOD of its loss.
GOOD = 1.5
RATES = np.geomspace(1e-4, 16, 500)


class Move:
    """A network that was tuned for one batch size, and goes to another.

    Parameters
    ----------
    bowl : NoisyBowl
    old, new : int
        Batch sizes.
    """

    def __init__(self, bowl, old, new):
        self.bowl, self.old, self.new = bowl, old, new
        self.k = new / old
        self.lr = float(f"{RATES[np.argmin(self.after(RATES, old))]:.2g}")

    def after(self, lr, size):
        """Return the loss after one epoch of ``EXAMPLES``."""
        return self.bowl.end(lr, EXAMPLES // size, size)

    def measure(self):
        """Return ``loss(lr)`` with the new batch size, which may be asked ``BUDGET`` times."""
        spent = 0

        def loss(lr):
            nonlocal spent
            spent += 1
            if spent > BUDGET:
                raise WrongError(
                    f"it asked for more than {BUDGET} trainings: the budget is spent.",
                    Mistake("overspends", "Plan the runs before you spend them."),
                )
            return float(self.after(number(lr, "the rate that you train with"), self.new))

        return loss


def _bowl(rng):
    """Return a bowl whose wall may stand anywhere: no rate is good for all of them."""
    scale = 2.0 ** rng.uniform(-2, 2)
    curvatures = scale * np.geomspace(1 / rng.uniform(20, 40), 1, 8)
    return NoisyBowl(curvatures, float(rng.uniform(0.8, 1.2)) * scale**2)


def _wide(rng):
    return Move(_bowl(rng), int(rng.choice([8, 16])), 512)


def _draw_move(rng):
    move = _wide(rng)
    text = (
        f"Each training reads {EXAMPLES} examples once.\n"
        f"With batches of {move.old} the best rate is {move.lr:g}.\n"
        f"Now you want batches of {move.new}: {move.k:g} times as large."
    )
    return Task(
        text, k=move.k, lr=move.lr, loss=lambda lr: float(move.after(lr, move.new)), move=move
    )


def _reference_move(loss, k, lr):
    return min(np.geomspace(lr, k * lr, BUDGET), key=loss)


@asks(
    "10.batch",
    "tune",
    draw=_draw_move,
    reference=_reference_move,
    hints=(
        "Where the noise limits the rate, the linear rule holds. Where the curvature does, the "
        "rate stands still. You cannot know beforehand, so measure between.",
        "The two ends are the old rate η and k η. Between them, neighbours of a log grid differ "
        "by one factor.",
        "rates = np.geomspace(lr, k * lr, 10); return min(rates, key=...)",
    ),
)
def batch(function, task, rng):
    """Check ``new_rate(loss, k, lr) -> rate`` by training with it."""
    small = Move(_bowl(rng), 1, 128)
    down = Move(_bowl(rng), 256, int(rng.choice([4, 8])))
    moves = (
        ("your own batches", task.move, "Between which two rates does the best one lie?"),
        ("small batches", small, "What limits the rate here, noise or curvature?"),
        ("batches that reach the wall", _wide(rng), "Does the wall of the bowl move with B?"),
        ("a smaller batch", down, "Which way does the rate go when the noise grows?"),
    )
    found = {}

    def rate(move):
        if id(move) not in found:
            given = call(function, move.measure(), move.k, move.lr)
            found[id(move)] = number(given, "the rate")
        return found[id(move)]

    def known():
        try:
            given = [rate(move) for _, move, _ in moves]
        except (WrongError, BlankError):
            return None
        return recognised(given, [(move.k, move.lr) for _, move, _ in moves], _RULES)

    return grade(
        Part(name, 1, lambda move=move: _is_good(rate(move), move, known), think)
        for name, move, think in moves
    )


def _is_good(lr, move, known):
    if not (np.isfinite(lr) and lr > 0):
        raise WrongError(f"a learning rate is above 0, you gave {short(lr)}.", known())
    mine, best = move.after(lr, move.new), np.min(move.after(RATES, move.new))
    if not mine <= GOOD * best:
        ends = f"ends at loss {short(mine)}" if np.isfinite(mine) else "runs away"
        raise WrongError(
            f"from batch {move.old} to {move.new} your rate {short(lr)} {ends}, another one ends "
            f"at {short(best)}.",
            known(),
        )


#: (name, formula of k and the old rate, sentence)
_RULES = (
    ("trusts-the-linear-rule", lambda k, lr: k * lr, "It is the linear rule, without a look."),
    ("trusts-the-root", lambda k, lr: np.sqrt(k) * lr, "It is the root rule, without a look."),
    ("keeps-the-rate", lambda k, lr: lr, "It keeps the rate: the best one moves with the batch."),
    ("turns-it-over", lambda k, lr: lr / k, "It goes the wrong way: divide by k, or multiply?"),
)
