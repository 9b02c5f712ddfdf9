"""Training loops: a network over data, or a point over a landscape."""

import json
import os
from pathlib import Path

import numpy as np

from . import landscapes, optim
from .parameters import Parameter, segments


class History:
    """What happened in training.

    Attributes
    ----------
    steps : dict of str to list
        One value a step; ``steps["loss"]`` is the loss of each batch before its update.
    grad_evals : int
        Forward and backward passes, the cost of training in a unit that no machine changes.
    examples : int
        Examples seen, repeats included.
    skipped : int
        Updates left out because a gradient was not finite.
    interrupted : bool
        Whether Ctrl-C ended the training.
    """

    def __init__(self):
        self.epochs = {}
        self.steps = {"loss": []}
        self.grad_evals = self.examples = self.skipped = 0
        self.interrupted = False

    def __getitem__(self, name):
        """Return one value an epoch: ``"loss"``, and with validation ``"val_loss"``, ..."""
        return self.epochs[name]

    def __contains__(self, name):
        return name in self.epochs

    def __repr__(self):
        last = ", ".join(f"{name} {values[-1]:.3g}" for name, values in self.epochs.items())
        return f"History({len(self.epochs.get('loss', ()))} epochs: {last})"


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
        ``loss(out, y) -> float`` with ``loss.backward()``.
    optimizer : Optimizer
        Over ``model.parameters()``.
    loader : DataLoader
        One pass over it is an epoch.
    epochs : int
        At least 1.
    validation : tuple (x, y), optional
        Adds ``"val_loss"`` and, for whole-number labels, ``"val_accuracy"`` to each epoch.
    callbacks : iterable of callable
        Each is called as ``callback(history, model, optimizer)`` after an epoch; one that returns
        ``True`` ends the training. One with a method ``resume(history)`` is told so what happened
        before a training that goes on from a checkpoint.
    clip : float, optional
        Largest norm of the whole gradient.
    accumulate : int, default 1
        Average the gradients of this many batches before each update.
    errors : {"raise", "skip"}, default "raise"
        What to do about a gradient that is not finite: stop and name it, or leave the update out.
    checkpoint : path, optional
        An ``.npz`` file written after each epoch. If it is there at the start, training goes on
        from it and ends where an uninterrupted run would have ended.
    progress : bool, default False
        Show a bar of epochs.

    Raises
    ------
    FloatingPointError
        If a gradient is not finite; the message names the step and the parameter.
    """
    if not isinstance(epochs, int | np.integer) or epochs < 1:
        raise ValueError(f"epochs must be a whole number >= 1, got {epochs!r}")
    if not isinstance(accumulate, int | np.integer) or accumulate < 1:
        raise ValueError(f"accumulate must be a whole number >= 1, got {accumulate!r}")
    if errors not in ("raise", "skip"):
        raise ValueError(f"errors must be 'raise' or 'skip', got {errors!r}")
    history = History()
    if checkpoint is not None and Path(checkpoint).exists():
        _restore(checkpoint, model, optimizer, loader, history, callbacks)
    done = len(history.epochs.get("loss", ()))
    model.train()
    try:
        for _ in _bar(range(done, epochs), progress):
            _epoch(model, loss, optimizer, loader, history, clip, accumulate, errors)
            if validation is not None:
                for name, value in evaluate(model, loss, *validation).items():
                    history.epochs.setdefault(f"val_{name}", []).append(value)
            if checkpoint is not None:
                _save(checkpoint, model, optimizer, loader, history)
            wishes = [callback(history, model, optimizer) for callback in callbacks]
            if any(wishes):
                break
    except KeyboardInterrupt:
        history.interrupted = True
    return history


def evaluate(model, loss, x, y):
    """Return the loss of ``model`` on ``x, y`` and, for whole-number labels, its accuracy."""
    was_training = model.training
    model.eval()
    out, y = model(x), np.asarray(y)
    result = {"loss": loss(out, y)}
    if np.issubdtype(y.dtype, np.integer) and out.ndim == 2:
        result["accuracy"] = float(np.mean(out.argmax(axis=1) == y))
    if was_training:
        model.train()
    return result


def trace(landscape, optimizer, start, steps, **hyper):
    """Return the path of an optimizer over a landscape.

    Parameters
    ----------
    landscape : Landscape or str
    optimizer : str or callable
        A name of ``optim.REGISTRY``, or a factory ``params -> Optimizer``. Hyperparameters that
        are arrays of shape ``(N,)`` give each of ``N`` starts its own value.
    start : array_like
        Shape ``(2,)``, or ``(N, 2)`` for many paths at once.
    steps : int
        Number of updates, 0 or more.
    **hyper
        Hyperparameters for an optimizer given by its name, such as ``lr=0.1``.

    Returns
    -------
    numpy.ndarray of float64
        Shape ``(steps + 1, 2)`` or ``(steps + 1, N, 2)``. A path that diverges goes on as inf or
        nan.
    """
    if isinstance(landscape, str):
        landscape = landscapes.get(landscape)
    start = np.asarray(start, dtype=float)
    if start.ndim not in (1, 2) or start.shape[-1] != 2 or not np.isfinite(start).all():
        raise ValueError(f"start must be finite, of shape (2,) or (N, 2), got {start.tolist()!r}")
    if not isinstance(steps, int | np.integer) or steps < 0:
        raise ValueError(f"steps must be a whole number >= 0, got {steps!r}")
    w = Parameter(start, "w")
    if isinstance(optimizer, str):
        stepper = optim.get(optimizer).make([w], **hyper)
    elif hyper:
        raise TypeError(f"a factory sets its own hyperparameters; drop {', '.join(hyper)}")
    else:
        stepper = optimizer([w])
    path = np.empty((steps + 1, *start.shape))
    path[0] = start
    with np.errstate(all="ignore"):
        for t in range(1, steps + 1):
            w.grad = landscape.gradient(w.data)
            stepper.step()
            path[t] = w.data
    return path


def _epoch(model, loss, optimizer, loader, history, clip, accumulate, errors):
    """Take one pass over the loader."""
    if len(loader) == 0:
        raise ValueError("the loader yields no batch: lower batch_size or set drop_last=False")
    total = examples = 0
    gradients = [g for _, g in segments(optimizer.params)]
    average = _Average(gradients)
    for i, (x, y) in enumerate(loader, start=1):
        with np.errstate(all="ignore"):  # what is not finite is found and named below
            value = loss(model(x), y)
            model.backward(loss.backward())
        history.steps["loss"].append(value)
        history.grad_evals += 1
        history.examples += len(x)
        total, examples = total + value * len(x), examples + len(x)
        if accumulate > 1:
            average.add()
            if average.count < accumulate and i < len(loader):
                continue
            average.write()
        if not _finite(gradients, optimizer, value, errors):
            history.skipped += 1
            continue
        if clip is not None:
            optim.clip_grad_norm(optimizer.params, clip)
        optimizer.step()
    history.epochs.setdefault("loss", []).append(total / examples)


class _Average:
    """The average of the gradients of several batches."""

    def __init__(self, gradients):
        self.gradients, self.count = gradients, 0
        self.sums = [np.zeros_like(g) for g in gradients]

    def add(self):
        self.count += 1
        for total, g in zip(self.sums, self.gradients, strict=True):
            total += g

    def write(self):
        """Put the average in place of the gradients and start again."""
        for total, g in zip(self.sums, self.gradients, strict=True):
            np.divide(total, self.count, out=g)
            total.fill(0)
        self.count = 0


def _finite(gradients, optimizer, value, errors):
    """Tell whether all gradients are finite; raise with the culprit's name if asked to."""
    if np.isfinite(value) and all(np.isfinite(g).all() for g in gradients):
        return True
    if errors == "skip":
        return False
    culprit = next((p.name for p in optimizer.params if not np.isfinite(p.grad).all()), None)
    where = f"the gradient of parameter {culprit!r}" if culprit is not None else "the loss"
    raise FloatingPointError(
        f"step {optimizer.t + 1}: {where} is not finite (loss {value}). Lower the learning rate "
        f"(now {optimizer.lr}), clip the gradient with clip=, or leave such steps out with "
        "errors='skip'."
    )


def _bar(epochs, progress):
    if not progress:
        return epochs
    from tqdm.auto import tqdm

    return tqdm(epochs, desc="epoch")


def _save(path, model, optimizer, loader, history):
    """Write a checkpoint beside ``path`` and then rename it, so that none is ever half written."""
    path = Path(path)
    counts = {k: v for k, v in vars(history).items() if k not in ("epochs", "steps")}
    meta = {"history": counts, "rng": loader.rng.bit_generator.state}
    arrays = {f"model/{k}": v for k, v in model.state_dict().items()}
    arrays |= {f"optimizer/{k}": v for k, v in optimizer.state_dict().items()}
    arrays |= {f"epochs/{k}": v for k, v in history.epochs.items()}
    arrays |= {f"steps/{k}": v for k, v in history.steps.items()}
    beside = path.with_name(path.name + ".part")
    with beside.open("wb") as file:
        np.savez(file, meta=json.dumps(meta), **arrays)
    os.replace(beside, path)


def _restore(path, model, optimizer, loader, history, callbacks):
    """Put everything back as it was when the checkpoint was written."""
    with np.load(path) as file:
        saved = dict(file)
    parts = {"model": {}, "optimizer": {}, "epochs": {}, "steps": {}}
    for key, value in saved.items():
        part, _, name = key.partition("/")
        if name:
            parts[part][name] = value
    model.load_state_dict(parts["model"])
    optimizer.load_state_dict(parts["optimizer"])
    meta = json.loads(str(saved["meta"]))
    vars(history).update(meta["history"])
    history.epochs = {k: v.tolist() for k, v in parts["epochs"].items()}
    history.steps = {k: v.tolist() for k, v in parts["steps"].items()}
    loader.rng.bit_generator.state = meta["rng"]
    for callback in callbacks:
        if hasattr(callback, "resume"):
            callback.resume(history)
