"""The stages of a checkup that look at the parts, before anything is trained."""

import math

import numpy as np

from .. import nn
from ..nn.stats import watched
from ..parameters import cast
from .report import Finding


def data(patient):
    """Look at the numbers and the labels."""
    for what, values in zip(("inputs", "targets"), patient.all, strict=True):
        if np.issubdtype(values.dtype, np.inexact) and not np.isfinite(values).all():
            return [Finding("inputs_not_finite", f"nan or inf among the {what}: clean the data.")]
    x, y = patient.x, patient.y
    if np.issubdtype(x.dtype, np.inexact) and x.any():
        size = math.sqrt(np.mean(np.square(x[x != 0], dtype=float)))
        patient.measured["root_mean_square_of_inputs"] = size
        if not 0.05 <= size <= 5:
            return [Finding(
                "inputs_not_scaled",
                f"the inputs have a root mean square of {size:.3g} where they are not 0: shift "
                "and scale them to mean 0 and standard deviation 1 by the training examples.",
            )]  # fmt: skip
    model, loss, _ = patient.copy()
    try:
        out = model(x)
        loss(out, y)
    except (ValueError, TypeError, IndexError) as error:
        least = patient.classifies and patient.all[1].min()
        hint = f" The smallest label is {least}, and classes count from 0." if least else ""
        return [Finding("labels", f"model and loss refuse the data: {error}.{hint}")]
    if patient.classifies:
        patient.classes = out.shape[-1]
        least = patient.all[1].min()
        if least > 0:
            message = f"no label is 0, the smallest is {least}: classes count from 0."
            return [Finding("labels", message)]
    return []


def loss(patient):
    """Look at the loss before training."""
    model, loss, _ = patient.copy()
    model.eval()
    out = model(patient.x)
    start = float(loss(out, patient.y))
    twice = float(loss(np.concatenate([out, out]), np.concatenate([patient.y, patient.y])))
    patient.measured["initial_loss"] = start
    if not math.isfinite(start):
        return [Finding("initial_loss", f"it is {start}: draw smaller weights.")]
    if twice > 1.5 * start:
        return [Finding(
            "loss_is_a_sum",
            f"twice the examples give {twice / start:.3g} times the loss: take the mean over the "
            "batch, or the learning rate has to follow the batch size.",
        )]  # fmt: skip
    if not patient.classifies:
        return _against_variance(patient, start)
    if out.min() >= 0 and np.allclose(out.sum(-1), 1, atol=1e-4):
        return [Finding(
            "softmax_twice",
            "the outputs are probabilities already, and CrossEntropyLoss takes the softmax "
            "itself: give it the numbers before the softmax.",
        )]  # fmt: skip
    guess = math.log(patient.classes)
    patient.measured["loss_of_guessing"] = guess
    if start > guess + 1:
        return [Finding(
            "initial_loss",
            f"{start:.3g} is far above ln {patient.classes} = {guess:.3g}, the loss of guessing: "
            "the network starts out sure and wrong. Draw smaller weights, above all in the last "
            "layer.",
        )]  # fmt: skip
    if start < guess / 2:
        return [Finding(
            "initial_loss",
            f"{start:.3g} is far below ln {patient.classes} = {guess:.3g}, the loss of guessing: "
            "the network has been trained before, or the inputs give the answer away.",
        )]  # fmt: skip
    return []


def _against_variance(patient, start):
    variance = float(np.var(patient.y))
    patient.measured["variance_of_targets"] = variance
    if start <= 3 * variance:
        return []
    return [Finding(
        "initial_loss",
        f"{start:.3g} is far above {variance:.3g}, the variance of the targets: scale them to "
        "mean 0 and standard deviation 1 by the training examples, or draw smaller weights.",
    )]  # fmt: skip


def gradient(patient, eps=1e-6, tolerance=1e-2):
    """Hold each parameter's gradient against the slope of the loss in a random direction."""
    model, loss, _ = patient.copy()
    params = model.parameters()
    cast(params, float)
    x, y = patient.x[:16], patient.y[:16]
    kept, rng = model.state_dict(), np.random.default_rng(0)

    def value(p=None, move=0):
        model.load_state_dict(kept)  # dropout draws the same each time
        if p is not None:
            p.data = p.data + move
        return float(loss(model(x), y))

    value()
    model.backward(loss.backward())
    gradients = [p.grad.copy() for p in params]
    errors = {}
    for p, g in zip(params, gradients, strict=True):
        v = rng.normal(size=p.shape)
        v *= eps / np.linalg.norm(v)
        slope, told = (value(p, v) - value(p, -v)) / 2, float(np.vdot(g, v))
        # Below 1e-10 the difference of two losses is rounding.
        errors[p.name] = abs(slope - told) / max(abs(slope), abs(told), 1e-10 * eps / 1e-6)
    patient.measured["gradient_error"] = worst = max(errors.values())
    if worst <= tolerance:
        return []
    wrong = ", ".join(repr(name) for name, error in errors.items() if error > tolerance)
    return [Finding(
        "wrong_gradient",
        f"the gradient of {wrong} is not the slope of the loss, off by up to {worst:.2g} of it: "
        "look at the backward pass of that layer and of those after it.",
    )]  # fmt: skip


def weights(patient):
    """Look for weights that cannot move, or cannot come apart, and layers that are one."""
    model, loss, optimizer = patient.copy()
    held = {id(p) for p in optimizer.params}
    frozen = [repr(p.name) for p in model.parameters() if id(p) not in held]
    found = []
    if frozen:
        found.append(Finding(
            "frozen",
            f"the optimizer does not hold {', '.join(frozen)}: build it over model.parameters(), "
            "unless this is meant.",
        ))  # fmt: skip
    loss(model(patient.x), patient.y)
    model.backward(loss.backward())
    steepest = max(np.abs(p.grad).max() for p in model.parameters())
    equal = [
        repr(p.name)
        for p in model.parameters()
        if _alike(p.data, np.abs(p.data).max()) and _alike(p.grad, steepest)
    ]
    if equal:
        found.append(Finding(
            "equal_units",
            f"all units of {', '.join(equal)} start alike and have equal gradients, so they stay "
            "alike: draw the weights at random.",
        ))  # fmt: skip
    elif _is_linear(model, patient.x):
        found.append(Finding(
            "no_nonlinearity",
            "the layers together are one linear map: put an activation between them.",
        ))  # fmt: skip
    return found


def _alike(array, size):
    """Tell whether there are several rows, all the same up to rounding in numbers of ``size``."""
    if array.ndim < 2 or len(array) < 2:
        return False
    return float(np.ptp(array, axis=0).max()) <= 1e-4 * size


def _is_linear(model, x):
    """Tell whether a model of several matrices maps the middle of inputs to that of outputs."""
    matrices = sum(p.data.ndim > 1 for p in model.parameters())
    if matrices < 2 or not np.issubdtype(x.dtype, np.inexact):
        return False
    cast(model.parameters(), float)
    model.eval()
    half = len(x) // 2
    one, other = model(x[:half]), model(x[half : 2 * half])
    middle = model((x[:half] + x[half : 2 * half]) / 2)
    if _alike(middle, np.abs(middle).max()):  # one answer for every input is another fault
        return False
    return np.allclose(middle, (one + other) / 2, rtol=1e-6, atol=1e-6 * np.abs(middle).max())


def units(patient):
    """Look for activations that no longer respond."""
    model, *_ = patient.copy()
    with watched(model) as (outputs, _):
        model(patient.x)
    found = []
    for name, module in model.named_modules():
        if module not in outputs:
            continue
        out = outputs[module].reshape(len(patient.x), -1)
        if isinstance(module, nn.ReLU):
            dead = float(np.mean((out == 0).all(axis=0)))
            if dead > 0.5:
                found.append(Finding(
                    "dead_units",
                    f"{dead:.0%} of the units of {name} are 0 for every example and have no "
                    "gradient: raise the biases, or draw other weights (nn.init.he).",
                ))  # fmt: skip
        elif isinstance(module, nn.Tanh | nn.Sigmoid):
            low = -1 if isinstance(module, nn.Tanh) else 0
            limit = float(np.mean((out > 0.99) | (out < low + 0.01)))
            if limit > 0.5:
                found.append(Finding(
                    "saturated_units",
                    f"{limit:.0%} of the outputs of {name} are at their limit, where the slope is "
                    "almost 0: draw smaller weights (nn.init.xavier) or scale the inputs.",
                ))  # fmt: skip
    return found
