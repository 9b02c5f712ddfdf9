"""Data sets that come with scikit-learn. It is imported only when one of them is made."""

from .noise import label_noise
from .parts import split, standardised


def digits():
    """Return handwritten digits, with grey values from 0 to 1."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    return split(x / 16, y)


def noisy_digits():
    """Return digits of which 300 are left for training, a fifth of their labels wrong."""
    parts = digits()
    x, y = parts["train"]
    return {**parts, "train": (x[:300], label_noise(y[:300], 0.2, rng=0))}


def breast_cancer():
    """Return measurements of cells, of benign and malignant tumours."""
    from sklearn.datasets import load_breast_cancer

    return standardised(split(*load_breast_cancer(return_X_y=True)))


def wine():
    """Return chemical measurements of wines of three growers."""
    from sklearn.datasets import load_wine

    return standardised(split(*load_wine(return_X_y=True)))


def diabetes():
    """Return measurements of patients, and how far the disease was a year later."""
    from sklearn.datasets import load_diabetes

    x, y = load_diabetes(return_X_y=True, scaled=False)
    parts = standardised(split(x, y[:, None], stratify=False))
    y = parts["train"][1]
    mean, deviation = y.mean(), y.std()
    return {name: (x, (y - mean) / deviation) for name, (x, y) in parts.items()}


def moons():
    """Return two half circles, each reaching into the other."""
    from sklearn.datasets import make_moons

    return split(*make_moons(600, noise=0.2, random_state=0))
