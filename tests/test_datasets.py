import numpy as np
import pytest

from optlearn import datasets
from optlearn.datasets import DataLoader, label_noise, load

SHAPES = {"digits": (64, 10), "noisy_digits": (64, 10), "breast_cancer": (30, 2)}
SHAPES |= {"moons": (2, 2), "spirals": (2, 3)}


@pytest.mark.parametrize("name", datasets.NAMES)
def test_a_data_set_has_finite_float64_features_and_whole_number_labels(name):
    features, classes = SHAPES[name]
    for split in datasets.SPLITS:
        x, y = load(name, split)
        assert x.shape == (len(y), features)
        assert x.dtype == np.float64
        assert np.isfinite(x).all()
        assert np.array_equal(np.unique(y), np.arange(classes))


@pytest.mark.parametrize("name", ["digits", "breast_cancer", "moons", "spirals"])
def test_the_splits_share_no_example_and_are_the_same_each_time(name):
    rows = [set(map(bytes, load(name, split)[0])) for split in datasets.SPLITS]
    assert len(set.union(*rows)) == sum(map(len, rows))
    sizes = [len(load(name, split)[1]) for split in datasets.SPLITS]
    assert np.allclose(np.array(sizes) / sum(sizes), [0.6, 0.2, 0.2], atol=0.01)
    assert np.array_equal(load(name)[0], load(name)[0])


def test_changing_what_was_loaded_does_not_change_the_next_load():
    x, y = load("moons")
    x += 1
    y += 1
    assert not np.array_equal(load("moons")[0], x)
    assert load("moons")[1].min() == 0


def test_the_noisy_digits_are_300_with_a_fifth_of_the_labels_wrong():
    (x, y), (clean_x, clean_y) = load("noisy_digits"), load("digits")
    assert np.array_equal(x, clean_x[:300])
    assert np.mean(y != clean_y[:300]) == 0.2
    for split in ("validation", "test"):
        assert np.array_equal(load("noisy_digits", split)[1], load("digits", split)[1])


@pytest.mark.parametrize("fraction", [0, 0.25, 1])
def test_label_noise_changes_exactly_the_fraction(fraction):
    y = np.repeat([3, 5, 9], 40)
    noisy = label_noise(y, fraction, rng=0)
    assert np.mean(noisy != y) == fraction
    assert set(noisy) <= {3, 5, 9}
    assert y.tolist() == [3] * 40 + [5] * 40 + [9] * 40


def test_an_epoch_visits_every_example_once_in_a_new_order():
    loader = DataLoader(np.arange(10.0), np.arange(10), batch_size=4, rng=0)
    epochs = [np.concatenate([y for _, y in loader]) for _ in range(2)]
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert not np.array_equal(*epochs)
    assert [len(y) for _, y in loader] == [4, 4, 2]
    assert all(np.array_equal(x, y) for x, y in loader)


@pytest.mark.parametrize(
    ("examples", "batch_size", "drop_last", "steps"),
    [(1078, 32, False, 34), (1078, 32, True, 33), (64, 32, False, 2), (64, 64, True, 1)],
)
def test_the_length_of_a_loader_is_the_number_of_steps(examples, batch_size, drop_last, steps):
    loader = DataLoader(np.zeros(examples), np.zeros(examples), batch_size, drop_last=drop_last)
    assert len(loader) == len(list(loader)) == steps


def test_the_order_depends_on_the_seed_alone():
    def orders(seed):
        loader = DataLoader(np.arange(50.0), np.arange(50), rng=seed)
        return np.concatenate([y for _, y in loader])

    assert np.array_equal(orders(1), orders(1))
    assert not np.array_equal(orders(1), orders(2))
    unshuffled = DataLoader(np.arange(5.0), np.arange(5), batch_size=5, shuffle=False)
    assert next(iter(unshuffled))[1].tolist() == [0, 1, 2, 3, 4]


X = np.zeros((4, 2))


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: load("cifar"), ValueError, "unknown data set 'cifar': known are digits, noisy"),
        (lambda: load("moons", "dev"), ValueError, "unknown split 'dev': known are train"),
        (lambda: DataLoader(X[:0], X[:0]), ValueError, "the data set is empty"),
        (lambda: DataLoader(X, X[:3]), ValueError, r"shapes \(4, 2\) and \(3, 2\)"),
        (lambda: DataLoader(X, X, batch_size=0), ValueError, "from 1 to 4 .* got 0"),
        (lambda: DataLoader(X, X, batch_size=5), ValueError, "from 1 to 4 .* got 5"),
        (lambda: DataLoader(X, X, batch_size=2.0), ValueError, "got 2.0"),
        (lambda: DataLoader(X / 0, X, batch_size=2), ValueError, "x holds .* first in row 0"),
        (lambda: DataLoader(X, X, 2, rng="seed"), TypeError, "rng must be an int"),
        (lambda: label_noise(np.arange(3), 1.5), ValueError, "from 0 to 1, got 1.5"),
        (lambda: label_noise(np.zeros(3, int), 0.5), ValueError, "at least two classes"),
    ],
)
def test_bad_input_is_refused_with_the_value_and_the_remedy(call, error, says):
    with np.errstate(all="ignore"), pytest.raises(error, match=says):
        call()
