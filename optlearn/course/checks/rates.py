"""Schedules as learners write them: the right ones, the wrong ones, and how to tell them apart."""

from math import cos, pi

from .probe import call, number, short
from .report import BlankError, Mistake, WrongError

#: How far a rate may be off, as a share of the peak.
NEAR = 1e-9


def cosine(t, peak, steps):
    """Return the rate of step ``t`` on half a cosine wave."""
    return peak / 2 * (1 + cos(pi * (t - 1) / steps))


def warmup_cosine(t, peak, steps, warmup, final, begin=None, length=None, left=None, rise=None):
    """Return the rate of step ``t``: up in a line, then down half a cosine wave.

    The other arguments replace a piece by a mistake.

    Parameters
    ----------
    begin, length : int, optional
        The steps that count as over before the fall, and those that it lasts.
    left : callable, optional
        Share behind -> share of the fall that is left.
    rise : callable, optional
        ``(t, warmup) -> share of the peak``.
    """
    if t <= warmup:
        return peak * (rise or (lambda t, warmup: t / warmup))(t, warmup)
    begin = 1 + warmup if begin is None else begin
    done = min(1, (t - begin) / (length or steps - warmup))
    return final + (peak - final) * (left or (lambda done: (1 + cos(pi * done)) / 2))(done)


def agree(function, asked, right, known):
    """Raise WrongError where ``function`` gives another rate than ``right``.

    Parameters
    ----------
    function : callable
        The learner's.
    asked : list of tuple
        The arguments of each call; the first is the step and the second the peak.
    right : callable
    known : callable
        Takes nothing, returns the mistake to name, or None.
    """
    for args in asked:
        got, want = number(call(function, *args), "the rate"), right(*args)
        if not abs(got - want) <= NEAR * args[1]:
            raise WrongError(f"for {_said(args)} you have {_two(got, want)}.", known())


def recognise(function, asked, table):
    """Return the mistake that gives the learner's rates for all arguments, or None.

    A call that breaks, such as a division by a warm-up of 0, tells nothing and is left out; half of
    all calls have to be left.
    """
    rates = []
    for args in asked:
        try:
            rates.append((args, number(call(function, *args), "the rate")))
        except (WrongError, BlankError):
            continue
    if len(rates) < len(asked) / 2:
        return None
    for name, (sentence, wrong) in table.items():
        if all(abs(got - wrong(*args)) <= NEAR * args[1] for args, got in rates):
            return Mistake(name, sentence)
    return None


def _said(args):
    names = ("t", "peak", "steps", "warmup", "final")
    return ", ".join(f"{name}={short(value)}" for name, value in zip(names, args))


def _two(got, want):
    mine, right = short(got), short(want)
    return f"{mine}, expected {right}" if mine != right else f"{mine}, off by {short(got - want)}"


# ------------------------------------------------------------------------------ wrong schedules

#: name -> (sentence, ``(t, peak, steps) -> rate``)
WRONG_COSINES = {
    "one_step_ahead": (
        "It is one step ahead: at step 1 nothing is behind, so step t has t − 1 behind it.",
        lambda t, peak, steps: cosine(t + 1, peak, steps),
    ),
    "ends_at_zero": (
        "It divides by one step too few: the text counts t − 1 of all steps as behind.",
        lambda t, peak, steps: cosine(t, peak, steps - 1),
    ),
    "forgets_the_half": (
        "1 + cos begins at 2, so this begins at twice the peak: halve it.",
        lambda t, peak, steps: 2 * cosine(t, peak, steps),
    ),
    "forgets_the_one": (
        "The 1 is missing: a cosine alone becomes negative, and a rate must not.",
        lambda t, peak, steps: peak * cos(pi * (t - 1) / steps),
    ),
    "halves_the_cosine_alone": (
        "The half belongs to the sum 1 + cos, not to one of the two alone.",
        lambda t, peak, steps: peak * (1 + cos(pi * (t - 1) / steps) / 2),
    ),
    "forgets_pi": (
        "Pi is missing: the angle goes from 0 to pi, not from 0 to 1.",
        lambda t, peak, steps: peak / 2 * (1 + cos((t - 1) / steps)),
    ),
    "takes_degrees": (
        "The cosine takes radians: half a turn is pi, not 180.",
        lambda t, peak, steps: peak / 2 * (1 + cos(180 * (t - 1) / steps)),
    ),
    "goes_a_whole_wave": (
        "It goes a whole wave: down and up again. Half a wave ends at pi.",
        lambda t, peak, steps: peak / 2 * (1 + cos(2 * pi * (t - 1) / steps)),
    ),
    "goes_a_quarter_wave": (
        "It goes a quarter of a wave: that falls late and steeply.",
        lambda t, peak, steps: peak * cos(pi / 2 * (t - 1) / steps),
    ),
    "rises": (
        "It rises: the sign of the cosine is turned over.",
        lambda t, peak, steps: peak / 2 * (1 - cos(pi * (t - 1) / steps)),
    ),
    "falls_in_a_line": (
        "It falls in a straight line, not along a cosine.",
        lambda t, peak, steps: peak * (1 - (t - 1) / steps),
    ),
    "forgets_the_peak": (
        "The peak is not used: these are shares of it.",
        lambda t, peak, steps: cosine(t, 1, steps),
    ),
    "gives_the_share": ("This is the share behind, no rate.", lambda t, peak, s: (t - 1) / s),
    "stays_at_the_peak": (
        "The rate never changes: is the share behind used, and not cut off by `//`?",
        lambda t, peak, steps: peak,
    ),
}

_FALL = warmup_cosine

#: name -> (sentence, ``(t, peak, steps, warmup, final) -> rate``)
WRONG_SCHEDULES = {
    "forgets_the_warmup": (
        "There is no warm-up: it begins at the peak.",
        lambda t, peak, steps, warmup, final: _FALL(t, peak, steps, 0, final),
    ),
    "warms_up_from_zero": (
        "The first step has a rate of 0 and is wasted: step t of the rise has t / warmup.",
        lambda *a: _FALL(*a, rise=lambda t, warmup: (t - 1) / warmup),
    ),
    "warms_up_too_slowly": (
        "The rise ends below the peak: step `warmup` has the peak already.",
        lambda *a: _FALL(*a, rise=lambda t, warmup: t / (warmup + 1)),
    ),
    "rises_along_a_cosine": (
        "The rise is a straight line, not a wave.",
        lambda *a: _FALL(*a, rise=lambda t, warmup: (1 - cos(pi * t / warmup)) / 2),
    ),
    "keeps_the_peak_in_the_warmup": (
        "During the warm-up it has the peak already.",
        lambda *a: _FALL(*a, rise=lambda t, warmup: 1),
    ),
    "falls_one_step_ahead": (
        "The fall is one step ahead: the first step after the warm-up still has the peak.",
        lambda t, peak, steps, warmup, final: _FALL(t, peak, steps, warmup, final, begin=warmup),
    ),
    "falls_from_the_first_step": (
        "The fall is counted from step 1: subtract the warm-up, or the rate jumps after it.",
        lambda t, peak, steps, warmup, final: _FALL(
            t, peak, steps, warmup, final, begin=1, length=steps
        ),
    ),
    "adds_the_warmup_to_the_steps": (
        "The fall lasts as long as all steps: `steps` counts the warm-up too.",
        lambda t, peak, steps, warmup, final: _FALL(t, peak, steps, warmup, final, length=steps),
    ),
    "ends_at_the_last_step": (
        "The fall is one step too short: it lasts steps − warmup steps.",
        lambda t, peak, steps, warmup, final: _FALL(
            t, peak, steps, warmup, final, length=steps - warmup - 1
        ),
    ),
    "multiplies_a_running_cosine": (
        "The cosine runs while the rate rises: it should begin when the warm-up is over.",
        lambda t, peak, steps, warmup, final: (
            _FALL(t, peak, steps, 0, final) * min(1, t / max(warmup, 1))
        ),
    ),
    "ignores_the_final_rate": (
        "The final rate is not used: it falls to 0.",
        lambda t, peak, steps, warmup, final: _FALL(t, peak, steps, warmup, 0),
    ),
    "adds_the_final_rate": (
        "The final rate is added on top: the fall is only peak − final deep.",
        lambda t, peak, steps, warmup, final: (
            _FALL(t, peak, steps, warmup, 0) + final * (t > warmup)
        ),
    ),
    "cuts_at_the_final_rate": (
        "It falls to 0 and is cut at the final rate: the whole wave should end there.",
        lambda t, peak, steps, warmup, final: (
            max(final, _FALL(t, peak, steps, warmup, 0))
            if t > warmup
            else _FALL(t, peak, steps, warmup, 0)
        ),
    ),
    "rises_again": (
        "After its last step it rises again: a step beyond the end has the final rate.",
        lambda t, peak, steps, warmup, final: (
            _FALL(t, peak, steps, warmup, final)
            if t <= steps
            else final + (peak - final) * (1 + cos(pi * (t - 1 - warmup) / (steps - warmup))) / 2
        ),
    ),
    "ends_with_nothing": (
        "After the last step the rate is 0: it should stay at the final rate.",
        lambda t, peak, steps, warmup, final: (
            _FALL(t, peak, steps, warmup, final) if t <= steps else 0
        ),
    ),
    "falls_in_a_line": (
        "It falls in a straight line, not along a cosine.",
        lambda *a: _FALL(*a, left=lambda done: 1 - done),
    ),
    "forgets_the_half": (
        "1 + cos begins at 2, so the fall begins too high: halve it.",
        lambda *a: _FALL(*a, left=lambda done: 1 + cos(pi * done)),
    ),
    "forgets_pi": (
        "Pi is missing: the angle goes from 0 to pi, not from 0 to 1.",
        lambda *a: _FALL(*a, left=lambda done: (1 + cos(done)) / 2),
    ),
    "goes_a_quarter_wave": (
        "It goes a quarter of a wave: that falls late and steeply.",
        lambda *a: _FALL(*a, left=lambda done: cos(pi / 2 * done)),
    ),
    "rises_instead": (
        "After the warm-up it begins at the final rate and rises: the wave is turned over.",
        lambda *a: _FALL(*a, left=lambda done: (1 - cos(pi * done)) / 2),
    ),
    "never_falls": ("After the warm-up the rate stays.", lambda *a: _FALL(*a, left=lambda d: 1)),
}
