"""Time whole training steps against PyTorch, JAX and scikit-learn; write that section of speed.md.

Run with PyTorch, JAX, Optax and numba installed beside optlearn, on a quiet machine; it takes some
minutes, and ``--quick`` a tenth of that for a rougher answer on the screen alone::

    python tests/benchmarks/training_step.py

A step is forward, loss, backward and Adam, on one batch that stays the same. The contenders take
turns in one process on one core; the figure is the minimum of processor time over all rounds.
Trust the ratios, not the microseconds.
"""

import argparse
import functools
import itertools

import page

page.one_core()

import numpy as np  # noqa: E402

from optlearn import backend, datasets, nn, optim, training  # noqa: E402

BATCHES = (32, 128)
ROUNDS = 100
#: Microseconds in which ours takes steps before it is another's turn: training goes on and on, and
#: the first steps of a turn find caches full of another's data.
TURN = 4000
FORMS = ("numpy", "numba")


def mlp(*sizes):
    """Return the layers of a perceptron: a name and arguments that both libraries share."""
    layers = []
    for pair in itertools.pairwise(sizes):
        layers += [("Linear", *pair), ("ReLU",)]
    return layers[:-1]


def cnn(side, *channels):
    """Return the layers of a network with a convolution and a pooling for each channel count."""
    layers = []
    for pair in zip((1, *channels), channels):
        layers += [("Conv2d", *pair, 3), ("ReLU",), ("MaxPool2d", 2)]
        side = (side - 2) // 2
    return [*layers, ("Flatten",), ("Linear", channels[-1] * side * side, 10)]


def recurrent(kind):
    """Return the layers of a network that reads 28 rows of 28 numbers and keeps 64."""
    return [(kind, 28, 64), ("Linear", 64, 10)]


#: Layers, shape of an example, what is to be reached against PyTorch's fused Adam with batches of
#: 32 and 128, and what we dream of.
ROWS = {
    "MLP 64-64-10": (mlp(64, 64, 10), (64,), (3.5, 3), (4.5, 4)),
    "MLP 784-256-128-10": (mlp(784, 256, 128, 10), (784,), (1.3, 1.7), (1.6, 2)),
    "CNN 8x8, 16 channels": (cnn(8, 16), (1, 8, 8), (4, None), (5, None)),
    "CNN 28x28, 16 and 32 channels": (cnn(28, 16, 32), (1, 28, 28), (1.6, 1.35), (1.9, 1.6)),
    "RNN 28 x 28, 64": (recurrent("RNN"), (28, 28), (3.3, 2.7), (4, 3.3)),
    "GRU 28 x 28, 64": (recurrent("GRU"), (28, 28), (1.9, 1.5), (2.3, 2)),
    "LSTM 28 x 28, 64": (recurrent("LSTM"), (28, 28), (0.9, 0.9), (1.2, 1.2)),
}
#: The same for one epoch against scikit-learn.
EPOCH = (4, 5)


def batch(name, size):
    """Return the examples and labels that every contender trains on."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(size, *ROWS[name][1])).astype("f4"), rng.integers(0, 10, size)


def our_model(name):
    """Return the network of a row made from our layers."""
    layers = []
    for kind, *sizes in ROWS[name][0]:
        options = {"last": True} if kind in ("RNN", "GRU", "LSTM") else {}
        layers.append(getattr(nn, kind)(*sizes, **options))
    return nn.Sequential(*layers)


def torchs_model(name):
    """Return the network of a row made from PyTorch's layers, whose weights have our names."""
    import torch

    def last(layer):
        class Last(layer):
            def forward(self, x):
                return super().forward(x)[0][:, -1]

        return Last

    layers = []
    for kind, *sizes in ROWS[name][0]:
        layer = getattr(torch.nn, kind)
        if kind in ("RNN", "GRU", "LSTM"):
            layer = functools.partial(last(layer), batch_first=True)
        layers.append(layer(*sizes))
    return torch.nn.Sequential(*layers)


def weights(name):
    """Return the weights that every contender starts from."""
    rng = np.random.default_rng(1)
    start = our_model(name).state_dict()
    return {key: rng.uniform(-0.05, 0.05, w.shape).astype("f4") for key, w in start.items()}


def ours(name, size):
    """Return our step."""
    x, y = batch(name, size)
    model, loss = our_model(name), nn.CrossEntropyLoss()
    model.load_state_dict(weights(name))
    optimizer = optim.Adam(model.parameters())

    def step():
        value = loss(model(x), y)
        model.backward(loss.backward())
        optimizer.step()
        return value

    return step


def torchs(name, size, **options):
    """Return PyTorch's step."""
    import torch

    x, y = map(torch.tensor, batch(name, size))
    model, loss = torchs_model(name), torch.nn.CrossEntropyLoss()
    model.load_state_dict({key: torch.tensor(w) for key, w in weights(name).items()})
    optimizer = torch.optim.Adam(model.parameters(), **options)

    def step():
        optimizer.zero_grad()
        value = loss(model(x), y)
        value.backward()
        optimizer.step()
        return value.item()

    return step


def jaxs(name, size):
    """Return JAX's step with Optax, compiled, with donated buffers, waited for."""
    import jax
    import optax

    x, y = map(jax.numpy.asarray, batch(name, size))
    w = {key: jax.numpy.asarray(array) for key, array in weights(name).items()}
    transform = optax.adam(1e-3)
    held = [w, transform.init(w)]

    def loss(w, x, y):
        for i, (kind, *_) in enumerate(ROWS[name][0]):
            x = jax.nn.relu(x) if kind == "ReLU" else x @ w[f"{i}.weight"].T + w[f"{i}.bias"]
        return optax.losses.softmax_cross_entropy_with_integer_labels(x, y).mean()

    @functools.partial(jax.jit, donate_argnums=(0, 1))
    def update(w, state, x, y):
        value, gradients = jax.value_and_grad(loss)(w, x, y)
        change, state = transform.update(gradients, state, w)
        return optax.apply_updates(w, change), state, value

    def step():
        *held[:], value = jax.block_until_ready(update(*held, x, y))
        return float(value)

    return step


def contenders(name, size):
    """Return all steps of one row and batch size by what they are called."""
    steps = {form: ours(name, size) for form in FORMS}
    steps["PyTorch fused"] = torchs(name, size, fused=True)
    steps["PyTorch default"] = torchs(name, size)
    if name.startswith("MLP"):
        steps["JAX jit"] = jaxs(name, size)
    losses = {who: step() for who, step in steps.items()}
    np.testing.assert_allclose(list(losses.values()), losses["numpy"], rtol=1e-4)
    return steps


def epochs():
    """Return one epoch over the digits in batches of 32, ours and scikit-learn's as they come."""
    from sklearn.neural_network import MLPClassifier

    x, y = datasets.load("digits")
    theirs = MLPClassifier((64,), batch_size=32)
    theirs.partial_fit(x, y, classes=np.arange(10))
    steps = {}
    for form in FORMS:
        model = our_model("MLP 64-64-10")
        optimizer, loader = optim.Adam(model.parameters()), datasets.DataLoader(x, y, 32)
        loss = nn.CrossEntropyLoss()
        steps[form] = functools.partial(training.fit, model, loss, optimizer, loader, 1)
    return steps | {"scikit-learn": lambda: theirs.partial_fit(x, y)}


def measure(what, steps, rounds):
    """Return the microseconds of each contender."""
    turns = list(steps.items())

    def ready(i):
        who, step = turns[i]
        backend.use(who if who in FORMS else "numpy")
        step()  # compiles the first time, and brings the caches what the others have driven out

    ready(0)
    (once,) = page.minimum([turns[0][1]], 10, 1)
    repeat = max(1, round(TURN / once))
    best = dict(zip(steps, page.minimum([step for _, step in turns], rounds, repeat, ready)))
    page.say(f"{what}: " + ", ".join(f"{who} {us:.4g}" for who, us in best.items()))
    return best


def goal(must, dream):
    """Say what a ratio is held to."""
    return "" if must is None else f"{must} / {dream}"


def rows(results):
    """Yield the rows of the table."""
    for (what, held), times in results.items():
        for who in times:
            if who not in FORMS:
                ratios = [f"{times[who] / times[form]:.2g}" for form in FORMS]
                hold = held if who in ("PyTorch fused", "scikit-learn") else ""
                yield [what, who, *ratios, hold]


def section(results):
    """Yield the lines of the section."""
    yield (
        "## The whole training step\n\n"
        "Forward, loss, backward and Adam in float32 on one core: the other's time divided by "
        "ours, so that more than 1 means ours is faster. *numpy* is the library as it comes, "
        '*numba* the same with the optimizer compiled by `backend.use("numba")` (extra `fast`). '
        "Minimum of the process's processor time, all threads counted, contenders taking turns "
        f"in one run of {ROUNDS} rounds, each of as many steps as ours takes in {TURN // 1000} ms. "
        "PyTorch runs eagerly, JAX compiled with donated buffers. An epoch is one call of `fit` or "
        "`partial_fit` on data in float64, in which scikit-learn computes; ours computes in "
        "float32, both by default. "
        "Goals: the ratio to reach with *numpy*, and the one dreamt of. Made by "
        "`python tests/benchmarks/training_step.py`.\n"
    )
    yield page.machine("numpy", "numba", "torch", "jax", "optax", "scikit-learn") + "\n"
    yield from page.table(["network, batch", "against", *FORMS, "goals"], rows(results))


def main():
    """Measure, and write the section."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a rough answer, on the screen alone")
    parser.add_argument("--only", nargs="+", choices=[*ROWS, "epoch"], default=[*ROWS, "epoch"])
    asked = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    rounds = ROUNDS // 10 if asked.quick else ROUNDS
    results = {}
    for name in asked.only:
        if name == "epoch":
            what = "one epoch of digits, 64-64-10, 32"
            results[what, goal(*EPOCH)] = measure(what, epochs(), rounds)
            continue
        for i, size in enumerate(BATCHES):
            what = f"{name}, {size}"
            held = goal(*(bars[i] for bars in ROWS[name][2:]))
            results[what, held] = measure(what, contenders(name, size), rounds)
    lines = list(section(results))
    if asked.quick or len(asked.only) <= len(ROWS):
        page.say("\n".join(lines))
    else:
        page.write("training steps", lines)


if __name__ == "__main__":
    main()
