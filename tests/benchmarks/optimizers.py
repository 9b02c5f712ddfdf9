"""Time one optimizer step against PyTorch and Optax, and write that section of docs/speed.md.

Run with PyTorch, Optax and numba installed beside optlearn, on a quiet machine; it takes some
minutes, and ``--quick`` a tenth of that for a rougher answer on the screen alone::

    python tests/benchmarks/optimizers.py

The contenders take turns in one process on one core; the figure is the minimum of processor time
over all rounds. Trust the ratios, not the microseconds.
"""

import argparse

import page

page.one_core()

import numpy as np  # noqa: E402

from optlearn import Parameter, backend, optim  # noqa: E402

TENSORS = 6
#: Parameters, the rounds, and the steps that each contender takes in a round.
SIZES = {
    1_000: (150, 200),
    10_000: (150, 100),
    100_000: (150, 20),
    1_000_000: (100, 3),
    10_000_000: (30, 2),
}
HEAD = [f"{size:.0e}".replace("e+0", "e") for size in SIZES]
#: Our name, the class in PyTorch with its arguments, whether it has a fused form, and Optax's name.
ROWS = {
    "adam": ("Adam", {}, True, "adam", {}),
    "adamw": ("AdamW", {}, True, "adamw", {"weight_decay": 1e-2}),
    "momentum": ("SGD", {"momentum": 0.9}, True, "sgd", {"momentum": 0.9}),
    "rmsprop": ("RMSprop", {}, False, "rmsprop", {"decay": 0.99}),
    "adadelta": ("Adadelta", {}, False, "adadelta", {}),
}
#: What Adam is to reach against PyTorch's fused Adam, and what we dream of.
GOALS = {
    "numpy": ((5, 2.5, 0.75, 0.4, 0.38), (6.5, 3.2, 1, 0.55, 0.5)),
    "numba": ((12, 8, 3, 1.3, 0.9), (19, 13, 4, 2, 1.1)),
}


def arrays(size):
    """Return the weights and the gradients of a small network."""
    rng = np.random.default_rng(0)
    shape = (2, TENSORS, size // TENSORS)
    return rng.normal(size=shape).astype("f4")


def ours(name, size):
    """Return our step."""
    weights, gradients = arrays(size)
    params = [Parameter(w) for w in weights]
    optimizer = optim.get(name).make(params)
    for p, g in zip(params, gradients):
        p.grad = g
    return optimizer.step


def torchs(name, size, **options):
    """Return PyTorch's step."""
    import torch

    params = [torch.tensor(w, requires_grad=True) for w in arrays(size)[0]]
    for p, g in zip(params, arrays(size)[1]):
        p.grad = torch.tensor(g)
    return getattr(torch.optim, name)(params, **options).step


def optaxs(name, size, **options):
    """Return Optax's step, compiled, with donated buffers, waited for."""
    import jax
    import optax

    transform = getattr(optax, name)(1e-3, **options)
    weights, gradients = (list(map(jax.numpy.asarray, half)) for half in arrays(size))
    held = [weights, transform.init(weights)]

    def update(weights, state, gradients):
        change, state = transform.update(gradients, state, weights)
        return optax.apply_updates(weights, change), state

    compiled = jax.jit(update, donate_argnums=(0, 1))

    def step():
        held[:] = jax.block_until_ready(compiled(*held, gradients))

    return step


def contenders(name, size):
    """Return all steps of one row and size by what they are called."""
    cls, options, fused, optax, like = ROWS[name]
    steps = {form: ours(name, size) for form in ("numpy", "numba")}
    steps["PyTorch default"] = torchs(cls, size, foreach=False, **options)
    steps["PyTorch foreach"] = torchs(cls, size, foreach=True, **options)
    if fused:
        steps["PyTorch fused"] = torchs(cls, size, fused=True, **options)
    steps["Optax jit"] = optaxs(optax, size, **like)
    return steps


def measure(name, quick):
    """Return the microseconds of each contender at all sizes."""
    times = {}
    for size, (rounds, repeat) in SIZES.items():
        steps = contenders(name, size)
        forms = [who if who in GOALS else "numpy" for who in steps]

        def ready(i, forms=forms):
            backend.use(forms[i])

        for i, step in enumerate(steps.values()):  # compile
            ready(i)
            step()
        rounds = max(2, rounds // 10) if quick else rounds
        best = page.minimum(list(steps.values()), rounds, repeat, ready)
        for who, microseconds in zip(steps, best):
            times.setdefault(who, []).append(microseconds)
        page.say(f"{name} {size}: " + ", ".join(f"{w} {b:.4g}" for w, b in zip(steps, best)))
    return times


def ratios(times, who, form):
    """Return how many times as long as ours another's step takes, at all sizes."""
    return [f"{other / mine:.2g}" for other, mine in zip(times[who], times[form])]


def section(results):
    """Yield the lines of the section."""
    yield (
        "## The step of an optimizer\n\n"
        "One step in float32 on one core: the other's time divided by ours, so that more than 1 "
        "means ours is faster. *numpy* is the library as it comes, *numba* the same optimizer "
        'after `backend.use("numba")` (extra `fast`). Minimum of the process\'s processor time, '
        "all threads counted, contenders taking turns in one run over "
        f"{TENSORS} arrays, 30 rounds at 1e7 parameters, 100 or more below. "
        "Optax is compiled with donated buffers. "
        "PyTorch has no fused form of RMSprop and Adadelta. Made by "
        "`python tests/benchmarks/optimizers.py`.\n"
    )
    yield page.machine("numpy", "numba", "torch", "jax", "optax") + "\n"
    rows = [
        [name, form, who, *ratios(times, who, form)]
        for name, times in results.items()
        for form in GOALS
        for who in times
        if who not in GOALS
    ]
    yield from page.table(["optimizer", "ours", "against", *HEAD], rows)
    if "adam" in results:
        yield (
            "\nWhat Adam is held to against PyTorch's fused Adam: it must reach the first figure, "
            "and the second is the dream.\n"
        )
        yield from page.table(["ours", *HEAD], goals(results["adam"]))


def goals(times):
    """Yield for each form and size the ratio reached, the one to reach and the one dreamt of."""
    for form, bars in GOALS.items():
        reached = ratios(times, "PyTorch fused", form)
        yield [form, *(f"{r} (must {m}, dream {d})" for r, m, d in zip(reached, *bars))]


def main():
    """Measure, and write the section."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a rough answer, on the screen alone")
    parser.add_argument("--only", nargs="+", choices=ROWS, default=list(ROWS))
    asked = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    results = {name: measure(name, asked.quick) for name in asked.only}
    lines = list(section(results))
    if asked.quick or len(results) < len(ROWS):
        page.say("\n".join(lines))
    else:
        page.write("optimizers", lines)


if __name__ == "__main__":
    main()
