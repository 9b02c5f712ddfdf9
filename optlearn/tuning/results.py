"""What a sweep found: the best setting, how sure that is, and whether the range was too short."""

import math
from numbers import Real

import numpy as np

from .compare import Comparison
from .plain import key
from .table import table

#: The name of the metric where the function returned a number.
NUMBER = "value"


class Results:
    """The runs of a sweep, and fair ways to read them.

    Runs that differ only in ``"seed"`` are one **setting**. Settings are ranked by the mean of a
    metric over their seeds. A run that diverged (its metric is inf or nan) or raised an error
    counts as infinitely bad.

    Parameters
    ----------
    rows : list of dict
        Each with ``"config"``, ``"result"`` (what the function returned, or None) and ``"error"``
        (a text, or None).

    Notes
    -----
    The methods take ``metric``, by default the first that the function returned whose name begins
    with ``"val"``, or else the first; and ``maximize``, by default whether that name ends in
    ``"accuracy"`` or ``"score"``. No method chooses by a metric whose name begins with ``"test"``.
    """

    def __init__(self, rows):
        self.rows = list(rows)

    def __len__(self):
        return len(self.rows)

    def __repr__(self):
        failed = sum(row["error"] is not None for row in self.rows)
        return f"Results({len(self)} runs, {failed} with an error)"

    def best(self, metric=None, *, maximize=None):
        """Return the best setting, as :meth:`settings` describes it.

        Raises
        ------
        ValueError
            If no setting is finite on all of its seeds.
        """
        first = self.settings(metric, maximize=maximize)[0]
        if not math.isfinite(first["mean"]):
            raise ValueError(
                "every setting diverged or failed on some seed: lower the learning rates, or see "
                f"the rows; the first error is {self._first_error()!r}"
            )
        return first

    @property
    def edges(self):
        """Where the best setting lies at the border of its range: ``{"lr": "highest"}``.

        A numeric hyperparameter is held against all values that were tried beside the same
        values of the others that are not numeric, such as the optimizer's name. An empty
        dictionary is what you want; otherwise widen that range before you believe the result.
        See :meth:`split` for the edges of each optimizer.
        """
        return self.best()["edges"]

    def settings(self, metric=None, *, maximize=None):
        """Return all settings, best first.

        Returns
        -------
        list of dict
            ``"config"`` without the seed, ``"mean"``, ``"sd"`` (over seeds; nan for one or if
            any run diverged), ``"n"`` (runs), ``"diverged"`` (how many of them) and ``"edges"``
            (of the best setting of each kind, that is, for equal values that are no numbers).
        """
        metric, maximize = self._ranking(metric, maximize)
        worst = -math.inf if maximize else math.inf
        found = []
        for config, rows in self._groups():
            values = np.array([_value(row, metric, worst) for row in rows])
            lost = int(np.sum(~np.isfinite(values)))
            spread = float(np.std(values, ddof=1)) if len(values) > 1 and not lost else math.nan
            mean = worst if lost else float(np.mean(values))
            found.append(
                {"config": config, "mean": mean, "sd": spread, "n": len(rows), "diverged": lost}
            )
        found.sort(key=lambda one: one["mean"], reverse=maximize)
        _mark_edges(found)
        return found

    def split(self, name):
        """Return the results for each value of a hyperparameter, such as ``"optimizer"``."""
        if not any(name in row["config"] for row in self.rows):
            names = dict.fromkeys(k for row in self.rows for k in row["config"])
            raise ValueError(f"no configuration has {name!r}: there are {', '.join(names)}")
        parts = {}
        for row in self.rows:
            parts.setdefault(row["config"].get(name), []).append(row)
        return {value: Results(rows) for value, rows in parts.items()}

    def values(self, config, metric=None):
        """Return one value a seed of a setting, by seed; also of a metric on test data.

        Parameters
        ----------
        config : dict
            As many of a setting's values as tell it from the others.
        metric : str, optional
        """
        metric = self._metric(metric)
        fitting = [
            rows
            for full, rows in self._groups()
            if all(full.get(k, ()) == config[k] for k in config)
        ]
        if len(fitting) != 1:
            raise ValueError(
                f"{len(fitting)} settings have {config!r}: name values that fit exactly one"
            )
        return {row["config"].get("seed"): _value(row, metric, math.nan) for row in fitting[0]}

    def compare(self, a, b, metric=None):
        """Return the :class:`Comparison` of two settings over the seeds that both have.

        Parameters
        ----------
        a, b : dict
            As in :meth:`values`.
        metric : str, optional

        Raises
        ------
        ValueError
            If fewer than two seeds are shared, or a run diverged: its difference is no number.
        """
        metric = self._metric(metric)
        first, second = self.values(a, metric), self.values(b, metric)
        shared = [seed for seed in first if seed in second and seed is not None]
        if len(shared) < 2:
            raise ValueError(
                f"{len(shared)} seeds are shared: give both settings the same seeds, two or more"
            )
        for config, found in ((a, first), (b, second)):
            lost = [seed for seed in shared if not math.isfinite(found[seed])]
            if lost:
                raise ValueError(f"{config!r} diverged for seeds {lost}: report that instead")
        return Comparison(metric, tuple(first[seed] - second[seed] for seed in shared))

    def table(self, metric=None, *, maximize=None, most=12):
        """Return a text with one line a setting, best first, in at most three digits."""
        metric, maximize = self._ranking(metric, maximize)
        settings = self.settings(metric, maximize=maximize)
        return table(settings, metric, most)

    def _groups(self):
        """Return each setting's configuration without the seed, with its rows."""
        groups = {}
        for row in self.rows:
            config = {k: v for k, v in row["config"].items() if k != "seed"}
            groups.setdefault(key(config), (config, []))[1].append(row)
        return list(groups.values())

    def _ranking(self, metric, maximize):
        """Return the metric to rank by, and whether more of it is better."""
        metric = self._metric(metric)
        if metric.startswith("test"):
            raise ValueError(
                f"{metric!r} may not choose a setting: rank by a validation metric, then read the "
                "test data of the best setting with values(best['config'], metric)"
            )
        if maximize is None:
            maximize = metric.endswith(("accuracy", "score"))
        return metric, maximize

    def _metric(self, metric):
        """Return the name of a metric that the runs have."""
        results = [row["result"] for row in self.rows if row["result"] is not None]
        if not results:
            raise ValueError(f"no run returned a result; the first error: {self._first_error()}")
        names = dict.fromkeys(name for result in results for name in _metrics(result))
        if not names:
            raise ValueError(f"no result holds a number, the first is {results[0]!r}")
        if metric is None:
            return next((name for name in names if name.startswith("val")), next(iter(names)))
        if metric not in names:
            raise ValueError(f"no run has a metric {metric!r}: there are {', '.join(names)}")
        return metric

    def _first_error(self):
        return next((row["error"] for row in self.rows if row["error"] is not None), None)


def _metrics(result):
    """Return the numbers of a result by their names."""
    if isinstance(result, dict):
        return {k: v for k, v in result.items() if _is_number(v)}
    return {NUMBER: result}


def _is_number(value):
    return isinstance(value, Real) and not isinstance(value, bool)


def _value(row, metric, lost):
    """Return the metric of a run, or ``lost`` if the run has an error."""
    if row["error"] is not None:
        return lost
    found = _metrics(row["result"])
    if metric not in found:
        raise ValueError(f"the run {row['config']!r} returned no {metric!r}: {row['result']!r}")
    return float(found[metric])


def _mark_edges(settings):
    """Put into each setting where the best of its kind lies at the border of what was tried."""
    configs = [one["config"] for one in settings]
    names = dict.fromkeys(name for config in configs for name in config)
    numeric = [k for k in names if all(_is_number(c[k]) for c in configs if k in c)]
    kinds = {}
    for one in settings:
        kind = key({k: one["config"].get(k) for k in names if k not in numeric})
        kinds.setdefault(kind, []).append(one)
    for best, *others in kinds.values():
        best["edges"] = {}
        for name in (k for k in numeric if k in best["config"]):
            here = best["config"][name]
            tried = {here, *(other["config"].get(name, here) for other in others)}
            if len(tried) > 1 and here in (min(tried), max(tried)):
                best["edges"][name] = "lowest" if here == min(tried) else "highest"
        for other in others:
            other["edges"] = {}
