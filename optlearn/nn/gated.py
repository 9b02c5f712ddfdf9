"""What the recurrent layers with gates share: their order in memory."""

from .recurrent import Memory, Recurrent


class Gated(Recurrent):
    r"""A recurrent layer with several gates a step.

    Notes
    -----
    A step is kept with the examples last, as ``(features, N)``: each gate is then one contiguous
    block, and a function of several gates one call. The sums of a step, of which a subclass makes
    its gates, are

    .. math:: a_t = W u_t, \qquad u_t = [x_t;\, 1;\, 0;\, h_{t-1}], \qquad
              W = [W_{ih},\, b,\, 0,\, W_{hh}]

    with :math:`W` in blocks of ``hidden_size`` rows, as told by ``blocks`` and the two orders.
    """

    #: Blocks of ``hidden_size`` rows in ``a_t``. The input feeds the first of them and the state
    #: the last, ``gates`` each: where there are more, the two are not added everywhere.
    blocks = 1
    #: The order in which the gates of the two weights stand in these blocks.
    input_order = state_order = slice(None)
    #: The blocks to which a sigmoid is applied.
    sigmoids = slice(0, 0)

    def _arrange(self, steps, n):
        m = Memory(self, steps, n, examples_last=True)
        m.w = m.empty(self.blocks, self.hidden_size, m.columns)
        m.da = m.empty(steps, self.blocks, self.hidden_size, n)  # the gradient of all sums
        # The same and u with all steps and examples in one row, for the gradient of the weights.
        m.da_rows = m.empty(self.blocks * self.hidden_size, steps * n)
        m.u_rows = m.empty(m.columns, steps * n)
        return m

    def _by_gate(self, array):
        """Return a parameter's array as one block a gate."""
        return array.reshape(self.gates, self.hidden_size, *array.shape[1:])

    def _places(self, w):
        """Yield each parameter with its place in ``w`` and the order of its gates there."""
        inputs, states = w[: self.gates], w[-self.gates :]
        yield self.weight_ih_l0, inputs[..., : self.input_size], self.input_order
        yield self.weight_hh_l0, states[..., -self.hidden_size :], self.state_order
        if self.bias_ih_l0 is not None:
            yield self.bias_ih_l0, inputs[..., self.input_size], self.input_order
            yield self.bias_hh_l0, states[..., self.input_size], self.state_order

    def _pack(self, w):
        # A sigmoid is (1 + tanh(a / 2)) / 2, and tanh of all gates takes a third of the time of the
        # form with exp: the inner half goes into the weights.
        w.fill(0)
        for p, place, order in self._places(w):
            place += self._by_gate(p.data)[order]  # the two biases meet in one place
        w[self.sigmoids] *= w.dtype.type(0.5)

    def _unpack(self, m):
        steps, n = m.shape
        for rows, kept in ((m.da_rows, m.da), (m.u_rows, m.u[:-1])):
            kept = kept.reshape(steps, len(rows), n)
            rows.reshape(len(rows), steps, n)[...] = kept.swapaxes(0, 1)
        dw = m.da_rows @ m.u_rows.T
        for p, place, order in self._places(dw.reshape(m.w.shape)):
            self._by_gate(p.grad)[order] = place

    def _state_weights(self):
        """Return the transpose of ``weight_hh_l0``, its gates in the order of the blocks."""
        w = self._by_gate(self.weight_hh_l0.data)[self.state_order]
        return w.reshape(-1, self.hidden_size).T

    def _input_gradient(self, m):
        steps, n = m.shape
        w = self._by_gate(self.weight_ih_l0.data)[self.input_order].reshape(-1, self.input_size)
        da = m.da[:, : self.gates].reshape(steps, len(w), n)
        return (w.T @ da).swapaxes(1, 2)
