"""The multilayer perceptron: a classifier and a regressor."""

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets, unique_labels
from sklearn.utils.validation import validate_data

from .. import nn
from .base import DTYPES, MLP


class MLPClassifier(ClassifierMixin, MLP):
    r"""Classify with a fully connected network, trained by any optimizer of the library.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int, default (100,)
        Units of each hidden layer; an empty sequence gives softmax regression.
    activation : {"relu", "tanh", "sigmoid", "gelu"}, default "relu"
    optimizer : str or callable, default "adam"
        A name of ``optim.REGISTRY``, or a factory ``params -> Optimizer`` that sets its own
        hyperparameters. ``"muon"`` moves the hidden matrices; AdamW, at its own rate, the rest.
    lr : float, optional
        The learning rate, or the peak of the schedule; by default the optimizer's own.
    weight_decay : float, optional
        By default the optimizer's own, which is 0 for most.
    schedule : {"cosine", "linear", "one_cycle"} or callable, optional
        Or a factory ``(lr, steps) -> schedule`` such as
        ``functools.partial(schedules.cosine, warmup=100)``. ``steps`` counts ``epochs`` passes;
        later steps, of ``partial_fit``, have the last rate.
    batch_size : int, default 32
        All samples, if there are fewer.
    epochs : int, default 100
        The largest number of passes over the data.
    tol : float, default 1e-4
        A loss that is lower by no more than this is no improvement.
    n_iter_no_change : int, default 10
        Stop after this many epochs in a row without improvement of the training loss or, with
        early stopping, of the validation loss.
    early_stopping : bool, default False
        Hold a part of the data back for validation, and end with the best weights.
    validation_fraction : float, default 0.1
        That part, in (0, 1).
    warm_start : bool, default False
        Let ``fit`` go on with the weights (and a new optimizer) instead of drawing new ones.
    random_state : int, RandomState or None, default None
        Decides weights, order and validation part.

    Attributes
    ----------
    classes_ : numpy.ndarray
    n_features_in_ : int
    coefs_, intercepts_ : list of numpy.ndarray
        Of shapes (inputs, outputs) and (outputs,), one a layer; the last has a column a class.
    loss_curve_ : list of float
        The mean loss of each epoch, before each update.
    validation_loss_curve_ : list of float
        With early stopping, of the last ``fit``.
    n_iter_ : int
        Epochs since the weights were drawn.

    Raises
    ------
    FloatingPointError
        In ``fit``, if the training diverges; searches count such a fit as failed.

    Notes
    -----
    Weights are float32, as everywhere in the library, and predictions have the precision of
    ``X``. scikit-learn's class of this name trains in the precision of ``X`` and knows three
    solvers. Its ``alpha`` is an L2 penalty divided by the batch size, where ``weight_decay`` is
    not divided; it has one output for two classes, and warns where the epochs run out.
    """

    _loss = nn.CrossEntropyLoss

    def partial_fit(self, X, y, classes=None):
        """Train for one epoch on ``X`` and ``y``, going on from the last call.

        The first call must name all ``classes``, since ``y`` may lack some.
        """
        if not hasattr(self, "coefs_"):
            if classes is None:
                raise ValueError("classes must be passed on the first call to partial_fit")
        elif classes is not None and not np.array_equal(unique_labels(classes), self.classes_):
            raise ValueError(
                f"the classes are {self.classes_.tolist()} since the first call, got {classes!r}"
            )
        return self._partial_fit(X, y, classes)

    def predict(self, X):
        """Return the most probable class of each sample."""
        out = self._out(X)
        return self.classes_[out.argmax(axis=1)]

    def predict_proba(self, X):
        """Return the probability of each class, shape (samples, classes)."""
        out = self._out(X)
        p = np.exp(out - out.max(axis=1, keepdims=True))  # cannot overflow
        return p / p.sum(axis=1, keepdims=True)

    def _checked(self, X, y, anew, classes=None):
        X, y = validate_data(self, X, y, dtype=DTYPES, reset=anew)
        check_classification_targets(y)
        if anew:
            self.classes_ = unique_labels(y if classes is None else classes)
        strange = np.setdiff1d(y, self.classes_)
        if len(strange):
            raise ValueError(
                f"y holds {strange.tolist()}, but the classes are {self.classes_.tolist()} since "
                "the first fit"
            )
        return X, np.searchsorted(self.classes_, y), len(self.classes_)


class MLPRegressor(RegressorMixin, MLP):
    """Predict numbers with a fully connected network, trained by any optimizer of the library.

    The loss is the mean squared error. Parameters and attributes are those of
    :class:`MLPClassifier`, without ``classes_``. ``y`` has shape (samples,) or
    (samples, outputs); scale it to a spread of about 1, as ``TransformedTargetRegressor`` does.
    """

    _loss = nn.MSELoss

    def partial_fit(self, X, y):
        """Train for one epoch on ``X`` and ``y``, going on from the last call."""
        return self._partial_fit(X, y)

    def predict(self, X):
        """Return the predicted numbers, of the shape that ``y`` had in training."""
        out = self._out(X)
        return out[:, 0] if self._flat else out

    def _checked(self, X, y, anew, classes=None):
        X, y = validate_data(
            self,
            X,
            y,
            dtype=DTYPES,
            multi_output=True,
            y_numeric=True,
            reset=anew,
        )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        self._flat = y.ndim == 1
        y = y.reshape(len(y), -1)
        return X, y, y.shape[1]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
