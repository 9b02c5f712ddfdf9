"""Questions 13.diagnose, 13.spectra and 13.refute: groupings, singular values, and Muon's noise."""

import itertools

import numpy as np
import pytest
from answers import Hostile, crashes, exits, rejected

from optlearn import rules
from optlearn.course.checks import a13_reading, check, variant
from optlearn.course.checks.a13_reading import LABELS, STEPS_OF


def students(monkeypatch, count=60):
    for student in range(count):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        yield student


# ----------------------------------------------------------------------------------- diagnose


def diagnosis():
    """Return the labels by what each of the five moved, set against the plan."""
    task, found = variant("13.diagnose"), {}
    rates = task.lr * np.array([1, 1, 1, 1, 10])
    decays = task.decay * np.array([1, 1, 0, 0, 1])
    planned = -rates * (decays * task.start + np.sign(task.slopes))
    for letter, run in task.runs.items():
        moved = run[1] - run[0]
        off = np.flatnonzero(~np.isclose(moved, planned))
        if not off.size:
            found[letter] = "as planned"
        elif off.size == 2:
            found[letter] = "all decay"
        elif moved[off[0]] == 0:
            found[letter] = "forgotten"
        else:
            found[letter] = "twice" if abs(moved / planned)[off[0]] > 1.5 else "one rate"
    return found


def spectra():
    """Return the labels by the iteration of single values."""
    task, found = variant("13.spectra"), {}
    values, made = task.values / np.linalg.norm(task.values), {"plain": task.values}
    for count in range(1, 6):
        values = 3.4445 * values - 4.7750 * values**3 + 2.0315 * values**5
        made[{1: "one iteration", 5: "muon"}.get(count)] = values
    made["exact"] = np.ones(5)
    for letter, run in task.runs.items():
        fits = [
            k for k, v in made.items() if np.allclose(np.sort(v)[::-1] / v.max(), run, atol=1e-3)
        ]
        found[letter] = fits[0] if fits else "sign"
    return found


READ = {
    "13.diagnose": (diagnosis, LABELS, a13_reading._MISREAD),
    "13.spectra": (spectra, tuple(STEPS_OF), a13_reading._MISTAKEN),
}


@pytest.mark.parametrize("question", READ)
def test_any_label_may_stay_over_in_any_place(question, monkeypatch):
    truth, known, _ = READ[question]
    places = set()
    for _ in students(monkeypatch, 80):
        right = truth()
        assert len(set(right.values())) == 3
        places |= set(right.items())
        report = check(question, right)
        assert report, report
    assert places == set(itertools.product("ABC", known))


@pytest.mark.parametrize("question", READ)
def test_an_answer_is_read_in_other_forms(student, question):
    right = READ[question][0]()
    for form in (list(right.values()), {k.lower(): v.upper() for k, v in right.items()}):
        assert check(question, form)


@pytest.mark.parametrize("question", READ)
def test_all_other_answers_are_rejected(student, question):
    truth, known, _ = READ[question]
    right = truth()
    for labels in itertools.permutations(known, 3):
        answer = dict(zip("ABC", labels))
        report = check(question, answer)
        assert bool(report) == (answer == right)
        assert report.score == pytest.approx(sum(answer[k] == right[k] for k in "ABC") / 3)


@pytest.mark.parametrize(
    ("question", "truth", "said"),
    [(q, *pair) for q, (_, _, table) in READ.items() for pair in table],
)
def test_the_misreading_is_named(question, truth, said, monkeypatch):
    find, _, table = READ[question]
    for _ in students(monkeypatch):
        answer = {letter: said for letter, label in find().items() if label == truth}
        if answer:
            break
    assert check(question, answer).matched == table[truth, said][0]


@pytest.mark.parametrize("question", READ)
@pytest.mark.parametrize(
    "answer", [{}, [], 7, "twice", {"A": "fast"}, Hostile(), {"A": Hostile()}, ["muon"] * 3]
)
def test_reading_survives(question, answer):
    assert check(question, answer).score == 0


def test_the_log_is_one_of_adamw(monkeypatch):
    """The weights by plan are those of the library's AdamW under slopes that stay."""
    for _ in students(monkeypatch, 10):
        task = variant("13.diagnose")
        for letter, label in diagnosis().items():
            if label != "as planned":
                continue
            for i in range(5):
                w, m, v = task.start[i], 0.0, 0.0
                lr = task.lr * (10 if i == 4 else 1)
                for t in range(1, 11):
                    w = rules.decoupled_decay(w, lr, task.decay * (i not in (2, 3)))
                    w, m, v = rules.adam(w, task.slopes[i], m, v, t=t, lr=lr)
                assert w == pytest.approx(task.runs[letter][-1, i], abs=1e-5)


def test_three_digits_tell_the_groupings_apart(monkeypatch):
    """What is printed differs by more than its last digit."""
    for _ in students(monkeypatch):
        task = variant("13.diagnose")
        ends = {
            (label, odd): a13_reading.logged(task, label, odd)[-1]
            for label in LABELS
            for odd in range(5)
        }
        for (one, a), (other, b) in itertools.combinations(ends.items(), 2):
            if one[0] != other[0]:
                assert np.max(np.abs(a - b)) > 0.01


def test_four_digits_tell_the_spectra_apart(monkeypatch):
    for _ in students(monkeypatch):
        matrix = variant("13.spectra").matrix
        found = [a13_reading.relative(step(matrix)) for step in STEPS_OF.values()]
        for one, other in itertools.combinations(found, 2):
            assert np.max(np.abs(one - other)) > 0.05


# ------------------------------------------------------------------------------------- refute


def cosine(a, b):
    return np.sum(a * b) / np.linalg.norm(a) / np.linalg.norm(b)


def measured(directions, batches=100, plain=cosine, muon=None):
    """Return an experiment at one number of directions."""

    def experiment(draw, orthogonalize):
        found = []
        for _ in range(batches):
            true, noisy = draw(directions)
            found.append([plain(noisy, true), (muon or plain)(orthogonalize(noisy), true)])
        return directions, *np.mean(found, axis=0)

    return experiment


def searches(draw, orthogonalize):
    rows = [measured(directions)(draw, orthogonalize) for directions in range(1, 9)]
    return max(rows, key=lambda row: row[1] - row[2])


def by_hand(draw, orthogonalize):
    total = np.zeros(2)
    for _ in range(60):
        true, noisy = draw(np.int64(3))
        step = orthogonalize(noisy)
        total[0] += np.dot(true.ravel(), noisy.ravel()) / np.sqrt((noisy**2).sum())
        total[1] += np.trace(true.T @ step) / np.linalg.norm(step)
    return np.array([3, *total / 60])


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    "solution", [measured(1), measured(2), measured(3, 300), searches, by_hand, measured(2.0)]
)
def test_refute_accepts(solution, fresh):
    report = check("13.refute", solution, fresh=fresh)
    assert report, report


def test_the_sentence_holds_where_every_direction_has_signal(monkeypatch):
    """It is refuted for few directions by far; for all of them the two are close."""
    for _ in students(monkeypatch, 20):
        task = variant("13.refute")
        _, plain, muon = measured(1)(task.draw, task.orthogonalize)
        assert plain - muon > 0.4
        _, plain, muon = measured(task.size)(task.draw, task.orthogonalize)
        assert muon > plain - 0.05


def changed(change):
    return lambda draw, o: change(*measured(2, 200)(draw, o))


def full(draw, orthogonalize):
    return next(
        measured(size)(draw, orthogonalize) for size in range(20, 1, -1) if len(draw(1)[0]) == size
    )


@pytest.mark.parametrize(
    ("solution", "mistake", "score"),
    [
        (full, "fills-every-direction", 1 / 2),
        (measured(9), None, 1 / 2),
        (changed(lambda d, p, m: (d, m, p)), "exchanges-the-two", 1 / 2),
        (changed(lambda d, p, m: (d, p, p)), "exchanges-the-two", 3 / 4),
        (changed(lambda d, p, m: (d, p**2, m)), "squares-the-cosine", 3 / 4),
        (changed(lambda d, p, m: (d, np.degrees(np.arccos(p)), m)), "gives-the-angle", 3 / 4),
        (changed(lambda d, p, m: (d, p, 1 - m)), "turns-it-over", 3 / 4),
        (measured(2, 200, lambda a, b: np.sum(a * b)), "forgets-the-lengths", 1 / 2),
        (changed(lambda d, p, m: (d, p, m + 0.05)), None, 3 / 4),
        (changed(lambda d, p, m: (d, p - 0.05, m)), None, 3 / 4),
        (changed(lambda d, p, m: (d, p, np.nan)), None, 3 / 4),
        (changed(lambda d, p, m: (d, p, "0.4")), None, 3 / 4),
        (changed(lambda d, p, m: (d, p, ...)), None, 3 / 4),
        (changed(lambda d, p, m: (d + 0.5, p, m)), None, 0),
        (changed(lambda d, p, m: (0, p, m)), None, 0),
        (changed(lambda d, p, m: (99, p, m)), None, 0),
        (changed(lambda d, p, m: (np.nan, p, m)), None, 0),
        (changed(lambda d, p, m: ("2", p, m)), None, 0),
        (changed(lambda d, p, m: (p, m)), None, 0),
        (changed(lambda d, p, m: p - m), None, 0),
        (lambda draw, o: (2, 0.9, 0.1), None, 1 / 2),
        (lambda draw, o: measured(0.5)(draw, o), None, 0),
        (lambda draw, o: Hostile(), None, 0),
        (lambda draw, o: (Hostile(), Hostile(), Hostile()), None, 0),
        (crashes, None, 0),
        (exits, None, 0),
    ],
)
def test_refute_rejects(solution, mistake, score):
    report = rejected("13.refute", solution)
    assert report.matched == mistake
    assert report.score == pytest.approx(score)


def compares_the_steps(draw, orthogonalize):
    found = []
    for _ in range(100):
        true, noisy = draw(2)
        found.append([cosine(noisy, true), cosine(orthogonalize(noisy), noisy)])
    return 2, *np.mean(found, axis=0)


def cleans_the_truth(draw, orthogonalize):
    found = []
    for _ in range(100):
        true, noisy = draw(3)
        found.append([cosine(noisy, true), cosine(orthogonalize(noisy), orthogonalize(true))])
    return 3, *np.mean(found, axis=0)


def test_refute_names_a_wrong_comparison():
    assert rejected("13.refute", compares_the_steps).matched == "compares-the-two-steps"


def test_other_gradients_are_measured_too():
    """Numbers that are right for the learner's own gradients are no experiment."""
    task = variant("13.refute")
    mine = measured(2)(task.draw, task.orthogonalize)
    assert check("13.refute", lambda draw, o: mine).score < 1


def test_an_endless_experiment_is_told():
    def endless(draw, orthogonalize):
        while True:
            draw(1)

    report = rejected("13.refute", endless)
    assert "does it stop?" in report.message
