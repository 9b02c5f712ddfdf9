"""The diagnosis checklist: what to look at before blaming the optimizer."""

import copy

import numpy as np

from ..backend import as_rng
from . import anatomy, trials
from .report import Checkup

EXAMPLES = 512

#: What is looked at in this order, until something is found.
STAGES = {
    "data": anatomy.data,
    "loss": anatomy.loss,
    "gradient": anatomy.gradient,
    "weights": anatomy.weights,
    "units": anatomy.units,
    "learning rate": trials.learning_rate,
    "overfitting a few examples": trials.overfit,
}


def checkup(model, loss, optimizer, data, *, batch_size=32, rng=0):
    r"""Look for the usual reasons why a network does not learn, and name them.

    Everything is tried on copies: the model, the optimizer, the loss and the data stay as they
    are, to the last bit. It looks at one stage after the other, until something is found:

    ===========================  =================================================================
    finding                      what was seen
    ===========================  =================================================================
    ``inputs_not_finite``        nan or inf among the inputs or the targets
    ``inputs_not_scaled``        inputs whose root mean square is above 5, or below 0.05
    ``labels``                   labels that the loss refuses, or of which none is 0
    ``loss_is_a_sum``            twice the examples give twice the loss: the rate then depends on
                                 the batch size
    ``softmax_twice``            outputs that are probabilities, but the loss takes the softmax
    ``initial_loss``             a loss at the start far from :math:`\ln C`, that of guessing
                                 among ``C`` classes; in regression, far above the variance
    ``wrong_gradient``           a gradient that is not the slope of the loss
    ``frozen``                   weights that the optimizer does not hold
    ``equal_units``              units that start alike and stay alike, as with weights of zero
    ``no_nonlinearity``          several layers that together are one linear map
    ``dead_units``               ReLUs, more than half of them, that are 0 for every example
    ``saturated_units``          tanh or sigmoid at its limit, more than half of the time
    ``loss_does_not_fall``       a loss that no learning rate lowers
    ``learning_rate_too_large``  a loss that rises, or steps more than half as long as the weights
    ``learning_rate_too_small``  less than 0.5 % of the progress that another rate makes
    ``cannot_overfit``           32 examples that the network cannot learn by heart
    ===========================  =================================================================

    Parameters
    ----------
    model : Module
        Before training, best of all.
    loss : callable
    optimizer : Optimizer
        As you would train with it. Of a schedule its highest rate in the next 1000 steps counts.
    data : tuple (x, y) or DataLoader
        The training examples; up to 512 of them are drawn.
    batch_size : int, default 32
        For the trials of learning rates.
    rng : int or numpy.random.Generator, default 0
        For the examples drawn.

    Returns
    -------
    Checkup
        ``findings``, ``measured`` and ``ok``; print it to read it. ``measured["rates"]`` and
        ``measured["losses"]`` are the learning rates tried and the losses after 20 steps each.

    Notes
    -----
    Labels that belong to other examples are not found: a network learns them by heart, too. Only
    the loss on validation examples shows it.

    The thresholds are rules of thumb. The list follows Karpathy, "A recipe for training neural
    networks" (2019), and Goodfellow, Bengio & Courville, "Deep learning" (2016), section 11.5.
    """
    report = Checkup()
    patient = Patient(model, loss, optimizer, data, batch_size, as_rng(rng), report.measured)
    with np.errstate(all="ignore"):  # a rate that is far too high is part of the examination
        for name, examine in STAGES.items():
            report.stages.append(name)
            report.findings += examine(patient)
            if report.findings:
                break
    return report


class Patient:
    """What is examined: the parts are copied for each trial, and the examples drawn once."""

    def __init__(self, model, loss, optimizer, data, batch_size, rng, measured):
        x, y = (data.x, data.y) if hasattr(data, "x") else data
        x, y = np.asarray(x), np.asarray(y)
        if len(x) != len(y) or len(x) < 2:
            raise ValueError(f"data must be two examples or more, got {len(x)} x and {len(y)} y")
        self.all = x, y
        drawn = rng.permutation(len(x))[:EXAMPLES]
        self.x, self.y = x[drawn], y[drawn]
        self.batch_size, self.measured = batch_size, measured
        self._parts = model, loss, optimizer
        self.classes = None  # of a classification, known once the model has run
        self.peaks = None  # the highest rates of the optimizers, known once they are looked for

    @property
    def classifies(self):
        """Whether the targets are labels."""
        return np.issubdtype(self.y.dtype, np.integer)

    def copy(self):
        """Return copies of the model, the loss and the optimizer that belong together."""
        model, loss, optimizer = copy.deepcopy(self._parts)
        model.train()
        return model, loss, optimizer

    def batches(self, count):
        """Return so many batches, the examples again and again in order."""
        size = min(self.batch_size, len(self.x))
        rows = np.arange(count * size).reshape(count, size) % len(self.x)
        return [(self.x[batch], self.y[batch]) for batch in rows]
