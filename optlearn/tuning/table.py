"""The text twin of a sweep."""

import math
from numbers import Real

#: Below this, what a machine prints is rounding.
TINY = 1e-12


def table(settings, metric, most):
    """Return lines of text for settings as ``Results.settings`` returns them, best first.

    A hyperparameter that is the same everywhere is left out.
    """
    names = dict.fromkeys(name for one in settings for name in one["config"])
    varied = [
        k
        for k in names
        if any(one["config"].get(k) != settings[0]["config"].get(k) for one in settings)
    ]
    lines = [[*varied, metric, "sd", "n", "diverged", "edge"]]
    for one in settings[:most]:
        values = [one["config"].get(name, "") for name in varied]
        edge = ", ".join(f"{name} {where}" for name, where in one["edges"].items())
        numbers = [one["mean"], one["sd"], one["n"], one["diverged"]]
        lines.append([*map(text, values), *map(text, numbers), edge])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    shown = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
    if len(settings) > most:
        shown.append(f"and {len(settings) - most} more")
    return "\n".join(shown)


def text(value, form=".3g"):
    """Return a value in at most three digits, and nothing that is only rounding."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return str(value)
    if isinstance(value, int):
        return str(value)
    if math.isnan(value):
        return "-"
    if 0 < abs(value) < TINY:
        return f"< {TINY:g}"
    return format(value, form)
