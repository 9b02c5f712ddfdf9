"""The stages of a checkup that train copies for a few steps."""

import numpy as np

from .evaluation import averaged, evaluate
from .loop import fit
from .report import Finding

#: Around the rate of the optimizer, two to a power of ten.
FACTORS = 10.0 ** (np.arange(-6, 7) / 2)
STEPS = 20


def learning_rate(patient):
    """Train with rates around that of the optimizer."""
    *_, optimizer = patient.copy()
    patient.peaks = _peaks(optimizer)
    peak, own = max(patient.peaks), len(FACTORS) // 2
    start = _loss(patient, *patient.copy())
    trials = [_trial(patient, factor) for factor in FACTORS]
    losses = np.array([loss for loss, _ in trials])
    best = int(np.argmin(losses))
    rising = FACTORS[best:][losses[best:] > start]
    patient.measured |= {
        "learning_rate": peak,
        "rate_where_the_loss_falls_fastest": float(peak * FACTORS[best]),
        "rate_from_which_it_rises": float(peak * rising[0]) if len(rising) else np.inf,
        "update_ratio": float(np.median(trials[own][1])),
        "rates": peak * FACTORS,
        "losses": losses,
    }
    return _judge(start, losses[own], losses[best], max(trials[own][1]), patient.measured)


def _judge(start, loss, least, longest, measured):
    """Compare the loss before and after with the least of all rates, and look at the steps."""
    rate, best = measured["learning_rate"], measured["rate_where_the_loss_falls_fastest"]
    if least >= start:
        low, *_, high = measured["rates"]
        return [Finding(
            "loss_does_not_fall",
            f"no learning rate from {low:.1g} to {high:.1g} lowers the loss in {STEPS} steps: does "
            "the optimizer climb (maximize=True)?",
        )]  # fmt: skip
    advice = f"it falls fastest with {best:.1g}."
    if loss >= start:
        return [Finding(
            "learning_rate_too_large",
            f"with {rate:.3g} the loss goes from {start:.3g} to {loss:.3g} in {STEPS} steps; "
            + advice,
        )]  # fmt: skip
    if longest > 0.5:
        return [Finding(
            "learning_rate_too_large",
            f"with {rate:.3g} a step is {longest:.2g} times as long as the weights that it moves, "
            f"and about 0.001 times is usual. As to the loss, {advice}",
        )]  # fmt: skip
    progress = (start - loss) / (start - least)
    if progress < 0.005:
        return [Finding(
            "learning_rate_too_small",
            f"with {rate:.3g} the loss makes {progress:.2%} of the progress in {STEPS} steps that "
            f"it makes at its best; {advice}",
        )]  # fmt: skip
    return []


def overfit(patient):
    """Learn up to 32 different examples by heart, with the rate that was best and lower ones."""
    _, first = np.unique(patient.x, axis=0, return_index=True)
    few = np.sort(first)[:32]
    x, y = patient.x[few], patient.y[few]
    rates = patient.measured["rates"]
    best = int(np.argmin(patient.measured["losses"]))
    least = np.inf
    for i in range(best, max(best - 3, -1), -1):
        least = min(least, _memorise(patient, FACTORS[i], x, y))
        patient.measured["loss_on_32_examples"] = least
        if least <= _enough(patient, y):
            return []
    return [Finding(
        "cannot_overfit",
        f"after 300 steps on {len(x)} examples, with rates around {rates[best]:.1g}, the loss is "
        f"still {least:.3g}: the network is too small for them, or information is lost on its way "
        "from input to loss.",
    )]  # fmt: skip


def _children(optimizer):
    """Return the optimizers that a joint one consists of."""
    return getattr(optimizer, "children", [optimizer])


def _peaks(optimizer):
    """Return the highest rate of the next 1000 steps, one a child; the optimizer is used up."""
    peaks = []
    for child in _children(optimizer):
        rates = []
        for t in range(child.t, child.t + 1000):
            child.t = t
            rates.append(float(np.max(child.lr)))
        peaks.append(max(rates))
    return peaks


def _at_rate(patient, factor):
    """Return copies whose optimizer has so many times its highest rate."""
    model, loss, optimizer = patient.copy()
    for child, peak in zip(_children(optimizer), patient.peaks, strict=True):
        child.lr = peak * factor
    return model, loss, optimizer


def _trial(patient, factor):
    """Train for a few steps; return the loss then, and each step's length beside the weights."""
    parts = _at_rate(patient, factor)
    ratios = _Ratios(parts[0])
    fit(*parts, patient.batches(STEPS), 1, callbacks=[ratios], errors="skip")
    return _loss(patient, *parts), ratios.largest or [0.0]


def _memorise(patient, factor, x, y):
    """Train on a few examples for up to 300 steps; return the least loss on them."""
    parts = _at_rate(patient, factor)

    def enough(history, model, optimizer):
        return history["val_loss"][-1] <= _enough(patient, y)

    history = fit(*parts, [(x, y)] * 25, 12, validation=(x, y), callbacks=[enough], errors="skip")
    return float(np.nanmin([np.inf, *history["val_loss"]]))


def _enough(patient, y):
    """Return the loss at which a few examples count as learned: a tenth of that of guessing."""
    return 0.1 * (np.log(patient.classes) if patient.classifies else float(np.var(y)))


def _loss(patient, model, loss, optimizer):
    with averaged(optimizer):
        value = evaluate(model, loss, patient.x, patient.y)["loss"]
    return value if np.isfinite(value) else np.inf


class _Ratios:
    """Measure how far each step moves a weight matrix, as a share of its length."""

    def __init__(self, model):
        self.matrices = [p for p in model.parameters() if p.data.ndim > 1 and p.data.any()]
        self.before, self.largest = [p.data.copy() for p in self.matrices], []

    def __call__(self, history, model, optimizer):
        """Do nothing after an epoch."""

    def on_step(self, history, model, optimizer):
        now = [p.data.copy() for p in self.matrices]
        pairs = zip(self.before, now, strict=True)
        shares = [np.linalg.norm(new - old) / np.linalg.norm(old) for old, new in pairs]
        self.before = now
        self.largest.append(max(shares, default=0.0))
