import functools
import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import GridSearchCV, HalvingRandomSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from optlearn import datasets, nn, optim, schedules, training
from optlearn.estimators import MLPClassifier, MLPRegressor

MOONS = datasets.load("moons")
SMALL = {"hidden_layer_sizes": (16,), "random_state": 0}


def waves(outputs=1):
    x = np.random.default_rng(0).uniform(-2, 2, (200, 2))
    y = np.sin(x[:, :1] * np.arange(1, outputs + 1)) + x[:, 1:]
    return x, y[:, 0] if outputs == 1 else y


def same(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first.coefs_, second.coefs_, strict=True))


@parametrize_with_checks([MLPClassifier(), MLPRegressor()])
def test_every_check_of_scikit_learn_passes(estimator, check, monkeypatch):
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")  # else one of the checks is skipped
    check(estimator)


def test_fit_is_a_training_of_the_library():
    x, y = MOONS
    ours = MLPClassifier((16, 8), "tanh", optimizer="nesterov", lr=0.1, epochs=5, random_state=3)
    ours.fit(x, y)
    rng = np.random.default_rng(np.random.RandomState(3).randint(2**31 - 1))
    layers = [nn.Linear(2, 16, rng=rng), nn.Tanh(), nn.Linear(16, 8, rng=rng), nn.Tanh()]
    model = nn.Sequential(*layers, nn.Linear(8, 2, rng=rng))
    optimizer = optim.get("nesterov").make(model.parameters(), lr=0.1)
    loader = datasets.DataLoader(x.astype(np.float32), y, 32, rng=rng)
    history = training.fit(model, nn.CrossEntropyLoss(), optimizer, loader, 5)
    assert ours.loss_curve_ == history["loss"]
    assert ours.n_iter_ == 5
    out = model(x)
    odds = np.diff(np.log(ours.predict_proba(x)))
    np.testing.assert_allclose(odds, np.diff(out), rtol=1e-3, atol=1e-5)
    assert np.array_equal(ours.predict(x), out.argmax(1))


@pytest.mark.parametrize("name", optim.REGISTRY)
def test_every_optimizer_is_known_by_its_name(name):
    x, y = MOONS
    model = MLPClassifier(optimizer=name, epochs=20, **SMALL).fit(x, y)
    assert model.loss_curve_[-1] < model.loss_curve_[0]


def test_muon_moves_the_hidden_matrices_and_adamw_the_rest():
    model = MLPClassifier((8, 8), optimizer="muon", lr=0.02, epochs=1).fit(*MOONS)
    muon, adamw = model._optimizer.children
    assert (type(muon), type(adamw)) == (optim.Muon, optim.AdamW)
    assert [p.name for p in muon.params] == ["0.weight", "2.weight"]
    assert (muon.lr, adamw.lr) == (0.02, 1e-3)


def test_a_schedule_free_network_predicts_with_its_average():
    model = MLPClassifier(optimizer="schedule_free_sgd", epochs=3, **SMALL).fit(*MOONS)
    weight = model._model[0].weight.data
    assert not np.array_equal(model.coefs_[0], weight.T)
    with model._optimizer.averaged():
        assert np.array_equal(model.coefs_[0], weight.T)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("cosine", schedules.cosine(0.1, 60)),
        ("linear", schedules.linear(0.1, 60)),
        ("one_cycle", schedules.one_cycle(0.1, 60)),
        (functools.partial(schedules.cosine, warmup=5), schedules.cosine(0.1, 60, warmup=5)),
        (lambda lr, steps: schedules.exponential(lr, 0.9), schedules.exponential(0.1, 0.9)),
        (None, schedules.constant(0.1)),
    ],
)
def test_a_schedule_spans_all_epochs_by_name_or_factory(schedule, expected):
    given = {"optimizer": "sgd", "lr": 0.1, "epochs": 5, **SMALL}
    named = MLPClassifier(schedule=schedule, **given).fit(*MOONS)  # 12 batches an epoch
    made = clone(named).set_params(
        optimizer=lambda params: optim.SGD(params, lr=expected), lr=None, schedule=None
    )
    assert same(named, made.fit(*MOONS))
    assert named._optimizer.t == 60


def test_arguments_reach_the_optimizer_and_its_defaults_hold():
    model = MLPClassifier(optimizer="adamw", epochs=1, **SMALL)
    default = model.fit(*MOONS)._optimizer
    assert (default.lr, default.weight_decay) == (1e-3, 1e-2)
    set_to = model.set_params(lr=0.5, weight_decay=0.0).fit(*MOONS)._optimizer
    assert (set_to.lr, set_to.weight_decay) == (0.5, 0)


@pytest.mark.parametrize("outputs", [1, 3])
def test_the_regressor_learns_and_keeps_the_shape_of_y(outputs):
    x, y = waves(outputs)
    model = MLPRegressor((32,), lr=0.01, epochs=200, random_state=0).fit(x, y)
    assert model.score(x, y) > 0.9
    assert model.predict(x).shape == y.shape


def test_labels_may_be_text_and_probabilities_sum_to_one():
    x, y = MOONS
    names = np.array(["ham", "spam"])[y]
    model = MLPClassifier(lr=0.01, epochs=50, **SMALL).fit(x, names)
    assert model.score(x, names) > 0.9
    assert model.classes_.tolist() == ["ham", "spam"]
    p = model.predict_proba(x)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert np.array_equal(model.classes_[p.argmax(axis=1)], model.predict(x))


@pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])
def test_training_ends_when_the_loss_stands_still(Estimator):
    model = Estimator(lr=1e-9, epochs=50, n_iter_no_change=3, **SMALL).fit(*MOONS)
    assert model.n_iter_ == 4


@pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])
def test_early_stopping_ends_with_the_weights_of_the_best_epoch(Estimator):
    x, y = datasets.load("noisy_digits")
    given = {"lr": 0.01, "early_stopping": True, "validation_fraction": 0.3, "n_iter_no_change": 5}
    model = Estimator((64,), epochs=60, random_state=0, **given).fit(x, y)
    curve = model.validation_loss_curve_
    best = int(np.argmin(curve)) + 1
    assert len(curve) == model.n_iter_ < 60
    assert best < model.n_iter_
    shorter = Estimator((64,), epochs=best, random_state=0, **given).fit(x, y)
    assert same(model, shorter)


@pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])
def test_a_pickled_estimator_predicts_and_goes_on_as_if_nothing_had_happened(Estimator):
    x, y = MOONS
    model = Estimator(optimizer="adam", schedule="cosine", epochs=4, **SMALL).fit(x[:200], y[:200])
    twin = pickle.loads(pickle.dumps(model))
    assert np.array_equal(model.predict(x), twin.predict(x))
    for _ in range(2):
        model.partial_fit(x, y)
        twin.partial_fit(x, y)
    assert same(model, twin)
    assert model.n_iter_ == len(model.loss_curve_) == 6


def test_a_clone_is_new_and_trains_to_the_same_weights():
    model = MLPClassifier(epochs=3, **SMALL).fit(*MOONS)
    twin = clone(model)
    assert not hasattr(twin, "coefs_")
    assert same(twin.fit(*MOONS), model)
    before = [coef.copy() for coef in model.coefs_]
    assert all(np.array_equal(a, b) for a, b in zip(before, model.fit(*MOONS).coefs_, strict=True))
    assert not same(model, clone(model).set_params(random_state=1).fit(*MOONS))


def test_partial_fit_of_one_epoch_after_another_is_fit():
    x, y = MOONS
    whole = MLPClassifier(epochs=3, schedule="linear", **SMALL).fit(x, y)
    parts = MLPClassifier(epochs=3, schedule="linear", **SMALL)
    for _ in range(3):
        parts.partial_fit(x, y, classes=[0, 1])
    assert same(whole, parts)
    assert whole.loss_curve_ == parts.loss_curve_


def test_warm_start_goes_on_with_the_weights_and_a_new_optimizer():
    x, y = MOONS
    model = MLPClassifier(optimizer="sgd", lr=0.1, epochs=3, warm_start=True, **SMALL).fit(x, y)
    model.set_params(epochs=2).fit(x, y)
    straight = MLPClassifier(optimizer="sgd", lr=0.1, epochs=5, **SMALL).fit(x, y)
    assert same(model, straight)  # without momentum there is nothing to lose
    assert model.n_iter_ == 5
    assert model._optimizer.t == 2 * 12
    assert model.set_params(warm_start=False).fit(x, y).n_iter_ == 2


def test_a_grid_search_finds_a_rate():
    grid = {"lr": [1e-5, 0.02], "optimizer": ["adam", "lion"]}
    search = GridSearchCV(MLPClassifier(epochs=10, **SMALL), grid, cv=2).fit(*MOONS)
    assert search.best_params_["lr"] == 0.02
    assert search.best_score_ > 0.8


def test_halving_spends_its_epochs_on_the_best():
    search = HalvingRandomSearchCV(
        MLPClassifier(**SMALL), {"lr": np.geomspace(1e-5, 0.1, 20)}, n_candidates=6, cv=2,
        resource="epochs", min_resources=2, max_resources=18, random_state=0,
    ).fit(*MOONS)  # fmt: skip
    assert search.n_resources_ == [2, 6]
    assert search.n_candidates_ == [6, 2]
    assert search.best_estimator_.epochs == 6


def test_a_pipeline_is_cross_validated():
    x, y = MOONS
    model = make_pipeline(StandardScaler(), MLPClassifier(lr=0.02, epochs=20, **SMALL))
    assert np.mean(cross_val_score(model, 1000 * x, y, cv=3)) > 0.8


@pytest.mark.parametrize("pruning", [{}, {"enable_pruning": True, "max_iter": 5}])
def test_optuna_searches(pruning):
    optuna = pytest.importorskip("optuna", reason="uv sync --group ci")
    integration = pytest.importorskip("optuna_integration", reason="uv sync --group ci")
    rates = {"lr": optuna.distributions.FloatDistribution(1e-5, 0.1, log=True)}
    model = MLPClassifier(epochs=5, **SMALL)
    with warnings.catch_warnings():
        # The class is experimental, and uses a part of Optuna that is deprecated.
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        warnings.filterwarnings("ignore", "`optuna.terminator` module has been deprecated")
        search = integration.OptunaSearchCV(
            model, rates, n_trials=6, cv=2, random_state=0, **pruning
        ).fit(*MOONS)
    assert len(search.trials_) == 6
    assert search.best_score_ > 0.75


def test_a_diverging_fit_is_named_and_leaves_the_old_weights():
    x, y = waves()
    model = MLPRegressor(optimizer="sgd", lr=0.1, epochs=5, **SMALL).fit(x, y)
    before = model.coefs_
    with pytest.raises(FloatingPointError, match="Lower the learning rate"):
        model.set_params(lr=1e9).fit(x, y)
    assert model.coefs_ is before
    assert np.isfinite(model.predict(x)).all()


def test_ctrl_c_reaches_the_caller_and_the_weights_so_far_are_kept(monkeypatch):
    model = MLPClassifier(epochs=50, **SMALL)

    def press(self, history, model, optimizer):
        if len(history) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(training.EarlyStopping, "__call__", press)
    with pytest.raises(KeyboardInterrupt):
        model.fit(*MOONS)
    assert model.n_iter_ == 3
    assert model.predict(MOONS[0]).shape == MOONS[1].shape


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"optimizer": "sdg"}, "unknown optimizer 'sdg': known are sgd"),
        ({"activation": "logistic"}, "unknown activation 'logistic': known are relu, tanh"),
        ({"schedule": "step"}, "unknown schedule 'step': known are cosine, linear, one_cycle"),
        ({"optimizer": optim.SGD, "lr": 0.1}, "a factory sets its own hyperparameters: drop lr"),
        ({"lr": -1}, "lr must be a finite number > 0, got -1"),
        ({"epochs": 0}, "epochs must be a whole number >= 1, got 0"),
        ({"batch_size": 0}, "batch_size must be a whole number from 1"),
        ({"hidden_layer_sizes": (8, 0)}, "out_features must be a whole number >= 1, got 0"),
        ({"n_iter_no_change": 0}, "patience must be a whole number >= 1, got 0"),
        ({"tol": -1}, "min_delta must be >= 0, got -1"),
    ],
)
def test_bad_arguments_are_refused_by_fit(arguments, says):
    with pytest.raises(ValueError, match=says):
        MLPClassifier(**arguments).fit(*MOONS)


def test_classes_are_those_of_the_first_call():
    x, y = MOONS
    model = MLPClassifier(epochs=1, warm_start=True, **SMALL)
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        model.partial_fit(x, y)
    model.partial_fit(x, y, classes=[0, 1, 2])
    assert model.predict_proba(x).shape == (len(x), 3)
    with pytest.raises(
        ValueError, match=r"classes are \[0, 1, 2\] since the first call, got \[0, 1"
    ):
        model.partial_fit(x, y, classes=[0, 1])
    for again in (model.fit, model.partial_fit):
        with pytest.raises(ValueError, match=r"y holds \[7\], but the classes are \[0, 1, 2\]"):
            again(x, np.where(y == 1, 7, y))
