"""An optimizer from a function in the form of :mod:`optlearn.rules`."""

import inspect

import numpy as np

from ..backend import as_array, device_of
from .base import Optimizer


class FromRule(Optimizer):
    """Train with your own update rule.

    Parameters
    ----------
    rule : callable
        ``rule(w, g, *state, t, lr=..., **hyper) -> (w, *state)``: a pure function. The names
        between ``g`` and ``t`` are its state vectors, which start at zero.
    params : iterable of Parameter
    lr : float or callable
        The learning rate, or a schedule.
    **hyper
        Further arguments of the rule.

    Raises
    ------
    TypeError
        If the rule's arguments are not in that form, or a hyperparameter is not one of them.
    ValueError
        If the rule returns too few arrays, or a wrong one for any parameter; nothing has changed
        then, neither a weight nor a state.

    Examples
    --------
    >>> import numpy as np
    >>> from optlearn import Parameter
    >>> def sign_descent(w, g, t, lr=0.1):
    ...     return (w - lr * np.sign(g),)
    >>> p = Parameter([1.0, -2.0])
    >>> optimizer = FromRule(sign_descent, [p], lr=0.5)
    >>> p.grad = [3.0, -0.1]
    >>> optimizer.step()
    >>> p.data.tolist()
    [0.5, -1.5]
    """

    elementwise = False  # nobody knows: a rule of your own may use norms

    def __init__(self, rule, params, lr=1e-3, **hyper):
        names = list(inspect.signature(rule).parameters)
        if names[:2] != ["w", "g"] or "t" not in names or "lr" not in names[names.index("t") :]:
            raise TypeError(f"a rule takes (w, g, *state, t, lr, ...), got ({', '.join(names)})")
        unknown = sorted(set(hyper) - set(names[names.index("t") + 1 :]))
        self.rule, self.hyper = rule, hyper
        if unknown:
            raise TypeError(f"{self._rule_name()} takes no {', '.join(unknown)}")
        self.slots = tuple(names[2 : names.index("t")])
        super().__init__(params, lr)

    def plan(self):
        lr = super().plan()
        # All parameters before the first is written: a rule may fail at the last one.
        self._new = [self._call(w, g, state, lr) for w, g, state, *_ in self._pieces]
        return lr

    def apply(self, lr):
        self.t += 1
        for (w, _, state, *_), new in zip(self._pieces, self._new, strict=True):
            for target, array in zip((w, *state), new, strict=True):
                target[...] = array

    def _call(self, w, g, state, lr):
        """Return what the rule makes of one parameter, or say what is wrong with it."""
        name, names = self._rule_name(), ("w", *self.slots)
        copies = map(np.copy, (w, g, *state))
        new = self.rule(*copies, t=self.t + 1, lr=lr, **self.hyper)
        if not isinstance(new, tuple) or len(new) != len(names):
            raise ValueError(
                f"{name} must return a tuple of {len(names)} arrays: "
                f"({', '.join(names)}{',' if len(names) == 1 else ''})"
            )
        for what, array in zip(names, map(as_array, new), strict=True):
            if array.shape != w.shape:
                found = f"{name} returned {what} of shape {array.shape}"
                raise ValueError(f"{found}, but the parameter has shape {w.shape}")
            if array.dtype.kind not in "fiu":
                raise ValueError(f"{name} returned {what} of dtype {array.dtype}: return reals")
            if device_of(array) != device_of(w):
                raise ValueError(f"{name} returned {what} on {device_of(array)}: derive it from w")
        return new

    def _rule_name(self):
        return getattr(self.rule, "__name__", repr(self.rule))

    def _label(self):
        return f"FromRule({self._rule_name()})"

    def _hyper_names(self):
        return []  # a function cannot be saved; hand it to the constructor again
