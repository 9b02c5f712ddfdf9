"""Pairs of tokens whose probabilities are known, so that every loss can be known exactly."""

import numpy as np

from ..backend import as_rng
from .synthetic import zipf


class Bigrams:
    """A language of two-token texts: a token, and what follows it.

    Parameters
    ----------
    frequencies : array, shape (V,)
        How often each token comes first; sums to 1.
    following : array, shape (V, V)
        ``following[i, j]`` is the probability of ``j`` after ``i``; rows sum to 1.

    Attributes
    ----------
    table : numpy.ndarray, shape (V, V)
        The probability of each pair; sums to 1.
    entropy : float
        Of what follows, in nats: the least loss that a model can have.
    tokens : numpy.ndarray, shape (V,)
        0 to V - 1, the most frequent first: the input for which a model's output is a table.
    """

    def __init__(self, frequencies, following):
        self.frequencies, self.following = np.asarray(frequencies), np.asarray(following)
        for name, sums in (
            ("frequencies", self.frequencies.sum()),
            ("following", self.following.sum(1)),
        ):
            if not np.allclose(sums, 1) or np.min(getattr(self, name)) < 0:
                raise ValueError(f"{name} must be probabilities that sum to 1, a row each")
        self.table = self.frequencies[:, None] * self.following
        self.tokens = np.arange(len(self.frequencies))
        self.entropy = float(-np.sum(self.table * _log(self.following)))

    def whole(self):
        """Return a loader of one batch ``(tokens, table)``: every pair, for :class:`TableLoss`."""
        return [(self.tokens, self.table)]

    def batches(self, batch_size, steps, rng=None):
        """Return a loader that draws ``steps`` fresh batches in each pass.

        Parameters
        ----------
        batch_size, steps : int
        rng : int or numpy.random.Generator, optional

        Returns
        -------
        iterable of (x, y)
            Whole numbers of shape ``(batch_size,)``: tokens and what followed them, for
            ``CrossEntropyLoss``.
        """
        for name, value in (("batch_size", batch_size), ("steps", steps)):
            if not isinstance(value, int | np.integer) or value < 1:
                raise ValueError(f"{name} must be a whole number >= 1, got {value!r}")
        return _Batches(self.table, batch_size, steps, as_rng(rng))

    def excess(self, logits):
        r"""Return by how much the loss of each token exceeds the entropy, in nats.

        .. math:: \sum_j P_{ij} \left(\log P_{ij} - \log q_{ij}\right)

        with :math:`q` the softmax of row :math:`i`; ``frequencies @ excess(logits)`` is the
        excess of the whole loss, and the rows by themselves tell it by rank.

        Parameters
        ----------
        logits : array, shape (V, V)
            The output of a model for ``tokens``.
        """
        logits = np.asarray(logits, dtype=float)
        if logits.shape != self.table.shape:
            raise ValueError(f"logits must have shape {self.table.shape}, got {logits.shape}")
        return np.sum(self.following * (_log(self.following) - _log_softmax(logits)), axis=1)

    def __repr__(self):
        return f"Bigrams({len(self.tokens)} tokens, entropy {self.entropy:.3g} nats)"


def bigrams(kind="zipf", vocabulary=96, *, rng=0):
    r"""Return a language whose tokens are frequent and rare, or all alike.

    What follows a token is drawn from a row that is four fifths :math:`\text{Dirichlet}(0.05)`,
    which is a handful of tokens, and one fifth uniform. The rows do not depend on ``kind``.

    Parameters
    ----------
    kind : {"zipf", "uniform"}, default "zipf"
        The frequency of token :math:`k = 1, \dots, V`: proportional to :math:`1/k`, or equal.
    vocabulary : int, default 96
        :math:`V`, at least 2.
    rng : int or numpy.random.Generator, default 0

    Returns
    -------
    Bigrams
    """
    if kind not in ("zipf", "uniform"):
        raise ValueError(f"kind must be 'zipf' or 'uniform', got {kind!r}")
    if not isinstance(vocabulary, int | np.integer) or vocabulary < 2:
        raise ValueError(f"vocabulary must be a whole number >= 2, got {vocabulary!r}")
    rows = as_rng(rng).dirichlet(np.full(vocabulary, 0.05), size=vocabulary)
    frequencies = zipf(vocabulary) if kind == "zipf" else np.full(vocabulary, 1 / vocabulary)
    return Bigrams(frequencies, 0.8 * rows + 0.2 / vocabulary)


class TableLoss:
    r"""The exact loss over a table of pairs, :math:`-\sum_{ij} T_{ij} \log q_{ij}`, in nats.

    That is ``CrossEntropyLoss`` over endlessly many pairs: gradient descent on it has no noise.
    The output has the shape of the table, the logits of :math:`q` a row each.
    """

    def __call__(self, out, table):
        if out.shape != np.shape(table):
            raise ValueError(
                f"TableLoss needs logits of the table's shape {np.shape(table)}, got {out.shape}"
            )
        self._log_q, self._table = _log_softmax(out), np.asarray(table, out.dtype)
        return float(-np.sum(self._table * self._log_q))

    def backward(self):
        """Return the gradient with respect to the output."""
        return np.exp(self._log_q) * self._table.sum(axis=1, keepdims=True) - self._table


class _Batches:
    """Draw pairs from a table; every pass draws new ones."""

    def __init__(self, table, batch_size, steps, rng):
        self.vocabulary, self.batch_size, self.steps, self.rng = len(table), batch_size, steps, rng
        self._up_to = np.cumsum(table)  # the probability of a pair or one before it
        self._up_to /= self._up_to[-1]

    def __len__(self):
        """Return the number of batches in a pass."""
        return self.steps

    def __iter__(self):
        for _ in range(self.steps):
            drawn = np.searchsorted(self._up_to, self.rng.random(self.batch_size), side="right")
            yield divmod(drawn, self.vocabulary)


def _log_softmax(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _log(p):
    """Return ``log p``, and 0 for what never happens: it is only weighed with ``p`` itself."""
    return np.log(np.where(p > 0, p, 1))
