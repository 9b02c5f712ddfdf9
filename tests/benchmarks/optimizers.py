"""Time one optimizer step against PyTorch, and write docs/speed.md.

Run with PyTorch installed beside optlearn, on one thread::

    OPENBLAS_NUM_THREADS=1 python tests/benchmarks/optimizers.py

The contenders take turns in one process; the figure is the minimum of processor time over all
rounds. Trust the ratios, not the microseconds.
"""

import os
import platform
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from optlearn import Parameter, optim

TENSORS = 6
SIZES = {1_000: 2000, 10_000: 1000, 100_000: 300, 1_000_000: 100, 10_000_000: 12}
#: Our name, the class there, and the keyword arguments of the contender to beat.
ROWS = {
    "adam": ("Adam", {"fused": True}),
    "momentum": ("SGD", {"momentum": 0.9, "fused": True}),
    "rmsprop": ("RMSprop", {}),
    "adadelta": ("Adadelta", {}),
}


def ours(name, size):
    rng = np.random.default_rng(0)
    params = [Parameter(rng.normal(size=size // TENSORS).astype("f4")) for _ in range(TENSORS)]
    optimizer = optim.get(name).make(params)
    for p in params:
        p.grad = rng.normal(size=p.shape)
    return optimizer.step


def theirs(name, size, **options):
    import torch

    params = [torch.randn(size // TENSORS, requires_grad=True) for _ in range(TENSORS)]
    for p in params:
        p.grad = torch.randn_like(p)
    return getattr(torch.optim, name)(params, **options).step


def minimum(steps, rounds, repeat=3):
    """Return the least microseconds of processor time a step took, one for each contender."""
    best = [float("inf")] * len(steps)
    for _ in range(rounds):
        for i, step in enumerate(steps):
            begun = time.process_time_ns()
            for _ in range(repeat):
                step()
            best[i] = min(best[i], (time.process_time_ns() - begun) / repeat / 1e3)
    return best


def table():
    """Yield the lines of the page."""
    import torch

    torch.set_num_threads(1)
    yield "# Speed\n"
    yield (
        "One step of an optimizer in float32, in pure NumPy, against PyTorch on one thread: "
        "PyTorch's time divided by ours, so that more than 1 means ours is faster. Minimum of "
        "processor time, contenders taking turns in one run. Made by "
        "`tests/benchmarks/optimizers.py`.\n"
    )
    machine = f"{platform.machine()}, {os.cpu_count()} cores"
    numbers = f"Python {platform.python_version()}, NumPy {np.__version__}"
    yield f"{machine}; {numbers}, PyTorch {torch.__version__}.\n"
    yield f"| optimizer | against | {' | '.join(f'{n:.0e}' for n in SIZES)} |".replace("e+0", "e")
    yield "|---" * (2 + len(SIZES)) + "|"
    for name, (cls, options) in ROWS.items():
        plain = {k: v for k, v in options.items() if k != "fused"}
        faster, default = [], []
        for size, rounds in SIZES.items():
            steps = [ours(name, size), theirs(cls, size, **plain)]
            steps += [theirs(cls, size, **options)] if "fused" in options else []
            mine, *others = minimum(steps, rounds)
            default.append(f"{others[0] / mine:.2g}")
            faster.append(f"{others[-1] / mine:.2g}")
        yield f"| {name} | torch default | {' | '.join(default)} |"
        if "fused" in options:
            yield f"| {name} | torch fused | {' | '.join(faster)} |"


if __name__ == "__main__":
    page = "\n".join(table()) + "\n"
    Path(__file__).parents[2].joinpath("docs/speed.md").write_text(page, encoding="utf8")
    sys.stdout.write(page)
