"""Assignment 06, question 5: plan for a loss that is multiplied by a number."""

import numpy as np

from ... import rules
from .answers import recognised, several
from .engine import Task, asks
from .probe import call, number, short
from .report import Part, WrongError, grade


def _draw_plan(rng):
    scale = int(rng.choice([16, 20, 32, 50, 64, 128]))
    lr, eps = float(rng.choice([0.001, 0.003, 0.01])), float(rng.choice([1e-4, 1e-3, 1e-2]))
    sgd_lr = float(rng.choice([0.1, 0.3, 0.5]))
    text = (
        f"Your batches: {scale} pictures, so the sum is {scale} times the mean\n"
        f"Your Adam: learning rate {lr}, eps {eps}\nYour gradient descent: learning rate {sgd_lr}"
    )
    return Task(text, scale=scale, lr=lr, eps=eps, sgd_lr=sgd_lr)


def _other(rng, scale):
    lr, eps, sgd_lr = 10.0 ** rng.uniform((-3, -5, -2), (-1, -1, 0))
    return Task("", scale=scale, lr=lr, eps=eps, sgd_lr=sgd_lr)


@asks(
    "06.plan",
    "tune",
    draw=_draw_plan,
    reference=lambda scale, lr, eps, sgd_lr: (lr, eps * scale, sgd_lr / scale),
    hints=(
        "Every slope is multiplied. Follow it through each rule: where does it cancel, and which "
        "number does not grow along?",
        "Adam's step is η m̂ / (√v̂ + ε): m̂ and √v̂ both become s times as large, where s is the "
        "scale. The step of gradient descent is η g.",
        "η (s m̂) / (s √v̂ + ε'): for which ε' does s cancel? And η' · (s g) = η g",
    ),
)
def plan(function, task, rng):
    """Check ``plan(scale, lr, eps, sgd_lr) -> (adam_lr, adam_eps, descent_lr)`` by walking."""
    drawn = [task, _other(rng, 1000), _other(rng, 0.02)]
    slopes = rng.normal(size=(40, 3))
    names = ("adam_lr", "adam_eps", "descent_lr")

    def answers(which, table):
        asked = [(one.scale, one.lr, one.eps, one.sgd_lr) for one in drawn]
        found = [several(call(function, *one), names)[which] for one in asked]
        given = [number(value, names[which]) for value in found]
        known = recognised(given, asked, table)
        for value, one in zip(given, drawn):
            _same_walk(which, value, one, slopes, known)

    parts = (
        ("Adam's learning rate", _LRS, "How long is Adam's step when m̂ and √v̂ grow alike?"),
        ("Adam's eps", _EPS, "To which number is eps added, and how large has that become?"),
        ("the rate of descent", _DESCENTS, "How long is η g when g is that much larger?"),
    )
    return grade(
        Part(name, 1, lambda i=i, t=table: answers(i, t), think)
        for i, (name, table, think) in enumerate(parts)
    )


def _same_walk(which, value, task, slopes, known):
    """Raise WrongError unless the walk on the scaled loss is the one on the old loss, to 1 %.

    The slopes are about as large as eps, so that eps counts. The number that is looked at is the
    learner's, the others are right.
    """
    small, large = task.eps * slopes, task.scale * task.eps * slopes
    if which == 2:
        before = _walked(rules.sgd, small, lr=task.sgd_lr)
        after = _walked(rules.sgd, large, lr=value)
    else:
        lr, eps = (value, task.eps * task.scale) if which == 0 else (task.lr, value)
        before = _walked(rules.adam, small, lr=task.lr, eps=task.eps)
        after = _walked(rules.adam, large, lr=lr, eps=eps)
    if not np.max(np.abs(after - before)) <= 0.01 * np.max(np.abs(before)):
        raise WrongError(
            f"with the loss times {task.scale:g} your {short(value)} leads to {short(after[-1])} "
            f"after {len(slopes)} steps; before it was {short(before[-1])}.",
            known,
        )


def _walked(rule, slopes, **hyper):
    w, path = np.zeros(slopes.shape[1]), []
    state = [] if rule is rules.sgd else [np.zeros_like(w), np.zeros_like(w)]
    for t, g in enumerate(slopes, 1):
        w, *state = rule(w, g, *state, t=t, **hyper)
        path.append(w)
    return np.array(path)


#: (name, formula of scale, Adam's rate, its eps and the rate of descent, sentence)
_LRS = (
    (
        "divides-as-in-descent",
        lambda s, lr, eps, sgd: lr / s,
        "Adam divides by the size of the slopes itself: its rate stays.",
    ),
    ("multiplies", lambda s, lr, eps, sgd: lr * s, "The steps are no shorter than before."),
    ("takes-the-root", lambda s, lr, eps, sgd: lr / np.sqrt(s), "No root is left: √(s²) = s."),
    (
        "scales-with-the-root",
        lambda s, lr, eps, sgd: lr * np.sqrt(s),
        "No root is left: √(s²) = s.",
    ),
)
_EPS = (
    (
        "keeps-eps",
        lambda s, lr, eps, sgd: eps,
        "Beside larger slopes the same eps counts for less: it has to grow along.",
    ),
    ("divides", lambda s, lr, eps, sgd: eps / s, "The slopes became larger, so eps must as well."),
    (
        "squares-the-scale",
        lambda s, lr, eps, sgd: eps * s**2,
        "v grows with the square, but eps is added to its root.",
    ),
    (
        "takes-the-root",
        lambda s, lr, eps, sgd: eps * np.sqrt(s),
        "v grows with the square, so its root grows with s itself.",
    ),
)
_DESCENTS = (
    ("keeps-the-rate", lambda s, lr, eps, sgd: sgd, "The steps of descent grow with the slopes."),
    (
        "multiplies",
        lambda s, lr, eps, sgd: sgd * s,
        "Larger slopes and a larger rate: the steps grow twice.",
    ),
    ("takes-the-root", lambda s, lr, eps, sgd: sgd / np.sqrt(s), "The step holds g, not its root."),
)
