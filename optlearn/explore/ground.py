"""The ground that explorers stand on: a landscape, its settings, and what the browser is told."""

import functools
import inspect

import numpy as np

from .. import landscapes
from ..landscapes import Landscape
from .base import number, whole


def known(name):
    """Return ``name`` if a landscape is called so."""
    if name not in landscapes.NAMES:
        landscapes.get(name)  # its error lists the names
    return name


def inside(point, bounds):
    """Tell whether ``point`` lies within the picture."""
    return all(low <= w <= high for w, (low, high) in zip(point, bounds, strict=True))


def defaults(name):
    """Return the settings of a landscape and their usual values."""
    factory = getattr(landscapes, known(name))
    return {k: p.default for k, p in inspect.signature(factory).parameters.items()}


def accepts(name, settings):
    """Tell whether ``settings`` are those of the landscape ``name``."""
    return settings.keys() == defaults(name).keys()


def resolve(landscape, settings):
    """Return the landscape and all of its settings, from its name or the landscape itself."""
    if isinstance(landscape, Landscape):
        if settings:
            raise TypeError(
                f"a finished landscape takes no settings, got {', '.join(settings)}: pass its "
                f"name, {landscape.name!r}, and the settings"
            )
        known(landscape.name)
        return landscape, settings_of(landscape)
    known(landscape)
    usual = defaults(landscape)
    unknown = [k for k in settings if k not in usual]
    if unknown:
        raise ValueError(
            f"{landscape} has no setting {unknown[0]!r}: "
            f"it has {', '.join(usual) if usual else 'none'}"
        )
    settings = {
        k: number(k, settings.get(k, default), f"choose a number such as {default}")
        for k, default in usual.items()
    }
    if "length" in settings:
        steps = settings["length"]  # a whole number may have come from JSON as a float
        settings["length"] = whole("length", int(steps) if steps.is_integer() else steps, 1, 1000)
    return landscapes.get(landscape, **settings), settings


def settings_of(landscape):
    """Return the settings that would make ``landscape``, read off its coefficients."""
    names = defaults(landscape.name)
    if "condition" not in names:
        return dict(zip(names, landscape.coefficients, strict=True))
    a, b, c = landscape.coefficients
    steep = float(landscape.sharpness(np.zeros(2)))
    flat = a + c - steep
    angle = np.rad2deg(0.5 * np.arctan2(-2 * b, c - a))
    return {
        "condition": float(f"{steep / flat:.9g}"),
        "angle": round(float(angle), 9) + 0.0,
        "sharpness": float(f"{steep:.12g}"),
    }


def usual_rate(landscape):
    """Return half the inverse of the steepest curvature at the minima and the start."""
    places = np.vstack([landscape.minima, landscape.start])
    return float(f"{0.5 / landscape.sharpness(places).max():.2g}")


def describe(landscape, settings):
    """Return the numbers of a landscape that the browser draws it from."""
    return {
        "landscape": landscape.name,
        "settings": settings,
        "coefficients": list(landscape.coefficients),
        "minima": landscape.minima.tolist(),
    }


@functools.cache
def menu():
    """Return what the browser needs to know of every landscape under its usual settings."""
    entries = {}
    for name in landscapes.NAMES:
        land = landscapes.get(name)
        entries[name] = {
            **describe(land, defaults(name)),
            "label": name.replace("_", " "),
            "bounds": land.bounds,
            "start": land.start,
            "lr": usual_rate(land),
        }
    return entries
