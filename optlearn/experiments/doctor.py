"""Broken trainings, each with one planted fault, and a sound one to know them by."""

from dataclasses import dataclass

import numpy as np

from .. import datasets, nn, training
from ..nn.stats import watched
from .stored import experiment
from .task import examples, optimizer


@dataclass(frozen=True)
class Case:
    """A training and what is wrong with it; what is not given is sound."""

    lr: float = 0.2
    optimizer: str = "sgd"
    batch: int = 32
    epochs: int = 30
    count: int = 300
    shuffle: bool = True
    width: int = 32
    weight_decay: float = 0.0
    momentum: float | None = None
    fault: str = ""


#: By what was planted.
CASES = {
    "sound": Case(),
    "rate-too-high": Case(lr=3.0),
    "rate-too-low": Case(lr=1e-3),
    "sorted": Case(fault="sorted", shuffle=False),
    "labels-misaligned": Case(fault="misaligned", epochs=60),
    "equal-start": Case(fault="equal"),
    "dead-units": Case(fault="dead"),
    "overfitting": Case(count=50, optimizer="adam", lr=0.01, epochs=60),
    "decay-too-strong": Case(weight_decay=0.1),
    "gradients-pile-up": Case(fault="pile"),
    "adagrad-died": Case(fault="noise", optimizer="adagrad", lr=0.01, batch=4),
    "momentum-too-high": Case(optimizer="momentum", momentum=0.99),
    "loss-summed": Case(fault="sum"),
    "leak": Case(fault="leak", optimizer="adam", lr=0.01),
    "tiny-batch-norm": Case(fault="batch-norm", lr=0.1, batch=4, epochs=10),
    "gradient-explodes": Case(fault="recurrent", lr=0.05, epochs=40),
    "inputs-not-scaled": Case(fault="pixels"),
}


@experiment(seed=0, rtol=0.25)
def cases(seed):
    """Return the curves and some findings of each training, an entry an epoch.

    A network 64-32-10 learns 300 digits by plain SGD, unless the fault says otherwise.
    ``update`` is the median over an epoch of how far a step moves the weights, as a share of their
    length; ``gradient`` the median norm of the gradient; ``batches`` the loss of each batch in the
    last epoch.
    """
    return {name: _train(case, np.random.default_rng(seed)) for name, case in CASES.items()}


def _train(case, rng):
    model, loss = _model(case, rng), _loss(case)
    x, y, parts = _data(case, rng)
    loader = datasets.DataLoader(x, y, case.batch, shuffle=case.shuffle, rng=rng)
    opt = optimizer(case.optimizer, model.parameters(), case.lr)
    opt.weight_decay = case.weight_decay
    opt.momentum = case.momentum or getattr(opt, "momentum", None)
    curves = {k: [] for k in ("loss", "val_loss", "accuracy", "val_accuracy", "update", "gradient")}
    kept = [np.zeros_like(p.grad) for p in model.parameters()]
    first = float(loss(model(x[:32]), y[:32]))
    with np.errstate(all="ignore"):
        for _ in range(case.epochs):
            batches, updates, norms = _epoch(case, model, loss, opt, loader, rng, kept)
            curves["loss"].append(np.mean(batches))
            curves["update"].append(np.median(updates))
            curves["gradient"].append(np.median(norms))
            curves["accuracy"].append(_score(model, x, y)["accuracy"])
            for name, value in _score(model, *parts["validation"]).items():
                curves[f"val_{name}"].append(value)
        test = _score(model, *parts["test"])["accuracy"]
        on, distinct = _units(model, x)
    short = {k: [float(f"{v:.4g}") for v in values] for k, values in curves.items()}
    return {**short, "batches": [float(f"{v:.4g}") for v in batches], "first": first,
            "test": test, "units_on": on, "units_distinct": distinct}  # fmt: skip


def _epoch(case, model, loss, opt, loader, rng, kept):
    batches, updates, norms = [], [], []
    params = model.parameters()
    for x, y in loader:
        batches.append(float(loss(model(x), y)))
        model.backward(loss.backward())
        for p, g in zip(params, kept, strict=True):
            if case.fault == "pile":
                g += p.grad
                p.grad = g
            if case.fault == "noise":
                p.grad = p.grad + 0.3 * rng.normal(size=p.shape)
        norms.append(np.sqrt(sum(float(np.sum(p.grad**2)) for p in params)))
        before = np.concatenate([p.data.ravel() for p in params])
        opt.step()
        after = np.concatenate([p.data.ravel() for p in params])
        updates.append(np.linalg.norm(after - before) / np.linalg.norm(before))
    return batches, updates, norms


def _model(case, rng):
    how = {"rng": rng, "dtype": float}
    if case.fault == "recurrent":
        big = nn.init.orthogonal()
        return nn.Sequential(
            nn.RNN(2, case.width, nonlinearity="relu", last=True, weight_init=big, **how),
            nn.Linear(case.width, 10, **how),
        )
    layers = [nn.Linear(64, case.width, **how), nn.ReLU(), nn.Linear(case.width, 10, **how)]
    if case.fault == "batch-norm":
        layers.insert(1, nn.BatchNorm(case.width, dtype=float))
    if case.fault == "equal":
        for layer in (layers[0], layers[-1]):
            for p in layer.parameters():
                p.data = np.full(p.shape, 0.05)
    if case.fault == "dead":
        layers[0].parameters()[1].data = np.full(case.width, -8.0)
    return nn.Sequential(*layers)


def _loss(case):
    return _Sum() if case.fault == "sum" else nn.CrossEntropyLoss()


class _Sum(nn.CrossEntropyLoss):
    """The loss added up over the batch instead of averaged."""

    def __call__(self, out, y):
        self.count = len(y)
        return super().__call__(out, y) * self.count

    def backward(self):
        return super().backward() * self.count


def _data(case, rng):
    x, y = (part[: case.count] for part in examples("clean"))
    parts = {name: datasets.load("digits", name) for name in ("validation", "test")}
    if case.fault == "sorted":
        order = np.argsort(y, kind="stable")
        x, y = x[order], y[order]
    if case.fault == "misaligned":
        y = rng.permutation(y)
    if case.fault == "leak":
        parts["validation"] = x[:100], y[:100]
    if case.fault == "pixels":
        x = 255 * x
        parts = {name: (255 * a, b) for name, (a, b) in parts.items()}
    if case.fault == "recurrent":
        x = x.reshape(-1, 32, 2)
        parts = {name: (a.reshape(-1, 32, 2), b) for name, (a, b) in parts.items()}
    return x, y, parts


def _score(model, x, y):
    return training.evaluate(model, nn.CrossEntropyLoss(), x, y)


def _units(model, x):
    """Return the shares of hidden units that are on for some example, and that differ."""
    with watched(model) as (outputs, _):
        model(x)
    found = [out for module, out in outputs.items() if isinstance(module, nn.ReLU | nn.RNN)]
    out = found[0].reshape(-1, found[0].shape[-1])
    different = len(np.unique(np.round(out, 9), axis=1).T)
    return float(np.mean((out > 0).any(axis=0))), different / out.shape[1]
