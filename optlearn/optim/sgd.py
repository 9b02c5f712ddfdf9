"""Gradient descent, with momentum and Nesterov's momentum."""

import numpy as np

from .. import rules
from .base import Optimizer
from .kernels import accumulate, descend, look_ahead


class SGD(Optimizer):
    r"""Step down the gradient, pushed along by the gradients of the past.

    With gradient :math:`g_t`, learning rate :math:`\eta`, momentum :math:`\mu` and dampening
    :math:`\tau`, at step :math:`t = 1, 2, \dots`

    .. math::
        b_t &= \mu\, b_{t-1} + (1-\tau)\, g_t && \text{(1) buffer;} \quad b_1 = g_1 \\
        d_t &= b_t                             && \text{(2) direction} \\
        d_t &= g_t + \mu\, b_t                 && \text{(2') with Nesterov} \\
        w_t &= w_{t-1} - \eta\, d_t            && \text{(3) step}

    With :math:`\mu = 0` only (3) remains, :math:`d_t = g_t`: gradient descent. Whether it is
    stochastic depends on the gradient you hand in, not on this class.

    Parameters
    ----------
    params : iterable of Parameter
    lr : float or callable, default 1e-3
        Learning rate :math:`\eta > 0`, or a schedule ``t -> lr``. On a quadratic with largest
        curvature :math:`L`, plain descent is stable below :math:`2/L`, the heavy ball below
        :math:`2(1+\mu)/L`, Nesterov below :math:`2(1+\mu)/((1+2\mu)L)`.
    momentum : float, default 0
        :math:`\mu` in [0, 1). The steady step on a constant gradient is :math:`\eta/(1-\mu)`.
    dampening : float, default 0
        :math:`\tau` in [0, 1]. The first gradient is never dampened (PyTorch's convention).
    nesterov : bool, default False
        Step with the momentum of the next step. Needs momentum above 0 and no dampening.
    weight_decay : float, default 0
        :math:`\lambda \ge 0`; adds :math:`\lambda w` to the gradient (coupled, an L2 penalty).
    maximize : bool, default False
        Climb instead of descend; the decay still pulls towards zero.

    Raises
    ------
    ValueError
        For a hyperparameter out of its range, or Nesterov without momentum or with dampening.

    Notes
    -----
    State: ``b``, one number a weight, and none without momentum. PyTorch calls it
    ``momentum_buffer``, Optax ``trace``. Keras keeps :math:`\eta` inside the buffer, as the sources
    do: the same for a constant learning rate only. MLX dampens the first gradient as well.

    References
    ----------
    Robbins & Monro (1951); Polyak (1964), equation 9; Nesterov (1983); Sutskever et al., "On the
    importance of initialization and momentum in deep learning", ICML 2013, equations 1 to 4.
    """

    def __init__(
        self,
        params,
        lr=1e-3,
        *,
        momentum=0.0,
        dampening=0.0,
        nesterov=False,
        weight_decay=0.0,
        maximize=False,
    ):
        moving = bool(np.any(momentum != 0))
        self.slots = ("b",) if moving else ()
        super().__init__(params, lr, weight_decay=weight_decay, maximize=maximize)
        self.momentum = self._number("momentum", momentum, low=0, below=1)
        self.dampening = self._number("dampening", dampening, low=0, high=1)
        self.nesterov = bool(nesterov)
        if self.nesterov and (not moving or np.any(self.dampening)):
            raise ValueError(
                f"nesterov=True needs momentum > 0 and dampening 0, got momentum={momentum} and "
                f"dampening={dampening}"
            )

    @property
    def rule(self):
        """The function of :mod:`optlearn.rules` that this is."""
        if self.nesterov:
            return rules.nesterov
        return rules.momentum if self.state else rules.sgd

    def update(self, w, g, state, lr, tmp):
        direction = g
        if state:
            (b,) = state
            fresh = 1.0 if self.t == 1 else 1 - self.dampening
            accumulate(b, g, self.momentum, fresh, tmp)  # (1)
            direction = b  # (2)
        if self.nesterov:
            look_ahead(b, g, self.momentum, out=tmp)  # (2')
            direction = tmp
        descend(w, direction, lr, tmp)  # (3)
