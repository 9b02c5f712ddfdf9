"""Groups: which optimizer for which parameters, and what Muon does to a matrix."""

import textwrap
from typing import ClassVar

import traitlets

from .. import nn, optim, plots
from .base import VIEW, Part, choice, chosen, module
from .groups_singular import Singular

OPTIMIZERS = {"muon": optim.Muon, "adamw": optim.AdamW, "sgd": optim.SGD}
OWNERS = {**{name: kind.__name__ for name, kind in OPTIMIZERS.items()}, "frozen": "frozen"}
#: The parameters of each group, by their names in the network.
GROUPS = {
    "embedding": ["0.weight"],
    "hidden": ["1.weight"],
    "norm": ["2.weight", "2.bias"],
    "biases": ["1.bias", "3.bias"],
    "output": ["3.weight"],
}
#: How a line of Python hands over a group: those of several parameters are lists.
WRITTEN = {group: group if len(names) == 1 else f"*{group}" for group, names in GROUPS.items()}
LABELS = {"hidden": "hidden matrix", "norm": "LayerNorm"}
#: What the library lets pass and its documentation advises against.
ADVICE = {
    "embedding": "a row of an embedding is a token by itself, not a direction of a matrix",
    "output": "the rows of the output layer are classes by themselves",
}


def groups(part="layers", **controls):
    """Return an explorer of optimizers layer by layer, or of what Muon does to a matrix.

    Parameters
    ----------
    part : {"layers", "singular"}, default "layers"
        ``"layers"``: ``embedding``, ``hidden``, ``norm``, ``biases`` and ``output`` are each
        "muon", "adamw", "sgd" or "frozen". The default is Muon for the hidden matrix and AdamW
        for the rest.
        ``"singular"``: the singular values of a momentum before and after ``steps`` of Newton and
        Schulz (from 0 to 10, default 5). ``matrix`` is "digits" (of a network that learns the
        digits, the default), "normal" or "tall" (drawn at random).
    **controls
        What the controls of that part show first.

    Examples
    --------
    >>> print(groups(biases="muon").text().splitlines()[0])
    refused: Muon needs matrices, but parameter '1.bias' has shape (64,): give it to another \
optimizer, such as AdamW, and join both in a MultiOptimizer
    """
    choice("part", part, ("layers", "singular"))
    return {"layers": Groups, "singular": Singular}[part](**controls)


def network():
    """Return the network whose parameters are handed out."""
    return nn.Sequential(
        nn.Embedding(96, 32, rng=0), nn.Linear(32, 64, rng=0), nn.LayerNorm(64),
        nn.Linear(64, 96, rng=0),
    )  # fmt: skip


class Groups(Part):
    """The widget that ``groups("layers")`` returns."""

    _esm = module("chart.js", *VIEW, "groups.js")
    usual: ClassVar = {group: "muon" if group == "hidden" else "adamw" for group in GROUPS}

    embedding, hidden, norm, biases, output = (chosen(group, OWNERS) for group in GROUPS)
    #: What the menus offer, the sizes of the groups, and what the library says.
    choices = traitlets.Dict().tag(sync=True)

    def __init__(self, **controls):
        super().__init__(**controls)
        sizes = {p.name: p.data.size for p in network().parameters()}
        self.choices = {
            "owners": OWNERS,
            "slots": {name: len(kind.slots) for name, kind in OPTIMIZERS.items()},
            "groups": [
                [group, LABELS.get(group, group), sum(sizes[name] for name in names),
                 WRITTEN[group]]
                for group, names in GROUPS.items()
            ],
            "refusals": {group: refusal(dict.fromkeys(GROUPS, "adamw") | {group: "muon"})
                         for group in GROUPS},
            "nobody": refusal(dict.fromkeys(GROUPS, "frozen")),
            "advice": ADVICE,
        }  # fmt: skip

    def owners(self):
        """Return which optimizer each group has."""
        return {group: getattr(self, group) for group in GROUPS}

    def code(self):
        """Return the line of Python that this choice stands for."""
        owners = self.owners()
        children = [
            f"{kind}([{', '.join(WRITTEN[group] for group in GROUPS if owners[group] == name)}])"
            for name, kind in OWNERS.items()
            if name != "frozen" and name in owners.values()
        ]
        whole = [] if "frozen" in owners.values() else ["params=model.parameters()"]
        return f"MultiOptimizer({', '.join(children + whole)})"

    def state(self):
        """Return how many numbers the optimizers keep besides the weights."""
        slots = self.choices["slots"]
        sizes = {group: size for group, _, size, _ in self.choices["groups"]}
        return sum(slots.get(owner, 0) * sizes[group] for group, owner in self.owners().items())

    def text(self):
        owners, refused = self.owners(), refusal(self.owners())
        weights = sum(size for _, _, size, _ in self.choices["groups"])
        rows = [
            f"{label}, {size} weights: {OWNERS[owners[group]]}"
            + (f" (not advised: {ADVICE[group]})" if _against(group, owners) else "")
            for group, label, size, _ in self.choices["groups"]
        ]
        finding = (
            f"refused: {refused}" if refused else f"accepted: {self.state()} numbers of state for "
            f"{weights} weights; AdamW for all would keep {2 * weights}"
        )  # fmt: skip
        return "\n".join([finding, self.code(), *rows])

    def axes(self):
        ax = plots.axes(6.4, 3.0)
        names = list(OWNERS)
        for row, (group, _, size, _) in enumerate(self.choices["groups"]):
            owner = getattr(self, group)
            color = plots.COLORS[names.index(owner)] if owner != "frozen" else "#bbbbbb"
            ax.barh(row, size, color=color)
            ax.text(size, row, f" {OWNERS[owner]}", va="center", fontsize=9)
        ax.set_yticks(range(len(GROUPS)), [label for _, label, _, _ in self.choices["groups"]])
        ax.invert_yaxis()
        ax.set(xlabel="weights", xlim=(0, 1.2 * max(s for _, _, s, _ in self.choices["groups"])))
        ax.set_title(textwrap.fill(self.text().splitlines()[0], 70), fontsize=9)
        return ax


def _against(group, owners):
    return owners[group] == "muon" and group in ADVICE


def refusal(owners):
    """Return why the library refuses optimizers for these groups, or an empty string."""
    model = network()
    params = {p.name: p for p in model.parameters()}
    try:
        children = [
            kind([params[n] for group in GROUPS if owners[group] == name for n in GROUPS[group]])
            for name, kind in OPTIMIZERS.items()
            if name in owners.values()
        ]
        frozen = "frozen" in owners.values()
        optim.MultiOptimizer(*children, params=None if frozen else model.parameters())
    except ValueError as error:
        return str(error)
    return ""
