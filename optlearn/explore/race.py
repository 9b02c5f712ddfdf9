"""The race: eight optimizers from one start, and the rate that makes a favourite win."""

import numpy as np

from . import ground, runners
from .trajectory import Trajectory

RACERS = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "lion"]
#: Landscapes among which each of the eight wins somewhere under one shared learning rate.
COURSES = ["rotated_quadratic", "ravine", "rosenbrock", "beale", "himmelblau", "double_well"]


def race(landscape=None, *, lr=None, shared=True, favourite=None, learner=0, steps=150, **settings):
    """Return a race of eight optimizers: change the rate or the landscape until yours wins.

    Whoever ends at least twice as low as every other wins outright. The eight are gradient
    descent, momentum, Nesterov, Adagrad, RMSprop, Adadelta, Adam and Lion, at their usual settings.

    Parameters
    ----------
    landscape : str or Landscape, optional
        By default drawn from ``learner`` among six.
    lr : float, optional
        The learning rate of all; by default drawn from ``learner`` between 0.001 and 0.1.
    shared : bool, default True
        One learning rate for all. If False, each gets the one of 11 with which it ends lowest on
        this landscape from this start: a fair race, as far as that goes.
    favourite : str, optional
        Who ought to win.
    learner : int, default 0
        A number of the learner's own, from which the first landscape and rate are drawn.
    steps : int, default 150
        From 1 to 1000.
    **settings
        The landscape's own, as in :func:`trajectory`.

    Examples
    --------
    >>> print(race("ravine", lr=0.03).text().splitlines()[0])
    ravine, one shared learning rate, 0.03, 150 steps: RMSprop wins, over 1000 times lower than Nesterov momentum
    """  # noqa: E501
    rng = np.random.default_rng(learner)
    place, rate = rng.choice(COURSES), rng.choice([0.001, 0.003, 0.01, 0.03, 0.1])
    surface, settings = ground.resolve(str(place) if landscape is None else landscape, settings)
    explorer = Trajectory(
        surface, settings, optimizers=RACERS, racing=True, shared=True, favourite=favourite,
        lr=float(rate) if lr is None else lr, momentum=0.9, steps=steps, start=surface.start,
        noise=0.0, seed=0, loss_scale=1, arrows=False, basins=False, own={},
    )  # fmt: skip
    if favourite is not None:
        explorer.optimizer = favourite
    if not shared:
        run = surface.start, explorer.steps
        explorer.own = {
            name: {"lr": runners.tuned(surface, name, *run, explorer.hyper(name))}
            for name in RACERS
        }
        explorer.shared = False
    return explorer
