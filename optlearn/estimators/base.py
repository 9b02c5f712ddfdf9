"""What the estimators share: building a network and an optimizer by name, and training."""

from itertools import pairwise

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from .. import nn, optim, schedules
from ..backend import DTYPE
from ..datasets import DataLoader
from ..training import EarlyStopping, fit
from ..training.evaluation import averaged

#: What ``X`` may hold; anything else becomes the first.
DTYPES = (np.float64, np.float32)

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "gelu": nn.GELU}

#: Those that are made from a peak and a number of steps; a factory makes any other.
SCHEDULES = {
    "cosine": schedules.cosine,
    "linear": schedules.linear,
    "one_cycle": schedules.one_cycle,
}


class MLP(BaseEstimator):
    """All but the loss and the meaning of the output; the arguments stand in MLPClassifier."""

    def __init__(
        self,
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        optimizer="adam",
        lr=None,
        weight_decay=None,
        schedule=None,
        batch_size=32,
        epochs=100,
        tol=1e-4,
        n_iter_no_change=10,
        early_stopping=False,
        validation_fraction=0.1,
        warm_start=False,
        random_state=None,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.optimizer = optimizer
        self.lr = lr
        self.weight_decay = weight_decay
        self.schedule = schedule
        self.batch_size = batch_size
        self.epochs = epochs
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.warm_start = warm_start
        self.random_state = random_state

    def fit(self, X, y):
        """Train on all of ``X`` (samples, features) and ``y``, and return the estimator."""
        anew = not (self.warm_start and hasattr(self, "coefs_"))
        x, y, outputs = self._checked(X, y, anew)
        model, rng = self._draw(x, outputs) if anew else (self._model, self._rng)
        watched, validation = "loss", None
        if self.early_stopping:
            x, x_validation, y, y_validation = train_test_split(
                x,
                y,
                test_size=self.validation_fraction,
                stratify=y if hasattr(self, "classes_") else None,
                random_state=int(rng.integers(2**31)),
            )
            watched, validation = "val_loss", (x_validation, y_validation)
        stop = EarlyStopping(
            self.n_iter_no_change,
            min_delta=self.tol,
            restore_best=self.early_stopping,
            monitor=watched,
        )
        self._train(x, y, model, rng, None, self.epochs, validation=validation, callbacks=[stop])
        return self

    def _partial_fit(self, X, y, classes=None):
        """Train for one epoch, going on with the weights, the optimizer and its schedule."""
        anew = not hasattr(self, "coefs_")
        x, y, outputs = self._checked(X, y, anew, classes)
        if anew:
            self._train(x, y, *self._draw(x, outputs), None, 1)
        else:
            self._train(x, y, self._model, self._rng, self._optimizer, 1)
        return self

    def _draw(self, x, outputs):
        """Return a network with new weights, and the generator that drew them."""
        if self.activation not in ACTIVATIONS:
            known = ", ".join(ACTIVATIONS)
            raise ValueError(f"unknown activation {self.activation!r}: known are {known}")
        rng = np.random.default_rng(check_random_state(self.random_state).randint(2**31 - 1))
        sizes = [x.shape[1], *np.atleast_1d(self.hidden_layer_sizes).tolist(), outputs]
        layers = []
        for inputs, units in pairwise(sizes):
            layers += [nn.Linear(inputs, units, rng=rng), ACTIVATIONS[self.activation]()]
        self.loss_curve_ = []
        return nn.Sequential(*layers[:-1]), rng

    def _train(self, x, y, model, rng, optimizer, epochs, **options):
        """Train, then keep what came of it."""
        # Once for all batches, since the layers compute in their own precision.
        x = x.astype(DTYPE, copy=False)
        loader = DataLoader(x, y, min(self.batch_size, len(x)), rng=rng)
        if optimizer is None:
            optimizer = self._new_optimizer(model.parameters(), self.epochs * len(loader))
        history = fit(model, self._loss(), optimizer, loader, epochs, **options)
        self._model, self._rng, self._optimizer = model, rng, optimizer
        self.loss_curve_ = self.loss_curve_ + history.epochs.get("loss", [])
        self.n_iter_ = len(self.loss_curve_)
        if "val_loss" in history:
            self.validation_loss_curve_ = history["val_loss"]
        with averaged(optimizer):
            self.coefs_ = [layer.weight.data.T.copy() for layer in model.layers[::2]]
            self.intercepts_ = [layer.bias.data.copy() for layer in model.layers[::2]]
        if history.interrupted:
            raise KeyboardInterrupt("the weights so far are kept")

    def _new_optimizer(self, params, steps):
        if callable(self.optimizer):
            given = [k for k in ("lr", "weight_decay", "schedule") if getattr(self, k) is not None]
            if given:
                raise ValueError(f"a factory sets its own hyperparameters: drop {', '.join(given)}")
            return self.optimizer(params)
        entry = optim.get(self.optimizer)
        if entry.cls is not optim.Muon:
            return self._make(entry, params, steps, self.lr)
        matrices = [p for p in params if len(p.shape) == 2][:-1]
        rest = [p for p in params if not any(p is matrix for matrix in matrices)]
        hidden = self._make(entry, matrices, steps, self.lr)
        return optim.MultiOptimizer(
            hidden, self._make(optim.get("adamw"), rest, steps, None), params=params
        )

    def _make(self, entry, params, steps, lr):
        """Return the optimizer of a registry entry, with a rate or a schedule."""
        hyper = {} if self.weight_decay is None else {"weight_decay": self.weight_decay}
        lr = entry.hyperparameters["lr"] if lr is None else lr
        return entry.make(params, lr=self._rate(lr, steps), **hyper)

    def _rate(self, lr, steps):
        if self.schedule is None:
            return lr
        if callable(self.schedule):
            return self.schedule(lr, steps)
        if self.schedule not in SCHEDULES:
            known = ", ".join(SCHEDULES)
            raise ValueError(
                f"unknown schedule {self.schedule!r}: known are {known}, or pass a factory "
                "(lr, steps) -> schedule"
            )
        return SCHEDULES[self.schedule](lr, steps)

    def _out(self, X):
        """Return the output of the network; nothing is remembered, so threads may share it."""
        check_is_fitted(self)
        x = validate_data(self, X, dtype=DTYPES, reset=False)
        for coef, intercept in zip(self.coefs_[:-1], self.intercepts_[:-1]):
            x = ACTIVATIONS[self.activation]()(x @ coef + intercept)
        return x @ self.coefs_[-1] + self.intercepts_[-1]
