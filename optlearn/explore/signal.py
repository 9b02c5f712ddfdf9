"""The signal: how gradients shrink or grow on their way back through layers and through time."""

from typing import ClassVar

import numpy as np
import traitlets

from .. import nn, plots
from .base import VIEW, Part, choice, chosen, counted, digits, module, within
from .draws import Replay, normals, uniforms
from .signal_decay import Decay
from .signal_time import FAR, Time, fate

ACTIVATIONS = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU, "linear": None}
#: The initialisations: their names, and the library's functions.
INITS = {
    "xavier": ("Xavier", nn.init.xavier),
    "he": ("He", nn.init.he),
    "lecun": ("LeCun", nn.init.lecun),
    "orthogonal": ("orthogonal", nn.init.orthogonal()),
    "torch": ("PyTorch's default", nn.init.fan_in_uniform),
}
EXAMPLES, WIDTH, CLASSES, DEEPEST = 8, 16, 10, 30


def signal(part="layers", **controls):
    """Return an explorer of what becomes of a gradient on its way back.

    Parameters
    ----------
    part : {"layers", "time", "decay"}, default "layers"
        ``"layers"``: the gradient of each layer's weights at the start of training. ``depth``
        (hidden layers of 16 units, from 2 to 30, default 10), ``activation`` ("sigmoid", "tanh",
        "relu" or "linear", default "sigmoid"), ``init`` ("xavier", "he", "lecun", "orthogonal" or
        "torch", PyTorch's default, here without its bias; default "xavier"), ``gain`` (multiplies
        all weights, from 0.25 to 4, default 1).
        ``"time"``: the gradient at each step of a recurrent layer. ``steps`` (from 2 to 60,
        default 30), ``nonlinearity`` ("tanh" or "relu"), ``scale`` (the recurrent matrix is
        orthogonal times this, from 0.5 to 2, default 0.8), ``clip`` (bound on the norm of the
        weights' gradient, from 1e-4 to 1e4, default 0.1).
        ``"decay"``: four weights whose gradient is noise alone, of four sizes, under Adam.
        ``decay`` ("coupled": L2 in the gradient, or "decoupled": AdamW), ``lr`` (from 1e-4 to
        1e-2, default 1e-3), ``weight_decay`` (from 0 to 1, default 0.1), ``steps`` (from 100 to
        2000, default 2000).
    **controls
        What the controls of that part show first.

    Examples
    --------
    >>> signal(activation="tanh").depth
    10
    """
    choice("part", part, ("layers", "time", "decay"))
    return {"layers": Layers, "time": Time, "decay": Decay}[part](**controls)


class Layers(Part):
    """The widget that ``signal("layers")`` returns."""

    _esm = module("chart.js", *VIEW, "signal.js", "signal_layers.js")
    usual: ClassVar = {"depth": 10, "activation": "sigmoid", "init": "xavier", "gain": 1.0}

    depth = counted("depth", 2, DEEPEST)
    activation = chosen("activation", ACTIVATIONS)
    init = chosen("init", INITS)
    gain = within("gain", 0.25, 4)
    #: What the menus offer, and the sizes of the network.
    choices = traitlets.Dict().tag(sync=True)
    #: The draws that inputs and weights are made of.
    normal = traitlets.Bytes().tag(sync=True)
    uniform = traitlets.Bytes().tag(sync=True)

    def __init__(self, *, seed=0, **controls):
        super().__init__(**controls)
        rng = np.random.default_rng(seed)
        weights = (DEEPEST + 1) * WIDTH * WIDTH
        self.normal = normals(EXAMPLES * WIDTH + weights, rng).tobytes()
        self.uniform = uniforms(weights, rng).tobytes()
        self.choices = {
            "activation": {name: name for name in ACTIVATIONS},
            "init": {name: label for name, (label, _) in INITS.items()},
            "sizes": [EXAMPLES, WIDTH, CLASSES],
            "far": FAR,
        }

    def norms(self, init=None):
        """Return the norm of the gradient of each layer's weights, from the first to the output."""
        replay = Replay(np.frombuffer(self.normal, "<i2"), np.frombuffer(self.uniform, "<i2"))
        x = replay.normal(size=(EXAMPLES, WIDTH))
        draw, kind = INITS[init or self.init][1], ACTIVATIONS[self.activation]

        def linear(n):
            def weight(shape, rng):
                return self.gain * draw(shape, replay)

            return nn.Linear(WIDTH, n, weight_init=weight, dtype=float)

        hidden = [
            layer
            for _ in range(self.depth)
            for layer in ([linear(WIDTH), kind()] if kind else [linear(WIDTH)])
        ]
        model = nn.Sequential(*hidden, linear(CLASSES))
        rows = nn.stats(model, nn.CrossEntropyLoss(), x, np.arange(EXAMPLES))
        return np.array([r.weight_grad_norm for r in rows if r.layer.startswith("Linear")])

    def text(self):
        label = INITS[self.init][0]
        times = "" if self.gain == 1 else f" times {digits(self.gain)}"
        first = self.norms()[[0, -1]]
        others = [f"{INITS[i][0]}{times}: {digits(ratio(self.norms(i)))}" for i in INITS]
        return "\n".join(
            [
                f"{self.depth} hidden layers of {self.activation}, {label}{times}: "
                f"{verdict(self.norms())}",
                "before any training; 16 units a layer, one batch of 8 inputs, 10 classes",
                f"norm of the gradient: {digits(first[0])} in the first layer, "
                f"{digits(first[1])} in the output layer",
                f"first layer over output layer, by initialisation, all {self.activation}:",
                *others,
            ]
        )

    def axes(self):
        ax = plots.axes()
        for number, (init, (label, _)) in enumerate(INITS.items()):
            norms = self.norms(init)
            plots_ = {"color": plots.COLORS[number], "linestyle": plots.DASHES[number]}
            here = init == self.init
            ax.plot(
                np.arange(1, len(norms) + 1), np.where(norms > 0, norms, np.nan), label=label,
                linewidth=3 if here else 1, marker="o" if here else None, markersize=4, **plots_,
            )  # fmt: skip
        ax.set(yscale="log", xlabel="layer (the last is the output)", ylabel="norm of the gradient")
        ax.legend(fontsize=8)
        ax.set_title(self.text().splitlines()[0].replace(": ", ":\n"), fontsize=9)
        return ax


def ratio(norms):
    """Return the first norm over the last; ``nan`` where no gradient arrives anywhere."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return norms[0] / norms[-1]


def verdict(norms):
    """Say what became of the gradient of each layer's weights."""
    share, last = ratio(norms), norms[-1]
    if not share > 0:
        return "no gradient reaches the first layer: units that give 0 pass nothing back"
    if 1 / FAR <= share <= FAR and not 1 / FAR <= last <= FAR:
        size = "tiny" if last < 1 else "huge"
        return f"the gradient is {size} in all layers alike, {digits(last)} in the last one"
    return f"the gradient {fate(share)}, the first layer's is {digits(share)} of the last one's"
