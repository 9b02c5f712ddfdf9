"""The arms of a comparison: each tuned on some seeds, all measured on the same others."""

from .. import tuning

#: Seeds that choose begin here, so that none of them measures.
CHOOSING = 1000


def grid(low, high, per_decade):
    """Return learning rates from ``10**low`` to ``10**high``, evenly in the logarithm."""
    steps = range(round(low * per_decade), round(high * per_decade) + 1)
    return [float(f"{10 ** (k / per_decade):.3g}") for k in steps]


def tune(run, arm, rates, choosing, metrics):
    """Return the best learning rate of an arm by each of some metrics.

    Parameters
    ----------
    run : callable
        ``run({**arm, "lr": lr, "seed": seed})`` returns a dictionary of numbers.
    arm : dict
    rates : list of float
    choosing : int
        How many seeds choose.
    metrics : iterable of str
        More is better where the name ends in ``accuracy``, else less.

    Returns
    -------
    dict
        For each metric the best rate ``"lr"`` and ``"edges"``, which should be empty.
    """
    trials = tuning.sweep(
        run,
        [{**arm, "lr": lr, "seed": CHOOSING + seed} for lr in rates for seed in range(choosing)],
        n_jobs=-1,
    )
    best = {metric: trials.best(metric) for metric in metrics}
    return {
        metric: {"lr": found["config"]["lr"], "edges": found["edges"]}
        for metric, found in best.items()
    }


def measure(run, arm, lr, seeds, metrics):
    """Return lists of one value a seed for each metric of an arm at one learning rate."""
    runs = tuning.sweep(run, [{**arm, "lr": lr, "seed": seed} for seed in range(seeds)], n_jobs=-1)
    return {metric: list(runs.values({}, metric).values()) for metric in metrics}
