import numpy as np
import pytest

from optlearn import datasets
from optlearn.datasets import DataLoader, label_noise, load

#: Of one example, and the number of classes; ``None`` for numbers.
SHAPES = {"digits": (64, 10), "noisy_digits": (64, 10), "breast_cancer": (30, 2), "wine": (13, 3)}
SHAPES |= {"diabetes": (10, None), "moons": (2, 2), "spirals": (2, 3), "xor": (2, 2)}
SHAPES |= {"bag_of_words": (1000, 2), "copy": (16, 33)}
WHOLE = {"noisy_digits", "xor"}  # not split, or not split by itself


@pytest.mark.parametrize("name", datasets.NAMES)
def test_a_data_set_has_finite_numbers_of_the_shape_told(name):
    features, classes = SHAPES[name]
    for split in datasets.SPLITS:
        x, y = load(name, split)
        assert x.shape == (len(y), features)
        assert x.dtype == (np.int64 if name == "copy" else np.float64)
        assert np.isfinite(x).all()
        if classes is None:
            assert (y.shape, y.dtype) == ((len(x), 1), np.float64)
        else:
            assert y.shape == (x.shape if name == "copy" else (len(x),))
            assert np.issubdtype(y.dtype, np.integer)
            assert np.array_equal(np.unique(y), np.arange(classes))


@pytest.mark.parametrize("name", [name for name in datasets.NAMES if name not in WHOLE])
def test_the_splits_share_no_example_and_are_the_same_each_time(name):
    rows = [set(map(bytes, load(name, split)[0])) for split in datasets.SPLITS]
    assert len(set.union(*rows)) == sum(map(len, rows))
    sizes = [len(load(name, split)[1]) for split in datasets.SPLITS]
    assert np.allclose(np.array(sizes) / sum(sizes), [0.6, 0.2, 0.2], atol=0.011)
    datasets.named._made.cache_clear()
    assert [set(map(bytes, load(name, split)[0])) for split in datasets.SPLITS] == rows


@pytest.mark.parametrize("name", ["digits", "breast_cancer", "wine", "moons", "spirals"])
def test_each_part_holds_each_class_in_proportion(name):
    shares = [np.bincount(y) / len(y) for y in (load(name, part)[1] for part in datasets.SPLITS)]
    np.testing.assert_allclose(shares[1:], [shares[0]] * 2, atol=0.02)


@pytest.mark.parametrize("name", ["breast_cancer", "wine", "diabetes"])
def test_standardising_looks_at_the_training_examples_alone(name):
    np.testing.assert_allclose(load(name)[0].mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(load(name)[0].std(0), 1, rtol=1e-12)
    assert np.abs(load(name, "test")[0].mean(0)).max() > 1e-3


def test_the_target_of_a_regression_is_standardised_too():
    y = load("diabetes")[1]
    assert (y.mean(), y.std()) == (pytest.approx(0, abs=1e-12), pytest.approx(1))
    assert load("diabetes", "test")[1].std() != pytest.approx(1, abs=1e-3)


def test_xor_is_the_same_four_points_in_every_part():
    for split in datasets.SPLITS:
        x, y = load("xor", split)
        assert {(*point, label) for point, label in zip(x.tolist(), y.tolist(), strict=True)} == {
            (0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)
        }  # fmt: skip


@pytest.mark.parametrize("shape", [(1, 8, 8), (8, 8), (16, 4)])
def test_digits_come_as_images_and_as_sequences(shape):
    for name in ("digits", "noisy_digits"):
        x, y = load(name, "validation", shape=shape)
        assert x.shape == (len(y), *shape)
        assert np.array_equal(x.reshape(len(y), 64), load(name, "validation")[0])


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


def test_words_are_drawn_by_zipfs_law():
    x, _ = datasets.bag_of_words(4000, vocabulary=50, words=10, rng=0)
    frequencies = 1 / np.arange(1, 51)
    held = 1 - (1 - frequencies / frequencies.sum()) ** 10
    np.testing.assert_allclose(x.mean(0), held, atol=0.03)
    assert set(np.unique(x)) == {0, 1}
    assert x.sum(axis=1).max() <= 10


def test_opinions_of_words_decide_the_label_but_for_noise():
    x, y = datasets.bag_of_words(4000, vocabulary=50, words=10, rng=0)
    weights = np.linalg.lstsq(x[:2000] - x.mean(0), y[:2000] - 0.5, rcond=None)[0]
    right = ((x[2000:] - x.mean(0)) @ weights > 0) == y[2000:]
    assert 0.75 < right.mean() < 0.95
    assert 0.4 < y.mean() < 0.6


def test_the_copy_task_asks_for_the_tokens_after_they_have_ended():
    x, y = datasets.copy_task(500, length=5, vocabulary=7, rng=0)
    assert x.shape == y.shape == (500, 10)
    assert np.array_equal(x[:, :5], y[:, 5:])
    assert not x[:, 5:].any()
    assert not y[:, :5].any()
    shares = np.bincount(x[:, :5].ravel(), minlength=8) / 2500
    np.testing.assert_allclose(shares[1:], (1 / np.arange(1, 8)) / 2.592857, atol=0.03)
    assert shares[0] == 0


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
        (lambda: load("digits", shape=(9, 9)), ValueError, r"'digits' has 64 numbers, .* \(9, 9\)"),
        (lambda: datasets.copy_task(0), ValueError, "examples must be a whole number >= 1, got 0"),
        (lambda: datasets.copy_task(1, length=2.5), ValueError, "length must .* got 2.5"),
        (lambda: datasets.bag_of_words(1, words=0), ValueError, "words must be .* got 0"),
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
