"""How PyTorch, Keras, Optax, MLX, tinygrad and d2l write the same optimizer, and what differs.

The table is ``conventions.toml``. What stands there was run in each library, in the version that
:data:`VERSIONS` names, and the tests hold every cell against it.
"""

import functools
import tomllib
from dataclasses import dataclass, field
from importlib import resources


@dataclass(frozen=True)
class Row:
    r"""One optimizer in one library.

    Attributes
    ----------
    optimizer, library : str
        A name of ``optim.REGISTRY``; a name of :data:`VERSIONS`, or ``"source"`` for the paper.
    code : str
        The line that comes nearest to optlearn's default; empty for a source.
    same : {"exact", "near", "constant lr", "bfloat16", "no", ""}
        How near that is. ``near``: equal while gradients are far larger than eps.
    defaults : dict
        What the library takes where it is not told, in its own words.
    state : tuple of str
        The library's words for the state.
    eps : {"outside", "inside", "hat", ""}
        Where it stands: :math:`\sqrt v + \epsilon`, :math:`\sqrt{v + \epsilon}`, or outside but
        before the bias correction. Adamax has a maximum instead of the root.
    lr : {"outside", "inside", "absent", ""}
        Whether the momentum buffer holds the learning rate, or there is none.
    correct : bool or None
        Whether the means are corrected for their start at zero; None where there are none.
    decay : {"coupled", "decoupled", "none"}
        What the library's ``weight_decay`` does.
    of : {"raw", "corrected", ""}
        What AMSGrad takes the maximum of.
    scale : {"rows", "columns", "longer", "none", ""}
        Muon's scale: the root of rows over columns, of columns over rows, of the longer side.
    trap : str
        What to watch for, in one sentence.
    """

    optimizer: str
    library: str
    decay: str
    trap: str
    code: str = ""
    same: str = ""
    defaults: dict = field(default_factory=dict)
    state: tuple = ()
    eps: str = ""
    lr: str = ""
    correct: bool | None = None
    of: str = ""
    scale: str = ""


@functools.cache
def _table():
    file = resources.files(__package__) / "conventions.toml"
    return tomllib.loads(file.read_text(encoding="utf8"))


#: The version of each library that was run.
VERSIONS = dict(_table()["versions"])
#: The optimizers that there is a card for.
NAMES = tuple(name for name in _table() if name != "versions")


def card(optimizer):
    """Return the rows of an optimizer, one a library, the source last.

    Raises
    ------
    ValueError
        If there is no card of this name.
    """
    if optimizer not in NAMES:
        raise ValueError(f"no card for {optimizer!r}: there are {', '.join(NAMES)}")
    known = Row.__dataclass_fields__
    rows = [
        Row(
            optimizer,
            library,
            **{k: tuple(v) if k == "state" else v for k, v in cells.items() if k in known},
        )
        for library, cells in _table()[optimizer].items()
    ]
    return tuple(sorted(rows, key=lambda row: row.library == "source"))
