"""Computed runs played back: how learning rates, budgets, seeds and rankings mislead."""

from ..base import choice
from .budget import Budget
from .doctor import Doctor
from .league import League
from .range_test import RangeTest
from .seeds import Seeds

WHAT = {
    "range_test": RangeTest,
    "budget": Budget,
    "seeds": Seeds,
    "league": League,
    "doctor": Doctor,
}


def runs(what, **controls):
    """Return an explorer that plays back runs computed beforehand (:mod:`optlearn.experiments`).

    Parameters
    ----------
    what : {"range_test", "budget", "seeds", "league", "doctor"}
        ``"range_test"``: guess the best rate from range tests, then see it. ``optimizer``
        (``"sgd"`` or ``"adam"``), ``labels`` (``"noisy"`` or ``"clean"``), ``guess`` (from 0.0001
        to 1, default 0.1), ``revealed`` (default False).
        ``"budget"``: ten runs to beat Adam with its default rate. ``optimizer``, ``batch_size``,
        ``lr`` of the next run, ``spent`` (a list of ``[optimizer, batch_size, lr]``).
        ``"seeds"``: how many seeds until a difference may be claimed. ``pair``
        (``"momentum-adam"``, ``"sgd-momentum"`` or ``"sgd-adam"``), ``seeds`` (from 2 to 40,
        default 3), ``first`` (the seed to begin with, from 0 to 39).
        ``"league"``: optimizers by task, and who wins in which range of rates. ``rates``
        (``"narrow"`` or ``"wide"``), ``task`` (whose rates are drawn).
        ``"doctor"``: what is wrong with this training? ``case`` (from 1).
    **controls
        What the controls show first.

    Examples
    --------
    >>> print(runs("seeds", pair="momentum-adam").text().splitlines()[0][:42])
    3 seeds, momentum less Adam: undecided, +0
    """
    choice("what", what, WHAT)
    return WHAT[what](**controls)
