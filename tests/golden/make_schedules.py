"""Write ``schedules.json``: what PyTorch and Optax give for each step of their schedules.

Run with ``python tests/golden/make_schedules.py`` where torch and optax are installed. The keys
name the schedule and its arguments; ``tests/test_schedules.py`` puts ours beside each of them.
"""

import json
import math
from pathlib import Path

import jax
import optax
import torch
from torch.optim import lr_scheduler as torch_lr

jax.config.update("jax_enable_x64", True)

STEPS = 40
LOSSES = {
    "stalls": [
        1.0,
        0.8,
        0.7,
        *[0.7] * 6,
        0.6,
        0.59999,
        0.59998,
        0.61,
        *[0.6] * 10,
        0.1,
        *[0.2] * 6,
    ],
    "nan": [1.0, math.nan, 0.5, math.nan, math.nan, math.inf, 0.4, *[math.nan] * 6],
    "falls": [0.9**i for i in range(20)],
    "just misses": [(1 - 1e-4) ** i for i in range(12)],
}


def optimizer(lr):
    return torch.optim.SGD([torch.zeros(1, dtype=torch.float64, requires_grad=True)], lr=lr)


def torch_rates(lr, make, steps=STEPS):
    """Return the rates that ``steps`` calls of the optimizer's step use."""
    opt = optimizer(lr)
    scheduler = make(opt)
    rates = []
    for _ in range(steps):
        rates.append(opt.param_groups[0]["lr"])
        opt.step()
        scheduler.step()
    return rates


def after_losses(lr, losses, **options):
    """Return the rate after each loss."""
    opt = optimizer(lr)
    scheduler = torch_lr.ReduceLROnPlateau(opt, **options)
    rates = []
    for loss in losses:
        scheduler.step(loss)
        rates.append(opt.param_groups[0]["lr"])
    return rates


def behind_warmup(opt, steps, then):
    """Rise from ``lr / steps`` to ``lr`` in ``steps`` updates, then start another scheduler."""
    rise = torch_lr.LinearLR(opt, start_factor=1 / steps, total_iters=steps - 1)
    return torch_lr.SequentialLR(opt, [rise, then], milestones=[steps])


def in_sequence(opt):
    parts = [
        torch_lr.ConstantLR(opt, factor=0.5, total_iters=1000),
        torch_lr.ExponentialLR(opt, gamma=0.9),
        torch_lr.StepLR(opt, step_size=4, gamma=0.1),
    ]
    return torch_lr.SequentialLR(opt, parts, milestones=[5, 15])


def torch_values():
    one = torch_lr.OneCycleLR
    return {
        "torch StepLR(0.1, 7, 0.5)": torch_rates(0.1, lambda o: torch_lr.StepLR(o, 7, 0.5)),
        "torch StepLR(0.1, 1, 1.0)": torch_rates(0.1, lambda o: torch_lr.StepLR(o, 1, 1.0)),
        "torch ExponentialLR(0.3, 0.93)": torch_rates(
            0.3, lambda o: torch_lr.ExponentialLR(o, 0.93)
        ),
        "torch CosineAnnealingLR(0.1, 39)": torch_rates(
            0.1, lambda o: torch_lr.CosineAnnealingLR(o, 39)
        ),
        "torch CosineAnnealingLR(0.1, 39, 0.01)": torch_rates(
            0.1, lambda o: torch_lr.CosineAnnealingLR(o, 39, 0.01)
        ),
        "torch LinearLR(0.1, 1, 0.25, 30)": torch_rates(
            0.1, lambda o: torch_lr.LinearLR(o, 1.0, 0.25, 30)
        ),
        "torch LinearLR(0.1, 1, 0, 30)": torch_rates(
            0.1, lambda o: torch_lr.LinearLR(o, 1.0, 0.0, 30)
        ),
        "torch warm-up 8, CosineAnnealingLR(0.1, 31, 0.002)": torch_rates(
            0.1, lambda o: behind_warmup(o, 8, torch_lr.CosineAnnealingLR(o, 31, 0.002))
        ),
        "torch warm-up 6, LinearLR(0.2, 1, 0.1, 20)": torch_rates(
            0.2, lambda o: behind_warmup(o, 6, torch_lr.LinearLR(o, 1.0, 0.1, 20))
        ),
        "torch warm-up 5, StepLR(0.1, 7, 0.5)": torch_rates(
            0.1, lambda o: behind_warmup(o, 5, torch_lr.StepLR(o, 7, 0.5))
        ),
        "torch SequentialLR(0.1)": torch_rates(0.1, in_sequence),
        "torch OneCycleLR(0.5, 40)": torch_rates(0.1, lambda o: one(o, 0.5, 40)),
        "torch OneCycleLR(0.5, 37)": torch_rates(0.1, lambda o: one(o, 0.5, 37), 37),
        "torch OneCycleLR(0.5, 40, three_phase)": torch_rates(
            0.1, lambda o: one(o, 0.5, 40, three_phase=True)
        ),
        "torch OneCycleLR(0.5, 33, 0.45, 10, 100, linear, three_phase)": torch_rates(
            0.1,
            lambda o: one(
                o, 0.5, 33, pct_start=0.45, div_factor=10.0, final_div_factor=100.0,
                anneal_strategy="linear", three_phase=True,
            ),
            33,
        ),
        "torch OneCycleLR(0.5, 20, 0.2, linear)": torch_rates(
            0.1, lambda o: one(o, 0.5, 20, pct_start=0.2, anneal_strategy="linear"), 20
        ),
    }  # fmt: skip


def optax_values():
    """Optax counts from 0 and takes rates at 0 as well; ours rise from ``peak / warmup``."""
    schedules = {
        "optax warmup_cosine_decay_schedule(0.1 / 8, 0.1, 7, 38, 0.002)": (
            optax.warmup_cosine_decay_schedule(0.1 / 8, 0.1, 7, 38, 0.002)
        ),
        "optax warmup_exponential_decay_schedule(0.1 / 8, 0.1, 7, 1, 0.9)": (
            optax.warmup_exponential_decay_schedule(0.1 / 8, 0.1, 7, 1, 0.9)
        ),
        "optax warmup_constant_schedule(0.1 / 8, 0.1, 7)": (
            optax.warmup_constant_schedule(0.1 / 8, 0.1, 7)
        ),
        "optax cosine_decay_schedule(0.1, 30)": optax.cosine_decay_schedule(0.1, 30),
        "optax linear_schedule(0.1, 0.01, 30)": optax.linear_schedule(0.1, 0.01, 30),
        "optax exponential_decay(0.1, 6, 0.5, staircase)": (
            optax.exponential_decay(0.1, 6, 0.5, staircase=True)
        ),
        "optax join_schedules(0.2, cosine 0.1)": optax.join_schedules(
            [optax.constant_schedule(0.2), optax.cosine_decay_schedule(0.1, 20)], [10]
        ),
    }
    return {name: [float(f(s)) for s in range(STEPS)] for name, f in schedules.items()}


def formula_values():
    """Vaswani et al. 2017, equation 3; neither library has it."""
    d, warmup = 64, 12
    rates = [d**-0.5 * min(t**-0.5, t * warmup**-1.5) for t in range(1, STEPS + 1)]
    return {"Vaswani et al., equation 3, d = 64, warm-up 12": rates}


def plateau_values():
    options = {
        "defaults": {},
        "patience 2": {"patience": 2},
        "patience 0": {"patience": 0, "factor": 0.5},
        "cooldown": {"patience": 1, "cooldown": 3, "factor": 0.5},
        "min_lr": {"patience": 0, "min_lr": 0.02, "factor": 0.3},
        "threshold": {"patience": 1, "threshold": 0.05},
        "eps": {"patience": 0, "eps": 0.02, "factor": 0.5},
    }
    return [
        {
            "options": given,
            "losses": [repr(x) for x in losses],
            "rates": after_losses(0.1, losses, **given),
            "id": f"{name}: {kind}",
        }
        for name, given in options.items()
        for kind, losses in LOSSES.items()
    ]


def main():
    golden = {
        "versions": {"torch": torch.__version__, "optax": optax.__version__},
        "rates": torch_values() | optax_values() | formula_values(),
        "plateau": plateau_values(),
    }
    lines = json.dumps(golden, indent=None, separators=(", ", ": ")).replace("], ", "],\n")
    Path(__file__).with_name("schedules.json").write_text(lines + "\n", "utf8")


if __name__ == "__main__":
    main()
