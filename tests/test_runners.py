"""Optimizers against each other: Python and JavaScript, the race, and what is refused."""

import json

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed: uv sync")
mini_racer = pytest.importorskip("py_mini_racer", reason="mini-racer is not installed: uv sync")

from optlearn import explore, landscapes, optim, training  # noqa: E402
from optlearn.explore import base, runners, said  # noqa: E402
from optlearn.explore.race import COURSES, RACERS  # noqa: E402
from optlearn.explore.runners import NOISE, SHIFT, Given  # noqa: E402

STEPS = 120
GIVENS = [Given(), Given(1, 0.3, 4), Given(1000, 0.1, 19), Given(10, 0, 0)]


@pytest.fixture(scope="module")
def js():
    """Return ``call(expression)`` with the fragments of the explorer loaded."""
    engine = mini_racer.MiniRacer()
    names = "rules", "landscapes", "chart", "controls", "canvas", "view", "runners", "basins"
    names = *names, "race", "settings", "panel"
    engine.eval("\n".join(base.fragment(f"{name}.js") for name in names))
    engine.eval(f"const TABLE = new Float64Array({json.dumps(NOISE.ravel().tolist())});")
    return lambda expression: json.loads(engine.eval(f"JSON.stringify({expression})"))


def land_js(land):
    return f"landscape({land.name!r}, {json.dumps([float(c) for c in land.coefficients])})"


def given_js(given):
    first = given.seed * SHIFT
    return f"{{scale: {given.scale}, noise: {given.noise}, first: {first}, table: TABLE}}"


@pytest.mark.parametrize("given", GIVENS, ids=str)
@pytest.mark.parametrize("optimizer", runners.OPTIMIZERS)
def test_noise_and_a_multiplied_loss_give_the_same_bits(js, optimizer, given):
    for name in ("ravine", "himmelblau"):
        land, hyper = landscapes.get(name), runners.hyperparameters(optimizer)
        run = optimizer, {**hyper, "lr": 0.01}, land.start, STEPS
        ours = runners.follow(land, run[0], run[2], STEPS, run[1], given)
        call = ", ".join(map(json.dumps, run))
        path = f"simulate({land_js(land)}, {call}, {given_js(given)})"
        points = js(f"((p) => Array.from(p.points.slice(0, 2 * p.length + 2), String))({path})")
        assert np.array_equal(ours.points, np.array(points, float).reshape(-1, 2), equal_nan=True)


def test_noise_is_normal_and_other_for_each_seed():
    streams = [NOISE[(seed * SHIFT + np.arange(1, 51)) % len(NOISE)] for seed in range(20)]
    assert len({stream.tobytes() for stream in streams}) == 20
    assert np.abs(NOISE.mean(0)).max() < 0.1
    assert np.abs(NOISE.std(0) - 1).max() < 0.1
    quiet, noisy = (explore.trajectory("quadratic", "sgd", noise=n).path() for n in (0, 0.5))
    assert not np.array_equal(quiet, noisy)


@pytest.mark.parametrize("name", COURSES)
def test_both_languages_rank_alike(js, name):
    land = landscapes.get(name)
    for lr in (0.001, 0.03, 1.0):
        explorer = explore.race(name, lr=lr)
        walks = explorer.walks()
        heights = {n: runners.above(land, walk) for n, walk in walks.items()}
        hypers = {n: explorer.hyper(n) for n in RACERS}
        text = (
            f"((land, hypers, names) => {{ const end = (n) => above("
            f"simulate(land, n, hypers[n], {json.dumps(land.start)}, 150), land,"
            f" {json.dumps(land.minima[0].tolist())});"
            f" const pairs = Object.keys(hypers).map((n) => [n, end(n)]);"
            f" const heights = Object.fromEntries(pairs);"
            f" return [rankingOf(heights), winnerOf(heights), verdictOf(heights, names),"
            f" bannerOf(Object.values(hypers).map((h) => h.lr))] }})"
            f"({land_js(land)}, {json.dumps(hypers)}, {json.dumps(runners.OPTIMIZERS)})"
        )
        ranking, best, verdict, banner = js(text)
        assert ranking == runners.ranking(heights)
        assert best == runners.winner(heights)
        assert banner == said.banner(explorer)
        drop = str.maketrans("", "", "0123456789.e")  # the two round a lead of 12.345 alike or not
        assert verdict.translate(drop) == said.verdict(explorer, heights).translate(drop)


@pytest.mark.parametrize("optimizer", RACERS)
def test_both_languages_find_the_same_best_rate(js, optimizer):
    land, hyper = landscapes.get("rosenbrock"), runners.hyperparameters(optimizer)
    ours = runners.tuned(land, optimizer, land.start, 100, hyper)
    lowest, start = json.dumps(land.minima[0].tolist()), json.dumps(land.start)
    theirs = js(
        f"tunedRate({json.dumps(runners.TRIED)}, {land_js(land)}, {lowest}, {optimizer!r}, "
        f"{json.dumps(hyper)}, {start}, 100, PLAIN)"
    )
    assert theirs == ours


@pytest.mark.parametrize("optimizer", runners.OPTIMIZERS)
def test_both_languages_point_the_same_way(js, optimizer):
    land, given = landscapes.get("ravine"), Given(10, 0.2, 3)
    hyper = {**runners.hyperparameters(optimizer), "lr": 0.01}
    here, vectors = runners.compass(land, optimizer, land.start, 7, hyper, given)
    run = ", ".join(map(json.dumps, (optimizer, hyper, land.start, 7)))
    theirs = js(f"compass({land_js(land)}, {run}, {given_js(given)})")
    assert theirs["here"] == here.tolist()
    assert {k: np.array(v).tolist() for k, v in vectors.items()} == theirs["vectors"]
    remembers = {"b", "m"} & set(optim.get(optimizer).rule_state)
    assert ("down the momentum" in vectors) == bool(remembers and optimizer != "rmsprop")


@pytest.mark.parametrize(
    ("name", "optimizer", "lr", "ends"),
    [
        ("himmelblau", "momentum", 0.01, 6),  # four minima, some diverge, some are on their way
        ("double_well", "adam", 0.3, 2),
        ("saddle", "sgd", 0.4, 2),
    ],
)
def test_both_languages_colour_the_same_basins(js, name, optimizer, lr, ends):
    explorer = explore.trajectory(name, optimizer, lr=lr, steps=80, basins=True)
    land, hyper = landscapes.get(name), explorer.hyper(optimizer)
    ours = explorer.basin_map()
    minima, bounds = json.dumps(land.minima.tolist()), json.dumps(land.bounds)
    columns, rows = runners.GRID
    theirs = js(
        f"((land, [[x0, x1], [y0, y1]]) => Array.from({{length: {rows * columns}}}, (_, cell) => {{"
        f" const x = x0 + ((x1 - x0) * ((cell % {columns}) + 0.5)) / {columns};"
        f" const y = y0 + ((y1 - y0) * (Math.floor(cell / {columns}) + 0.5)) / {rows};"
        f" return endOf(simulate(land, {optimizer!r}, {json.dumps(hyper)}, [x, y], 80), {minima},"
        f" {bounds}) }}))({land_js(land)}, {bounds})"
    )
    assert np.array_equal(ours.ravel(), theirs)
    assert len(np.unique(ours)) >= ends
    share = f"{np.mean(ours == 0):.0%} reach"
    assert share in explorer.text().splitlines()[-1]


def test_a_start_that_leads_so_far_that_squares_overflow_diverges():
    explorer = explore.trajectory("quadratic", "sgd", lr=1e3, steps=80, basins=True)
    assert (explorer.basin_map() == runners.DIVERGES).all()


def test_the_map_of_basins_is_filled_cell_by_cell(js):
    columns, rows = runners.GRID
    cells = js(f"coarseToFine({columns}, {rows})")
    assert len([cell for cell in cells if cell[2] == 1]) == columns * rows
    assert [cell[2] for cell in cells] == sorted((cell[2] for cell in cells), reverse=True)


# ---- the race ------------------------------------------------------------------------------------


def wins(rates, steps=150):
    """Return in how many settings each of the eight wins outright, by landscape."""
    counts = {}
    for name in COURSES:
        land = landscapes.get(name)
        starts = np.tile(land.start, (len(rates), 1))
        value, least = land.value(np.array(land.start)), land.value(land.minima[0])
        heights = {}
        for racer in RACERS:
            ends = training.trace(land, racer, starts, steps, keep="last", lr=np.array(rates))
            with np.errstate(all="ignore"):
                loss = land.value(ends)
            heights[racer] = np.where(loss < value, np.maximum(loss - least, 1e-12), np.inf)
        for i in range(len(rates)):
            best = runners.winner({racer: heights[racer][i] for racer in RACERS})
            counts.setdefault(best, []).append((name, rates[i]))
    return counts


def test_every_one_of_eight_wins_somewhere_under_a_shared_rate(js):
    rates = js("RATES")
    assert js("CLASSICAL") == list(said.CLASSICAL)
    counts = wins(rates)
    assert set(RACERS) <= set(counts), "each wins somewhere that the controls reach"
    for racer in RACERS:  # the explorer agrees, in words
        place, lr = counts[racer][0]
        explorer = explore.race(place, lr=lr, favourite=racer)
        assert f", {explorer.steps} steps: {runners.OPTIMIZERS[racer]} wins" in repr(explorer)
        assert "wins outright" in repr(explorer)


def test_a_learner_draws_a_race_of_their_own():
    first = {repr(explore.race(learner=n)).splitlines()[0] for n in range(12)}
    assert len(first) > 6
    assert repr(explore.race(learner=7)) == repr(explore.race(learner=7))
    assert explore.race("beale", lr=0.2, learner=7).lr == 0.2


def test_the_banner_says_whose_rates_they_are():
    shared, own = explore.race("ravine", lr=0.03), explore.race("ravine", shared=False)
    assert ", one shared learning rate, 0.03, 150 steps: " in repr(shared).splitlines()[0]
    assert ", each its own learning rate, 150 steps: " in repr(own).splitlines()[0]
    assert len({own.hyper(name)["lr"] for name in RACERS}) > 2
    own.shared = True
    assert "one shared learning rate" in repr(own)


# ---- several optimizers --------------------------------------------------------------------------


def test_several_optimizers_and_settings_of_their_own():
    explorer = explore.trajectory(
        "ravine", {"sgd": {}, "adam": {"lr": 0.2, "betas": (0.8, 0.99)}}, lr=0.04
    )
    assert explorer.optimizers == ["sgd", "adam"]
    assert explorer.hyper("sgd") == {"lr": 0.04}
    assert explorer.hyper("adam") == {"lr": 0.2, "betas": [0.8, 0.99], "eps": 1e-8}
    assert "(learning rate 0.2, beta 1 0.8, beta 2 0.99)" in repr(explorer)
    explorer.shared = True
    assert explorer.hyper("adam")["lr"] == 0.04
    path = training.trace("ravine", "adam", (-3.5, 1.0), 50, lr=0.04, betas=(0.8, 0.99))
    np.testing.assert_allclose(explorer.path("adam"), path, rtol=1e-9)
    explorer.optimizers = ["lion", "radam"]
    assert explorer.optimizer == "lion"


def test_one_optimizer_is_replaced_by_another():
    explorer = explore.trajectory("ravine", "sgd", lr=0.01)
    explorer.optimizer = "adagrad"
    assert explorer.optimizers == ["adagrad"]
    assert repr(explorer).startswith("ravine, Adagrad, learning rate 0.01: ")


def test_weight_decay_is_the_registrys():
    explorer = explore.trajectory("ravine", {"adamw": {"weight_decay": 0.5}}, lr=0.1)
    path = training.trace("ravine", "adamw", (-3.5, 1.0), 50, lr=0.1, weight_decay=0.5)
    np.testing.assert_allclose(explorer.path(), path, rtol=1e-9)
    assert "weight decay 0.5" in repr(explorer)


def test_multiplying_the_loss_moves_gradient_descent_and_not_adam():
    explorer = explore.trajectory("ravine", ["sgd", "adam"], lr=0.05, loss_scale=1000)
    said_so = "multiplying the loss by 1000 moves the path of gradient descent, not that of Adam"
    assert said_so in repr(explorer)
    plain = explore.trajectory("ravine", "adam", lr=0.05)
    assert np.abs(explorer.path("adam") - plain.path()).max() < 1e-6


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"optimizer": []}, ValueError, r"optimizers are \[\]: choose 1 to 8 different ones"),
        ({"optimizer": ["sgd", "sgd"]}, ValueError, "choose 1 to 8 different ones"),
        ({"optimizer": [*runners.OPTIMIZERS][:9]}, ValueError, "choose 1 to 8 different ones"),
        ({"optimizer": "muon"}, ValueError, "muon moves no single weight by itself: choose"),
        ({"optimizer": {"adam": {"rho": 1}}}, ValueError, "unknown setting of adam 'rho'"),
        ({"optimizer": {"adam": 3}}, TypeError, "settings of adam must be a dict, got 3"),
        ({"optimizer": {"adam": {"betas": 0.9}}}, ValueError, "betas of adam is 0.9: give two"),
        ({"optimizer": {"adam": {"betas": (1, 0.9)}}}, ValueError, "betas of adam is 1: choose"),
        ({"optimizer": {"adam": {"eps": 0}}}, ValueError, "eps of adam is 0: choose a number > 0"),
        ({"optimizer": {"rmsprop": {"alpha": 2}}}, ValueError, "alpha of rmsprop is 2: choose"),
        (
            {"optimizer": {"schedule_free_sgd": {"momentum": 0}}},
            ValueError,
            r"momentum of schedule_free_sgd is 0: choose a number in \[0.01, 1\)",
        ),
        ({"noise": -1}, ValueError, "noise is -1: choose a number >= 0"),
        ({"seed": 20}, ValueError, "seed is 20: choose a whole number from 0 to 19"),
        ({"loss_scale": 7}, ValueError, "loss_scale is 7: choose one of 1, 10, 100, 1000"),
    ],
)
def test_bad_settings(arguments, error, message):
    with pytest.raises(error, match=message):
        explore.trajectory(**arguments)


def test_a_race_knows_its_favourites():
    with pytest.raises(ValueError, match="unknown optimizer 'adan': known are sgd"):
        explore.race(favourite="adan")
