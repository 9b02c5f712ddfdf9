"""Questions 13.predict, 13.order, 13.settings and 13.step: groups by hand and in code."""

import itertools
from collections import Counter

import numpy as np
import pytest
from answers import Hostile, crashes, exits, not_implemented, rejected

from optlearn import optim, rules
from optlearn.course.checks import check, variant, working
from optlearn.course.checks.a13_layer_wise_optimizers import LINES
from optlearn.course.checks.groups import WRONG_STEPS, jobs
from optlearn.parameters import Parameter

# ------------------------------------------------------------------------------------ predict


def numbers():
    """Return the task's numbers: weights, signs, rate, decay, rows, columns, others."""
    task = variant("13.predict")
    return task.weights, np.sign(task.slopes), task.lr, task.decay, *task.shape, task.others


def right_numbers():
    (w, b, h), (s, z, u), lr, decay, rows, columns, others = numbers()
    return [
        w - lr * decay * w - lr * s,
        b - lr * z,
        h - 10 * lr * decay * h - 10 * lr * u,
        rows * columns + 2 * others,
        np.sqrt(min(rows, columns)),
    ]


@pytest.mark.parametrize("form", [list, tuple, np.array, lambda a: [round(v, 3) for v in a]])
def test_predict_accepts(student, form):
    report = check("13.predict", form(right_numbers()))
    assert report, report


def test_the_right_numbers_are_those_of_the_library(student):
    task = variant("13.predict")
    for i, (times, decays) in enumerate(((1, 1), (1, 0), (10, 1))):
        lr, decay = times * task.lr, decays * task.decay
        w = rules.decoupled_decay(float(task.weights[i]), lr, decay)
        w, *_ = rules.adam(w, task.slopes[i], 0.0, 0.0, t=1, lr=lr)
        assert w == pytest.approx(right_numbers()[i], abs=1e-6)
    left, _, right = np.linalg.svd(np.random.default_rng(0).normal(size=task.shape), False)
    assert np.linalg.norm(left @ right) == pytest.approx(right_numbers()[4])


WRONG_NUMBERS = [
    (0, lambda w, s, lr, d: w - lr * s, "forgets-the-decay"),
    (0, lambda w, s, lr, d: w - d * w - lr * s, "decays-without-the-rate"),
    (0, lambda w, s, lr, d: w - lr * d * w + lr * s, "climbs"),
    (0, lambda w, s, lr, d: w + lr * d * w - lr * s, "decays-outwards"),
    (0, lambda w, s, lr, d: w - lr * d * w, "forgets-the-step"),
    (0, lambda w, s, lr, d: "2.9", None),
    (1, lambda w, s, lr, d: w - lr * d * w - lr * s, "decays-the-bias"),
    (1, lambda w, s, lr, d: w - 10 * lr * s, "takes-the-heads-rate"),
    (1, lambda w, s, lr, d: w + lr * s, "climbs"),
    (1, lambda w, s, lr, d: w, "stands-still"),
    (1, lambda w, s, lr, d: np.nan, None),
    (2, lambda w, s, lr, d: w - lr * d * w - lr * s, "keeps-one-rate"),
    (2, lambda w, s, lr, d: w - lr * d * w - 10 * lr * s, "decays-at-the-other-rate"),
    (2, lambda w, s, lr, d: w - 10 * lr * s, "forgets-the-decay"),
    (2, lambda w, s, lr, d: 77.0, None),
]
WRONG_COUNTS = [
    (3, lambda r, c, n: 2 * (r * c + n), "adamw-for-all"),
    (3, lambda r, c, n: r * c + n, "muon-for-all"),
    (3, lambda r, c, n: 2 * r * c + n, "exchanges-the-two"),
    (3, lambda r, c, n: 2 * n, "forgets-the-momentum"),
    (3, lambda r, c, n: r * c, "forgets-the-rest"),
    (3, lambda r, c, n: r * c + 2 * n + 1, None),
    (3, lambda r, c, n: r * c + 2 * n - 1, None),
    (4, lambda r, c, n: max(r, c) ** 0.5, "takes-the-longer-side"),
    (4, lambda r, c, n: min(r, c), "forgets-the-root"),
    (4, lambda r, c, n: (r * c) ** 0.5, "takes-signs"),
    (4, lambda r, c, n: 1, "keeps-one-direction"),
    (4, lambda r, c, n: r * c, "counts-the-entries"),
    (4, lambda r, c, n: -1, None),
]


@pytest.mark.parametrize(("place", "wrong", "mistake"), WRONG_NUMBERS + WRONG_COUNTS)
def test_predict_rejects_for_every_student(place, wrong, mistake, monkeypatch):
    names = set()
    for student in range(25):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        weights, signs, lr, decay, *counts = numbers()
        answer = right_numbers()
        given = (weights[place], signs[place], lr, decay) if place < 3 else counts
        answer[place] = wrong(*given)
        report = rejected("13.predict", answer)
        assert report.score == pytest.approx(4 / 5)
        names.add(report.matched)
    assert mistake in names  # two mistakes may give one number to some student


def test_predict_names_a_step_by_the_slope(student):
    task, answer = variant("13.predict"), right_numbers()
    answer[1] = task.weights[1] - task.lr * task.slopes[1]
    assert rejected("13.predict", answer).matched == "steps-by-the-slope"


# -------------------------------------------------------------------------------------- order

START, KEEP, LOOP, SLOPES, PARTS, STEP, APPEND, AGAIN, EACH = LINES
RIGHT_ORDER = (START, KEEP, LOOP, SLOPES, PARTS, STEP, APPEND)


def letters(*lines):
    names = {line: letter for letter, line in variant("13.order").lines.items()}
    return [names[line] for line in lines]


@pytest.mark.parametrize("form", [list, tuple, "".join, ", ".join, " ".join])
def test_order_accepts(student, form):
    report = check("13.order", form(letters(*RIGHT_ORDER)))
    assert report, report


def test_the_text_on_the_lines_is_true():
    """Of all ways to fill the loop one works: two lines are wrong wherever they stand."""
    inside, right = (SLOPES, PARTS, STEP, APPEND, AGAIN, EACH), []
    for count in range(len(inside) + 1):
        for lines in itertools.permutations(inside, count):
            if check("13.order", letters(START, KEEP, LOOP, *lines)):
                right.append(lines)
    assert right == [(SLOPES, PARTS, STEP, APPEND)]


@pytest.mark.parametrize(
    ("lines", "mistake"),
    [
        ((START, KEEP, LOOP, PARTS, AGAIN, STEP, APPEND), "asks_again_between_groups"),
        ((START, KEEP, LOOP, SLOPES, PARTS, AGAIN, STEP, APPEND), "asks_again_between_groups"),
        ((START, KEEP, LOOP, SLOPES, PARTS, STEP, AGAIN, APPEND), "asks_again_between_groups"),
        ((START, KEEP, LOOP, SLOPES, PARTS, STEP, EACH), None),
        ((START, KEEP, LOOP, SLOPES, PARTS, STEP), None),
        ((START, KEEP, LOOP, SLOPES, APPEND, PARTS, STEP), None),
        ((START, LOOP, SLOPES, PARTS, STEP, APPEND), None),
        ((KEEP, START, LOOP, SLOPES, PARTS, STEP, APPEND), None),
        ((START, KEEP, SLOPES, LOOP, PARTS, STEP, APPEND), None),
        ((START, KEEP, LOOP, PARTS, STEP, APPEND), None),
        ((START, KEEP), None),
    ],
)
def test_order_rejects(student, lines, mistake):
    report = rejected("13.order", letters(*lines))
    assert report.score == 0
    assert report.matched == mistake


@pytest.mark.parametrize("answer", ["A, Z", "A, A", ["A", ...], 7, {}, Hostile(), [Hostile()]])
def test_order_survives(answer):
    assert check("13.order", answer).score == 0


# ----------------------------------------------------------------------------------- settings


def settings_plain(name, shape, lr, weight_decay):
    rate = 10 * lr if name.startswith("head.") else lr
    decay = weight_decay if len(shape) > 1 else 0.0
    return rate, decay


def settings_early(name, shape, lr, weight_decay):
    if name[:5] == "head.":
        lr = lr * 10
    if len(shape) == 1:
        weight_decay = 0
    return [lr, weight_decay]


def settings_array(name, shape, lr, weight_decay):
    head, matrix = name.split(".")[0] == "head", np.ndim(np.empty(shape)) >= 2
    return np.array([lr * (1 + 9 * head), weight_decay * matrix])


def settings_keyword(name, shape, lr, weight_decay):
    return (lr * 10 ** name.startswith("head."), weight_decay * bool(shape[1:]))


def settings_list(name, shape, lr, weight_decay):
    heads = [n for n in ("head.weight", "head.bias") if n == name]
    return (lr * 10 if heads else lr), (weight_decay, 0.0)[len(shape) < 2]


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    "solution",
    [settings_plain, settings_early, settings_array, settings_keyword, settings_list],
)
def test_settings_accepts(solution, fresh):
    report = check("13.settings", solution, fresh=fresh)
    assert report, report


RATES = [
    (lambda n, s, lr: lr, "keeps-one-rate"),
    (lambda n, s, lr: 10 * lr, "speeds-up-all"),
    (lambda n, s, lr: 10 * lr if "head" in n else lr, "finds-head-anywhere"),
    (lambda n, s, lr: 10 * lr if n == "head.weight" else lr, "forgets-the-bias"),
    (lambda n, s, lr: lr / 10 if n.startswith("head.") else lr, "slows-the-head"),
    (lambda n, s, lr: lr if n.startswith("head.") else lr / 10, "slows-the-rest"),
    (lambda n, s, lr: lr if n.startswith("head.") else 10 * lr, None),
    (lambda n, s, lr: 0.01, None),
    (lambda n, s, lr: "0.01", None),
    (lambda n, s, lr: np.nan, None),
    (lambda n, s, lr: ... if "bias" in n else lr, None),
]
DECAYS = [
    (lambda n, s, lr, d: d, "decays-all"),
    (lambda n, s, lr, d: 0, "decays-nothing"),
    (lambda n, s, lr, d: d if len(s) == 1 else 0, "turns-it-over"),
    (lambda n, s, lr, d: 0 if "bias" in n else d, "goes-by-the-name-bias"),
    (lambda n, s, lr, d: d if "weight" in n else 0, "goes-by-the-name-bias"),
    (lambda n, s, lr, d: d if len(s) == 2 else 0, "decays-matrices-only"),
    (lambda n, s, lr, d: d if min(s) > 1 else 0, "goes-by-the-size"),
    (lambda n, s, lr, d: lr * d if len(s) > 1 else 0, "multiplies-by-the-rate"),
    (lambda n, s, lr, d: 0 if "norm" in n else d, None),
    (lambda n, s, lr, d: d if len(s) > 2 else 0, None),
    (lambda n, s, lr, d: -d if len(s) > 1 else 0, None),
    (lambda n, s, lr, d: None if len(s) > 1 else 0, None),
]


@pytest.mark.parametrize(("rate", "mistake"), RATES)
def test_settings_rejects_wrong_rates(rate, mistake):
    report = rejected(
        "13.settings", lambda n, s, lr, d: (rate(n, s, lr), settings_plain(n, s, lr, d)[1])
    )
    assert report.score == pytest.approx(1 / 2)
    assert report.matched == mistake


@pytest.mark.parametrize(("decay", "mistake"), DECAYS)
def test_settings_rejects_wrong_decays(decay, mistake):
    report = rejected(
        "13.settings", lambda n, s, lr, d: (settings_plain(n, s, lr, d)[0], decay(n, s, lr, d))
    )
    assert report.score == pytest.approx(1 / 2)
    assert report.matched == mistake


@pytest.mark.parametrize("solution", [crashes, exits, 3.0, lambda *a: Hostile(), lambda n: (1, 2)])
def test_settings_survives(solution):
    assert rejected("13.settings", solution).score == 0


# --------------------------------------------------------------------------------------- step


def step_plain(weights, grads, states, t, groups):
    new_weights, new_states = {}, {}
    for names, rule, settings in groups:
        for name in names:
            if name in new_weights:
                raise ValueError(f"{name} is listed twice")
            w, *state = rule(weights[name], grads[name], *states[name], t=t, **settings)
            new_weights[name], new_states[name] = w, tuple(state)
    forgotten = [name for name in weights if name not in new_weights]
    if forgotten:
        raise ValueError(f"no group has {forgotten}")
    return new_weights, new_states


def step_checks_first(weights, grads, states, t, groups):
    listed = Counter(name for names, *_ in groups for name in names)
    for name in weights:
        if listed[name] != 1:
            raise ValueError(f"{name} is listed {listed[name]} times")
    found = {
        name: rule(weights[name], grads[name], *states[name], t=t, **settings)
        for names, rule, settings in groups
        for name in names
    }
    return {k: v[0] for k, v in found.items()}, {k: v[1:] for k, v in found.items()}


def step_by_owner(weights, grads, states, t, groups):
    owner = {}
    for group in groups:
        for name in group[0]:
            if name in owner:
                raise ValueError(name)
            owner[name] = group
    new_weights, new_states = dict(weights), dict(states)
    for name in weights:
        if name not in owner:
            raise ValueError(f"nobody moves {name}")
        _, rule, settings = owner[name]
        w, *new_states[name] = rule(weights[name], grads[name], *states[name], t=t, **settings)
        new_weights[name] = w
    return [new_weights, new_states]


def step_pops(weights, grads, states, t, groups):
    left, done = dict(weights), ({}, {})
    for names, rule, settings in groups:
        for name in names:
            try:
                w = left.pop(name)
            except KeyError:
                raise ValueError("twice: " + name) from None
            given = [w, grads[name]]
            given.extend(states[name])
            result = rule(*given, t=t, **settings)
            done[0][name] = result[0]
            done[1][name] = list(result)[1:]
    if left:
        raise ValueError(f"forgotten: {sorted(left)}")
    return done


def step_lists(weights, grads, states, t, groups):
    """Return plain lists of numbers in place of arrays."""
    new_weights, new_states = step_plain(
        {k: np.array(v) for k, v in weights.items()},
        grads,
        {k: [np.array(s) for s in v] for k, v in states.items()},
        t,
        groups,
    )
    return {k: w.tolist() for k, w in new_weights.items()}, {
        k: [s.tolist() for s in v] for k, v in new_states.items()
    }


STYLES = (step_plain, step_checks_first, step_by_owner, step_pops, step_lists)


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("solution", STYLES)
def test_step_accepts(solution, fresh):
    report = check("13.step", solution, fresh=fresh)
    assert report, report


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("name", WRONG_STEPS)
def test_a_known_wrong_step_is_named(name, fresh):
    sentence, wrong = WRONG_STEPS[name]
    report = rejected("13.step", wrong, fresh=fresh)
    assert report.matched == name
    assert sentence.split()[0] in report.message
    assert report.score < 1


def silent(weights, grads, states, t, groups, doubles=False, gaps=False):
    """Say nothing of what is listed twice, or never."""
    if not doubles and max(Counter(n for names, *_ in groups for n in names).values()) > 1:
        raise ValueError([names for names, *_ in groups])
    if not gaps and {n for names, *_ in groups for n in names} != set(weights):
        raise ValueError(list(weights))
    weights, states = dict(weights), dict(states)
    for names, rule, settings in groups:
        for name in names:
            w, *state = rule(weights[name], grads[name], *states[name], t=t, **settings)
            weights[name], states[name] = w, state
    return weights, states


def counts_names(weights, grads, states, t, groups):
    if sum(len(names) for names, *_ in groups) != len(weights):
        raise ValueError(f"not each once: {list(weights)}")
    return silent(weights, grads, states, t, groups, doubles=True, gaps=True)


def in_place(weights, grads, states, t, groups):
    new_weights, new_states = step_plain(weights, grads, states, t, groups)
    for name, w in new_weights.items():
        weights[name][...] = w
    return weights, new_states


def updates_the_dictionary(weights, grads, states, t, groups):
    new_weights, new_states = step_plain(weights, grads, states, t, groups)
    weights.update(new_weights)
    states.update(new_states)
    return weights, states


def says(error):
    def step(weights, grads, states, t, groups):
        try:
            return step_plain(weights, grads, states, t, groups)
        except ValueError:
            raise error from None

    return step


@pytest.mark.parametrize(
    ("solution", "mistake", "score"),
    [
        (lambda *a: silent(*a, doubles=True), "overlooks_the_double", 5 / 6),
        (lambda *a: silent(*a, gaps=True), "overlooks_the_gap", 5 / 6),
        (lambda *a: silent(*a, doubles=True, gaps=True), "overlooks_the_double", 4 / 6),
        (counts_names, "counts_the_names", 5 / 6),
        (in_place, "changes_its_input", 5 / 6),
        (updates_the_dictionary, "changes_its_input", 5 / 6),
        (says(ValueError("the groups are wrong")), None, 4 / 6),
        (says(KeyError("bias head")), None, 4 / 6),
        (says(AssertionError("bias head")), None, 4 / 6),
    ],
)
def test_step_refuses_what_the_caller_did_wrong(solution, mistake, score):
    report = rejected("13.step", solution)
    assert report.score == pytest.approx(score)
    assert report.matched == mistake


def one_rule(weights, grads, states, t, groups):
    return step_plain(weights, grads, states, t, [(n, groups[0][1], s) for n, _, s in groups])


def single_precision(*given):
    weights, states = step_plain(*given)
    return {k: w.astype(np.float32) for k, w in weights.items()}, states


ODD = {
    "the first rule for all": one_rule,
    "single precision": single_precision,
    "weights alone": lambda *a: step_plain(*a)[0],
    "exchanged": lambda *a: step_plain(*a)[::-1],
    "a list of weights": lambda *a: [list(part.values()) for part in step_plain(*a)],
    "one name short": lambda *a: [dict(list(p.items())[1:]) for p in step_plain(*a)],
    "no state": lambda *a: (step_plain(*a)[0], dict.fromkeys(a[0], ())),
    "states as arrays": lambda *a: (step_plain(*a)[0], dict(a[0])),
    "nan": lambda *a: ({k: w * np.nan for k, w in a[0].items()}, a[2]),
    "text": lambda *a: ("w", "s"),
    "crashes": crashes,
    "exits": exits,
    "no function": 3.0,
    "hostile": lambda *a: Hostile(),
    "hostile pair": lambda *a: (Hostile(), Hostile()),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_step_is_rejected(name):
    report = rejected("13.step", ODD[name])
    assert report.score < 1


@pytest.mark.parametrize("seed", range(3))
def test_the_right_step_is_the_one_of_the_library(seed):
    """Three optimizers for five parameters, joined by MultiOptimizer, walk the long job."""
    job = jobs(np.random.default_rng(seed))["long"]
    parameters = {name: Parameter(w, name) for name, w in job.weights.items()}
    rest = [parameters[name] for name in ("norm", "embedding", "bias")]
    joined = optim.MultiOptimizer(
        optim.Muon([parameters["hidden"]], lr=0.05, momentum=0.8, weight_decay=0.0),
        optim.Adam(rest, lr=0.02),
        optim.SGD([parameters["head"]], lr=0.03, momentum=0.9),
        params=parameters.values(),
    )
    for t in range(1, job.steps + 1):
        slopes = job.gradient(t, {name: p.data for name, p in parameters.items()})
        for name, p in parameters.items():
            p.grad = slopes[name]
        joined.step()
    for name, path in job.by(step_plain).items():
        assert np.allclose(parameters[name].data, path[-1], rtol=1e-9)


def test_a_step_that_always_refuses_earns_nothing():
    def refuses(weights, grads, states, t, groups):
        raise ValueError(list(weights))

    assert rejected("13.step", refuses).score == 0


@pytest.mark.parametrize("question", ["13.settings", "13.step"])
def test_what_is_missing_is_replaced(question, capsys):
    reference = working(question, not_implemented)
    assert "not finished" in capsys.readouterr().out
    if question == "13.settings":
        assert reference("head.bias", (3,), 0.1, 0.5) == (1.0, 0.0)
    else:
        groups = [(["w"], rules.sgd, {"lr": 0.1})]
        assert reference({"w": 1.0}, {"w": 2.0}, {"w": ()}, 1, groups) == ({"w": 0.8}, {"w": ()})
