"""NAdam."""

import math

import numpy as np

from .. import rules
from .base import Optimizer
from .kernels import average, average_square, root


class NAdam(Optimizer):
    r"""Adam with Nesterov's look-ahead in its first moment.

    .. math::
        \mu_t &= \beta_1 \bigl(1 - \tfrac12\, 0.96^{\,t\psi}\bigr), \;
            M_t = \textstyle\prod_{i \le t} \mu_i           && \text{(1) momentum grows} \\
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t           && \text{(2) mean of } g \\
        v_t &= \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2         && \text{(3) mean of } g^2 \\
        \hat m_t &= \frac{\mu_{t+1}\, m_t}{1 - M_{t+1}} + \frac{(1-\mu_t)\, g_t}{1 - M_t}
                                                            && \text{(4) look-ahead} \\
        w_t &= w_{t-1} - \eta\, \hat m_t / (\sqrt{v_t/(1-\beta_2^t)} + \epsilon) && \text{(5) step}

    Parameters
    ----------
    params : iterable of Parameter
    lr : float or callable, default 2e-3
        :math:`\eta > 0`, or a schedule ``t -> lr``. Keras: 1e-3.
    betas : (float, float), default (0.9, 0.999)
        :math:`\beta_1, \beta_2` in [0, 1), how slowly the means forget.
    eps : float, default 1e-8
        :math:`\epsilon \ge 0`, added outside the root.
    momentum_decay : float, default 4e-3
        :math:`\psi \ge 0`, how fast the momentum grows to :math:`\beta_1`.
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
    State: ``m`` and ``v``, one number a weight each, and the number :math:`M_t`, in PyTorch a
    float32. Keras's momentum grows 250 times faster, as with :math:`\psi = 1`; Optax's is constant.

    References
    ----------
    Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016, Algorithm 2.
    """

    rule = staticmethod(rules.nadam_given)
    slots = ("m", "v")
    scratch = 2

    def __init__(
        self,
        params,
        lr=2e-3,
        *,
        betas=(0.9, 0.999),
        eps=1e-8,
        momentum_decay=4e-3,
        weight_decay=0.0,
        maximize=False,
    ):
        super().__init__(params, lr, weight_decay=weight_decay, maximize=maximize)
        self.betas = self._pair("betas", betas)
        self.eps = self._number("eps", eps, low=0)
        self.momentum_decay = self._number("momentum_decay", momentum_decay, low=0)
        self.product = 1.0  # M_t

    def prepare(self, lr):
        now, later = self.mu
        self.product *= now  # (1)
        self._weights = later / (1 - self.product * later), (1 - now) / (1 - self.product)

    def update(self, w, g, state, lr, tmp):
        m, v = state
        tmp, step = tmp
        beta1, beta2 = self.betas
        average(m, g, beta1, tmp)  # (2)
        average_square(v, g, beta2, tmp)  # (3)
        np.multiply(m, self._weights[0], out=step)
        np.multiply(g, self._weights[1], out=tmp)
        step += tmp  # (4)
        c = math.sqrt(1 - beta2**self.t)  # the correction of v, moved out of the root
        root(v, self.eps * c, out=tmp)
        step /= tmp
        step *= lr * c
        w -= step  # (5)

    @property
    def mu(self):
        r"""The momenta :math:`\mu_t` and :math:`\mu_{t+1}`."""
        beta1, decay = self.betas[0], self.momentum_decay
        return tuple(beta1 * (1 - 0.5 * 0.96 ** (t * decay)) for t in (self.t, self.t + 1))
