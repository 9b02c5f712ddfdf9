"""An optimizer from a function in the form of :mod:`optlearn.rules`."""

import inspect

import numpy as np

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
        If the rule returns too few arrays or one of a wrong shape; nothing has changed then.

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
        if unknown:
            raise TypeError(f"{rule.__name__} takes no {', '.join(unknown)}")
        self.slots = tuple(names[2 : names.index("t")])
        super().__init__(params, lr)
        self.rule, self.hyper = rule, hyper

    def update(self, w, g, state, lr, tmp):
        new = self.rule(w.copy(), g.copy(), *map(np.copy, state), t=self.t, lr=lr, **self.hyper)
        if not isinstance(new, tuple) or len(new) != 1 + len(state):
            raise ValueError(
                f"{self.rule.__name__} must return a tuple of {1 + len(state)} arrays: "
                f"({', '.join(('w', *self.slots))}{',' if not state else ''})"
            )
        for name, array in zip(("w", *self.slots), new, strict=True):
            if np.shape(array) != w.shape:
                raise ValueError(
                    f"{self.rule.__name__} returned {name} of shape {np.shape(array)}, "
                    f"but the parameter has shape {w.shape}"
                )
        for target, array in zip((w, *state), new, strict=True):
            target[...] = array

    def _hyper_names(self):
        return []  # a function cannot be saved; hand it to the constructor again
