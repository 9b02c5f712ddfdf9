"""Run a function for many configurations, on one core or on many machines."""

import copy
import json
import pickle
from dataclasses import dataclass
from numbers import Real

from .journal import Journal
from .plain import key, plain
from .results import Results

#: What joblib's engines raise when a worker process was killed: loky's error, and Dask's. They are
#: known by name, because importing them would need the engines.
WORKER_DIED = {"TerminatedWorkerError", "KilledWorker"}


def sweep(fn, configs, *, cache=None, n_jobs=None, retries=2):
    """Run ``fn(config)`` for every configuration, and never twice for one that is finished.

    Parameters
    ----------
    fn : callable
        Takes a dictionary, trains, and returns a number or a dictionary of numbers such as
        ``{"validation_loss": 0.3, "test_accuracy": 0.9}`` (lists in it are kept, not ranked).
        Whatever it draws must come from a seed in the configuration: results then depend neither
        on ``n_jobs`` nor on the order of the runs.
    configs : iterable of dict
        Such as scikit-learn's ``ParameterGrid`` or ``ParameterSampler``. Values are numbers,
        text, None, or lists and dictionaries of these. Equal ones are run once. The key
        ``"seed"`` marks repetitions of one setting.
    cache : path, optional
        A folder that keeps each run as soon as it is finished. After a kill, the same call goes
        on with the rest. Edit ``fn``, a function beside it that it calls, or a number or text
        that it uses, and its runs start anew; go back, and the old ones count again. After a
        change in another module, or in an array or list outside of ``fn``, name another folder.
    n_jobs : int, optional
        Worker processes, -1 for one a core; by default what ``joblib.parallel_config`` says,
        else 1. The engine is joblib's too: loky on one machine, or Dask on many with
        ``joblib.parallel_config(backend="dask")``. Where there is no multiprocessing, as in a
        browser, all runs in this process.
    retries : int, default 2
        What was under way when a worker died is run again by itself up to this often.

    Returns
    -------
    Results
        One row a configuration, in the order given. A run that raised has a row with its error.
        One with a ``FloatingPointError`` diverged and is finished; all others are tried again by
        the next call.

    Raises
    ------
    ValueError, TypeError
        If there is no configuration, one holds a value that cannot be kept, or ``fn`` cannot be
        sent to other processes.

    Notes
    -----
    Each run has one BLAS thread, so that workers do not fight over cores and sums are added in
    one order everywhere.
    """
    if not callable(fn):
        raise TypeError(f"fn must be a function of one configuration, got {fn!r}")
    configs = _checked(configs)
    if n_jobs is not None and (not isinstance(n_jobs, int) or n_jobs == 0):
        raise ValueError(f"n_jobs must be a whole number, -1 for all cores, got {n_jobs!r}")
    if not isinstance(retries, int) or retries < 0:
        raise ValueError(f"retries must be a whole number >= 0, got {retries!r}")
    run = _Run(fn, None if cache is None else Journal(cache, fn))
    kept = {name: run.kept(config) for name, config in configs.items()}
    missing = {name: config for name, config in configs.items() if kept[name] is None}
    rows = {**kept, **_run_all(run, missing, n_jobs, retries)}
    return Results([rows[name] for name in configs])


@dataclass(frozen=True)
class _Run:
    """What is sent to a worker: run one configuration and keep the result."""

    fn: object
    journal: Journal | None

    def kept(self, config):
        """Return the row of a run that is finished and was kept, or None."""
        return None if self.journal is None else self.journal.load(config)

    def __call__(self, config):
        from threadpoolctl import threadpool_limits

        row = self.kept(config)
        if row is not None:
            return row  # its first worker died after it was finished
        row = {"config": config, "result": None, "error": None}
        try:
            with threadpool_limits(1):
                row["result"] = _result(self.fn(copy.deepcopy(config)))
        except Exception as error:
            row["error"] = f"{type(error).__name__}: {error}"
        if self.journal is not None:
            self.journal.save(row)
        return row


def _run_all(run, configs, n_jobs, retries):
    """Return the rows of all configurations by their keys."""
    rows = {}
    while True:
        todo = {name: config for name, config in configs.items() if name not in rows}
        started = {}
        try:
            for row in _parallel(run, _noted(todo, started), n_jobs):
                rows[key(row["config"])] = row
                # A worker on another machine may have kept it on another disk.
                if run.journal is not None and run.kept(row["config"]) is None:
                    run.journal.save(row)
            return rows
        except Exception as error:
            suspects = {name: config for name, config in started.items() if name not in rows}
            if type(error).__name__ not in WORKER_DIED or not suspects:
                raise
            # One of these killed its worker, or all were unlucky: alone, each answers for itself.
            for name, config in suspects.items():
                row = run.kept(config)  # it may have ended and not yet been handed over
                rows[name] = row or _run_alone(run, config, n_jobs, retries, error)


def _run_alone(run, config, n_jobs, retries, error):
    """Return the row of a configuration whose worker died, or that was running beside one."""
    for _ in range(retries):
        try:
            (row,) = _parallel(run, [config], n_jobs)
            return row
        except Exception as again:
            if type(again).__name__ not in WORKER_DIED:
                raise
            error = again
    message = f"{type(error).__name__}: the worker died in each of {retries + 1} attempts"
    return {"config": config, "result": None, "error": message}


def _parallel(run, configs, n_jobs):
    """Yield the row of each configuration as soon as it is there."""
    import joblib
    from joblib.parallel import get_active_backend

    client = getattr(get_active_backend()[0], "client", None)
    if client is not None:
        yield from _on_dask(client, run, configs)
        return
    # No batches, and nothing sent ahead: what is lost with a worker is what it was running.
    parallel = joblib.Parallel(
        n_jobs=n_jobs, return_as="generator_unordered", batch_size=1, pre_dispatch="n_jobs"
    )
    try:
        yield from parallel(joblib.delayed(run)(config) for config in configs)
    except pickle.PicklingError as error:
        reason = str(error.__cause__ or error).strip('\n"').splitlines()[-1]
        raise TypeError(
            f"{run.fn!r} cannot be sent to other processes ({reason}): let it make or open what it "
            "needs by itself, or pass n_jobs=1"
        ) from error


def _on_dask(client, run, configs):
    """Yield rows as ``_parallel`` does, by the client of the user's ``parallel_config``.

    joblib itself would wait for ever for a task that Dask gave up: it is told, and tells nobody.
    """
    from distributed import as_completed

    futures, died = client.map(run, list(configs), pure=False), None
    for future, outcome in as_completed(futures, with_results=True, raise_errors=False):
        if future.status == "error":
            died = outcome[1]
        else:
            yield outcome
    if died is not None:
        raise died


def _noted(configs, started):
    """Yield configurations and note which ones an engine has taken."""
    for name, config in configs.items():
        started[name] = config
        yield config


def _checked(configs):
    """Return the configurations by their keys, or say what is wrong with one."""
    checked = {}
    for i, config in enumerate(configs):
        if not isinstance(config, dict) or not all(isinstance(k, str) for k in config):
            raise TypeError(
                f"configuration {i} must be a dictionary from names to values, got {config!r}"
            )
        config = plain(config, f"configuration {i}")
        checked[key(config)] = config
    if not checked:
        raise ValueError("there is no configuration to run: configs is empty")
    return checked


def _result(value):
    """Return what a run found, as it will be read from a file."""
    value = json.loads(json.dumps(plain(value, "the result")))
    if isinstance(value, bool) or not isinstance(value, Real | dict):
        raise TypeError(f"fn must return a number or a dictionary of numbers, got {value!r}")
    return value
