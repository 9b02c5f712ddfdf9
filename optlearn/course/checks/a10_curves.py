"""Assignment 10, questions 3 and 4: a cosine, and a warm-up before it."""

from functools import partial

from . import rates
from .engine import asks
from .report import Part, grade


def _cosine_cases(rng):
    peak, steps = float(rng.uniform(0.1, 2)), int(rng.integers(20, 400))
    middle = [(int(t), peak, steps) for t in rng.integers(2, steps, 6)]
    return {
        "the first step": ([(1, 0.8, 4), (1, peak, steps)], "What is behind at step 1?"),
        "half-way, by hand": ([(3, 0.8, 4)], "At step 3 of 4, which share is behind?"),
        "all steps between": (middle, "What does 1 + cos begin with, and what does it end with?"),
        "the last step": (
            [(4, 0.8, 4), (steps, peak, steps), (1, 0.3, 1)],
            "Is everything behind at the last step, or is that step itself still to do?",
        ),
    }


@asks(
    "10.cosine",
    "implement",
    reference=rates.cosine,
    hints=(
        "First the share of training that is behind, then half a wave from 1 down to 0.",
        "s = (t − 1) / T, and η_t = η (1 + cos π s) / 2.",
        "done = (t - 1) / ...; lr = peak / 2 * (1 + np.cos(np.pi * ...))",
    ),
)
def cosine(function, task, rng):
    """Check ``cosine(t, peak, steps) -> lr``."""
    return _schedule_report(function, _cosine_cases(rng), rates.cosine, rates.WRONG_COSINES)


def _schedule_cases(rng):
    def drawn(warmup, final):
        return float(rng.uniform(0.1, 2)), int(rng.integers(60, 400)), warmup, final

    low = float(rng.uniform(0.01, 0.05))
    plans = [drawn(10, 0.0), drawn(0, low), drawn(1, 0.0), drawn(int(rng.integers(12, 30)), low)]
    cases = {
        "the warm-up": [(t, *p) for p in plans for t in (1, p[2] // 2, p[2]) if 1 <= t <= p[2]],
        "the step after it": [(p[2] + 1, *p) for p in plans],
        "the fall": [
            (int(t), *p) for p in plans if not p[3] for t in rng.integers(p[2] + 2, p[1], 4)
        ],
        "a fall that ends above 0": [
            (int(t), *p) for p in plans if p[3] for t in (*rng.integers(p[2] + 2, p[1], 4), p[1])
        ],
        "steps after the end": [(p[1] + more, *p) for p in plans for more in (1, 2, 50)],
    }
    thinks = (
        "Which rate has step 1, and which has the last step of the warm-up? And with none at all?",
        "How much of the fall is behind when the warm-up has just ended?",
        "How many steps does the fall last, if `steps` counts the warm-up too?",
        "How deep is the fall, and where does it end?",
        "What is the share behind, once more than all steps are over?",
    )
    return {name: (asked, think) for (name, asked), think in zip(cases.items(), thinks)}


@asks(
    "10.schedule",
    "implement",
    reference=rates.warmup_cosine,
    hints=(
        "Two pieces and an end: up in a line, then your cosine over the steps that are left. "
        "How deep is the fall if it ends above 0?",
        "η t / W up to step W. Then η_f + (η − η_f) (1 + cos π s) / 2. "
        "Here s = (t − 1 − W) / (T − W), but at most 1.",
        "if t <= warmup: return peak * t / warmup; done = min(1, (t - 1 - warmup) / (...)); "
        "return final + (peak - final) * (1 + np.cos(...)) / 2",
    ),
)
def schedule(function, task, rng):
    """Check ``warmup_cosine(t, peak, steps, warmup, final) -> lr``."""
    cases = _schedule_cases(rng)
    return _schedule_report(function, cases, rates.warmup_cosine, rates.WRONG_SCHEDULES)


def _schedule_report(function, cases, right, table):
    everything = [args for asked, _ in cases.values() for args in asked]
    known = partial(rates.recognise, function, everything, table)
    return grade(
        Part(name, 1, lambda a=asked: rates.agree(function, a, right, known), think)
        for name, (asked, think) in cases.items()
    )
