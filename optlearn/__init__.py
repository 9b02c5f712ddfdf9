"""optlearn: the optimizers of deep learning, from scratch, with every claim tested.

``import optlearn`` loads NumPy and nothing heavier; the modules below load when first used.
"""

import importlib

from .parameters import Parameter

__version__ = "0.1.0"

_MODULES = (
    "backend",
    "course",
    "curvature",
    "datasets",
    "estimators",
    "experiments",
    "explore",
    "landscapes",
    "nn",
    "optim",
    "parameters",
    "plots",
    "progress",
    "questions",
    "rules",
    "schedules",
    "training",
    "tuning",
)

__all__ = ["Parameter", "__version__", *_MODULES]


def __getattr__(name):
    if name in _MODULES:
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
