"""Layers as plain functions, written to be read; the fast layers are tested equal to them."""

from .conv import conv2d, conv2d_backward, max_pool2d, max_pool2d_backward
from .recurrent import gru, lstm, rnn, rnn_backward

__all__ = [
    "conv2d",
    "conv2d_backward",
    "gru",
    "lstm",
    "max_pool2d",
    "max_pool2d_backward",
    "rnn",
    "rnn_backward",
]
