"""Quiz and prediction: the verdict in the browser is Python's, and the record gets each answer."""

import json

import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed: uv sync")
mini_racer = pytest.importorskip("py_mini_racer", reason="mini-racer is not installed: uv sync")

from optlearn import explore, plots, progress, questions  # noqa: E402
from optlearn.explore import forms  # noqa: E402
from optlearn.explore.quiz import Quiz  # noqa: E402

ALL = [f"{lesson}.{key}" for lesson in questions._lessons() for key in questions._raw(lesson)]
WALL, LIMIT = "02.predict-wall", "02.limit"


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("OPTLEARN_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def js():
    engine = mini_racer.MiniRacer()
    engine.eval(Quiz._esm.replace("export default { render };", ""))
    return lambda expression: json.loads(engine.eval(f"JSON.stringify({expression})"))


def tried(question):
    """Return answers to try: all that are foreseen, and some beside them."""
    foreseen = [option.answer for option in question.options]
    if question.kind == "number":
        near = [a * f for a in foreseen for f in (0.989, 0.9901, 1.0099, 1.011, -1)]
        return [*foreseen, *near, 0, 1e-13, 7.25]
    if question.kind == "order":
        letters = questions.LETTERS[: len(question.lines)]
        return [*foreseen, letters, letters[::-1]]
    return foreseen


@pytest.mark.parametrize("name", ALL)
def test_the_browser_judges_as_python_does(js, name):
    question = questions.question(name)
    for answer in tried(question):
        ours = question.answered(answer).verdict
        theirs = js(f"verdict({json.dumps(forms.describe(question))}, {json.dumps(answer)})")
        assert theirs["right"] is ours.right, answer
        assert theirs["says"] == forms.inline(ours.says), answer


@pytest.mark.parametrize("name", ALL)
def test_no_markdown_or_tex_is_left_in_what_the_browser_shows(name):
    described = forms.describe(questions.question(name))
    shown = [described["text"], described["otherwise"]]
    shown += [o[k] for o in described["options"] for k in ("text", "says")]
    for text in shown:
        assert not set("$\\`") & set(text), text
        assert "**" not in text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("`a < b`", "<code>a &lt; b</code>"),
        ("**bold** and *less*", "<b>bold</b> and <em>less</em>"),
        ("$2/L$", "<i>2/L</i>"),
        (r"$\beta_2^{10}$", "<i>β<sub>2</sub><sup>10</sup></i>"),
        (r"$\le -1$", "<i>≤ −1</i>"),
        ("2 * 3 = 6", "2 * 3 = 6"),
        ("<script>", "&lt;script&gt;"),
    ],
)
def test_questions_become_html(text, html):
    assert forms.inline(text) == html


def test_each_new_answer_is_recorded_once():
    form = explore.quiz(LIMIT, "02.smaller")
    form.answers = {LIMIT: 0.25}
    form.answers = {LIMIT: 0.25, "02.smaller": "b"}
    form.answers = {LIMIT: 0.5, "02.smaller": "b"}
    kept = [(e["kind"], e["name"], e["right"], e["misconception"]) for e in progress.events()]
    assert kept == [
        ("question", LIMIT, False, "limit-is-one-over-l"),
        ("question", "02.smaller", True, ""),
        ("question", LIMIT, True, ""),
    ]
    assert "Right." in form.text()


def test_answers_from_the_browser_are_recorded():
    form = explore.quiz(LIMIT)
    form.set_state({"answers": {LIMIT: 8}})
    assert progress.summary().misconceptions == {"limit-times-l": 1}


def test_the_first_prediction_stays_with_its_confidence():
    form = explore.predict(WALL)
    form.confidence = 0.8
    form.answers = {WALL: "b"}
    with pytest.raises(ValueError, match="prediction was made: run the cell again"):
        form.answers = {WALL: "a"}
    (event,) = progress.events()
    assert (event["kind"], event["answer"], event["confidence"]) == ("prediction", "b", 0.8)
    assert event["misconception"] == "small-change-small-effect"
    assert form.answers == {WALL: "b"}
    assert "calibration 0.64" in form.score


def picture():
    ax = plots.axes()
    ax.plot([1, 2], [2, 1])
    ax.set(title="it falls", xlabel="step", ylabel="loss")
    return plots.picture(ax, ["step 2: 1"])


@pytest.mark.parametrize("then", ["It diverges.", picture()], ids=["text", "picture"])
def test_the_outcome_is_told_after_the_prediction_only(then):
    form = explore.predict(WALL, then)
    assert "What happens is shown after" in form.text()
    assert str(then) not in form.text()
    form.answers = {WALL: "a"}
    assert str(then) in form.text()
    assert ("image" in form.outcome) is not isinstance(then, str)


def test_a_teacher_can_open_it(monkeypatch):
    assert "It diverges." in explore.predict(WALL, "It diverges.", unlocked=True).text()
    monkeypatch.setenv("OPTLEARN_UNLOCKED", "1")
    assert "It diverges." in explore.predict(WALL, "It diverges.").text()
    assert progress.events() == []


def test_a_question_of_a_teachers_own():
    options = (
        questions.Option("a", "Yes.", "up", right=True),
        questions.Option("b", "No.", "down", misconception="down"),
    )
    own = questions.Question("mine.way", "Which way?", options)
    form = explore.quiz(own)
    form.answers = {"mine.way": "b"}
    assert progress.summary().misconceptions == {"down": 1}


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: explore.quiz(), ValueError, "name at least one question"),
        (lambda: explore.quiz("02.nothing"), ValueError, "unknown question .*: lesson 02 has"),
        (lambda: explore.quiz("77.limit"), ValueError, "lesson '77' has no questions: known"),
        (lambda: explore.predict("02.order"), ValueError, "asks for an order: use quiz"),
        (lambda: explore.predict(WALL, 3), TypeError, "then must be a Picture or a text, got 3"),
        (lambda: explore.predict(WALL, confidence=2), ValueError, "confidence is 2: choose"),
        (lambda: setattr(explore.quiz(LIMIT), "answers", {"x": 1}), ValueError, "not asked here"),
        (
            lambda: setattr(explore.predict(WALL), "answers", {WALL: "z"}),
            ValueError,
            'is one of "a", "b", "c", got .z.',
        ),
    ],
)
def test_bad_input(call, error, says):
    with pytest.raises(error, match=says):
        call()
