"""The list of all optimizers. Tests, documentation and menus are driven by it."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .. import rules
from ..parameters import Parameter
from .adadelta import Adadelta
from .adagrad import Adagrad
from .adam import Adam
from .adamax import Adamax
from .adamw import AdamW
from .base import Optimizer
from .lamb import LAMB
from .lars import LARS
from .lion import Lion
from .muon import Muon
from .nadam import NAdam
from .radam import RAdam
from .rmsprop import RMSprop
from .schedule_free_adamw import ScheduleFreeAdamW
from .schedule_free_sgd import ScheduleFreeSGD
from .sgd import SGD


class _Counted(np.ndarray):
    """An array that counts the operations done with it."""

    count = 0

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        _Counted.count += 1
        plain = [i.view(np.ndarray) if isinstance(i, _Counted) else i for i in inputs]
        return np.asarray(getattr(ufunc, method)(*plain, **kwargs)).view(_Counted)


@dataclass(frozen=True)
class Entry:
    """One optimizer under the name that learners know it by.

    Attributes
    ----------
    name : str
    cls : type
        The class of :mod:`optlearn.optim`.
    rule : callable
        The function of :mod:`optlearn.rules` that it must equal.
    source : str
        Where the rule was published.
    fixed : dict
        Arguments that make the class this optimizer (``SGD`` with ``momentum=0.9``).
    cases : tuple of dict
        Hyperparameters that the tests try. They are arguments of both the class and the rule.
    decay : {"coupled", "decoupled", "inside"}
        Whether weight decay changes the gradient before the rule, the weights before the rule,
        or stands in the rule.
    """

    name: str
    cls: type[Optimizer]
    rule: Callable
    source: str
    fixed: dict = field(default_factory=dict)
    cases: tuple = ({},)
    decay: str = "coupled"

    @property
    def elementwise(self):
        """Whether each weight is updated from its own gradient and state alone."""
        return self.cls.elementwise

    def make(self, params, **hyper):
        """Return the optimizer over ``params``; ``hyper`` overrides the defaults."""
        return self.cls(params, **{**self.fixed, **hyper})

    @property
    def state(self):
        """The names of the state vectors, each as long as the weights."""
        return tuple(self.make([Parameter([[0.0]])]).state)

    @property
    def operations(self):
        """How many arithmetic operations an elementwise rule does for each weight and step."""
        ones = [np.ones((1, 1)).view(_Counted) for _ in range(2 + len(self.rule_state))]
        _Counted.count = 0
        self.rule(*ones, t=1000, **self.hyperparameters)  # past every warm-up
        return _Counted.count

    @property
    def rule_state(self):
        """The names of all state vectors of the rule, also of those that options switch off."""
        names = list(inspect.signature(self.rule).parameters)
        return tuple(names[2 : names.index("t")])

    @property
    def arguments(self):
        """The names of all arguments of the rule."""
        return tuple(inspect.signature(self.rule).parameters)

    @property
    def hyperparameters(self):
        """The arguments of the rule, with the defaults."""
        arguments = inspect.signature(self.rule).parameters.values()
        return {
            p.name: self.fixed.get(p.name, p.default) for p in arguments if p.default is not p.empty
        }

    @property
    def tuned(self):
        """What there is to tune: the hyperparameters, and the decay where it is not coupled.

        Coupled decay changes the gradient of any optimizer. Decoupled decay is part of the method,
        though the rule never sees it.
        """
        own = self.make([Parameter([[0.0]])])
        decay = {} if self.decay == "coupled" else {"weight_decay": own.weight_decay}
        return {**self.hyperparameters, **decay}


_DECAYS = ({"weight_decay": 0.1},)
_BETAS = ({}, {"lr": 0.1, "betas": (0.5, 0.9)}, {"lr": 0.01, "betas": (0.0, 0.99), "eps": 1e-3})

_ENTRIES = (
    Entry(
        "sgd",
        SGD,
        rules.sgd,
        "Cauchy 1847; stochastic: Robbins & Monro 1951",
        cases=({}, {"lr": 0.1}, {"lr": 1.7}, *_DECAYS),
    ),
    Entry(
        "momentum",
        SGD,
        rules.momentum,
        "Polyak 1964, equation 9",
        fixed={"momentum": 0.9},
        cases=(
            {},
            {"lr": 0.1, "momentum": 0.5},
            {"lr": 0.02, "momentum": 0.99},
            {"lr": 0.1, "momentum": 0.9, "dampening": 0.5},
            *_DECAYS,
        ),
    ),
    Entry(
        "nesterov",
        SGD,
        rules.nesterov,
        "Nesterov 1983, in the form of Sutskever et al. 2013",
        fixed={"momentum": 0.9, "nesterov": True},
        cases=({}, {"lr": 0.1, "momentum": 0.5}, {"lr": 0.02, "momentum": 0.99}, *_DECAYS),
    ),
    Entry(
        "adagrad",
        Adagrad,
        rules.adagrad,
        "Duchi, Hazan & Singer 2011, figure 1",
        cases=(
            {},
            {"lr": 0.1, "lr_decay": 0.01, "initial_accumulator_value": 0.1},
            {"lr": 0.1, "eps": 0.1},
            *_DECAYS,
        ),
    ),
    Entry(
        "rmsprop",
        RMSprop,
        rules.rmsprop,
        "Hinton 2012, lecture slides; centered: Graves 2013",
        cases=(
            {},
            {"lr": 1e-3, "alpha": 0.9, "eps": 1e-3},
            {"momentum": 0.9},
            {"centered": True},
            {"lr": 1e-3, "momentum": 0.5, "centered": True},
            *_DECAYS,
        ),
    ),
    Entry(
        "adadelta",
        Adadelta,
        rules.adadelta,
        "Zeiler 2012, Algorithm 1",
        cases=({}, {"lr": 0.3, "rho": 0.95, "eps": 1e-4}, *_DECAYS),
    ),
    Entry(
        "adam",
        Adam,
        rules.adam,
        "Kingma & Ba 2015, Algorithm 1",
        cases=(*_BETAS, *_DECAYS),
    ),
    Entry(
        "amsgrad",
        Adam,
        rules.amsgrad,
        "Reddi, Kale & Kumar 2018, Algorithm 2",
        fixed={"amsgrad": True},
        cases=(*_BETAS, *_DECAYS),
    ),
    Entry(
        "adamw",
        AdamW,
        rules.adamw,
        "Loshchilov & Hutter 2019, Algorithm 2",
        cases=(*_BETAS, {"weight_decay": 0.0}, {"lr": 0.1, "weight_decay": 0.5}),
        decay="decoupled",
    ),
    Entry(
        "adamax",
        Adamax,
        rules.adamax,
        "Kingma & Ba 2015, Algorithm 2",
        cases=(*_BETAS, *_DECAYS),
    ),
    Entry(
        "nadam",
        NAdam,
        rules.nadam,
        "Dozat 2016, Algorithm 2",
        cases=(*_BETAS, {"momentum_decay": 0.1}, *_DECAYS),
    ),
    Entry(
        "radam",
        RAdam,
        rules.radam,
        "Liu et al. 2020, Algorithm 2",
        cases=(*_BETAS, *_DECAYS),
    ),
    Entry(
        "lion",
        Lion,
        rules.lion,
        "Chen et al. 2023, Algorithm 2",
        cases=({}, {"lr": 0.01, "betas": (0.5, 0.9)}, *_DECAYS),
        decay="decoupled",
    ),
    Entry(
        "lars",
        LARS,
        rules.lars,
        "You, Gitman & Ginsburg 2017, Algorithm 1",
        cases=({}, {"lr": 0.1, "momentum": 0.5, "trust_coefficient": 0.1}, *_DECAYS),
    ),
    Entry(
        "lamb",
        LAMB,
        rules.lamb,
        "You et al. 2020, Algorithm 2",
        cases=(*_BETAS, *_DECAYS),
        decay="inside",
    ),
    Entry(
        "muon",
        Muon,
        rules.muon,
        "Jordan 2024, blog post",
        cases=(
            {},
            {"lr": 0.02, "nesterov": False, "weight_decay": 0.0},
            {"lr": 0.02, "momentum": 0.5, "ns_steps": 3, "adjust_lr": "match_rms_adamw"},
        ),
        decay="decoupled",
    ),
    Entry(
        "schedule_free_sgd",
        ScheduleFreeSGD,
        rules.schedule_free_sgd,
        "Defazio et al. 2024",
        cases=({}, {"lr": 0.1, "momentum": 0.5}, *_DECAYS),
    ),
    Entry(
        "schedule_free_adamw",
        ScheduleFreeAdamW,
        rules.schedule_free_adamw,
        "Defazio et al. 2024",
        cases=({}, {"lr": 0.1, "betas": (0.5, 0.9)}, *_DECAYS),
        decay="inside",
    ),
)

#: Every optimizer by its name.
REGISTRY = {entry.name: entry for entry in _ENTRIES}


def get(name):
    """Return the entry of ``name``, or list the known names."""
    if name not in REGISTRY:
        raise ValueError(f"unknown optimizer {name!r}: known are {', '.join(REGISTRY)}")
    return REGISTRY[name]
