"""Which examples the batches of a loop hold: their sizes, each example once, a new order each time.

The walks that are judged here are those of :mod:`.epochs`.
"""

import numpy as np

from .report import Mistake, WrongError


def fits_sizes(walk):
    """Raise WrongError where the batches do not have the sizes that were asked for."""
    job, got = walk.job, walk.sizes
    want = job.sizes(job.drop_last) * job.epochs
    if got != want:
        at = next((i for i, (a, b) in enumerate(zip(got, want)) if a != b), None)
        asked = f"with {job.n} examples, batch size {job.size}, drop_last={job.drop_last}"
        said = f"{asked} and {job.epochs} epochs there are {len(got)} steps, expected {len(want)}."
        if at is not None:
            said = f"{asked}, batch {at + 1} holds {got[at]} examples, expected {want[at]}."
        raise WrongError(said, _known_sizes(job, got))


def _known_sizes(job, got):
    whole, rest = divmod(job.n, job.size)
    together = [job.size] * (job.n * job.epochs // job.size)
    left = job.n * job.epochs % job.size
    count = -(-job.n // job.size)
    table = {
        "reads_everything": [job.n] * job.epochs,
        "forgets_the_epochs": job.sizes(job.drop_last),
        "ignores_drop_last": job.sizes(False) * job.epochs if job.drop_last else None,
        "always_drops_the_last": None if job.drop_last else job.sizes(True) * job.epochs,
        "drops_a_full_batch": None if rest else [job.size] * (whole - 1) * job.epochs,
        "fills_the_last_batch": [job.size] * count * job.epochs,
        "lets_epochs_run_together": together + [left] * (left > 0 and not job.drop_last),
        "splits_evenly": [len(a) for a in np.array_split(range(job.n), count)] * job.epochs,
        "takes_size_for_the_number": [len(a) for a in np.array_split(range(job.n), job.size)]
        * job.epochs,
    }
    name = next((name for name, sizes in table.items() if sizes == got), None)
    return Mistake(name, SIZES[name]) if name else None


SIZES = {
    "reads_everything": "Each step reads all examples: this is full-batch gradient descent.",
    "forgets_the_epochs": "It makes one epoch only: each epoch goes over all examples again.",
    "ignores_drop_last": "drop_last is not used: the smaller batch at the end is still read.",
    "always_drops_the_last": "It always drops the smaller batch at the end, unasked.",
    "drops_a_full_batch": "It drops a last batch that is full: only a smaller one may go.",
    "fills_the_last_batch": "The last batch is filled up: it should hold what is left, no more.",
    "lets_epochs_run_together": "A batch reaches into the next epoch: an epoch ends with its own.",
    "splits_evenly": "The batches share the examples evenly: all but the last should be full.",
    "takes_size_for_the_number": "The batch size is taken for the number of batches.",
}


def reads_once(walks):
    """Raise WrongError where an epoch reads an example twice, or never."""
    for walk in walks:
        for epoch, batches in enumerate(walk.epochs(), 1):
            read, counts = np.unique(np.concatenate(batches), return_counts=True)
            if len(read) < walk.job.n:
                i = int(read[np.argmax(counts)])
                raise WrongError(
                    f"epoch {epoch} reads {len(read)} of the {walk.job.n} examples, and example "
                    f"{i} {int(counts.max())} times.",
                    _known_reading(walks),
                )


def _known_reading(walks):
    sets = [tuple(sorted(batch)) for walk in walks for batch in walk.batches]
    if any(len(set(batch)) < len(batch) for batch in sets):
        name = "draws_with_replacement"
    elif len(set(sets)) <= len(walks):
        name = "always_the_same_batch"
    else:
        name = "draws_each_batch_anew"
    return Mistake(name, READING[name])


READING = {
    "always_the_same_batch": "Every step of an epoch reads the same examples: move on in them.",
    "draws_with_replacement": "An example can be drawn twice: shuffle all, then cut into batches.",
    "draws_each_batch_anew": "Each batch is drawn from all examples: draw one order an epoch.",
}


def shuffles(loop, walks):
    """Raise WrongError unless each epoch has a new order, and it comes from ``rng`` alone."""
    for walk in walks:
        epochs = walk.epochs()
        orders = [np.concatenate(batches).tolist() for batches in epochs]
        plain = list(range(walk.job.n))
        if all(np.ptp(batch) == len(batch) - 1 for batches in epochs for batch in batches):
            _unshuffled("never_shuffles" if orders[0] == plain else "shuffles_only_the_batches")
        if all(order == orders[0] for order in orders):
            _unshuffled("shuffles_once")
        if orders[0] == plain:
            _unshuffled("shuffles_too_late")
        again, other = walk.job.by(loop), walk.job.by(loop, seed=walk.job.seed + 1)
        if _order(again) != _order(walk) or _order(other) == _order(walk):
            _unshuffled("does_not_use_rng")


def _order(walk):
    return [batch.tolist() for batch in walk.batches]


def _unshuffled(name):
    difference, sentence = ORDERS[name]
    raise WrongError(difference, Mistake(name, sentence))


#: name -> (what is seen, what it is)
ORDERS = {
    "never_shuffles": (
        "every epoch reads the examples as 0, 1, 2, ...",
        "Nothing is shuffled: data that are sorted would give one-sided batches.",
    ),
    "shuffles_only_the_batches": (
        "each batch holds neighbours, such as 4, 5, 6, 7.",
        "The same examples always stay together: shuffle the examples, not the batches.",
    ),
    "shuffles_once": (
        "all epochs read the examples in one and the same order.",
        "It is shuffled once, before the epochs: every epoch needs an order of its own.",
    ),
    "shuffles_too_late": (
        "the first epoch reads the examples as 0, 1, 2, ...",
        "It shuffles at the end of an epoch: the first one has to be shuffled too.",
    ),
    "does_not_use_rng": (
        "the order does not follow from `rng`: one seed should give one order, another another.",
        "It draws from somewhere else than `rng`, so nobody can repeat the run.",
    ),
}
