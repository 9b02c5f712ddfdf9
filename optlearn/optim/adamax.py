"""Adamax."""

import numpy as np

from .. import rules
from .base import Optimizer
from .kernels import average, descend_scaled


class Adamax(Optimizer):
    r"""Adam that divides by the largest recent gradient instead of their mean square.

    .. math::
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t          && \text{(1) mean of } g \\
        u_t &= \max(\beta_2 u_{t-1},\, |g_t| + \epsilon)    && \text{(2) largest } |g| \\
        w_t &= w_{t-1} - \frac{\eta}{1-\beta_1^t}\, \frac{m_t}{u_t} && \text{(3) step}

    The largest needs no correction: it is right from the first step on.

    Parameters
    ----------
    params : iterable of Parameter
    lr : float or callable, default 2e-3
        :math:`\eta > 0`, about the largest step of a weight; or a schedule ``t -> lr``.
    betas : (float, float), default (0.9, 0.999)
        :math:`\beta_1, \beta_2` in [0, 1), how slowly the mean and the largest forget.
    eps : float, default 1e-8
        :math:`\epsilon \ge 0`, inside the maximum. The paper has none, and divides 0 by 0 where a
        weight never had a gradient.
    weight_decay : float, default 0
        :math:`\lambda \ge 0`; adds :math:`\lambda w` to the gradient (coupled, an L2 penalty).
    maximize : bool, default False
        Climb instead of descend; the decay still pulls towards zero.

    Raises
    ------
    ValueError
        For a hyperparameter out of its range, or for ``params`` as :class:`Optimizer` says.

    Notes
    -----
    State: ``m`` and ``u``, one number a weight each; PyTorch: ``exp_avg`` and ``exp_inf``, Optax:
    ``mu`` and ``nu``. Both put eps inside the maximum, as here; Keras and MLX add it afterwards.
    Keras's default learning rate is 1e-3. MLX corrects nothing: its first step is a tenth as long.

    References
    ----------
    Kingma & Ba, "Adam: a method for stochastic optimization", ICLR 2015, Algorithm 2.
    """

    rule = staticmethod(rules.adamax)
    slots = ("m", "u")

    def __init__(
        self, params, lr=2e-3, *, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, maximize=False
    ):
        super().__init__(params, lr, weight_decay=weight_decay, maximize=maximize)
        self.betas = self._pair("betas", betas)
        self.eps = self._number("eps", eps, low=0)

    def update(self, w, g, state, lr, tmp):
        m, u = state
        beta1, beta2 = self.betas
        average(m, g, beta1, tmp)  # (1)
        u *= beta2
        np.abs(g, out=tmp)
        tmp += self.eps
        np.maximum(u, tmp, out=u)  # (2)
        descend_scaled(w, m, u, lr / (1 - beta1**self.t), tmp)  # (3)
