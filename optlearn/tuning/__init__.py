"""Try many settings, keep what is finished, and judge fairly: sweeps, and the range test."""

from .compare import Comparison
from .range_test import RangeTest, lr_range_test
from .results import Results
from .sweep import sweep

__all__ = ["Comparison", "RangeTest", "Results", "lr_range_test", "sweep"]
