"""Our optimizers walk the paths of PyTorch, Optax and schedulefree, step by step in float64.

The paths were made once, by ``golden/make.py``; where the libraries are installed they are made
again, so that a new version of one of them shows.
"""

import inspect
import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from golden import references, streams

from optlearn import Parameter
from optlearn.optim import REGISTRY, Optimizer

GOLDEN = Path(__file__).parent / "golden"


@cache
def golden(library):
    """Return what a stored file says about itself, and its arrays."""
    with np.load(GOLDEN / f"{library}.npz") as file:
        arrays = dict(file)
    return json.loads(str(arrays.pop("about"))), arrays


#: (library, number of its case, registry name, options)
CASES = [
    pytest.param(library, number, name, options, id=f"{name}-{number}")
    for library in references.LIBRARIES
    for number, (name, options) in enumerate(golden(library)[0]["cases"])
]

#: Away from these, a weight may differ by 1e-12 of the largest value it has had: the paths are
#: sums of up to 1000 steps, and each addition rounds by 1e-16 of the sum.
TOLERANCE = 1e-12


def tolerance(name, options, what):
    if what == "bfloat16":
        return 1.0
    return TOLERANCE


def ours(name, options, kind, stored=streams.STORED):
    """Return the weights after the stored steps, and the averages of schedule-free optimizers."""
    shapes, sizes = streams.shapes(name), streams.sizes(name)
    parts = np.split(streams.start(kind, sum(sizes)), np.cumsum(sizes)[:-1])
    params = [Parameter(part.reshape(shape)) for part, shape in zip(parts, shapes)]
    if isinstance(options.get("lr"), dict):
        rates = streams.rates(options["lr"])
        options = {**options, "lr": lambda t: rates[t - 1]}
    optimizer = REGISTRY[name].make(params, **options)
    found = {"w": [], "average": []}
    flat = params[0].flat
    for t in range(1, max(stored) + 1):
        flat.g[:] = streams.gradients(kind, sum(sizes))[t - 1]
        optimizer.step()
        if t in stored:
            found["w"].append(flat.w.copy())
            if hasattr(optimizer, "averaged"):
                with optimizer.averaged():
                    found["average"].append(flat.w.copy())
    return {what: np.array(rows) for what, rows in found.items()}


def difference(path, reference, start):
    """Return the largest difference, each weight against the largest value it has had."""
    scale = np.maximum.accumulate(np.abs([start, *reference]), axis=0)[1:]
    return np.max(np.abs(path - reference) / scale)


@pytest.mark.parametrize("kind", streams.KINDS)
@pytest.mark.parametrize(("library", "number", "name", "options"), CASES)
def test_the_path_is_the_reference_librarys(library, number, name, options, kind):
    stored = golden(library)[1]
    found = ours(name, options, kind)
    for what in [key.partition("/")[2] for key in stored if key.startswith(f"{number}/")]:
        reference = stored[f"{number}/{what}"][streams.KINDS.index(kind)]
        path = found["w" if what == "bfloat16" else what]
        d = difference(path, reference, streams.start(kind, reference.shape[-1]))
        print(f"DIFF {name} {options} {kind} {what} {d:.1e}")
        assert d <= tolerance(name, options, what)
