"""Update rules as lines of text that Python and JavaScript both compute, number by number.

The lines of :mod:`optlearn.rules`, in its order of operations. They are written once, in the part
of the two languages that is the same, so that an explorer can show each line with its numbers.
"""

import functools
import math
import re

MEANS = (
    ("m", "beta1 * m + (1 - beta1) * g", "running mean of g"),
    ("v", "beta2 * v + (1 - beta2) * g**2", "running mean of g²"),
)
CORRECTED = (
    ("m_hat", "m / (1 - beta1**t)", "corrected for the start at zero"),
    ("v_hat", "v / (1 - beta2**t)", "corrected for the start at zero"),
)
RAW = (("m_hat", "m", "not corrected"), ("v_hat", "v", "not corrected"))
STEP = ("w", "w - lr * m_hat / (sqrt(v_hat) + eps)", "the step")

#: Each optimizer: its lines (what is computed, how, what it is) and its hyperparameters.
LINES = {
    "sgd": (("w", "w - lr * g", "the step"),),
    "momentum": (
        ("b", "momentum * b + g", "what earlier gradients push"),
        ("w", "w - lr * b", "the step"),
    ),
    "nesterov": (
        ("b", "momentum * b + g", "what earlier gradients push"),
        ("w", "w - lr * (g + momentum * b)", "the step, one push ahead"),
    ),
    "adagrad": (
        ("v", "v + g**2", "sum of all g²"),
        ("w", "w - lr * g / (sqrt(v) + eps)", "the step"),
    ),
    "rmsprop": (
        ("v", "alpha * v + (1 - alpha) * g**2", "running mean of g²"),
        ("w", "w - lr * (g / (sqrt(v) + eps))", "the step"),
    ),
    "adadelta": (
        ("v", "rho * v + (1 - rho) * g**2", "running mean of g²"),
        ("u", "sqrt(d + eps) / sqrt(v + eps) * g", "the step, in the weight's own units"),
        ("d", "rho * d + (1 - rho) * u**2", "running mean of u²"),
        ("w", "w - lr * u", "the step"),
    ),
    "adam": (*MEANS, *CORRECTED, STEP),
    "amsgrad": (
        *MEANS,
        ("v_max", "max(v_max, v)", "the largest v so far"),
        CORRECTED[0],
        ("v_hat", "v_max / (1 - beta2**t)", "corrected for the start at zero"),
        STEP,
    ),
    "adamw": (
        ("w", "(1 - lr * weight_decay) * w", "weight decay, beside the gradient"),
        *MEANS,
        *CORRECTED,
        STEP,
    ),
    "lion": (
        ("u", "sign(beta1 * m + (1 - beta1) * g)", "the sign of a mean"),
        ("w", "w - lr * u", "the step"),
        ("m", "beta2 * m + (1 - beta2) * g", "running mean of g"),
    ),
}
#: State vectors of each optimizer.
STATE = {
    "sgd": (), "momentum": ("b",), "nesterov": ("b",), "adagrad": ("v",), "rmsprop": ("v",),
    "adadelta": ("v", "d"), "adam": ("m", "v"), "amsgrad": ("m", "v", "v_max"),
    "adamw": ("m", "v"), "lion": ("m",),
}  # fmt: skip
FUNCTIONS = {
    "__builtins__": {}, "sqrt": math.sqrt, "max": max,
    "sign": lambda x: math.copysign(1.0, x) if x else 0.0,
}  # fmt: skip


def lines(optimizer, correct=True):
    """Return the lines of an optimizer; without the correction of the bias if so wanted."""
    chosen = LINES[optimizer]
    if correct:
        return chosen
    raw = {"m_hat": RAW[0], "v_hat": RAW[1]}
    if optimizer == "amsgrad":
        raw["v_hat"] = ("v_hat", "v_max", "not corrected")
    return tuple(raw.get(line[0], line) for line in chosen)


def corrects(optimizer):
    """Tell whether the optimizer corrects the bias of its means."""
    return any(name == "m_hat" for name, _, _ in LINES[optimizer])


def compute(optimizer, values, correct=True):
    """Take one step: change ``values`` line by line; return the numbers before each line."""
    before = []
    for name, text, _ in lines(optimizer, correct):
        before.append(dict(values))
        values[name] = eval(_compiled(text), FUNCTIONS, values)
    return before


@functools.cache
def _compiled(text):
    return compile(text, text, "eval")


def javascript():
    """Return a fragment with the same lines as functions of the browser."""
    entries = []
    for optimizer in LINES:
        both = [lines(optimizer, correct) for correct in (True, False)]
        steps = [", ".join(_entry(*line) for line in each) for each in both]
        entries.append(
            f"  {optimizer}: {{ state: {list(STATE[optimizer])}, corrected: [{steps[0]}], "
            f"raw: [{steps[1]}] }},"
        )
    return "const FORMULAS = {\n" + "\n".join(entries) + "\n};\n"


def _entry(name, text, meaning):
    body = re.sub(r"\b(sqrt|max|sign)\b", r"Math.\1", text)
    body = re.sub(r"(?<![.\w])([a-zA-Z]\w*)(?!\w*\()", _field, body)
    return f'["{name}", (s) => {body}, "{text}", "{meaning}"]'


def _field(match):
    return match[0] if match[0] == "Math" else f"s.{match[0]}"
