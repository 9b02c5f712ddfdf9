"""The training loop."""

import math
from pathlib import Path

import numpy as np

from .. import optim
from ..backend import to_host
from ..parameters import segments
from . import checkpoint as checkpoints
from .evaluation import averaged, evaluate
from .history import History
from .interrupt import Interrupt


def fit(
    model,
    loss,
    optimizer,
    loader,
    epochs,
    *,
    validation=None,
    callbacks=(),
    clip=None,
    accumulate=1,
    errors="raise",
    checkpoint=None,
    progress=False,
):
    """Train ``model`` and return what happened.

    Parameters
    ----------
    model : Module
    loss : callable
        ``loss(out, y) -> float`` with ``loss.backward()``; the mean over the batch.
    optimizer : Optimizer
        Over ``model.parameters()``, or some of them.
    loader : iterable of (x, y)
        One pass over it is an epoch: a ``DataLoader``, a list of batches, anything with
        ``__iter__``. What can be passed over only once, such as a generator, trains one epoch.
    epochs : int
        At least 1.
    validation : tuple (x, y), optional
        Adds ``"val_loss"`` and, for whole-number labels, ``"val_accuracy"`` to each epoch.
    callbacks : iterable of callable
        Each is called as ``callback(history, model, optimizer)`` after an epoch; one that returns
        ``True`` ends the training. It may have three methods. ``on_step(history, model,
        optimizer)`` is called after each update and can end the training, too.
        ``resume(history)`` is told so what happened before a training that goes on from a
        checkpoint, and returns ``True`` if that is over. ``finish(history, model, optimizer)``
        is called at the end.
    clip : float, optional
        Largest norm of the whole gradient.
    accumulate : int, default 1
        Update once in so many batches, with their mean gradient, each batch counted by its
        examples: the gradient of all of them as one batch. What is left at the end of an epoch
        makes an update of its own.
    errors : {"raise", "skip"}, default "raise"
        What to do about a gradient that is not finite: stop and name it, or leave the update out.
    checkpoint : path, optional
        An ``.npz`` file written after each epoch. If it is there at the start, training goes on
        from it and ends where an uninterrupted run would have ended. The loader's order goes on
        if it has a Generator ``rng``, as ``DataLoader`` does.
    progress : bool, default False
        Show a bar of epochs.

    Returns
    -------
    History
        Ctrl-C ends the training after the step that is running, and the history so far is
        returned; ``history.interrupted`` tells.

    Raises
    ------
    FloatingPointError
        If a gradient is not finite; the message names the step and the parameter. The weights are
        those before that step.
    ValueError
        For an argument out of its range, a loader that yields nothing, or a checkpoint of another
        training; nothing is changed then.
    """
    _check(model, optimizer, loader, epochs, accumulate, errors, checkpoint)
    history, callbacks, over = History(), list(callbacks), False
    if checkpoint is not None and Path(checkpoint).exists():
        checkpoints.restore(checkpoint, model, optimizer, loader, history)
        answers = [hook(history) for hook in _hooks(callbacks, "resume")]
        over = any(answers)
    model.train()
    with Interrupt() as interrupt:
        after_step = [*_hooks(callbacks, "on_step"), interrupt.check]
        steps = _Steps(model, loss, optimizer, history, after_step, clip, accumulate, errors)
        try:
            for _ in _bar(history, 0 if over else epochs, progress):
                over = steps.epoch(loader)
                _validate(model, loss, optimizer, validation, history)
                wishes = [callback(history, model, optimizer) for callback in callbacks]
                if checkpoint is not None:
                    checkpoints.save(checkpoint, model, optimizer, loader, history)
                if over or any(wishes):
                    break
                interrupt.check()
        except KeyboardInterrupt:
            history.interrupted = True
    for hook in _hooks(callbacks, "finish"):
        hook(history, model, optimizer)
    return history


def _validate(model, loss, optimizer, validation, history):
    if validation is None:
        return
    with averaged(optimizer):
        scores = evaluate(model, loss, *validation)
    for name, value in scores.items():
        history.epochs.setdefault(f"val_{name}", []).append(value)


def _check(model, optimizer, loader, epochs, accumulate, errors, checkpoint):
    for name, value in (("epochs", epochs), ("accumulate", accumulate)):
        if not isinstance(value, int | np.integer) or value < 1:
            raise ValueError(f"{name} must be a whole number >= 1, got {value!r}")
    if errors not in ("raise", "skip"):
        raise ValueError(f"errors must be 'raise' or 'skip', got {errors!r}")
    if iter(loader) is loader and (epochs > 1 or checkpoint is not None):
        raise ValueError(
            "the loader can be passed over only once: set epochs=1 without a checkpoint, or pass "
            "a list of batches or a DataLoader"
        )
    own = {id(p) for p in model.parameters()}
    if not any(id(p) in own for p in optimizer.params):
        raise ValueError(
            "the optimizer holds no parameter of the model: build it over model.parameters()"
        )


def _hooks(callbacks, name):
    """Return the methods of this name that callbacks have."""
    return [getattr(callback, name) for callback in callbacks if hasattr(callback, name)]


def _bar(history, epochs, progress):
    """Yield the numbers of the epochs to come, beneath a bar that shows the last values."""
    rest = range(len(history), epochs)
    if not progress:
        yield from rest
        return
    from tqdm.auto import tqdm

    with tqdm(rest, desc="epoch", initial=rest.start, total=epochs) as bar:
        for epoch in bar:
            yield epoch
            bar.set_postfix({name: f"{values[-1]:.3g}" for name, values in history.epochs.items()})


class _Steps:
    """The steps of a training, and what each of them needs."""

    def __init__(self, model, loss, optimizer, history, after, clip, accumulate, errors):
        self.model, self.loss, self.optimizer, self.history = model, loss, optimizer, history
        self.after = after  # what is called after each update
        self.clip, self.accumulate, self.errors = clip, accumulate, errors
        self.gradients = [g for _, g in segments(optimizer.params)]
        self.mean = _Mean(self.gradients)

    def epoch(self, loader):
        """Take one pass over the loader; return whether a callback ends the training."""
        total = examples = 0
        over = False
        for x, y in loader:
            value = self.gradient(x, y)
            total, examples = total + value * len(x), examples + len(x)
            if self.accumulate > 1:
                self.mean.add(len(x))
                if self.mean.batches < self.accumulate:
                    continue
                self.mean.write()
            over = self.update(value, x)
            if over:
                break
        if self.mean.batches:
            self.mean.write()
            over = self.update(value, x)
        if not examples:
            raise ValueError("the loader yields no batch: lower batch_size or set drop_last=False")
        self.history.epochs.setdefault("loss", []).append(total / examples)
        return over

    def gradient(self, x, y):
        """Run forward and backward, and return the loss."""
        with np.errstate(all="ignore"):  # what is not finite is found and named in the update
            value = float(self.loss(self.model(x), y))
            self.model.backward(self.loss.backward())
        self.history.steps["loss"].append(value)
        self.history.grad_evals += 1
        self.history.examples += len(x)
        return value

    def update(self, value, x):
        """Move the weights; return whether a callback ends the training."""
        if not (math.isfinite(value) and all(map(_finite, self.gradients))):
            if self.errors == "raise":
                raise FloatingPointError(self.what_is_not_finite(value, x))
            self.history.skipped += 1
            return False
        if self.clip is not None:
            optim.clip_grad_norm(self.optimizer.params, self.clip)
        self.optimizer.step()
        wishes = [hook(self.history, self.model, self.optimizer) for hook in self.after]
        return any(wishes)

    def what_is_not_finite(self, value, x):
        """Name the step, the culprit and the remedy."""
        params = self.optimizer.params
        culprit = next((p.name for p in params if not np.isfinite(p.grad).all()), None)
        where = f"the gradient of parameter {culprit!r}" if culprit is not None else "the loss"
        found = f"step {self.optimizer.t + 1}: {where} is not finite (loss {value})"
        x = to_host(x)
        if np.issubdtype(x.dtype, np.inexact) and not np.isfinite(x).all():
            row = np.argwhere(~np.isfinite(x))[0][0]
            return f"{found}, and neither is row {row} of the batch: look for nan in the data."
        return (
            f"{found}. Lower the learning rate (now {self.optimizer.lr}), clip the gradient with "
            "clip=, or leave such steps out with errors='skip'."
        )


def _finite(g):
    """Tell whether all entries are finite: if their squares have a finite sum, without a look."""
    with np.errstate(over="ignore", invalid="ignore"):  # a sum too large is looked into
        return math.isfinite(np.dot(g, g)) or bool(np.isfinite(g).all())


class _Mean:
    """The mean of the gradients of several batches, each counted by its examples."""

    def __init__(self, gradients):
        self.gradients, self.sums = gradients, [np.zeros_like(g) for g in gradients]
        self.batches = self.examples = 0

    def add(self, examples):
        self.batches, self.examples = self.batches + 1, self.examples + examples
        for total, g in zip(self.sums, self.gradients, strict=True):
            total += g * g.dtype.type(examples)

    def write(self):
        """Put the mean in place of the gradients and start again."""
        for total, g in zip(self.sums, self.gradients, strict=True):
            np.divide(total, self.examples, out=g)
            total.fill(0)
        self.batches = self.examples = 0
