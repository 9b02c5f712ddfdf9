"""Adadelta."""

import numpy as np

from .. import rules
from .base import Optimizer
from .kernels import average_square


class Adadelta(Optimizer):
    r"""Step as long as recent steps were: no learning rate, and the units come out right.

    .. math::
        v_t &= \rho\, v_{t-1} + (1-\rho)\, g_t^2 && \text{(1) mean square gradient} \\
        u_t &= \frac{\sqrt{d_{t-1} + \epsilon}}{\sqrt{v_t + \epsilon}}\, g_t
            && \text{(2) update, in units of } w \\
        d_t &= \rho\, d_{t-1} + (1-\rho)\, u_t^2 && \text{(3) mean square update} \\
        w_t &= w_{t-1} - \eta\, u_t && \text{(4) step}

    Parameters
    ----------
    params : iterable of Parameter
    lr : float or callable, default 1.0
        :math:`\eta > 0`, or a schedule ``t -> lr``. The paper has none, which is 1.
    rho : float, default 0.9
        :math:`\rho` in [0, 1), how slowly both means forget; 0.95 in the paper's experiments.
    eps : float, default 1e-6
        :math:`\epsilon \ge 0`, inside both roots. It starts the motion: with :math:`d_0 = 0` the
        first step is about :math:`\sqrt{\epsilon/(1-\rho)}` long, however large the gradient.
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
    State: ``v`` and ``d``, one number a weight each; PyTorch calls them ``square_avg`` and
    ``acc_delta``, Optax ``e_g`` and ``e_x``. Keras has a default learning rate of 1e-3, which makes
    its default Adadelta a thousand times slower than the paper's. Optax without a learning rate
    climbs: nothing turns the sign.

    References
    ----------
    Zeiler, "ADADELTA: an adaptive learning rate method", 2012, Algorithm 1.
    """

    rule = staticmethod(rules.adadelta)
    slots = ("v", "d")
    scratch = 2

    def __init__(self, params, lr=1.0, *, rho=0.9, eps=1e-6, weight_decay=0.0, maximize=False):
        super().__init__(params, lr, weight_decay=weight_decay, maximize=maximize)
        self.rho = self._number("rho", rho, low=0, below=1)
        self.eps = self._number("eps", eps, low=0)

    def update(self, w, g, state, lr, tmp):
        v, d = state
        tmp, u = tmp
        average_square(v, g, self.rho, tmp)  # (1)
        np.sqrt(np.add(d, self.eps, out=u), out=u)
        np.sqrt(np.add(v, self.eps, out=tmp), out=tmp)
        u /= tmp
        u *= g  # (2)
        average_square(d, u, self.rho, tmp)  # (3)
        u *= lr
        w -= u  # (4)
