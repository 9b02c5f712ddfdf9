"""Questions 08.predict, 08.order, 08.norm and 08.clip: by hand, in order, in code."""

import itertools
import math

import numpy as np
import pytest
from answers import Hostile, crashes, exits, not_implemented, rejected

from optlearn import optim
from optlearn.course.checks import check, variant, working
from optlearn.course.checks.a08_gradients import LINES
from optlearn.course.checks.wrong_clipping import WRONG_CLIPS, WRONG_NORMS
from optlearn.parameters import Parameter

# ------------------------------------------------------------------------------------- predict


def predicted():
    task = variant("08.predict")
    left, layers = 1.0, 0
    while left > 1 / task.lost:
        left, layers = left * task.slope * task.weight, layers + 1
    norm = math.hypot(*task.entries)
    first, c = task.entries[0], task.bound
    return task, [layers, 1 / task.slope, norm, first * c / norm, np.clip(first, -c, c)]


@pytest.mark.parametrize("student", range(40))
def test_predict_accepts(student, monkeypatch):
    monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
    task, answer = predicted()
    assert task.entries[0] < task.bound < answer[2]  # by norm it acts, by value not on the first
    for form in (list, tuple, np.array, lambda a: [round(float(v), 3) for v in a]):
        report = check("08.predict", form(answer))
        assert report, report


WRONG_NUMBERS = [
    (0, lambda k, a: a[0] - 1, "rounds-down"),
    (0, lambda k, a: a[0] + 1, None),
    (0, lambda k, a: math.log(k.lost) / -math.log(k.slope * k.weight), "keeps-the-fraction"),
    (0, lambda k, a: math.ceil(math.log(k.lost) / -math.log(k.slope)), "forgets-the-weights"),
    (
        0,
        lambda k, a: math.ceil(math.log10(k.lost) / -math.log(k.slope * k.weight)),
        "mixes-the-logarithms",
    ),
    (0, lambda k, a: k.lost, "counts-without-the-product"),
    (0, lambda k, a: "ten", None),
    (1, lambda k, a: k.slope, "turns-it-over"),
    (1, lambda k, a: 1, "forgets-the-slope"),
    (1, lambda k, a: 1 / (k.slope * k.weight), "divides-by-the-factor"),
    (1, lambda k, a: 1 - k.slope, "subtracts"),
    (1, lambda k, a: np.nan, None),
    (2, lambda k, a: a[2] ** 2, "forgets-the-root"),
    (2, lambda k, a: sum(k.entries), "adds-the-sizes"),
    (2, lambda k, a: math.hypot(*k.entries[:2]), "forgets-the-bias"),
    (2, lambda k, a: math.hypot(*k.entries[:2]) + k.entries[2], "adds-the-norms"),
    (2, lambda k, a: max(k.entries), "takes-the-largest"),
    (2, lambda k, a: a[2] + 0.1, None),
    (3, lambda k, a: k.entries[0], "clips-by-value"),
    (3, lambda k, a: k.bound, "gives-the-bound"),
    (3, lambda k, a: k.entries[0] * k.bound / math.hypot(*k.entries[:2]), "clips-each-array"),
    (3, lambda k, a: k.entries[0] / a[2], "makes-length-one"),
    (3, lambda k, a: k.entries[0] * k.bound, "forgets-the-norm"),
    (3, lambda k, a: k.entries[0] * a[2] / k.bound, "turns-it-over"),
    (4, lambda k, a: a[3], "clips-by-norm"),
    (4, lambda k, a: k.bound, "lifts-to-the-bound"),
    (4, lambda k, a: 0, "drops-it"),
    (4, lambda k, a: -a[4], None),
]


@pytest.mark.parametrize(("place", "wrong", "mistake"), WRONG_NUMBERS)
def test_predict_rejects_and_names(place, wrong, mistake, monkeypatch):
    names = set()
    for student in range(25):
        monkeypatch.setenv("OPTLEARN_STUDENT", str(student))
        task, answer = predicted()
        right, answer[place] = answer[place], wrong(task, list(answer))
        if answer[place] != right:  # with weight 1 the weights may be forgotten
            report = rejected("08.predict", answer)
            assert report.score == pytest.approx(4 / 5)
            names.add(report.matched)
    assert mistake in names  # two mistakes may give one number to some student


# -------------------------------------------------------------------------------------- order

START, PATH, LOOP, GRADIENT, NORM, CLIP, STEP, APPEND, SCALE, WEIGHTS = LINES
BODY = (GRADIENT, NORM, CLIP, STEP, APPEND)
RIGHT = (START, PATH, LOOP, *BODY)


def letters(*lines):
    names = {line: letter for letter, line in variant("08.order").lines.items()}
    return [names[line] for line in lines]


@pytest.mark.parametrize("form", [list, tuple, "".join, ", ".join, " ".join])
def test_order_accepts(student, form):
    report = check("08.order", form(letters(*RIGHT)))
    assert report, report


def test_two_lines_can_be_left_out():
    """A gradient that has moved the weights may be scaled; nothing else may be added."""
    for wrong in ((SCALE,), (WEIGHTS,), (SCALE, WEIGHTS)):
        for places in itertools.product(range(len(BODY) + 1), repeat=len(wrong)):
            body = list(BODY)
            for place, line in zip(places, wrong):
                body.insert(place, line)
            harmless = wrong == (SCALE,) and body.index(SCALE) > body.index(STEP)
            assert bool(check("08.order", letters(START, PATH, LOOP, *body))) == harmless


def test_every_other_line_is_needed():
    for line in RIGHT:
        assert not check("08.order", letters(*(other for other in RIGHT if other != line)))


@pytest.mark.parametrize(
    ("body", "mistake"),
    [
        ((GRADIENT, NORM, SCALE, STEP, APPEND), "always_scales"),
        ((GRADIENT, NORM, STEP, CLIP, APPEND), "never_clips"),
        ((GRADIENT, STEP, APPEND), "never_clips"),
        ((GRADIENT, NORM, WEIGHTS, STEP, APPEND), None),
        ((GRADIENT, CLIP, NORM, STEP, APPEND), None),
        ((NORM, CLIP, GRADIENT, STEP, APPEND), None),
        ((GRADIENT, NORM, CLIP, APPEND, STEP), None),
        ((GRADIENT, NORM, CLIP, STEP), None),
        ((), None),
    ],
)
def test_order_rejects(student, body, mistake):
    report = rejected("08.order", letters(START, PATH, LOOP, *body))
    assert report.score == 0
    assert report.matched == mistake


@pytest.mark.parametrize("answer", ["A, Z", "A, A", ["A", ...], 7, {}, Hostile(), [Hostile()]])
def test_order_survives(answer):
    assert check("08.order", answer).score == 0


# --------------------------------------------------------------------------------------- norm


def norm_plainly(gradients):
    return np.sqrt(sum(np.sum(g**2) for g in gradients))


def norm_in_one_list(gradients):
    return np.linalg.norm(np.concatenate([g.ravel() for g in gradients]))


def norm_by_hypot(gradients):
    return math.hypot(*(float(v) for g in gradients for v in g.flat))


def norm_of_norms(gradients):
    return np.linalg.norm([np.linalg.norm(g) for g in gradients])


def norm_in_a_loop(gradients):
    total = np.zeros(1)
    for g in gradients:
        total += np.vdot(g, g)
    return total**0.5


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    "style", [norm_plainly, norm_in_one_list, norm_by_hypot, norm_of_norms, norm_in_a_loop]
)
def test_norm_accepts(style, fresh):
    report = check("08.norm", style, fresh=fresh)
    assert report, report
    assert report.score == 1


@pytest.mark.parametrize(("name", "sentence", "wrong"), WRONG_NORMS)
def test_a_wrong_norm_is_named(name, sentence, wrong):
    report = rejected("08.norm", lambda *args: wrong(*args))
    assert report.matched == name
    assert sentence in report.message
    assert report.score <= 1 / 2


@pytest.mark.parametrize(
    "wrong",
    [
        lambda gs: 13.0,
        lambda gs: np.concatenate([g.ravel() for g in gs]),
        lambda gs: [np.linalg.norm(g) for g in gs],
        lambda gs: np.linalg.norm(gs[0]) + 1e-3,
        lambda gs: np.linalg.norm(np.array(gs)),
        lambda gs: np.float16(norm_plainly(gs)),
        lambda gs: 1.01 * norm_plainly(gs),
        lambda gs: norm_plainly(gs) + 1e-3,
        lambda gs: -norm_plainly(gs),
        lambda gs: norm_plainly(gs) / 0,
        lambda gs: max(norm_plainly(gs), 1),
        lambda gs: "norm",
        lambda gs: np.nan,
        lambda gs: Hostile(),
        lambda: 1.0,
        crashes,
        exits,
        3.0,
    ],
)
def test_an_odd_norm_is_rejected(wrong):
    assert rejected("08.norm", wrong).score < 1


# --------------------------------------------------------------------------------------- clip


def clip_plainly(gradients, max_norm):
    norm = norm_plainly(gradients)
    factor = min(1, max_norm / norm) if norm else 1
    return [factor * g for g in gradients], norm


def clip_as_pytorch(gradients, max_norm):
    """Add a tiny number below, and change the arrays in place."""
    norm = norm_of_norms(gradients)
    scale = max_norm / (norm + 1e-6)
    if scale < 1:
        for g in gradients:
            g *= scale
    return gradients, norm


def clip_in_a_tuple(gradients, max_norm):
    norm = norm_in_one_list(gradients)
    if norm <= max_norm:
        return gradients, norm
    return tuple(g / norm * max_norm for g in gradients), norm


def clip_to_lists(gradients, max_norm):
    norm = float(norm_by_hypot(gradients))
    longer = max(norm, max_norm)
    return [[(g * max_norm / longer).tolist() for g in gradients], norm]


def clip_by_division(gradients, max_norm):
    """Divide by how many times too long it is, and by 1 where it is not."""
    norm = norm_plainly(gradients)
    return [g / np.maximum(1.0, norm / max_norm) for g in gradients], norm


def clip_in_one_list(gradients, max_norm):
    flat = np.concatenate([g.ravel() for g in gradients])
    norm = np.linalg.norm(flat)
    flat *= np.clip(max_norm / max(norm, 1e-12), 0, 1)
    ends = np.cumsum([g.size for g in gradients])[:-1]
    return [a.reshape(g.shape) for a, g in zip(np.split(flat, ends), gradients)], norm


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    "style",
    [
        clip_plainly,
        clip_as_pytorch,
        clip_in_a_tuple,
        clip_to_lists,
        clip_by_division,
        clip_in_one_list,
    ],
)
def test_clip_accepts(style, fresh):
    report = check("08.clip", style, fresh=fresh)
    assert report, report
    assert report.score == 1


@pytest.mark.parametrize(("name", "sentence", "wrong"), WRONG_CLIPS)
def test_a_wrong_clip_is_named(name, sentence, wrong):
    report = rejected("08.clip", lambda *args: wrong(*args))
    assert report.matched == name
    assert sentence in report.message


def test_each_implementing_question_meets_at_least_fifteen_known_mistakes():
    assert len(WRONG_NORMS) >= 15
    assert len(WRONG_CLIPS) >= 15


@pytest.mark.parametrize(
    "wrong",
    [
        lambda gs, c: clip_plainly(gs, c)[0],
        lambda gs, c: clip_plainly(gs, c)[::-1],
        lambda gs, c: (clip_plainly(gs, c)[0][:-1], norm_plainly(gs)),
        lambda gs, c: (clip_plainly(gs, c)[0][0], norm_plainly(gs)),
        lambda gs, c: ([g.ravel() for g in clip_plainly(gs, c)[0]], norm_plainly(gs)),
        lambda gs, c: (clip_plainly(gs, c)[0], c),
        lambda gs, c: (clip_plainly(gs, c)[0], None),
        lambda gs, c: (clip_plainly(gs, 0.999 * c)[0], norm_plainly(gs)),
        lambda gs, c: (clip_plainly(gs, 1.0)[0], norm_plainly(gs)),
        lambda gs, c: ([-g for g in clip_plainly(gs, c)[0]], norm_plainly(gs)),
        lambda gs, c: ([np.float16(g) for g in clip_plainly(gs, c)[0]], norm_plainly(gs)),
        lambda gs, c: ([g * (c / norm_plainly(gs)) ** 2 for g in gs], norm_plainly(gs)),
        lambda gs, c: ([np.tanh(g) * c for g in gs], norm_plainly(gs)),
        lambda gs, c: ("gradients", norm_plainly(gs)),
        lambda gs, c: (["g"] * len(gs), norm_plainly(gs)),
        lambda gs, c: (gs, "norm"),
        lambda gs, c: (Hostile(), Hostile()),
        lambda gs, c: Hostile(),
        lambda gs: gs,
        crashes,
        exits,
        3.0,
    ],
)
def test_an_odd_clip_is_rejected(wrong):
    assert rejected("08.clip", wrong).score < 1


def test_the_librarys_own_is_noticed():
    def borrowed(gradients, max_norm):
        params = [Parameter(g) for g in gradients]
        optimizer = optim.SGD(params)
        for p, g in zip(params, gradients):
            p.grad = g
        norm = optim.clip_grad_norm(optimizer.params, max_norm)
        return [p.grad for p in params], norm

    report = check("08.clip", borrowed)
    assert report.score <= 1 / 4
    assert "Your answer calls" in report.message


@pytest.mark.parametrize(("question", "right"), [("norm", norm_plainly), ("clip", clip_plainly)])
def test_an_answer_that_is_missing_is_replaced(question, right, capsys):
    assert working(f"08.{question}", right) is right
    reference = working(f"08.{question}", not_implemented)
    assert "not finished" in capsys.readouterr().out
    assert check(f"08.{question}", lambda *args: reference(*args))
