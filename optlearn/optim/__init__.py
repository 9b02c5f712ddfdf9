"""Optimizers: one file an algorithm, over the base class of ``base.py``."""

from .base import Optimizer
from .clip import clip_grad_norm
from .registry import REGISTRY, get
from .sgd import SGD

__all__ = ["REGISTRY", "SGD", "Optimizer", "clip_grad_norm", "get"]
