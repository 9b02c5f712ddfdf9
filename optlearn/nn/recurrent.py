"""What the recurrent layers share: parameters, memory, and the sums over time."""

import math

import numpy as np

from ..backend import DTYPE, as_rng
from ..parameters import Parameter
from .linear import whole
from .module import Module


class Recurrent(Module):
    r"""A layer that reads a sequence step by step and carries a state :math:`h_t` along.

    A subclass says what happens within one step: which gates there are, forward and backward.

    Notes
    -----
    A step is kept feature-major, as ``(features, N)``: each gate is then one contiguous block, and
    all gates come from one product. What step ``t`` reads stands in one array, from top to bottom
    the input, a row of ones that the bias multiplies, and the state before:

    .. math:: a_t = W u_t, \qquad u_t = [x_t;\, 1;\, 0;\, h_{t-1}], \qquad
              W = [W_{ih},\, b,\, 0,\, W_{hh}]

    The gradient of :math:`W`, and so of all parameters, is one product too, of all :math:`a_t` of
    the sequence with all :math:`u_t`.
    """

    runs_on_gpu = False
    #: Blocks of ``hidden_size`` rows in ``weight_ih_l0`` and in ``weight_hh_l0``.
    gates = 1
    #: Blocks in ``a_t``. The input feeds the first of them, the state the last, ``gates`` each;
    #: where there are more blocks than gates the two are not added everywhere.
    blocks = 1
    #: The order in which the gates of the two weights stand in these blocks.
    input_order = state_order = slice(None)
    #: The blocks to which a sigmoid is applied.
    sigmoids = slice(0, 0)

    def __init__(
        self,
        input_size,
        hidden_size,
        *,
        bias=True,
        last=False,
        weight_init=None,
        rng=None,
        dtype=DTYPE,
    ):
        self.input_size = whole("input_size", input_size)
        self.hidden_size = whole("hidden_size", hidden_size)
        self.last = bool(last)
        rng, bound = as_rng(rng), 1 / math.sqrt(hidden_size)

        def drawn(name, *shape):
            if weight_init is None:
                array = rng.uniform(-bound, bound, (self.gates * hidden_size, *shape))
            elif shape:  # gate by gate, so that a gate's own shape sets its scale
                array = np.concatenate(
                    [weight_init((hidden_size, *shape), rng) for _ in range(self.gates)]
                )
            else:
                array = np.zeros(self.gates * hidden_size)
            return Parameter(array.astype(dtype), name)

        self.weight_ih_l0 = drawn("weight_ih_l0", input_size)
        self.weight_hh_l0 = drawn("weight_hh_l0", hidden_size)
        self.bias_ih_l0 = drawn("bias_ih_l0") if bias else None
        self.bias_hh_l0 = drawn("bias_hh_l0") if bias else None
        self._memory = self._dh = None

    def forward(self, x):
        x = self._checked(x)
        n, steps, _ = x.shape
        if self._memory is None or self._memory.shape != (steps, n):
            self._memory = Memory(self, steps, n)
            self._arrange(self._memory)
        m = self._memory
        m.u[:-1, : self.input_size] = x.transpose(1, 2, 0)
        self._pack(m.w)
        self._forward_steps(m)
        return m.h[-1].T.copy() if self.last else m.h[1:].transpose(2, 0, 1).copy()

    def backward(self, dout, *, input_grad=True):
        m = self._memory
        if self.last:
            m.dh[-1] = dout.T
        else:
            m.dh[0], m.dh[1:] = 0, dout.transpose(1, 2, 0)
        self._backward_steps(m)
        self._dh = m.dh
        self._unpack(m.gradient())
        if not input_grad:
            return None
        w = self._by_gate(self.weight_ih_l0.data)[self.input_order].reshape(-1, self.input_size)
        steps, n = m.shape
        da = m.da[:, : self.gates].reshape(steps, len(w), n)
        return (w.T @ da).transpose(2, 0, 1)

    def hidden_grad_norms(self):
        r"""Return how large the gradient was at each step, in the last ``backward``.

        Entry :math:`t-1` is :math:`\lVert \partial L / \partial h_t \rVert`, for :math:`t` from 1
        to the length of the sequence, over the units and the examples of the batch together. It
        holds all ways from :math:`h_t` to the loss: through the output at ``t`` and through
        every later step. Where it shrinks towards the first steps, they hardly teach the weights
        anything: the gradient vanishes (Bengio, Simard & Frasconi, 1994).

        Returns
        -------
        numpy.ndarray of float64, shape (steps,)

        Raises
        ------
        ValueError
            If there was no ``backward`` yet.
        """
        if self._dh is None:
            raise ValueError(f"{self!r} has no gradients yet: call forward and backward first")
        return np.sqrt(np.square(self._dh[1:], dtype=np.float64).sum(axis=(1, 2)))

    def _arrange(self, m):
        """Add the arrays of this kind of layer to ``m``, and the views that each step uses.

        Cutting views anew in each step of each batch would cost as much as the arithmetic.
        """
        raise NotImplementedError

    def _forward_steps(self, m):
        """Fill ``m.h[1:]`` from ``m.u``."""
        raise NotImplementedError

    def _backward_steps(self, m):
        """Fill ``m.da``, and ``m.dh`` towards its start, from what ``m.dh`` holds of the output."""
        raise NotImplementedError

    def _checked(self, x):
        """Return ``x`` as an array, or say what is wrong with its shape."""
        x = np.asarray(x)
        if x.ndim != 3 or x.shape[2] != self.input_size or x.shape[1] == 0:
            raise ValueError(
                f"{self!r} got an input of shape {x.shape}: it must be (N, T, {self.input_size}) "
                "with T >= 1"
            )
        return x

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
        r"""Write all weights into ``w``, so that one product gives all that is added up in a step.

        A sigmoid is :math:`(1 + \tanh(a/2))/2`, and NumPy's tanh takes a third of the time of the
        form with exp: the half goes into the weights.
        """
        w.fill(0)
        for p, place, order in self._places(w):
            place += self._by_gate(p.data)[order]  # the two biases meet in one place
        w[self.sigmoids] *= w.dtype.type(0.5)

    def _unpack(self, dw):
        """Write the gradients of all weights from that of ``w``."""
        for p, place, order in self._places(dw):
            self._by_gate(p.grad)[order] = place

    def _state_weights(self):
        """Return the transpose of ``weight_hh_l0``, its gates in the order of the blocks."""
        w = self._by_gate(self.weight_hh_l0.data)[self.state_order]
        return w.reshape(-1, self.hidden_size).T

    def __getstate__(self):
        # The views of a step would be copied into arrays of their own: a copy starts without any.
        return {**vars(self), "_memory": None, "_dh": None}

    def __repr__(self):
        return f"{type(self).__name__}({self.input_size}, {self.hidden_size})"


class Memory:
    """The arrays for one shape of input, kept from batch to batch.

    Attributes
    ----------
    u : (steps + 1, rows, N)
        What each step reads. BLAS is up to a quarter faster where ``rows`` is a multiple of 16;
        zeros fill it up.
    h : (steps + 1, hidden_size, N)
        The states, a view of ``u``: ``h[t]`` is the one after ``t`` steps, ``h[0]`` is zero.
    w : (blocks, hidden_size, rows)
        The weights of a step.
    da : (steps, blocks, hidden_size, N)
        The gradient with respect to ``a_t``.
    dh : (steps + 1, hidden_size, N)
        The gradient with respect to ``h``.
    carry : list of (back, before)
        For each step, from the last to the first: where the product goes that carries the
        gradient to the state before, and that state's ``dh``. The two are one array if only the
        last output has a gradient of its own, and nothing has to be added.
    """

    def __init__(self, layer, steps, n):
        units, inputs = layer.hidden_size, layer.input_size
        self.dtype = layer.weight_ih_l0.data.dtype
        rows = -(-(inputs + 1 + units) // 16) * 16
        self.shape = (steps, n)
        self.u = np.zeros((steps + 1, rows, n), self.dtype)
        self.u[:, inputs] = 1
        self.h = self.u[:, -units:]
        self.w = self.empty(layer.blocks, units, rows)
        self.da = self.empty(steps, layer.blocks, units, n)
        self.dh = self.empty(steps + 1, units, n)
        befores = self.dh[-2::-1]
        back = self.empty(units, n)
        self.carry = [(before if layer.last else back, before) for before in befores]
        self._a = self.empty(layer.blocks * units, steps * n)
        self._u = self.empty(rows, steps * n)

    def empty(self, *shape):
        """Return a new array without values."""
        return np.empty(shape, self.dtype)

    def gradient(self):
        """Return the gradient of ``w``: one product sums over steps and examples."""
        a, u = self._a, self._u
        steps, n = self.shape
        for rows, kept in ((a, self.da), (u, self.u[:-1])):
            kept = kept.reshape(steps, len(rows), n)
            rows.reshape(len(rows), steps, n)[...] = kept.transpose(1, 0, 2)
        # BLAS is faster with the longer side first.
        dw = a @ u.T if len(a) > len(u) else (u @ a.T).T
        return dw.reshape(self.w.shape)
