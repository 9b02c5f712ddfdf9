"""LAMB."""

import math

import numpy as np

from ..rules import trust_ratio
from .base import Optimizer
from .kernels import average, average_square, root


class LAMB(Optimizer):
    r"""Adam whose every layer takes a step in proportion to its weights.

    .. math::
        u_t &= \hat m_t / (\sqrt{\hat v_t} + \epsilon) + \lambda w_{t-1}
            && \text{(1) Adam's step} \\
        w_t &= w_{t-1} - \eta\, \frac{\lVert w_{t-1} \rVert}{\lVert u_t \rVert}\, u_t
            && \text{(2) step}

    with the corrected means of :class:`Adam`. Norms are a parameter's. For biases and other 1-D
    parameters, and where a norm is zero, the ratio is 1.

    Parameters
    ----------
    params : iterable of Parameter
    lr : float or callable, default 1e-3
        :math:`\eta > 0`, the share of a layer's norm that one step moves; or ``t -> lr``.
    betas : (float, float), default (0.9, 0.999)
        :math:`\beta_1, \beta_2` in [0, 1), how slowly the means forget.
    eps : float, default 1e-6
        :math:`\epsilon \ge 0`, added outside the root and after the correction.
    weight_decay : float, default 0
        :math:`\lambda \ge 0`, decoupled from the means but inside the ratio.
    maximize : bool, default False
        Climb instead of descend; the decay still pulls towards zero.

    Raises
    ------
    ValueError
        For a hyperparameter out of its range, or for ``params`` as :class:`Optimizer` says.

    Notes
    -----
    State: ``m`` and ``v``, one number a weight each. The paper may bound the norm of the weights;
    there is no bound here, as in Optax. Optax applies the ratio to vectors as well.

    References
    ----------
    You et al., "Large batch optimization for deep learning: training BERT in 76 minutes", ICLR
    2020, Algorithm 2.
    """

    slots = ("m", "v")
    elementwise = False
    scratch = 2

    def __init__(
        self, params, lr=1e-3, *, betas=(0.9, 0.999), eps=1e-6, weight_decay=0.0, maximize=False
    ):
        super().__init__(params, lr, weight_decay=weight_decay, maximize=maximize)
        self.betas = self._pair("betas", betas)
        self.eps = self._number("eps", eps, low=0)

    def decay(self, w, g, lr, out):
        return g  # the decay is part of (1)

    def update(self, w, g, state, lr, tmp):
        m, v = state
        tmp, u = tmp
        beta1, beta2 = self.betas
        average(m, g, beta1, tmp)
        average_square(v, g, beta2, tmp)
        c = math.sqrt(1 - beta2**self.t)  # the correction of v, moved out of the root
        root(v, self.eps * c, out=tmp)
        np.divide(m, tmp, out=u)
        u *= c / (1 - beta1**self.t)
        np.multiply(w, self.weight_decay, out=tmp)
        u += tmp  # (1)
        u *= lr * trust_ratio(w, u)
        w -= u  # (2)
