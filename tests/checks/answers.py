"""Answers that the tests of several questions give, and what is asked of a rejection."""

import numpy as np

from optlearn.course.checks import check


class Hostile:
    """Equal to everything, and breaks when it is looked at."""

    def __eq__(self, other):
        return True

    __hash__ = None

    def __len__(self):
        raise ValueError("no length")

    def __repr__(self):
        raise ValueError("no repr")


def rejected(question, solution, **how):
    """Return the report on a wrong solution that the check could read."""
    report = check(question, solution, **how)
    assert not report
    assert "cannot be read" not in report.message
    return report


def crashes(*args, **hyper):
    return undefined_name  # noqa: F821


def not_implemented(*args, **hyper):
    raise NotImplementedError


def exits(*args, **hyper):
    raise SystemExit(0)


def step_in_place(w, g, lr):
    w -= lr * g
    return w


def loop_array(gradient, start, lr, steps, tolerance):
    w = np.array(start, dtype=float)
    path = [w.copy()]
    for _ in range(steps):
        g = gradient(w)
        if np.sqrt(np.sum(g**2)) <= tolerance:
            return np.array(path)
        w -= lr * g
        path.append(w.copy())
    return np.array(path)
