"""Training: a network over data, a point over a landscape, and what may be wrong with a network."""

from .callbacks import EarlyStopping
from .checkup import checkup
from .evaluation import evaluate
from .history import History
from .loop import fit
from .paths import trace
from .report import Checkup, Finding

__all__ = [
    "Checkup",
    "EarlyStopping",
    "Finding",
    "History",
    "checkup",
    "evaluate",
    "fit",
    "trace",
]
