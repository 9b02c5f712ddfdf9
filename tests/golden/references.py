"""The paths of the reference libraries, in float64. Nothing here knows optlearn.

A case is one optimizer of the registry with options in optlearn's names. Options that a library
does not have are expressed by what they mean: climbing is descending the negative gradient, and
trust ratios skip vectors by a mask.
"""

import inspect
from importlib import util

import numpy as np

from . import streams

SCHEDULE = {"peak": 0.05, "warmup": 10}
COMMON = ({}, {"weight_decay": 0.1}, {"weight_decay": 0.1, "maximize": True}, {"lr": SCHEDULE})
#: Everything that all take; each optimizer adds its own, so that every two options meet.
ALL = {"lr": SCHEDULE, "weight_decay": 0.1, "maximize": True}
ALL_BETAS = {**ALL, "betas": (0.8, 0.95), "eps": 1e-3}
BETAS = ({"lr": 0.1, "betas": (0.5, 0.9)}, {"betas": (0.0, 0.99), "eps": 1e-3}, ALL_BETAS)

#: Which library is the reference, the name there, and the options tried beyond the common ones.
OPTIMIZERS = {
    "sgd": ("torch", "SGD", {}, ({"lr": 1.7}, ALL)),
    "momentum": (
        "torch",
        "SGD",
        {"momentum": 0.9},
        (
            {"lr": 0.1, "momentum": 0.5},
            {"lr": 0.1, "dampening": 0.5},
            {**ALL, "momentum": 0.5, "dampening": 0.3},
        ),
    ),
    "nesterov": (
        "torch",
        "SGD",
        {"momentum": 0.9, "nesterov": True},
        ({"lr": 0.02, "momentum": 0.99}, {**ALL, "momentum": 0.5}),
    ),
    "adagrad": (
        "torch",
        "Adagrad",
        {},
        (
            {"lr_decay": 0.01},
            {"initial_accumulator_value": 0.1},
            {"lr": 0.1, "lr_decay": 0.1, "initial_accumulator_value": 1.0, "eps": 0.1},
            {**ALL, "lr_decay": 0.01, "initial_accumulator_value": 0.1, "eps": 1e-3},
        ),
    ),
    "rmsprop": (
        "torch",
        "RMSprop",
        {},
        (
            {"lr": 1e-3, "alpha": 0.9, "eps": 1e-3},
            {"momentum": 0.9},
            {"centered": True},
            {"alpha": 0.9, "momentum": 0.5, "centered": True, "eps": 1e-3},
            {"centered": True, "weight_decay": 0.1},
            {**ALL, "alpha": 0.9, "momentum": 0.5, "centered": True, "eps": 1e-3},
        ),
    ),
    "adadelta": (
        "torch",
        "Adadelta",
        {},
        (
            {"rho": 0.5, "eps": 1e-3},
            {"lr": 0.1, "rho": 0.99},
            {**ALL, "rho": 0.5, "eps": 1e-3},
        ),
    ),
    "adam": ("torch", "Adam", {}, BETAS),
    "amsgrad": ("torch", "Adam", {"amsgrad": True}, BETAS),
    "adamw": (
        "torch",
        "AdamW",
        {},
        (*BETAS, {"amsgrad": True}, {"weight_decay": 0.0}, {**ALL_BETAS, "amsgrad": True}),
    ),
    "adamax": ("torch", "Adamax", {}, BETAS),
    "nadam": (
        "torch",
        "NAdam",
        {},
        (
            *BETAS,
            {"momentum_decay": 0.1},
            {"momentum_decay": 0.0},
            {**ALL_BETAS, "momentum_decay": 0.1},
        ),
    ),
    "radam": ("torch", "RAdam", {}, BETAS),
    "muon": (
        "torch",
        "Muon",
        {},
        (
            {"lr": 0.02, "nesterov": False, "weight_decay": 0.0},
            {"lr": 0.02, "momentum": 0.5, "ns_steps": 3},
            {"adjust_lr": "match_rms_adamw"},
            {
                **ALL,
                "weight_decay": 0.5,
                "momentum": 0.5,
                "nesterov": False,
                "ns_steps": 3,
                "adjust_lr": "match_rms_adamw",
            },
        ),
    ),
    "lion": (
        "optax",
        "lion",
        {},
        ({"lr": 0.1, "betas": (0.5, 0.9)}, {**ALL, "betas": (0.8, 0.95)}),
    ),
    "lars": (
        "optax",
        "lars",
        {},
        (
            {"lr": 0.1, "momentum": 0.5, "trust_coefficient": 0.1},
            {**ALL, "momentum": 0.5, "trust_coefficient": 0.1},
        ),
    ),
    "lamb": ("optax", "lamb", {}, BETAS),
    "schedule_free_sgd": (
        "schedulefree",
        "SGDScheduleFree",
        {},
        ({"lr": 0.1, "momentum": 0.5}, {**ALL, "momentum": 0.5}),
    ),
    "schedule_free_adamw": (
        "schedulefree",
        "AdamWScheduleFree",
        {},
        ({"lr": 0.1, "betas": (0.5, 0.9)}, {"betas": (0.9, 0.99), "eps": 1e-3}, ALL_BETAS),
    ),
}
#: Every (name, options); what makes the optimizer this entry of the registry is left out.
CASES = [
    (name, options)
    for name, (_, _, _, special) in OPTIMIZERS.items()
    for options in (*COMMON, *special)
]
LIBRARIES = ("torch", "optax", "schedulefree")


def importable():
    """Return the libraries that are installed here."""
    needs = {"torch": ["torch"], "optax": ["optax", "jax"], "schedulefree": ["schedulefree"]}
    return [name for name in LIBRARIES if all(map(util.find_spec, needs[name]))]


def library(name):
    return OPTIMIZERS[name][0]


def paths(name, options, kind, stored=streams.STORED):
    """Return ``what -> array``: a row of weights for each stored step.

    ``w`` are the weights, ``average`` those at which a schedule-free model is evaluated, and
    ``bfloat16`` those of Muon as PyTorch runs it.
    """
    where, cls, fixed, _ = OPTIMIZERS[name]
    options = {**fixed, **options}
    if where == "optax":
        return optax_path(cls, options, kind, stored)
    if name == "muon":
        return {
            "w": without_bfloat16(torch_path, cls, options, kind, stored)["w"],
            "bfloat16": torch_path(cls, options, kind, stored)["w"],
        }
    return torch_path(cls, options, kind, stored)


def torch_path(cls, options, kind, stored):
    """Step an optimizer of PyTorch's kind; schedule-free ones are read out at both points."""
    import torch

    torch.set_default_dtype(torch.float64)  # NAdam keeps its product of momenta in this dtype
    make = torch_class(cls)
    rates, name = streams.rates(options.get("lr", torch_defaults(cls)["lr"])), cls.lower()
    options = {"adjust_lr_fn" if k == "adjust_lr" else k: v for k, v in options.items()}
    options["lr"] = rates[0]
    sign = 1.0
    if "maximize" not in torch_defaults(cls):
        sign = -1.0 if options.pop("maximize", False) else 1.0
    shapes, sizes = streams.shapes(name), streams.sizes(name)
    cuts = np.cumsum(sizes)[:-1]
    params = [
        torch.tensor(part.reshape(shape), requires_grad=True)
        for part, shape in zip(np.split(streams.start(kind, sum(sizes)), cuts), shapes)
    ]
    optimizer = make(params, **options)
    averages = hasattr(optimizer, "eval")  # schedule-free
    if averages:
        optimizer.train()
    found = {"w": [], "average": []}
    for t in range(1, max(stored) + 1):
        optimizer.param_groups[0]["lr"] = rates[t - 1]
        g = sign * streams.gradients(kind, sum(sizes))[t - 1]
        for p, part, shape in zip(params, np.split(g, cuts), shapes):
            p.grad = torch.tensor(part.reshape(shape))
        optimizer.step()
        if t in stored:
            found["w"].append(read(params))
            if averages:
                kept = [p.detach().clone() for p in params]
                optimizer.eval()
                found["average"].append(read(params))
                optimizer.train()
                for p, old in zip(params, kept):
                    p.data.copy_(old)  # the way there and back rounds
    return {what: np.array(rows) for what, rows in found.items() if rows}


def read(params):
    return np.concatenate([p.detach().numpy().ravel() for p in params])


def without_bfloat16(function, *arguments):
    """Call with PyTorch's cast to bfloat16 taken out: the same code in double precision."""
    import torch

    kept = torch.Tensor.bfloat16
    torch.Tensor.bfloat16 = torch.Tensor.clone
    try:
        return function(*arguments)
    finally:
        torch.Tensor.bfloat16 = kept


def torch_class(cls):
    if cls.endswith("ScheduleFree"):
        import schedulefree

        return getattr(schedulefree, cls)
    import torch

    return getattr(torch.optim, cls)


def torch_defaults(cls):
    """Return the defaults of a class of PyTorch's kind, from its signature."""
    arguments = inspect.signature(torch_class(cls).__init__).parameters.values()
    return {p.name: p.default for p in arguments if p.default is not p.empty}


#: Optax asks for a learning rate; these are optlearn's.
OPTAX_RATES = {"lion": 1e-4, "lars": 1.0, "lamb": 1e-3}


def optax_path(cls, options, kind, stored):
    import jax
    import jax.numpy as jnp
    import optax

    jax.config.update("jax_enable_x64", True)
    options = dict(options)
    sign = -1.0 if options.pop("maximize", False) else 1.0
    table = jnp.array(streams.rates(options.pop("lr", OPTAX_RATES[cls])))
    transform = optax_transform(cls, lambda count: table[count], **options)
    cuts = np.cumsum(streams.sizes(cls))[:-1]

    def split(flat):
        return [part.reshape(s) for part, s in zip(jnp.split(flat, cuts), streams.SHAPES)]

    def step(carry, g):
        w, state = carry
        change, state = transform.update(split(g), state, w)
        w = optax.apply_updates(w, change)
        return (w, state), jnp.concatenate([part.ravel() for part in w])

    size = sum(streams.sizes(cls))
    w = split(jnp.array(streams.start(kind, size)))
    g = jnp.array(sign * streams.gradients(kind, size)[: max(stored)])
    _, rows = jax.lax.scan(step, (w, transform.init(w)), g)
    return {"w": np.array(rows)[np.array(stored) - 1]}


def optax_transform(cls, lr, betas=None, weight_decay=0.0, **options):
    """Return Optax's optimizer; its trust ratios leave vectors alone, as optlearn's do."""
    import jax
    import optax

    def matrices(tree):
        return jax.tree.map(lambda leaf: leaf.ndim > 1, tree)

    if betas:
        options["b1"], options["b2"] = betas
    if cls == "lion":
        return optax.lion(lr, weight_decay=weight_decay, **options)
    if cls == "lars":
        defaults = {"momentum": 0.9, "trust_coefficient": 0.001}
        mask = {"weight_decay_mask": True, "trust_ratio_mask": matrices}
        return optax.lars(lr, weight_decay=weight_decay, **mask, **{**defaults, **options})
    return optax.chain(  # optax.lamb, which has no mask for the ratio
        optax.scale_by_adam(**{"eps": 1e-6, **options}),
        optax.add_decayed_weights(weight_decay),
        optax.masked(optax.scale_by_trust_ratio(), matrices),
        optax.scale_by_learning_rate(lr),
    )
