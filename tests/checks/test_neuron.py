"""Questions 01.count, 01.neuron, 01.order, 01.slopes and 01.train: by hand, in order, in code."""

import itertools
import math

import numpy as np
import pytest
from answers import Hostile, crashes, exits, not_implemented, rejected

from optlearn.course.checks import check, neurons, variant, working
from optlearn.course.checks.a01_neuron import LINES

FORMS = [list, tuple, np.array, lambda a: [round(float(v), 4) for v in a]]

# ------------------------------------------------------------------------------ count and neuron


def counted():
    task = variant("01.count")
    n, size, epochs = task.samples, task.batch_size, task.epochs
    steps = math.ceil(n / size)
    return (n, size, epochs), [steps, n % size, epochs * steps, epochs * (n // size)]


def computed():
    task = variant("01.neuron")
    w, b, x, y, lr = task.w, task.b, task.x, task.y, task.lr
    out = w * x + b
    g = 2 * (out - y)
    return (w, b, x, y, lr), [out, (out - y) ** 2, g * x, w - lr * g * x, b - lr * g]


BY_HAND = {"01.count": counted, "01.neuron": computed}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("question", BY_HAND)
def test_numbers_are_accepted(student, question, form):
    report = check(question, form(BY_HAND[question]()[1]))
    assert report, report


WRONG_COUNTS = [
    (0, lambda n, s, e: n // s, "forgets-the-last-batch"),
    (0, lambda n, s, e: n / s, "keeps-the-fraction"),
    (0, lambda n, s, e: n, "steps-at-each-sample"),
    (0, lambda n, s, e: s, "gives-the-batch-size"),
    (0, lambda n, s, e: 1, "steps-once-an-epoch"),
    (0, lambda n, s, e: "7", None),
    (1, lambda n, s, e: s, "fills-all-batches"),
    (1, lambda n, s, e: s - n % s, "counts-what-is-missing"),
    (1, lambda n, s, e: n % s + 1, None),
    (2, lambda n, s, e: e, "steps-once-an-epoch"),
    (2, lambda n, s, e: e * (n // s), "forgets-the-last-batch"),
    (2, lambda n, s, e: math.ceil(n / s), "counts-one-epoch"),
    (2, lambda n, s, e: math.ceil(e * n / s), "lets-batches-span-epochs"),
    (2, lambda n, s, e: e * math.ceil(n / s) + 1, None),
    (3, lambda n, s, e: e * math.ceil(n / s), "keeps-the-last-batch"),
    (3, lambda n, s, e: e * math.ceil(n / s) - 1, "drops-one-batch-in-all"),
    (3, lambda n, s, e: n // s, "counts-one-epoch"),
    (3, lambda n, s, e: np.nan, None),
]
WRONG_NUMBERS = [
    (0, lambda w, b, x, y, lr: w * x, "forgets-the-bias"),
    (0, lambda w, b, x, y, lr: (w + b) * x, "scales-the-bias"),
    (0, lambda w, b, x, y, lr: w + x + b, "adds-the-input"),
    (0, lambda w, b, x, y, lr: y, "gives-the-answer"),
    (1, lambda w, b, x, y, lr: w * x + b - y, "forgets-the-square"),
    (1, lambda w, b, x, y, lr: (w * x + b - y) ** 2 / 2, "halves-the-loss"),
    (1, lambda w, b, x, y, lr: -((w * x + b - y) ** 2), "loses-the-sign"),
    (2, lambda w, b, x, y, lr: 2 * (w * x + b - y), "forgets-the-input"),
    (2, lambda w, b, x, y, lr: (w * x + b - y) * x, "forgets-the-two"),
    (2, lambda w, b, x, y, lr: -2 * (w * x + b - y) * x, "turns-the-difference"),
    (2, lambda w, b, x, y, lr: 2 * (w * x + b - y) * w, "takes-the-weight"),
    (3, lambda w, b, x, y, lr: w + lr * 2 * (w * x + b - y) * x, "climbs"),
    (3, lambda w, b, x, y, lr: w - 2 * (w * x + b - y) * x, "forgets-lr"),
    (3, lambda w, b, x, y, lr: w - lr * (w * x + b - y) ** 2, "subtracts-the-loss"),
    (3, lambda w, b, x, y, lr: w, "stands-still"),
    (3, lambda w, b, x, y, lr: Hostile(), None),
    (4, lambda w, b, x, y, lr: b - lr * 2 * (w * x + b - y) * x, "gives-the-bias-the-input"),
    (4, lambda w, b, x, y, lr: b, "stands-still"),
    (4, lambda w, b, x, y, lr: b - lr * (w * x + b - y), "forgets-the-two"),
    (4, lambda w, b, x, y, lr: np.inf, None),
]


@pytest.mark.parametrize(
    ("question", "place", "wrong", "mistake"),
    [("01.count", *row) for row in WRONG_COUNTS] + [("01.neuron", *row) for row in WRONG_NUMBERS],
)
def test_a_wrong_number_is_rejected_for_every_student(question, place, wrong, mistake, monkeypatch):
    names = set()
    for student in range(25):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        numbers, answer = BY_HAND[question]()
        right, answer[place] = answer[place], wrong(*numbers)
        if isinstance(answer[place], float | int) and answer[place] == right:
            continue  # batches over all epochs: rounding up once may give the same
        report = rejected(question, answer)
        assert report.score == pytest.approx(1 - 1 / len(answer))
        names.add(report.matched)
    assert mistake in names  # two mistakes may give one number to some student


# -------------------------------------------------------------------------------------- order

PATH, EPOCHS, BATCHES, OUT, SLOPE, DOWN, UP, LATE, APPEND = LINES
RIGHT = (PATH, EPOCHS, BATCHES, OUT, SLOPE, DOWN, APPEND)


def letters(*lines):
    names = {line: letter for letter, line in variant("01.order").lines.items()}
    return [names[line] for line in lines]


@pytest.mark.parametrize("form", [list, tuple, "".join, ", ".join, " ".join])
def test_order_accepts(student, form):
    report = check("01.order", form(letters(*RIGHT)))
    assert report, report


def test_the_text_on_the_lines_is_true():
    """Of all ways to fill the loops, one works: two lines are wrong wherever they stand."""
    right = []
    inner = (OUT, SLOPE, DOWN, UP, APPEND)
    for count in range(len(inner) + 1):
        for inside in itertools.permutations(inner, count):
            for tail in ((), (LATE,)):
                if check("01.order", letters(PATH, EPOCHS, BATCHES, *inside, *tail)):
                    right.append((*inside, *tail))
    assert right == [(OUT, SLOPE, DOWN, APPEND)]
    for place in range(len(RIGHT) + 1):
        for wrong in (UP, LATE):
            assert not check("01.order", letters(*RIGHT[:place], wrong, *RIGHT[place:]))


@pytest.mark.parametrize(
    ("lines", "mistake"),
    [
        ((PATH, EPOCHS, BATCHES, OUT, SLOPE, UP, APPEND), "turns_the_difference"),
        ((PATH, EPOCHS, BATCHES, OUT, SLOPE, APPEND, DOWN), "keeps_the_start_twice"),
        ((PATH, EPOCHS, BATCHES, OUT, SLOPE, APPEND, LATE), None),
        ((PATH, EPOCHS, BATCHES, OUT, SLOPE, DOWN), "keeps_the_start_alone"),
        ((PATH, EPOCHS, BATCHES, SLOPE, OUT, DOWN, APPEND), None),
        ((PATH, BATCHES, EPOCHS, OUT, SLOPE, DOWN, APPEND), None),
        ((EPOCHS, BATCHES, OUT, SLOPE, DOWN, APPEND, PATH), None),
        ((PATH, EPOCHS, OUT, SLOPE, DOWN, APPEND), None),
        ((PATH,), "keeps_the_start_alone"),
        ((EPOCHS,), None),
    ],
)
def test_order_rejects(student, lines, mistake):
    report = rejected("01.order", letters(*lines))
    assert report.score == 0
    assert report.matched == mistake


@pytest.mark.parametrize("answer", ["A, Z", "A, A", ["A", ...], 7, {}, Hostile(), [Hostile()]])
def test_order_survives(answer):
    assert check("01.order", answer).score == 0


# ------------------------------------------------------------------------------------- slopes


def slopes_expanded(x, out, y):
    return [2 * out * x - 2 * y * x, 2 * out - 2 * y]


def slopes_turned_twice(x, out, y):
    outer = -2 * (y - out)
    return x * outer, outer


def slopes_in_one_array(x, out, y):
    return np.array([2 * (out - y) * x, 2 * (out - y)])


def slopes_by_sample(x, out, y):
    if np.ndim(x) == 0:
        return 2 * x * (out - y), 2 * (out - y)
    pairs = [slopes_by_sample(*sample) for sample in zip(x, out, y)]
    return [a for a, _ in pairs], tuple(b for _, b in pairs)


def slopes_in_place(x, out, y):
    out = np.asarray(out, dtype=float)
    out -= y
    out *= 2
    return out * x, out


SLOPES = [
    lambda x, out, y: (2 * (out - y) * x, 2 * (out - y)),
    slopes_expanded,
    slopes_turned_twice,
    slopes_in_one_array,
    slopes_by_sample,
    slopes_in_place,
]


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("solution", SLOPES)
def test_slopes_accepts(solution, fresh):
    report = check("01.slopes", solution, fresh=fresh)
    assert report, report


@pytest.mark.parametrize(("name", "wrong", "sentence"), neurons.WRONG_SLOPES)
def test_a_wrong_slope_is_named(name, wrong, sentence):
    report = rejected("01.slopes", wrong)
    assert report.matched == name
    assert sentence in report.message
    assert report.score <= 1 / 4


ODD_SLOPES = [
    lambda x, out, y: 2 * (out - y) * x,
    lambda x, out, y: (2 * np.mean((out - y) * x), 2 * np.mean(out - y)),
    lambda x, out, y: (2 * (out - y) * x, 2 * (out - y), 0),
    lambda x, out, y: (np.float32(2 * (out - y) * x), np.float32(2 * (out - y))),
    lambda x, out, y: ("slope", "slope"),
    lambda x, out, y: (x * np.nan, x * np.nan),
    lambda x, out, y: (2 * (out - y) * x, None),
    lambda x, out, y: (20.0, 8.0),
    lambda x, out, y: Hostile(),
    lambda x, out, y: (Hostile(), Hostile()),
    crashes,
    exits,
    3.0,
]


@pytest.mark.parametrize("wrong", ODD_SLOPES)
def test_an_odd_slope_is_rejected(wrong):
    assert rejected("01.slopes", wrong).score < 1


# -------------------------------------------------------------------------------------- train


def train_lists(batches, w, b, lr, epochs):
    path = [[w, b]]
    for _ in range(epochs):
        for xs, ys in batches:
            g_w = g_b = 0.0
            for x, y in zip(xs, ys):
                g_w += 2 * (w * x + b - y) * x / len(xs)
                g_b += 2 * (w * x + b - y) / len(xs)
            w -= lr * g_w
            b -= lr * g_b
            path.append([w, b])
    return path


def train_array(batches, w, b, lr, epochs):
    path = np.zeros((epochs * len(batches) + 1, 2))
    path[0] = w, b
    for t in range(epochs * len(batches)):
        x, y = map(np.asarray, batches[t % len(batches)])
        inputs = np.stack([x, np.ones(len(x))])
        path[t + 1] = path[t] - lr * 2 * inputs @ (path[t] @ inputs - y) / len(x)
    return path


def train_in_place(batches, w, b, lr, epochs):
    now = np.array([w, b], dtype=float)
    path = [now.copy()]
    for _ in range(epochs):
        for x, y in batches:
            difference = now[0] * np.array(x) + now[1] - np.array(y)
            now -= lr * np.array([(2 * difference * x).mean(), (2 * difference).mean()])
            path.append(now.copy())
    return path


def train_columns(batches, w, b, lr, epochs):
    """Keep the weight and the bias as arrays of one number, as a library does."""
    w, b = np.array([w]), np.array([b])
    path = [(w, b)]
    for _ in range(epochs):
        for x, y in batches:
            g_w, g_b = neurons.slopes(np.array(x), w * np.array(x) + b, np.array(y))
            w, b = w - lr * g_w.mean(), b - lr * g_b.mean()
            path.append((w, b))
    return path


def train_single(batches, w, b, lr, epochs):
    """Keep arrays of one number, as a library does, and the slopes in the one equation."""
    w, b = np.array([float(w)]), np.array([float(b)])
    path = [(w, b)]
    for x, y in list(batches) * epochs:
        x, y = np.asarray(x), np.asarray(y)
        difference = w * x + b - y
        w, b = w - 2 * lr * np.mean(difference * x), b - 2 * lr * np.mean(difference)
        path.append((w, b))
    return path


def train_yielded(batches, w, b, lr, epochs):
    def places(w, b):
        yield w, b
        for _ in range(epochs):
            for x, y in batches:
                size = len(x)
                difference = [w * one - (other - b) for one, other in zip(x, y)]
                w, b = (
                    w - lr * 2 * np.dot(difference, x) / size,
                    b - lr * 2 * sum(difference) / size,
                )
                yield w, b

    return tuple(places(w, b))


class Neuron:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def step(self, x, y, lr):
        x, y = np.array(x, dtype=float), np.array(y, dtype=float)
        out = self.w * x + self.b
        self.w, self.b = (
            self.w - lr * (2 * (out - y) * x).mean(),
            self.b - lr * 2 * (out - y).mean(),
        )
        return self.w, self.b


def train_an_object(batches, w, b, lr, epochs):
    neuron = Neuron(w, b)
    steps = [neuron.step(x, y, lr) for _ in range(epochs) for x, y in batches]
    return np.array([(w, b), *steps])


def train_again(batches, w, b, lr, epochs):
    """Call itself for the epochs that are left."""
    if not epochs:
        return [(w, b)]
    path = [(w, b)]
    for x, y in batches:
        w, b = path[-1]
        x, y = np.asarray(x), np.asarray(y)
        path.append(
            (w - lr * np.mean(2 * x * (w * x + b - y)), b + lr * np.mean(2 * (y - w * x - b)))
        )
    return path[:-1] + train_again(batches, *path[-1], lr, epochs - 1)


TRAINED = [
    train_lists, train_array, train_in_place, train_single, train_yielded, train_an_object,
    train_again,
]  # fmt: skip


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("solution", TRAINED)
def test_train_accepts(solution, fresh):
    report = check("01.train", solution, fresh=fresh)
    assert report, report


def test_arrays_of_one_number_are_welcome_and_the_librarys_slopes_are_noticed():
    report = check("01.train", train_columns)
    assert report.score == 1 / 4
    assert "Your answer calls optlearn.course.checks.neurons" in report.message


@pytest.mark.parametrize(
    ("mistake", "loop"), neurons.mistakes(), ids=[m.name for m, _ in neurons.mistakes()]
)
def test_a_wrong_loop_is_named(mistake, loop):
    report = rejected("01.train", lambda *args: loop(*args))
    assert report.matched == mistake.name
    assert mistake.sentence in report.message


def test_each_implementing_question_meets_at_least_fifteen_known_mistakes():
    assert len(neurons.WRONG_SLOPES) >= 15
    assert len(neurons.WRONG_LOOPS) >= 15


def spoils(batches, *args):
    path = train_lists(batches, *args)
    for x, _ in batches:
        x[:] = [0.0] * len(x)
    return path


ODD_TRAINED = [
    lambda *a: train_lists(*a)[-1],
    lambda *a: [w for w, _ in train_lists(*a)],
    lambda *a: [(b, w) for w, b in train_lists(*a)],
    lambda *a: np.float32(train_lists(*a)),
    lambda *a: np.array(train_lists(*a)) * np.nan,
    lambda *a: train_lists(*a)[:10],
    lambda batches, w, b, lr, epochs: train_lists(batches[:-1] or batches, w, b, lr, epochs),
    lambda batches, w, b, lr, epochs: train_lists(batches[::-1], w, b, lr, epochs),
    lambda batches, w, b, lr, epochs: train_lists(batches, 0.0, 0.0, lr, epochs),
    lambda batches, w, b, lr, epochs: train_lists(batches, w, b, 0.1, epochs),
    spoils,
    lambda *a: "path",
    lambda *a: [Hostile()],
    lambda *a: Hostile(),
    crashes,
    exits,
    3.0,
]


@pytest.mark.parametrize("wrong", ODD_TRAINED)
def test_an_odd_loop_is_rejected(wrong):
    assert rejected("01.train", wrong).score < 1


def test_changing_the_batches_costs_its_part():
    report = check("01.train", spoils)
    assert report.score == pytest.approx(5 / 6)
    assert report.matched == "changes_its_input"


def test_a_loop_that_is_missing_is_replaced(capsys):
    reference = working("01.train", not_implemented)
    assert "not finished" in capsys.readouterr().out
    batches = [([1.0, 3.0], [2.0, 4.0])]
    assert reference(batches, 1, 0, 0.1, 1) == pytest.approx(
        np.array(train_lists(batches, 1, 0, 0.1, 1))
    )
