"""How examples are shared out."""

SPLITS = ("train", "validation", "test")


def split(x, y, *, stratify=True):
    """Return ``{"train": (x, y), ...}``: 60, 20 and 20 %, each class in proportion."""
    from sklearn.model_selection import train_test_split

    known, test = _cut(x, y, 0.2, stratify, train_test_split)
    train, validation = _cut(*known, 0.25, stratify, train_test_split)
    return dict(zip(SPLITS, (train, validation, test), strict=True))


def _cut(x, y, share, stratify, cut):
    classes = y if stratify else None
    x, x_rest, y, y_rest = cut(x, y, test_size=share, stratify=classes, random_state=0)
    return (x, y), (x_rest, y_rest)


def standardised(parts):
    """Return the parts with the training features at mean 0 and standard deviation 1."""
    known, _ = parts["train"]
    mean, deviation = known.mean(0), known.std(0)
    return {name: ((x - mean) / deviation, y) for name, (x, y) in parts.items()}
