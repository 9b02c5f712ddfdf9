"""Schedules: equal to PyTorch, Optax and the papers; safe to send, to resume and to mistype."""

import io
import json
import math
import pickle
from pathlib import Path

import numpy as np
import pytest

from optlearn import Parameter, datasets, nn, schedules
from optlearn.optim import SGD, Adam
from optlearn.schedules import (
    ReduceOnPlateau,
    chain,
    constant,
    cosine,
    exponential,
    inverse_sqrt,
    linear,
    one_cycle,
    step_decay,
    warmup,
)
from optlearn.training import fit

GOLDEN = json.loads((Path(__file__).parent / "golden" / "schedules.json").read_text("utf8"))

#: What the golden file holds, and ours.
OURS = {
    "torch StepLR(0.1, 7, 0.5)": step_decay(0.1, 7, 0.5),
    "torch StepLR(0.1, 1, 1.0)": step_decay(0.1, 1, 1.0),
    "torch ExponentialLR(0.3, 0.93)": exponential(0.3, 0.93),
    "torch CosineAnnealingLR(0.1, 39)": cosine(0.1, 39),
    "torch CosineAnnealingLR(0.1, 39, 0.01)": cosine(0.1, 39, final=0.01),
    "torch LinearLR(0.1, 1, 0.25, 30)": linear(0.1, 30, final=0.025),
    "torch LinearLR(0.1, 1, 0, 30)": linear(0.1, 30),
    "torch warm-up 8, CosineAnnealingLR(0.1, 31, 0.002)": cosine(0.1, 39, 8, 0.002),
    "torch warm-up 6, LinearLR(0.2, 1, 0.1, 20)": linear(0.2, 26, 6, 0.02),
    "torch warm-up 5, StepLR(0.1, 7, 0.5)": warmup(step_decay(0.1, 7, 0.5), 5),
    "torch SequentialLR(0.1)": chain(
        (constant(0.05), 5), (exponential(0.1, 0.9), 10), (step_decay(0.1, 4, 0.1), 25)
    ),
    "torch OneCycleLR(0.5, 40)": one_cycle(0.5, 40),
    "torch OneCycleLR(0.5, 37)": one_cycle(0.5, 37),
    "torch OneCycleLR(0.5, 40, three_phase)": one_cycle(0.5, 40, three_phase=True),
    "torch OneCycleLR(0.5, 33, 0.45, 10, 100, linear, three_phase)": one_cycle(
        0.5, 33, 0.45, 10, 100, "linear", three_phase=True
    ),
    "torch OneCycleLR(0.5, 20, 0.2, linear)": one_cycle(
        0.5, 20, pct_start=0.2, anneal_strategy="linear"
    ),
    # Optax has the peak once, so its fall runs one step ahead of ours: it is a chain.
    "optax warmup_cosine_decay_schedule(0.1 / 8, 0.1, 7, 38, 0.002)": chain(
        (warmup(constant(0.1), 8), 7), (cosine(0.1, 31, final=0.002), 31)
    ),
    "optax warmup_exponential_decay_schedule(0.1 / 8, 0.1, 7, 1, 0.9)": chain(
        (warmup(constant(0.1), 8), 7), (exponential(0.1, 0.9), 33)
    ),
    "optax warmup_constant_schedule(0.1 / 8, 0.1, 7)": warmup(constant(0.1), 8),
    "optax cosine_decay_schedule(0.1, 30)": cosine(0.1, 30),
    "optax linear_schedule(0.1, 0.01, 30)": linear(0.1, 30, final=0.01),
    "optax exponential_decay(0.1, 6, 0.5, staircase)": step_decay(0.1, 6, 0.5),
    "optax join_schedules(0.2, cosine 0.1)": chain((constant(0.2), 10), (cosine(0.1, 20), 20)),
    "Vaswani et al., equation 3, d = 64, warm-up 12": inverse_sqrt(1 / math.sqrt(64 * 12), 12),
}


def rates(schedule, steps):
    return [schedule(t) for t in range(1, steps + 1)]


def test_the_golden_file_and_the_table_hold_the_same_schedules():
    assert set(OURS) == set(GOLDEN["rates"])
    assert set(GOLDEN["versions"]) == {"torch", "optax"}
    assert {type(schedule).__name__ for schedule in OURS.values()} == (
        set(schedules.__all__) - {"ReduceOnPlateau", "constant"}  # constant is in the chains
    )


@pytest.mark.parametrize("name", OURS)
def test_rates_are_those_of_the_oracle(name):
    wanted = GOLDEN["rates"][name]
    assert len(wanted) >= 20
    np.testing.assert_allclose(rates(OURS[name], len(wanted)), wanted, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("case", GOLDEN["plateau"], ids=lambda case: case["id"])
def test_reduce_on_plateau_follows_torch(case):
    plateau = ReduceOnPlateau(0.1, **case["options"])
    found = []
    for loss in case["losses"]:
        plateau.update(float(loss))
        found.append(plateau(7))
    np.testing.assert_allclose(found, case["rates"], rtol=1e-12)


def test_the_plateau_goldens_cut_and_do_not():
    cuts = {len(set(case["rates"])) for case in GOLDEN["plateau"]}
    assert {1, 2, 3} <= cuts


WARM = [
    (cosine(0.3, 50, 10, 0.01), 10),
    (linear(0.3, 50, 10), 10),
    (linear(0.3, 3, 2), 2),
    (warmup(cosine(0.3, 40), 10), 10),
    (warmup(exponential(0.3, 0.9), 10), 10),
    (warmup(step_decay(0.3, 5, 0.5), 1), 1),
    (inverse_sqrt(0.3, 10), 10),
]


@pytest.mark.parametrize(("schedule", "end"), WARM, ids=str)
def test_a_warmup_rises_evenly_to_the_peak_and_then_only_falls(schedule, end):
    found = np.array(rates(schedule, 50))
    np.testing.assert_allclose(found[:end], 0.3 * np.arange(1, end + 1) / end, rtol=1e-14)
    assert found[end - 1] == found.max() == 0.3
    assert np.all(np.diff(found[end - 1 :]) <= 0)
    assert found[end] > 0.28 * (end > 1)  # continuous: no jump from the rise to the fall


@pytest.mark.parametrize("T", [1, 2, 7, 100])
@pytest.mark.parametrize("final", [0.0, 0.02, 0.1])
@pytest.mark.parametrize("kind", [cosine, linear])
def test_a_fall_is_positive_on_every_step_and_stays_at_its_end(kind, T, final):
    schedule = kind(0.1, T, final=final)
    assert schedule(1) == 0.1
    assert min(rates(schedule, T)) > 0
    assert {schedule(t) for t in (T + 1, T + 2, 10 * T, 10**9)} == {final}


def test_one_cycle_meets_its_three_rates_and_stays_at_the_last():
    schedule = one_cycle(0.5, 40)
    found = rates(schedule, 40)
    assert found[0] == pytest.approx(0.5 / 25)
    assert found[11] == max(found) == pytest.approx(0.5)
    assert found[39] == schedule(41) == schedule(4000) == pytest.approx(0.5 / 25 / 1e4)
    assert np.all(np.diff(found[:12]) > 0)
    assert np.all(np.diff(found[11:]) < 0)


def test_a_chain_restarts_each_part_and_stays_where_the_last_arrived():
    schedule = chain((linear(0.1, 3), 3), (exponential(0.2, 0.5), 2))
    found = rates(schedule, 7)
    np.testing.assert_allclose(found, [0.1, 0.2 / 3, 0.1 / 3, 0.2, 0.1, 0.05, 0.05], rtol=1e-14)


def test_warmup_of_a_schedule_and_of_an_argument_are_one():
    a, b = warmup(cosine(0.1, 40), 10), cosine(0.1, 50, warmup=10)
    assert rates(a, 60) == rates(b, 60)


EVERY = [
    *{type(s).__name__: s for s in OURS.values()}.values(),
    constant(0.1),
    ReduceOnPlateau(0.1, patience=0),
]


@pytest.mark.parametrize("schedule", EVERY, ids=str)
def test_a_schedule_is_pickled_and_printed_as_it_was_made(schedule):
    copy = pickle.loads(pickle.dumps(schedule))
    assert rates(copy, 60) == rates(schedule, 60)
    assert all(type(lr) is float for lr in rates(schedule, 3))
    made = eval(repr(schedule), vars(schedules).copy())
    assert rates(made, 60) == rates(schedule, 60)
    assert repr(made) == repr(copy) == repr(schedule)


def test_numpy_numbers_serve_and_leave_no_trace_in_the_rate():
    lr, steps = np.float32(0.1), np.int64(10)
    for schedule in (constant(lr), cosine(lr, steps, np.int64(2)), ReduceOnPlateau(lr)):
        assert type(schedule(np.int64(1))) is float


def test_equal_schedules_are_equal_and_cannot_be_changed():
    assert cosine(0.1, 10) == cosine(0.1, 10) != cosine(0.1, 11)
    assert cosine(0.1, 10) != linear(0.1, 10)
    assert len({cosine(0.1, 10), cosine(0.1, 10), chain((constant(0.1), 3))}) == 2
    with pytest.raises(AttributeError):
        cosine(0.1, 10).peak = 0.2


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: constant(0), "lr must be a finite number above 0 .*got 0"),
        (lambda: constant(math.nan), "lr must be a finite number .*got nan"),
        (lambda: constant("0.1"), "lr must be a finite number .*got '0.1'"),
        (lambda: step_decay(-0.1, 5, 0.5), "lr must .*got -0.1"),
        (lambda: step_decay(0.1, 0, 0.5), "every must be a whole number >= 1, got 0: count"),
        (lambda: step_decay(0.1, 5, 1.5), r"factor must .*in \(0, 1\].*got 1.5"),
        (lambda: exponential(math.inf, 0.9), "lr must .*got inf"),
        (lambda: exponential(0.1, 0), r"factor must .*in \(0, 1\].*got 0"),
        (lambda: exponential(0.1, -0.5), "factor must .*got -0.5"),
        (lambda: cosine(0, 10), "peak must .*got 0"),
        (lambda: cosine(0.1, 0), "steps must be a whole number >= 1, got 0"),
        (lambda: cosine(0.1, 10.0), "steps must be a whole number >= 1, got 10.0"),
        (lambda: cosine(0.1, 10, -1), "warmup must be a whole number >= 0, got -1"),
        (lambda: cosine(0.1, 10, 10), "warmup=10 and steps=10.*raise it or warm up for less"),
        (lambda: cosine(0.1, 10, final=-0.1), r"final must .*\[0, peak=0.1\], got -0.1"),
        (lambda: linear(0.1, 10, final=0.2), r"final must .*\[0, peak=0.1\], got 0.2"),
        (lambda: linear(0.1, 10, final=math.nan), "final must .*got nan"),
        (lambda: linear(-1, 10), "peak must .*got -1"),
        (lambda: linear(0.1, 5, 6), "warmup=6 and steps=5"),
        (lambda: warmup(constant(0.1), 0), "steps must be a whole number >= 1, got 0"),
        (lambda: one_cycle(0, 100), "peak must .*got 0"),
        (lambda: one_cycle(0.1, 0), "steps must .*got 0"),
        (lambda: one_cycle(0.1, 3), "steps=3 and pct_start=0.3 leave no step to rise"),
        (lambda: one_cycle(0.1, 100, pct_start=1.0), r"pct_start must .*\(0, 1\), got 1.0"),
        (lambda: one_cycle(0.1, 100, 0.6, three_phase=True), r"\(0, 0.5\] with three_phase, got 0"),
        (lambda: one_cycle(0.1, 100, div_factor=0.5), "div_factor must .*>= 1.*got 0.5"),
        (lambda: one_cycle(0.1, 100, final_div_factor=0), "final_div_factor must .*got 0"),
        (lambda: one_cycle(0.1, 100, anneal_strategy="sin"), "one of .*cos.*got 'sin'"),
        (lambda: inverse_sqrt(0, 10), "peak must .*got 0"),
        (lambda: inverse_sqrt(0.1, 0), "warmup must be a whole number >= 1, got 0"),
        (lambda: chain(), "chain.. is empty: pass pairs"),
        (lambda: chain((constant(0.1), 0)), "steps must be a whole number >= 1, got 0"),
        (lambda: ReduceOnPlateau(0), "lr must .*got 0"),
        (lambda: ReduceOnPlateau(0.1, 1.0), r"factor must .*\(0, 1\).*got 1.0"),
        (lambda: ReduceOnPlateau(0.1, patience=-1), "patience must .*>= 0, got -1"),
        (lambda: ReduceOnPlateau(0.1, threshold=1), "threshold must .*got 1"),
        (lambda: ReduceOnPlateau(0.1, cooldown=0.5), "cooldown must .*got 0.5"),
        (lambda: ReduceOnPlateau(0.1, min_lr=0.2), r"min_lr must .*\[0, lr=0.1\], got 0.2"),
        (lambda: ReduceOnPlateau(0.1, eps=-1), "eps must .*got -1"),
        (lambda: ReduceOnPlateau(0.1).load_state_dict({"lr": 0.1}), "must hold lr, best"),
        *[(lambda s=s: s(0), "t must be .*>= 1, got 0: the first step is t = 1") for s in EVERY],
        (lambda: cosine(0.1, 10)(-3), "t must .*got -3"),
        (lambda: cosine(0.1, 10)(1.5), "t must .*got 1.5"),
    ],
)
def test_bad_input_is_named_with_its_remedy(make, says):
    with pytest.raises(ValueError, match=says):
        make()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: warmup(0.1, 10), r"callable t -> lr, got 0.1: try constant\(0.1\)"),
        (lambda: chain((0.1, 10)), "callable t -> lr, got 0.1"),
        (lambda: chain(constant(0.1), 10), r"pairs \(schedule, steps\), got constant"),
    ],
)
def test_what_is_no_schedule_is_refused(make, says):
    with pytest.raises(TypeError, match=says):
        make()


def descend(opt, p, steps):
    """Take steps with gradients of one; return the distance of each, which is the rate."""
    moved = []
    for _ in range(steps):
        before = p.data.copy()
        p.grad = np.ones(1)
        opt.step()
        moved.append(float((before - p.data)[0]))
    return moved


def test_an_optimizer_uses_the_rate_of_its_step_and_lets_it_be_replaced():
    p, schedule = Parameter(np.zeros(1)), cosine(0.1, 100, warmup=10)
    opt = SGD([p], lr=schedule)
    assert opt.lr == schedule(1)
    np.testing.assert_allclose(descend(opt, p, 30), rates(schedule, 30), rtol=1e-12)
    assert opt.lr == schedule(31)
    opt.lr = 0.5
    np.testing.assert_allclose(descend(opt, p, 2), [0.5, 0.5], rtol=1e-12)
    opt.lr = linear(0.2, 50)  # a new schedule goes on at the optimizer's step
    assert opt.lr == linear(0.2, 50)(33)


@pytest.mark.parametrize("schedule", EVERY, ids=str)
def test_training_resumes_in_mid_schedule_exactly(schedule):
    def run(steps, saved=None):
        p = Parameter(np.array([1.0, -2.0, 3.0]), "w")
        opt = Adam([p], lr=schedule)
        if saved is not None:
            p.data = saved["w"]
            opt.load_state_dict({k: v for k, v in saved.items() if k != "w"})
        for _ in range(steps):
            p.grad = p.data**3
            opt.step()
        file = io.BytesIO()
        np.savez(file, w=p.data, **opt.state_dict())
        file.seek(0)
        return dict(np.load(file))

    through, half = run(37), run(13)
    resumed = run(24, half)
    assert "lr" not in half
    assert through["t"] == resumed["t"] == 37
    for name in ("w", "m", "v"):
        assert np.array_equal(through[name], resumed[name])


def problem(lr):
    """A small network whose validation loss soon stops falling."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(24, 3)), rng.normal(size=(24, 1))
    model = nn.Sequential(nn.Linear(3, 1, rng=0, dtype=np.float64))
    loader = datasets.DataLoader(x[:16], y[:16], batch_size=8, rng=1)
    return model, nn.MSELoss(), SGD(model.parameters(), lr=lr), loader, (x[16:], y[16:])


def train(plateau, epochs, **options):
    model, loss, opt, loader, validation = problem(plateau)
    used = []

    def record(history, model, optimizer):
        used.append(optimizer.lr)

    history = fit(
        model, loss, opt, loader, epochs,
        validation=validation, callbacks=[plateau, record], **options,
    )  # fmt: skip
    return history, used, [p.data.copy() for p in model.parameters()]


def test_reduce_on_plateau_is_a_callback_of_fit():
    plateau = ReduceOnPlateau(0.2, factor=0.5, patience=1)
    history, used, _ = train(plateau, 30)
    again, wanted = ReduceOnPlateau(0.2, factor=0.5, patience=1), []
    for loss in history["val_loss"]:
        again.update(loss)
        wanted.append(again.lr)
    assert used == wanted
    assert len(used) == 30, "the callback must not end the training"
    assert 3 <= len(set(used)) < 30
    assert plateau.lr == used[-1] < 0.2


@pytest.mark.parametrize("stop", [1, 7, 12, 19])
def test_reduce_on_plateau_survives_a_checkpoint_of_fit(tmp_path, stop):
    def new():
        return ReduceOnPlateau(0.2, factor=0.5, patience=1, cooldown=1)

    through, used, weights = train(new(), 20)
    train(new(), stop, checkpoint=tmp_path / "c.npz")
    resumed, later, end = train(new(), 20, checkpoint=tmp_path / "c.npz")
    assert later == used[stop:]
    assert resumed["val_loss"] == through["val_loss"]
    assert all(np.array_equal(a, b) for a, b in zip(weights, end))


def test_a_used_plateau_starts_over_when_told_the_history():
    plateau = ReduceOnPlateau(0.1, patience=0, factor=0.5)
    for loss in (1.0, 2.0, 3.0):
        plateau.update(loss)
    assert plateau.lr == 0.025
    plateau.resume({"val_loss": [1.0, 2.0]})
    assert plateau.state_dict() == {"lr": 0.05, "best": 1.0, "bad": 0, "cooling": 0}


def test_the_state_of_reduce_on_plateau_goes_through_npz_and_pickle():
    losses = [float(x) for x in GOLDEN["plateau"][0]["losses"]]
    options = {"patience": 1, "cooldown": 2, "factor": 0.5}
    through = ReduceOnPlateau(0.1, **options)
    for stop in range(len(losses)):
        through.update(losses[stop])
        file = io.BytesIO()
        np.savez(file, **through.state_dict())
        file.seek(0)
        loaded = ReduceOnPlateau(0.1, **options)
        loaded.load_state_dict(dict(np.load(file)))
        pickled = pickle.loads(pickle.dumps(through))
        straight = ReduceOnPlateau(0.1, **options)
        for loss in losses[: stop + 1]:
            straight.update(loss)
        for loss in losses[stop + 1 :]:
            for plateau in (loaded, pickled, straight):
                plateau.update(loss)
        assert loaded.state_dict() == pickled.state_dict() == straight.state_dict()


def test_reduce_on_plateau_says_what_it_misses():
    plateau = ReduceOnPlateau(0.1, patience=0)
    with pytest.raises(ValueError, match=r"no 'val_loss': pass validation=\(x, y\) to fit"):
        plateau({"loss": [1.0]}, "model", "optimizer")
    plateau({"val_loss": [1.0]}, "model", "optimizer")
    with pytest.raises(ValueError, match="no optimizer has asked for it: build the optimizer"):
        plateau({"val_loss": [1.0, 2.0]}, "model", "optimizer")
    watching = ReduceOnPlateau(0.1, monitor="loss")
    watching({"loss": [1.0]}, "model", "optimizer")
    assert watching.best == 1.0
