"""Questions 06.plan, 06.diagnose and 06.refute: another loss, three runs, and the first steps."""

import itertools

import numpy as np
import pytest
from answers import Hostile, crashes, exits, rejected

from optlearn.course.checks import check, variant
from optlearn.course.checks.a06_reading import RULES, lengths

# --------------------------------------------------------------------------------------- plan


def plan(scale, lr, eps, sgd_lr):
    return lr, eps * scale, sgd_lr / scale


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    "form",
    [
        lambda *a: plan(*a),
        lambda *a: list(plan(*a)),
        lambda *a: np.array(plan(*a)),
        lambda *a: 1.005 * np.array(plan(*a)),
        lambda s, lr, eps, sgd: (lr, eps / (1 / s), np.array([sgd / s])),
    ],
)
def test_plan_accepts(student, form, fresh):
    report = check("06.plan", form, fresh=fresh)
    assert report, report


@pytest.mark.parametrize(
    ("place", "wrong", "mistake"),
    [
        (0, lambda s, lr, eps, sgd: lr / s, "divides-as-in-descent"),
        (0, lambda s, lr, eps, sgd: lr * s, "multiplies"),
        (0, lambda s, lr, eps, sgd: lr / np.sqrt(s), "takes-the-root"),
        (0, lambda s, lr, eps, sgd: lr * np.sqrt(s), "scales-with-the-root"),
        (0, lambda s, lr, eps, sgd: 1.05 * lr, None),
        (0, lambda s, lr, eps, sgd: 0.001, None),
        (0, lambda s, lr, eps, sgd: sgd, None),
        (0, lambda s, lr, eps, sgd: np.nan, None),
        (1, lambda s, lr, eps, sgd: eps, "keeps-eps"),
        (1, lambda s, lr, eps, sgd: eps / s, "divides"),
        (1, lambda s, lr, eps, sgd: eps * s**2, "squares-the-scale"),
        (1, lambda s, lr, eps, sgd: eps * np.sqrt(s), "takes-the-root"),
        (1, lambda s, lr, eps, sgd: 1e-8, None),
        (1, lambda s, lr, eps, sgd: 0, None),
        (1, lambda s, lr, eps, sgd: -eps * s, None),
        (2, lambda s, lr, eps, sgd: sgd, "keeps-the-rate"),
        (2, lambda s, lr, eps, sgd: sgd * s, "multiplies"),
        (2, lambda s, lr, eps, sgd: sgd / np.sqrt(s), "takes-the-root"),
        (2, lambda s, lr, eps, sgd: -sgd / s, None),
        (2, lambda s, lr, eps, sgd: "small", None),
        (2, lambda s, lr, eps, sgd: np.inf, None),
        (2, lambda s, lr, eps, sgd: ..., None),
    ],
)
def test_plan_rejects(student, place, wrong, mistake):
    def mine(*given):
        answer = list(plan(*given))
        answer[place] = wrong(*given)
        return answer

    report = rejected("06.plan", mine)
    assert report.score == pytest.approx(2 / 3)
    assert report.matched == mistake


@pytest.mark.parametrize(
    "odd", [crashes, exits, lambda *a: Hostile(), lambda *a: (1, 2), lambda *a: 3, 3.0, lambda: 1]
)
def test_plan_survives(odd):
    assert rejected("06.plan", odd).score == 0


# ----------------------------------------------------------------------------------- diagnose


def diagnosis():
    """Return the labels by what the text tells: the first step, the growth, the flip."""
    task, found = variant("06.diagnose"), {}
    for letter, run in task.runs.items():
        if run[20] < -0.99:
            found[letter] = "no momentum"
        elif abs(run[0] - 1) < 1e-6:
            found[letter] = "right"
        elif run[0] > 1:
            found[letter] = "no correction"
        else:
            found[letter] = "no root" if run[19] < 1.1 * run[0] else "only v corrected"
    return found


def students(monkeypatch, count=60):
    for student in range(count):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        yield student


def test_any_label_may_stay_over_in_any_place(monkeypatch):
    places = set()
    for _ in students(monkeypatch):
        right = diagnosis()
        assert len(set(right.values())) == 3
        places |= set(right.items())
        assert check("06.diagnose", right)
    assert places == set(itertools.product("ABC", RULES))


def test_the_table_tells_the_labels_apart(monkeypatch):
    """Two digits are shown, so any two programs differ clearly at a step that is shown."""
    for _ in students(monkeypatch):
        task = variant("06.diagnose")
        runs = [lengths(rule, task.slope, task.betas) for rule in RULES.values()]
        for one, other in itertools.combinations(runs, 2):
            assert max(abs(one[t - 1] - other[t - 1]) for t in (1, 2, 5, 20, 21)) > 0.1


def test_the_table_shows_the_runs(student):
    task = variant("06.diagnose")
    head, steps, *rows = str(task).split("\n")
    assert f"slope {task.slope:g}" in head
    shown = [int(t) for t in steps.split("|")[1].split()]
    for row, (letter, run) in zip(rows, task.runs.items(), strict=True):
        key, values = row.split("|")
        assert key.strip() == letter
        wanted = [run[t - 1] for t in shown]
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
    report = check("06.diagnose", form(diagnosis()))
    assert report, report


@pytest.mark.parametrize("labels", itertools.permutations(RULES, 3), ids="-".join)
def test_diagnose_rejects_all_but_one(labels):
    answer, right = dict(zip("ABC", labels)), diagnosis()
    report = check("06.diagnose", answer)
    assert bool(report) == (answer == right)
    assert report.score == pytest.approx(sum(answer[k] == right[k] for k in "ABC") / 3)


@pytest.mark.parametrize(
    ("truth", "said", "name"),
    [
        ("no correction", "only v corrected", "expects-short-steps"),
        ("only v corrected", "no correction", "takes-short-for-uncorrected"),
        ("no momentum", "right", "overlooks-the-flip"),
        ("right", "no momentum", "takes-a-slow-turn-for-none"),
        ("no root", "only v corrected", "takes-steady-for-rising"),
        ("only v corrected", "no root", "takes-rising-for-steady"),
        ("no root", "right", "overlooks-the-length"),
        ("no correction", "right", "overlooks-the-start"),
        ("only v corrected", "right", "overlooks-the-start"),
        ("right", "no root", None),
    ],
)
def test_diagnose_names_the_misreading(truth, said, name, monkeypatch):
    for _ in students(monkeypatch):
        answer = {letter: said for letter, label in diagnosis().items() if label == truth}
        if answer:
            break
    assert check("06.diagnose", answer).matched == name


@pytest.mark.parametrize(
    "answer", [{}, [], 7, "right", {"A": "fast"}, ["right"] * 3, Hostile(), {"A": Hostile()}]
)
def test_diagnose_survives(answer):
    report = check("06.diagnose", answer)
    assert not report
    assert report.score == 0


# ------------------------------------------------------------------------------------- refute


def walked(beta1, beta2):
    """Return ``(t, without, with_it)`` of each of 100 steps."""
    m = v = 0
    found = []
    for t in range(1, 101):
        m, v = beta1 * m + (1 - beta1), beta2 * v + (1 - beta2)
        found.append(
            (t, m / np.sqrt(v), (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + 1e-8))
        )
    return found


def refute_loop(beta1, beta2):
    return max(walked(beta1, beta2), key=lambda step: step[1] / step[2])


def refute_first_that_does(beta1, beta2):
    return next(list(step) for step in walked(beta1, beta2) if step[1] > 1.5 * step[2])


def refute_formula(beta1, beta2):
    t = np.arange(1, 101)
    without = (1 - beta1**t) / np.sqrt(1 - beta2**t)
    best = without.argmax()
    return np.array([t[best], without[best], 1.0])


def refute_gradients_of_ten(beta1, beta2):
    """Walk with a rate of 0.1 over slopes of 1, and divide by the rate again."""
    w, m, v, longest = 0.0, 0.0, 0.0, (0, 0)
    for t in range(1, 101):
        m, v, old = beta1 * m + (1 - beta1) * 1, beta2 * v + (1 - beta2) * 1, w
        w -= 0.1 * m / np.sqrt(v)
        longest = max(longest, ((old - w) / 0.1, t))
    return longest[1], longest[0], 1


def refute_at_twelve(beta1, beta2):
    return walked(beta1, beta2)[11]


RIGHT = [
    refute_loop,
    refute_first_that_does,
    refute_formula,
    refute_gradients_of_ten,
    refute_at_twelve,
]


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("solution", RIGHT)
def test_refute_accepts(student, solution, fresh):
    report = check("06.refute", solution, fresh=fresh)
    assert report, report


@pytest.mark.parametrize(
    ("change", "score", "mistake"),
    [
        (lambda t, raw, fixed, b: (t, fixed, raw), 1 / 2, "exchanges-the-two"),
        (lambda t, raw, fixed, b: (t, -raw, -fixed), 1 / 2, "gives-the-displacement"),
        (lambda t, raw, fixed, b: (t, 0.1 * raw, 0.1 * fixed), 1 / 2, None),
        (lambda t, raw, fixed, b: (t, 1 - b[0] ** t, fixed), 3 / 4, "corrects-v-only"),
        (lambda t, raw, f, b: (t, 1 / np.sqrt(1 - b[1] ** t), f), 3 / 4, "corrects-m-only"),
        (lambda t, r, f, b: (t, (1 - b[0] ** t) / (1 - b[1] ** t), f), 3 / 4, "forgets-the-root"),
        (lambda t, raw, fixed, b: (t, 1 / raw, fixed), 3 / 4, "multiplies-correction"),
        (lambda t, raw, fixed, b: (t, raw, 0.5), 3 / 4, None),
        (lambda t, raw, fixed, b: (t, raw, ...), 3 / 4, None),
        (lambda t, raw, fixed, b: (t, 6.57, 1), 3 / 4, None),
        (lambda t, raw, fixed, b: (0, raw, fixed), 0, None),
        (lambda t, raw, fixed, b: (1.5, raw, fixed), 0, None),
        (lambda t, raw, fixed, b: (1000, raw, fixed), 0, None),
        (lambda t, raw, fixed, b: ("1", raw, fixed), 0, None),
        (lambda t, raw, fixed, b: (np.nan, raw, fixed), 0, None),
        (lambda t, raw, fixed, b: (t, raw), 0, None),
        (lambda t, raw, fixed, b: raw, 0, None),
        (lambda t, raw, fixed, b: Hostile(), 0, None),
        (lambda t, raw, fixed, b: (Hostile(),) * 3, 0, None),
    ],
)
def test_refute_rejects(student, change, score, mistake):
    report = rejected("06.refute", lambda *b: change(*refute_loop(*b), b))
    assert report.score == pytest.approx(score)
    assert report.matched == mistake


@pytest.mark.parametrize("t", [1, 100])
def test_a_fixed_step_that_does_not_do_for_all_betas_is_rejected(student, t):
    report = rejected("06.refute", lambda *b: walked(*b)[t - 1])
    assert report.score == pytest.approx(1 / 2)
    assert report.matched == ("looks-at-one-step" if t == 1 else None)


@pytest.mark.parametrize("odd", [crashes, exits, 3.0, "t", Hostile(), lambda: (1, 2, 3)])
def test_refute_survives(odd):
    assert rejected("06.refute", odd).score == 0
