"""The long short-term memory."""

import numpy as np

from .gated import Gated


class LSTM(Gated):
    r"""Carry a cell along by adding to it, so that its gradient need not vanish.

    From :math:`h_0 = c_0 = 0`, at step :math:`t = 1, \dots, T`, with :math:`\sigma` the sigmoid
    and :math:`\odot` the product number by number

    .. math::
        i_t &= \sigma(W_{ii} x_t + b_{ii} + W_{hi} h_{t-1} + b_{hi})  && \text{(1) input gate} \\
        f_t &= \sigma(W_{if} x_t + b_{if} + W_{hf} h_{t-1} + b_{hf})  && \text{(2) forget gate} \\
        g_t &= \tanh(W_{ig} x_t + b_{ig} + W_{hg} h_{t-1} + b_{hg})   && \text{(3) candidate} \\
        o_t &= \sigma(W_{io} x_t + b_{io} + W_{ho} h_{t-1} + b_{ho})  && \text{(4) output gate} \\
        c_t &= f_t \odot c_{t-1} + i_t \odot g_t                      && \text{(5) cell} \\
        h_t &= o_t \odot \tanh c_t                                    && \text{(6) state}

    and backward, from :math:`t = T` to 1

    .. math::
        \frac{\partial L}{\partial c_t} &= f_{t+1} \odot \frac{\partial L}{\partial c_{t+1}}
            + o_t \odot (1 - \tanh^2 c_t) \odot \frac{\partial L}{\partial h_t}
            && \text{(7) along the cell}

    By (7) the gradient passes from cell to cell through the forget gate alone: where that is near
    1, it arrives from far away.

    Parameters
    ----------
    input_size : int
        Numbers in each step of the input.
    hidden_size : int
        Numbers in the state, and in the cell.
    bias : bool, default True
    last : bool, default False
        Return the last state only, of shape ``(N, hidden_size)``.
    weight_init : callable, optional
        ``(shape, rng) -> array`` from :mod:`optlearn.nn.init`, called for each gate; the biases
        then start at zero. Where none is given, PyTorch's default for all:
        :math:`U(-1/\sqrt{H}, 1/\sqrt{H})` with ``H = hidden_size``.
    rng : int or numpy.random.Generator, optional
    dtype : dtype, default float32

    Raises
    ------
    ValueError
        If a size is not a whole number from 1; in the forward pass, for an input that is not of
        shape ``(N, T, input_size)`` with ``T`` at least 1.

    Notes
    -----
    Inputs have shape ``(N, T, input_size)`` and outputs ``(N, T, hidden_size)``. Parameters have
    PyTorch's names and shapes, the gates stacked in the order i, f, g, o: ``weight_ih_l0``
    ``(4H, input_size)``, ``weight_hh_l0`` ``(4H, H)``, ``bias_ih_l0`` and ``bias_hh_l0`` ``(4H,)``.
    Keras has the same order, one bias, and starts that of the forget gate at 1, so that the cell
    remembers from the beginning; PyTorch starts it around 0.

    References
    ----------
    Hochreiter & Schmidhuber, "Long short-term memory", Neural Computation 9, 1997, without (2).
    The forget gate: Gers, Schmidhuber & Cummins, "Learning to forget: continual prediction with
    LSTM", Neural Computation 12, 2000.
    """

    gates = blocks = 4
    # Within a step stand o, i, f, g and then the cell before: (5) is one product of [i, f] with
    # [g, c], and backward, all but o take the gradient of the cell.
    input_order = state_order = np.array([3, 0, 1, 2])
    sigmoids = slice(0, 3)

    def _arrange(self, steps, n):
        m, units = super()._arrange(steps, n), self.hidden_size
        m.a = m.empty(steps + 1, 5, units, n)
        m.a[0, 4] = 0
        m.tanh_c = m.empty(steps, units, n)
        m.dc_dh = m.empty(steps, units, n)
        m.dc, m.product = m.empty(units, n), m.empty(2, units, n)
        m.ahead = [
            (u, a[:4].reshape(4 * units, n), a[:3], a[0], a[1:3], a[3:], c, tanh_c, h)
            for u, a, c, tanh_c, h in zip(m.u, m.a, m.a[1:, 4], m.tanh_c, m.h[1:])
        ]
        m.behind = [
            (dh, dc_dh, f, da[0], da[1:], da.reshape(4 * units, n), carry)
            for dh, dc_dh, f, da, carry in zip(
                m.dh[:0:-1], m.dc_dh[::-1], m.a[-2::-1, 2], m.da[::-1], m.carry
            )
        ]
        return m

    def _forward_steps(self, m):
        w, half = m.w.reshape(-1, m.columns), m.dtype.type(0.5)
        product = m.product
        kept, new = product
        for u, gates, sigmoids, o, i_f, g_c, c, tanh_c, h in m.ahead:
            np.dot(w, u, out=gates)  # (1) to (4)
            np.tanh(gates, out=gates)
            sigmoids *= half
            sigmoids += half
            np.multiply(i_f, g_c, out=product)
            np.add(kept, new, out=c)  # (5)
            np.tanh(c, out=tanh_c)
            np.multiply(o, tanh_c, out=h)  # (6)

    def _backward_steps(self, m):
        self._slopes(m)
        w, dc, product = self._state_weights(), m.dc, m.product[0]
        dc.fill(0)
        for dh, dc_dh, f, do, difg, da, (back, before) in m.behind:
            np.multiply(dh, dc_dh, out=product)
            dc += product  # (7)
            do *= dh
            difg *= dc
            dc *= f
            np.dot(w, da, out=back)
            if not self.last:
                before += back

    def _slopes(self, m):
        """Write into ``da`` what the gradients of h (for o) and of c (for i, f, g) multiply."""
        a, da = m.a[:-1], m.da
        sigmoids, slopes = a[:, :3], da[:, :3]
        np.multiply(sigmoids, sigmoids, out=slopes)
        np.subtract(sigmoids, slopes, out=slopes)
        da[:, 0] *= m.tanh_c
        da[:, 1:3] *= a[:, 3:]
        for tanh, slope, gate in ((a[:, 3], da[:, 3], a[:, 1]), (m.tanh_c, m.dc_dh, a[:, 0])):
            np.multiply(tanh, tanh, out=slope)
            np.subtract(1, slope, out=slope)
            slope *= gate
