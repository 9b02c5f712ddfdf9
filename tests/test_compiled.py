"""The rules compiled by numba: equal to NumPy's form, exchangeable with it, and safe to store."""

import os
import subprocess
import sys

import numpy as np
import pytest

from optlearn import Parameter, backend, rules
from optlearn.backend import compiled, forms
from optlearn.optim import REGISTRY, SGD, Adam, FromRule, RMSprop, ScheduleFreeSGD

pytest.importorskip("numba", reason="numba is not installed: uv sync --group ci")

#: A wrong term shows in the first steps; the bound below is for roundings of far more.
STEPS = 40
ELEMENTWISE = [name for name, entry in REGISTRY.items() if entry.elementwise]
CASES = [
    pytest.param(REGISTRY[name], case, id=f"{name}-{i}")
    for name in ELEMENTWISE
    for i, case in enumerate(REGISTRY[name].cases)
]
#: How far apart the two forms may be, as a share of the largest weight so far.
BOUND = {"float64": 1e-12, "float32": 1e-4}


@pytest.fixture(scope="session")
def store(pytestconfig, tmp_path_factory):
    """Keep compiled code from one run of the tests to the next; its name holds its text's hash."""
    cache = getattr(pytestconfig, "cache", None)  # there is none with -p no:cacheprovider
    return cache.mkdir("compiled") if cache else tmp_path_factory.mktemp("compiled")


@pytest.fixture(autouse=True)
def chosen(monkeypatch, store):
    monkeypatch.setattr(forms, "_chosen", "numpy")
    monkeypatch.setattr(compiled, "_cache_folder", lambda: store)


def gradients(kind, steps, size=53):
    rng = np.random.default_rng(4)
    for _ in range(steps):
        g = rng.normal(size=size)
        if kind == "ill-conditioned":
            g *= np.geomspace(1e-4, 1, size)
        elif kind == "sparse":
            g *= rng.uniform(size=size) < 0.1
        yield g if kind != "tiny" else 1e-7 * g


def start(dtype="float64", shapes=((3, 4), (41,))):
    rng = np.random.default_rng(1)
    return [Parameter(rng.normal(size=shape).astype(dtype), str(shape)) for shape in shapes]


def step(optimizer, form, g):
    """Take one step, and tell whether it was compiled."""
    ends = np.cumsum([p.size for p in optimizer.params])
    for p, part in zip(optimizer.params, np.split(g, ends[:-1])):
        p.grad = part.reshape(p.shape)
    backend.use(form)
    optimizer.step()
    return bool(optimizer._sweeps)


def flat(optimizer):
    return np.concatenate([p.data.ravel() for p in optimizer.params])


def assert_close(one, other, largest):
    """Compare weights and states; ``largest`` collects what they have rounded at."""
    both = [(flat(one), flat(other)), *zip(one.state.values(), other.state.values(), strict=True)]
    for name, (a, b) in zip(("w", *one.state), both, strict=True):
        largest[name] = max(largest.get(name, 0), np.abs(a).max())
        assert np.abs(a - b).max() <= BOUND[a.dtype.name] * largest[name], (name, one.t)


@pytest.mark.parametrize("kind", ["ill-conditioned", "sparse", "tiny"])
@pytest.mark.parametrize("dtype", BOUND)
@pytest.mark.parametrize(("entry", "case"), CASES)
def test_the_compiled_rule_equals_numpys_form(entry, case, dtype, kind):
    plain, fast = (entry.make(start(dtype), **case) for _ in range(2))
    largest = {}
    for g in gradients(kind, STEPS):
        assert not step(plain, "numpy", g)
        assert step(fast, "numba", g)
        if plain.t < 10 or plain.t % 10 == 0:
            assert_close(plain, fast, largest)


@pytest.mark.parametrize("change", ["maximize", "decay", "rate", "schedule", "resume"])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_what_changes_on_the_way_counts_in_both_forms(name, change):
    def rate(t):
        return 0.02 * min(t / 10, 1)

    options = {"lr": rate} if change == "schedule" else {}
    plain, fast = (REGISTRY[name].make(start(), **options) for _ in range(2))
    largest = {}
    for t, g in enumerate(gradients("sparse", 60), 1):
        if t == 30:
            for optimizer in (plain, fast):
                if change == "maximize":
                    optimizer.maximize = True
                elif change == "decay":
                    optimizer.weight_decay = 0.1
                elif change == "rate":
                    optimizer.lr = 0.05
        if t == 40 and change == "resume":
            fast, saved = REGISTRY[name].make(fast.params), fast.state_dict()
            fast.load_state_dict(saved)
        step(plain, "numpy", g)
        step(fast, "numpy" if change == "resume" and 20 < t < 40 else "numba", g)
        assert_close(plain, fast, largest)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", ["gradient", "weight", "state"])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_nan_and_infinity_go_where_the_rule_sends_them(name, where, bad):
    entry = REGISTRY[name]
    plain = FromRule(entry.rule, start(), **entry.hyperparameters)
    fast = entry.make(start(), weight_decay=0.0)
    with np.errstate(all="ignore"):
        for t, g in enumerate(gradients("sparse", 6)):
            if t == 3 and where == "gradient":
                g[5:9] = bad
            for optimizer in (plain, fast):
                if t == 3 and where == "weight":
                    optimizer.params[1].data[2:5] = bad
                elif t == 3 and where == "state":
                    for vector in fast.state:
                        optimizer.state[vector][20:23] = bad
                assert step(optimizer, "numba", g) == (optimizer is fast)
    ends = [[flat(o), *(o.state[vector] for vector in fast.state)] for o in (plain, fast)]
    assert where == "state" or not np.isfinite(np.concatenate(ends[0])).all()
    for a, b in zip(*ends, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-15)


class Halved(Adam):
    """A subclass that changes the step."""

    def update(self, w, g, state, lr, tmp):
        super().update(w, g, state, lr / 2, tmp)


class Floored(RMSprop):
    """A subclass that overrides a hook of the step."""

    def size(self, v, means, g, out):
        super().size(v, means, g, out)
        np.maximum(out, 0.1, out=out)


def mixed():
    return [*start("float32", ((12,),)), *start("float64", ((41,),))]


@pytest.mark.parametrize(
    "make",
    [
        *(pytest.param(e.make, id=n) for n, e in REGISTRY.items() if not e.elementwise),
        pytest.param(Halved, id="another update"),
        pytest.param(Floored, id="another hook"),
        pytest.param(lambda params: FromRule(rules.adam, params), id="a learner's rule"),
        pytest.param(lambda _: Adam(mixed()), id="two dtypes"),
        pytest.param(lambda _: SGD(start("float16"), momentum=0.9), id="float16"),
        pytest.param(
            lambda _: Adam(start("float64", ((53,),)), lr=np.geomspace(1e-3, 1, 53)),
            id="settings side by side",
        ),
        pytest.param(
            lambda p: ScheduleFreeSGD(p, lr=lambda t: 1 / t), id="schedule-free, schedule"
        ),
    ],
)
def test_what_cannot_be_compiled_steps_in_numpy_bit_for_bit(make):
    ends = []
    for form in ("numpy", "numba"):
        optimizer = make(start("float64", ((3, 4), (41, 1))))
        for g in gradients("sparse", 20):
            assert not step(optimizer, form, g)
        ends.append(flat(optimizer))
    assert np.array_equal(*ends)


def test_parameters_of_two_dtypes_without_state_are_two_stretches():
    plain, fast = SGD(mixed()), SGD(mixed())
    for g in gradients("sparse", 20):
        step(plain, "numpy", g)
        assert step(fast, "numba", g)
    np.testing.assert_allclose(flat(fast), flat(plain), rtol=1e-6)


# One process after another, over one cache folder.

RUN = """
import sys
from pathlib import Path
import numpy as np
from optlearn import Parameter, backend, optim
from optlearn.backend import compiled
compiled._cache_folder = lambda: Path(sys.argv[1])
backend.use("numba")
p = Parameter(np.ones(5))
adam = optim.Adam([p], lr=0.5)
p.grad = np.full(5, 2.0)
adam.step()
[(once, sweep, vectors)] = adam._sweeps
print(sum(sweep.stats.cache_hits.values()), *p.data.round(6))
"""


def run(folder):
    command = [sys.executable, "-W", "error", "-c", RUN, str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=compiled_root())


def compiled_root():
    return os.path.dirname(os.path.dirname(os.path.dirname(compiled.__file__)))


def answer(process):
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return out.split()


STEPPED = ["0.5"] * 5


def test_compiled_code_is_stored_and_found_again_and_a_damaged_store_is_no_harm(tmp_path):
    assert answer(run(tmp_path)) == ["0", *STEPPED]
    assert answer(run(tmp_path)) == ["1", *STEPPED]
    (source,) = tmp_path.glob("*.py")
    for path in tmp_path.glob("__pycache__/*"):
        path.write_bytes(b"damaged")
    assert answer(run(tmp_path)) == ["0", *STEPPED]
    source.write_text("raise SystemExit('another version')", "utf8")
    assert answer(run(tmp_path))[1:] == STEPPED
    assert "another version" not in source.read_text("utf8")


def test_two_processes_may_compile_at_once(tmp_path):
    both = [run(tmp_path), run(tmp_path)]
    assert [answer(process)[1:] for process in both] == [STEPPED, STEPPED]
    assert not list(tmp_path.glob("*.tmp"))
    assert answer(run(tmp_path)) == ["1", *STEPPED]


def test_where_nothing_can_be_stored_the_code_is_compiled_anew(tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("a file where the folder would be")
    assert answer(run(taken)) == ["0", *STEPPED]
    assert taken.read_text() == "a file where the folder would be"


def test_a_changed_rule_is_another_file():
    def sgd(w, g, t, lr=1e-3):
        """Climb."""
        return (w + lr * g,)

    ends = []
    for rule in (rules.sgd, sgd):
        once, sweep = compiled.compile_rule(rule, "float64", ())
        w = np.zeros(2)
        sweep(w, np.ones(2), *once(SGD(start()), 0.5))
        ends.append(w.tolist())
    assert ends == [[-0.5, -0.5], [0.5, 0.5]]
    assert len(list(compiled._cache_folder().glob("sgd_float64_*.py"))) >= 2


@pytest.mark.parametrize(
    ("platform", "variables", "folder"),
    [
        ("linux", {"XDG_CACHE_HOME": "/x"}, "/x/optlearn"),
        ("linux", {"HOME": "/h"}, "/h/.cache/optlearn"),
        ("darwin", {"HOME": "/h"}, "/h/Library/Caches/optlearn"),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l/optlearn"),
    ],
)
def test_the_store_is_the_users_cache_folder(platform, variables, folder, monkeypatch):
    monkeypatch.undo()  # the fixture's folder
    monkeypatch.setattr(sys, "platform", platform)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert compiled._cache_folder().as_posix() == folder
