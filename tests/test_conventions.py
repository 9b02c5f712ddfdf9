"""The cards of conventions say what the libraries do.

Each row was run once in its library, by ``golden/make_conventions.py``; a formula that reads the
cells of the row has to walk the same path, and to leave it as soon as one cell is changed.
"""

import json
from functools import cache
from pathlib import Path

import formulas
import numpy as np
import pytest
from golden import dialects

from optlearn import Parameter, course
from optlearn.course import cards
from optlearn.optim import REGISTRY, conventions

ROOT = Path(__file__).parents[1]
TABLE = dialects.table()
ROWS = [pytest.param(key, row, id="-".join(key)) for key, row in TABLE.items()]
#: MLX and tinygrad keep learning rates and corrections in single precision; PyTorch's Muon iterates
#: in bfloat16.
LOOSE = {"MLX": 1e-5, "tinygrad": 1e-4, ("muon", "PyTorch"): 0.05}


@cache
def golden():
    """Return what was kept of every row, and the paths by row and walk."""
    with np.load(ROOT / "tests" / "golden" / "conventions.npz") as file:
        arrays = dict(file)
    return json.loads(str(arrays.pop("about"))), arrays


def stored(key, walk):
    """Return the path of a row."""
    return golden()[1][f"{'/'.join(key)}/{walk}"]


def tolerance(key):
    return LOOSE.get(key, LOOSE.get(key[1], 1e-6 if key[0] == "muon" else 1e-8))


def off(a, b, start=dialects.START):
    """Return how far two paths are apart, as a share of the longest step of each weight.

    A step below 1e-7 is measured as if it were one: weights around 1 round by 1e-16.
    """
    steps = np.abs(np.diff(np.concatenate([[start], b]), axis=0)).max(axis=0)
    return float(np.max(np.abs(a - b) / np.maximum(steps, 1e-7)))


def misses(key, row):
    """Return how far the formula of ``row`` is off the library's paths at most."""
    found = []
    for walk, options in dialects.tasks(row).items():
        start, gradients = dialects.ground(walk)
        path = formulas.walk(key[0], row, options, start, gradients, dialects.RATES)
        found.append(off(path, stored(key, walk), start))
    return max(found)


@pytest.mark.parametrize(("key", "row"), ROWS)
def test_the_formula_of_the_row_walks_the_librarys_paths(key, row):
    assert misses(key, row) <= tolerance(key)


#: What a cell could say instead.
OTHER = {
    "eps": ("outside", "inside", "hat"),
    "lr": ("outside", "inside"),
    "correct": (True, False),
    "decay": ("coupled", "decoupled"),
    "of": ("raw", "corrected"),
    "scale": ("rows", "columns", "longer", "none"),
    "first": ("whole", "damped"),
    "growth": (4e-3, 1.0),
}


def same_thing(key, row, cell, value):
    """Return whether a cell may as well say ``value``."""
    if cell == "eps" and value == "hat":  # before a correction that is not there
        return not row.get("correct") or key[0] == "adamax" or row.get("of") == "corrected"
    if cell == "decay":  # without state, the decay is part of the step either way
        return row["decay"] == "none" or key[0] == "sgd"
    return False


CHANGED = [
    pytest.param(key, {**row, cell: value}, id=f"{'-'.join(key)}-{cell}-{value}")
    for key, row in TABLE.items()
    for cell in sorted(OTHER.keys() & row.keys())
    for value in OTHER[cell]
    if value != row[cell] and not same_thing(key, row, cell, value)
]


@pytest.mark.parametrize(("key", "row"), CHANGED)
def test_a_cell_that_says_something_else_is_found(key, row):
    assert misses(key, row) > tolerance(key)


@pytest.mark.parametrize(("key", "row"), ROWS)
def test_the_defaults_are_the_librarys(key, row):
    assert golden()[0]["/".join(key)]["defaults"] == row["defaults"]


@pytest.mark.parametrize(("key", "row"), ROWS)
def test_the_state_is_called_what_the_library_calls_it(key, row):
    assert sorted(golden()[0]["/".join(key)]["state"]) == sorted(row.get("state", []))


def ours(optimizer, **options):
    """Return the path of optlearn's optimizer."""
    parameter, path = Parameter(dialects.START.copy()), []
    made = REGISTRY[optimizer].make([parameter], **options)
    for g in dialects.GRADIENTS:
        parameter.grad = g
        made.step()
        path.append(parameter.data.copy())
    return np.array(path)


@pytest.mark.parametrize(("key", "row"), ROWS)
def test_the_line_of_code_is_as_near_as_the_row_says(key, row):
    path, mine = stored(key, "code"), ours(key[0])
    far, near = off(path, mine), off(path[:, 3:], mine[:, 3:], dialects.START[3:])
    if row["same"] in ("exact", "constant lr", "bfloat16"):
        assert far <= 10 * tolerance(key)  # the rate is no power of two here
        assert (far > 1e-3) == (row["same"] == "bfloat16")
    elif row["same"] == "near":
        assert tolerance(key) < far
        assert near <= 1e-3
    else:
        assert row["same"] == "no"
        assert near > 1e-2


@pytest.mark.parametrize(("key", "row"), [row for row in ROWS if row.values[1]["same"] != "no"])
def test_only_a_constant_rate_hides_a_rate_inside_the_buffer(key, row):
    plain = stored(key, "plain")
    if key[0] in ("momentum", "nesterov"):
        far = off(plain, ours(key[0], lr=lambda t: dialects.RATES[t - 1]))
        assert (far > 0.1) == (row["same"] == "constant lr") == (row["lr"] == "inside")
    else:
        assert row["same"] != "constant lr"


LIVE = [row for row in ROWS if dialects.installed(row.values[0][1])]

# Where none of the libraries is installed there is no such test, rather than one that skips.
if LIVE:

    @pytest.mark.parametrize(("key", "row"), LIVE)
    def test_the_library_still_does_what_was_stored(key, row):
        for walk, path in dialects.paths(key[1], row).items():
            assert off(path, stored(key, walk), dialects.ground(walk)[0]) <= tolerance(key), walk
        assert dialects.state(key[1], row) == golden()[0]["/".join(key)]["state"]
        known = dialects.defaults(key[1], row)
        assert json.loads(json.dumps({k: known.get(k) for k in row["defaults"]})) == row["defaults"]


def first_step(library, g):
    """Return the first step of Adam on the gradient ``g``, in learning rates."""
    row = TABLE["adam", library]
    w = formulas.walk("adam", row, {"eps": 1e-7 if library == "Keras" else 1e-8}, 0.0, [g], [1.0])
    return -float(w[0])


@pytest.mark.parametrize(
    ("library", "step"), [("PyTorch", 0.990099), ("Keras", 0.240253), ("MLX", 2.40253)]
)
def test_adams_first_step_on_a_slope_of_1e_6(library, step):
    assert first_step(library, 1e-6) == pytest.approx(step, rel=1e-5)


def ball(library):
    """Roll down x^2 / 2 with momentum 0.9 and a rate that falls from 0.1 to 0.01 after step 50."""
    row, path = TABLE["momentum", library], [1.0]
    h, s = formulas.hyper(row, {"momentum": 0.9}), {"b": 0.0}
    for t in range(1, 101):
        lr = 0.1 if t <= 50 else 0.01
        path.append(path[-1] - formulas.momentum(row, h, path[-1], path[-1], s, t, lr))
    return path


@pytest.mark.parametrize(
    ("library", "at_56", "at_100"),
    [("PyTorch", -0.051669, 0.003243), ("Keras", -0.020038, -0.002645)],
)
def test_where_the_rate_stands_shows_once_it_falls(library, at_56, at_100):
    path = ball(library)
    assert path[56] == pytest.approx(at_56, abs=1e-6)
    assert path[100] == pytest.approx(at_100, abs=1e-6)


@pytest.mark.parametrize("name", ["adagrad", "adadelta", "adam", "adamw", "lion", "muon"])
def test_these_rules_are_written_as_their_source_has_them(name):
    row = {**dialects.everything()[name, "source"], "decay": "none"}
    hyper = REGISTRY[name].hyperparameters
    rates = [hyper["lr"]] * len(dialects.GRADIENTS)
    path = formulas.walk(name, row, hyper, dialects.START, dialects.GRADIENTS, rates)
    assert off(path, ours(name, weight_decay=0.0)) <= 1e-8


@pytest.mark.parametrize("name", conventions.NAMES)
def test_a_card_has_the_three_libraries_of_the_lessons_and_says_where_each_bites(name):
    rows = conventions.card(name)
    libraries = [row.library for row in rows]
    assert {"Keras", "Optax"} <= set(libraries)
    assert ("PyTorch" in libraries) == (name != "lion")
    assert libraries[-1] == "source" or name == "sgd"
    for row in rows:
        assert row.trap.endswith(".")
        assert row.trap.count(". ") == 0
        assert len(row.trap) <= 130
        assert (row.code == "") == (row.library == "source") == (row.same == "")


def test_there_is_a_card_for_every_optimizer_of_the_article_and_more():
    assert set(conventions.NAMES) <= set(REGISTRY)
    article = {"sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "adamw"}
    assert article <= set(conventions.NAMES)


def test_an_unknown_card_is_refused():
    with pytest.raises(ValueError, match="no card for 'radam': there are sgd, momentum"):
        conventions.card("radam")


def test_the_page_is_the_table():
    page = (ROOT / "docs" / "conventions.md").read_text("utf8")
    assert page == cards.conventions_page(), (
        'write it anew: python -c "from optlearn.course import cards; '
        'print(cards.conventions_page(), end=str())" > docs/conventions.md'
    )


def test_the_same_in_other_libraries_is_the_code_and_what_to_watch_for():
    table = course.same_in("adam")
    assert [row[0] for row in table.rows] == ["PyTorch", "Keras", "Optax"]
    assert "`keras.optimizers.Adam(1e-3, epsilon=1e-8)`" in str(table)
    assert "the same, until eps counts" in str(table)
    assert [row[0] for row in course.same_in("adam", "MLX").rows] == ["MLX"]


def test_a_card_shows_only_columns_that_say_something():
    assert course.conventions("sgd").header == ("", "weight decay", "state", "defaults")
    table = course.conventions("adamax")
    assert table.header[1] == "eps stands"
    assert table.rows[0][1] == "inside the maximum"
    assert len(table.rows) == len(conventions.card("adamax"))
