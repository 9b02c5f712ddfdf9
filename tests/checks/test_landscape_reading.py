"""Questions 07.tune, 07.diagnose and 07.refute: noise in wells, three runs, and a flat place."""

import itertools

import numpy as np
import pytest
from answers import Hostile, crashes, exits, not_implemented, rejected

from optlearn.course.checks import check, variant, working
from optlearn.course.checks.a07_reading import RUNS
from optlearn.course.checks.a07_wells import BUDGET, Wells

# --------------------------------------------------------------------------------------- tune


def search_twice(share):
    coarse = list(np.geomspace(0.01, 100, 8))
    best = max(coarse, key=share)
    return max([0.5 * best, 0.7 * best, 1.4 * best, 2 * best], key=share)


def search_once(share):
    """Cover the whole range in twelve steps."""
    noises = np.geomspace(0.01, 100, BUDGET)
    return noises[np.argmax([share(noise) for noise in noises])]


def search_in_thirds(share):
    """Halve the gap around the best in turn."""
    noises = list(np.geomspace(0.01, 100, 7))
    known = {noise: share(noise) for noise in noises}
    for turn in range(5):
        best = max(known, key=known.get)
        beside = [n for n in known if (n < best if turn % 2 else n > best)]
        other = max(beside) if turn % 2 else min(beside)
        middle = float(np.sqrt(best * other))
        known[middle] = share(middle)
    return max(known, key=known.get)


def search_by_array(share):
    found = {}
    for noise in np.logspace(-2, 2, 7):
        found[float(noise)] = share(float(noise))
    top = max(found, key=found.get)
    return np.array([max(top * np.geomspace(0.4, 2.5, 5), key=share)])


def search_coarsely_then_near(share):
    noises = [0.01 * 4**k for k in range(7)]
    best = noises[int(np.argmax([share(n) for n in noises]))]
    near = [best / 2, best / 1.4, best, best * 1.4, best * 2]
    return near[int(np.argmax([share(n) for n in near]))]


SEARCHES = [
    search_twice,
    search_once,
    search_in_thirds,
    search_by_array,
    search_coarsely_then_near,
]


@pytest.mark.parametrize("search", SEARCHES)
def test_tune_accepts(student, search):
    report = check("07.tune", search, fresh=True)
    assert report, report


def too_many(share):
    return max(np.geomspace(0.01, 100, BUDGET + 1), key=share)


@pytest.mark.parametrize(
    ("wrong", "mistake"),
    [
        (too_many, "exceeds-the-budget"),
        (lambda share: 100.0, "never-measures"),
        (lambda share: 0.0, "adds-no-noise"),
        (lambda share: max([0.01, 100.0], key=lambda n: n * share(1)), "takes-the-most-noise"),
        (lambda share: max(np.geomspace(0.01, 100, 7), key=share) * 0.3, "stops-too-low"),
        (lambda share: share(search_twice(lambda n: Wells.share(share.__self__, n))), None),
        (lambda share: 2.0, "never-measures"),
        (lambda share: 20 * search_once(share), None),
        (lambda share: min(np.geomspace(0.01, 100, 7), key=share), None),
        (lambda share: np.nan, None),
        (lambda share: -1.0, None),
        (lambda share: share(-1), None),
        (lambda share: share("much"), None),
        (lambda share: [0.1, 0.2], None),
        (lambda share: "much", None),
        (lambda share: Hostile(), None),
        (lambda: 1.0, None),
        (crashes, None),
        (exits, None),
        (3.0, None),
    ],
)
def test_tune_rejects_and_names(student, wrong, mistake):
    report = rejected("07.tune", wrong)
    assert report.score == 0
    assert report.matched == mistake or mistake is None


def test_the_noise_is_told_from_the_share():
    report = check("07.tune", lambda share: max(share(n) for n in np.geomspace(0.01, 100, 12)))
    assert report.matched == "gives-the-share"


def test_a_search_that_is_missing_is_replaced(capsys):
    assert working("07.tune", search_twice) is search_twice
    reference = working("07.tune", not_implemented)
    assert "not finished" in capsys.readouterr().out
    assert check("07.tune", lambda share: reference(share))


def test_the_hill_is_a_hill(student):
    """Too little noise frees nobody, too much loses the good well again, momentum needs less."""
    best = {}
    for momentum, wells in variant("07.tune").wells.items():
        noises = np.geomspace(0.01, 100, 40)
        shares = [wells.true_share(noise) for noise in noises]
        best[momentum] = noises[np.argmax(shares)]
        assert shares[0] == 0
        assert shares[-1] < 0.75 * max(shares)
    assert best[0.9] < best[0.0]


# ----------------------------------------------------------------------------------- diagnose


def diagnosis():
    """Return the labels by the criteria that the text states."""
    found = {}
    task = variant("07.diagnose")
    for letter, run in task.runs.items():
        low, high = np.linalg.eigvalsh(run.hessian)
        assert np.diag(run.hessian).min() > -1e-12  # the diagonal shows no way down
        if run.losses[-1] > run.losses[-2] or run.losses[-2] > run.losses[-3]:
            found[letter] = "edge"
            assert 0.5 < high * task.lr / 2 < 1.5
        elif run.slope > 1e-4:
            found[letter] = "plateau"
            assert 0 < low < 1e-2
        else:
            assert abs(low) > 0.05
            assert run.slope < 1e-5
            found[letter] = "saddle" if low < 0 else "minimum"
    return found


def test_any_label_may_stay_over(monkeypatch):
    over, places = set(), set()
    for student in range(60):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        right = diagnosis()
        assert len(set(right.values())) == 3
        over |= set(RUNS) - set(right.values())
        places |= set(right.items())
        assert check("07.diagnose", right)
    assert over == set(RUNS)
    assert places == {(letter, label) for letter in "ABC" for label in RUNS}


def test_the_printed_losses_tell_only_the_edge(monkeypatch):
    for student in range(20):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        for letter, label in diagnosis().items():
            shown = {f"{loss:.5f}" for loss in variant("07.diagnose").runs[letter].losses}
            assert (len(shown) == 1) == (label != "edge")


@pytest.mark.parametrize(
    "form",
    [
        dict,
        lambda d: list(d.values()),
        lambda d: {k.lower(): f" {v.upper()}" for k, v in d.items()},
    ],
)
def test_diagnose_accepts(student, form):
    report = check("07.diagnose", form(diagnosis()))
    assert report, report


def test_every_misreading_is_named(monkeypatch):
    named = set()
    for student in range(30):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        right = diagnosis()
        over = (set(RUNS) - set(right.values())).pop()
        for letter, label in right.items():
            report = rejected("07.diagnose", {**right, letter: over})
            assert report.score == pytest.approx(2 / 3)
            assert report.matched
            named.add((label, over))
    assert named == set(itertools.permutations(RUNS, 2))


@pytest.mark.parametrize(
    "odd",
    [
        {"A": "saddle", "B": "saddle", "C": "saddle"},
        {"A": "valley", "B": "edge", "C": "saddle"},
        ["edge"],
        "edge",
        7,
        {"A": Hostile()},
        Hostile(),
    ],
)
def test_diagnose_survives(odd):
    assert check("07.diagnose", odd).score == 0


# ------------------------------------------------------------------------------------- refute

RATES = np.geomspace(0.02, 1, 25)


def walk(network, start, lr):
    """Return the sharpness at the end, or nan where the run does not settle."""
    w = np.array(start)
    for _ in range(500):
        w = w - lr * network.gradient(w)
    return np.linalg.eigvalsh(network.hessian(w))[-1] if network.loss(w) < 1e-6 else np.nan


def refuted(network, start):
    found = [(lr, walk(network, start, lr), walk(network, start, lr / 2)) for lr in RATES]
    return max(found, key=lambda f: np.nan_to_num(f[2] / f[1]))


def refuted_by_theory(network, start):
    """Start a little above the rate that the flat way bears."""
    slow = walk(network, start, 0.01)
    for lr in np.linspace(1, 4, 31) * 2 / slow:
        sharp, half = walk(network, start, lr), walk(network, start, lr / 2)
        if half > 1.6 * sharp:
            return [lr, sharp, half]
    return None


def refuted_by_own_gradient(network, start):
    """Write the slopes down, and stop where nothing moves any more."""
    target = 2 * start[0] * start[1] - network.hessian(start)[0, 1]

    def end(lr):
        a, b = map(float, start)
        for _ in range(500):
            error = a * b - target
            a, b = a - lr * error * b, b - lr * error * a
            if not abs(a) < 1e3:
                return 0.0
        return a * a + b * b if abs(a * b - target) < 1e-3 else 0.0

    lr = next(r for r in np.geomspace(0.02, 1, 60) if end(r) and end(r / 2) > 1.7 * end(r))
    return np.array([lr, end(lr), end(lr / 2)])


@pytest.mark.parametrize("experiment", [refuted, refuted_by_theory, refuted_by_own_gradient])
def test_refute_accepts(student, experiment):
    report = check("07.refute", experiment, fresh=True)
    assert report, report


def with_reports(change):
    return lambda network, start: change(*refuted(network, start), network, start)


@pytest.mark.parametrize(
    ("wrong", "mistake"),
    [
        (lambda network, start: (0.05, 1.0, 1.0), "never-jumps"),
        (lambda network, start: (3.0, 1.0, 1.0), "runs-away"),
        (lambda network, start: (1e-4, 1.0, 1.0), "has-not-arrived"),
        (with_reports(lambda lr, a, b, *_: (lr, b, a)), "exchanges-the-two"),
        (with_reports(lambda lr, a, b, *_: (lr, 2 / lr, 4 / lr)), "gives-the-wall"),
        (with_reports(lambda lr, a, b, *_: (lr, 0.0, 0.0)), "takes-the-smallest"),
        (with_reports(lambda lr, a, b, *_: (lr / 2, a, b)), None),
        (with_reports(lambda lr, a, b, *_: (2 * lr, a, b)), None),
        (with_reports(lambda lr, a, b, *_: (lr, 1.05 * a, b)), None),
        (with_reports(lambda lr, a, b, *_: (lr, a, 1.05 * b)), None),
        (with_reports(lambda lr, a, b, *_: (lr, b / a)), None),
        (lambda network, start: (0.2, 3.0, 18.0), None),
        (lambda network, start: (-0.1, 1.0, 1.0), None),
        (lambda network, start: (np.nan, 1.0, 1.0), None),
        (lambda network, start: ("high", 1.0, 1.0), None),
        (lambda network, start: [network.gradient(start) for _ in range(200_000)], None),
        (lambda network, start: Hostile(), None),
        (lambda network: 3.0, None),
        (crashes, None),
        (exits, None),
        (3.0, None),
    ],
)
def test_refute_rejects_and_names(student, wrong, mistake):
    report = rejected("07.refute", wrong)
    assert report.score <= 3 / 4
    assert report.matched == mistake or mistake is None


def test_the_sharpness_at_the_start_is_told():
    def experiment(network, start):
        lr, _, sharper = refuted(network, start)
        return lr, np.linalg.eigvalsh(network.hessian(start))[-1], sharper

    assert check("07.refute", experiment).matched == "measures-at-the-start"


def test_no_one_rate_refutes_for_all(student):
    for lr in np.geomspace(0.02, 1, 60):
        assert not check("07.refute", lambda n, s, lr=lr: (lr, walk(n, s, lr), walk(n, s, lr / 2)))
