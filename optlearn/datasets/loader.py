"""The loader that cuts examples into batches."""

import numpy as np

from ..backend import as_rng


class DataLoader:
    """Cut examples into batches; each pass over it is one epoch.

    Parameters
    ----------
    x : array, shape (examples, ...)
    y : array, shape (examples, ...)
    batch_size : int, default 32
        From 1 to the number of examples, which makes gradient descent of it.
    shuffle : bool, default True
        Draw a new order for each epoch.
    drop_last : bool, default False
        Leave out a last batch that is too small.
    rng : int or numpy.random.Generator, optional
        For the order.

    Raises
    ------
    ValueError
        If the data are empty, of unequal length or not finite, or ``batch_size`` does not fit.
    """

    def __init__(self, x, y, batch_size=32, shuffle=True, drop_last=False, rng=None):
        x, y = np.asarray(x), np.asarray(y)
        if x.ndim == 0 or y.ndim == 0 or len(x) != len(y):
            raise ValueError(f"x and y need one row an example, got shapes {x.shape} and {y.shape}")
        if len(x) == 0:
            raise ValueError("the data set is empty: a loader needs at least one example")
        for what, values in (("x", x), ("y", y)):
            if np.issubdtype(values.dtype, np.floating) and not np.isfinite(values).all():
                row = np.argwhere(~np.isfinite(values))[0][0]
                raise ValueError(f"{what} holds a value that is not finite, first in row {row}")
        if not isinstance(batch_size, int | np.integer) or not 1 <= batch_size <= len(x):
            raise ValueError(
                f"batch_size must be a whole number from 1 to {len(x)} (all examples), "
                f"got {batch_size!r}"
            )
        self.x, self.y = x, y
        self.batch_size, self.shuffle, self.drop_last = int(batch_size), shuffle, drop_last
        self.rng = as_rng(rng)

    def __len__(self):
        """Return the number of batches, which is the number of steps in an epoch."""
        whole, rest = divmod(len(self.x), self.batch_size)
        return whole + (1 if rest and not self.drop_last else 0)

    def __iter__(self):
        order = self.rng.permutation(len(self.x)) if self.shuffle else np.arange(len(self.x))
        for i in range(len(self)):
            batch = order[i * self.batch_size : (i + 1) * self.batch_size]
            yield self.x.take(batch, axis=0), self.y.take(batch, axis=0)
