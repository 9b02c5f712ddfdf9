"""Muon."""

import math

from ..rules import orthogonalize
from .base import DecoupledDecay, Optimizer
from .kernels import average


class Muon(DecoupledDecay, Optimizer):
    r"""Make the singular values of a matrix's momentum equal, then step.

    .. math::
        m_t &= \mu\, m_{t-1} + (1-\mu)\, g_t           && \text{(1) mean of } g \\
        u_t &= \mu\, m_t + (1-\mu)\, g_t               && \text{(2) Nesterov; else } m_t \\
        w_t &= (1-\eta\lambda)\, w_{t-1} - \eta\, s\, \operatorname{NS}(u_t)
                                                       && \text{(3) step}

    NS is :func:`optlearn.rules.orthogonalize`: every direction of the matrix gets about the same
    share of the step, also those in which the gradient is always small.

    Parameters
    ----------
    params : iterable of Parameter
        Hidden weight matrices. A convolution's kernel (out, in, k, k) counts as a matrix of
        ``out`` rows. Biases, embeddings and the output layer belong to another optimizer.
    lr : float or callable, default 1e-3
        :math:`\eta > 0`, the size of a step's singular values before :math:`s`; or a schedule
        ``t -> lr``. The author's code: 0.02.
    momentum : float, default 0.95
        :math:`\mu` in [0, 1).
    nesterov : bool, default True
    weight_decay : float, default 0.1
        :math:`\lambda \ge 0`, decoupled. Keras: 0.004; Optax: 0; MLX: 0.01, and coupled.
    ns_steps : int, default 5
        Iterations of NS, from 1 to 99.
    adjust_lr : {"original", "match_rms_adamw"}, default "original"
        The scale :math:`s`: the root of rows over columns, at least 1; or 0.2 times the root of
        the longer side, so that learning rates tuned for AdamW carry over.
    maximize : bool, default False
        Climb instead of descend; the decay still pulls towards zero.

    Raises
    ------
    ValueError
        For a parameter with fewer than two axes, a hyperparameter out of its range, or ``params``
        as :class:`Optimizer` says.

    Notes
    -----
    State: ``m``, one number a weight. PyTorch iterates NS in bfloat16, so its steps differ from
    these in the third digit, and refuses convolution kernels. Keras has the second scale; Optax,
    whose matrices are (in, out), the root of columns over rows; tinygrad none.

    References
    ----------
    There is no paper: Jordan, "Muon: an optimizer for hidden layers in neural networks", blog
    post, 2024. The second scale: Liu et al., "Muon is scalable for LLM training", 2025.
    """

    slots = ("m",)
    elementwise = False

    def __init__(
        self,
        params,
        lr=1e-3,
        *,
        momentum=0.95,
        nesterov=True,
        weight_decay=0.1,
        ns_steps=5,
        adjust_lr="original",
        maximize=False,
    ):
        super().__init__(params, lr, weight_decay=weight_decay, maximize=maximize)
        for p in self.params:
            if len(p.shape) < 2:
                raise ValueError(
                    f"Muon needs matrices, but parameter {p.name!r} has shape {p.shape}: give it "
                    "to another optimizer, such as AdamW, and join both in a MultiOptimizer"
                )
        if adjust_lr not in ("original", "match_rms_adamw"):
            raise ValueError(
                f"adjust_lr must be 'original' or 'match_rms_adamw', got {adjust_lr!r}"
            )
        self.momentum = self._number("momentum", momentum, low=0, below=1)
        self.nesterov, self.adjust_lr = bool(nesterov), adjust_lr
        self.ns_steps = int(self._number("ns_steps", ns_steps, low=1, high=99))

    def update(self, w, g, state, lr, tmp):
        w, g, m, tmp = (a.reshape(len(a), -1) for a in (w, g, *state, tmp))
        average(m, g, self.momentum, tmp)  # (1)
        u = self.momentum * m + (1 - self.momentum) * g if self.nesterov else m  # (2)
        rows, columns = w.shape
        if self.adjust_lr == "original":
            scale = math.sqrt(max(1, rows / columns))
        else:
            scale = 0.2 * math.sqrt(max(rows, columns))
        w -= lr * scale * orthogonalize(u, self.ns_steps)  # (3)
