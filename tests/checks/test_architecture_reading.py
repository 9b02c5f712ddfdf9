"""Questions 12.layers, 12.steps, 12.habit and 12.refute: what a network knows, and who leads."""

import itertools

import numpy as np
import pytest
from answers import Hostile, crashes, exits, rejected

from optlearn import tuning
from optlearn.course.checks import check, variant
from optlearn.course.checks.a12_layers import LAYERS
from optlearn.course.checks.a12_reading import RULES

# -------------------------------------------------------------------------------------- layers


def changed_rows(layer, row, x):
    other = np.array(x)
    other[row] += 1
    return [t for t in range(6) if not np.allclose(layer(x)[t], layer(other)[t])]


def identify_by_row(layer):
    x = np.random.default_rng(0).normal(size=(6, 4))
    reach = changed_rows(layer, 2, x)
    if reach == [1, 2, 3]:
        return "convolution"
    if reach == [2, 3, 4, 5]:
        return "recurrent"
    return "attention" if np.allclose(layer(x[::-1]), layer(x)[::-1]) else "dense"


def identify_by_ends(layer):
    """Change the last row, then the first."""
    x = np.random.default_rng(1).normal(size=(6, 4)).tolist()
    if 0 not in changed_rows(layer, 5, x):
        return "recurrent" if 4 not in changed_rows(layer, 5, x) else "Convolution "
    swapped = [x[1], x[0], *x[2:]]
    return "attention" if np.allclose(layer(swapped)[2:], layer(x)[2:]) else "dense"


def identify_by_counts(layer):
    x = np.linspace(-1, 1, 24).reshape(6, 4)
    counts = [len(changed_rows(layer, row, x)) for row in range(6)]
    known = {(2, 3, 3, 3, 3, 2): "convolution", (6, 5, 4, 3, 2, 1): "recurrent"}
    if tuple(counts) in known:
        return known[tuple(counts)]
    order = np.random.default_rng(2).permutation(6)
    return ["dense", "attention"][int(np.allclose(layer(x[order]), layer(x)[order]))]


def identify_equal_rows(layer):
    """Feed equal rows: only a mean over all of them, and the middle of a filter, stay equal."""
    out = layer(np.ones((6, 4)) * [1, -1, 0.5, 0.2])
    if np.allclose(out, out[0]):
        return "attention"
    if np.allclose(out[1:5], out[1]):
        return "convolution"
    x = np.random.default_rng(3).normal(size=(6, 4))
    return "dense" if 0 in changed_rows(layer, 5, x) else "recurrent"


def identify_gradually(layer):
    x = np.random.default_rng(4).normal(size=(6, 4))
    slopes = np.array(
        [(layer(x + 1e-4 * (np.arange(6) == s)[:, None]) - layer(x)) for s in range(6)]
    )
    seen = np.abs(slopes).max(axis=2) > 1e-12
    if not seen.all():
        return "recurrent" if seen[0, 5] else "convolution"
    return "attention" if np.allclose(layer(x[::-1])[::-1], layer(x)) else "dense"


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    "style",
    [
        identify_by_row,
        identify_by_ends,
        identify_by_counts,
        identify_equal_rows,
        identify_gradually,
    ],
)
def test_layers_accepts(style, fresh):
    report = check("12.layers", style, fresh=fresh)
    assert report, report


def test_the_learners_own_boxes_are_one_of_each(student):
    found = [identify_by_row(box) for box in variant("12.layers").boxes]
    assert sorted(found) == sorted(LAYERS)


def renamed(**names):
    return lambda layer: names.get(identify_by_row(layer), identify_by_row(layer))


@pytest.mark.parametrize(
    ("solution", "score", "mistake"),
    [
        (lambda layer: "dense", 0, "takes-recurrent-for-dense"),
        (lambda layer: "attention", 0, "takes-dense-for-attention"),
        (renamed(dense="attention"), 1 / 2, "takes-dense-for-attention"),
        (renamed(attention="dense"), 1 / 2, "takes-attention-for-dense"),
        (renamed(recurrent="convolution"), 1 / 2, "takes-recurrent-for-convolution"),
        (renamed(convolution="recurrent"), 1 / 2, "takes-convolution-for-recurrent"),
        (renamed(recurrent="attention"), 1 / 2, "takes-recurrent-for-attention"),
        (renamed(dense="convolution", convolution="dense"), 1 / 2, None),
        (lambda layer: identify_by_row(lambda x: layer(np.zeros((6, 4)))), 0, None),
        (lambda layer: "mlp", 0, None),
        (lambda layer: 3, 0, None),
        (lambda layer: layer, 0, None),
        (lambda layer: layer(np.zeros((5, 4))), 0, None),
        (lambda layer: layer(np.zeros(24)), 0, None),
        (lambda layer: Hostile(), 0, None),
        (lambda: "dense", 0, None),
        (crashes, 0, None),
        (exits, 0, None),
        (3.0, 0, None),
    ],
)
def test_layers_rejects(solution, score, mistake):
    report = rejected("12.layers", solution)
    assert report.score == pytest.approx(score)
    if mistake:
        assert report.matched == mistake


def test_a_lucky_guess_earns_less_than_full_marks():
    rng = np.random.default_rng(0)
    scores = [check("12.layers", lambda layer: rng.choice(list(LAYERS))).score for _ in range(20)]
    assert max(scores) < 1


# --------------------------------------------------------------------------------------- steps


def diagnosis():
    """Return the labels by the laws that the lesson states."""
    found = {}
    for letter, run in variant("12.steps").runs.items():
        if run[-1] > 0.9:
            found[letter] = "adam, exact"
        elif run[1] < 0.65:
            found[letter] = "descent"
        else:
            found[letter] = "adam, batches" if run[-1] > 0.2 else "sign, batches"
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
        assert check("12.steps", right)
    assert places == set(itertools.product("ABC", RULES))


def test_the_steps_follow_the_laws(monkeypatch):
    """Each rule is near the law that the hint states, within what 1000 batches can tell."""
    for _ in students(monkeypatch, 15):
        task, right = variant("12.steps"), diagnosis()
        times = task.batch * task.frequencies
        laws = {
            "descent": times,
            "adam, exact": np.ones(6),
            "adam, batches": np.sqrt(times / (1 + times)),
            "sign, batches": 1 - (1 - task.frequencies) ** task.batch,
        }
        for letter, run in task.runs.items():
            law = laws[right[letter]]
            np.testing.assert_allclose(run, law / law[0], rtol=0.5, atol=0.04)


def test_the_table_shows_the_steps(student):
    task = variant("12.steps")
    _, ranks, times, *rows = str(task).split("\n")
    assert [int(r) for r in ranks.split("|")[1].split()] == task.ranks.tolist()
    assert len(times.split("|")[1].split()) == 6
    for row, (letter, run) in zip(rows, task.runs.items(), strict=True):
        key, values = row.split("|")
        assert key.strip() == f"steps of {letter}"
        assert [float(v) for v in values.split()] == pytest.approx(run, abs=0.0006)


@pytest.mark.parametrize(
    "form",
    [dict, lambda d: list(d.values()), lambda d: {k.lower(): v.upper() for k, v in d.items()}],
)
def test_steps_accepts(student, form):
    report = check("12.steps", form(diagnosis()))
    assert report, report


@pytest.mark.parametrize("labels", itertools.permutations(RULES, 3), ids="-".join)
def test_steps_rejects_all_but_one(labels):
    answer, right = dict(zip("ABC", labels)), diagnosis()
    report = check("12.steps", answer)
    assert bool(report) == (answer == right)
    assert report.score == pytest.approx(sum(answer[k] == right[k] for k in "ABC") / 3)


@pytest.mark.parametrize(
    ("truth", "said", "name"),
    [
        ("descent", "sign, batches", "takes-a-fall-for-signs"),
        ("sign, batches", "descent", "overlooks-the-flat-start"),
        ("adam, exact", "adam, batches", "expects-noise-everywhere"),
        ("adam, batches", "adam, exact", "expects-a-perfect-cancelling"),
        ("adam, batches", "sign, batches", "takes-a-root-for-a-line"),
        ("sign, batches", "adam, batches", "takes-a-line-for-a-root"),
        ("adam, batches", "descent", "takes-every-fall-for-descent"),
        ("descent", "adam, batches", "expects-adam-to-help-little"),
        ("adam, exact", "descent", None),
    ],
)
def test_steps_names_the_misreading(truth, said, name, monkeypatch):
    for _ in students(monkeypatch):
        answer = {letter: said for letter, label in diagnosis().items() if label == truth}
        if answer:
            break
    assert check("12.steps", answer).matched == name


@pytest.mark.parametrize("question", ["12.steps", "12.habit"])
@pytest.mark.parametrize("answer", [{}, [], 7, "adam", {"A": "fast"}, Hostile(), {"A": Hostile()}])
def test_reading_survives(question, answer):
    report = check(question, answer)
    assert not report
    assert report.score == 0


# --------------------------------------------------------------------------------------- habit


def claims():
    """Return the claims by the intervals that a learner computes by hand."""
    found = {}
    for letter, leads in variant("12.habit").leads.items():
        t = {10: 2.26, 8: 2.36}[len(leads)]
        reach = t * np.std(leads, ddof=1) / np.sqrt(len(leads))
        mean = np.mean(leads)
        found[letter] = "open" if abs(mean) < reach else "Adam" if mean > 0 else "SGD"
    return found


def test_habit_accepts_every_student(monkeypatch):
    seen = set()
    for _ in students(monkeypatch):
        right = claims()
        seen |= set(right.values())
        report = check("12.habit", right)
        assert report, report
        assert check("12.habit", list(right.values()))
        assert check("12.habit", {k.lower(): v.lower() for k, v in right.items()})
    assert seen == {"Adam", "SGD", "open"}


def test_no_fixed_claims_do_for_most(monkeypatch):
    """Whoever answers alike for all earns little on average."""
    totals = {label: [] for label in ("Adam", "SGD", "open")}
    for _ in students(monkeypatch):
        for label, scores in totals.items():
            scores.append(check("12.habit", [label] * 3).score)
    assert max(map(np.mean, totals.values())) < 0.55


def test_no_reading_hangs_on_a_rounding(monkeypatch):
    for _ in students(monkeypatch, 20):
        for leads in variant("12.habit").leads.values():
            interval = tuning.Comparison("lead", tuple(leads)).ci95
            assert min(map(abs, interval)) > 0.03


@pytest.mark.parametrize(
    ("truth", "said", "name"),
    [
        ("open", "Adam", "takes-a-mean-for-a-lead"),
        ("open", "SGD", "takes-a-mean-for-a-lead"),
        ("Adam", "open", "asks-for-every-seed"),
        ("SGD", "open", "asks-for-every-seed"),
        ("Adam", "SGD", "turns-the-sign"),
        ("SGD", "Adam", "turns-the-sign"),
    ],
)
def test_habit_names_the_misreading(truth, said, name, monkeypatch):
    for _ in students(monkeypatch):
        answer = {letter: said for letter, label in claims().items() if label == truth}
        if answer:
            break
    assert check("12.habit", answer).matched == name


# -------------------------------------------------------------------------------------- refute


def down(w, g, lr):
    return w - lr * g


def sign(w, g, lr):
    return w - lr * np.sign(g)


def rowwise(w, g, lr):
    return w - lr * g / np.linalg.norm(g, axis=1, keepdims=True)


def in_place(w, g, lr):
    w -= lr * np.sign(g)
    return w


def first_step_of_adam(w, g, lr):
    return (w - lr * g / (np.sqrt(g * g) + 1e-12)).tolist()


def tuned(rival):
    def experiment(loss_after, rates):
        return rival, *(min(loss_after(rule, lr) for lr in rates) for rule in (down, rival))

    return experiment


@pytest.mark.parametrize("rival", [sign, rowwise, in_place, first_step_of_adam])
def test_refute_accepts(student, rival):
    report = check("12.refute", tuned(rival), fresh=True)
    assert report, report


@pytest.mark.parametrize("fresh", [False, True])
def test_refute_accepts_a_list_and_three_digits(fresh):
    def experiment(loss_after, rates):
        rival, *losses = tuned(sign)(loss_after, rates)
        return [rival, *(float(f"{loss:.3g}") for loss in losses)]

    report = check("12.refute", experiment, fresh=fresh)
    assert report, report


def test_the_sentence_falls_for_every_student(monkeypatch):
    for _ in students(monkeypatch, 20):
        task = variant("12.refute")
        _, descent, rival = tuned(sign)(task.loss_after, task.rates)
        assert rival < descent / 20
        for rule in (down, sign):  # the best rate is inside
            losses = [task.loss_after(rule, lr) for lr in task.rates]
            assert 0 < np.argmin(losses) < len(losses) - 1


def with_memory():
    m = np.zeros((24, 24))

    def rival(w, g, lr):
        nonlocal m
        m = 0.5 * m + 0.5 * g
        return w - lr * np.sign(m)

    return rival


def changed(change):
    return lambda f, rates: change(f, rates, *tuned(sign)(f, rates))


@pytest.mark.parametrize(
    ("solution", "mistake", "score"),
    [
        (tuned(down), "walks-down-twice", 1 / 2),
        (tuned(lambda w, g, lr: w - lr * 3 * g), None, 1 / 2),
        (tuned(lambda w, g, lr: w - lr * g / np.linalg.norm(g)), None, 1 / 2),
        (tuned(lambda w, g, lr: w + lr * np.sign(g)), None, 1 / 2),
        (tuned(lambda w, g, lr: w), None, 1 / 2),
        (changed(lambda f, r, s, d, m: (s, m, d)), "exchanges-the-two", 1 / 2),
        (changed(lambda f, r, s, d, m: (s, f(down, r[0]), m)), "keeps-the-first-rate", 3 / 4),
        (changed(lambda f, r, s, d, m: (s, d, f(sign, r[-1]))), "keeps-the-last-rate", 3 / 4),
        (
            changed(lambda f, r, s, d, m: (s, d, f(sign, min(r, key=lambda x: f(down, x))))),
            "shares-one-rate",
            3 / 4,
        ),
        (
            changed(lambda f, r, s, d, m: (s, min(r, key=lambda x: f(down, x)), m)),
            "gives-the-rate",
            3 / 4,
        ),
        (changed(lambda f, r, s, d, m: (s, 1.1 * d, m)), None, 3 / 4),
        (changed(lambda f, r, s, d, m: (s, d, 1.0)), None, 3 / 4),
        (changed(lambda f, r, s, d, m: (s, d, np.nan)), None, 3 / 4),
        (changed(lambda f, r, s, d, m: (s, d, "m")), None, 3 / 4),
        (changed(lambda f, r, s, d, m: (s, ..., m)), None, 3 / 4),
        (changed(lambda f, r, s, d, m: ("sign", d, m)), None, 0),
        (changed(lambda f, r, s, d, m: (d, m)), None, 0),
        (changed(lambda f, r, s, d, m: Hostile()), None, 0),
        (lambda f, rates: (lambda w, g, lr: "w", 1.0, 1.0), None, 0),
        (lambda f, rates: (lambda w, g, lr: w[0], 1.0, 1.0), None, 0),
        (lambda f, rates: (lambda w: w, 1.0, 1.0), None, 0),
        (crashes, None, 0),
        (exits, None, 0),
        (3.0, None, 0),
    ],
)
def test_refute_rejects(solution, mistake, score):
    report = rejected("12.refute", solution)
    assert report.score == pytest.approx(score)
    assert report.matched == mistake


def test_a_rule_with_a_memory_is_told():
    def experiment(loss_after, rates):
        rival = with_memory()
        return rival, min(loss_after(down, lr) for lr in rates), 0.001

    assert rejected("12.refute", experiment).matched == "keeps-a-memory"


def test_other_languages_are_measured_too():
    """Numbers that are right for the learner's own language are not an experiment."""
    task = variant("12.refute")
    mine = tuned(sign)(task.loss_after, task.rates)
    assert check("12.refute", lambda f, rates: mine).score == pytest.approx(1 / 2)
