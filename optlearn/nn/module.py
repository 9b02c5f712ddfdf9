"""What every layer is, and how layers are put in a row."""

import numpy as np

from ..parameters import flatten


class Module:
    """A function with weights that can be run forward and backward.

    ``forward`` remembers what ``backward`` needs. ``backward`` takes the gradient of the loss with
    respect to the output, writes the gradients of the weights (it overwrites, it does not add)
    and returns the gradient with respect to the input.
    """

    training = True

    def forward(self, x):
        """Return the output for the input ``x``."""
        raise NotImplementedError

    def backward(self, dout, *, input_grad=True):
        """Return the gradient with respect to the input, or ``None`` if it is not wanted."""
        raise NotImplementedError

    def __call__(self, x):
        return self.forward(x)

    def parameters(self):
        """Return the parameters in a fixed order."""
        return []

    def train(self):
        """Switch to training mode (it matters for layers such as dropout)."""
        self.training = True
        return self

    def eval(self):
        """Switch to evaluation mode."""
        self.training = False
        return self

    def state_dict(self):
        """Return copies of all weights by their names."""
        return {p.name: p.data.copy() for p in self.parameters()}

    def load_state_dict(self, saved):
        """Copy weights in. Nothing is changed if a name or a shape does not fit."""
        params = {p.name: p for p in self.parameters()}
        if params.keys() != saved.keys():
            odd = sorted(params.keys() ^ saved.keys())
            raise ValueError(f"these weights stand on one side only: {', '.join(odd)}")
        for name, p in params.items():
            if np.shape(saved[name]) != p.shape:
                raise ValueError(f"{name} has shape {p.shape}, got {np.shape(saved[name])}")
        for name, p in params.items():
            p.data = saved[name]


class Sequential(Module):
    """Layers in a row, the output of one being the input of the next.

    Parameters
    ----------
    *layers : Module
    input_grad : bool, default False
        Whether ``backward`` also computes the gradient with respect to the input of the first
        layer, which training does not need.

    Notes
    -----
    The weights of all layers become views of one flat vector, and so do their gradients: one
    array operation then updates the whole network.
    """

    def __init__(self, *layers, input_grad=False):
        if not layers:
            raise ValueError("Sequential needs at least one layer")
        for layer in layers:
            if not isinstance(layer, Module):
                raise TypeError(f"Sequential takes layers, got {layer!r}")
        self.layers = list(layers)
        self.input_grad = input_grad
        for i, layer in enumerate(self.layers):
            for p in layer.parameters():
                p.name = f"{i}.{p.name}"
        flatten(self.parameters())

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def backward(self, dout, *, input_grad=None):
        wanted = self.input_grad if input_grad is None else input_grad
        for layer in reversed(self.layers):
            dout = layer.backward(dout, input_grad=wanted or layer is not self.layers[0])
        return dout

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]

    def train(self):
        for layer in self.layers:
            layer.train()
        return super().train()

    def eval(self):
        for layer in self.layers:
            layer.eval()
        return super().eval()

    def __getitem__(self, i):
        return self.layers[i]

    def __len__(self):
        return len(self.layers)

    def __repr__(self):
        return f"Sequential({', '.join(map(repr, self.layers))})"
