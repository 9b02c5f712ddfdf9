"""Data sets that come with scikit-learn or from a formula, and the loader that cuts batches.

Nothing is ever downloaded. Every data set has one fixed split into training, validation and test
examples: choose settings on the validation part, and look at the test part once.
"""

from .bigrams import Bigrams, TableLoss, bigrams
from .loader import DataLoader
from .named import NAMES, load
from .noise import label_noise
from .parts import SPLITS
from .synthetic import bag_of_words, copy_task

__all__ = [
    "NAMES",
    "SPLITS",
    "Bigrams",
    "DataLoader",
    "TableLoss",
    "bag_of_words",
    "bigrams",
    "copy_task",
    "label_noise",
    "load",
]
