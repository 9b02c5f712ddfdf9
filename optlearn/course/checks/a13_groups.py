"""Assignment 13, questions 3 and 4: the settings of a parameter, and one step of all groups."""

import numpy as np

from ... import rules
from .a13_layer_wise_optimizers import HEAD
from .answers import recognised, several
from .engine import asks
from .groups import Job, follows, grouped, jobs, recognise
from .probe import call, is_blank, number, short
from .report import IN_PLACE, BlankError, Mistake, Part, WrongError, grade

#: (name, shape) of parameters that tell the rules apart.
PARAMETERS = (
    ("embedding.weight", (96, 32)),
    ("attention.heads.weight", (32, 32)),
    ("norm.weight", (32,)),
    ("norm.bias", (32,)),
    ("conv.weight", (8, 1, 3, 3)),
    ("narrow.weight", (1, 32)),
    ("overhead.weight", (4, 32)),
    ("overhead.bias", (4,)),
    ("head.weight", (10, 32)),
    ("head.bias", (10,)),
)


def settings(name, shape, lr, weight_decay):
    """Return the learning rate and the weight decay of one parameter."""
    rate = HEAD * lr if name.startswith("head.") else lr
    return rate, weight_decay if len(shape) > 1 else 0.0


_RATES = (
    ("keeps-one-rate", lambda n, s, lr, d: lr, "All parameters have one rate: the head's differs."),
    ("speeds-up-all", lambda n, s, lr, d: HEAD * lr, "Only the head's rate is higher."),
    (
        "finds-head-anywhere",
        lambda n, s, lr, d: HEAD * lr if "head" in n else lr,
        "Other names hold the letters “head”, too: how does the head's own name begin?",
    ),
    (
        "forgets-the-bias",
        lambda n, s, lr, d: HEAD * lr if n == "head.weight" else lr,
        "The head has a bias as well.",
    ),
    (
        "slows-the-head",
        lambda n, s, lr, d: settings(n, s, lr, d)[0] * (0.01 if n.startswith("head.") else 1),
        "The head is new and has to learn more: its rate is the higher one.",
    ),
    (
        "slows-the-rest",
        lambda n, s, lr, d: settings(n, s, lr, d)[0] / HEAD,
        "The rest keeps its rate; it is the head whose rate changes.",
    ),
)
_DECAYS = (
    ("decays-all", lambda n, s, lr, d: d, "Biases and normalisation have one axis: no decay."),
    ("decays-nothing", lambda n, s, lr, d: 0.0, "Arrays with two axes or more do decay."),
    (
        "turns-it-over",
        lambda n, s, lr, d: d if len(s) == 1 else 0.0,
        "It is turned over: one axis means no decay.",
    ),
    (
        "goes-by-the-name-bias",
        lambda n, s, lr, d: 0.0 if "bias" in n else d,
        "The weight of a normalisation layer is no matrix either: ask for its axes.",
    ),
    (
        "goes-by-the-name-weight",
        lambda n, s, lr, d: d if n.endswith("weight") else 0.0,
        "The weight of a normalisation layer is no matrix either: ask for its axes.",
    ),
    (
        "decays-matrices-only",
        lambda n, s, lr, d: d if len(s) == 2 else 0.0,
        "A convolution's kernels have four axes, and they decay.",
    ),
    (
        "goes-by-the-size",
        lambda n, s, lr, d: d if min(s) > 1 else 0.0,
        "What counts is the number of axes, not how long they are.",
    ),
    (
        "multiplies-by-the-rate",
        lambda n, s, lr, d: lr * d if len(s) > 1 else 0.0,
        "The optimizer multiplies by the rate itself: hand the decay on as it is.",
    ),
)


@asks(
    "13.settings",
    "implement",
    reference=settings,
    hints=(
        "Two questions, one for each number: whose name is it, and how many axes has it?",
        "η of a name that begins with `head.` is ten times `lr`. λ is 0 where `shape` has one "
        "entry.",
        'rate = 10 * lr if name.startswith("head.") else ...; '
        "decay = weight_decay if len(shape) ... else ...",
    ),
)
def fill(function, task, rng):
    """Check ``settings_of(name, shape, lr, weight_decay) -> (rate, decay)``."""
    lr, decay = float(rng.uniform(1e-3, 1e-2)), float(rng.uniform(0.01, 0.3))
    cases = [(name, shape, lr, decay) for name, shape in PARAMETERS]
    names = ("rate", "decay")

    def right(which, table):
        found = [several(call(function, *case), names)[which] for case in cases]
        if all(is_blank(value) for value in found):
            raise BlankError
        given = [number(value, names[which]) for value in found]
        known = recognised(given, cases, table)
        for value, case in zip(given, cases):
            want = settings(*case)[which]
            if not np.isclose(value, want, rtol=1e-9, atol=0):
                raise WrongError(
                    f"with lr {lr:.4g} and weight_decay {decay:.4g} the {names[which]} of "
                    f"“{case[0]}”, shape {case[1]}, is {short(want)}; you return {short(value)}.",
                    known,
                )

    think = "Which parameters go to this group, and can you tell by name, or by shape?"
    parts = (("the learning rates", _RATES), ("the weight decays", _DECAYS))
    return grade(
        Part(name, 1, lambda i=i, t=table: right(i, t), think)
        for i, (name, table) in enumerate(parts)
    )


# ---------------------------------------------------------------------------- 4. write freely


@asks(
    "13.step",
    "implement",
    reference=grouped,
    hints=(
        "Go through the groups, and in each through its names. Look weights, slopes and state up "
        "by name, and note who has had a turn.",
        "w⁽ᵏ⁾, s⁽ᵏ⁾ ← Fₖ(w⁽ᵏ⁾, g⁽ᵏ⁾, s⁽ᵏ⁾) for each group k. Each name may come up once, and each "
        "must.",
        "for names, rule, settings in groups: for name in names: if name in new_weights: raise "
        "ValueError(name); w, *state = rule(weights[name], grads[name], *states[name], t=t, "
        "**settings); keep both. At the end: is a name of weights not in new_weights?",
    ),
)
def step(function, task, rng):
    """Check ``grouped_step(weights, grads, states, t, groups) -> (weights, states)``."""
    drawn, known = jobs(rng), []

    def mistake():
        if not known:
            known.append(recognise(function, drawn.values()))
        return known[0]

    walks = (
        ("one step of two groups", "first", "Which rate does each of the two groups have?"),
        (
            "each group has its own settings",
            "settings",
            "What does a group's rule get where its settings do not name a number?",
        ),
        (
            "a hundred steps of three rules, with their state",
            "long",
            "What has to be handed on to the next step, and under which name?",
        ),
    )
    parts = [
        Part(name, 1, lambda job=job: follows(function, drawn[job], mistake), think)
        for name, job, think in walks
    ]
    once = "How do you notice that a name has had its turn, or has had none?"
    refusals = (
        ("a parameter in two groups is refused", _refuses_doubles),
        ("a forgotten parameter is refused", _refuses_gaps),
    )
    parts += [Part(n, 1, lambda f=f: f(function), once, manner=True) for n, f in refusals]
    copies = "Which dictionaries belong to the caller?"
    left = Part("what you are given is left alone", 1, lambda: _leaves(function), copies, True)
    return grade([*parts, left])


def _sgd_job(*groups):
    weights = {name: np.ones(2) for name in ("hidden", "bias", "head")}
    split = [(names, rules.sgd, {"lr": 0.1}) for names in groups]
    return Job(weights, dict.fromkeys(weights, 0), lambda t, w: dict(w), split)


def _refused(function, job, names, what, known):
    """Raise WrongError unless ``function`` raises a ValueError that holds one of ``names``."""
    weights, states = job.start()
    try:
        given = function(weights, job.gradient(1, weights), states, 1, job.groups)
    except NotImplementedError:
        raise BlankError from None
    except ValueError as error:
        if not any(name in str(error) for name in names):
            raise WrongError(
                f"{what}, and your ValueError does not name it: {short(str(error))}."
            ) from None
        return
    except (Exception, SystemExit) as error:
        raise WrongError(
            f"{what}: a ValueError is expected, {type(error).__name__} came."
        ) from None
    if is_blank(given):
        raise BlankError
    raise WrongError(f"{what}, and nothing was said.", known)


_DOUBLES = Mistake("overlooks_the_double", "A parameter in two groups would be moved twice.")
_GAPS = Mistake("overlooks_the_gap", "A parameter in no group would never move, in silence.")
_COUNTED = Mistake(
    "counts_the_names", "As many names as parameters, and yet one is missing: ask for each of them."
)


def _refuses_doubles(function):
    for groups in ((["hidden", "bias"], ["bias", "head"]), (["hidden", "bias", "bias"], ["head"])):
        _refused(function, _sgd_job(*groups), ["bias"], "“bias” is listed twice", _DOUBLES)


def _refuses_gaps(function):
    what = "no group has “head”"
    _refused(function, _sgd_job(["hidden"], ["bias"]), ["head"], what, _GAPS)
    both, what = _sgd_job(["hidden", "bias"], ["bias"]), "“bias” is listed twice and “head” never"
    _refused(function, both, ["bias", "head"], what, _COUNTED)


def _leaves(function):
    job = _sgd_job(["hidden"], ["bias", "head"])
    weights, states = job.start()
    before = dict(weights)
    if is_blank(call(function, weights, job.gradient(1, weights), states, 1, job.groups)):
        raise BlankError
    same = weights.keys() == before.keys() and all(weights[k] is before[k] for k in before)
    if not same or any(np.any(w != 1) for w in before.values()) or any(states.values()):
        raise WrongError("after your step the caller's weights or states have changed.", IN_PLACE)
