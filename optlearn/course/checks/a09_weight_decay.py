"""Assignment 09, weight decay: the rungs from four numbers by hand to an AdamW of your own."""

from functools import partial

import numpy as np

from ... import rules, wrong_rules
from .answers import predicted, several
from .engine import Task, asks
from .ordering import ordered, shuffled, walks_as
from .probe import call, is_blank, numbers
from .report import Part, grade
from .updates import asks_rule, examine

# ------------------------------------------------------------------------ 1. predict by hand


def _draw_predict(rng):
    start, slope = int(rng.choice([4, 5, 6])), int(rng.choice([-3, -2]))
    lr, decay = float(rng.choice([0.1, 0.2])), float(rng.choice([0.9, 1.2, 1.5]))
    noise, penalty = int(rng.choice([4, 5, 8, 10])), int(rng.choice([1, 2]))
    text = (
        f"Your weight: {start}, and the slope of the loss there: {slope}\n"
        f"Your learning rate: {lr}, your weight decay: {decay}; Adam's eps is too small to count\n"
        f"For the last number: gradients are noise of size {noise}, and the L2 penalty is {penalty}"
    )
    numbers = {"start": start, "slope": slope, "lr": lr, "decay": decay}
    return Task(text, **numbers, noise=noise, penalty=penalty)


def _places(task):
    """Return where the first step leads: by descent, by Adam with L2 and by AdamW."""
    w, push = task.start, rules.coupled_decay(task.start, task.slope, task.decay)
    shrunk = rules.decoupled_decay(w, task.lr, task.decay)
    return (
        w - task.lr * push,
        w - task.lr * np.sign(push),
        shrunk - task.lr * np.sign(task.slope),
    )


def _place_slips(task):
    """Return, for each of the three places, where a mistake leads."""
    (descent, l2, adamw), w, lr = _places(task), task.start, task.lr
    plain = "forgets-the-decay", "This is the step without any weight decay."
    signs = "follows-the-loss-alone", "Adam is given slope and penalty together: which sign is it?"
    unlike = "exchanges-the-rules", "This is where another of the three rules leads."
    ends = [
        (float(known.function(float(w), float(task.slope), 0.0, 0.0, t=1, lr=lr,
                              weight_decay=task.decay)[0]), known.name, known.sentence)
        for known in wrong_rules.for_rule("adamw")
    ]  # fmt: skip
    stays = [(w, "stands-still", "Nothing moved: this is the start.")]
    swaps = [(place, *unlike) for place in (descent, l2, adamw)]
    way = "returns-the-step", "This is the way alone: add it to the start."
    return (
        [
            (w - lr * task.slope, *plain),
            (2 * (w - lr * task.slope) - descent, "subtracts-the-penalty", "Both are added."),
            (descent - w, *way),
            *stays,
            *swaps,
        ],
        [
            (w - lr * np.sign(task.slope), *signs),
            (l2 - w, *way),
            *stays,
            *swaps,
            (adamw - 2 * lr, "decays-twice", "With L2 the weights themselves are not shrunk."),
        ],
        [*stays, (adamw - w, *way), *swaps[:1], *ends],
    )


def _twin_slips(task):
    penalty, noise = task.penalty, task.noise
    return [
        (penalty, "carries-lambda-over", "Adam divides the penalty by the size of the gradients."),
        (penalty * noise, "turns-it-over", "Large gradients make the penalty weak, not strong."),
        (penalty / noise**2, "forgets-the-root", "Adam divides by the size, not by its square."),
        (penalty * task.lr / noise, "counts-the-rate-twice", "Both rules have the same rate."),
        (0.0, "takes-weak-for-nothing", "It is weaker, but not zero."),
    ]


@asks(
    "09.predict",
    "predict",
    draw=_draw_predict,
    hints=(
        "In L2 the penalty joins the slope before the rule begins. In AdamW the weight is shrunk "
        "first, and the rule sees the slope alone. How long is Adam's first step?",
        "Descent: w − η (g + λ w). Adam's first step is η times the sign of what it is given. With "
        "L2 that is g + λ w, in AdamW it is g. And the effective decay is λ / √v̂.",
        "w − lr · (g + decay · w); w − lr · sign(g + decay · w); (1 − lr · decay) · w − lr · "
        "sign(g); penalty / noise",
    ),
)
def predict(answer, task, rng):
    """Check ``[descent, l2, adamw, twin]``."""
    answer = several(answer, ("descent", "l2", "adamw", "twin"))
    names = ("gradient descent with L2", "Adam with L2", "AdamW", "the decay that does as much")
    thinks = (
        "What is the slope of the loss and the penalty together?",
        "What does Adam's first step keep of the number that it is given?",
        "Which two things happen to the weight, and which of them does Adam divide?",
        "By which number does Adam divide a penalty, when the gradients are mostly noise?",
    )
    rights = (*_places(task), task.penalty / task.noise)
    slips = (*_place_slips(task), _twin_slips(task))
    return grade(
        Part(name, 1, lambda g=g, r=r, s=s, n=name: predicted(g, r, s, n), think)
        for g, r, s, name, think in zip(answer, rights, slips, names, thinks)
    )


# ------------------------------------------------------------------------ 2. order the lines

LINES = (
    "w, m, v = start, 0 * start, 0 * start",
    "path = [w]",
    "for t in range(1, steps + 1):",
    "    g = gradient(w)",
    "    w = (1 - lr * weight_decay) * w",
    "    m = beta1 * m + (1 - beta1) * g",
    "    v = beta2 * v + (1 - beta2) * g**2",
    "    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)",
    "    w = w - lr * m_hat / (np.sqrt(v_hat) + eps)",
    "    path.append(w)",
    "    g = g + weight_decay * w",
    "    w = (1 - weight_decay) * w",
)


@asks(
    "09.order",
    "implement",
    draw=partial(shuffled, LINES),
    hints=(
        "It is the Adam that you know, with one line more. Must that line change what Adam is "
        "told, or the weights? And is the slope taken at the old weights or at the shrunk ones?",
        "start → [slope → shrink → two means → corrections → step → keep] → [slope → ...] → ...",
        "First w, m, v and the path, then `for`; inside: g, the line with lr * weight_decay, m, v, "
        "the corrections, the step, append.",
    ),
)
def order(letters, task, rng):
    """Check a list of letters by running the lines in that order."""
    beta1, beta2 = betas = 0.7, 0.95
    program = partial(ordered(letters, task), beta1=beta1, beta2=beta2)
    think = "Read it aloud: where is the slope taken, what shrinks, and what does Adam divide?"
    walks = partial(walks_as, "adamw", program, betas=betas, eps=0.1, weight_decay=0.5)
    return grade([Part("your lines are AdamW", 1, walks, think)])


# -------------------------------------------------------------- 3. fill the blank, 4. write freely


@asks(
    "09.decay",
    "implement",
    reference=rules.decoupled_decay,
    hints=(
        "A share of every weight is taken away. How large is the share, and what is left?",
        "w ← w − η λ w, which is (1 − η λ) w. Here η is `lr` and λ is `weight_decay`.",
        "new_w = (1 - ... * ...) * w",
    ),
)
def decay(function, task, rng):
    """Check ``decayed(w, lr, weight_decay) -> w`` by the AdamW that it makes."""

    def adamw(w, g, m, v, t, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        new = function(w, lr, weight_decay) if callable(function) else call(function)
        if is_blank(new):
            return None
        new = numbers(new, w.shape, "the new w")
        return rules.adamw(new, g, m, v, t, lr, betas, eps)

    return examine("adamw", adamw, rng)


asks_rule(
    "09.adamw",
    "adamw",
    hints=(
        "Two things happen to the weights: they shrink, and they take Adam's step. Adam's two "
        "means hear nothing of the decay.",
        "First w ← (1 − η λ) w. Then m ← β₁ m + (1 − β₁) g and v ← β₂ v + (1 − β₂) g². Divide "
        "them by 1 − β₁ᵗ and 1 − β₂ᵗ. At last w ← w − η m̂ / (√v̂ + ε).",
        "w = decayed(w, lr, weight_decay); m = ...; v = ... as in Adam, from g alone; m_hat = "
        "m / (1 - betas[0]**t); v_hat likewise; return w - lr * m_hat / (np.sqrt(v_hat) + eps), "
        "m, v",
    ),
)
