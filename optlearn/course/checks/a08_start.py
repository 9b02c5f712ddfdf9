"""Assignment 08, question 5: plan the weights of a deep start, and a bound for clipping."""

from functools import partial

import numpy as np

from .answers import recognised, several
from .engine import Task, asks
from .probe import call, number, short
from .report import Part, WrongError, grade

#: Layers that a planned start has to get the gradient through, and how much it may change.
DEPTH, KEEPS = 40, 3.0
#: The share of the steps that a bound may touch, and how many times it has to shorten a spike.
TOUCHED, SHORTENS = 0.06, 10
STEPS = 200


def gain(std, fan_in, leak):
    """Return by how much a layer stretches a gradient on average, as a root of mean squares."""
    return std * np.sqrt(fan_in * (1 + leak**2) / 2)


def _norms(rng):
    """Return the norms of the gradient along a training with a few spikes, small and large."""
    found = 10.0 ** rng.uniform(-2, 2) * np.exp(0.25 * rng.normal(size=STEPS))
    spikes = np.geomspace(60, 4000, int(rng.integers(4, 8))) * np.median(found)
    found[rng.choice(STEPS, len(spikes), replace=False)] = spikes
    return found


def _draw_plan(rng):
    fan_in, leak = int(rng.choice([48, 64, 100, 200])), float(rng.choice([0.4, 0.5, 0.6, 0.7]))
    norms = _norms(rng)
    text = (
        f"Your layers: {fan_in} inputs and as many outputs\n"
        f"Your leaky ReLU: slope 1 above 0, and {leak} below\n"
        f"Your log: {STEPS} norms, from {norms.min():.2g} to {norms.max():.3g}, "
        f"half of them below {np.median(norms):.2g}"
    )
    return Task(text, fan_in=fan_in, leak=leak, norms=norms)


def _other(rng, fan_in, leak):
    return Task("", fan_in=fan_in, leak=leak, norms=_norms(rng))


def _reference(fan_in, leak, norms):
    return np.sqrt(2 / ((1 + leak**2) * fan_in)), 3.5 * np.median(norms)


@asks(
    "08.plan",
    "tune",
    draw=_draw_plan,
    reference=_reference,
    hints=(
        "A layer is to leave the length of a gradient alone, on average. Half of the units pass it "
        "whole, the other half a part of it. For the bound: what is usual, what is a spike?",
        "The weights stretch by σ √n, the slopes by √((1 + a²) / 2). Their product is to be 1. "
        "The bound lies between the usual norms and a tenth of the smallest spike.",
        "std = np.sqrt(2 / ((1 + leak**2) * ...)); bound = a few times np.median(norms)",
    ),
)
def plan(function, task, rng):
    """Check ``plan(fan_in, leak, norms) -> (std, bound)``."""
    drawn = [task, _other(rng, 32, 0.0), _other(rng, 500, 1.0), _other(rng, 150, 0.5)]
    names = ("std", "bound")

    def answers(which, test, table):
        found = [several(call(function, o.fan_in, o.leak, o.norms.copy()), names) for o in drawn]
        given = [number(two[which], names[which]) for two in found]
        known = recognised(given, [(o.fan_in, o.leak, o.norms) for o in drawn], table)
        for value, one in zip(given, drawn):
            if not (np.isfinite(value) and value > 0):
                raise WrongError(f"{names[which]} is above 0, you gave {short(value)}.", known)
            test(value, one, known)

    parts = (
        (
            f"weights that bring a gradient through {DEPTH} layers",
            partial(answers, 0, _brings_through, _STDS),
            "What is the mean of the squared slopes, when half of the units are below 0?",
        ),
        (
            "a bound that only spikes meet",
            partial(answers, 1, _meets_spikes, _BOUNDS),
            "How many of the usual steps does your bound touch, and how short is a spike then?",
        ),
    )
    return grade(Part(name, 1, test, think) for name, test, think in parts)


def _brings_through(std, task, known):
    left = gain(std, task.fan_in, task.leak) ** DEPTH
    if not 1 / KEEPS <= left <= KEEPS:
        raise WrongError(
            f"with {task.fan_in} inputs, slope {task.leak} below 0 and your std {short(std)}, "
            f"{DEPTH} layers multiply a gradient by {short(left)}.",
            known,
        )


def _meets_spikes(bound, task, known):
    touched, spike = np.mean(task.norms > bound), task.norms[is_spike(task.norms)].min()
    usual = f"where half of the norms are below {short(np.median(task.norms))}, "
    if touched > TOUCHED:
        raise WrongError(
            f"{usual}your bound {short(bound)} shortens {touched:.0%} of all steps.", known
        )
    if spike < SHORTENS * bound:
        raise WrongError(
            f"{usual}your bound {short(bound)} makes a spike of {short(spike)} only "
            f"{short(max(spike / bound, 1.0))} times shorter.",
            known,
        )


def is_spike(norms):
    """Return which norms are far above the usual ones."""
    return norms > 20 * np.median(norms)


#: (name, formula of the inputs, the slope below 0 and the norms, sentence)
_STDS = (
    (
        "forgets_the_slope_below",
        lambda n, a, norms: np.sqrt(2 / n),
        "This is He's start for a plain ReLU: here the units below 0 pass something as well.",
    ),
    (
        "takes_it_for_linear",
        lambda n, a, norms: np.sqrt(1 / n),
        "This is for tanh and for no activation: half of the units pass only a part.",
    ),
    (
        "forgets_the_square",
        lambda n, a, norms: np.sqrt(2 / ((1 + a) * n)),
        "The slopes enter squared: 1 + a².",
    ),
    (
        "averages_the_slopes",
        lambda n, a, norms: 2 / ((1 + a) * np.sqrt(n)),
        "Take the mean of the squared slopes, not the square of their mean.",
    ),
    (
        "forgets_the_half",
        lambda n, a, norms: np.sqrt(1 / ((1 + a**2) * n)),
        "The 2 is missing: each kind of unit is only one half.",
    ),
    (
        "gives_the_variance",
        lambda n, a, norms: 2 / ((1 + a**2) * n),
        "This is the variance: the std is its root.",
    ),
    (
        "multiplies_by_the_slope",
        lambda n, a, norms: np.sqrt(2 * (1 + a**2) / n),
        "More slope needs smaller weights: divide by 1 + a².",
    ),
    (
        "forgets_the_inputs",
        lambda n, a, norms: np.sqrt(2 / (1 + a**2)),
        "Each output adds up all inputs: divide by their number.",
    ),
    (
        "forgets_the_root_of_the_inputs",
        lambda n, a, norms: np.sqrt(2 / (1 + a**2)) / n,
        "The number of inputs stands under the root, too.",
    ),
)
_BOUNDS = (
    ("takes_the_largest", lambda n, a, norms: np.max(norms), "Nothing is clipped at all."),
    (
        "takes_the_smallest",
        lambda n, a, norms: np.min(norms),
        "Every step is clipped: then only directions are left.",
    ),
    (
        "takes_the_median",
        lambda n, a, norms: np.median(norms),
        "Half of all steps are clipped: the learning rate means something else then.",
    ),
    (
        "takes_the_mean",
        lambda n, a, norms: np.mean(norms),
        "The spikes themselves lift the mean: the median does not mind them.",
    ),
    (
        "takes_a_tenth_of_the_largest",
        lambda n, a, norms: np.max(norms) / 10,
        "The largest spike decides here, and the smaller ones hardly meet the bound.",
    ),
    (
        "adds_deviations",
        lambda n, a, norms: np.mean(norms) + 2 * np.std(norms),
        "Mean and deviation are made by the spikes: look at the usual steps.",
    ),
    (
        "takes_one",
        lambda n, a, norms: 1.0,
        "1 is a common bound, but not for every network: look at the log.",
    ),
)
