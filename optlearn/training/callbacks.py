"""What ``fit`` calls between epochs."""

import math

import numpy as np

from .evaluation import averaged


class EarlyStopping:
    r"""End the training once the validation loss has stopped falling.

    A loss is an improvement if it lies below the best so far by more than ``min_delta``. After
    ``patience`` epochs in a row without one, training ends.

    Parameters
    ----------
    patience : int, default 10
        At least 1.
    min_delta : float, default 0
        At least 0.
    restore_best : bool, default True
        Whether the model ends with the weights of its best epoch, however training ends: by
        patience, by the number of epochs or by Ctrl-C.
    monitor : str, default "val_loss"
        What to watch in the history. An accuracy is to be made large, all else small.

    Attributes
    ----------
    best : float
        The best value so far.
    best_epoch : int
        The epoch it belongs to, from 1; 0 before the first.
    stopped : bool
        Whether patience has run out.

    Notes
    -----
    The best weights are kept in ``history.best``, and so in the checkpoint of ``fit``: a training
    that goes on from one stops at the same epoch with the same weights. A checkpoint of a training
    that has stopped goes on only with a larger ``patience``. With a schedule-free optimizer the
    weights kept are those that were judged, the average.

    Keras's ``EarlyStopping`` is called after a number of epochs that is counted the same way, and
    restores nothing where the epochs run out first. Prechelt ("Early stopping, but when?", 1998)
    compares rules like this one, there called UP.
    """

    def __init__(self, patience=10, *, min_delta=0.0, restore_best=True, monitor="val_loss"):
        if not isinstance(patience, int | np.integer) or patience < 1:
            raise ValueError(f"patience must be a whole number >= 1, got {patience!r}")
        if not min_delta >= 0:
            raise ValueError(f"min_delta must be >= 0, got {min_delta!r}")
        self.patience, self.min_delta = patience, min_delta
        self.restore_best, self.monitor = restore_best, monitor
        self._sign = -1 if monitor.endswith("accuracy") else 1
        self._start()

    def __call__(self, history, model, optimizer):
        """Take the value of the last epoch; called by ``fit``."""
        if self._take(self._values(history)[-1]) and self.restore_best:
            with averaged(optimizer):
                history.best[self.monitor] = model.state_dict()
        return self.stopped

    def resume(self, history):
        """Read the whole history again; ``fit`` calls it for a training that goes on."""
        self._start()
        for value in self._values(history):
            self._take(value)
        return self.stopped

    def finish(self, history, model, optimizer):
        """Put the best weights back; ``fit`` calls it at the end."""
        if self.restore_best and self.monitor in history.best:
            model.load_state_dict(history.best[self.monitor])

    def _start(self):
        self.best, self.best_epoch, self.stopped = self._sign * math.inf, 0, False
        self._epoch = 0

    def _take(self, value):
        """Take the next value and tell whether it is an improvement; nan is none."""
        self._epoch += 1
        improved = self._sign * (self.best - value) > self.min_delta
        if improved:
            self.best, self.best_epoch = value, self._epoch
        self.stopped = self._epoch - self.best_epoch >= self.patience
        return improved

    def _values(self, history):
        if self.monitor not in history:
            raise ValueError(
                f"the history holds no {self.monitor!r}: pass validation=(x, y) to fit, or "
                'monitor="loss" to EarlyStopping'
            )
        return history[self.monitor]
