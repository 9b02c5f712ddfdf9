"""Optimizers: one file an algorithm, over the base class of ``base.py``."""

from .adadelta import Adadelta
from .adagrad import Adagrad
from .adam import Adam
from .adamax import Adamax
from .adamw import AdamW
from .base import Optimizer
from .clip import clip_grad_norm, clip_grad_value
from .from_rule import FromRule
from .lamb import LAMB
from .lars import LARS
from .lion import Lion
from .multi import MultiOptimizer
from .muon import Muon
from .nadam import NAdam
from .radam import RAdam
from .registry import REGISTRY, get
from .rmsprop import RMSprop
from .schedule_free_adamw import ScheduleFreeAdamW
from .schedule_free_sgd import ScheduleFreeSGD
from .sgd import SGD

__all__ = [
    "LAMB",
    "LARS",
    "REGISTRY",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "FromRule",
    "Lion",
    "MultiOptimizer",
    "Muon",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "ScheduleFreeAdamW",
    "ScheduleFreeSGD",
    "clip_grad_norm",
    "clip_grad_value",
    "get",
]
