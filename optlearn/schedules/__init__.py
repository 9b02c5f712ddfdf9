r"""Learning rates over time: each schedule is called with the step and returns the rate.

Steps count :math:`t = 1, 2, \dots`, so ``schedule(t)`` is the rate of the ``t``-th update: what
PyTorch's scheduler holds after ``t - 1`` calls of its ``step``, and Optax returns for count
``t - 1``. A schedule of ``steps`` steps is at its final value from step ``steps + 1`` on and stays
there (``one_cycle`` is there at step ``steps`` already); one without ``steps`` has no end.

The names are lower-case classes, used like functions: ``SGD(params, lr=cosine(0.1, 100))``. Their
objects compare equal, can be pickled and sent to other processes, and print as they were made.
A function of your own, ``t -> lr``, serves an optimizer just as well.
"""

from .combine import chain, warmup
from .curves import constant, cosine, exponential, inverse_sqrt, linear, step_decay
from .cycle import one_cycle
from .plateau import ReduceOnPlateau

__all__ = [
    "ReduceOnPlateau",
    "chain",
    "constant",
    "cosine",
    "exponential",
    "inverse_sqrt",
    "linear",
    "one_cycle",
    "step_decay",
    "warmup",
]
