"""Adam, with AMSGrad."""

import math

import numpy as np

from .. import rules
from .base import Optimizer
from .kernels import average, average_square, descend_scaled, root


class Adam(Optimizer):
    r"""Momentum, divided by the running size of each weight's gradient.

    With gradient :math:`g_t` and learning rate :math:`\eta`, at step :math:`t = 1, 2, \dots`

    .. math::
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t   && \text{(1) mean of } g \\
        v_t &= \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2 && \text{(2) mean of } g^2 \\
        w_t &= w_{t-1} - \eta\, \frac{m_t / (1-\beta_1^t)}{\sqrt{v_t / (1-\beta_2^t)} + \epsilon}
                                                     && \text{(3) step}

    Both means start at zero and are too small at first; dividing by :math:`1-\beta^t` corrects
    that. The first step is :math:`-\eta\, \operatorname{sign} g`, whatever the gradient's size,
    and multiplying the loss by a constant changes nothing until the gradients come near eps.

    Parameters
    ----------
    params : iterable of Parameter
    lr : float or callable, default 1e-3
        :math:`\eta > 0`, about the length of a step of each weight; or a schedule ``t -> lr``.
    betas : (float, float), default (0.9, 0.999)
        :math:`\beta_1, \beta_2` in [0, 1), how slowly the means forget: over some
        :math:`1/(1-\beta)` steps.
    eps : float, default 1e-8
        :math:`\epsilon \ge 0`, outside the root and after the correction. A gradient as small as
        :math:`\epsilon` makes a first step half as long.
    amsgrad : bool, default False
        Use the largest :math:`v` so far in (3), so that one large gradient is not forgotten.
    weight_decay : float, default 0
        :math:`\lambda \ge 0`; adds :math:`\lambda w` to the gradient, whose size (3) divides away
        again. Use :class:`AdamW` for decay that stays.
    maximize : bool, default False
        Climb instead of descend; the decay still pulls towards zero.

    Raises
    ------
    ValueError
        For a hyperparameter out of its range, or for ``params`` as :class:`Optimizer` says.

    Notes
    -----
    State: ``m`` and ``v`` (with AMSGrad also ``v_max``), one number a weight each. PyTorch calls
    them ``exp_avg`` and ``exp_avg_sq``, Optax ``mu`` and ``nu``: the same numbers. Keras
    (``momentum``, ``velocity``) adds its 1e-7 before the correction, the paper's "epsilon hat",
    which acts like 3e-6 at first. MLX corrects nothing by default: its first step is 3.2 times as
    long. AMSGrad: PyTorch and Keras correct :math:`v_{max}`, as here; Optax takes the maximum of
    corrected values, and the paper corrects nothing.

    References
    ----------
    Kingma & Ba, "Adam: a method for stochastic optimization", ICLR 2015, Algorithm 1. AMSGrad:
    Reddi, Kale & Kumar, "On the convergence of Adam and beyond", ICLR 2018, Algorithm 2.
    """

    slots = ("m", "v")

    def __init__(
        self,
        params,
        lr=1e-3,
        *,
        betas=(0.9, 0.999),
        eps=1e-8,
        amsgrad=False,
        weight_decay=0.0,
        maximize=False,
    ):
        self.slots = ("m", "v", "v_max") if amsgrad else ("m", "v")
        super().__init__(params, lr, weight_decay=weight_decay, maximize=maximize)
        self.betas = self._pair("betas", betas)
        self.eps = self._number("eps", eps, low=0)
        self.amsgrad = bool(amsgrad)

    @property
    def rule(self):
        """The function of :mod:`optlearn.rules` that this is."""
        return rules.amsgrad if self.amsgrad else rules.adam

    def update(self, w, g, state, lr, tmp):
        m, v, *largest = state
        beta1, beta2 = self.betas
        average(m, g, beta1, tmp)  # (1)
        average_square(v, g, beta2, tmp)  # (2)
        for v_max in largest:
            v = np.maximum(v_max, v, out=v_max)
        # The correction of v, moved out of the root, scales the step and eps instead.
        c = math.sqrt(1 - beta2**self.t)
        root(v, self.eps * c, out=tmp)
        descend_scaled(w, m, tmp, lr * c / (1 - beta1**self.t), tmp)  # (3)
