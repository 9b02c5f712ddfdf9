"""Layers with explicit forward and backward, one file a family."""

from . import init
from .activations import ReLU, Sigmoid, Tanh
from .gelu import GELU
from .gradcheck import gradcheck
from .linear import Linear
from .losses import CrossEntropyLoss, MSELoss
from .module import Module, Sequential
from .residual import Residual

__all__ = [
    "GELU",
    "CrossEntropyLoss",
    "Linear",
    "MSELoss",
    "Module",
    "ReLU",
    "Residual",
    "Sequential",
    "Sigmoid",
    "Tanh",
    "gradcheck",
    "init",
]
