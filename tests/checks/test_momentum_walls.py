"""Questions 04.plan, 04.diagnose and 04.refute: walls, three runs, and noise."""

import itertools

import numpy as np
import pytest
from answers import Hostile, crashes, exits, rejected

from optlearn import rules
from optlearn.course.checks import a04_reading, check, variant

# --------------------------------------------------------------------------------------- plan


def plan(h, mu, lr):
    heavy = 2 * (1 + mu) / np.linalg.eigvalsh(h)[-1]
    return heavy, heavy / (1 + 2 * mu), (1 - mu) * lr


def plan_by_norm(h, mu, lr):
    steepest = np.linalg.norm(h, 2)
    return [(2 + 2 * mu) / steepest, (1 + 1 / (1 + 2 * mu)) / steepest, lr - mu * lr]


def plan_array(h, mu, lr):
    return 0.995 * np.array(plan(h, mu, lr))


def plan_by_bisection(h, mu, lr):
    """Ask the eigenvalues of one step, not the formula."""
    steepest, found = np.linalg.eigvalsh(h)[-1], []
    for ahead in (False, True):
        low, high = 0.0, 10 / steepest
        for _ in range(40):
            rate = (low + high) / 2
            on_slope, on_buffer = (1 + mu, mu * mu) if ahead else (1, mu)
            step = [[1 - rate * on_slope * steepest, -rate * on_buffer], [steepest, mu]]
            stable = max(abs(np.linalg.eigvals(step))) < 1
            low, high = (rate, high) if stable else (low, rate)
        found.append(low)
    return *found, lr * (1 - mu)


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("solution", [plan, plan_by_norm, plan_array, plan_by_bisection])
def test_plan_accepts(student, solution, fresh):
    report = check("04.plan", solution, fresh=fresh)
    assert report, report


@pytest.mark.parametrize(
    ("place", "formula", "mistake"),
    [
        (0, lambda c, mu, lr, h: 2 / c[-1], "keeps_the_plain_wall"),
        (0, lambda c, mu, lr, h: plan(h, mu, lr)[1], "exchanges_the_walls"),
        (0, lambda c, mu, lr, h: (1 + mu) / c[-1], "forgets_the_two"),
        (0, lambda c, mu, lr, h: 2 * (1 - mu) / c[-1], "takes_the_effective_rate"),
        (0, lambda c, mu, lr, h: 2 * (1 + mu) / c[0], "uses_the_flat_axis"),
        (0, lambda c, mu, lr, h: 2 * (1 + mu) / h.diagonal().max(), "uses_the_diagonal"),
        (0, lambda c, mu, lr, h: 2 * (1 + mu) / np.trace(h), None),
        (0, lambda c, mu, lr, h: 4 / c[-1], None),
        (0, lambda c, mu, lr, h: np.inf, None),
        (0, lambda c, mu, lr, h: -1, None),
        (1, lambda c, mu, lr, h: 2 / c[-1], "keeps_the_plain_wall"),
        (1, lambda c, mu, lr, h: plan(h, mu, lr)[0], "exchanges_the_walls"),
        (1, lambda c, mu, lr, h: 2 / ((1 + 2 * mu) * c[-1]), "forgets_the_sum"),
        (1, lambda c, mu, lr, h: plan(h, mu, lr)[1] / 2, "forgets_the_two"),
        (1, lambda c, mu, lr, h: 2 * (1 - mu) / c[-1], "takes_the_effective_rate"),
        (1, lambda c, mu, lr, h: 1.36 / c[-1], None),  # the number of mu = 0.9 alone
        (1, lambda c, mu, lr, h: "1.36 / L", None),
        (2, lambda c, mu, lr, h: lr, "keeps_the_rate"),
        (2, lambda c, mu, lr, h: lr / (1 - mu), "turns_it_over"),
        (2, lambda c, mu, lr, h: mu * lr, "uses_the_momentum"),
        (2, lambda c, mu, lr, h: lr / (1 + mu), "uses_the_flipping_slope"),
        (2, lambda c, mu, lr, h: lr / 10, None),
        (2, lambda c, mu, lr, h: np.nan, None),
    ],
)
def test_plan_rejects(student, place, formula, mistake):
    def wrong(h, mu, lr):
        answer = list(plan(h, mu, lr))
        answer[place] = formula(np.linalg.eigvalsh(h), mu, lr, h)
        return answer

    report = rejected("04.plan", wrong)
    assert report.score == pytest.approx(2 / 3)
    assert report.matched == mistake


@pytest.mark.parametrize(
    "solution", [crashes, exits, lambda h, mu, lr: 3, lambda h: (1, 2, 3), lambda *a: Hostile()]
)
def test_plan_survives(solution):
    assert check("04.plan", solution).score == 0


# ----------------------------------------------------------------------------------- diagnose

LABELS = ("gradient descent", "heavy ball", "nesterov", "average")


def diagnosis():
    """Return the labels from the first two steps, as the hints say it."""
    task, found = variant("04.diagnose"), {}
    for letter, path in task.runs.items():
        first = (path[0] - path[1]) / path[0] / task.lr
        if abs(first - 1) > 1e-9:
            found[letter] = "nesterov" if first > 1 else "average"
        else:
            plain = np.isclose(path[2] / path[1], path[1] / path[0])
            found[letter] = "gradient descent" if plain else "heavy ball"
    return found


def students(monkeypatch, count=60):
    for student in range(count):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        yield student


def test_any_label_may_stay_over(monkeypatch):
    over, places = set(), set()
    for _ in students(monkeypatch):
        right = diagnosis()
        assert len(set(right.values())) == 3
        over |= set(LABELS) - set(right.values())
        places |= set(right.items())
        assert check("04.diagnose", right)
    assert over == set(LABELS)
    assert places == set(itertools.product("ABC", LABELS))


def test_the_walls_tell_nesterov_from_the_others(monkeypatch):
    """At every rate that is drawn Nesterov alone runs away, as the text suggests."""
    for _ in students(monkeypatch):
        right = diagnosis()
        for letter, path in variant("04.diagnose").runs.items():
            late, early = np.abs(path[-6:]).max(), abs(path[0])
            assert (late > 2 * early) == (right[letter] == "nesterov")


@pytest.mark.parametrize(
    "form", [dict, lambda d: list(d.values()), lambda d: {k: f" {v.title()}" for k, v in d.items()}]
)
def test_diagnose_accepts(student, form):
    assert check("04.diagnose", form(diagnosis()))


@pytest.mark.parametrize("labels", itertools.product(LABELS, repeat=3), ids="-".join)
def test_diagnose_rejects_all_but_one(student, labels):
    answer, right = dict(zip("ABC", labels)), diagnosis()
    report = check("04.diagnose", answer)
    hits = sum(answer[k] == right[k] for k in "ABC") if len(set(labels)) == 3 else 0
    assert report.score == pytest.approx(hits / 3)
    assert bool(report) == (answer == right)


@pytest.mark.parametrize(("truth", "said"), a04_reading._MISREAD)
def test_diagnose_names_the_misreading(truth, said, monkeypatch):
    for _ in students(monkeypatch):
        answer = {letter: said for letter, label in diagnosis().items() if label == truth}
        if answer:
            break
    assert check("04.diagnose", answer).matched == a04_reading._MISREAD[truth, said][0]


@pytest.mark.parametrize("answer", [{}, [], 7, "nesterov", {"A": "fast"}, Hostile(), print])
def test_diagnose_survives(answer):
    assert check("04.diagnose", answer).score == 0


# ------------------------------------------------------------------------------------- refute


def hover(gradient, lr, mu, walkers=2000, steps=600, begin=300, start=0.0, push=1.0):
    w, b, squares = np.full(walkers, start), np.zeros(walkers), []
    for _ in range(steps):
        b = mu * b + push * gradient(w)
        w = w - lr * b
        squares.append(np.mean(w**2))
    return np.mean(squares[begin:])


def many_walkers(gradient, lr, momentum):
    return hover(gradient, lr, 0), hover(gradient, lr, momentum)


def one_long_walk(gradient, lr, momentum):
    found = []
    for mu in (0, momentum):
        w = b = 0.0
        total = 0.0
        for _ in range(40_000):
            b = mu * b + gradient(w)
            w -= lr * b
            total += w * w
        found.append(total / 40_000)
    return found


def last_places_only(gradient, lr, momentum):
    return [hover(gradient, lr, mu, 20_000, 400, 399, 3.0) for mu in (0, momentum)]


@pytest.mark.parametrize("solution", [many_walkers, one_long_walk, last_places_only])
def test_refute_accepts(student, solution):
    report = check("04.refute", solution, fresh=True)
    assert report, report


@pytest.mark.parametrize(
    ("wrong", "mistake"),
    [
        (
            lambda g, lr, mu: (hover(g, lr, 0), hover(g, lr, mu, push=1 - mu)),
            "averages-the-gradients",
        ),
        (lambda g, lr, mu: (hover(g, lr, 0), hover(g, lr, 0)), None),
        (lambda g, lr, mu: (hover(g, lr, mu), hover(g, lr, 0)), "exchanges-the-two"),
        (lambda g, lr, mu: np.sqrt(many_walkers(g, lr, mu)), "forgets-the-square"),
        (lambda g, lr, mu: np.array(many_walkers(g, lr, mu)) / 2, "keeps-the-half"),
        (
            lambda g, lr, mu: (hover(g, lr, 0), hover(g, (1 - mu) * lr, mu)),
            "averages-the-gradients",
        ),
        (lambda g, lr, mu: [hover(g, lr, m, begin=0, start=5.0) for m in (0, mu)], None),
        (lambda g, lr, mu: [hover(g, lr, m, 1, 20, 19) for m in (0, mu)], None),
        (lambda g, lr, mu: [hover(g, lr, m, 2000, 3, 0) for m in (0, mu)], None),
        (lambda g, lr, mu: (1.0, 10.0), None),
        (lambda g, lr, mu: (hover(g, lr, 0), "10"), None),
        (lambda g, lr, mu: (hover(g, lr, 0), np.nan), None),
        (lambda g, lr, mu: (0.0, 0.0), None),
        (lambda g, lr, mu: hover(g, lr, mu), None),
        (crashes, None),
        (exits, None),
        (lambda *a: Hostile(), None),
        (lambda *a: (Hostile(), Hostile()), None),
    ],
)
def test_refute_rejects(student, wrong, mistake):
    report = rejected("04.refute", wrong)
    assert report.score <= 2 / 3
    if mistake:
        assert report.matched == mistake


@pytest.mark.parametrize("push", [0.0, 0.1, 1.0])
def test_equal_heights_tell_nothing_apart(student, push):
    """One right height earns its own part alone, unless the two heights refute the sentence."""

    def too_low(gradient, lr, momentum):
        low, high = many_walkers(gradient, lr, momentum)
        return low, low + push * (high - low) / 2

    report = rejected("04.refute", too_low)
    apart = "your numbers tell the two claims apart" in report.message.split("First problem")[0]
    assert apart == (push == 1)
    assert report.score == pytest.approx((1 + apart) / 3)


def test_an_endless_walk_is_told():
    def endless(gradient, lr, momentum):
        while True:
            gradient(0.0)

    assert "does it stop?" in check("04.refute", endless).message


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.8, 0.9])
@pytest.mark.parametrize("pull", [0.025, 0.1, 0.2])
def test_the_true_height_is_where_the_variance_stands_still(pull, momentum):
    """The covariance of weight and buffer, carried on step by step without any random number."""
    lr, c = 0.1, 10 * pull
    ball = np.array([[1 - lr * c, -lr * momentum], [c, momentum]])
    noise = np.array([-lr, 1.0])
    spread = np.zeros((2, 2))
    for _ in range(2000):
        spread = ball @ spread @ ball.T + np.outer(noise, noise)
    assert spread[0, 0] == pytest.approx(a04_reading.mean_square(c, lr, momentum))
    w, b = rules.momentum(2.0, c * 2.0 + 1, 3.0, t=2, lr=lr, momentum=momentum)
    assert (w, b) == pytest.approx(tuple(ball @ [2.0, 3.0] + noise))
