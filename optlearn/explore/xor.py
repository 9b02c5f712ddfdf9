"""Bad endings: the share of small networks that learn XOR, by width, played back."""

import traitlets

from .. import experiments, plots
from .base import VIEW, Checked, Explorer, choice, digits, module
from .escape import interval

EXPERIMENT = "xor.width"
ACTIVATIONS = {"relu": "ReLU", "tanh": "tanh"}
OPTIMIZERS = {"sgd": "gradient descent", "adam": "Adam"}


def _width(value):
    cells = experiments.get(EXPERIMENT).result()["cells"]
    known = sorted({cell["width"] for cell in cells})
    if value not in known:
        raise ValueError(f"width is {value!r}: choose one of {', '.join(map(str, known))}")
    return int(value)


class Xor(Explorer):
    """The widget that ``surface("xor")`` returns."""

    _esm = module("chart.js", *VIEW, "escape.js", "xor.js")

    width = Checked(_width)
    activation = Checked(lambda value: choice("activation", value, ACTIVATIONS))
    optimizer = Checked(lambda value: choice("optimizer", value, OPTIMIZERS))
    #: The computed runs, and what the menus offer.
    found = traitlets.Dict().tag(sync=True)
    names = traitlets.Dict().tag(sync=True)

    def __init__(self, width=2, activation="relu", optimizer="sgd"):
        super().__init__(
            width=width, activation=activation, optimizer=optimizer,
            found=experiments.get(EXPERIMENT).result(),
            names={"activation": ACTIVATIONS, "optimizer": OPTIMIZERS},
        )  # fmt: skip

    def cells(self, activation=None, optimizer=None):
        """Return what was found with an activation and an optimizer, one cell a width."""
        which = (activation or self.activation, optimizer or self.optimizer)
        return [c for c in self.found["cells"] if (c["activation"], c["optimizer"]) == which]

    def text(self):
        rows = [
            f"width {sgd['width']}: gradient descent {self._said(sgd)}, Adam {self._said(adam)}; "
            f"only Adam {adam['gained']}, only gradient descent {adam['lost']}"
            for sgd, adam in zip(self.cells(None, "sgd"), self.cells(None, "adam"), strict=True)
        ]
        head = f"{ACTIVATIONS[self.activation]}, solved of {self.found['starts']} (95 % interval):"
        return "\n".join([self.finding(), head, *rows])

    def finding(self):
        """Say in one line what the chosen combination does."""
        (cell,) = (c for c in self.cells() if c["width"] == self.width)
        widest = self.cells()[-1]
        most = f"with {widest['width']} units {self._said(widest)}"
        return (
            f"XOR, {ACTIVATIONS[self.activation]}, {OPTIMIZERS[self.optimizer]} at learning rate "
            f"{digits(cell['lr'])}: of {self.found['starts']} starts networks with {self.width} "
            f"hidden units solve {self._said(cell)}, {most}"
        )

    def _said(self, cell):
        of = self.found["starts"]
        low, high = interval(cell["solved"], of)
        return f"{cell['solved']} ({100 * low:.0f} to {100 * high:.0f} %)"

    def axes(self):
        ax = plots.axes(7.2, 4.2)
        number, of = 0, self.found["starts"]
        for activation, name in ACTIVATIONS.items():
            for optimizer, rule in OPTIMIZERS.items():
                cells = self.cells(activation, optimizer)
                shares = [100 * c["solved"] / of for c in cells]
                ends = [interval(c["solved"], of) for c in cells]
                errors = [
                    [s - 100 * low for s, (low, _) in zip(shares, ends, strict=True)],
                    [100 * high - s for s, (_, high) in zip(shares, ends, strict=True)],
                ]
                chosen = (activation, optimizer) == (self.activation, self.optimizer)
                ax.errorbar(
                    [c["width"] for c in cells], shares, errors, label=f"{name}, {rule}",
                    color=plots.COLORS[number], linestyle=plots.DASHES[number], marker="o",
                    linewidth=2.6 if chosen else 1.2,
                )  # fmt: skip
                number += 1
        widths = [c["width"] for c in self.cells()]
        ax.set_xscale("log")
        ax.set_xticks(widths, widths, minor=False)
        ax.set_xticks([], minor=True)
        ax.set(ylim=(0, 103), xlabel="hidden units", ylabel="starts that learn XOR (%)")
        ax.legend()
        ax.set_title(self.finding().replace(": ", ":\n", 1), fontsize=9)
        return ax
