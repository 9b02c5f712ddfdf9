"""Questions 08.plan, 08.diagnose and 08.refute: a deep start, three networks, and a ratio."""

import itertools

import numpy as np
import pytest
from answers import Hostile, crashes, exits, not_implemented, rejected

from optlearn.course.checks import check, variant, working
from optlearn.course.checks.a08_reading import STARTS
from optlearn.course.checks.a08_start import _BOUNDS, _STDS, DEPTH, gain, is_spike

# --------------------------------------------------------------------------------------- plan


def std(fan_in, leak):
    return np.sqrt(2 / ((1 + leak**2) * fan_in))


PLANS = [
    lambda n, a, norms: (std(n, a), 3.5 * np.median(norms)),
    lambda n, a, norms: [std(n, a), np.quantile(norms, 0.95)],
    lambda n, a, norms: np.array([(n * (1 + a * a) / 2) ** -0.5, 3 * np.median(norms)]),
    lambda n, a, norms: (std(n, a), 1.3 * np.max(norms[norms < 5 * np.median(norms)])),
    lambda n, a, norms: (std(n, a), sorted(norms)[int(0.95 * len(norms))]),
    lambda n, a, norms: (std(n, a), np.min(norms[norms > 20 * np.median(norms)]) / 12),
]


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("plan", PLANS)
def test_plan_accepts(student, plan, fresh):
    report = check("08.plan", plan, fresh=fresh)
    assert report, report


def test_the_planned_start_brings_a_gradient_through():
    """What the check computes is what networks do on average."""
    rng, n, leak = np.random.default_rng(0), 100, 0.5
    for factor in (1.0, 1.1):
        stretched = []
        for _ in range(100):
            a, back = rng.normal(size=n), np.eye(n)
            for _ in range(5):
                w = factor * std(n, leak) * rng.normal(size=(n, n))
                a = w @ a
                back = back @ (w.T * np.where(a > 0, 1, leak))
                a = np.where(a > 0, a, leak * a)
            stretched.append(np.sum(back**2) / n)
        want = gain(factor * std(n, leak), n, leak) ** 5
        assert np.sqrt(np.mean(stretched)) == pytest.approx(want, rel=0.1)


@pytest.mark.parametrize(("name", "wrong", "sentence"), _STDS)
def test_a_wrong_start_is_named(student, name, wrong, sentence):
    report = rejected("08.plan", lambda n, a, norms: (wrong(n, a, norms), 3.5 * np.median(norms)))
    assert report.score == 1 / 2
    assert report.matched == name
    assert sentence in report.message


@pytest.mark.parametrize(("name", "wrong", "sentence"), _BOUNDS)
def test_a_wrong_bound_is_named(student, name, wrong, sentence):
    report = rejected("08.plan", lambda n, a, norms: (std(n, a), wrong(n, a, norms)))
    assert report.score == 1 / 2
    assert report.matched == name
    assert sentence in report.message


@pytest.mark.parametrize(
    "wrong",
    [
        lambda n, a, norms: (1.05 * std(n, a), 1.5 * np.median(norms)),
        lambda n, a, norms: (0.95 * std(n, a), 20 * np.median(norms)),
        lambda n, a, norms: (std(n, 0.5), np.quantile(norms, 0.5)),
        lambda n, a, norms: (std(64, a), np.quantile(norms, 0.9)),
        lambda n, a, norms: (-std(n, a), np.quantile(norms, 0.99)),
        lambda n, a, norms: (0, 0),
        lambda n, a, norms: (np.inf, np.inf),
        lambda n, a, norms: (np.nan, np.nan),
        lambda n, a, norms: (std(n, a),),
        lambda n, a, norms: ("small", "large"),
        lambda n, a, norms: (Hostile(), Hostile()),
        lambda n, a, norms: Hostile(),
        lambda n: (1, 1),
        crashes,
        exits,
        3.0,
    ],
)
def test_another_wrong_plan_is_rejected(wrong):
    assert rejected("08.plan", wrong).score == 0


def test_the_log_is_what_the_text_says(monkeypatch):
    for student in range(40):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        norms = variant("08.plan").norms
        usual, spikes = norms[~is_spike(norms)], norms[is_spike(norms)]
        assert 4 <= len(spikes) <= 7
        assert spikes.min() > 50 * np.median(norms)
        assert usual.max() < spikes.min() / 10


def test_a_plan_that_is_missing_is_replaced(capsys):
    assert working("08.plan", PLANS[0]) is PLANS[0]
    reference = working("08.plan", not_implemented)
    assert "not finished" in capsys.readouterr().out
    assert check("08.plan", lambda *args: reference(*args))
    assert gain(reference(100, 0.5, np.ones(9))[0], 100, 0.5) ** DEPTH == pytest.approx(1)


# ----------------------------------------------------------------------------------- diagnose


def diagnosis():
    """Return the labels by the laws that the hints state, with room between them."""
    found = {}
    for letter, run in variant("08.diagnose").runs.items():
        back, size = run.gradients[0] / run.gradients[-1], np.median(run.gradients)
        forward = run.outputs[-1] / run.outputs[0]
        if np.all(abs(run.outputs - 0.55) < 0.25) and back < 1e-4:
            found[letter] = "sigmoid"
        elif forward < 0.02 and size < 1e-2:
            found[letter] = "weights too small"
        elif forward > 100 and size > 1e2:
            found[letter] = "weights too large"
        elif np.all((run.outputs > 0.78) & (run.outputs < 1)) and back > 8:
            found[letter] = "saturated"
        elif 0.1 < forward < 10 and 0.1 < back < 10 and 0.05 < size < 50:
            found[letter] = "healthy"
    return found


def test_any_label_may_stay_over(monkeypatch):
    places = set()
    for student in range(80):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        right = diagnosis()
        assert len(set(right.values())) == 3
        places |= set(right.items())
        assert check("08.diagnose", right)
    assert places == {(letter, label) for letter in "ABC" for label in STARTS}


@pytest.mark.parametrize(
    "form",
    [
        dict,
        lambda d: list(d.values()),
        lambda d: {k.lower(): f" {v.upper()}" for k, v in d.items()},
    ],
)
def test_diagnose_accepts(student, form):
    report = check("08.diagnose", form(diagnosis()))
    assert report, report


def test_every_misreading_is_named(monkeypatch):
    named = set()
    for student in range(60):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        right = diagnosis()
        for letter, over in itertools.product(right, set(STARTS) - set(right.values())):
            report = rejected("08.diagnose", {**right, letter: over})
            assert report.score == pytest.approx(2 / 3)
            assert report.matched
            named.add((right[letter], over))
    assert named == set(itertools.permutations(STARTS, 2))


@pytest.mark.parametrize(
    "odd",
    [
        {"A": "healthy", "B": "healthy", "C": "healthy"},
        {"A": "broken", "B": "healthy", "C": "sigmoid"},
        ["healthy"],
        "healthy",
        7,
        {"A": Hostile()},
        Hostile(),
    ],
)
def test_diagnose_survives(odd):
    assert check("08.diagnose", odd).score == 0


# ------------------------------------------------------------------------------------- refute


def by_steps(measure):
    before, scale, shorter = measure(1)[0], 1.0, 1.0
    while shorter < 2000:
        scale = 0.95 * scale
        gradients = measure(scale)
        ratio, shorter = gradients[0] / gradients[-1], before / gradients[0]
    return scale, ratio, shorter


def by_depth(measure):
    """Plan the scale from the number of layers, the output layer included."""
    scale = 10_000 ** (-1 / len(measure(1)))
    gradients = measure(scale)
    return [scale, gradients[0] / gradients[-1], measure(1)[0] / gradients[0]]


def by_halving(measure):
    low, high, before = 0.0, 1.0, measure(1.0)[0]
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if before / measure(middle)[0] > 1e4 else (low, middle)
    first, *_, last = measure(high)
    return np.array([high, first / last, before / first])


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("experiment", [by_steps, by_depth, by_halving])
def test_refute_accepts(student, experiment, fresh):
    report = check("08.refute", experiment, fresh=fresh)
    assert report, report


def reports(change):
    return lambda measure: change(*by_steps(measure), measure)


@pytest.mark.parametrize(
    ("wrong", "mistake"),
    [
        (lambda measure: (2.0, 1.0, 1.0), "explodes-instead"),
        (lambda measure: (0.01, 1.0, 1.0), "forgets-the-depth"),
        (reports(lambda s, r, k, m: (s, 1 / r, k)), "turns-it-over"),
        (reports(lambda s, r, k, m: (s, m(s)[0], k)), "gives-the-first"),
        (reports(lambda s, r, k, m: (s, r, 1 / k)), "turns-it-over"),
        (reports(lambda s, r, k, m: (s, r, 1 / s)), "takes-one-layer"),
        (reports(lambda s, r, k, m: (s, r, m(1)[-1] / m(s)[-1])), "takes-the-last"),
        (reports(lambda s, r, k, m: (s, r, 1.1 * k)), None),
        (reports(lambda s, r, k, m: (s, r + 0.5, k)), None),
        (reports(lambda s, r, k, m: (s, r)), None),
        (reports(lambda s, r, k, m: (1.2 * s, r, k)), None),
        (lambda measure: (1.0, measure(1)[0] / measure(1)[-1], 1.0), None),
        (lambda measure: (0.5, 1.0, 1000.0), None),
        (lambda measure: (-0.5, 1.0, 1000.0), None),
        (lambda measure: (np.nan, 1.0, 1000.0), None),
        (lambda measure: measure(0), None),
        (lambda measure: ("small", 1.0, 1000.0), None),
        (lambda measure: Hostile(), None),
        (lambda: (0.4, 1.0, 1000.0), None),
        (crashes, None),
        (exits, None),
        (3.0, None),
    ],
)
def test_refute_rejects_and_names(student, wrong, mistake):
    report = rejected("08.refute", wrong)
    assert report.score <= 3 / 4
    assert report.matched == mistake or mistake is None


def test_no_one_scale_refutes_for_all(student):
    for scale in np.linspace(0.02, 1, 80):

        def experiment(measure, scale=scale):
            first, *_, last = measure(scale)
            return scale, first / last, measure(1)[0] / first

        assert not check("08.refute", experiment)
