"""Run the rows of ``optlearn/optim/conventions.toml`` in their libraries. optlearn is not imported.

Every row is walked over the same gradients, as the library's constructor makes it (``plain``), with
weight decay (``decayed``), with the options that show more (``also``), on the transposed matrix
where that makes a difference (``wide``), and as the line of code on the card says (``code``).
"""

import inspect
import os
import tomllib
from importlib import import_module, util
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from . import book

TABLE = Path(__file__).parents[2] / "optlearn" / "optim" / "conventions.toml"
NEEDS = {
    "PyTorch": ["torch"],
    "Optax": ["optax", "jax"],
    "Keras": ["keras", "torch"],
    "MLX": ["mlx"],
    "tinygrad": ["tinygrad"],
}

#: Two weights of each size of gradient, in a matrix: from where eps rules to where it is nothing.
SIZES = np.repeat([1e-6, 1e-3, 1.0, 100.0], 2)
START = np.array([1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 0.25, -0.25]).reshape(4, 2)
GRADIENTS = (np.random.default_rng(3).normal(size=(6, 8)) * SIZES).reshape(6, 4, 2)
#: Powers of two, which every library holds exactly; the drop shows where the rate stands.
RATES = (0.5, 0.5, 0.5, 0.0625, 0.0625, 0.0625)
DECAY = 0.25


def everything():
    """Return ``{(optimizer, library): row}``."""
    cards = tomllib.loads(TABLE.read_text("utf8"))
    del cards["versions"]
    return {(name, library): row for name, card in cards.items() for library, row in card.items()}


def table():
    """Return the rows that can be run."""
    return {key: row for key, row in everything().items() if "code" in row}


def installed(library):
    """Return whether ``library`` can be run here; d2l is a book, read from its folder."""
    if library == "d2l":
        return book.FOLDER in os.environ
    return all(map(util.find_spec, NEEDS[library]))


def tasks(row):
    """Return the options of each walk."""
    options = {"plain": {}, "also": row.get("also", {})}
    if row["decay"] != "none":
        options["decayed"] = {"weight_decay": DECAY}
    if "scale" in row:
        options["wide"] = {}
    known = options.items()
    return {name: {**row.get("with", {}), **o} for name, o in known if o or name != "also"}


def ground(name):
    """Return the start and the gradients of a walk."""
    if name == "wide":
        return START.T, GRADIENTS.transpose(0, 2, 1)
    return START, GRADIENTS


def paths(library, row):
    """Return ``walk -> array`` of the weights after each step."""
    walk = globals().get(f"walk_{library.lower()}", book.walk)
    walks = {**tasks(row), "code": None}
    found = {}
    for name, options in walks.items():
        start, gradients = ground(name)
        found[name] = walk(row, options, start, list(zip(RATES, gradients)))
    return found


def constructor(row):
    """Return what the line of code calls."""
    name = row["code"].partition("(")[0]
    for at in range(name.count("."), 0, -1):
        parts = name.split(".")
        try:
            found = import_module(".".join(parts[:at]))
        except ModuleNotFoundError:
            continue
        for part in parts[at:]:
            found = getattr(found, part)
        return found
    raise ValueError(f"{name} is no name of an installed library")


def defaults(library, row):
    """Return the defaults of the constructor, those handed upwards too."""
    if library == "d2l":
        return book.constants(row)
    made, found = constructor(row), {}
    for function in getattr(made, "__mro__", [getattr(made, "func", made)]):
        if "__init__" in vars(function) or not isinstance(made, type):
            for p in inspect.signature(function).parameters.values():
                if p.default is not p.empty:
                    found.setdefault(p.name, p.default)
    return {k: v for k, v in found.items() if isinstance(v, bool | int | float | tuple | list)}


def options_of(row):
    """Return the options that show all of the state."""
    return {**row.get("with", {}), **row.get("also", {})}


# ------------------------------------------------------------------------------ one a library


def walk_pytorch(row, options, start, stream):
    import torch

    w = torch.tensor(start, requires_grad=True)
    model = SimpleNamespace(parameters=lambda: [w])
    torch.set_default_dtype(torch.float64)
    if options is None:
        optimizer = eval(row["code"], {"torch": torch, "model": model})
    else:
        optimizer = constructor(row)([w], lr=stream[0][0], **options)
    path = []
    for rate, g in stream:
        if options is not None:
            optimizer.param_groups[0]["lr"] = rate
        w.grad = torch.tensor(g)
        optimizer.step()
        path.append(w.detach().numpy().copy())
    return np.array(path)


def state_pytorch(row):
    import torch

    w = torch.zeros(4, 2, requires_grad=True)
    optimizer = constructor(row)([w], lr=0.5, **options_of(row))
    w.grad = torch.ones(4, 2)
    optimizer.step()
    return [name for name, value in optimizer.state[w].items() if np.ndim(value)]


def walk_keras(row, options, start, stream):
    keras = _keras()
    w = keras.Variable(start)
    if options is None:
        optimizer = eval(row["code"], {"keras": keras})
    else:
        optimizer = constructor(row)(stream[0][0], **options)
    optimizer.build([w])
    path = []
    for rate, g in stream:
        if options is not None:
            optimizer.learning_rate = rate
        optimizer.apply([keras.ops.convert_to_tensor(g)])
        path.append(np.array(keras.ops.convert_to_numpy(w)))
    return np.array(path)


def state_keras(row):
    keras = _keras()
    w = keras.Variable(START, name="w")
    optimizer = constructor(row)(0.5, **options_of(row))
    optimizer.build([w])
    return [v.name.removeprefix("w_") for v in optimizer.variables if v.shape == w.shape]


def _keras():
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras

    keras.config.set_floatx("float64")
    return keras


def walk_optax(row, options, start, stream):
    import jax
    import jax.numpy as jnp
    import optax
    import optax.contrib

    jax.config.update("jax_enable_x64", True)
    if options is None:
        transform = eval(row["code"], {"optax": optax})
    else:
        rates = jnp.array([rate for rate, _ in stream])
        transform = constructor(row)(lambda count: rates[count], **options)
    w = jnp.array(start)
    state, path = transform.init(w), []
    for _, g in stream:
        change, state = transform.update(jnp.array(g), state, w)
        w = optax.apply_updates(w, change)
        path.append(np.array(w))
    return np.array(path)


def state_optax(row):
    import jax
    import jax.numpy as jnp
    import optax.contrib  # noqa: F401

    state = constructor(row)(0.5, **options_of(row)).init(jnp.ones((4, 2)))
    leaves = jax.tree_util.tree_leaves_with_path(state)
    return [path[-1].name for path, leaf in leaves if leaf.shape == (4, 2)]


def walk_mlx(row, options, start, stream):
    import mlx.core as mx
    import mlx.optimizers

    mx.set_default_device(mx.cpu)
    if options is None:
        optimizer = eval(row["code"], {"mlx": mlx})
    else:
        optimizer = constructor(row)(stream[0][0], **options)
    w, path = {"w": mx.array(start, dtype=mx.float64)}, []
    for rate, g in stream:
        if options is not None:
            optimizer.learning_rate = rate
        w = optimizer.apply_gradients({"w": mx.array(g, dtype=mx.float64)}, w)
        path.append(np.array(w["w"]))
    return np.array(path)


def state_mlx(row):
    import mlx.core as mx
    import mlx.optimizers  # noqa: F401

    optimizer = constructor(row)(0.5, **options_of(row))
    optimizer.init({"w": mx.zeros((4, 2))})
    return list(optimizer.state["w"])


def walk_tinygrad(row, options, start, stream):
    tinygrad = _tinygrad()
    model = SimpleNamespace(w=tinygrad.Tensor(start))
    if options is None:
        optimizer = eval(row["code"], {"tinygrad": tinygrad, "model": model})
    else:
        optimizer = constructor(row)([model.w], lr=stream[0][0], **options)
    path = []
    for rate, g in stream:
        if options is not None:
            optimizer.lr.assign(tinygrad.Tensor([rate], dtype=optimizer.lr.dtype)).realize()
        model.w.grad = tinygrad.Tensor(g)
        with tinygrad.helpers.Context(TRAINING=1):
            optimizer.step()
        path.append(model.w.numpy().copy())
    return np.array(path)


def state_tinygrad(row):
    model = SimpleNamespace(w=_tinygrad().Tensor(START))
    optimizer = constructor(row)([model.w], lr=0.5, **options_of(row))
    kept = {k: v for k, v in vars(optimizer).items() if isinstance(v, list) and v}
    return [k for k in kept if k not in ("params", "buffers", "pos_params")]


def _tinygrad():
    os.environ.update({"DEFAULT_FLOAT": "double", "OPTIM_DTYPE": "float64", "DEV": "PYTHON"})
    import tinygrad

    return tinygrad


def state(library, row):
    """Return the library's names of the state arrays."""
    return globals().get(f"state_{library.lower()}", book.state)(row)
