"""What one batch does in each layer of a model: how large activations and gradients are."""

from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from .module import Sequential


class LayerStats(NamedTuple):
    """What was measured at one layer; ``nan`` where there is nothing to measure."""

    name: str
    layer: str
    mean: float
    std: float
    norm: float
    grad_norm: float
    weight_norm: float
    weight_grad_norm: float
    update_ratio: float


def stats(model, loss, x, y, *, lr=None):
    r"""Run one batch forward and backward and return what happens at each layer.

    Gradients that shrink from the last layer to the first by the same factor each are vanishing,
    those that grow are exploding.

    Parameters
    ----------
    model : Module
        Run in the mode that it is in. Weights and buffers stay as they are; the gradients of the
        weights are then those of this batch.
    loss : callable
    x, y : array
        The batch.
    lr : float, optional
        For ``update_ratio``.

    Returns
    -------
    list of LayerStats
        One a layer, outer layers before those inside them, in the order of ``summary``:

        - ``name``, ``layer``: as in ``summary``;
        - ``mean``, ``std``, ``norm``: of the output, all its numbers taken together;
        - ``grad_norm``: of the gradient of the loss with respect to the output;
        - ``weight_norm``, ``weight_grad_norm``: of the weights that the layer holds itself, without
          biases, which start at zero and whose gradients do not shrink with the activations;
        - ``update_ratio``: :math:`\mathrm{lr}\,|g| / |w|`, how far a step of gradient descent
          moves the weights, as a share of their length.

        Norms are Euclidean. ``nan`` stands where a layer holds no weights or ``lr`` is not given.
    """
    kept = model.state_dict()
    with watched(model) as (outputs, gradients):
        try:
            loss(model(x), y)
            model.backward(loss.backward())
        finally:
            model.load_state_dict(kept)
    return [
        _measure(name, module, outputs[module], gradients.get(module), lr)
        for name, module in model.named_modules()
        if module in outputs and (name or not module.children() or module.own_parameters())
    ]


def _measure(name, module, out, dout, lr):
    params = [p for name, p in module.own_parameters().items() if "bias" not in name]
    weights = _norm(p.data for p in params) if params else np.nan
    slopes = _norm(p.grad for p in params) if params else np.nan
    with np.errstate(divide="ignore", invalid="ignore"):  # weights of zero
        ratio = np.nan if lr is None else float(np.float64(lr * slopes) / weights)
    return LayerStats(
        name,
        type(module).__name__ if module.children() else repr(module),
        float(np.mean(out)),
        float(np.std(out)),
        _norm([out]),
        np.nan if dout is None else _norm([dout]),
        weights,
        slopes,
        ratio,
    )


def _norm(arrays):
    return float(np.sqrt(sum(float(np.vdot(a, a)) for a in arrays)))


@contextmanager
def watched(model):
    """Keep what every layer returns and what gradient it is given, by the layer."""
    outputs, gradients = {}, {}

    def watch(module):
        forward, backward = module.forward, module.backward

        def watched_forward(x):
            outputs[module] = forward(x)
            return outputs[module]

        def watched_backward(dout, **options):
            gradients[module] = dout
            return backward(dout, **options)

        # In the instance, where they hide the methods of the class until they are deleted.
        module.forward, module.backward = watched_forward, watched_backward

    modules = [module for _, module in model.named_modules()]
    rows = [(module, module._steps) for module in modules if isinstance(module, Sequential)]
    for module in modules:
        watch(module)
    for row, _ in rows:
        row._steps = row.layers  # layers fused into one step would have no outputs of their own
    try:
        yield outputs, gradients
    finally:
        for row, steps in rows:
            row._steps = steps
        for module in modules:
            del module.forward, module.backward
