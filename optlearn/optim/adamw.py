"""AdamW."""

from .adam import Adam
from .base import DecoupledDecay


class AdamW(DecoupledDecay, Adam):
    r"""Adam whose weight decay shrinks the weights themselves.

    .. math:: w \leftarrow (1 - \eta\lambda)\, w, \quad \text{then Adam's step}

    In Adam the decay is part of the gradient and is divided by its size: a weight with a large,
    noisy gradient hardly decays. Here every weight decays alike.

    Parameters
    ----------
    params, lr, betas, eps, amsgrad, maximize
        As for :class:`Adam`.
    weight_decay : float, default 1e-2
        :math:`\lambda \ge 0`; each step takes the share :math:`\eta\lambda` of every weight.

    Notes
    -----
    PyTorch multiplies the decay by the learning rate, as here; the paper keeps the two apart.
    Defaults differ: PyTorch 0.01, Keras 0.004, Optax 1e-4.

    References
    ----------
    Loshchilov & Hutter, "Decoupled weight decay regularization", ICLR 2019, Algorithm 2.
    """

    rule = Adam.rule

    def __init__(self, params, lr=1e-3, *, weight_decay=1e-2, **adam):
        super().__init__(params, lr, weight_decay=weight_decay, **adam)
