"""Schedule-Free AdamW."""

import math

import numpy as np

from .. import rules
from .kernels import average_square, root
from .schedule_free_sgd import ScheduleFreeSGD


class ScheduleFreeAdamW(ScheduleFreeSGD):
    r"""Schedule-free steps of a gradient divided by its size, as in Adam.

    .. math::
        v_t &= \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2
            && \text{(1) mean of } g^2 \\
        d_t &= g_t / (\sqrt{v_t / (1-\beta_2^t)} + \epsilon) + \lambda w_{t-1}
            && \text{(2) direction}

    and then (1) to (3) of :class:`ScheduleFreeSGD` with :math:`d_t` for the gradient and
    :math:`\beta = \beta_1`.

    Parameters
    ----------
    params : iterable of Parameter
    lr : float or callable, default 2.5e-3
        :math:`\eta > 0`, or a warm-up ``t -> lr``; the authors advise 1 to 10 times AdamW's.
    betas : (float, float), default (0.9, 0.999)
        :math:`\beta_1` in (0, 1), :math:`\beta_2` in [0, 1).
    eps : float, default 1e-8
        :math:`\epsilon \ge 0`, added outside the root and after the correction.
    weight_decay : float, default 0
        :math:`\lambda \ge 0`, decoupled, at :math:`w`.
    maximize : bool, default False
        Climb instead of descend; the decay still pulls towards zero.

    Raises
    ------
    ValueError
        For a hyperparameter out of its range, or for ``params`` as :class:`Optimizer` says.

    Notes
    -----
    State: ``z`` and ``v``, one number a weight each, as much as AdamW.

    References
    ----------
    Defazio et al., "The road less scheduled", NeurIPS 2024; the package schedulefree 1.4.1.
    """

    slots = ("z", "v")
    scratch = 2

    def __init__(
        self, params, lr=2.5e-3, *, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, maximize=False
    ):
        super().__init__(params, lr, weight_decay=weight_decay, maximize=maximize)
        self.betas = self._pair("betas", betas)
        self.momentum = self._number("betas[0]", self.betas[0], above=0, below=1)
        self.eps = self._number("eps", eps, low=0)

    @property
    def rule(self):
        return super().rule and rules.schedule_free_adamw

    def decay(self, w, g, lr, out):
        return g  # the decay is part of (2)

    def update(self, w, g, state, lr, tmp):
        z, v = state
        tmp, direction = tmp
        if self.t == 1:
            z[...] = w
        beta2 = self.betas[1]
        average_square(v, g, beta2, tmp)  # (1)
        c = math.sqrt(1 - beta2**self.t)  # the correction of v, moved out of the root
        root(v, self.eps * c, out=tmp)
        np.divide(g, tmp, out=direction)
        direction *= c
        np.multiply(w, self.weight_decay, out=tmp)
        direction += tmp  # (2)
        self.move(w, z, direction, lr, tmp)
