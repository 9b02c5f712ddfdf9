"""Judges of claims about how training goes and how long it takes."""

import numpy as np

from .effects import log10, minus


def training_ends_at_a_minimum(result):
    """Return the share of late steps that raised the loss, at a usual rate less at a small one."""
    rises = dict(zip(result["rates"], result["rises"], strict=True))
    return 100 * minus(rises[1.0], rises[0.1]), {
        f"rate {lr:g} instead of 1": 100 * minus(rises[lr], rises[0.1]) for lr in (0.3, 0.5)
    }


def full_batches_are_slow(result):
    """Return the steps of full batches over those of batches of 8."""
    return minus(_decades(result, "tuned", 512), _decades(result, "tuned", 8)), {
        "examples instead of steps": _examples(result, 512, 8)
    }


def mini_batch_is_another_optimizer(result):
    """Return the factor between the steps of two batch sizes at one small rate."""
    apart = np.abs(minus(_decades(result, "same-1", 16), _decades(result, "same-1", 512)))
    tuned = minus(_decades(result, "tuned", 16), _decades(result, "tuned", 512))
    return apart, {"with a learning rate for each size": tuned}


def mini_batches_speed_training_up(result):
    """Return the examples of full batches over those of batches of 16."""
    doubled = minus(_decades(result, "tuned", 256), _decades(result, "tuned", 512))
    return _examples(result, 512, 16), {"steps saved by 512 instead of 256": doubled}


def adaptive_methods_are_faster(result):
    """Return how much of RMSprop's lead is lost by rotating the bowl."""

    def lead(name, bowl):
        return minus(log10(result[f"sgd-{bowl}"]["loss"]), log10(result[f"{name}-{bowl}"]["loss"]))

    return minus(lead("rmsprop", "aligned"), lead("rmsprop", "rotated")), {
        "lead of RMSprop where the axes are aligned": lead("rmsprop", "aligned"),
        "lead of RMSprop where they are rotated": lead("rmsprop", "rotated"),
        "lead of Adagrad where they are rotated": lead("adagrad", "rotated"),
        "lead of momentum where they are rotated": lead("momentum", "rotated"),
    }


def adagrad_dies_by_itself(result):
    """Return how far Adagrad's effective rate fell without noise."""
    return result["adagrad-exact"], {
        "Adagrad, with noise in the gradients": result["adagrad-noise"],
        "RMSprop, with the same noise": result["rmsprop-noise"],
    }


def adam_is_the_best_of_all(result):
    """Return by how much Adam is behind momentum on the rotated bowl."""

    def behind(name, bowl):
        return minus(log10(result[f"adam-{bowl}"]["loss"]), log10(result[f"{name}-{bowl}"]["loss"]))

    return behind("momentum", "rotated"), {
        "behind RMSprop there": behind("rmsprop", "rotated"),
        "behind Adagrad there": behind("adagrad", "rotated"),
        "behind momentum where the axes are aligned": behind("momentum", "aligned"),
    }


def adam_converges_faster(result):
    """Return Adam's lead over SGD on rare tokens in small batches."""
    return _adams_lead(result, "zipf", 16), {
        "batches of 4096": _adams_lead(result, "zipf", 4096),
        "batches of 16, all tokens alike": _adams_lead(result, "uniform", 16),
        "batches of 4096, all tokens alike": _adams_lead(result, "uniform", 4096),
    }


def no_best_optimizer(result):
    """Return the smaller of two leads, each of another optimizer."""
    large, small = _adams_lead(result, "zipf", 4096), _adams_lead(result, "zipf", 16)
    return np.minimum(large, -small), {
        "lead of Adam in batches of 4096": large,
        "lead of SGD in batches of 16": -small,
    }


def hyperparameters_must_be_tuned(result):
    """Return what the rate of batches of 1 costs full batches."""
    return minus(_decades(result, "same-1", 512), _decades(result, "tuned", 512)), {
        "the rate of batch 16 instead": minus(
            _decades(result, "same-16", 512), _decades(result, "tuned", 512)
        )
    }


def learning_rate_is_the_step(result):
    """Return the factor between the steps of Adam and of SGD at one rate."""

    def longer(a, b):
        return minus(log10(result[a]), log10(result[b]))

    return longer("adam-plain", "sgd-plain"), {
        "Adam, the loss times 1000": longer("adam-scaled", "adam-plain"),
        "SGD, the loss times 1000": longer("sgd-scaled", "sgd-plain"),
        "Lion and Adam": longer("lion-plain", "adam-plain"),
    }


def _decades(result, rates, size):
    """Return the steps of a batch size as powers of ten."""
    return log10(result[rates]["steps"][result["sizes"].index(size)])


def _examples(result, large, small):
    """Return by how many powers of ten the examples of two batch sizes differ."""
    steps = minus(_decades(result, "tuned", large), _decades(result, "tuned", small))
    return steps + np.log10(large / small)


def _adams_lead(result, kind, size):
    """Return by how many powers of ten Adam's excess loss is below SGD's."""
    sgd, adam = (result["arms"][f"{kind}-{size}-{name}"]["total"] for name in ("sgd", "adam"))
    return minus(log10(sgd), log10(adam))
