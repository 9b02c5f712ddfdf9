"""What the tests of sweeps run. Workers import this file, so it imports little."""

import os
import signal
import time

import numpy as np


def noisy(config):
    """Return a number that the seed decides."""
    return config["lr"] + np.random.default_rng(config["seed"]).normal()


def logged(config, *, log, deadly=(), once=None):
    """Wait 20 ms, leave a file, square; kill the worker at a deadly value, at the first one only.

    It is bound to its arguments by ``functools.partial``, as a function of a notebook is by its
    closure.
    """
    x = config["x"]
    time.sleep(0.02)
    if x in deadly and (once is None or not os.path.exists(once)):
        if once is not None:
            open(once, "x").close()
        time.sleep(0.05)  # the other worker is running too
        os.kill(os.getpid(), signal.SIGKILL)
    open(f"{log}/{x}-{time.monotonic_ns()}", "x").close()
    return x * x


XS = [{"x": x} for x in range(16)]
SQUARES = [{"config": {"x": x}, "result": x * x, "error": None} for x in range(16)]
