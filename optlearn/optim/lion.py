"""Lion."""

import numpy as np

from .. import rules
from .base import DecoupledDecay, Optimizer
from .kernels import average


class Lion(DecoupledDecay, Optimizer):
    r"""Step by the sign of a mean of gradients: every weight moves equally far.

    .. math::
        c_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t            && \text{(1) direction} \\
        w_t &= (1 - \eta\lambda)\, w_{t-1} - \eta\, \operatorname{sign} c_t && \text{(2) step} \\
        m_t &= \beta_2 m_{t-1} + (1-\beta_2)\, g_t            && \text{(3) mean of } g

    Parameters
    ----------
    params : iterable of Parameter
    lr : float or callable, default 1e-4
        :math:`\eta > 0`, the length of every step of every weight; or a schedule ``t -> lr``. The
        authors advise 3 to 10 times less than for AdamW, and as much more decay.
    betas : (float, float), default (0.9, 0.99)
        :math:`\beta_1, \beta_2` in [0, 1): the weight of the mean in the direction, and how
        slowly the mean forgets.
    weight_decay : float, default 0
        :math:`\lambda \ge 0`, decoupled: each step takes the share :math:`\eta\lambda` of every
        weight. Optax: 1e-3.
    maximize : bool, default False
        Climb instead of descend; the decay still pulls towards zero.

    Raises
    ------
    ValueError
        For a hyperparameter out of its range, or for ``params`` as :class:`Optimizer` says.

    Notes
    -----
    State: ``m``, one number a weight, half of Adam's. Where a direction is a rounding error its
    sign is one too; libraries agree only away from zero. Keras has a learning rate of 1e-3.

    References
    ----------
    Chen et al., "Symbolic discovery of optimization algorithms", NeurIPS 2023, Algorithm 2.
    """

    rule = staticmethod(rules.lion)
    slots = ("m",)
    scratch = 2

    def __init__(self, params, lr=1e-4, *, betas=(0.9, 0.99), weight_decay=0.0, maximize=False):
        super().__init__(params, lr, weight_decay=weight_decay, maximize=maximize)
        self.betas = self._pair("betas", betas)

    def update(self, w, g, state, lr, tmp):
        (m,) = state
        tmp, direction = tmp
        beta1, beta2 = self.betas
        np.multiply(m, beta1, out=direction)
        np.multiply(g, 1 - beta1, out=tmp)
        direction += tmp  # (1)
        np.sign(direction, out=direction)
        direction *= lr
        w -= direction  # (2)
        average(m, g, beta2, tmp)  # (3)
