"""Explorers: interactive pictures for JupyterLab that answer within one frame.

The picture is simulated and drawn in the browser, and every control works by keyboard. ``print``
an explorer for what it shows in words. The modules are imported here and not on first use: a
module and its function share a name, and the function has to win.
"""

from .batch_cost import batch_cost
from .counter import counter
from .groups import groups
from .heatmap import heatmap
from .imbalance import imbalance
from .predict import predict
from .quiz import quiz
from .race import race
from .runs import runs
from .signal import signal
from .surface import surface
from .trajectory import trajectory
from .xray import xray

__all__ = [
    "batch_cost",
    "counter",
    "groups",
    "heatmap",
    "imbalance",
    "predict",
    "quiz",
    "race",
    "runs",
    "signal",
    "surface",
    "trajectory",
    "xray",
]
