"""The schedule that watches a loss."""

import math
from dataclasses import dataclass, field

from .base import check_number, check_rate, check_whole

STATE = ("lr", "best", "bad", "cooling")


@dataclass(eq=False)
class ReduceOnPlateau:
    r"""Lower the rate when the validation loss stops falling.

    A loss is an improvement if it lies below ``best * (1 - threshold)``. After ``patience`` losses
    in a row that are none, the next such loss sets :math:`\eta \leftarrow \max(\gamma \eta,
    \eta_{\min})`.

    It is the schedule and the callback, so hand the same object to both::

        plateau = ReduceOnPlateau(0.1)
        optimizer = SGD(model.parameters(), lr=plateau)
        fit(model, loss, optimizer, loader, 50, validation=(x, y), callbacks=[plateau])

    In a loop of your own, call ``plateau.update(loss)`` after each epoch.

    Parameters
    ----------
    lr : float
        :math:`\eta > 0` at the start; the attribute is the rate now.
    factor : float, default 0.1
        :math:`\gamma` in (0, 1).
    patience : int, default 10
        At least 0.
    threshold : float, default 1e-4
        In [0, 1). Relative, so it is meant for losses above 0.
    cooldown : int, default 0
        How many losses after a cut are not counted as bad.
    min_lr : float, default 0
        :math:`\eta_{\min}` in [0, lr].
    eps : float, default 1e-8
        A cut by no more than this is not made; at least 0.
    monitor : str, default "val_loss"
        What the callback reads from the history. It has to be something to make small.

    Notes
    -----
    PyTorch's ``ReduceLROnPlateau`` with ``mode="min"`` and ``threshold_mode="rel"``, down to a
    loss that is nan: it counts as bad. Optax's ``contrib.reduce_on_plateau`` scales the update
    instead of the rate.

    What it knows follows from the losses alone. ``fit`` with a ``checkpoint`` hands the history of
    a resumed training to ``resume``, which reads them again, so the rate goes on exactly. For a
    loop of your own there are ``state_dict`` and ``load_state_dict``, and pickle.
    """

    lr: float
    factor: float = 0.1
    patience: int = 10
    threshold: float = 1e-4
    cooldown: int = 0
    min_lr: float = 0.0
    eps: float = 1e-8
    monitor: str = "val_loss"
    best: float = field(default=math.inf, init=False, repr=False)
    bad: int = field(default=0, init=False, repr=False)
    cooling: int = field(default=0, init=False, repr=False)

    def __post_init__(self):
        check_rate("lr", self.lr)
        wanted = "in (0, 1), since it has to lower the rate"
        check_number("factor", self.factor, lambda x: 0 < x < 1, wanted)
        check_whole("patience", self.patience, 0, "0 cuts at the first loss that is no better")
        check_number("threshold", self.threshold, lambda x: 0 <= x < 1, "in [0, 1), a share")
        check_whole("cooldown", self.cooldown, 0, "0 means none")
        check_number("min_lr", self.min_lr, lambda x: 0 <= x <= self.lr, f"in [0, lr={self.lr!r}]")
        check_number("eps", self.eps, lambda x: x >= 0, ">= 0")
        self._start = self.lr
        self._asked = False

    def __call__(self, when, model=None, optimizer=None):
        """Return the rate of a step; called by ``fit`` with its history, take the last loss."""
        if model is None:
            check_whole("t", when, 1, "the first step is t = 1")
            self._asked = True
            return float(self.lr)
        before = self.lr
        self.update(self._losses(when)[-1])
        if self.lr < before and not self._asked:
            raise ValueError(
                f"the rate fell from {before} to {self.lr}, but no optimizer has asked for it: "
                "build the optimizer with lr= this object too"
            )
        return None  # what is true ends the training

    def update(self, value):
        """Take the loss of an epoch, and lower the rate if it is time."""
        value = float(value)
        if value < self.best * (1 - self.threshold):
            self.best, self.bad = value, 0
        else:
            self.bad += 1
        if self.cooling > 0:
            self.cooling, self.bad = self.cooling - 1, 0
        if self.bad > self.patience:
            lower = max(self.lr * self.factor, self.min_lr)
            if self.lr - lower > self.eps:
                self.lr = lower
            self.bad, self.cooling = 0, self.cooldown

    def resume(self, history):
        """Start over and read all losses of a history; ``fit`` calls it for a resumed training."""
        self.lr, self.best, self.bad, self.cooling = self._start, math.inf, 0, 0
        for value in self._losses(history):
            self.update(value)

    def state_dict(self):
        """Return the rate now, the best loss and the two counters; fit for ``numpy.savez``."""
        return {name: getattr(self, name) for name in STATE}

    def load_state_dict(self, saved):
        """Continue from what ``state_dict`` returned."""
        if set(saved) != set(STATE):
            raise ValueError(f"the state must hold {', '.join(STATE)}, got {', '.join(saved)}")
        self.lr, self.best = float(saved["lr"]), float(saved["best"])
        self.bad, self.cooling = int(saved["bad"]), int(saved["cooling"])

    def _losses(self, history):
        if self.monitor not in history:
            raise ValueError(
                f"the history holds no {self.monitor!r}: pass validation=(x, y) to fit, or "
                'monitor="loss" to ReduceOnPlateau'
            )
        return history[self.monitor]
