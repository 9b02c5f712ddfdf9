"""Rare tokens: what SGD and Adam leave unlearned, by how often a token comes."""

import numpy as np
import traitlets

from .. import experiments, plots
from .base import VIEW, Explorer, chosen, digits, module

KINDS = {"zipf": "Zipf: many rare", "uniform": "uniform: all alike"}
SIZES = {
    "16": "16 (4096 steps)",
    "256": "256 (256 steps)",
    "4096": "4096 (16 steps)",
    "all": "endless (16 steps)",
}
VIEWS = {"rank": "by token rank", "course": "over the run"}
OPTIMIZERS = {"sgd": "SGD", "adam": "Adam"}


def imbalance(kind="zipf", batch_size="4096", *, view="rank"):
    """Return an explorer of what SGD and Adam leave unlearned, frequent and rare tokens apart.

    It plays back runs that were computed beforehand (the experiment ``imbalance.excess``): a table
    learns what follows each of 96 tokens. All runs see the same number of pairs, so a larger
    batch also means fewer steps: the two are not told apart here.

    Parameters
    ----------
    kind : {"zipf", "uniform"}, default "zipf"
        How often each token comes.
    batch_size : {"16", "256", "4096", "all"}, default "4096"
        ``"all"`` takes as many steps as 4096, with the exact gradient.
    view : {"rank", "course"}, default "rank"
        The loss of tokens by how frequent they are, or of all over the run.

    Examples
    --------
    >>> imbalance(batch_size="16").kind
    'zipf'
    """
    return Imbalance(kind=kind, batch_size=str(batch_size), view=view)


class Imbalance(Explorer):
    """The widget that :func:`imbalance` returns."""

    _esm = module("chart.js", *VIEW, "imbalance.js")

    kind = chosen("kind", KINDS)
    batch_size = chosen("batch_size", SIZES)
    view = chosen("view", VIEWS)
    #: The computed runs, and what the menus offer.
    choices = traitlets.Dict().tag(sync=True)

    def __init__(self, **controls):
        found = experiments.get("imbalance.excess").result()
        names = {"kind": KINDS, "batch_size": SIZES, "view": VIEWS, "optimizers": OPTIMIZERS}
        super().__init__(choices={"found": found, "names": names}, **controls)

    def arm(self, optimizer):
        """Return the runs of an optimizer: ``lr``, ``total`` by seed, ``groups``, ``course``."""
        return self.choices["found"]["arms"][f"{self.kind}-{self.batch_size}-{optimizer}"]

    def finding(self):
        """Say in one line who is ahead."""
        sgd, adam = (np.array(self.arm(name)["total"]) for name in OPTIMIZERS)
        ahead, wins = ("SGD", sgd < adam) if sgd.mean() < adam.mean() else ("Adam", adam < sgd)
        return (
            f"{self.kind}, batch {self.batch_size}: SGD leaves {digits(sgd.mean())} nats, Adam "
            f"{digits(adam.mean())}: {ahead} is ahead, in {wins.sum()} of {len(wins)} seeds"
        )

    def text(self):
        found = self.choices["found"]
        rates = ", ".join(f"{OPTIMIZERS[o]} {digits(self.arm(o)['lr'])}" for o in OPTIMIZERS)
        both = [np.array(self.arm(o)["groups"]) for o in OPTIMIZERS]
        rows = [
            f"{_ranks(group)}: SGD {_spread(sgd)}, Adam {_spread(adam)}"
            for group, sgd, adam in zip(found["groups"], *(b.T for b in both), strict=True)
        ]
        return "\n".join(
            [
                self.finding(),
                f"every run sees {found['examples']} pairs: a larger batch is also fewer steps",
                f"learning rates, tuned on other seeds: {rates}",
                "loss above the least possible, in nats (mean of the seeds, least to most):",
                *rows,
            ]
        )

    def axes(self):
        found = self.choices["found"]
        if self.view == "course":
            runs = {OPTIMIZERS[o]: self.arm(o)["course"] for o in OPTIMIZERS}
            x = np.linspace(0, found["examples"], len(runs["SGD"]))
            ax = plots.curves(runs, x=x, xlabel="pairs of tokens seen", ylabel="", log=False)
        else:
            runs = {OPTIMIZERS[o]: self.arm(o)["groups"] for o in OPTIMIZERS}
            ax = plots.curves(runs, xlabel="rank of the token", ylabel="", log=False)
            ax.set_xticks(range(len(found["groups"])), map(_ranks, found["groups"]), fontsize=8)
        ax.set_ylabel("excess loss (nats)")
        ax.set_ylim(bottom=0)
        ax.set_title(self.finding().replace(" nats, Adam", " nats,\nAdam"), fontsize=9)
        return ax


def _ranks(group):
    first, last = group
    return f"rank {first}" if first == last else f"{first} to {last}"


def _spread(values):
    return f"{digits(values.mean())} ({digits(values.min())} to {digits(values.max())})"
