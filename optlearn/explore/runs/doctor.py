"""The curve doctor: find out what is wrong with a training from its curves."""

from typing import ClassVar

import numpy as np

from ... import experiments, plots
from ..base import VIEW, Checked, Explorer, digits, module, whole
from ..forms import Form
from .played import percent

#: The runs in the order in which they are shown, which tells nothing.
CASES = (
    "dead-units", "overfitting", "rate-too-high", "sound", "loss-summed", "adagrad-died",
    "labels-misaligned", "momentum-too-high", "leak", "rate-too-low", "tiny-batch-norm", "sorted",
    "gradient-explodes", "equal-start", "decay-too-strong", "inputs-not-scaled",
    "gradients-pile-up",
)  # fmt: skip


class Doctor(Form):
    """The widget that ``runs("doctor")`` returns.

    Answers go into the learner's record, as those of :func:`optlearn.explore.quiz` do.
    """

    _esm = module("chart.js", *VIEW, "form.js", "runs_doctor.js")
    usual: ClassVar = {"case": 1}

    case = Checked(lambda value: whole("case", value, 1, len(CASES)))
    #: The computed runs, in the order of the cases.
    found = Checked(list)

    def __init__(self, **controls):
        unknown = [name for name in controls if name not in self.usual]
        if unknown:
            raise TypeError(f"there is no control {unknown[0]!r} here: there is case")
        result = experiments.get("doctor.cases").result()
        super().__init__(
            *(f"doctor.{case}" for case in CASES),
            found=[result[case] for case in CASES],
            **(self.usual | controls),
        )

    def text(self):
        run = self.found[self.case - 1]
        question = self.shown().questions[self.case - 1]
        firsts, lasts = (
            {k: _number(run[k][i]) for k in ("loss", "val_loss", "update", "gradient")}
            for i in (0, -1)
        )
        return "\n".join(
            [
                f"training {self.case} of {len(CASES)}: {question.text}",
                f"loss of the first batch before training {digits(run['first'])} (guessing: 2.3)",
                f"after {len(run['loss'])} epochs: training accuracy "
                f"{percent(run['accuracy'][-1])}, validation {percent(run['val_accuracy'][-1])}, "
                f"test {percent(run['test'])}",
                *(
                    f"{name}: {_said(firsts[k])} in the first epoch, {_said(lasts[k])} in the last"
                    for k, name in (
                        ("loss", "training loss"), ("val_loss", "validation loss"),
                        ("update", "step beside the weights"), ("gradient", "norm of the gradient"),
                    )
                ),
                f"hidden units that are on for some example {percent(run['units_on'])}, that "
                f"differ from the others {percent(run['units_distinct'])}",
                *question.markdown()[1:5],
            ]
        ).replace("**", "")  # fmt: skip

    def axes(self):
        run = self.found[self.case - 1]
        ax = plots.axes()
        epochs = np.arange(1, len(run["loss"]) + 1)
        for number, (key, name) in enumerate(
            {"loss": "training", "val_loss": "validation"}.items()
        ):
            ax.plot(
                epochs, [_number(v) for v in run[key]], color=plots.COLORS[number],
                linestyle=plots.DASHES[number], label=name,
            )  # fmt: skip
        ax.set(yscale="log", xlabel="epoch", ylabel="loss")
        ax.legend()
        ax.set_title(self.text().splitlines()[0], fontsize=9)
        return ax

    def _repr_mimebundle_(self, **kwargs):
        return Explorer._repr_mimebundle_(self, **kwargs)  # it has a picture, other than a form


def _number(value):
    """Return a stored value as a number; what is not finite is stored as text."""
    return float(value)


def _said(value):
    return digits(value) if np.isfinite(value) else "no number"
