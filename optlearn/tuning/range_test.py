"""The learning-rate range test."""

import copy
import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class RangeTest:
    """What happened while the learning rate grew.

    Attributes
    ----------
    lrs, losses, smoothed : numpy.ndarray
        One entry a step: the rate, the loss of the batch before the step, and its running mean.
    diverged_at : float or None
        The rate at which the test stopped, because the loss was lost; None if it came to its end.
    """

    lrs: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray
    diverged_at: float | None

    @property
    def steepest(self):
        """A rule of thumb: the rate at which the smoothed loss falls fastest."""
        if len(self.lrs) < 2:
            return float(self.lrs[0])
        slope = np.gradient(self.smoothed, np.log(self.lrs))
        return float(self.lrs[np.argmin(slope)])

    @property
    def tenth(self):
        """A rule of thumb: a tenth of the rate at which the smoothed loss is lowest."""
        return float(self.lrs[np.argmin(self.smoothed)]) / 10


def lr_range_test(
    model, loss, optimizer, loader, *, low=1e-6, high=10.0, steps=100, smoothing=0.9, stop=4.0
):
    r"""Train for a few steps with a growing learning rate, and return what the loss did.

    .. math:: \eta_t = \eta_{low} (\eta_{high} / \eta_{low})^{(t-1)/(T-1)}

    The test works on copies: model, optimizer and loader stay as they are.

    Parameters
    ----------
    model : Module
    loss : callable
    optimizer : Optimizer
        Its state is the start; its learning rate or schedule is not used.
    loader : DataLoader
        Gone over again if it has fewer batches than ``steps``.
    low, high : float, default 1e-6 and 10
        :math:`0 < \eta_{low} < \eta_{high}`.
    steps : int, default 100
        :math:`T \ge 2`.
    smoothing : float, default 0.9
        Weight of the past in the running mean of the loss, in [0, 1); 0 smooths nothing.
    stop : float, default 4
        End once the smoothed loss exceeds its lowest value by this factor, above 1, or is not
        finite.

    Returns
    -------
    RangeTest

    Notes
    -----
    **The two suggestions are rules of thumb:** a training of full length may want several times
    the rate of either, or a fraction. Smith reads off bounds for a rate that cycles, not one
    rate; he lets it grow in a line and watches accuracy. The growth by factors, the running mean
    and the factor 4 are fastai's.

    References
    ----------
    Smith, "Cyclical learning rates for training neural networks", WACV 2017, section 3.3.
    """
    _check(low, high, steps, smoothing, stop)
    model, optimizer, loader = copy.deepcopy((model, optimizer, loader))
    model.train()
    lrs, losses, smoothed, mean = np.geomspace(low, high, steps), [], [], 0.0
    batches = _forever(loader)
    diverged_at = None
    for t, lr in enumerate(lrs.tolist(), start=1):
        x, y = next(batches)
        with np.errstate(all="ignore"):  # it is meant to diverge
            value = loss(model(x), y)
            mean = smoothing * mean + (1 - smoothing) * value
            average = mean / (1 - smoothing**t)
            if not math.isfinite(value) or average > stop * min(smoothed, default=math.inf):
                diverged_at = lr
                break
            losses.append(value)
            smoothed.append(average)
            model.backward(loss.backward())
            optimizer.lr = lr
            optimizer.step()
    if not losses:
        raise ValueError("the loss is not finite before the first step: look at model and data")
    return RangeTest(lrs[: len(losses)], np.array(losses), np.array(smoothed), diverged_at)


def _forever(loader):
    if len(loader) == 0:
        raise ValueError("the loader yields no batch: lower batch_size or set drop_last=False")
    while True:
        yield from loader


def _check(low, high, steps, smoothing, stop):
    if not (math.isfinite(high) and 0 < low < high):
        raise ValueError(f"low and high must be finite with 0 < low < high, got {low} and {high}")
    if not isinstance(steps, int | np.integer) or steps < 2:
        raise ValueError(f"steps must be a whole number >= 2, got {steps!r}")
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing must be in [0, 1), got {smoothing}")
    if not stop > 1:
        raise ValueError(f"stop must be above 1, got {stop}")
