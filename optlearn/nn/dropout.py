"""Noise on activations, against overfitting."""

import json

import numpy as np

from ..backend import as_array, as_rng
from .module import Module


class Dropout(Module):
    r"""In training, set each number to 0 with probability ``p`` and divide the others by ``1 - p``.

    The mean stays what it was, so that evaluation needs no correction: there the layer passes its
    input on. Srivastava et al., "Dropout" (2014), section 10, and inverted as in PyTorch.

    Parameters
    ----------
    p : float, default 0.5
        From 0 to 1.
    rng : int or numpy.random.Generator, optional
        For what is dropped.

    Notes
    -----
    The state of the generator is part of ``state_dict``, as text by the name ``rng_state``: a
    training that goes on from a checkpoint drops what an uninterrupted one would have dropped.
    PyTorch has one generator for the whole process, and leaves its state to the user.
    """

    buffers = ("rng_state",)

    def __init__(self, p=0.5, rng=None):
        if not 0 <= p <= 1:
            raise ValueError(f"p must be from 0 to 1, got {p!r}")
        self.p, self.rng = float(p), as_rng(rng)

    def forward(self, x):
        x = as_array(x)
        if not self.training or self.p == 0:
            self._factor = None
            return x
        # In single precision whatever the dtype, so that both drop the same numbers.
        kept = self.rng.random(x.shape, dtype=np.float32) >= self.p
        dtype = x.dtype if np.issubdtype(x.dtype, np.floating) else np.dtype(float)
        self._factor = as_array(kept.astype(dtype), like=x)
        self._factor *= 1 / (1 - self.p) if self.p < 1 else 0
        return x * self._factor

    def backward(self, dout, *, input_grad=True):
        if not input_grad:
            return None
        return dout if self._factor is None else dout * self._factor

    @property
    def rng_state(self):
        """The state of the generator as an array of one text, which ``.npz`` files can hold."""
        return np.array(json.dumps(self.rng.bit_generator.state, default=np.ndarray.tolist))

    @rng_state.setter
    def rng_state(self, text):
        state, own = json.loads(str(text)), self.rng.bit_generator.state["bit_generator"]
        if state["bit_generator"] != own:
            raise ValueError(
                f"{self!r} draws from {own}, but the saved state is that of "
                f"{state['bit_generator']}: build the layer with a generator of that kind"
            )
        self.rng.bit_generator.state = state

    def __repr__(self):
        return f"Dropout({self.p})"
