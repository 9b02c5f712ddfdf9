"""LARS."""

from ..rules import trust_ratio
from .base import Optimizer
from .kernels import accumulate


class LARS(Optimizer):
    r"""Momentum whose every layer takes a step in proportion to its weights.

    .. math::
        r_t &= \tau\, \lVert w_{t-1} \rVert \,/\, \lVert g_t \rVert && \text{(1) trust ratio} \\
        b_t &= \mu\, b_{t-1} + \eta\, r_t\, g_t                    && \text{(2) buffer} \\
        w_t &= w_{t-1} - b_t                                       && \text{(3) step}

    Norms are a parameter's. For biases and other 1-D parameters, and where a norm is zero,
    :math:`r_t = 1`.

    Parameters
    ----------
    params : iterable of Parameter
    lr : float or callable, default 1.0
        :math:`\eta > 0`, or a schedule ``t -> lr``.
    momentum : float, default 0.9
        :math:`\mu` in [0, 1).
    trust_coefficient : float, default 0.001
        :math:`\tau > 0`, the share of a layer's norm that one step may move.
    weight_decay : float, default 0
        :math:`\lambda \ge 0`; adds :math:`\lambda w` to the gradient, before the ratio is taken.
    maximize : bool, default False
        Climb instead of descend; the decay still pulls towards zero.

    Raises
    ------
    ValueError
        For a hyperparameter out of its range, or for ``params`` as :class:`Optimizer` says.

    Notes
    -----
    State: ``b``, one number a weight; the learning rate stands inside it. The decay is part of
    :math:`g`, as in Optax; the paper divides by :math:`\lVert g \rVert + \lambda \lVert w \rVert`
    instead. Optax applies the ratio to vectors too, unless a mask says no. Nado et al. (2021) found
    that a tuned Nesterov momentum does as well at the same batch sizes.

    References
    ----------
    You, Gitman & Ginsburg, "Large batch training of convolutional networks", 2017, Algorithm 1.
    """

    slots = ("b",)
    elementwise = False

    def __init__(
        self,
        params,
        lr=1.0,
        *,
        momentum=0.9,
        trust_coefficient=0.001,
        weight_decay=0.0,
        maximize=False,
    ):
        super().__init__(params, lr, weight_decay=weight_decay, maximize=maximize)
        self.momentum = self._number("momentum", momentum, low=0, below=1)
        self.trust_coefficient = self._number("trust_coefficient", trust_coefficient, above=0)

    def update(self, w, g, state, lr, tmp):
        (b,) = state
        ratio = trust_ratio(w, g, self.trust_coefficient)  # (1)
        accumulate(b, g, self.momentum, lr * ratio, tmp)  # (2)
        w -= b  # (3)
