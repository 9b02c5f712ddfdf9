"""What the configurations of ``runs`` share: they play back one experiment."""

from typing import ClassVar

import traitlets

from ... import experiments
from ..base import Explorer

NAMES = {
    "sgd": "plain SGD", "momentum": "momentum", "adagrad": "Adagrad", "rmsprop": "RMSprop",
    "adam": "Adam",
}  # fmt: skip


class Played(Explorer):
    """An explorer of one experiment's stored result."""

    #: The experiment's name, and the controls with what they show first.
    experiment = ""
    usual: ClassVar = {}
    #: What the browser gets: the computed runs, and the names that menus show.
    found = traitlets.Dict().tag(sync=True)

    def __init__(self, **controls):
        unknown = [name for name in controls if name not in self.usual]
        if unknown:
            raise TypeError(
                f"there is no control {unknown[0]!r} here: there are {', '.join(self.usual)}"
            )
        self.result = experiments.get(self.experiment).result()
        super().__init__(found={**self.result, "names": self.names()}, **(self.usual | controls))

    def names(self):
        """Return the names that the menus show."""
        return {"optimizer": NAMES}


def percent(share):
    """Return a share as a percentage with three digits."""
    return f"{100 * share:.3g} %"


def points(difference, sign="+"):
    """Return a difference of shares in percentage points."""
    return f"{100 * difference:{sign}.2g} points"
