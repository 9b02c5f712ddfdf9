"""The prediction: say what you expect, and how sure you are, before you are shown."""

import os

import traitlets

from .. import progress
from ..plots import Picture
from .base import VIEW, Checked, module, number
from .forms import Form


def predict(asked, then=None, *, confidence=0.5, unlocked=None):
    """Return a form that shows what happens only after you have said what you expect.

    The first prediction counts. With the confidence that goes with it, the record
    (:mod:`optlearn.progress`) knows whether you are as often right as you are sure.

    Parameters
    ----------
    asked : str or Question
        Name of a choice or a number among the lessons' questions, such as ``"02.predict-wall"``.
    then : Picture or str, optional
        Shown after the prediction, below the answer to it.
    confidence : float, default 0.5
        Where the slider "how sure are you" starts, from 0 to 1.
    unlocked : bool, optional
        Show the outcome at once, for a teacher. True where the environment variable
        ``OPTLEARN_UNLOCKED`` is ``1`` if not given.

    Examples
    --------
    >>> form = predict("02.predict-wall")
    >>> form.made
    False
    >>> form.answers = {"02.predict-wall": "a"}
    >>> form.made
    True
    """
    if unlocked is None:
        unlocked = os.environ.get("OPTLEARN_UNLOCKED") == "1"
    return Predict(asked, then=then, confidence=confidence, unlocked=bool(unlocked))


class Predict(Form):
    """The widget that :func:`predict` returns."""

    _esm = module(*VIEW, "form.js", "predict.js")
    kind = "prediction"

    confidence = Checked(
        lambda value: number(
            "confidence", value, "choose a number from 0 to 1", lambda c: 0 <= c <= 1
        )
    )
    #: Whether the outcome is shown without a prediction.
    unlocked = traitlets.Bool().tag(sync=True)
    #: What is shown afterwards: its text and, for a picture, its address within the page.
    outcome = traitlets.Dict().tag(sync=True)
    #: How good the learner's predictions are so far, in words.
    score = traitlets.Unicode().tag(sync=True)

    def __init__(self, asked, then=None, **traits):
        if not isinstance(then, Picture | str | None):
            raise TypeError(f"then must be a Picture or a text, got {then!r}")
        super().__init__(asked, outcome=_outcome(then), **traits)
        if self.questions[0].kind == "order":
            raise ValueError(f"{self.questions[0].name} asks for an order: use quiz for it")

    @property
    def made(self):
        """Whether a prediction was made."""
        return bool(self.answers)

    def fit(self, answers):
        if self.answers and answers != self.answers:
            raise ValueError("the prediction was made: run the cell again for another")
        return super().fit(answers)

    @traitlets.observe("answers")
    def _tell_score(self, change):
        if change.new:
            kept = progress.summary()
            if kept.brier is not None:
                self.score = (
                    f"{len(kept.predictions)} predictions so far, "
                    f"{sum(bool(e.get('right')) for e in kept.predictions.values())} right; "
                    f"calibration {kept.brier:.2f} (0 is best, always saying 50 % gets 0.25)"
                )

    def facts(self):
        return {"confidence": self.confidence}

    def text(self):
        ending = "What happens is shown after you have predicted."
        if self.made or self.unlocked:
            ending = self.outcome.get("text", "")
        return "\n".join(filter(None, [super().text().removeprefix("1. "), ending]))


def _outcome(then):
    if isinstance(then, Picture):
        data, _ = then._repr_mimebundle_()
        return {"text": repr(then), "image": f"data:image/png;base64,{data['image/png']}"}
    return {} if then is None else {"text": then}
