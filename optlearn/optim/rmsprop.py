"""RMSprop."""

import numpy as np

from .. import rules
from .base import Optimizer
from .kernels import average, average_square, descend, root


class RMSprop(Optimizer):
    r"""Divide each step by the size of recent gradients: Adagrad that forgets.

    .. math::
        v_t &= \alpha\, v_{t-1} + (1-\alpha)\, g_t^2             && \text{(1) mean square} \\
        \bar g_t &= \alpha\, \bar g_{t-1} + (1-\alpha)\, g_t      && \text{(2) mean, if centered} \\
        d_t &= g_t / (\sqrt{v_t - \bar g_t^2} + \epsilon)         && \text{(3) direction} \\
        b_t &= \mu\, b_{t-1} + d_t                               && \text{(4) momentum} \\
        w_t &= w_{t-1} - \eta\, b_t                              && \text{(5) step}

    Not centered, :math:`\bar g` is left out of (3); without momentum :math:`b_t = d_t`.

    Parameters
    ----------
    params : iterable of Parameter
    lr : float or callable, default 1e-2
        :math:`\eta > 0`, or a schedule ``t -> lr``.
    alpha : float, default 0.99
        :math:`\alpha` in [0, 1), how slowly the size is forgotten.
    eps : float, default 1e-8
        :math:`\epsilon \ge 0`, added outside the root.
    momentum : float, default 0
        :math:`\mu` in [0, 1); gathers gradients that are divided already.
    centered : bool, default False
        Divide by the spread of the gradients instead of their size.
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
    State: ``v``, if centered ``g_mean``, with momentum ``b``: one number a weight each. :math:`v`
    starts at zero, uncorrected: the first step is :math:`1/\sqrt{1-\alpha}` learning rates long,
    10 by default. Keras (0.9, 1e-3) and Optax (0.9) put eps into the root, :math:`\eta` into ``b``.

    References
    ----------
    There is no paper: Hinton, "Neural networks for machine learning", lecture 6e, slides, 2012,
    with a decay of 0.9. Centered: Graves, "Generating sequences with recurrent neural networks",
    2013, equations 38 to 45. The default 0.99 is PyTorch's.
    """

    rule = staticmethod(rules.rmsprop)

    def __init__(
        self,
        params,
        lr=1e-2,
        *,
        alpha=0.99,
        eps=1e-8,
        momentum=0.0,
        centered=False,
        weight_decay=0.0,
        maximize=False,
    ):
        self.slots = ("v",) + ("g_mean",) * bool(centered) + ("b",) * bool(np.any(momentum != 0))
        super().__init__(params, lr, weight_decay=weight_decay, maximize=maximize)
        self.alpha = self._number("alpha", alpha, low=0, below=1)
        self.eps = self._number("eps", eps, low=0)
        self.momentum = self._number("momentum", momentum, low=0, below=1)
        self.centered = bool(centered)

    def update(self, w, g, state, lr, tmp):
        v, *means = state
        average_square(v, g, self.alpha, tmp)  # (1)
        self.size(v, means, g, tmp)
        np.divide(g, tmp, out=tmp)  # (3)
        if "b" in self.slots:
            b = means[-1]
            b *= self.momentum
            b += tmp  # (4)
            descend(w, b, lr, tmp)  # (5)
        else:
            descend(w, tmp, lr, tmp)  # (5)

    def size(self, v, means, g, out):
        """Set ``out`` to the denominator of (3)."""
        if not self.centered:
            root(v, self.eps, out)
            return
        average(means[0], g, self.alpha, out)  # (2)
        np.multiply(means[0], means[0], out=out)
        np.subtract(v, out, out=out)
        root(out, self.eps, out)
