"""Questions 07.predict, 07.order, 07.product and 07.sharpness: by hand, in order, in code."""

import itertools
import math

import numpy as np
import pytest
from answers import Hostile, crashes, exits, not_implemented, rejected

from optlearn.course.checks import check, curvatures, variant, working
from optlearn.course.checks.a07_landscapes import LINES
from optlearn.course.checks.wrong_curvatures import WRONG_POWERS, WRONG_PRODUCTS

# ------------------------------------------------------------------------------------- predict


def predicted():
    task = variant("07.predict")
    low, high = np.linalg.eigvalsh([[task.same, task.across], [task.across, task.same]])
    distance, steps = task.near, 0
    while distance < 1:
        distance, steps = distance * (1 - task.lr * low), steps + 1
    return task, [low, 1 - task.lr * low, steps, 2 / task.rate], high


@pytest.mark.parametrize("student", range(40))
def test_predict_accepts(student, monkeypatch):
    monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
    task, answer, high = predicted()
    assert answer[0] < 0 < high < 2 / task.lr  # a saddle whose way up is stable
    for form in (list, tuple, np.array, lambda a: [round(float(v), 3) for v in a]):
        report = check("07.predict", form(answer))
        assert report, report


def growth(task, answer):
    return math.log(answer[1])


def same(given, right):
    """Return whether a slip gives the right number: a fraction may be near a whole number."""
    return isinstance(given, float | int) and abs(given - right) <= 1e-3 * max(1, abs(right))


WRONG_NUMBERS = [
    (0, lambda k, a: k.same + k.across, "takes-the-larger"),
    (0, lambda k, a: k.across - k.same, "loses-the-sign"),
    (0, lambda k, a: k.same, "reads-the-diagonal"),
    (0, lambda k, a: k.across, "reads-the-corner"),
    (0, lambda k, a: k.same**2 - k.across**2, "gives-the-determinant"),
    (0, lambda k, a: "low", None),
    (1, lambda k, a: 1 + k.lr * a[0], "turns-the-sign"),
    (1, lambda k, a: 1 - k.lr * (k.same + k.across), "takes-the-larger"),
    (1, lambda k, a: -k.lr * a[0], "forgets-the-one"),
    (1, lambda k, a: a[0], "gives-the-curvature"),
    (1, lambda k, a: a[1] + 0.01, None),
    (2, lambda k, a: math.log(1 / k.near) / growth(k, a), "keeps-the-fraction"),
    (2, lambda k, a: a[2] - 1, "rounds-down"),
    (2, lambda k, a: a[2] + 1, None),
    (2, lambda k, a: -math.log10(k.near) / growth(k, a), "mixes-the-logarithms"),
    (2, lambda k, a: 1 / k.near, "counts-without-growth"),
    (2, lambda k, a: -math.log10(k.near), "counts-powers-of-ten"),
    (2, lambda k, a: np.inf, None),
    (3, lambda k, a: 1 / k.rate, "forgets-the-two"),
    (3, lambda k, a: k.rate / 2, "turns-it-over"),
    (3, lambda k, a: 2 * k.rate, "multiplies"),
    (3, lambda k, a: 2 / k.lr, "takes-the-other-rate"),
    (3, lambda k, a: 0.0, "ends-flat"),
    (3, lambda k, a: [1, 2], None),
]


@pytest.mark.parametrize(("place", "wrong", "mistake"), WRONG_NUMBERS)
def test_predict_rejects_and_names(place, wrong, mistake, monkeypatch):
    names = set()
    for student in range(25):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        task, answer, _ = predicted()
        right, answer[place] = answer[place], wrong(task, list(answer))
        if not same(answer[place], right):
            report = rejected("07.predict", answer)
            assert report.score == 3 / 4
            names.add(report.matched)
    assert mistake in names  # two mistakes may give one number to some student


# -------------------------------------------------------------------------------------- order

START, PATH, LOOP, LENGTH, TIMES, READ, TURN, DOWN, SUM = LINES
RIGHT = (START, PATH, LOOP, LENGTH, TIMES, READ, TURN)


def letters(*lines):
    names = {line: letter for letter, line in variant("07.order").lines.items()}
    return [names[line] for line in lines]


@pytest.mark.parametrize("form", [list, tuple, "".join, ", ".join, " ".join])
def test_order_accepts(student, form):
    for lines in (RIGHT, (PATH, START, *RIGHT[2:]), (*RIGHT[:5], TURN, READ)):
        report = check("07.order", form(letters(*lines)))
        assert bool(report) == (lines[-1] == TURN), report


def test_two_lines_can_be_left_out():
    """Only what the next line overwrites at once may stand beside the right lines."""
    assert check("07.order", letters(*RIGHT[:6], DOWN, TURN))
    for left_out in (None, *RIGHT):
        kept = [line for line in RIGHT if line != left_out]
        for wrong in ((DOWN,), (SUM,), (DOWN, SUM)):
            for places in itertools.product(range(len(kept) + 1), repeat=len(wrong)):
                body = list(kept)
                for place, line in zip(places, wrong):
                    body.insert(place, line)
                harmless = [line for line in body if line != DOWN] == list(RIGHT) and (
                    body[body.index(DOWN) + 1 :] == [TURN]
                )
                assert bool(check("07.order", letters(*body))) == harmless


def test_every_other_line_is_needed():
    for line in RIGHT:
        assert not check("07.order", letters(*(other for other in RIGHT if other != line)))


@pytest.mark.parametrize(
    ("lines", "mistake"),
    [
        ((*RIGHT[:6], DOWN), "walks_downhill"),
        (RIGHT[:6], "never_turns"),
        ((START, PATH, LOOP, TIMES, READ, TURN), "never_normalises"),
        ((*RIGHT[:5], SUM, TURN), "sums_the_product"),
        ((START, PATH, LOOP, TIMES, LENGTH, READ, TURN), None),
        ((START, PATH, LOOP, LENGTH, READ, TIMES, TURN), None),
        ((START, LOOP, PATH, LENGTH, TIMES, READ, TURN), None),
        ((LOOP, LENGTH, TIMES, READ, TURN), None),
        ((START, PATH), None),
    ],
)
def test_order_rejects(student, lines, mistake):
    report = rejected("07.order", letters(*lines))
    assert report.score == 0
    assert report.matched == mistake


@pytest.mark.parametrize("answer", ["A, Z", "A, A", ["A", ...], 7, {}, Hostile(), [Hostile()]])
def test_order_survives(answer):
    assert check("07.order", answer).score == 0


# ------------------------------------------------------------------------------------ product


def product_plainly(gradient, w, v, eps=1e-5):
    return (gradient(w + eps * v) - gradient(w - eps * v)) / (2 * eps)


def product_forward(gradient, w, v, eps=1e-5):
    """Go ahead only: that is less exact, and near enough here."""
    return (gradient(w + eps * v) - gradient(w)) / eps


def product_in_lists(gradient, w, v, eps):
    ahead = gradient([a + eps * b for a, b in zip(w, v)])
    behind = gradient([a - eps * b for a, b in zip(w, v)])
    return [(a - b) / (2 * eps) for a, b in zip(ahead, behind)]


def product_by_length(gradient, w, v, eps):
    """Take a step of length eps, and make up for the length of v."""
    length = np.linalg.norm(v)
    return product_plainly(gradient, w, v / length, eps) * length


def product_with_an_eps_of_its_own(gradient, w, v, eps=None):
    return product_plainly(gradient, w, v, 1e-6)


def product_of_higher_order(gradient, w, v, eps):
    near, far = (gradient(w + k * eps * v) - gradient(w - k * eps * v) for k in (1, 2))
    return (8 * near - far) / (12 * eps)


PRODUCTS = [
    product_plainly,
    product_forward,
    product_in_lists,
    product_by_length,
    product_with_an_eps_of_its_own,
    product_of_higher_order,
]


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("style", PRODUCTS)
def test_product_accepts(style, fresh):
    report = check("07.product", style, fresh=fresh)
    assert report, report
    assert report.score == 1


@pytest.mark.parametrize(("name", "sentence", "wrong"), WRONG_PRODUCTS)
def test_a_wrong_product_is_named(name, sentence, wrong):
    report = rejected("07.product", lambda *args: wrong(*args))
    assert report.matched == name
    assert sentence in report.message
    assert report.score <= 2 / 3


def product_in_place(gradient, w, v, eps):
    w += eps * v
    ahead = gradient(w)
    w -= 2 * eps * v
    return (ahead - gradient(w)) / (2 * eps)


ODD_PRODUCTS = [
    lambda g, w, v, eps: product_plainly(g, w, v, 1e-18),
    lambda g, w, v, eps: np.round(product_plainly(g, w, v)),
    lambda g, w, v, eps: product_plainly(g, w, v)[::-1],
    lambda g, w, v, eps: product_plainly(g, w, v) * np.nan,
    lambda g, w, v, eps: product_plainly(g, w, v)[:1],
    lambda g, w, v, eps: product_plainly(g, w, v)[:, None],
    lambda g, w, v, eps: product_plainly(g, v, w),
    lambda g, w, v, eps: (product_plainly(g, w, v), g(w)),
    lambda g, w, v, eps: "hv",
    lambda g, w, v, eps: g,
    lambda g, w, v, eps: Hostile(),
    lambda g, w: w,
    crashes,
    exits,
    3.0,
]


@pytest.mark.parametrize("wrong", ODD_PRODUCTS)
def test_an_odd_product_is_rejected(wrong):
    assert rejected("07.product", wrong).score < 1 / 2


def test_changing_the_weights_costs_its_part():
    report = check("07.product", product_in_place)
    assert report.matched == "changes_its_input"
    assert report.score == pytest.approx(5 / 6)


# ---------------------------------------------------------------------------------- sharpness


def sharpness_plainly(gradient, w, v):
    for _ in range(100):
        v = v / np.linalg.norm(v)
        hv = product_plainly(gradient, w, v)
        estimate, v = v @ hv, hv
    return estimate


def sharpness_in_place(gradient, w, v):
    v = np.array(v, dtype=float)
    for _ in range(120):
        v /= math.sqrt(np.sum(v * v))
        ahead = gradient(w + 1e-4 * v)
        hv = (ahead - gradient(w - 1e-4 * v)) / 2e-4
        curvature = float(np.dot(v, hv))
        v[:] = hv
    return curvature


def sharpness_at_the_end(gradient, w, v):
    """Normalise after the product, and read once, by Rayleigh's quotient."""
    for _ in range(150):
        v = product_plainly(gradient, w, v)
        v = v / np.max(np.abs(v))
    hv = product_plainly(gradient, w, v)
    return [v @ hv / (v @ v)]


def sharpness_by_two(gradient, w, v):
    """Take the length of the product, and its sign from one entry."""
    for _ in range(200):
        v = v / np.linalg.norm(v)
        hv = product_forward(gradient, w, v)
        at = np.argmax(np.abs(v))
        length = np.linalg.norm(hv) * np.sign(hv[at] * v[at])
        v = hv
    return np.array(length)


def sharpness_by_lanczos(gradient, w, v):
    """Keep all directions seen so far, and solve the small problem among them."""
    basis = []
    for _ in range(min(len(w), 40)):
        for b in (*basis, *basis):
            v = v - (b @ v) * b
        basis.append(v / np.linalg.norm(v))
        v = product_plainly(gradient, w, basis[-1])
    small = np.array([product_plainly(gradient, w, b) for b in basis]) @ np.array(basis).T
    return max(np.linalg.eigvalsh((small + small.T) / 2), key=abs)


SHARPNESSES = [
    sharpness_plainly,
    sharpness_in_place,
    sharpness_at_the_end,
    sharpness_by_two,
    sharpness_by_lanczos,
]


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("style", SHARPNESSES)
def test_sharpness_accepts(style, fresh):
    report = check("07.sharpness", style, fresh=fresh)
    assert report, report
    assert report.score == 1


@pytest.mark.parametrize(("name", "sentence", "wrong"), WRONG_POWERS)
def test_a_wrong_power_iteration_is_named(name, sentence, wrong):
    report = rejected("07.sharpness", lambda *args: wrong(*args))
    assert report.matched == name
    assert sentence in report.message


def test_each_implementing_question_meets_at_least_fifteen_known_mistakes():
    assert len(WRONG_PRODUCTS) >= 15
    assert len({name for name, *_ in WRONG_POWERS}) >= 15


def stops_when_it_stalls(gradient, w, v):
    last = np.inf
    for _ in range(200):
        v = v / np.linalg.norm(v)
        hv = product_plainly(gradient, w, v)
        last, v, change = v @ hv, hv, abs(v @ hv - last)
        if change < 1e-4:
            break
    return last


def whole_hessian(gradient, w, v):
    hessian = [product_plainly(gradient, w, axis) for axis in np.eye(len(w))]
    return max(np.linalg.eigvalsh(hessian), key=abs)


@pytest.mark.parametrize(
    ("wrong", "mistake"),
    [
        (stops_when_it_stalls, "stops_too_early"),
        (whole_hessian, None),
        (lambda g, w, v: max(sharpness_plainly(g, w, v), 0), None),
        (lambda g, w, v: abs(sharpness_plainly(g, w, v)), "loses_the_sign"),
        (lambda g, w, v: -sharpness_plainly(g, w, v), None),
        (lambda g, w, v: sharpness_plainly(g, w, np.ones_like(v)) * 1.1, None),
        (lambda g, w, v: [sharpness_plainly(g, w, v)] * 2, None),
        (lambda g, w, v: np.nan, None),
        (lambda g, w, v: "steep", None),
        (lambda g, w, v: 3.0, None),
        (lambda g, w, v: Hostile(), None),
        (lambda g, w: 3.0, None),
        (crashes, None),
        (exits, None),
        (3.0, None),
    ],
)
def test_an_odd_sharpness_is_rejected(wrong, mistake):
    report = rejected("07.sharpness", wrong)
    assert report.score < 1
    assert report.matched == mistake


def test_too_many_gradients_are_told():
    report = check("07.sharpness", whole_hessian)
    assert f"more than {curvatures.CALLS} times" in report.message
    assert report.score == pytest.approx(5 / 6)


def sharpness_of_the_callers_direction(gradient, w, v):
    for _ in range(100):
        v /= np.linalg.norm(v)
        hv = product_plainly(gradient, w, v)
        estimate = v @ hv
        v[:] = hv
    return estimate


def test_changing_the_direction_costs_its_part():
    report = check("07.sharpness", sharpness_of_the_callers_direction)
    assert report.matched == "changes_its_input"
    assert report.score == pytest.approx(5 / 6)


@pytest.mark.parametrize(
    ("question", "right"), [("product", product_plainly), ("sharpness", sharpness_plainly)]
)
def test_an_answer_that_is_missing_is_replaced(question, right, capsys):
    assert working(f"07.{question}", right) is right
    reference = working(f"07.{question}", not_implemented)
    assert "not finished" in capsys.readouterr().out
    place = curvatures.places(np.random.default_rng(0))[1]
    want = right(place.gradient, place.w, place.v)
    assert reference(place.gradient, place.w, place.v) == pytest.approx(want, rel=1e-3)
