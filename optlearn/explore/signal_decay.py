"""Weight decay that passes through Adam's denominator, and weight decay that does not."""

from typing import ClassVar

import numpy as np
import traitlets

from .. import plots, rules
from .base import VIEW, Part, chosen, counted, digits, module, within
from .draws import STEP, normals

#: Standard deviation of each weight's gradient; its mean is zero.
NOISE = (10.0, 1.0, 0.1, 0.01)
REPLICAS, LONGEST = 6, 2000
DECAYS = {"coupled": "in the gradient (Adam + L2)", "decoupled": "on the weight (AdamW)"}


class Decay(Part):
    """The widget that ``signal("decay")`` returns."""

    _esm = module("chart.js", *VIEW, "signal.js", "signal_decay.js")
    usual: ClassVar = {"decay": "coupled", "lr": 1e-3, "weight_decay": 0.1, "steps": LONGEST}

    decay = chosen("decay", DECAYS)
    lr = within("lr", 1e-4, 1e-2)
    weight_decay = within("weight_decay", 0, 1)
    steps = counted("steps", 100, LONGEST)
    #: What the menu offers, and the sizes of the noise.
    choices = traitlets.Dict().tag(sync=True)
    #: Standard normal draws, of shape (steps, replicas).
    normal = traitlets.Bytes().tag(sync=True)

    def __init__(self, *, seed=0, **controls):
        super().__init__(**controls)
        self.normal = normals(LONGEST * REPLICAS, np.random.default_rng(seed)).tobytes()
        self.choices = {"decay": DECAYS, "noise": NOISE, "replicas": REPLICAS}

    def paths(self, decay=None):
        """Return the weights, shape (steps + 1, replicas, 4): all start at 1.

        The four weights of a replica get the same draws, times the size of their noise.
        """
        draws = np.frombuffer(self.normal, "<i2").reshape(LONGEST, REPLICAS) * STEP
        return follow(draws[: self.steps], decay or self.decay, self.lr, self.weight_decay)

    def text(self):
        ends = self.paths()[-1]
        means = ends.mean(0)
        alone = (1 - self.lr * self.weight_decay) ** self.steps
        if self.decay == "coupled":
            finding = (
                f"L2 in Adam's gradient: the weight with the most noise keeps {digits(means[0])}, "
                f"that with the least {digits(means[-1])}"
            )
        else:
            finding = f"AdamW: all four weights shrink alike, to {digits(means.mean())}"
        return "\n".join(
            [
                finding,
                f"the decay alone, {self.steps} times (1 - lr * weight decay), would leave "
                f"{digits(alone)}",
                f"learning rate {digits(self.lr)}, weight decay {digits(self.weight_decay)}; all "
                "start at 1; the gradients are noise with mean zero",
                *(
                    f"noise {digits(size)}: weight {digits(mean)} (mean of {REPLICAS} runs, "
                    f"{digits(runs.min())} to {digits(runs.max())})"
                    for size, mean, runs in zip(NOISE, means, ends.T, strict=True)
                ),
            ]
        )

    def axes(self):
        paths = self.paths()
        runs = {f"noise {digits(n)}": paths[:, :, k].T for k, n in enumerate(NOISE)}
        ax = plots.curves(runs, ylabel="weight", log=False)
        t = np.arange(self.steps + 1)
        ax.plot(t, (1 - self.lr * self.weight_decay) ** t, color="black", linewidth=1)
        ax.set_title(self.text().splitlines()[0].replace(": ", ":\n"), fontsize=9)
        return ax


def follow(draws, decay, lr, weight_decay):
    """Return the paths of weights whose gradients are ``draws`` (steps, replicas) times NOISE."""
    w = np.ones((draws.shape[1], len(NOISE)))
    m = v = np.zeros_like(w)
    points = [w]
    for t, row in enumerate(draws, start=1):
        g = row[:, None] * np.array(NOISE)
        if decay == "coupled":
            w, m, v = rules.adam(w, rules.coupled_decay(w, g, weight_decay), m, v, t, lr)
        else:
            w, m, v = rules.adamw(rules.decoupled_decay(w, lr, weight_decay), g, m, v, t, lr)
        points.append(w)
    return np.array(points)
