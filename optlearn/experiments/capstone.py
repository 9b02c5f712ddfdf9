"""The capstone: beat the practical default with as many trials, on seeds that nobody has seen.

The running task: 300 digits with label noise, network 64-32-10. Each side may try five settings,
no run may see an example more than 30 times, and validation accuracy chooses among them. What is
chosen is measured by test accuracy on the same hidden seeds, so that differences are paired.
"""

import functools
import hashlib
import json
from dataclasses import dataclass

import numpy as np

from .. import datasets, nn, optim, schedules, training, tuning
from .arms import CHOOSING
from .task import BATCH, EPOCHS, examples, network

SIZE = 300
#: How many settings a side may try, and with how many seeds they are chosen and measured.
TRIALS, CHOOSE, HIDDEN = 5, 5, 10
#: What a setting is where it says nothing: the practical default, but for its rate.
USUAL = {
    "optimizer": "adamw", "schedule": "cosine", "warmup": 0.1, "batch_size": BATCH,
    "epochs": EPOCHS,
}  # fmt: skip
#: The settings of the side to beat.
DEFAULT = tuple({"lr": lr} for lr in (0.0003, 0.001, 0.003, 0.01, 0.03))
SCHEDULES = ("constant", "cosine", "linear")


@dataclass(frozen=True, repr=False)
class Contest:
    """Who is ahead, and by how much.

    Attributes
    ----------
    chosen : dict
        The setting of yours that validation data chose.
    default : dict
        That of the practical default.
    accuracy : dict
        Test accuracies in percent, one a hidden seed, by ``"yours"`` and ``"default"``.
    trials : int
        How many settings you tried.
    """

    chosen: dict
    default: dict
    accuracy: dict
    trials: int

    @property
    def comparison(self):
        """Yours less the default in points, a :class:`optlearn.tuning.Comparison`."""
        differences = np.subtract(self.accuracy["yours"], self.accuracy["default"])
        return tuning.Comparison("points", tuple(differences.tolist()))

    @property
    def verdict(self):
        """``"you are ahead"``, ``"the default is ahead"``, or ``"undecided"``."""
        if not self.comparison.differs:
            return "undecided"
        return "you are ahead" if self.comparison.effect > 0 else "the default is ahead"

    def __repr__(self):
        found = self.comparison
        low, high = found.ci95
        yours, default = (np.mean(self.accuracy[side]) for side in ("yours", "default"))
        return "\n".join(
            [
                f"{self.verdict}: {found.effect:+.1f} points, 95 % interval {low:+.1f} to "
                f"{high:+.1f}, over {found.n} hidden seeds",
                f"yours, chosen of {self.trials}: {yours:.1f} % of test digits, with "
                f"{described(self.chosen)}",
                f"the default, chosen of {len(DEFAULT)}: {default:.1f} %, with "
                f"{described(self.default)}",
                f"so many seeds show a difference of {found.smallest_effect:.1f} points "
                "4 times in 5",
            ]
        )


def capstone(*settings):
    """Measure your settings against the practical default, with equal budgets, on hidden seeds.

    Parameters
    ----------
    *settings : dict
        One to five. ``lr`` must be given. By default ``optimizer`` is ``"adamw"``, ``schedule``
        ``"cosine"`` (or ``"linear"``, ``"constant"``), ``warmup`` 0.1 (a share of the steps),
        ``batch_size`` 32 and ``epochs`` 30, which is the most. Anything else is given to the
        optimizer, such as ``weight_decay=0.1``.

    Returns
    -------
    Contest

    Raises
    ------
    ValueError, TypeError
        For more settings or epochs than the budget has, or a setting that cannot be run.

    Notes
    -----
    The hidden seeds are drawn from a hash of the settings: nobody can tune to them, and the same
    settings always get the same seeds. Whoever hands in again and again, a little changed, draws
    lots until one wins: say how often you tried.
    """
    if not 1 <= len(settings) <= TRIALS:
        raise ValueError(
            f"hand in 1 to {TRIALS} settings, the budget of each side: {len(settings)}"
        )
    yours = [complete(setting) for setting in settings]
    chosen = {"yours": _choose(yours), "default": _chosen_default()}
    seeds = hidden(yours)
    accuracy = {
        side: [100 * train({**setting, "seed": seed})["test_accuracy"] for seed in seeds]
        for side, setting in chosen.items()
    }
    return Contest(chosen["yours"], chosen["default"], accuracy, len(yours))


def practise(config):
    """Return the validation accuracy of a setting and a ``seed``, for :func:`tuning.sweep`."""
    return {"validation_accuracy": train(complete(config))["validation_accuracy"]}


def train(config):
    """Return validation and test accuracy of a complete setting and a ``seed``.

    A step whose gradient is not finite is left out: a run that is lost ends at guessing.
    """
    rng = np.random.default_rng(config["seed"])
    model, loss = network(rng), nn.CrossEntropyLoss()
    loader = datasets.DataLoader(*examples(), config["batch_size"], rng=rng)
    opt = _optimizer(config, model.parameters())
    with np.errstate(all="ignore"):
        training.fit(model, loss, opt, loader, config["epochs"], errors="skip")
        return {
            f"{part}_accuracy": training.evaluate(model, loss, *datasets.load("digits", part))[
                "accuracy"
            ]
            for part in ("validation", "test")
        }


def complete(setting):
    """Return a setting with all that it leaves unsaid, or refuse it before anything is run."""
    if "lr" not in setting:
        raise ValueError(f"a setting needs its lr: {setting}")
    full = {**USUAL, **setting}
    full = {k: list(v) if isinstance(v, tuple) else v for k, v in full.items()}
    for name, high in (("epochs", EPOCHS), ("batch_size", SIZE)):
        if not isinstance(full[name], int) or not 1 <= full[name] <= high:
            raise ValueError(
                f"{name} is {full[name]!r}: the budget allows whole numbers from 1 to {high}"
            )
    if full["schedule"] not in SCHEDULES:
        raise ValueError(f"schedule is {full['schedule']!r}: choose one of {', '.join(SCHEDULES)}")
    if not 0 <= full["warmup"] < 1:
        raise ValueError(f"warmup is {full['warmup']!r}: give a share of the steps, from 0 to 1")
    _optimizer(full, network(np.random.default_rng(0)).parameters())
    return full


def hidden(settings):
    """Return the seeds that measure these settings, whatever their order."""
    text = json.dumps(sorted(json.dumps(setting, sort_keys=True) for setting in settings))
    digest = hashlib.sha256(text.encode()).digest()
    return np.random.default_rng(list(digest)).integers(2**31, 2**32, HIDDEN).tolist()


def described(setting):
    """Return a setting in a line: what differs from the usual, the optimizer first."""
    name, rest = setting["optimizer"], [f"lr {setting['lr']:g}"]
    rest += [
        f"{key} {value}"
        for key, value in setting.items()
        if key not in ("optimizer", "lr", "seed") and USUAL.get(key) != value
    ]
    return ", ".join([name, *rest])


def _choose(settings):
    seeds = range(CHOOSING, CHOOSING + CHOOSE)
    runs = tuning.sweep(practise, [{**s, "seed": seed} for s in settings for seed in seeds])
    return runs.best("validation_accuracy")["config"]


@functools.cache
def _chosen_default():
    return _choose([complete(setting) for setting in DEFAULT])


def _optimizer(config, params):
    """Return the optimizer of a complete setting; one that cannot be is refused."""
    own = {k: v for k, v in config.items() if k not in (*USUAL, "seed", "lr")}
    steps = config["epochs"] * -(-SIZE // config["batch_size"])
    warm, peak = round(config["warmup"] * steps), config["lr"]
    lr = {
        "constant": lambda: schedules.warmup(schedules.constant(peak), warm) if warm else peak,
        "cosine": lambda: schedules.cosine(peak, steps, warmup=warm),
        "linear": lambda: schedules.linear(peak, steps, warmup=warm),
    }[config["schedule"]]()
    return optim.get(config["optimizer"]).make(params, lr=lr, **own)
