"""A way around layers."""

from ..backend import as_array
from .module import Sequential


class Residual(Sequential):
    r"""Add what layers make of the input to the input: :math:`y = x + f(x)`.

    The gradient reaches ``x`` by the sum as it is, however small that through ``f`` may be
    (He et al., 2016, "Identity mappings in deep residual networks", equation 5).

    Parameters
    ----------
    *layers : Module
        Their row is ``f``; its output must have the shape of its input.
    input_grad : bool, default False
        As for :class:`Sequential`.
    """

    def forward(self, x):
        out = super().forward(x)
        if out.shape != x.shape:
            raise ValueError(
                f"{self!r} adds its input of shape {x.shape} to what its layers make of it, which "
                f"has shape {out.shape}: the shapes must be equal"
            )
        return as_array(x, like=out) + out

    def backward(self, dout, *, input_grad=None):
        dx = super().backward(dout, input_grad=input_grad)
        return None if dx is None else dout + dx
