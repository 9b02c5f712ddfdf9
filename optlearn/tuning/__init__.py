"""Try many settings, keep what is finished, and judge fairly: sweeps, and the range test."""

from .compare import Comparison
from .engine import sweep
from .range_test import RangeTest, lr_range_test
from .results import Results

__all__ = ["Comparison", "RangeTest", "Results", "lr_range_test", "sweep"]
