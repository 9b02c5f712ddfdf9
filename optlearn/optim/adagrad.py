"""Adagrad."""

from .. import rules
from .base import Optimizer
from .kernels import add_square, descend_scaled, root


class Adagrad(Optimizer):
    r"""Divide each step by the size of all gradients so far: rare features take large steps.

    With gradient :math:`g_t` and learning rate :math:`\eta`, at step :math:`t = 1, 2, \dots`

    .. math::
        v_t &= v_{t-1} + g_t^2 && \text{(1) sum of squares} \\
        w_t &= w_{t-1} - \frac{\eta}{1 + (t-1)\,\delta}\; \frac{g_t}{\sqrt{v_t} + \epsilon}
            && \text{(2) step}

    Parameters
    ----------
    params : iterable of Parameter
    lr : float or callable, default 1e-2
        :math:`\eta > 0`, the length of the first step of every weight while :math:`v` starts at 0;
        or a schedule ``t -> lr``.
    lr_decay : float, default 0
        :math:`\delta \ge 0`, a further decay of the learning rate.
    initial_accumulator_value : float, default 0
        :math:`v_0 \ge 0`, what the sum starts from.
    eps : float, default 1e-10
        :math:`\epsilon \ge 0`, added outside the root.
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
    State: ``v``, one number a weight; PyTorch calls it ``sum``. Because it only grows, the steps
    shrink, but only where the gradients keep coming: accumulated noise stops Adagrad, not time.
    Keras and Optax start :math:`v` at 0.1 and put an eps of 1e-7 inside the root; Keras's default
    learning rate is 1e-3. The paper calls eps :math:`\delta` and names no value.

    References
    ----------
    Duchi, Hazan & Singer, "Adaptive subgradient methods for online learning and stochastic
    optimization", JMLR 2011, figure 1 (the diagonal form).
    """

    rule = staticmethod(rules.adagrad)
    slots = ("v",)

    def __init__(
        self,
        params,
        lr=1e-2,
        *,
        lr_decay=0.0,
        initial_accumulator_value=0.0,
        eps=1e-10,
        weight_decay=0.0,
        maximize=False,
    ):
        super().__init__(params, lr, weight_decay=weight_decay, maximize=maximize)
        self.lr_decay = self._number("lr_decay", lr_decay, low=0)
        self.initial_accumulator_value = self._number(
            "initial_accumulator_value", initial_accumulator_value, low=0
        )
        self.eps = self._number("eps", eps, low=0)

    def update(self, w, g, state, lr, tmp):
        (v,) = state
        if self.t == 1:
            v += self.initial_accumulator_value
        add_square(v, g, tmp)  # (1)
        root(v, self.eps, out=tmp)
        descend_scaled(w, g, tmp, lr / (1 + (self.t - 1) * self.lr_decay), tmp)  # (2)
