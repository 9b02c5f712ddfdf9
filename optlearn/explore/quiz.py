"""The quiz: questions whose every wrong answer gets an answer of its own."""

from .base import VIEW, module
from .forms import Form


def quiz(*asked):
    """Return a form that asks questions and answers each answer.

    A question is a choice, a number or lines to put in order; all work by keyboard. Answers go
    into the learner's own record (:mod:`optlearn.progress`), which never leaves the computer.

    Parameters
    ----------
    *asked : str or Question
        Names of the lessons' questions, such as ``"02.limit"``, or questions of your own
        (:class:`optlearn.questions.Question`).

    Raises
    ------
    ValueError
        For a name that no lesson has; the known ones are listed.

    Examples
    --------
    >>> form = quiz("02.limit")
    >>> form.answers = {"02.limit": 0.25}
    >>> print(form.text().splitlines()[-1][:45])
    You said 0.25. Not yet. $1/L$ is the rate tha
    """
    return Quiz(*asked)


class Quiz(Form):
    """The widget that :func:`quiz` returns."""

    _esm = module(*VIEW, "form.js", "quiz.js")
