"""The list of all optimizers. Tests, documentation and menus are driven by it."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .. import rules
from ..parameters import Parameter
from .base import Optimizer
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
    elementwise : bool
        Whether each weight is updated from its own gradient and state alone.
    """

    name: str
    cls: type[Optimizer]
    rule: Callable
    source: str
    fixed: dict = field(default_factory=dict)
    cases: tuple = ({},)
    elementwise: bool = True

    def make(self, params, **hyper):
        """Return the optimizer over ``params``; ``hyper`` overrides the defaults."""
        return self.cls(params, **{**self.fixed, **hyper})

    @property
    def state(self):
        """The names of the state vectors, each as long as the weights."""
        return tuple(self.make([Parameter([0.0])]).state)

    @property
    def operations(self):
        """How many arithmetic operations the rule does for each weight and step."""
        ones = [np.ones(1).view(_Counted) for _ in range(2 + len(self.state))]
        _Counted.count = 0
        self.rule(*ones, t=2, **self.hyperparameters)
        return _Counted.count

    @property
    def hyperparameters(self):
        """What there is to tune, with the defaults: the arguments of the rule."""
        arguments = inspect.signature(self.rule).parameters.values()
        return {
            p.name: self.fixed.get(p.name, p.default) for p in arguments if p.default is not p.empty
        }


_ENTRIES = (
    Entry(
        name="sgd",
        cls=SGD,
        rule=rules.sgd,
        source="Cauchy 1847; stochastic: Robbins & Monro 1951",
        cases=({}, {"lr": 0.1}, {"lr": 1.7}),
    ),
    Entry(
        name="momentum",
        cls=SGD,
        rule=rules.momentum,
        source="Polyak 1964, equation 9",
        fixed={"momentum": 0.9},
        cases=(
            {},
            {"lr": 0.1, "momentum": 0.5},
            {"lr": 0.02, "momentum": 0.99},
            {"lr": 0.1, "momentum": 0.9, "dampening": 0.5},
        ),
    ),
    Entry(
        name="nesterov",
        cls=SGD,
        rule=rules.nesterov,
        source="Nesterov 1983, in the form of Sutskever et al. 2013",
        fixed={"momentum": 0.9, "nesterov": True},
        cases=({}, {"lr": 0.1, "momentum": 0.5}, {"lr": 0.02, "momentum": 0.99}),
    ),
)

#: Every optimizer by its name.
REGISTRY = {entry.name: entry for entry in _ENTRIES}


def get(name):
    """Return the entry of ``name``, or list the known names."""
    if name not in REGISTRY:
        raise ValueError(f"unknown optimizer {name!r}: known are {', '.join(REGISTRY)}")
    return REGISTRY[name]
