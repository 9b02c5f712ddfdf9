"""What all recurrent layers share: their parameters, and the way in and out of time."""

import math

import numpy as np

from ..backend import DTYPE, as_array, as_rng, to_host
from ..parameters import Parameter
from .linear import whole
from .module import Module


class Recurrent(Module):
    """A layer that reads a sequence step by step and carries a state along.

    A subclass says what happens from step to step, forward and backward.

    Notes
    -----
    What a step reads stands side by side in one array ``u``, for each example: the input, a one
    that the bias multiplies, and the state before. One product with all weights, joined to a matrix
    ``w`` in the same way, then gives all that is added up in a step; and one product over all
    steps and examples gives the gradients of all weights.
    """

    #: Blocks of ``hidden_size`` rows in ``weight_ih_l0`` and in ``weight_hh_l0``.
    gates = 1

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
        self._memory = self._dstates = None

    def forward(self, x):
        x = as_array(x, like=self.weight_ih_l0.data)
        if x.ndim != 3 or x.shape[2] != self.input_size or x.shape[1] == 0:
            raise ValueError(
                f"{self!r} got an input of shape {x.shape}: it must be (N, T, {self.input_size}) "
                "with T >= 1"
            )
        n, steps, _ = x.shape
        if self._memory is None or not self._memory.fits(x):
            self._memory = self._arrange(steps, n)
        m = self._memory
        m.inputs[...] = x.swapaxes(0, 1)
        self._pack(m.w)
        self._forward_steps(m)
        return self._output(m)

    def backward(self, dout, *, input_grad=True):
        m = self._memory
        if self.last:
            m.dstates[-1] = dout
        else:
            m.dstates[0], m.dstates[1:] = 0, dout.swapaxes(0, 1)
        self._backward_steps(m)
        self._dstates = m.dstates
        self._unpack(m)
        return self._input_gradient(m).swapaxes(0, 1) if input_grad else None

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
        if self._dstates is None:
            raise ValueError(f"{self!r} has no gradients yet: call forward and backward first")
        return to_host(np.sqrt(np.square(self._dstates[1:], dtype=np.float64).sum(axis=(1, 2))))

    def _arrange(self, steps, n):
        """Return the :class:`Memory` for ``n`` sequences of this length.

        It also holds the views that each step uses: to cut them anew in each step of each batch
        would take as long as the arithmetic.
        """
        raise NotImplementedError

    def _pack(self, w):
        """Write all weights into ``w``."""
        raise NotImplementedError

    def _forward_steps(self, m):
        """Fill the states from the inputs."""
        raise NotImplementedError

    def _output(self, m):
        """Return the states that were asked for, in an array of their own."""
        states = m.states[-1] if self.last else m.states[1:].swapaxes(0, 1)
        return states.copy(order="K")  # in the order of this layer's memory: ten times as fast

    def _backward_steps(self, m):
        """Bring the gradient from the states that have one to all states and to all sums."""
        raise NotImplementedError

    def _unpack(self, m):
        """Write the gradients of all weights."""
        raise NotImplementedError

    def _input_gradient(self, m):
        """Return the gradient with respect to the inputs, ``(steps, N, input_size)``."""
        raise NotImplementedError

    def __getstate__(self):
        # The views of a step would be copied into arrays of their own: a copy starts without any.
        return {**vars(self), "_memory": None, "_dstates": None}

    def __repr__(self):
        return f"{type(self).__name__}({self.input_size}, {self.hidden_size})"


class Memory:
    """The arrays for one shape of input, kept from batch to batch.

    Parameters
    ----------
    layer : Recurrent
    steps, n : int
    examples_last : bool
        Whether a step lies in memory as ``(features, N)`` instead of ``(N, features)``.

    Attributes
    ----------
    u : (steps + 1, N, columns), or (steps + 1, columns, N) with ``examples_last``
        What each step reads, and in the end the last state. BLAS is up to a quarter faster where
        ``columns`` is a multiple of 16; zeros fill it up.
    h : (steps + 1, N, hidden_size) or with the last axes swapped
        The states, a view of ``u``: ``h[t]`` is the one after ``t`` steps, ``h[0]`` is zero.
    dh : like h
        Their gradient.
    inputs, states, dstates : (steps, N, input_size) and twice (steps + 1, N, hidden_size)
        Views of ``u``, ``h`` and ``dh`` with the examples before the features.
    carry : list of (back, before)
        For each step, from the last to the first: where the product goes that carries the
        gradient to the state before, and that state's ``dh``. The two are one array if only the
        last state has a gradient of its own, so that nothing has to be added.
    """

    def __init__(self, layer, steps, n, *, examples_last):
        units, inputs = layer.hidden_size, layer.input_size
        self._like = layer.weight_ih_l0.data
        self.shape, self.dtype = (steps, n), self._like.dtype
        self.columns = -(-(inputs + 1 + units) // 16) * 16

        def stored(features):
            shape = (features, n) if examples_last else (n, features)
            array = np.zeros_like(self._like, shape=(steps + 1, *shape))
            return array, array.swapaxes(1, 2) if examples_last else array

        self.u, rows = stored(self.columns)
        rows[..., inputs] = 1
        self.inputs, self.states = rows[:-1, :, :inputs], rows[..., -units:]
        self.h = self.states.swapaxes(1, 2) if examples_last else self.states
        self.dh, self.dstates = stored(units)
        back = np.empty_like(self.dh[0])
        self.carry = [(before if layer.last else back, before) for before in self.dh[-2::-1]]

    def fits(self, x):
        """Tell whether sequences of this shape are read here, and on this device."""
        return self.shape == (x.shape[1], x.shape[0]) and type(x) is type(self.u)

    def empty(self, *shape):
        """Return a new array without values."""
        return np.empty_like(self._like, shape=shape)
