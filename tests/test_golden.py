"""Our optimizers walk the paths of PyTorch, Optax and schedulefree, step by step in float64.

The paths were made once, by ``golden/make.py``; where the libraries are installed they are made
again, so that a new version of one of them shows.
"""

import json
from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from constructors import constructor
from golden import references, streams

from optlearn import Parameter
from optlearn.optim import REGISTRY

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


def tolerance(name, options, kind):
    """Return how far a weight may be off, as a share of the largest value it has had.

    Paths are sums of up to 1000 steps, and each addition rounds by 1e-16 of the sum: 1e-12 leaves
    a digit to spare, and an epsilon in the wrong place is off by far more.
    """
    if name == "radam" and kind == "tiny" and "weight_decay" in options:
        # The decay is larger than the gradient, so the path feeds on itself: a start that differs
        # by one rounding ends 2e-11 away in our own form alone.
        return 1e-10
    return 1e-12


#: PyTorch runs Muon's iteration in bfloat16, which has 8 bits: a share of the largest weight,
#: since a small one may well be all error. The same code without the cast is held to 1e-12.
BFLOAT16 = 0.05


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


def compare(name, options, kind, references, stored=streams.STORED):
    """Hold our path to those of a library."""
    found = ours(name, options, kind, stored)
    for what, reference in references.items():
        if what == "bfloat16":
            size = np.max(np.abs(reference), axis=1)
            d = np.max(np.abs(found["w"] - reference), axis=1) / size
            assert np.max(d) <= BFLOAT16
        else:
            start = streams.start(kind, reference.shape[-1])
            d = difference(found[what], reference, start)
            assert d <= tolerance(name, options, kind), what


@pytest.mark.parametrize("kind", streams.KINDS)
@pytest.mark.parametrize(("library", "number", "name", "options"), CASES)
def test_the_path_is_the_stored_one(library, number, name, options, kind):
    stored, row = golden(library)[1], streams.KINDS.index(kind)
    whats = [key.partition("/")[2] for key in stored if key.startswith(f"{number}/")]
    assert "w" in whats
    compare(name, options, kind, {what: stored[f"{number}/{what}"][row] for what in whats})


LIVE = [
    pytest.param(name, options, kind, id=f"{name}-{i}-{kind}")
    for i, (name, options) in enumerate(references.CASES)
    for kind in streams.KINDS
    if references.library(name) in references.importable()
]

# Where none of the libraries is installed there is no such test, rather than one that skips.
if LIVE:

    @pytest.mark.parametrize(("name", "options", "kind"), LIVE)
    def test_the_path_is_the_librarys_own(name, options, kind):
        stored = (1, 2, 3, 10, 100)
        compare(name, options, kind, references.paths(name, options, kind, stored), stored)


def test_the_goldens_hold_the_cases_that_are_written_down():
    stored = [case for library in references.LIBRARIES for case in golden(library)[0]["cases"]]
    written = json.loads(json.dumps(references.CASES))
    key = json.dumps
    assert sorted(map(key, stored)) == sorted(map(key, written)), "run golden/make.py again"


@pytest.mark.parametrize("library", references.LIBRARIES)
def test_a_golden_says_which_versions_made_it(library):
    assert {"python", "numpy", library} <= set(golden(library)[0]["versions"])


def test_the_goldens_are_small_together():
    assert sum(file.stat().st_size for file in GOLDEN.glob("*.npz")) < 1_000_000


#: Nesterov's momentum refuses dampening.
NEVER_TOGETHER = {frozenset({"nesterov", "dampening"})}


def untried(cls, names, together=1):
    """Return what no golden sets to other values than the defaults: options, or pairs of them."""
    usual = constructor(cls)
    cases = [{**REGISTRY[c.values[2]].fixed, **c.values[3]} for c in CASES if c.values[2] in names]
    tried = [{k for k in usual if case.get(k, usual[k]) != usual[k]} for case in cases]
    wanted = set(map(frozenset, combinations(usual, together))) - NEVER_TOGETHER
    return {options for options in wanted if not any(options <= others for others in tried)}


@pytest.mark.parametrize("name", REGISTRY)
def test_every_option_has_a_golden_and_every_two_have_one_together(name):
    cls = REGISTRY[name].cls
    names = [other for other in REGISTRY if REGISTRY[other].cls is cls]
    assert untried(cls, names) == set()
    assert untried(cls, names, together=2) == set()
    cases = [c.values[3] for c in CASES if c.values[2] == name]
    assert {} in cases
    assert any(isinstance(case.get("lr"), dict) for case in cases), "no schedule"


def test_options_are_read_from_the_signatures():
    assert set(constructor(REGISTRY["adamw"].cls)) == {
        "lr", "betas", "eps", "amsgrad", "weight_decay", "maximize",
    }  # fmt: skip
    assert "momentum" not in constructor(REGISTRY["schedule_free_adamw"].cls)


class Stranger(REGISTRY["sgd"].cls):
    """An optimizer with an option that no golden knows."""

    def __init__(self, params, *, surprise=0.0, **sgd):
        super().__init__(params, **sgd)


def test_an_option_without_a_golden_is_found():
    names = ["sgd", "momentum", "nesterov"]
    assert untried(Stranger, names) == {frozenset({"surprise"})}
    assert frozenset({"surprise", "lr"}) in untried(Stranger, names, together=2)


#: Where PyTorch says the same in another word.
RENAMED = {"adjust_lr": ("adjust_lr_fn", {None: "original"})}


@pytest.mark.parametrize("name", [n for n in REGISTRY if references.library(n) != "optax"])
def test_the_defaults_are_the_reference_librarys(name):
    library, cls, *_ = references.OPTIMIZERS[name]
    theirs = golden(library)[0]["defaults"][cls]
    shared = set()
    for option, value in constructor(REGISTRY[name].cls).items():
        key, words = RENAMED.get(option, (option, {}))
        if key in theirs:
            other = theirs[key]
            other = tuple(other) if isinstance(other, list) else words.get(other, other)
            assert value == other, option
            shared.add(option)
    assert {"lr", "weight_decay"} <= shared
    # Two have no such argument there, and are climbed on the negative gradient instead.
    assert set(constructor(REGISTRY[name].cls)) - shared <= {"maximize"}
