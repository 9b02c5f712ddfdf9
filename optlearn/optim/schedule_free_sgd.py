"""Schedule-Free SGD."""

import contextlib

import numpy as np

from .. import rules
from ..parameters import segments
from .base import Optimizer
from .kernels import descend


class ScheduleFreeSGD(Optimizer):
    r"""Average the weights instead of lowering the learning rate.

    .. math::
        z_t &= z_{t-1} - \eta\, g_t                       && \text{(1) base steps, } z_0 = w_0 \\
        x_t &= (1 - c_t)\, x_{t-1} + c_t\, z_t             && \text{(2) their average} \\
        w_t &= (1-\beta)\, z_t + \beta\, x_t               && \text{(3) where } g_{t+1} \text{ is}

    with :math:`c_t = \eta_t^2 / \sum_{i \le t} \eta_i^2`, which is :math:`1/t` for a constant
    learning rate. No schedule has to know when training will end.

    **Evaluate at the average.** Gradients are taken at :math:`w`; the model to use is :math:`x`::

        with optimizer.averaged():
            training.evaluate(model, loss, x, y)

    Batch normalisation gathered its running means at :math:`w`: run some training batches through
    the model inside ``averaged()``, in training mode, before you evaluate.

    Parameters
    ----------
    params : iterable of Parameter
    lr : float or callable, default 1.0
        :math:`\eta > 0`, or a warm-up ``t -> lr``, which still helps. Larger than with a schedule.
    momentum : float, default 0.9
        :math:`\beta` in (0, 1); out of its range, this as any other raises a ``ValueError``.
    weight_decay : float, default 0
        :math:`\lambda \ge 0`; adds :math:`\lambda w` to the gradient, at :math:`w`.
    maximize : bool, default False
        Climb instead of descend; the decay still pulls towards zero.

    Notes
    -----
    State: ``z``, one number a weight, half of Adam's; :math:`x` is found from ``w`` and ``z``.

    References
    ----------
    Defazio et al., "The road less scheduled", NeurIPS 2024, equations 3 to 5; the weights
    :math:`c_t` are those of the package schedulefree 1.4.1.
    """

    slots = ("z",)

    def __init__(self, params, lr=1.0, *, momentum=0.9, weight_decay=0.0, maximize=False):
        super().__init__(params, lr, weight_decay=weight_decay, maximize=maximize)
        self.momentum = self._number("momentum", momentum, above=0, below=1)
        self.lr_max = self.weight_sum = 0.0

    @property
    def rule(self):
        """The function of :mod:`optlearn.rules`, which holds for a constant learning rate."""
        drift = np.inf if callable(self._lr) else abs(self.weight_sum - self.t * self._lr**2)
        return rules.schedule_free_sgd if drift <= 1e-9 * self.weight_sum else None

    def prepare(self, lr):
        self.lr_max = np.maximum(self.lr_max, lr) if np.ndim(lr) else max(self.lr_max, lr)
        self.weight_sum = self.weight_sum + self.lr_max**2
        # A warm-up may start at 0: nothing has been averaged then.
        self._share = self.lr_max**2 / self.weight_sum if np.all(self.weight_sum) else 0.0

    def update(self, w, g, state, lr, tmp):
        z = state[0]
        if self.t == 1:
            z[...] = w
        self.move(w, z, g, lr, tmp)

    def move(self, w, z, direction, lr, tmp):
        """Do (1) to (3) without computing ``x``; ``direction`` may not be ``tmp``."""
        np.subtract(z, w, out=tmp)
        tmp *= self._share
        w += tmp
        descend(w, direction, lr * (1 - self.momentum * (1 - self._share)), tmp)
        descend(z, direction, lr, tmp)

    @contextlib.contextmanager
    def averaged(self):
        """Put the average into the parameters for the length of a ``with`` block."""
        vectors = [w for w, _ in segments(self.params)]
        kept = [w.copy() for w in vectors]
        ends = np.cumsum([w.size for w in vectors])
        for w, z in zip(vectors, np.split(self.state["z"], ends[:-1]), strict=True):
            if self.t:
                w += (w - z) * (1 / self.momentum - 1)
        try:
            yield
        finally:
            for w, old in zip(vectors, kept, strict=True):
                w[...] = old
