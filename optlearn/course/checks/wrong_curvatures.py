"""The classic mistakes in a product with a Hessian, and in power iteration."""

from functools import partial

import numpy as np

from .curvatures import EPS, power, product


def _difference(gradient, w, v, eps):
    return gradient(w + eps * v) - gradient(w - eps * v)


#: (name, sentence, product)
WRONG_PRODUCTS = (
    (
        "forgets_to_divide",
        "The difference of the gradients is not divided by the length of the way between.",
        _difference,
    ),
    (
        "divides_by_half_the_way",
        "The two places lie 2 eps apart: divide by 2 * eps.",
        lambda g, w, v, eps: _difference(g, w, v, eps) / eps,
    ),
    (
        "multiplies_by_half",
        "Mind the brackets: / 2 * eps multiplies by eps. Write / (2 * eps).",
        lambda g, w, v, eps: _difference(g, w, v, eps) / 2 * eps,
    ),
    (
        "halves_a_single_step",
        "From w to w + eps v the way is eps long, not 2 eps.",
        lambda g, w, v, eps: (g(w + eps * v) - g(w)) / (2 * eps),
    ),
    (
        "forgets_the_second_gradient",
        "One gradient is no difference: subtract the one on the other side.",
        lambda g, w, v, eps: g(w + eps * v) / eps,
    ),
    (
        "gives_the_gradient",
        "This is the gradient itself: a curvature says how it changes.",
        lambda g, w, v, eps: g(w + eps * v),
    ),
    (
        "gives_the_mean_gradient",
        "The two gradients are added: a curvature is in their difference.",
        lambda g, w, v, eps: (g(w + eps * v) + g(w - eps * v)) / 2,
    ),
    (
        "adds_the_gradients",
        "The two gradients are added: a curvature is in their difference.",
        lambda g, w, v, eps: (g(w + eps * v) + g(w - eps * v)) / (2 * eps),
    ),
    (
        "exchanges_the_sides",
        "The sign is wrong: subtract the gradient behind from the one ahead.",
        lambda g, w, v, eps: -product(g, w, v, eps),
    ),
    (
        "stays_at_zero",
        "The gradients are taken around 0: begin at the weights w.",
        lambda g, w, v, eps: product(g, 0 * w, v, eps),
    ),
    (
        "follows_the_weights",
        "The step goes along w: go along v.",
        lambda g, w, v, eps: product(g, w, w, eps),
    ),
    (
        "steps_in_all_weights",
        "The step goes eps in every weight alike: go along v.",
        lambda g, w, v, eps: product(g, w, np.ones_like(v), eps),
    ),
    (
        "follows_the_gradient",
        "The step goes along the gradient: go along v.",
        lambda g, w, v, eps: product(g, w, g(w), eps),
    ),
    (
        "takes_a_long_step",
        "The step is v itself: multiply it by eps, so that the Hessian stays the same on the way.",
        lambda g, w, v, eps: (g(w + v) - g(w - v)) / 2,
    ),
    (
        "takes_a_long_step_and_divides",
        "The step is v itself, and yet eps divides: go only eps times v.",
        lambda g, w, v, eps: (g(w + v) - g(w - v)) / (2 * eps),
    ),
    (
        "normalises_v",
        "The length of v is lost: the Hessian times 2 v is twice the Hessian times v.",
        lambda g, w, v, eps: product(g, w, v, eps) / np.linalg.norm(v),
    ),
    (
        "multiplies_by_v",
        "It is multiplied by v once more: the difference already lies along v.",
        lambda g, w, v, eps: v * product(g, w, v, eps),
    ),
    (
        "gives_one_number",
        "This is v times the product, one number: the product has an entry for each weight.",
        lambda g, w, v, eps: v @ product(g, w, v, eps),
    ),
    (
        "gives_the_length",
        "This is the length of the product: the product has an entry for each weight.",
        lambda g, w, v, eps: np.linalg.norm(product(g, w, v, eps)),
    ),
    (
        "loses_the_signs",
        "The signs are lost: along some directions the ground bends down.",
        lambda g, w, v, eps: np.abs(product(g, w, v, eps)),
    ),
)


def _never_normalises(gradient, w, v):
    for _ in range(120):
        hv = product(gradient, w, v)
        estimate, v = v @ hv, hv
    return estimate


def _gives_the_direction(gradient, w, v):
    for _ in range(120):
        v = product(gradient, w, v / np.linalg.norm(v))
    return v / np.linalg.norm(v)


def _reads_the_slope(gradient, w, v):
    v = v / np.linalg.norm(v)
    return v @ gradient(w)


def _by_largest_entry(gradient, w, v):
    for _ in range(120):
        v = v / np.max(np.abs(v))
        hv = product(gradient, w, v)
        estimate, v = v @ hv, hv
    return estimate


def _read(read):
    return partial(power, read=read)


def _few(steps):
    return partial(power, steps=steps)


def _with(change):
    return lambda g, w, v: power(g, w, v, product=change)


_EARLY = "It stops too early: a start may hold hardly anything of the steepest direction."

#: (name, sentence, power iteration)
WRONG_POWERS = (
    (
        "never_turns",
        "The direction never changes: go on with the product, not with the start.",
        partial(power, turn=lambda v, hv: v),
    ),
    *(("stops_too_early", _EARLY, _few(steps)) for steps in range(2, 26)),
    (
        "never_normalises",
        "The direction grows from product to product: make its length 1 before each.",
        _never_normalises,
    ),
    (
        "normalises_by_the_largest_entry",
        "The largest entry is made 1, not the length: then v @ product is too large.",
        _by_largest_entry,
    ),
    (
        "loses_the_sign",
        "The sign is lost: where the product points against v, the ground bends down.",
        _read(lambda v, hv: np.linalg.norm(hv)),
    ),
    (
        "squares_the_length",
        "This is the squared length of the product: take v @ product.",
        _read(lambda v, hv: hv @ hv),
    ),
    (
        "sums_the_product",
        "The entries of the product are added: multiply each with that of v first.",
        _read(lambda v, hv: np.sum(hv)),
    ),
    (
        "takes_the_largest_entry",
        "This is the largest entry of the product: take v @ product.",
        _read(lambda v, hv: np.max(hv)),
    ),
    (
        "gives_the_wall",
        "This is 2 over the sharpness, the rate it just bears: the sharpness is asked for.",
        lambda g, w, v: 2 / power(g, w, v),
    ),
    (
        "gives_the_direction",
        "This is the steepest direction: the curvature along it is asked for.",
        _gives_the_direction,
    ),
    (
        "walks_downhill",
        "Subtracting the product is gradient descent: it ends in the flattest direction.",
        partial(power, turn=lambda v, hv: v - 0.1 * hv),
    ),
    (
        "adds_the_product",
        "The product is added to v: that favours curvatures above 0.",
        partial(power, turn=lambda v, hv: v + hv),
    ),
    (
        "looks_at_zero",
        "The curvature is taken at 0: take it at the weights w.",
        lambda g, w, v: power(g, 0 * w, v),
    ),
    (
        "forgets_to_divide",
        "The difference of the gradients is not divided by 2 eps.",
        _with(lambda g, w, v: 2 * EPS * product(g, w, v)),
    ),
    (
        "divides_by_half_the_way",
        "The two places lie 2 eps apart: divide by 2 * eps.",
        _with(lambda g, w, v: 2 * product(g, w, v)),
    ),
    (
        "takes_a_long_step",
        "The step is as long as v: multiply it by a small eps.",
        _with(lambda g, w, v: (g(w + v) - g(w - v)) / 2),
    ),
    (
        "takes_a_tiny_step",
        "Rounding eats a step this small: take an eps near 1e-5.",
        _with(lambda g, w, v: product(g, w, v, 1e-17)),
    ),
    (
        "uses_the_gradient",
        "The gradient stands where the product with the Hessian should.",
        _with(lambda g, w, v: g(v)),
    ),
    ("reads_the_slope", "This is the slope along v, not a curvature.", _reads_the_slope),
)
