"""Values in Python's own types, as JSON knows them."""

import json

import numpy as np


def key(config):
    """Return a text that is the same for equal configurations."""
    return json.dumps(config, sort_keys=True)


def plain(value, what):
    """Return ``value`` in Python's own types; a ``TypeError`` names what JSON cannot hold."""
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return type(value)([plain(v, f"{what}[{i}]") for i, v in enumerate(value)])
    if isinstance(value, dict) and all(isinstance(k, str) for k in value):
        return {k: plain(v, f"{what}[{k!r}]") for k, v in value.items()}
    raise TypeError(
        f"{what} is {value!r}: use numbers, text, None, lists and dictionaries of these, such as "
        "the name of a function instead of the function"
    )
