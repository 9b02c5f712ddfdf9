"""A model as a table: its layers, the shapes of their outputs, their weights."""

from typing import NamedTuple

import numpy as np


class Row(NamedTuple):
    """One layer of a model."""

    name: str
    layer: str
    output_shape: tuple | None
    parameters: int


class Summary:
    """The layers of a model, printed as a table.

    Attributes
    ----------
    rows : list of Row
        ``name, layer, output_shape, parameters``, outer layers before those inside them. A layer's
        ``parameters`` are the numbers it holds itself, not those of the layers inside it.
    total : int
        The numbers of the whole model, each counted once.
    """

    def __init__(self, rows):
        self.rows = rows
        self.total = sum(row.parameters for row in rows)

    def __repr__(self):
        cells = [("name", "layer", "output shape", "parameters")]
        for name, layer, shape, parameters in self.rows:
            cells.append((name, layer, "?" if shape is None else str(shape), f"{parameters:,}"))
        cells.append(("", "total", "", f"{self.total:,}"))
        widths = [max(map(len, column)) for column in zip(*cells)]
        lines = [
            f"{name:{widths[0]}}  {layer:{widths[1]}}  {shape:{widths[2]}}  {n:>{widths[3]}}"
            for name, layer, shape, n in cells
        ]
        rule = "-" * len(lines[0])
        return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])


def summarize(model, input_shape=None):
    """Return the :class:`Summary` of a model; see :meth:`Module.summary`."""
    if input_shape is not None:
        _run(model, input_shape)
    rows = []
    for name, module in model.named_modules():
        inside = module.children()
        own = sum(p.size for p in module.own_parameters().values())
        if name or own or not inside:  # a model that only holds layers is no layer itself
            layer = type(module).__name__ if inside else repr(module)
            rows.append(Row(name, layer, module.output_shape, own))
    return Summary(rows)


def _run(model, input_shape):
    """Send zeros through the model in evaluation mode, where nothing is drawn or averaged."""
    modes = [(module, module.training) for _, module in model.named_modules()]
    try:
        # Whole numbers, which an embedding needs and every other layer turns into its own dtype.
        model.eval()(np.zeros(input_shape, int))
    finally:
        for module, training in modes:
            module.training = training
