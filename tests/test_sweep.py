import functools
import json
import os
import signal
import subprocess
import sys
import threading
import time

import joblib
import numpy as np
import pytest
from runs import SQUARES, XS, logged, noisy
from sklearn.model_selection import ParameterGrid, ParameterSampler
from threadpoolctl import threadpool_limits

from optlearn.tuning import sweep
from optlearn.tuning.engine import _Run
from optlearn.tuning.journal import Journal

GRID = [{"lr": lr, "seed": seed} for lr in (0.1, 1.0) for seed in range(6)]


@pytest.fixture
def log(tmp_path):
    """Return a folder in which runs leave a file each time they finish."""
    folder = tmp_path / "log"
    folder.mkdir()
    return folder


def finished(log):
    return sorted(int(file.name.partition("-")[0]) for file in log.iterdir())


@pytest.mark.parametrize("n_jobs", [None, 1, 2, -1])
def test_results_depend_neither_on_the_number_of_workers_nor_on_the_cache(n_jobs, tmp_path):
    expected = [{"config": c, "result": noisy(c), "error": None} for c in GRID]
    assert sweep(noisy, GRID, n_jobs=n_jobs).rows == expected
    assert sweep(noisy, GRID, n_jobs=n_jobs, cache=tmp_path).rows == expected
    assert sweep(noisy, GRID, n_jobs=n_jobs, cache=tmp_path).rows == expected


@pytest.mark.parametrize("backend", ["loky", "threading", "sequential"])
def test_the_engine_is_the_users(backend):
    with joblib.parallel_config(backend=backend, n_jobs=2):
        pids = {row["result"] for row in sweep(lambda config: os.getpid(), XS).rows}
    assert (os.getpid() not in pids) == (backend == "loky")


def test_a_grid_of_scikit_learn_serves():
    space = {"lr": [0.1, 1.0], "seed": range(6)}
    assert sweep(noisy, ParameterGrid(space)).rows == sweep(noisy, GRID).rows


def test_a_sampler_serves_as_well_and_configurations_come_back_in_plain_types():
    sampler = ParameterSampler({"lr": np.geomspace(0.1, 10, 50), "betas": [(0.9, 0.99)]}, 4,
                               random_state=0)  # fmt: skip
    results = sweep(lambda config: config["lr"], sampler)
    assert [row["result"] for row in results.rows] == [config["lr"] for config in sampler]
    assert all(type(row["config"]["lr"]) is float for row in results.rows)
    assert all(row["config"]["betas"] == (0.9, 0.99) for row in results.rows)


def test_equal_configurations_are_run_once_and_fn_cannot_change_them(log):
    def spoil(config):
        open(log / f"{config['x']}-{time.monotonic_ns()}", "x").close()
        config["x"] = 7

    sweep(spoil, [{"x": 0}, {"x": 1}, {"x": 0}])
    assert finished(log) == [0, 1]
    assert [row["config"] for row in sweep(spoil, [{"x": 0}, {"x": 1}]).rows] == [
        {"x": 0},
        {"x": 1},
    ]


def test_only_what_is_new_is_run(tmp_path, log):
    run = functools.partial(logged, log=str(log))
    sweep(run, XS[:10], cache=tmp_path / "cache")
    results = sweep(run, XS, cache=tmp_path / "cache")
    assert results.rows == SQUARES
    assert finished(log) == list(range(16))


def test_two_caches_in_one_process_both_last(tmp_path, log):
    run = functools.partial(logged, log=str(log))
    for cache in ("one", "two"):
        sweep(run, XS[:3], cache=tmp_path / cache)
    for cache in ("one", "two"):
        sweep(run, XS[:3], cache=tmp_path / cache)
    assert finished(log) == [0, 0, 1, 1, 2, 2]


def edited(source, **bound):
    """Return the function that a person would have after editing a cell of a notebook."""
    space = {"__name__": "__main__", **bound}
    exec(source, space)
    return space["f"]


DEFINED = "def f(config):\n    return config['x'] + 1\n"


@pytest.mark.parametrize(
    ("source", "same"),
    [
        (DEFINED, True),
        ("# moved down, and with a comment\n\n" + DEFINED + "  # here\n", True),
        (DEFINED.replace("+ 1", "+ 2"), False),
        (DEFINED.replace("(config)", "(config, scale=1)"), False),
        (DEFINED.replace("config['x'] + 1", "sorted([config['x'] + 1])[0]"), False),
        (DEFINED.replace("config['x'] + 1", "(lambda: config['x'] + 1)()"), False),
    ],
)
def test_an_edited_function_starts_anew_and_its_old_runs_come_back_with_it(source, same, tmp_path):
    first = Journal(tmp_path, edited(DEFINED))
    first.save({"config": {"x": 1}, "result": 2, "error": None})
    assert (Journal(tmp_path, edited(source)).load({"x": 1}) is not None) == same
    assert Journal(tmp_path, edited(DEFINED)).load({"x": 1})["result"] == 2


SCALE = "SCALE = {}\ndef f(config):\n    return [config['x'] * SCALE for _ in range(2)][0]\n"
HELP = "def g(x):\n    return x {} 1\ndef f(config):\n    return g(config['x'])\n"
CALL = "def g(x):\n    return f(x) {} 1\ndef f(config):\n    return g(config) if config else 0\n"


@pytest.mark.parametrize(
    ("first", "second"),
    [(SCALE.format(1), SCALE.format(2)), (HELP.format("+"), HELP.format("-")),
     (CALL.format("+"), CALL.format("-")), (SCALE.format("(1, 2)"), SCALE.format("(1, 3)"))],
)  # fmt: skip
def test_what_a_function_uses_belongs_to_it(first, second, tmp_path):
    folders = [Journal(tmp_path, edited(source)).folder for source in (first, first, second)]
    assert folders[0] == folders[1] != folders[2]


class Model:
    def __init__(self, scale):
        self.scale = scale

    def __call__(self, config):
        return config["x"] * self.scale


def test_bound_values_tell_functions_apart(tmp_path):
    def bind(scale, inner):
        return lambda config: inner(config["x"]) * scale

    def default(scale):
        return lambda config, scale=scale: config["x"] * scale

    def keyword(scale):
        return lambda config, *, scale=scale: config["x"] * scale

    def half(x):
        return x / 2

    runs = [
        bind(1, half), bind(2, half), bind("1", half), bind((1, 2), half), bind((1, 3), half),
        bind(1, lambda x: x), default(1), default(2), keyword(1), keyword(2),
        functools.partial(logged, log="a"), functools.partial(logged, log="b"), logged,
        Model(1), Model(2),
    ]  # fmt: skip
    assert len({Journal(tmp_path, run).folder for run in runs}) == len(runs)
    assert Journal(tmp_path, bind(1, half)).folder == Journal(tmp_path, runs[0]).folder
    assert Journal(tmp_path, Model(1).__call__).folder == Journal(tmp_path, runs[-2]).folder


def test_a_function_may_write_into_what_is_around_it(tmp_path):
    seen, counts = [], {}

    def watched(config):
        seen.append(config["x"])
        counts[config["x"]] = counts.get(config["x"], 0) + 1
        return config["x"] ** 2

    for _ in range(2):
        assert sweep(watched, XS, cache=tmp_path).rows == SQUARES
    assert seen == list(range(16))


@pytest.mark.parametrize("content", ["", '{"config": {"x":', "[1]", '{"config": {"x": 2}}', "null"])
def test_a_damaged_file_is_a_run_that_never_was(content, tmp_path, log):
    run = functools.partial(logged, log=str(log))
    sweep(run, XS[1:2], cache=tmp_path / "cache")
    (file,) = (tmp_path / "cache").glob("*/*.json")
    file.write_text(content)
    assert sweep(run, XS[1:2], cache=tmp_path / "cache").rows == SQUARES[1:2]
    assert json.loads(file.read_text()) == SQUARES[1]
    assert finished(log) == [1, 1]


def test_a_run_of_a_worker_with_a_disk_of_its_own_is_kept_here(tmp_path, log, monkeypatch):
    run = functools.partial(logged, log=str(log))
    with monkeypatch.context() as there:
        there.setattr(_Run, "__call__", lambda self, config: SQUARES[config["x"]])
        sweep(run, XS[:3], cache=tmp_path / "cache")
    assert sweep(run, XS[:3], cache=tmp_path / "cache").rows == SQUARES[:3]
    assert finished(log) == []


def test_another_version_of_the_library_misses(tmp_path, monkeypatch):
    before = Journal(tmp_path, noisy).folder
    monkeypatch.setattr("optlearn.tuning.journal.__version__", "999")
    assert Journal(tmp_path, noisy).folder != before


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_failing_configuration_is_a_row_and_only_a_diverged_one_is_finished(
    n_jobs, tmp_path, log
):
    def fail(config, log=str(log)):
        open(f"{log}/{config['x']}-{time.monotonic_ns()}", "x").close()
        if config["x"] == 1:
            raise FloatingPointError("lost")
        if config["x"] == 2:
            raise KeyError("lr")
        return config["x"]

    for _ in range(2):
        rows = sweep(fail, XS[:4], cache=tmp_path / "cache", n_jobs=n_jobs).rows
        errors = [None, "FloatingPointError: lost", "KeyError: 'lr'", None]
        assert [row["error"] for row in rows] == errors
        assert [row["result"] for row in rows] == [0, None, None, 3]
    assert finished(log) == [0, 1, 2, 2, 3]


@pytest.mark.parametrize(
    ("result", "says"),
    [
        (None, "must return a number or a dictionary of numbers, got None"),
        (True, "got True"),
        ("0.1", "got '0.1'"),
        ({"loss": object}, "TypeError: the result['loss'] is <class 'object'>"),
    ],
)
def test_a_result_that_cannot_be_ranked_is_an_error(result, says):
    (row,) = sweep(lambda config: result, [{}]).rows
    assert row["result"] is None
    assert says in row["error"]


def test_results_come_back_from_the_cache_as_they_went_in(tmp_path):
    def odd(config):
        return {"loss": np.float32(0.1), "worst": float("inf"), "curve": np.arange(3), "p": (1, 2)}

    first, second = (sweep(odd, [{}], cache=tmp_path).rows for _ in range(2))
    assert first == second
    assert first[0]["result"]["curve"] == [0, 1, 2]


def test_a_killed_worker_costs_what_it_was_running_and_nothing_else(tmp_path, log):
    run = functools.partial(logged, log=str(log), deadly=[6], once=str(tmp_path / "dead"))
    assert sweep(run, XS, n_jobs=2).rows == SQUARES
    done = finished(log)
    assert sorted(set(done)) == list(range(16))
    assert len(done) <= 17  # the one that ran beside it may have finished unseen


def test_with_a_cache_no_finished_run_is_repeated_after_a_worker_died(tmp_path, log):
    run = functools.partial(logged, log=str(log), deadly=[6], once=str(tmp_path / "dead"))
    assert sweep(run, XS, n_jobs=2, cache=tmp_path / "cache").rows == SQUARES
    assert finished(log) == list(range(16))


def test_a_configuration_that_always_kills_its_worker_becomes_a_row(tmp_path, log):
    run = functools.partial(logged, log=str(log), deadly=[3])
    rows = sweep(run, XS, n_jobs=2, retries=1).rows
    assert rows[3]["error"].startswith("TerminatedWorkerError: ")
    assert "died in each of 2 attempts" in rows[3]["error"]
    assert [row for row in rows if row["config"]["x"] != 3] == SQUARES[:3] + SQUARES[4:]


SCRIPT = """
import sys
from runs import SQUARES, XS, logged
from optlearn.tuning import sweep

def train(config):  # of __main__, so it travels by value
    return logged(config, log=sys.argv[2])

if __name__ == "__main__":
    assert sweep(train, XS, cache=sys.argv[1], n_jobs=2).rows == SQUARES
"""


def test_a_killed_sweep_goes_on_where_it_was(tmp_path, log):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(tmp_path / "cache"), str(log)]
    here = {**os.environ, "PYTHONPATH": os.path.dirname(__file__)}
    parent = subprocess.Popen(command, env=here, start_new_session=True)
    while len(kept := list((tmp_path / "cache").glob("*/*.json"))) < 5:
        assert parent.poll() is None, "the sweep ended too early"
        time.sleep(0.005)
    os.killpg(parent.pid, signal.SIGKILL)  # the parent and its workers at once
    assert parent.wait() == -signal.SIGKILL
    kept = {json.loads(file.read_text())["result"] for file in kept}
    before = finished(log)
    assert len(before) < 16
    subprocess.run(command, env=here, check=True)
    again = [x for x in range(16) if finished(log).count(x) > 1]
    assert not kept & {x * x for x in again}
    assert len(again) <= 2  # finished, but killed before they were written down


BROWSER = """
import sys
sys.modules["_multiprocessing"] = None
from runs import SQUARES, XS
from optlearn.tuning import sweep
assert sweep(lambda config: config["x"] ** 2, XS, n_jobs=2).rows == SQUARES
"""


def test_where_there_is_no_multiprocessing_one_process_does_it_all():
    here = {**os.environ, "PYTHONPATH": os.path.dirname(__file__)}
    subprocess.run([sys.executable, "-W", "error", "-c", BROWSER], env=here, check=True)


def test_every_run_has_one_blas_thread():
    def threads(config):
        from threadpoolctl import threadpool_info

        np.ones((2, 2)) @ np.ones((2, 2))
        return max(pool["num_threads"] for pool in threadpool_info())

    for n_jobs in (1, 2):
        with threadpool_limits(2):  # tests have one thread anyway
            rows = sweep(threads, XS[:4], n_jobs=n_jobs).rows
        assert {row["result"] for row in rows} == {1}


def test_two_processes_of_dask_finish_what_one_would_though_a_worker_is_killed_in_the_middle(
    tmp_path, log
):
    distributed = pytest.importorskip("distributed", reason="uv sync --group ci")
    dask = pytest.importorskip("dask", reason="uv sync --group ci")
    once = tmp_path / "dead"
    run = functools.partial(logged, log=str(log), deadly=[6], once=str(once))
    deadly = functools.partial(logged, log=str(log), deadly=[3])
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}):
        machines = distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
        )
    with machines, distributed.Client(machines) as client:
        workers = client.scheduler_info()["workers"].values()
        assert {worker["id"] for worker in workers} == {0, 1}
        assert all(address.startswith("tcp://127.0.0.1:") for address in client.nthreads())
        with joblib.parallel_config(backend="dask"):
            assert sweep(run, XS).rows == SQUARES
            rows = sweep(deadly, XS[:5], retries=1).rows
    assert rows[:3] + rows[4:] == SQUARES[:3] + SQUARES[4:5]
    assert rows[3]["error"] == "KilledWorker: the worker died in each of 2 attempts"
    assert once.exists()


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ((noisy, []), ValueError, "configs is empty"),
        ((noisy, [{"lr": 1}, 3]), TypeError, "configuration 1 must be a dictionary.*got 3"),
        ((noisy, [{1: 2}]), TypeError, r"configuration 0 must be a dictionary from names"),
        (
            (noisy, [{"act": np.tanh}]),
            TypeError,
            r"configuration 0\['act'\] is <ufunc 'tanh'>: use",
        ),
        ((noisy, [{"a": [{"b": {1}}]}]), TypeError, r"configuration 0\['a'\]\[0\]\['b'\] is {1}"),
        ((None, [{}]), TypeError, "fn must be a function of one configuration, got None"),
    ],
)
def test_bad_functions_and_configurations_are_refused(arguments, error, says):
    with pytest.raises(error, match=says):
        sweep(*arguments)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"n_jobs": 0}, "n_jobs must be a whole number, -1 for all cores, got 0"),
        ({"n_jobs": 1.5}, "got 1.5"),
        ({"retries": -1}, "retries must be a whole number >= 0, got -1"),
    ],
)
def test_bad_numbers_are_refused(arguments, says):
    with pytest.raises(ValueError, match=says):
        sweep(noisy, GRID, **arguments)


def test_a_cache_that_cannot_be_written_is_refused_before_the_first_run(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"file' cannot be written .*cache=None"):
        sweep(lambda config: 1 / 0, [{}], cache=tmp_path / "file")


def test_a_function_that_cannot_be_sent_or_known_is_refused(tmp_path):
    lock = threading.Lock()

    def holds(config):
        return int(lock.locked())

    with pytest.raises(TypeError, match=r"holds.* cannot be sent to other processes.*n_jobs=1"):
        sweep(holds, XS, n_jobs=2)
    with pytest.raises(TypeError, match="a function written in Python, got <built-in function abs"):
        sweep(abs, XS, cache=tmp_path)
    assert {row["result"] for row in sweep(holds, XS, n_jobs=1).rows} == {0}
