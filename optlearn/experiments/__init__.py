"""The evidence: experiments as functions of their seeds, with the results of their full runs.

A lesson shows the stored result of an experiment, computed once with all seeds, and runs a slice
of it live. ``optlearn course experiments`` lists the experiments; with names it computes them
anew and stores what they found. ``claims`` is the ledger of what is said about optimizers, judged
by these results.
"""

from . import claims
from .stored import NAMES, Experiment, get

__all__ = ["NAMES", "Experiment", "claims", "get"]
