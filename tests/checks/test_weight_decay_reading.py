"""Questions 09.choose, 09.diagnose and 09.refute: a budget, three trainings, half a rate."""

import itertools

import numpy as np
import pytest
from answers import Hostile, crashes, exits, rejected

from optlearn.course.checks import check, variant
from optlearn.course.checks.a09_reading import SETTINGS

# -------------------------------------------------------------------------------------- choose


def choose_evenly(train, decays, budget):
    share = budget // len(decays)
    runs = {decay: train(decay, share)[1] for decay in decays}
    best = min(runs, key=lambda decay: min(runs[decay]))
    return best, np.argmin(runs[best])


def choose_with_patience(train, decays, budget):
    found = []
    for decay in decays.tolist():
        _, validation = train(decay, 100)
        at = 0
        for step, error in enumerate(validation):
            if error < validation[at]:
                at = step
            if step - at >= 15:
                break
        found.append((validation[at], decay, at))
    return list(min(found)[1:])


def choose_in_two_rounds(train, decays, budget):
    first = {decay: train(decay, 50)[1].min() for decay in decays}
    finalists = sorted(first, key=first.get)[:2]
    runs = {decay: train(decay, 150)[1] for decay in finalists}
    best = min(runs, key=lambda decay: runs[decay].min())
    return best, int(runs[best].argmin())


def choose_by_table(train, decays, budget):
    table = np.array([train(decay, 90)[1] for decay in decays])
    row, step = np.unravel_index(table.argmin(), table.shape)
    return np.array([decays[row], step])


def choose_smoothly(train, decays, budget):
    """Take the mean of three neighbours, so that one lucky step does not decide."""
    best = np.inf, None, None
    for decay in decays:
        errors = np.convolve(train(decay, 100)[1], np.ones(3) / 3, mode="valid")
        best = min(best, (errors.min(), decay, errors.argmin() + 1))
    return best[1], best[2]


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    "solution",
    [
        choose_evenly,
        choose_with_patience,
        choose_in_two_rounds,
        choose_by_table,
        choose_smoothly,
    ],
)
def test_choose_accepts(student, solution, fresh):
    report = check("09.choose", solution, fresh=fresh)
    assert report, report


def by_training(train, decays, budget):
    runs = {decay: train(decay, 100)[0] for decay in decays}
    best = min(runs, key=lambda decay: runs[decay].min())
    return best, runs[best].argmin()


def by_the_highest(train, decays, budget):
    runs = {decay: train(decay, 100)[1] for decay in decays}
    best = max(runs, key=lambda decay: runs[decay].max())
    return best, runs[best].argmax()


def by_the_end(train, decays, budget):
    runs = {decay: train(decay, 100)[1] for decay in decays}
    return min(runs, key=lambda decay: runs[decay][-1]), 100


def always(row):
    return lambda train, decays, budget: (decays[row], train(decays[row], 200)[1].argmin())


@pytest.mark.parametrize(
    ("solution", "most", "mistake"),
    [
        (by_training, 1 / 3, "chooses-by-training-error"),
        (by_the_highest, 0, "takes-the-highest"),
        (by_the_end, 2 / 3, "never-stops-early"),
        (always(0), 2 / 3, "one-decay-for-all"),
        (always(3), 2 / 3, "one-decay-for-all"),
        (always(5), 0, "one-decay-for-all"),
        (lambda train, decays, budget: (1, 50), 2 / 3, "always-the-same"),
        (lambda train, decays, budget: (0.01, 0), 0, "always-the-same"),
        (lambda train, decays, budget: [train(d, 200) for d in decays], 0, "overspends"),
        (lambda train, decays, budget: [train(1, 101) for _ in range(6)], 0, "overspends"),
        (lambda train, decays, budget: train(decays[0], 500), 0, None),
        (lambda train, decays, budget: train(0.2, 50), 0, None),
        (lambda train, decays, budget: train(1, 1.5), 0, None),
        (lambda train, decays, budget: (0.2, 50), 0, None),
        (lambda train, decays, budget: (3, 1.0), 1 / 3, "always-the-same"),
        (lambda train, decays, budget: (1, 50.5), 0, None),
        (lambda train, decays, budget: (1, -5), 0, None),
        (lambda train, decays, budget: (1, 1000), 0, None),
        (lambda train, decays, budget: ("1", 50), 0, None),
        (lambda train, decays, budget: (1, np.nan), 0, None),
        (lambda train, decays, budget: (1, ...), 0, None),
        (lambda train, decays, budget: choose_evenly(train, decays, budget)[::-1], 0, None),
        (lambda train, decays, budget: 1.0, 0, None),
        (lambda train, decays, budget: Hostile(), 0, None),
        (lambda train: 1, 0, None),
        (crashes, 0, None),
        (exits, 0, None),
        (3.0, 0, None),
    ],
)
def test_choose_rejects(student, solution, most, mistake):
    report = check("09.choose", solution)
    assert not report
    assert report.score <= most + 1e-9
    assert report.matched == mistake


def test_a_fresh_budget_is_whole(student):
    problem = variant("09.choose")
    for _ in "ab":
        train = problem.trainer()
        for decay in problem.decays:
            training, validation = train(decay, 100)
            assert training.shape == validation.shape == (101,)
        with pytest.raises(Exception, match="1 steps are asked for, and 0 of 600 are left"):
            train(1, 1)


def test_a_run_begins_anew_and_is_the_learners_own():
    train = variant("09.choose").trainer()
    short, long = train(1, 5), train(1, 50)
    np.testing.assert_array_equal(short, np.array(long)[:, :6])
    long[1][:] = 0
    assert train(1, 5)[1].min() > 0


# ----------------------------------------------------------------------------------- diagnose


def diagnosis():
    """Return the labels by what the text tells: the ends of both errors, and whether they move."""
    found = {}
    for letter, (training, validation) in variant("09.diagnose").runs.items():
        if validation[-1] > validation[0]:
            found[letter] = "overfits"
        elif validation[-1] < 0.15 * validation[0]:
            found[letter] = "leak"
        elif training[-1] > 0.98 * training[20]:
            found[letter] = "too strong"
        else:
            found[letter] = "too slow" if training[20] > 0.9 * training[0] else "fits"
    return found


def students(monkeypatch, count=40):
    for student in range(count):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        yield student


def test_any_label_may_stay_over_in_any_place(monkeypatch):
    places = set()
    for _ in students(monkeypatch, 20):
        right = diagnosis()
        assert len(set(right.values())) == 3
        places |= set(right.items())
        assert check("09.diagnose", right)
    assert places == set(itertools.product("ABC", SETTINGS))


def test_the_table_shows_the_runs(student):
    task = variant("09.diagnose")
    head, *rows = str(task).split("\n")
    steps = [int(step) for step in head.split("|")[1].split()]
    pairs = [(key, part) for key in "ABC" for part in ("training", "validation")]
    for row, (key, part) in zip(rows, pairs, strict=True):
        name, values = row.split("|")
        assert name.strip() == f"{key}, {part}"
        run = task.runs[key][("training", "validation").index(part)]
        wanted = [run[step] for step in steps]
        assert [float(v) for v in values.split()] == pytest.approx(wanted, abs=0.006)


@pytest.mark.parametrize(
    "form",
    [
        dict,
        lambda d: list(d.values()),
        lambda d: {k.lower(): f" {v.upper()}" for k, v in d.items()},
    ],
)
def test_diagnose_accepts(student, form):
    report = check("09.diagnose", form(diagnosis()))
    assert report, report


@pytest.mark.parametrize("labels", itertools.permutations(SETTINGS, 3), ids="-".join)
def test_diagnose_rejects_all_but_one(labels):
    answer, right = dict(zip("ABC", labels)), diagnosis()
    report = check("09.diagnose", answer)
    assert bool(report) == (answer == right)
    assert report.score == pytest.approx(sum(answer[k] == right[k] for k in "ABC") / 3)


@pytest.mark.parametrize(
    ("truth", "said", "name"),
    [
        ("overfits", "fits", "looks-at-training-alone"),
        ("overfits", "too slow", "takes-a-rise-for-a-delay"),
        ("leak", "fits", "trusts-what-is-too-good"),
        ("leak", "overfits", "takes-low-training-for-overfitting"),
        ("fits", "leak", "distrusts-every-low-error"),
        ("fits", "too strong", "takes-a-remaining-error-for-decay"),
        ("fits", "overfits", "takes-every-gap-for-overfitting"),
        ("too strong", "too slow", "waits-for-what-has-stopped"),
        ("too slow", "too strong", "takes-slow-for-stopped"),
        ("too strong", "fits", "overlooks-the-training-error"),
        ("too slow", "fits", "overlooks-the-training-error"),
        ("too slow", "leak", None),
    ],
)
def test_diagnose_names_the_misreading(truth, said, name, monkeypatch):
    for _ in students(monkeypatch):
        answer = {letter: said for letter, label in diagnosis().items() if label == truth}
        if answer:
            break
    assert check("09.diagnose", answer).matched == name


@pytest.mark.parametrize(
    "answer", [{}, [], 7, "fits", {"A": "fast"}, ["fits"] * 3, Hostile(), {"A": Hostile()}]
)
def test_diagnose_survives(answer):
    report = check("09.diagnose", answer)
    assert not report
    assert report.score == 0


# ------------------------------------------------------------------------------------- refute


def refute_loop(adamw, lr, weight_decay):
    steps, whole, half = 0, 1.0, 1.0
    while half < 2 * whole:
        steps += 1
        whole, _, _ = adamw(whole, 0, 0, 0, t=steps, lr=lr, weight_decay=weight_decay)
        half, _, _ = adamw(half, 0, 0, 0, t=steps, lr=lr / 2, weight_decay=weight_decay)
    return steps, whole, half


def refute_formula(adamw, lr, weight_decay):
    steps = round(1 / (lr * weight_decay))
    return [steps, (1 - lr * weight_decay) ** steps, (1 - lr / 2 * weight_decay) ** steps]


def refute_arrays(adamw, lr, weight_decay):
    """Walk with both rates at once."""
    rates, w, t = np.array([lr, lr / 2]), np.ones(2), 0
    m = v = np.zeros(2)
    while w[0] > 0.2:
        t += 1
        w, m, v = adamw(w, 0 * w, m, v, t=t, lr=rates, weight_decay=weight_decay)
    return np.array([t, *w])


def refute_far(adamw, lr, weight_decay):
    """Walk until two hundredths are left."""
    steps = int(np.log(0.02) / np.log(1 - lr * weight_decay))
    whole = (1 - lr * weight_decay) ** steps
    return steps, whole, (1 - lr * weight_decay / 2) ** steps


def refute_rounded(adamw, lr, weight_decay):
    return [float(f"{value:.4g}") for value in refute_formula(adamw, lr, weight_decay)]


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    "solution", [refute_loop, refute_formula, refute_arrays, refute_far, refute_rounded]
)
def test_refute_accepts(student, solution, fresh):
    report = check("09.refute", solution, fresh=fresh)
    assert report, report


@pytest.mark.parametrize(
    ("change", "score", "mistake"),
    [
        (lambda n, w, h, lr, d: (n, h, w), 1 / 2, "exchanges-the-two"),
        (lambda n, w, h, lr, d: (n, 1 - w, 1 - h), 1 / 2, "gives-what-is-lost"),
        (lambda n, w, h, lr, d: (n, (1 - d) ** n, h), 3 / 4, "shrinks-too-fast"),
        (lambda n, w, h, lr, d: (n, w, 1 - lr / 2 * d * n), 3 / 4, "subtracts-the-same"),
        (lambda n, w, h, lr, d: (n, (1 - lr) ** n, h), 3 / 4, "forgets-the-decay"),
        (lambda n, w, h, lr, d: (n, w, (1 - lr / 2 * d / 2) ** n), 3 / 4, "halves-both"),
        (lambda n, w, h, lr, d: (n, w, w), 3 / 4, "exchanges-the-two"),
        (lambda n, w, h, lr, d: (n, 1.0, h), 3 / 4, "does-not-move"),
        (lambda n, w, h, lr, d: (n, 1.05 * w, h), 3 / 4, None),
        (lambda n, w, h, lr, d: (n, w, -h), 3 / 4, None),
        (lambda n, w, h, lr, d: (n, w, np.nan), 3 / 4, None),
        (lambda n, w, h, lr, d: (n, w, ...), 3 / 4, None),
        (lambda n, w, h, lr, d: (n, w, "h"), 3 / 4, None),
        (lambda n, w, h, lr, d: (n + 0.5, w, h), 0, None),
        (lambda n, w, h, lr, d: (0, w, h), 0, None),
        (lambda n, w, h, lr, d: (10**6, w, h), 0, None),
        (lambda n, w, h, lr, d: (n, w), 0, None),
        (lambda n, w, h, lr, d: h, 0, None),
        (lambda n, w, h, lr, d: Hostile(), 0, None),
        (lambda n, w, h, lr, d: (Hostile(),) * 3, 0, None),
    ],
)
def test_refute_rejects(student, change, score, mistake):
    report = rejected("09.refute", lambda adamw, *k: change(*refute_formula(adamw, *k), *k))
    assert report.score == pytest.approx(score)
    assert report.matched == mistake


@pytest.mark.parametrize(
    ("steps", "mistake"), [(1, "walks-too-little"), (100, None), (2000, None), (20_000, None)]
)
def test_no_fixed_number_of_steps_does_for_all(student, steps, mistake):
    def fixed(adamw, lr, decay):
        return steps, (1 - lr * decay) ** steps, (1 - lr * decay / 2) ** steps

    report = rejected("09.refute", fixed)
    assert report.score == pytest.approx(1 / 2)
    assert report.matched in ({mistake} if mistake else {"walks-too-little", "walks-too-far"})


def test_refute_tells_an_l2_walk():
    """Adam with L2 goes one rate a step: after so many nearly nothing is left."""

    def with_l2(adamw, lr, decay):
        steps, found = round(1 / (lr * decay)), []
        for rate in (lr, lr / 2):
            w = m = v = 1.0
            m = v = 0.0
            for t in range(1, steps + 1):
                w, m, v = adamw(w, decay * w, m, v, t=t, lr=rate, weight_decay=0)
            found.append(w)
        return steps, *found

    assert rejected("09.refute", with_l2).matched == "shrinks-too-fast"


@pytest.mark.parametrize("odd", [crashes, exits, 3.0, "t", Hostile(), lambda: (1, 2, 3)])
def test_refute_survives(odd):
    assert rejected("09.refute", odd).score == 0
