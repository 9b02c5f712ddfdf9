"""Schedules given by one formula."""

import math
from dataclasses import dataclass

from .base import Schedule, check_factor, check_number, check_rate, check_steps, check_whole


def cosine_left(done):
    """Return what is left of a fall along half a cosine wave; ``done`` is its share behind."""
    return (1 + math.cos(math.pi * done)) / 2


def linear_left(done):
    """Return what is left of a fall along a straight line."""
    return 1 - done


@dataclass(frozen=True)
class constant(Schedule):
    r"""Keep one rate: :math:`\eta_t = \eta`.

    Parameters
    ----------
    lr : float
        :math:`\eta > 0`.
    """

    lr: float

    def __post_init__(self):
        check_rate("lr", self.lr)

    def at(self, t):
        return self.lr


@dataclass(frozen=True)
class step_decay(Schedule):
    r"""Cut the rate at regular intervals: :math:`\eta_t = \eta\,\gamma^{\lfloor (t-1)/k \rfloor}`.

    Parameters
    ----------
    lr : float
        :math:`\eta > 0`.
    every : int
        :math:`k \ge 1`, the steps between two cuts.
    factor : float
        :math:`\gamma` in (0, 1].

    Notes
    -----
    PyTorch's ``StepLR(step_size=every, gamma=factor)``; Optax's ``exponential_decay`` with
    ``staircase=True``. It has no last step.
    """

    lr: float
    every: int
    factor: float

    def __post_init__(self):
        check_rate("lr", self.lr)
        check_steps(self.every, "every")
        check_factor(self.factor)

    def at(self, t):
        return self.lr * self.factor ** ((t - 1) // self.every)


@dataclass(frozen=True)
class exponential(Schedule):
    r"""Shrink the rate a little at each step: :math:`\eta_t = \eta\,\gamma^{t-1}`.

    Parameters
    ----------
    lr : float
        :math:`\eta > 0`.
    factor : float
        :math:`\gamma` in (0, 1]; close to 1, since it acts at every step and not every epoch.

    Notes
    -----
    PyTorch's ``ExponentialLR(gamma=factor)``; Optax's ``exponential_decay`` takes the rate over
    ``transition_steps`` steps. It has no last step.
    """

    lr: float
    factor: float

    def __post_init__(self):
        check_rate("lr", self.lr)
        check_factor(self.factor)

    def at(self, t):
        return self.lr * self.factor ** (t - 1)


@dataclass(frozen=True)
class _Fall(Schedule):
    """Rise over the warm-up, then fall along the curve that a subclass names in ``left``."""

    peak: float
    steps: int
    warmup: int = 0
    final: float = 0.0

    def __post_init__(self):
        check_rate("peak", self.peak)
        check_steps(self.steps)
        check_whole("warmup", self.warmup, 0, "0 means none")
        if self.warmup >= self.steps:
            raise ValueError(
                f"warmup must be below steps, got warmup={self.warmup} and steps={self.steps}: "
                "steps counts the warm-up too, so raise it or warm up for less"
            )
        check_number(
            "final", self.final, lambda x: 0 <= x <= self.peak, f"in [0, peak={self.peak!r}]"
        )

    def at(self, t):
        if t <= self.warmup:
            return self.peak * t / self.warmup
        done = min(1, (t - 1 - self.warmup) / (self.steps - self.warmup))
        return self.final + (self.peak - self.final) * self.left(done)


class cosine(_Fall):
    r"""Rise in a line, then fall along half a cosine wave: gently at both ends.

    With peak :math:`\eta`, final rate :math:`\eta_f`, :math:`T` steps and :math:`W` of warm-up

    .. math::
        \eta_t = \begin{cases} \eta\, t / W & t \le W \\
        \eta_f + \tfrac12 (\eta - \eta_f) \left(1 + \cos\pi\tfrac{t-1-W}{T-W}\right) & t > W
        \end{cases}

    Parameters
    ----------
    peak : float
        :math:`\eta > 0`.
    steps : int
        :math:`T \ge 1`, the warm-up included. Later steps have the rate ``final``.
    warmup : int, default 0
        :math:`W` in [0, T). The first step is not wasted on a rate of 0, and steps ``W`` and
        ``W + 1`` both have the peak: the end of the rise and the start of the fall.
    final : float, default 0
        :math:`\eta_f` in [0, peak].

    Notes
    -----
    PyTorch's ``CosineAnnealingLR(T_max=T - W, eta_min=final)``, which rises again after its last
    step, behind ``LinearLR(1 / W, total_iters=W - 1)``. Optax's
    ``warmup_cosine_decay_schedule(peak / W, peak, W - 1, T - 1, final)`` has the peak once, so
    its fall runs one step ahead of ours.

    References
    ----------
    Loshchilov & Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017,
    equation 5, without restarts; Goyal et al., "Accurate, large minibatch SGD", 2017, for the
    warm-up.
    """

    left = staticmethod(cosine_left)


class linear(_Fall):
    r"""Rise in a line, then fall in a line.

    As :class:`cosine`, with :math:`\eta_t = \eta + (\eta_f - \eta) \tfrac{t-1-W}{T-W}` after the
    warm-up.

    Parameters
    ----------
    peak : float
        :math:`\eta > 0`.
    steps : int
        :math:`T \ge 1`, the warm-up included. Later steps have the rate ``final``.
    warmup : int, default 0
        :math:`W` in [0, T).
    final : float, default 0
        :math:`\eta_f` in [0, peak].

    Notes
    -----
    PyTorch's ``LinearLR(1, final / peak, total_iters=steps)`` and Optax's ``linear_schedule``.
    """

    left = staticmethod(linear_left)


@dataclass(frozen=True)
class inverse_sqrt(Schedule):
    r"""Rise in a line, then fall as one over the root of the step; it need not know the end.

    .. math:: \eta_t = \eta\, \min\left(t / W, \sqrt{W / t}\right)

    Parameters
    ----------
    peak : float
        :math:`\eta > 0`, reached at step :math:`W`.
    warmup : int
        :math:`W \ge 1`.

    Notes
    -----
    Vaswani et al. write :math:`d^{-1/2} \min(t^{-1/2}, t\, W^{-3/2})` for a model of width
    :math:`d`: the same with :math:`\eta = 1 / \sqrt{d W}`. PyTorch and Optax have no scheduler of
    this shape. It has no last step.

    References
    ----------
    Vaswani et al., "Attention is all you need", NeurIPS 2017, equation 3.
    """

    peak: float
    warmup: int

    def __post_init__(self):
        check_rate("peak", self.peak)
        check_whole("warmup", self.warmup, 1, "1 starts to fall at once")

    def at(self, t):
        return self.peak * min(t / self.warmup, math.sqrt(self.warmup / t))
