"""The plain recurrent layer."""

import numpy as np

from ..backend import DTYPE
from .recurrent import Memory, Recurrent


class RNN(Recurrent):
    r"""Mix the input with the state before, and squash.

    From :math:`h_0 = 0`, at step :math:`t = 1, \dots, T`

    .. math::
        a_t &= W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh}  && \text{(1) add up} \\
        h_t &= \tanh a_t                                      && \text{(2) squash}

    and backward, from :math:`t = T` to 1, where :math:`\delta_t = \partial L / \partial a_t`

    .. math::
        \frac{\partial L}{\partial h_t} &= \frac{\partial L_t}{\partial h_t}
            + W_{hh}^\top \delta_{t+1}
            && \text{(3) at once, and later} \\
        \delta_t &= (1 - h_t^2) \frac{\partial L}{\partial h_t}   && \text{(4) through tanh} \\
        \frac{\partial L}{\partial W_{hh}} &= \sum_t \delta_t h_{t-1}^\top, \qquad
        \frac{\partial L}{\partial W_{ih}} = \sum_t \delta_t x_t^\top  && \text{(5) sum over time}

    By (3) and (4) the gradient is multiplied once a step by :math:`W_{hh}^\top` and a derivative
    below 1: over many steps it vanishes, or with large weights explodes. See
    :meth:`hidden_grad_norms`.

    Parameters
    ----------
    input_size : int
        Numbers in each step of the input.
    hidden_size : int
        Numbers in the state.
    nonlinearity : {"tanh", "relu"}, default "tanh"
    bias : bool, default True
    last : bool, default False
        Return the last state only, of shape ``(N, hidden_size)``: what a classifier of whole
        sequences hands to its ``Linear`` layer.
    weight_init : callable, optional
        ``(shape, rng) -> array`` from :mod:`optlearn.nn.init`, for both weights; the biases then
        start at zero. Where none is given, PyTorch's default for all:
        :math:`U(-1/\sqrt{H}, 1/\sqrt{H})` with ``H = hidden_size``.
    rng : int or numpy.random.Generator, optional
    dtype : dtype, default float32

    Raises
    ------
    ValueError
        If a size is not a whole number from 1, or the nonlinearity is unknown; in the forward
        pass, for an input that is not of shape ``(N, T, input_size)`` with ``T`` at least 1.

    Notes
    -----
    Inputs have shape ``(N, T, input_size)`` and outputs ``(N, T, hidden_size)``, PyTorch's
    ``batch_first=True`` and the first of its two outputs. Parameters have PyTorch's names and
    shapes: ``weight_ih_l0`` ``(H, input_size)``, ``weight_hh_l0`` ``(H, H)``, ``bias_ih_l0`` and
    ``bias_hh_l0`` ``(H,)``. The second bias is redundant here; cuDNN has it, so PyTorch does. Keras
    has one bias, both weights transposed, starts :math:`W_{hh}` as an orthogonal matrix, and
    returns the last state unless ``return_sequences=True``.

    References
    ----------
    Elman, "Finding structure in time", Cognitive Science 14, 1990.
    """

    def __init__(
        self,
        input_size,
        hidden_size,
        *,
        nonlinearity="tanh",
        bias=True,
        last=False,
        weight_init=None,
        rng=None,
        dtype=DTYPE,
    ):
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"nonlinearity must be 'tanh' or 'relu', got {nonlinearity!r}")
        self.nonlinearity = nonlinearity
        super().__init__(
            input_size,
            hidden_size,
            bias=bias,
            last=last,
            weight_init=weight_init,
            rng=rng,
            dtype=dtype,
        )

    def _arrange(self, steps, n):
        m, units = Memory(self, steps, n, examples_last=False), self.hidden_size
        m.w, m.a = np.zeros_like(m.h, shape=(m.columns, units)), m.empty(n, units)
        m.da = m.empty(steps, n, units)
        m.ahead = list(zip(m.u, m.h[1:]))
        m.behind = list(zip(m.dh[:0:-1], m.da[::-1], m.carry))
        return m

    def _pack(self, w):
        w[: self.input_size] = self.weight_ih_l0.data.T
        w[-self.hidden_size :] = self.weight_hh_l0.data.T
        if self.bias_ih_l0 is not None:
            w[self.input_size] = self.bias_ih_l0.data + self.bias_hh_l0.data

    def _forward_steps(self, m):
        w, a = m.w, m.a
        relu = self.nonlinearity == "relu"
        for u, h in m.ahead:
            np.dot(u, w, out=a)  # (1)
            if relu:
                np.maximum(a, 0, out=h)
            else:
                np.tanh(a, out=h)  # (2)

    def _backward_steps(self, m):
        h, slope = m.h[1:], m.da
        if self.nonlinearity == "relu":
            np.greater(h, 0, out=slope)
        else:
            np.multiply(h, h, out=slope)
            np.subtract(1, slope, out=slope)
        w = self.weight_hh_l0.data
        for dh, da, (back, before) in m.behind:
            da *= dh  # (4)
            np.dot(da, w, out=back)  # (3)
            if not self.last:
                before += back

    def _unpack(self, m):
        dw = m.u[:-1].reshape(-1, m.columns).T @ m.da.reshape(-1, self.hidden_size)  # (5)
        self.weight_ih_l0.grad.T[...] = dw[: self.input_size]
        self.weight_hh_l0.grad.T[...] = dw[-self.hidden_size :]
        if self.bias_ih_l0 is not None:
            self.bias_ih_l0.grad[...] = self.bias_hh_l0.grad[...] = dw[self.input_size]

    def _input_gradient(self, m):
        return m.da @ self.weight_ih_l0.data
