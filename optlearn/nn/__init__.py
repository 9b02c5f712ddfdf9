"""Layers with explicit forward and backward, one file a family."""

from . import init
from .activations import ReLU, Sigmoid, Tanh
from .attention import SelfAttention
from .conv import Conv2d
from .dropout import Dropout
from .embedding import Embedding, PositionEmbedding
from .gelu import GELU
from .gradcheck import gradcheck
from .gru import GRU
from .linear import Linear
from .losses import CrossEntropyLoss, MSELoss
from .lstm import LSTM
from .module import Module, Sequential
from .norm import BatchNorm, LayerNorm
from .pool import Flatten, MaxPool2d
from .residual import Residual
from .rnn import RNN
from .stats import stats

__all__ = [
    "GELU",
    "GRU",
    "LSTM",
    "RNN",
    "BatchNorm",
    "Conv2d",
    "CrossEntropyLoss",
    "Dropout",
    "Embedding",
    "Flatten",
    "LayerNorm",
    "Linear",
    "MSELoss",
    "MaxPool2d",
    "Module",
    "PositionEmbedding",
    "ReLU",
    "Residual",
    "SelfAttention",
    "Sequential",
    "Sigmoid",
    "Tanh",
    "gradcheck",
    "init",
    "stats",
]
