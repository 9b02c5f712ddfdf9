"""AdamW."""

from .adam import Adam
from .base import DecoupledDecay


class AdamW(DecoupledDecay, Adam):
    r"""Adam whose weight decay shrinks the weights themselves.

    With Adam's :math:`m_t` and :math:`v_t`, which see the gradient of the loss alone,

    .. math::
        w'_t &= (1 - \eta\lambda)\, w_{t-1}  && \text{(1) decay} \\
        w_t &= w'_t - \eta\, \frac{m_t / (1-\beta_1^t)}{\sqrt{v_t / (1-\beta_2^t)} + \epsilon}
                                             && \text{(2) Adam's step}

    In Adam the decay is part of the gradient and is divided by its size: a weight with a large,
    noisy gradient hardly decays. Here every weight decays alike. Without a gradient, a weight is
    :math:`(1 - \eta\lambda)^t` of itself after :math:`t` steps.

    Parameters
    ----------
    params, lr, betas, eps, amsgrad, maximize
        As for :class:`Adam`: 1e-3, (0.9, 0.999), 1e-8, False, False.
    weight_decay : float, default 1e-2
        :math:`\lambda \ge 0`; each step takes the share :math:`\eta\lambda` of every weight.

    Raises
    ------
    ValueError
        For a hyperparameter out of its range, or for ``params`` as :class:`Optimizer` says.

    Notes
    -----
    State: as Adam's. PyTorch, Keras, Optax and MLX multiply the decay by the learning rate, as
    here. The paper multiplies it by the schedule alone: its 0.01 is 10 here at a learning rate of
    1e-3. Defaults differ: PyTorch and MLX 0.01, Keras 0.004, Optax 1e-4. Biases and the scales of
    normalisation decay, too; give them an optimizer of their own to spare them.

    References
    ----------
    Loshchilov & Hutter, "Decoupled weight decay regularization", ICLR 2019, Algorithm 2.
    """

    rule = Adam.rule

    def __init__(self, params, lr=1e-3, *, weight_decay=1e-2, **adam):
        super().__init__(params, lr, weight_decay=weight_decay, **adam)
