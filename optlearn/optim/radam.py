"""RAdam."""

import math

from .. import rules
from .base import Optimizer
from .kernels import average, average_square, descend, descend_scaled, root


class RAdam(Optimizer):
    r"""Adam that waits with its denominator until it has seen enough gradients.

    .. math::
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t           && \text{(1) mean of } g \\
        v_t &= \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2         && \text{(2) mean of } g^2 \\
        \rho_t &= \rho_\infty - \frac{2 t \beta_2^t}{1-\beta_2^t}, \quad
            \rho_\infty = \frac{2}{1-\beta_2} - 1            && \text{(3) samples behind } v \\
        w_t &= w_{t-1} - \eta\, \hat m_t\, r_t \frac{\sqrt{1-\beta_2^t}}{\sqrt{v_t} + \epsilon}
            \quad \text{if } \rho_t > 5                      && \text{(4) Adam's step, scaled} \\
        w_t &= w_{t-1} - \eta\, \hat m_t \quad \text{otherwise} && \text{(5) momentum's step}

    with :math:`\hat m_t = m_t/(1-\beta_1^t)` and :math:`r_t = \sqrt{\frac{(\rho_t-4)(\rho_t-2)
    \rho_\infty}{(\rho_\infty-4)(\rho_\infty-2)\rho_t}}`. The scale grows from near 0 to 1: a
    warm-up that nobody has to tune.

    Parameters
    ----------
    params : iterable of Parameter
    lr : float or callable, default 1e-3
        :math:`\eta > 0`, or a schedule ``t -> lr``.
    betas : (float, float), default (0.9, 0.999)
        :math:`\beta_1, \beta_2` in [0, 1). With :math:`\beta_2 \le 2/3`, (4) never comes.
    eps : float, default 1e-8
        :math:`\epsilon \ge 0`, added to the root of the uncorrected :math:`v`, as in PyTorch; Optax
        adds it to the corrected one.
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
    State: ``m`` and ``v``, one number a weight each. The paper switches at 4, PyTorch and
    Optax at 5.

    References
    ----------
    Liu et al., "On the variance of the adaptive learning rate and beyond", ICLR 2020, Algorithm 2.
    """

    rule = staticmethod(rules.radam)
    slots = ("m", "v")

    def __init__(
        self, params, lr=1e-3, *, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, maximize=False
    ):
        super().__init__(params, lr, weight_decay=weight_decay, maximize=maximize)
        self.betas = self._pair("betas", betas)
        self.eps = self._number("eps", eps, low=0)

    def update(self, w, g, state, lr, tmp):
        m, v = state
        beta1, beta2 = self.betas
        average(m, g, beta1, tmp)  # (1)
        average_square(v, g, beta2, tmp)  # (2)
        lr = lr / (1 - beta1**self.t)
        scale = self.rectification()
        if scale is None:
            descend(w, m, lr, tmp)  # (5)
        else:
            root(v, self.eps, out=tmp)
            descend_scaled(w, m, tmp, lr * scale * math.sqrt(1 - beta2**self.t), tmp)  # (4)

    def rectification(self):
        """Return the scale of (4), or ``None`` while there are too few samples."""
        beta2, t = self.betas[1], self.t
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * t * beta2**t / (1 - beta2**t)  # (3)
        if length <= 5:
            return None
        return math.sqrt(
            ((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length)
        )
