"""What every schedule shares: the check of the step, and of the arguments."""

import math
from numbers import Integral, Real


class Schedule:
    """Check the step; a subclass gives the rate in ``at``."""

    def __call__(self, t):
        """Return the learning rate of step ``t = 1, 2, ...``."""
        check_whole("t", t, 1, "the first step is t = 1")
        return float(self.at(t))

    def at(self, t):
        """Return the learning rate of step ``t``, which is known to be a step."""
        raise NotImplementedError


def check_number(name, value, right, wanted):
    """Refuse what is not a finite number, or is not ``right``."""
    if not isinstance(value, Real) or not math.isfinite(value) or not right(value):
        raise ValueError(f"{name} must be a finite number {wanted}, got {value!r}")


def check_whole(name, value, low, remedy):
    """Refuse what is not a whole number of at least ``low``."""
    if not isinstance(value, Integral) or value < low:
        raise ValueError(f"{name} must be a whole number >= {low}, got {value!r}: {remedy}")


def check_rate(name, value):
    """Refuse a learning rate that is not above 0."""
    check_number(name, value, lambda x: x > 0, "above 0 (try one between 1e-4 and 1)")


def check_steps(value, name="steps"):
    """Refuse a number of steps below 1."""
    check_whole(name, value, 1, "count the updates, epochs times batches per epoch")


def check_factor(value):
    """Refuse a factor that would make the rate grow, vanish or change its sign."""
    wanted = "in (0, 1], since it multiplies the rate"
    check_number("factor", value, lambda x: 0 < x <= 1, wanted)


def check_schedule(value):
    """Refuse a plain number in the place of a schedule."""
    if not callable(value):
        raise TypeError(f"a schedule must be a callable t -> lr, got {value!r}: try constant(0.1)")
