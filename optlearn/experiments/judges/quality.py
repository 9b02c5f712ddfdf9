"""Judges of claims about what training leads to."""

import numpy as np

from .effects import log10, minus, points


def lower_training_loss_means_better(result):
    """Return how far the test loss rose after the best epoch."""
    fitted = result["adam-noisy-fitted"]
    rise = minus(fitted["end_test_loss"], fitted["stopped_test_loss"])
    fall = minus(fitted["end_train_loss"], fitted["stopped_train_loss"])
    return rise, {"training loss, over the same epochs": fall}


def adam_needs_no_tuning(result):
    """Return the accuracy that Adam's default rate loses to a tuned one."""

    def lost(labels):
        tuned, default = result[f"adam-{labels}-end"], result[f"adam-{labels}-default"]
        return points(tuned["end_test_accuracy"], default["end_test_accuracy"])

    return lost("clean"), {"with a fifth of the labels wrong": lost("noisy")}


def adaptive_methods_generalise_worse(result):
    """Return how far Adam's test accuracy is behind gradient descent's."""

    def behind(name):
        return points(result["sgd"]["accuracy"], result[name]["accuracy"])

    return behind("adam"), {
        "Adagrad instead of Adam": behind("adagrad"),
        "Adam with eps = 1000, which makes it momentum": behind("adam-large-eps"),
    }


def tuning_prevents_overfitting(result):
    """Return what a rate chosen on validation data gains over one that fits best."""

    def accuracy(how, when):
        return result[f"adam-noisy-{how}"][f"{when}_test_accuracy"]

    return points(accuracy("end", "end"), accuracy("fitted", "end")), {
        "early stopping, at the rate that fits best": points(
            accuracy("fitted", "stopped"), accuracy("fitted", "end")
        ),
        "early stopping, where both rates are tuned": points(
            accuracy("stopped", "stopped"), accuracy("end", "end")
        ),
    }


def architecture_decides(result):
    """Return what following the habit for both networks gains over the reverse."""

    def habit(schedule, metric="test_accuracy"):
        cnn = points(*(result[f"cnn-{schedule}-{o}"][metric] for o in ("momentum", "adam")))
        rnn = points(*(result[f"rnn-{schedule}-{o}"][metric] for o in ("adam", "momentum")))
        return cnn, rnn

    (cnn, rnn), (cnn_constant, rnn_constant) = habit("cosine"), habit("constant")
    return (cnn + rnn) / 2, {
        "CNN alone: SGD with momentum minus Adam": cnn,
        "RNN alone: Adam minus SGD with momentum": rnn,
        "CNN, constant rates": cnn_constant,
        "RNN, constant rates": rnn_constant,
    }


def local_minima_trap(result):
    """Return the share of starts that stay stuck in a network of 16 hidden units."""
    stuck = {width: 100 - _solved(result, width, "relu", "sgd") for width in (2, 4, 16)}
    return stuck[16], {f"{width} hidden units": stuck[width] for width in (2, 4)}


def noise_hurts_optimizers(result):
    """Return what the noise of small batches costs in test accuracy."""

    def accuracy(name):
        return result[f"{name}-end"]["end_test_accuracy"]

    labels = {
        name: points(accuracy(f"{name}-clean"), accuracy(f"{name}-noisy"))
        for name in ("sgd", "adam")
    }
    return points(accuracy("sgd-clean-full"), accuracy("sgd-clean")), {
        "a fifth of the labels wrong, under SGD": labels["sgd"],
        "the same under Adam": labels["adam"],
        "Adam's loss by them minus SGD's": labels["adam"] - labels["sgd"],
    }


def vanishing_is_the_optimizers_fault(result):
    """Return how far Adam's rescue of the sigmoid network falls short of tanh."""

    def accuracy(name):
        return result[name]["test_accuracy"]

    return points(accuracy("tanh-momentum"), accuracy("sigmoid-adam")), {
        "gained by Adam on the sigmoid network": points(
            accuracy("sigmoid-adam"), accuracy("sigmoid-momentum")
        ),
        "gained by Adam on the tanh network": points(
            accuracy("tanh-adam"), accuracy("tanh-momentum")
        ),
    }


def layer_wise_optimizers(result):
    """Return what Muon for the matrices and Adam for the biases gains over Adam for all."""

    def gain(name):
        return points(result[name]["test_accuracy"], result["adam"]["test_accuracy"])

    def lead(name):
        return minus(log10(result["adam"]["train_loss"]), log10(result[name]["train_loss"]))

    return gain("muon-adam"), {
        "Adam for the last layer, SGD with momentum for the rest": gain("sgd-adam"),
        "lead of Muon and Adam in training loss, in powers of ten": lead("muon-adam"),
        "lead of SGD and Adam in training loss, in powers of ten": lead("sgd-adam"),
    }


def trying_all_is_gambling(result):
    """Return what the winner of ten blind trials gains over one of them."""

    def gain(labels, over):
        return points(result[labels]["winner"], result[labels][over])

    return gain("noisy", "first"), {
        "over Adam's default": gain("noisy", "default"),
        "over one trial, with all labels right": gain("clean", "first"),
        "over Adam's default, with all labels right": gain("clean", "default"),
    }


def big_batches_need_lars(result):
    """Return what LAMB gains over Adam in test accuracy."""

    def gain(special, usual):
        return points(result[special]["test_accuracy"], result[usual]["test_accuracy"])

    def lead(special, usual):
        return minus(log10(result[usual]["train_loss"]), log10(result[special]["train_loss"]))

    return gain("lamb", "adam"), {
        "LARS over momentum": gain("lars", "momentum"),
        "LAMB's lead over Adam in training loss, in powers of ten": lead("lamb", "adam"),
        "LARS's lead over momentum in training loss, in powers of ten": lead("lars", "momentum"),
    }


def optimizers_escape_local_minima(result):
    """Return the starts that Adam gained over gradient descent, less those that it lost."""
    return _paired(result, 3, "relu", "adam"), {
        "2 hidden units": _paired(result, 2, "relu", "adam"),
        "4 hidden units": _paired(result, 4, "relu", "adam"),
        "3 hidden units with tanh": _paired(result, 3, "tanh", "adam"),
    }


def small_batches_generalise(result):
    """Return what small batches gain in test accuracy over full ones."""
    small, full = (result[f"sgd-clean{size}-end"]["end_test_accuracy"] for size in ("", "-full"))
    return points(small, full), {}


def _cell(result, width, activation, optimizer):
    wanted = {"width": width, "activation": activation, "optimizer": optimizer}
    return next(cell for cell in result["cells"] if wanted.items() <= cell.items())


def _solved(result, width, activation, optimizer):
    """Return 100 for each start that was solved and 0 for the others."""
    solved = _cell(result, width, activation, optimizer)["solved"]
    return np.where(np.arange(result["starts"]) < solved, 100.0, 0.0)


def _paired(result, width, activation, optimizer):
    """Return 100 for each start that only this optimizer solved, -100 if only the other did."""
    cell = _cell(result, width, activation, optimizer)
    same = result["starts"] - cell["gained"] - cell["lost"]
    return np.repeat([100.0, -100.0, 0.0], [cell["gained"], cell["lost"], same])
