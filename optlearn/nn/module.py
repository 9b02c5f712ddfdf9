"""What every layer is, and how layers are put in a row."""

import numpy as np

from ..backend import as_array, to_device, to_host
from ..parameters import Parameter, flatten, move
from .summary import summarize


class Module:
    """A function with weights that can be run forward and backward.

    ``forward`` remembers what ``backward`` needs. ``backward`` takes the gradient of the loss with
    respect to the output, writes the gradients of the weights (it overwrites, it does not add)
    and returns the gradient with respect to the input. Neither changes what it is given, and both
    return memory of their own: an output stays as it is when the layer runs again. ``backward``
    belongs to the last ``forward``, whatever batch or mode that had.

    A subclass keeps its weights in attributes that are :class:`~optlearn.Parameter`, and the
    layers inside it in attributes that are modules. Their names in ``state_dict`` are those of the
    attributes, with dots from the outside in, as in PyTorch: ``"2.0.weight"``.
    """

    training = True
    #: Attributes that are no weights and yet part of the state, such as running averages.
    buffers = ()
    #: Of the last output, ``None`` before the first.
    output_shape = None

    def forward(self, x):
        """Return the output for the input ``x``."""
        raise NotImplementedError

    def backward(self, dout, *, input_grad=True):
        """Return the gradient with respect to the input, or ``None`` if it is not wanted."""
        raise NotImplementedError

    def __call__(self, x):
        out = self.forward(x)
        self.output_shape = out.shape
        return out

    def children(self):
        """Return the layers directly inside by their names, in order."""
        return {name: value for name, value in vars(self).items() if isinstance(value, Module)}

    def named_modules(self, name=""):
        """Yield this layer and all layers inside it with their dotted names, outermost first."""
        yield name, self
        for child, module in self.children().items():
            yield from module.named_modules(_dotted(name, child))

    def own_parameters(self):
        """Return the parameters that this layer holds itself by their names."""
        return {name: value for name, value in vars(self).items() if isinstance(value, Parameter)}

    def named_parameters(self):
        """Yield the dotted names and the parameters, in the order of ``parameters``."""
        for path, module in self.named_modules():
            for name, p in module.own_parameters().items():
                yield _dotted(path, name), p

    def named_buffers(self):
        """Yield the dotted names of the buffers, and the layer and attribute that hold each."""
        for path, module in self.named_modules():
            for name in module.buffers:
                yield _dotted(path, name), module, name

    def parameters(self):
        """Return the parameters in a fixed order."""
        return [p for _, p in self.named_parameters()]

    def train(self):
        """Switch to training mode (it matters for layers such as dropout)."""
        return self._switch(True)

    def eval(self):
        """Switch to evaluation mode."""
        return self._switch(False)

    def _switch(self, training):
        for _, module in self.named_modules():
            module.training = training
        return self

    def to(self, device):
        """Move weights and buffers to ``"cpu"`` or ``"gpu"`` and return the module.

        Before an optimizer is built over them, which keeps its state where the weights are.
        Inputs and labels may stay in main memory: they are sent up batch by batch.

        Raises
        ------
        ValueError
            If an optimizer updates the weights already; nothing has moved then.
        """
        move(self.parameters(), device)
        for _, module, name in self.named_buffers():
            if as_array(getattr(module, name)).dtype.kind in "iuf":  # a generator's state is text
                setattr(module, name, to_device(getattr(module, name), device))
        return self

    def fused(self, following):
        """Return one step that runs this layer and some of those ``following``, and how many.

        ``Sequential`` asks, so that layers that often stand in a row can run faster together.
        """
        return self, 1

    def state_dict(self):
        """Return copies of all weights and buffers by their names, in main memory."""
        weights = {name: np.array(to_host(p.data)) for name, p in self.named_parameters()}
        return weights | {
            name: np.array(to_host(getattr(module, attribute)))
            for name, module, attribute in self.named_buffers()
        }

    def load_state_dict(self, saved):
        """Copy weights and buffers in.

        Raises
        ------
        ValueError
            If a name stands on one side only or a shape does not fit.
        TypeError
            If a value is of another kind than what it replaces, such as text for numbers.

        Nothing is changed then.
        """
        own = self.state_dict()
        if own.keys() != saved.keys():
            odd = sorted(own.keys() ^ saved.keys())
            raise ValueError(f"these weights stand on one side only: {', '.join(odd)}")
        for name, array in own.items():
            new = np.asarray(saved[name])
            if new.shape != array.shape:
                raise ValueError(f"{name} has shape {array.shape}, got {new.shape}")
            if (new.dtype.kind in "iuf") != (array.dtype.kind in "iuf"):
                raise TypeError(f"{name} has dtype {array.dtype}, got {new.dtype}")
        self._load_buffers(saved, own)
        for name, p in self.named_parameters():
            p.data = saved[name]

    def _load_buffers(self, saved, own):
        """Copy buffers in; put the ``own`` ones back if a layer does not take one of them."""
        buffers = list(self.named_buffers())
        try:
            for name, module, attribute in buffers:
                # By the type and not the dtype, which would cut a longer text.
                new = np.array(saved[name], own[name].dtype.type)
                setattr(module, attribute, as_array(new, like=getattr(module, attribute)))
        except (ValueError, TypeError):
            for name, module, attribute in buffers:
                setattr(module, attribute, as_array(own[name], like=getattr(module, attribute)))
            raise

    def summary(self, input_shape=None):
        """Return a table of the layers, the shapes of their outputs and their weights.

        Parameters
        ----------
        input_shape : tuple of int, optional
            Of a batch, such as ``(32, 64)``: zeros of this shape are sent through the model. The
            shapes of the last forward pass where none is given.

        Returns
        -------
        Summary
            Printed as a table; its ``rows`` and ``total`` are plain data.
        """
        return summarize(self, input_shape)

    def __repr__(self):
        return f"{type(self).__name__}()"


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
        self.layers = layers
        self.input_grad = input_grad
        self._refuse_twins()
        for name, p in self.named_parameters():
            p.name = name
        flatten(self.parameters())
        self._steps = _steps(self.layers)

    def forward(self, x):
        for step in self._steps:
            x = step(x)
        return x

    def backward(self, dout, *, input_grad=None):
        wanted = self.input_grad if input_grad is None else input_grad
        for step in reversed(self._steps):
            dout = step.backward(dout, input_grad=wanted or step is not self._steps[0])
        return dout

    def children(self):
        return {str(i): layer for i, layer in enumerate(self.layers)}

    def _refuse_twins(self):
        """Raise if a layer stands in two places: it remembers the input of one only."""
        places = {}
        for name, module in self.named_modules():
            first = places.setdefault(id(module), name)
            if first != name:
                raise ValueError(
                    f"{module!r} stands in this model twice, as {first} and as {name}: make a "
                    "second one, for a layer remembers what it saw for its backward pass"
                )

    def __getitem__(self, i):
        return self.layers[i]

    def __len__(self):
        return len(self.layers)

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(map(repr, self.layers))})"


def _dotted(*names):
    return ".".join(name for name in names if name)


def _steps(layers):
    """Return what runs the layers in a row, some of them fused into one step."""
    steps, i = [], 0
    while i < len(layers):
        step, number = layers[i].fused(layers[i + 1 :])
        steps.append(step)
        i += number
    return steps
