"""Schedules made of schedules."""

from dataclasses import dataclass

from .base import Schedule, check_schedule, check_steps


@dataclass(frozen=True)
class warmup(Schedule):
    r"""Rise to the first rate of a schedule, then run it from its start.

    .. math:: \eta_t = \begin{cases} s(1)\, t / W & t \le W \\ s(t - W) & t > W \end{cases}

    Parameters
    ----------
    schedule : callable
        :math:`s`. It ends :math:`W` steps later than on its own.
    steps : int
        :math:`W \ge 1`.

    Notes
    -----
    The rise is that of :class:`cosine`: ``warmup(cosine(peak, T - W), W)`` and
    ``cosine(peak, T, warmup=W)`` are the same. PyTorch's ``SequentialLR`` behind ``LinearLR``.
    Libraries that multiply a running schedule by the rise agree on a constant rate only.
    """

    schedule: object
    steps: int

    def __post_init__(self):
        check_schedule(self.schedule)
        check_steps(self.steps)

    def at(self, t):
        if t <= self.steps:
            return self.schedule(1) * t / self.steps
        return self.schedule(t - self.steps)


@dataclass(frozen=True, init=False, repr=False)
class chain(Schedule):
    r"""Run schedules one after the other, each from its start.

    Parameters
    ----------
    *pairs : tuple of (schedule, steps)
        A callable ``t -> lr`` and the number of steps it runs, at least 1. It is called with
        :math:`t = 1, 2, \dots` counted from its own start.

    Notes
    -----
    After its last step a chain stays where its last schedule had arrived: at the rate which that
    would have at step ``steps + 1``. PyTorch's ``SequentialLR`` and Optax's ``join_schedules``
    take milestones instead of lengths and let the last schedule run on.
    """

    pairs: tuple

    def __init__(self, *pairs):
        if not pairs:
            raise ValueError("chain() is empty: pass pairs, chain((constant(0.1), 100), ...)")
        for pair in pairs:
            if not isinstance(pair, tuple | list) or len(pair) != 2:
                raise TypeError(f"chain takes pairs (schedule, steps), got {pair!r}")
            check_schedule(pair[0])
            check_steps(pair[1])
        # A frozen dataclass refuses plain assignment, here too.
        object.__setattr__(self, "pairs", tuple(map(tuple, pairs)))

    def __repr__(self):
        return f"chain({', '.join(map(repr, self.pairs))})"

    def at(self, t):
        for schedule, steps in self.pairs:
            if t <= steps:
                return schedule(t)
            t -= steps
        return schedule(steps + 1)
