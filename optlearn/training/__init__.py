"""Training: a network over data, a point over a landscape, and what may be wrong with a network."""

from .callbacks import EarlyStopping
from .evaluation import evaluate
from .history import History
from .loop import fit
from .paths import trace

__all__ = ["EarlyStopping", "History", "evaluate", "fit", "trace"]
