"""Assignment 13, question 7: refute that Muon's step points closer to the true gradient."""

import numpy as np

from ... import rules
from .answers import several
from .engine import Task, asks
from .probe import call, counted, number, short
from .report import Mistake, Part, WrongError, grade

#: By how much the plain step has to point closer, and how exactly cosines are to be measured.
CLOSER, NEAR = 0.2, 0.03
#: Batches of the check's own measurement, and the most that an experiment may draw.
BATCHES, DRAWS = 300, 5000


def _draw_refute(rng):
    size, noise = int(rng.integers(12, 17)), float(rng.choice([0.4, 0.5, 0.6]))
    draw = source(size, noise, int(rng.integers(2**32)))
    text = (
        f"Your matrices: {size} x {size}, so 1 to {size} directions hold signal\n"
        f"Your noise: {noise:g} times as long as the true gradient"
    )
    return Task(text, size=size, noise=noise, draw=draw, orthogonalize=rules.orthogonalize)


def source(size, noise, seed):
    """Return ``draw(directions) -> (true, noisy)``: gradients of length 1, and of one batch."""
    rng = np.random.default_rng(seed)
    left, right = (np.linalg.qr(rng.normal(size=(size, size)))[0] for _ in range(2))

    def draw(directions):
        if int(directions) != directions or not 1 <= directions <= size:
            raise ValueError(f"directions must be a whole number from 1 to {size}: {directions!r}")
        count = int(directions)
        true = left[:, :count] @ right[:, :count].T / np.sqrt(count)
        return true, true + noise * rng.normal(size=(size, size)) / size

    return draw


def cosine(a, b):
    """Return the cosine of two matrices: 1 where they point the same way."""
    return np.sum(a * b) / (np.linalg.norm(a) * np.linalg.norm(b))


@asks(
    "13.refute",
    "refute",
    draw=_draw_refute,
    hints=(
        "Orthogonalising lengthens all short directions. When do these hold nothing but noise?",
        "Average over many batches: cos(noisy, true), and cos(orthogonalize(noisy), true). "
        "Here cos(a, b) = Σ a·b / (‖a‖ ‖b‖).",
        "for _ in range(100): true, noisy = draw(directions); "
        "keep np.sum(true * noisy) / np.linalg.norm(true) / np.linalg.norm(noisy), and the same "
        "for orthogonalize(noisy); then the means",
    ),
)
def refute(function, task, rng):
    """Check ``experiment(draw, orthogonalize) -> (directions, plain, muon)``."""
    drawn, found = [task, _draw_refute(rng), _draw_refute(rng)], {}
    names = ("directions", "plain", "muon")

    def measured(i):
        """Return the learner's three numbers on source ``i``, and what is true there."""
        if i not in found:
            one, seeds = drawn[i], rng.integers(2**32, size=2)
            draw = _limited(source(one.size, one.noise, int(seeds[0])))
            given = several(call(function, draw, rules.orthogonalize), names)
            count = number(given[0], "directions")
            found[i] = given, _cosines(source(one.size, one.noise, int(seeds[1])), count)
        return found[i]

    def closer():
        for i in range(len(drawn)):
            _plain_is_closer(*measured(i), drawn[i].size)

    def near(which):
        for i in range(len(drawn)):
            given, means = measured(i)
            _is_near(number(given[which], names[which]), which, means)

    many = "Over how many batches is your mean, and which two matrices do you compare?"
    return grade(
        [
            Part(
                "the plain step points closer at your number of directions",
                2,
                closer,
                "What do the directions hold in which the true gradient is zero?",
            ),
            Part("the cosine of the plain step", 1, lambda: near(1), many),
            Part("the cosine of Muon's step", 1, lambda: near(2), many),
        ]
    )


def _limited(draw):
    """Return ``draw`` with an end to endless loops."""
    ask = counted(lambda count: draw(float(count)), DRAWS)

    def limited(directions):
        return ask(number(directions, "directions"))

    return limited


def _cosines(draw, directions):
    """Return the mean cosines to the true gradient and to the noisy one, by name."""
    if not np.isfinite(directions):
        raise WrongError(f"directions should be a whole number, you gave {short(directions)}.")
    rows = []
    for _ in range(BATCHES):
        true, noisy = call(draw, directions)
        step = rules.orthogonalize(noisy)
        clean = rules.orthogonalize(true)
        rows.append([cosine(noisy, true), cosine(step, true), cosine(step, noisy)])
        rows[-1] += [np.sum(noisy * true), np.sum(step * true), cosine(step, clean)]
    return np.mean(rows, axis=0)


def _plain_is_closer(given, means, size):
    plain, muon, *_ = means
    if plain >= muon + CLOSER:
        return
    known = None
    if given[0] == size:
        known = Mistake(
            "fills-every-direction",
            "Here every direction holds signal, so none that Muon lengthens is noise alone.",
        )
    raise WrongError(
        f"with {short(float(given[0]))} directions the cosine is {short(plain)} for the plain step "
        f"and {short(muon)} for Muon's. The first should be larger by at least {CLOSER}.",
        known,
    )


def _is_near(value, which, means):
    """Raise WrongError unless ``value`` is the mean cosine of the plain or of Muon's step."""
    right = means[which - 1]
    if abs(value - right) <= NEAR:
        return
    slips = [
        (means[2 - which], "exchanges-the-two", "This is the cosine of the other step."),
        (means[2], "compares-the-two-steps", "Compare each of them with the true gradient."),
        (means[2 + which], "forgets-the-lengths", "Divide by the length of both matrices."),
        (means[5], "cleans-the-truth", "The true gradient is not to be orthogonalised."),
        (right**2, "squares-the-cosine", "This is its square."),
        (np.degrees(np.arccos(right)), "gives-the-angle", "This is the angle: give its cosine."),
        (1 - right, "turns-it-over", "1 means the same way, and 0 a right angle."),
    ]
    known = next(
        (slip[1:] for slip in slips if abs(value - slip[0]) <= max(NEAR / 2, 0.05 * slip[0])), None
    )
    raise WrongError(
        f"you report {short(value)}; over many batches it is {short(right)} there (off by "
        f"{NEAR} would be near enough).",
        Mistake(*known) if known else None,
    )
