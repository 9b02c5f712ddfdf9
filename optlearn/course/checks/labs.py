"""A laboratory that trains two rivals and writes down every run: what a comparison did is seen."""

from dataclasses import dataclass, field, replace

import numpy as np

from .probe import number, short
from .report import WrongError

#: More runs than any fair comparison here needs.
MOST = 3000
#: Neighbours on the grid may be so many times apart.
GAP = 4.0


@dataclass
class Lab:
    """Two rivals whose accuracy depends on the learning rate, the seed, and the digits.

    Attributes
    ----------
    rivals : tuple of str
    best : tuple of float
        The logarithm (base 10) of the rate that is best on validation data, for each rival.
    top : tuple of float
        The accuracy there, in per cent.
    shift : tuple of float
        How far the best rate on test data lies from that, in powers of ten.
    low, high : float
        The range of rates to begin with.
    seed : int
    """

    rivals: tuple
    best: tuple
    top: tuple
    shift: tuple
    low: float
    high: float
    seed: int
    runs: dict = field(default_factory=dict)

    def train(self, name, lr, seed):
        """Return ``(validation accuracy, test accuracy)`` of one run, in per cent."""
        if name not in self.rivals:
            raise WrongError(f"there is no rival {short(name)}: there are {self.rivals}.")
        lr, seed = number(lr, "the rate"), number(seed, "the seed")
        if not (np.isfinite(lr) and lr > 0):
            raise WrongError(f"a learning rate is above 0, you gave {short(lr)}.")
        if seed != int(seed):
            raise WrongError(f"a seed is a whole number, you gave {short(seed)}.")
        key = name, float(f"{lr:.9g}"), int(seed)
        if key not in self.runs:
            if len(self.runs) >= MOST:
                raise WrongError(f"it asked for more than {MOST} trainings: does it stop?")
            self.runs[key] = self._run(*key)
        return self.runs[key]

    def again(self):
        """Return a laboratory of the same kind in which nothing has been run."""
        return replace(self, runs={})

    def _run(self, name, lr, seed):
        place = self.rivals.index(name)
        common = np.random.default_rng([self.seed, abs(seed), seed < 0]).normal(size=2)
        drawn = [self.seed, abs(seed), seed < 0, place, round(1000 * np.log10(lr)) + 10**6]
        own = np.random.default_rng(drawn).normal(size=2)
        off = np.log10(lr) - self.best[place] - np.array([0.0, self.shift[place]])
        found = self.top[place] - 5 * off**2 + 2.0 * common + 1.4 * own
        return tuple(float(one) for one in np.clip(found, 10, 100))

    # -------------------------------------------------------------------- what was done

    def rates(self, name):
        """Return the rates that were tried for a rival, in order."""
        return sorted({lr for rival, lr, _ in self.runs if rival == name})

    def seeds(self, name, lr):
        return {seed for rival, rate, seed in self.runs if (rival, rate) == (name, lr)}

    def choosing_seeds(self, name):
        """Return the seeds that chose: those that ran with more than one rate."""
        ran = [seed for lr in self.rates(name) for seed in self.seeds(name, lr)]
        return {seed for seed in ran if ran.count(seed) > 1}

    def fresh_seeds(self, name, lr):
        """Return the seeds that ran with this rate alone: they did not choose."""
        return self.seeds(name, lr) - self.choosing_seeds(name)

    def choosing_runs(self, name):
        """Return ``(rate, seed)`` of the runs that chose; all runs where there is one rate only."""
        chose = self.choosing_seeds(name)
        found = [(lr, seed) for rival, lr, seed in self.runs if rival == name]
        return [run for run in found if run[1] in chose] if chose else found

    def scores(self, name, which, reduce=np.mean):
        """Return rate -> accuracy over the seeds that chose; ``which`` is 0 for validation data."""
        values = {}
        for lr, seed in self.choosing_runs(name):
            values.setdefault(lr, []).append(self.runs[name, lr, seed][which])
        return {lr: float(reduce(found)) for lr, found in values.items()}

    def results(self, name, lr, seeds, which=1):
        """Return the accuracies of one rate over these seeds."""
        return np.array([self.train(name, lr, seed)[which] for seed in seeds])


def draw_lab(rng, edge=None):
    """Return a laboratory; ``edge`` puts one rival's best rate beyond that end of the range.

    ``"high"`` does so with the first rival, ``"low"`` with the second.
    """
    low, high = 1e-4, 0.1
    best = np.log10(low) + 3 * rng.uniform((0.3, 0.55), (0.45, 0.7))
    if edge:
        best[int(edge == "low")] = rng.uniform(*{"high": (-0.5, -0.3), "low": (-4.8, -4.6)}[edge])
    names = ["momentum", "adam", "nesterov", "rmsprop", "lion"]
    return Lab(
        tuple(str(name) for name in rng.permutation(names)[:2]),
        tuple(best.tolist()),
        (86.0 + float(rng.choice([-1.5, 0.0, 1.5])), 86.0),
        tuple((0.8 * rng.choice([-1, 1], 2)).tolist()),
        low,
        high,
        int(rng.integers(2**31)),
    )
