"""The gated recurrent unit."""

import numpy as np

from .gated import Gated


class GRU(Gated):
    r"""Keep a part of the state, and replace the rest.

    From :math:`h_0 = 0`, at step :math:`t = 1, \dots, T`, with :math:`\sigma` the sigmoid and
    :math:`\odot` the product number by number

    .. math::
        r_t &= \sigma(W_{ir} x_t + b_{ir} + W_{hr} h_{t-1} + b_{hr})  && \text{(1) reset gate} \\
        z_t &= \sigma(W_{iz} x_t + b_{iz} + W_{hz} h_{t-1} + b_{hz})  && \text{(2) update gate} \\
        q_t &= W_{hn} h_{t-1} + b_{hn}                                && \text{(3) what to reset} \\
        n_t &= \tanh(W_{in} x_t + b_{in} + r_t \odot q_t)             && \text{(4) candidate} \\
        h_t &= (1 - z_t) \odot n_t + z_t \odot h_{t-1}                && \text{(5) state}

    Backward, :math:`\partial L/\partial h_t` reaches :math:`h_{t-1}` through the gates, and by (5)
    also directly, multiplied by :math:`z_t`: where that is near 1 it arrives from far away.

    Parameters
    ----------
    input_size : int
        Numbers in each step of the input.
    hidden_size : int
        Numbers in the state.
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
    PyTorch's names and shapes, the gates stacked in the order r, z, n: ``weight_ih_l0``
    ``(3H, input_size)``, ``weight_hh_l0`` ``(3H, H)``, ``bias_ih_l0`` and ``bias_hh_l0`` ``(3H,)``.
    The paper resets the state before its weights, :math:`W_{hn}(r_t \odot h_{t-1})`, and has no
    biases; PyTorch, and Keras with its default ``reset_after=True``, reset after them as in (4),
    which leaves one product a step. Keras stacks z, r, h.

    References
    ----------
    Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine
    translation", EMNLP 2014, equations 5 to 8.
    """

    gates, blocks = 3, 4
    # Within a step stand the input's part of n, then r and z, to which both add, then q.
    input_order, state_order = np.array([2, 0, 1]), slice(None)
    sigmoids = slice(1, 3)

    def _arrange(self, steps, n):
        m, units = super()._arrange(steps, n), self.hidden_size
        m.a = m.empty(steps, 4, units, n)
        m.product = m.empty(units, n)
        m.ahead = [
            (u, a.reshape(4 * units, n), a[1:3], *a, before, h)
            for u, a, before, h in zip(m.u, m.a, m.h, m.h[1:])
        ]
        m.behind = [
            (dh, z, da, da[1:].reshape(3 * units, n), carry)
            for dh, z, da, carry in zip(m.dh[:0:-1], m.a[::-1, 2], m.da[::-1], m.carry)
        ]
        return m

    def _forward_steps(self, m):
        w, half = m.w.reshape(-1, m.columns), m.dtype.type(0.5)
        product = m.product
        for u, sums, sigmoids, n, r, z, q, before, h in m.ahead:
            np.dot(w, u, out=sums)  # (3), and the sums of (1), (2) and (4)
            np.tanh(sigmoids, out=sigmoids)
            sigmoids *= half
            sigmoids += half
            np.multiply(r, q, out=product)
            n += product
            np.tanh(n, out=n)  # (4)
            np.subtract(before, n, out=product)
            product *= z
            np.add(n, product, out=h)  # (5)

    def _backward_steps(self, m):
        self._slopes(m)
        w, product = self._state_weights(), m.product
        for dh, z, da, state_da, (back, before) in m.behind:
            da *= dh
            np.dot(w, state_da, out=back)
            if not self.last:
                before += back
            np.multiply(dh, z, out=product)
            before += product

    def _slopes(self, m):
        """Write into ``da`` what the gradient of h multiplies."""
        n, r, z, q = m.a.swapaxes(0, 1)
        dn, dr, dz, dq = m.da.swapaxes(0, 1)
        sigmoids, slopes = m.a[:, 1:3], m.da[:, 1:3]
        np.multiply(sigmoids, sigmoids, out=slopes)
        np.subtract(sigmoids, slopes, out=slopes)
        np.subtract(m.h[:-1], n, out=dq)  # a scratch array until its turn comes
        dz *= dq
        np.multiply(n, n, out=dn)
        np.subtract(1, dn, out=dn)
        np.subtract(1, z, out=dq)
        dn *= dq
        np.multiply(dn, r, out=dq)
        dr *= dn
        dr *= q
