"""Every check accepts what is right in any style, and rejects what is wrong, by its name."""

import os
import re

import numpy as np
import pytest

from optlearn import rules, wrong_rules
from optlearn.course.checks import Report, check, hint, loops, reveal, variant, working
from optlearn.course.checks import engine as checks_engine

QUESTIONS = ("02.predict", "02.order", "02.step", "02.loop", "02.plan", "02.diagnose", "02.refute")


class Hostile:
    """Equal to everything, and breaks when it is looked at."""

    def __eq__(self, other):
        return True

    __hash__ = None

    def __len__(self):
        raise ValueError("no length")

    def __repr__(self):
        raise ValueError("no repr")


def rejected(question, solution, **how):
    """Return the report on a wrong solution that the check could read."""
    report = check(question, solution, **how)
    assert not report
    assert "cannot be read" not in report.message
    return report


def crashes(*args):
    return undefined_name  # noqa: F821


def not_implemented(*args):
    raise NotImplementedError


def exits(*args):
    raise SystemExit(0)


# ------------------------------------------------------------------------------------ 02.step


def step_new(w, g, lr):
    return w - lr * g


def step_copy_in_place(w, g, lr):
    w = w.copy()
    w -= lr * g
    return w


def step_ufunc(w, g, lr):
    return np.subtract(w, np.multiply(lr, g))


def step_negated(w, g, lr):
    return w + (-lr) * g


def step_rewritten(w, g, lr):
    return (w / lr - g) * lr


def step_lists(w, g, lr):
    if np.ndim(w) == 2:
        return [step_lists(a, b, lr) for a, b in zip(w, g)]
    return [float(a) - lr * float(b) for a, b in zip(w, g)]


def step_noisy(w, g, lr):
    print("debugging", w)
    np.log(np.zeros(1))  # warns
    return w - lr * g


STEPS_RIGHT = [
    step_new,
    step_copy_in_place,
    step_ufunc,
    step_negated,
    step_rewritten,
    step_lists,
    step_noisy,
    lambda w, g, lr: w - g * lr,
]


def step_in_place(w, g, lr):
    w -= lr * g
    return w


def step_ruins_g(w, g, lr):
    g *= lr
    return w - g


def step_in_place_returns_nothing(w, g, lr):
    w -= lr * g


STEPS_ODD = {
    "in place": step_in_place,
    "ruins g": step_ruins_g,
    "returns nothing": step_in_place_returns_nothing,
    "float32": lambda w, g, lr: (w - lr * g).astype(np.float32),
    "tuple as in rules": lambda w, g, lr: (w - lr * g,),
    "flattened": lambda w, g, lr: (w - lr * g).ravel(),
    "a sum": lambda w, g, lr: (w - lr * g).sum(),
    "text": lambda w, g, lr: "w - lr * g",
    "complex": lambda w, g, lr: w - 1j * g,
    "nan": lambda w, g, lr: w * np.nan,
    "skips small slopes": lambda w, g, lr: np.where(np.abs(g) > 1e-6, w - lr * g, w),
    "caps the step": lambda w, g, lr: w - np.clip(lr * g, -1e3, 1e3),
    "adds weight decay": lambda w, g, lr: w - lr * (g + 1e-4 * w),
    "an epsilon": lambda w, g, lr: w - lr * (g + 1e-8),
    "fixed lr": lambda w, g, lr: w - 0.1 * g,
    "first weight only": lambda w, g, lr: w - lr * g * (np.arange(w.size).reshape(w.shape) == 0),
    "crashes": crashes,
    "exits": exits,
    "wrong signature": lambda w: w,
    "hostile": lambda w, g, lr: Hostile(),
    "not a function": 3.0,
    "a text": "step",
    "hostile itself": Hostile(),
}


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("solution", STEPS_RIGHT)
def test_step_accepts(solution, fresh, capfd):
    report = check("02.step", solution, fresh=fresh)
    assert report, report
    assert report.score == 1
    assert report.matched is None
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", STEPS_ODD)
def test_step_rejects(name):
    report = rejected("02.step", STEPS_ODD[name])
    assert report.score < 1
    assert report.matched in (None, "changes_its_input", "sgd_single_precision")


# step(w, g, lr) does not know t, so it cannot decay; the loop's test has that mistake.
WITHOUT_T = [wrong for wrong in wrong_rules.for_rule("sgd") if wrong.name != "sgd_decays_lr"]


@pytest.mark.parametrize("wrong", WITHOUT_T, ids=lambda wrong: wrong.name)
def test_step_names_the_mistake(wrong):
    report = check("02.step", lambda w, g, lr: wrong.function(w, g, t=1, lr=lr)[0])
    assert report.matched == wrong.name
    assert wrong.sentence in report.message
    assert report.score < 0.8


def test_in_place_is_named_and_costs_its_part_only():
    report = check("02.step", step_in_place)
    assert report.matched == "changes_its_input"
    assert report.score == pytest.approx(6 / 7)


def test_leaving_the_input_alone_earns_nothing_on_its_own():
    assert check("02.step", lambda w, g, lr: w + lr * g).score == 0


def test_message_is_in_order():
    message = check("02.step", lambda w, g, lr: w + lr * g).message
    parts = [
        "Right so far",
        "First problem",
        "[1.3, 1.6], expected [0.7, 2.4]",
        "It climbs",
        "To think about",
    ]
    places = [message.index(part) for part in parts]
    assert places == sorted(places)


# ------------------------------------------------------------------------------------ 02.loop


def loop_array(gradient, start, lr, steps, tolerance):
    w = np.array(start, dtype=float)
    path = [w.copy()]
    for _ in range(steps):
        g = gradient(w)
        if np.sqrt(np.sum(g**2)) <= tolerance:
            return np.array(path)
        w -= lr * g
        path.append(w.copy())
    return np.array(path)


def loop_while(gradient, start, lr, steps, tolerance):
    path = [np.asarray(start, dtype=np.float64)]
    while len(path) <= steps and np.linalg.norm(gradient(path[-1])) > tolerance:
        path.append(path[-1] - lr * gradient(path[-1]))
    return path


def loop_lists(gradient, start, lr, steps, tolerance):
    path = [list(map(float, start))]
    for _ in range(steps):
        g = gradient(np.array(path[-1]))
        if sum(x * x for x in g) ** 0.5 <= tolerance:
            break
        path.append([a - lr * b for a, b in zip(path[-1], g)])
    return path


def loop_tuple(*args):
    return tuple(loop_array(*args))


LOOPS_RIGHT = [loop_array, loop_while, loop_lists, loop_tuple]


def loop_changes_start(gradient, start, lr, steps, tolerance):
    path = loop_array(gradient, start, lr, steps, tolerance)
    start[:] = path[-1]
    return path


def loop_endless(gradient, start, lr, steps, tolerance):
    while True:
        gradient(np.array(start, dtype=float))


def loop_ignores_steps(gradient, start, lr, steps, tolerance):
    path = [np.array(start, dtype=float)]
    while np.linalg.norm(gradient(path[-1])) > tolerance:
        path.append(path[-1] - lr * gradient(path[-1]))
    return path


def loop_aliases(gradient, start, lr, steps, tolerance):
    w = np.array(start, dtype=float)
    path = [w]
    for _ in range(steps):
        g = gradient(w)
        if np.linalg.norm(g) <= tolerance:
            break
        w -= lr * g
        path.append(w)
    return path


LOOPS_ODD = {
    "changes the start": (loop_changes_start, "changes_its_input"),
    "keeps one array": (loop_aliases, "loop_keeps_one_array"),
    "endless": (loop_endless, None),
    "ignores the steps": (loop_ignores_steps, None),
    "last point only": (lambda *args: loop_array(*args)[-1], None),
    "number of steps": (lambda *args: len(loop_array(*args)) - 1, None),
    "empty": (lambda *args: [], None),
    "ragged": (lambda *args: [[1.0], [1.0, 2.0]], None),
    "crashes": (crashes, None),
    "exits": (exits, None),
    "too few arguments": (lambda gradient, start: [start], None),
    "not a function": (loop_array(loops.bowl([1, 4]), [2, -1], 0.1, 3, 0), None),
    "hostile": (lambda *args: Hostile(), None),
    "stops below, not at": (
        lambda gradient, start, lr, steps, tolerance: loop_array(
            gradient, start, lr, steps, np.nextafter(tolerance, -1) if tolerance == 1e-6 else -1
        ),
        None,
    ),
}


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("solution", LOOPS_RIGHT)
def test_loop_accepts(solution, fresh):
    report = check("02.loop", solution, fresh=fresh)
    assert report, report
    assert report.score == 1


@pytest.mark.parametrize("name", LOOPS_ODD)
def test_loop_rejects(name):
    solution, mistake = LOOPS_ODD[name]
    report = rejected("02.loop", solution)
    assert report.score < 1
    if mistake:
        assert report.matched == mistake


@pytest.mark.parametrize("name", loops.WRONG_LOOPS)
@pytest.mark.parametrize("fresh", [False, True])
def test_loop_names_the_mistake(name, fresh):
    sentence, wrong = loops.WRONG_LOOPS[name]
    report = check("02.loop", wrong, fresh=fresh)
    assert report.matched == name
    assert sentence in report.message
    assert report.score < 1


@pytest.mark.parametrize("wrong", wrong_rules.for_rule("sgd"), ids=lambda wrong: wrong.name)
def test_loop_names_the_rule_inside(wrong):
    report = check("02.loop", lambda *args: loops.descend(*args, rule=wrong.function))
    assert report.matched == wrong.name
    assert report.score < 0.5


# ----------------------------------------------------------------- 02.predict, 02.order, variants

STUDENTS = ("0", "ada", "grace", "4711")


@pytest.fixture(params=STUDENTS)
def student(request, monkeypatch):
    monkeypatch.setenv("OPTLEARN_STUDENT", request.param)
    return request.param


def predicted():
    task = variant("02.predict")
    (x, y), c, lr = task.start, task.curvature, task.lr
    return x, y, c, lr, [x - lr * x, y - lr * c * y, 2 / c]


@pytest.mark.parametrize("form", [list, tuple, np.array, lambda a: [np.array(v) for v in a]])
def test_predict_accepts(student, form):
    report = check("02.predict", form(predicted()[-1]))
    assert report, report


def test_predict_accepts_three_digits(student):
    assert check("02.predict", [float(f"{v:.4g}") for v in predicted()[-1]])


@pytest.mark.parametrize(
    ("place", "wrong", "mistake"),
    [
        (0, lambda x, y, c, lr: x + lr * x, "climbs"),
        (0, lambda x, y, c, lr: -lr * x, "returns-the-step"),
        (0, lambda x, y, c, lr: x, "stands-still"),
        (1, lambda x, y, c, lr: y + lr * c * y, "climbs"),
        (1, lambda x, y, c, lr: y - lr * y, "forgets-curvature"),
        (1, lambda x, y, c, lr: y - lr * c * y / 2, "keeps-the-half"),
        (1, lambda x, y, c, lr: y - c * y, "forgets-lr"),
        (1, lambda x, y, c, lr: 77.0, None),
        (2, lambda x, y, c, lr: 1 / c, "halves-the-limit"),
        (2, lambda x, y, c, lr: 2.0, "uses-the-flat-side"),
        (2, lambda x, y, c, lr: c, "gives-the-curvature"),
        (2, lambda x, y, c, lr: 2 / (1 + c), "gives-the-best-rate"),
        (2, lambda x, y, c, lr: 1.99 / c, None),
        (2, lambda x, y, c, lr: -2 / c, None),
        (2, lambda x, y, c, lr: np.inf, None),
        (0, lambda x, y, c, lr: "2.7", None),
        (0, lambda x, y, c, lr: [1.0, 2.0], None),
        (1, lambda x, y, c, lr: np.nan, None),
    ],
)
def test_predict_rejects(student, place, wrong, mistake):
    x, y, c, lr, answer = predicted()
    value = wrong(x, y, c, lr)
    answer[place] = value
    report = rejected("02.predict", answer)
    assert report.score == pytest.approx(2 / 3)
    if mistake and student == "0":
        assert report.matched == mistake


def letters(*lines):
    names = {line: letter for letter, line in variant("02.order").lines.items()}
    return [names[line] for line in lines]


START, KEEP, OUTSIDE, LOOP = "w = start", "path = [w]", "g = gradient(w)", "for t in range(steps):"
INSIDE, DOWN, UP, APPEND = (
    "    g = gradient(w)",
    "    w = w - lr * g",
    "    w = w + lr * g",
    "    path.append(w)",
)


@pytest.mark.parametrize(
    "lines",
    [
        (START, KEEP, LOOP, INSIDE, DOWN, APPEND),
        (START, OUTSIDE, KEEP, LOOP, INSIDE, DOWN, APPEND),  # a needless line does no harm
        (START, KEEP, OUTSIDE, LOOP, DOWN, INSIDE, APPEND),
    ],
)
@pytest.mark.parametrize("form", [list, tuple, "".join, lambda a: [x.lower() for x in a]])
def test_order_accepts(student, lines, form):
    report = check("02.order", form(letters(*lines)))
    assert report, report


@pytest.mark.parametrize(
    ("lines", "mistake"),
    [
        ((START, KEEP, OUTSIDE, LOOP, DOWN, APPEND), "loop_computes_gradient_once"),
        ((START, KEEP, LOOP, INSIDE, UP, APPEND), "sgd_climbs"),
        ((START, KEEP, LOOP, INSIDE, APPEND, DOWN), "loop_keeps_the_start_twice"),
        ((START, KEEP, LOOP, INSIDE, DOWN), None),
        ((START, KEEP, LOOP, INSIDE, UP, DOWN, APPEND), "sgd_stands_still"),
        ((START, KEEP, LOOP, INSIDE, APPEND), "sgd_stands_still"),
        ((KEEP, START, LOOP, INSIDE, DOWN, APPEND), None),
        ((START, LOOP, INSIDE, DOWN, APPEND), None),
        ((START, KEEP, LOOP, DOWN, INSIDE, APPEND), None),
        ((START, KEEP, LOOP, DOWN, APPEND), None),
        ((START, KEEP, INSIDE, LOOP, DOWN, APPEND), None),
        ((START, KEEP, INSIDE, DOWN, APPEND), None),
        ((START, KEEP, LOOP), None),
        ((LOOP, INSIDE, DOWN, APPEND, START, KEEP), None),
        ((START, KEEP), None),
        ((LOOP,), None),
    ],
)
def test_order_rejects(student, lines, mistake):
    report = rejected("02.order", letters(*lines))
    assert report.score == 0
    if mistake:
        assert report.matched == mistake


@pytest.mark.parametrize(
    "answer", [[], "", ["Z"], ["A", "A"], [1, 2], 7, {"A": 1}, Hostile(), [Hostile()], lambda: "A"]
)
def test_order_survives(answer):
    report = check("02.order", answer)
    assert not report
    assert report.score == 0


# ------------------------------------------------------------------------------------ 02.plan


def curvatures(h):
    values = np.linalg.eigvalsh(h)
    return values[0], values[-1]


def plan(h):
    low, high = curvatures(h)
    return 2 / high, 2 / (low + high), np.log(1000) / np.log((high + low) / (high - low))


def plan_by_norms(h):
    low, high = 1 / np.linalg.norm(np.linalg.inv(h), 2), np.linalg.norm(h, 2)
    return np.array([2 / high, 2 / (low + high), 3.45 * high / low])


def plan_as_list(h):
    limit, best, steps = plan(h)
    return [np.array(limit), best, int(np.ceil(steps))]


def instead(place, formula):
    def wrong(h):
        answer = list(plan(h))
        answer[place] = formula(*curvatures(h), h)
        return answer

    return wrong


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("solution", [plan, plan_by_norms, plan_as_list])
def test_plan_accepts(student, solution, fresh):
    report = check("02.plan", solution, fresh=fresh)
    assert report, report


@pytest.mark.parametrize(
    ("place", "formula", "mistake"),
    [
        (0, lambda a, b, h: 1 / b, "uses_one_over_l"),
        (0, lambda a, b, h: 2 / a, "uses_the_flat_axis"),
        (0, lambda a, b, h: 2 / np.trace(h), "uses_the_trace"),
        (0, lambda a, b, h: 2 / h.diagonal().max(), "uses_the_diagonal"),
        (0, lambda a, b, h: 2 / (a + b), "uses_the_best_rate"),
        (0, lambda a, b, h: b / 2, "turns_it_over"),
        (0, lambda a, b, h: 2 / np.linalg.norm(h), None),
        (0, lambda a, b, h: 1.9 / b, None),
        (0, lambda a, b, h: 0.0, None),
        (0, lambda a, b, h: -2 / b, None),
        (0, lambda a, b, h: np.nan, None),
        (0, lambda a, b, h: "2 / L", None),
        (1, lambda a, b, h: 1 / b, "uses_one_over_l"),
        (1, lambda a, b, h: 2 / b, "uses_the_limit"),
        (1, lambda a, b, h: 1 / (a + b), "forgets_the_two"),
        (1, lambda a, b, h: 1 / a, None),
        (1, lambda a, b, h: np.inf, None),
        (2, lambda a, b, h: b / a, "uses_the_condition"),
        (2, lambda a, b, h: np.sqrt(b / a), "uses_the_root"),
        (2, lambda a, b, h: 1000, "forgets_the_logarithm"),
        (2, lambda a, b, h: 1e9, None),
        (2, lambda a, b, h: -1, None),
        (2, lambda a, b, h: 30, None),
    ],
)
def test_plan_rejects(place, formula, mistake):
    report = rejected("02.plan", instead(place, formula))
    assert report.score < 1
    if mistake:
        assert report.matched == mistake


@pytest.mark.parametrize(
    "solution",
    [crashes, exits, lambda h: 3, lambda h: (1, 2), lambda: 1, lambda h: Hostile(), (1, 2, 3)],
)
def test_plan_survives(solution):
    report = check("02.plan", solution)
    assert not report
    assert report.score == 0


# -------------------------------------------------------------------------------- 02.diagnose


def diagnosis():
    found = {}
    for letter, path in variant("02.diagnose").runs.items():
        first, second, last = path[[0, 1, -1], 1]
        found[letter] = "zigzag" if first * second < 0 else "too small"
        if abs(last) > abs(first):
            found[letter] = "diverges"
    return found


@pytest.mark.parametrize(
    "form",
    [
        dict,
        lambda d: list(d.values()),
        lambda d: {k.lower(): f" {v.upper()}" for k, v in d.items()},
    ],
)
def test_diagnose_accepts(student, form):
    assert set(diagnosis().values()) == {"too small", "zigzag", "diverges"}
    report = check("02.diagnose", form(diagnosis()))
    assert report, report


LABELS = ("too small", "just right", "zigzag", "diverges")
TRIPLES = [(a, b, c) for a in LABELS for b in LABELS for c in LABELS]


@pytest.mark.parametrize("labels", TRIPLES, ids="-".join)
def test_diagnose_rejects_all_but_one(labels):
    """All 64 triples: one is right, and repeating a label earns nothing."""
    answer, right = dict(zip("ABC", labels)), diagnosis()
    report = check("02.diagnose", answer)
    assert bool(report) == (answer == right)
    if len(set(labels)) < 3:
        assert report.score == 0
    else:
        hits = sum(answer[k] == right[k] for k in "ABC")
        assert report.score == pytest.approx(hits / 3)


def test_diagnose_names_the_misreading():
    flipped = {"zigzag": "diverges", "diverges": "zigzag", "too small": "too small"}
    report = check("02.diagnose", {k: flipped[v] for k, v in diagnosis().items()})
    assert report.matched in ("takes-a-zigzag-for-divergence", "takes-divergence-for-a-zigzag")


@pytest.mark.parametrize(
    "answer", [{}, [], 7, "zigzag", {"A": "fast"}, {"A": 3}, Hostile(), {"A": Hostile()}, print]
)
def test_diagnose_survives(answer):
    report = check("02.diagnose", answer)
    assert not report
    assert report.score == 0


# ---------------------------------------------------------------------------------- 02.refute


def angle(bowl, w):
    down, way = -bowl.gradient(w), bowl.minima[0] - w
    cos = down @ way / np.linalg.norm(down) / np.linalg.norm(way)
    return np.degrees(np.arccos(np.clip(cos, -1, 1)))


def refute_circle(bowl):
    starts = [np.array([np.cos(t), np.sin(t)]) for t in np.linspace(0, np.pi, 500)]
    best = max(starts, key=lambda w: angle(bowl, w))
    return best, angle(bowl, best)


def refute_random(bowl):
    starts = np.random.default_rng(0).normal(size=(2000, 2))
    best = max(starts, key=lambda w: angle(bowl, w))
    return list(best), float(angle(bowl, best))


def refute_theory(bowl):
    values, axes = np.linalg.eigh(bowl.hessian(np.zeros(2)))
    start = axes @ (1 / np.sqrt(values))
    return start, angle(bowl, start)


def refute_with(change):
    return lambda bowl: change(bowl, *refute_circle(bowl))


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("solution", [refute_circle, refute_random, refute_theory])
def test_refute_accepts(student, solution, fresh):
    report = check("02.refute", solution, fresh=fresh)
    assert report, report


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        (lambda bowl, w, a: (w, np.radians(a)), "gives-radians"),
        (lambda bowl, w, a: (w, 180 - a), "looks-uphill"),
        (lambda bowl, w, a: (w, np.cos(np.radians(a))), "gives-the-cosine"),
        (lambda bowl, w, a: (w, np.nan), "takes-arccos-above-one"),
        (lambda bowl, w, a: (w, a + 5), None),
        (lambda bowl, w, a: (w, 90), None),
        (lambda bowl, w, a: (w, "80"), None),
        (lambda bowl, w, a: (w, None), None),
        (lambda bowl, w, a: (np.zeros(2), a), "starts-at-the-minimum"),
        (lambda bowl, w, a: (w * np.nan, a), "starts-at-the-minimum"),
        (lambda bowl, w, a: (w * np.inf, a), "starts-at-the-minimum"),
        (lambda bowl, w, a: (w[:1], a), None),
        (lambda bowl, w, a: (1.0, a), None),
        (lambda bowl, w, a: ([1.0, 0.0], a), None),
        (lambda bowl, w, a: ("here", a), None),
        (lambda bowl, w, a: a, None),
        (lambda bowl, w, a: (w, a, bowl), None),
        (lambda bowl, w, a: Hostile(), None),
        (lambda bowl, w, a: (Hostile(), Hostile()), None),
        (crashes, None),
        (exits, None),
    ],
)
def test_refute_rejects(change, mistake):
    report = rejected("02.refute", refute_with(change))
    assert report.score < 1
    if mistake:
        assert report.matched == mistake


@pytest.mark.parametrize("start", [(1.0, 0.0), (0.0, 1.0), (-3.4, 1.5), (1.0, 1.0)])
def test_refute_rejects_a_fixed_start(start):
    report = rejected("02.refute", lambda bowl: (start, angle(bowl, np.array(start))))
    assert report.score <= 1 / 3


# ------------------------------------------------------------------------------- all questions


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("blank", [None, ..., not_implemented, lambda *a: None, lambda *a: ...])
def test_blank_is_told_and_earns_nothing(question, blank):
    if callable(blank) and question in ("02.predict", "02.order", "02.diagnose"):
        blank = [blank() if blank is not not_implemented else None] * 3
    report = check(question, blank)
    assert isinstance(report, Report)
    assert not report
    assert report.score == 0


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("odd", [Hostile(), object(), 0, "", b"x", float("nan"), [[]], Exception])
def test_check_never_raises(question, odd):
    report = check(question, odd)
    assert not report
    assert report.score == 0
    assert "Traceback" not in report.message


@pytest.mark.parametrize("question", QUESTIONS)
def test_hint_has_three_steps(question):
    shown = hint(question)
    assert shown._repr_markdown_().count("<details>") == 3
    assert [line[0] for line in repr(shown).split("\n")] == ["1", "2", "3"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_reveal_asks_first_and_then_shows(question, monkeypatch):
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    monkeypatch.chdir(root)
    assert "tried=True" in repr(reveal(question))
    shown = repr(reveal(question, tried=True))
    assert "SOLUTION" not in shown
    assert "=" in shown


def test_revealed_code_is_right(monkeypatch):
    monkeypatch.chdir(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    names = {"np": np}
    exec(repr(reveal("02.step", tried=True)), names)
    assert check("02.step", names["step"])


def test_reveal_without_solutions(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert "no folder `solutions`" in repr(reveal("02.step", tried=True))


def test_unknown_question_lists_the_known():
    with pytest.raises(ValueError, match=r"02\.typo.*02\.step"):
        check("02.typo", None)
    with pytest.raises(ValueError, match="none yet"):
        hint("77.step")


def test_variants_differ_between_students_and_repeat(monkeypatch):
    for question in ("02.predict", "02.order", "02.plan", "02.refute"):
        seen = set()
        for student in ("1", "2", "3", "4", "5"):
            monkeypatch.setenv("OPTLEARN_STUDENT", student)
            assert repr(variant(question)) == repr(variant(question))
            seen.add(repr(variant(question)))
        assert len(seen) >= 4


def test_grader_seed_repeats_the_numbers(monkeypatch):
    wrong = wrong_rules.for_rule("sgd")[2].function

    def climb(w, g, lr):
        return wrong(w, g, t=1, lr=lr)[0] + (1e-3 if abs(w).max() < 1e-3 else 0)

    monkeypatch.setenv("OPTLEARN_GRADER_SEED", "5")
    first = repr(check("02.step", climb, fresh=True))
    assert first == repr(check("02.step", climb, fresh=True))
    assert "seed 5" in first
    monkeypatch.delenv("OPTLEARN_GRADER_SEED")
    seeds = [re.search(r"seed (\d+)", repr(check("02.step", climb, fresh=True)))[1] for _ in "ab"]
    assert seeds[0] != seeds[1]


def test_points_print_and_return_a_number(capsys):
    report = check("02.step", step_in_place)
    assert report.points(7) == 6.0
    assert type(report.points(7)) is float
    assert "changes the caller's array" in capsys.readouterr().out


def test_working_falls_back(capsys):
    assert working("02.loop", loop_array) is loop_array
    assert capsys.readouterr().out == ""
    assert working("02.loop", None) is loops.descend
    assert "not finished" in capsys.readouterr().out
    with pytest.raises(ValueError, match="no reference"):
        working("02.order", None)


# ------------------------------------------------------------------------- the library's answers


def borrows_rules(w, g, lr):
    return rules.sgd(w, g, 1, lr)[0]


def borrows_inside(w, g, lr):
    from optlearn.rules import sgd as mine

    return mine(w, g, 1, lr)[0]


def borrows_whole_package(w, g, lr):
    import optlearn as o

    return o.rules.sgd(w, g, 1, lr)[0]


def borrows_through_a_helper(w, g, lr):
    return borrows_rules(w, g, lr)


renamed = rules.sgd


def borrows_renamed(w, g, lr):
    return renamed(w, g, 1, lr)[0]


def borrows_optimizer(w, g, lr):
    from optlearn import Parameter
    from optlearn.optim import SGD

    p = Parameter(w)
    p.grad = g
    SGD([p], lr=lr).step()
    return p.data.copy()


@pytest.mark.parametrize(
    "solution",
    [
        borrows_rules,
        borrows_inside,
        borrows_whole_package,
        borrows_through_a_helper,
        borrows_renamed,
        borrows_optimizer,
        rules.sgd,
    ],
)
def test_calling_the_library_is_said_openly(solution):
    if solution is rules.sgd:
        report = check("02.step", lambda w, g, lr: rules.sgd(w, g, 1, lr)[0])
    else:
        report = check("02.step", solution)
    assert not report
    assert report.score == checks_engine.BORROWED
    assert "Your answer calls optlearn." in report.message


def test_landscapes_are_free_to_use():
    from optlearn import landscapes

    def step(w, g, lr):
        landscapes.get("ravine")
        return w - lr * g

    assert check("02.step", step)


def test_without_source_nothing_is_said():
    names = {}
    exec("from optlearn import rules\ndef step(w, g, lr): return rules.sgd(w, g, 1, lr)[0]", names)
    assert check("02.step", names["step"])
