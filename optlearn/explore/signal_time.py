"""The gradient on its way back through the steps of a recurrent layer."""

from typing import ClassVar

import numpy as np
import traitlets

from .. import nn, optim, plots
from .base import VIEW, Part, chosen, counted, digits, module, within
from .draws import Replay, normals

EXAMPLES, INPUTS, UNITS, LONGEST = 4, 4, 16, 60
#: Beyond a factor of this, a gradient has vanished or exploded.
FAR = 1000
#: The share of a standard normal input that reaches a unit: small, so that tanh is not saturated.
INPUT_SCALE = 0.1


class Time(Part):
    """The widget that ``signal("time")`` returns."""

    _esm = module("chart.js", *VIEW, "signal.js", "signal_time.js")
    usual: ClassVar = {"steps": 30, "nonlinearity": "tanh", "scale": 0.8, "clip": 0.1}

    steps = counted("steps", 2, LONGEST)
    nonlinearity = chosen("nonlinearity", ("tanh", "relu"))
    scale = within("scale", 0.5, 2)
    clip = within("clip", 1e-4, 1e4)
    #: Sizes of the layer.
    choices = traitlets.Dict().tag(sync=True)
    #: The draws that targets, weights and inputs are made of.
    normal = traitlets.Bytes().tag(sync=True)

    def __init__(self, *, seed=0, **controls):
        super().__init__(**controls)
        count = EXAMPLES * UNITS + UNITS * INPUTS + UNITS * UNITS + LONGEST * EXAMPLES * INPUTS
        self.normal = normals(count, np.random.default_rng(seed)).tobytes()
        self.choices = {
            "sizes": [EXAMPLES, INPUTS, UNITS], "inputs": INPUT_SCALE, "far": FAR,
            "nonlinearity": {"tanh": "tanh", "relu": "relu"},
        }  # fmt: skip

    def norms(self):
        """Return the gradient's norm at each step, that of all weights, and that after clipping."""
        replay = Replay(np.frombuffer(self.normal, "<i2"))
        target = replay.normal(size=(EXAMPLES, UNITS))
        recurrent = nn.init.orthogonal(self.scale)

        def weight(shape, rng):
            if shape[1] == INPUTS:
                return replay.normal(0, INPUT_SCALE, shape)
            return recurrent(shape, replay)

        layer = nn.RNN(
            INPUTS, UNITS, nonlinearity=self.nonlinearity, bias=False, last=True,
            weight_init=weight, dtype=float,
        )  # fmt: skip
        x = replay.normal(size=(self.steps, EXAMPLES, INPUTS)).swapaxes(0, 1)
        model, loss = nn.Sequential(layer), nn.MSELoss()
        loss(model(x), target)
        model.backward(loss.backward())
        weights = model.parameters()
        whole = optim.clip_grad_norm(weights, self.clip)
        clipped = np.sqrt(sum(np.sum(p.grad**2) for p in weights))
        return layer.hidden_grad_norms(), whole, clipped

    def text(self):
        steps, whole, clipped = self.norms()
        share = steps[0] / steps[-1]
        bound = digits(self.clip)
        if clipped < whole:
            cut = f"clipping at {bound} divides every gradient by {digits(whole / clipped)}"
        else:
            cut = f"clipping at {bound} changes nothing"
        return "\n".join(
            [
                f"{self.steps} steps of {self.nonlinearity}, recurrent scale {digits(self.scale)}: "
                f"the gradient {fate(share)}, at the first step it is {digits(share)} of that at "
                "the last",
                f"{cut}: the ratio of first to last stays {digits(share)}",
                f"norm of the gradient at the first step: {digits(steps[0])}",
                f"at the last step, where the loss is: {digits(steps[-1])}",
                f"of all weights together: {digits(whole)}, after clipping {digits(clipped)}",
            ]
        )

    def axes(self):
        steps, whole, clipped = self.norms()
        ax = plots.curves(
            {"before clipping": steps, "after clipping": steps * (clipped / whole)},
            x=np.arange(1, self.steps + 1), ylabel="norm of the gradient at the state",
        )  # fmt: skip
        ax.axhline(whole, color=plots.COLORS[0], linewidth=1, linestyle=":")
        ax.axhline(self.clip, color="black", linewidth=1, linestyle=":")
        ax.set_title(self.text().splitlines()[0].replace(": ", ":\n"), fontsize=9)
        return ax


def fate(share):
    """Say what became of a gradient of which ``share`` is left."""
    return "vanishes" if share < 1 / FAR else "explodes" if share > FAR else "arrives"
