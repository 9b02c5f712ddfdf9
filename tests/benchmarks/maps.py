"""Time the maps of many paths over a landscape, and write their section of docs/speed.md.

    python tests/benchmarks/maps.py

The explorers and lessons draw them while a slider moves.
"""

import page

page.one_core()

import numpy as np  # noqa: E402

from optlearn import landscapes  # noqa: E402
from optlearn.training import trace  # noqa: E402

STEPS = 300
VALLEY = landscapes.get("rosenbrock")


def grid(first, second):
    """Return every pair of the two axes, as columns."""
    return [axis.ravel() for axis in np.meshgrid(first, second)]


def basin(optimizer, lr, dtype):
    """Return a walk from 200 x 200 starts."""
    starts = np.column_stack(grid(*(np.linspace(*bounds, 200) for bounds in VALLEY.bounds)))
    options = {"keep": "last", "dtype": dtype, "lr": lr}
    return lambda: trace(VALLEY, optimizer, starts, STEPS, **options)


def rates(landscape, dtype):
    """Return a walk with 100 x 100 learning rates and momenta."""
    lr, momentum = grid(np.geomspace(1e-4, 0.1, 100), np.linspace(0, 0.99, 100))
    starts = np.tile(landscape.start, (len(lr), 1))
    options = {"keep": "last", "dtype": dtype, "lr": lr, "momentum": momentum}
    return lambda: trace(landscape, "momentum", starts, STEPS, **options)


def maps(dtype):
    """Return the contenders by what they are."""
    return {
        "200 x 200 starts, Adam": basin("adam", 0.02, dtype),
        "200 x 200 starts, momentum": basin("momentum", 1e-3, dtype),
        "100 x 100 learning rates and momenta": rates(VALLEY, dtype),
        "the same on a quadratic": rates(landscapes.get("quadratic"), dtype),
    }


def main():
    double, single = maps(np.float64), maps(np.float32)
    least = page.minimum([*double.values(), *single.values()], rounds=15, repeat=1)
    times = [f"{microseconds / 1000:.3g}" for microseconds in least]
    rows = zip(double, times[: len(double)], times[len(double) :], strict=True)
    page.write("maps", [
        "## Maps of many paths",
        "",
        f"Milliseconds for {STEPS} steps over Rosenbrock's valley, of which only the ends are kept "
        "(`trace(..., keep=\"last\")`). Minimum of processor time. Made by "
        "`tests/benchmarks/maps.py`.",
        "",
        page.machine("numpy"),
        "",
        *page.table(["map", "float64", "float32"], rows),
    ])  # fmt: skip


if __name__ == "__main__":
    main()
