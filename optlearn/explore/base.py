"""What every explorer shares: its JavaScript, its text twin, its picture and its checks."""

import base64
import io
import math
from numbers import Integral, Real
from pathlib import Path
from typing import ClassVar

import anywidget
import traitlets
from PIL import Image

from .. import plots

_FOLDER = Path(__file__).parent / "js"
#: The fragments that every explorer's own one stands on.
VIEW = ("controls.js", "canvas.js", "view.js")


def fragment(name):
    """Return the text of a file in ``js/``."""
    return (_FOLDER / name).read_text("utf8")


def module(*names, before=""):
    """Join JavaScript fragments into the module that the browser loads.

    The fragments hold no ``import`` or ``export``: anywidget loads a module from a Blob, where a
    relative import cannot work, and the tests run the same text in an engine without modules.
    The last fragment defines ``render``. ``before`` is JavaScript that Python made.
    """
    return "\n".join([before, *map(fragment, names), "export default { render };\n"])


class Checked(traitlets.TraitType):
    """A trait shared with the browser; ``check(value)`` returns the value to keep or raises.

    Construction and later assignment so give the same exception.
    """

    def __init__(self, check):
        super().__init__(default_value=None, allow_none=True)
        self.check = check
        self.tag(sync=True)

    def validate(self, obj, value):
        return self.check(value)


class Explorer(anywidget.AnyWidget):
    """A widget whose saved output is complete without the browser.

    A subclass sets ``_esm = module(...)``, returns its text twin from ``text`` and matplotlib
    axes from ``axes``. The twin has at most 12 rows, the finding first; a notebook's tests
    compare it, since they cannot compare pictures.
    """

    _css = fragment("explorer.css")

    def text(self):
        """Return the explorer in words and numbers."""
        raise NotImplementedError

    def axes(self):
        """Return matplotlib axes that show what the explorer shows."""
        raise NotImplementedError

    def __repr__(self):
        return self.text()

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super()._repr_mimebundle_(**kwargs)
        twin, png = self.text(), base64.b64encode(_png(self.axes())).decode()
        data = {**data, "text/plain": twin, "image/png": png}
        return data, {**metadata, "image/png": {"alt": twin}}


class Part(Explorer):
    """One of several explorers under one function, whose controls are all that can be set."""

    #: The controls and what they show first.
    usual: ClassVar = {}

    def __init__(self, **controls):
        unknown = [name for name in controls if name not in self.usual]
        if unknown:
            raise TypeError(
                f"there is no control {unknown[0]!r} here: there are {', '.join(self.usual)}"
            )
        super().__init__(**{**self.usual, **controls})


def _png(ax, dpi=80):
    """Return the figure of ``ax`` as PNG; a palette makes a contour map four times smaller.

    The octree keeps colours of few pixels; the usual method paints thin lines like the map.
    """
    full, small = io.BytesIO(), io.BytesIO()
    plots.edged(ax.figure).savefig(full, format="png", dpi=dpi)
    with Image.open(full) as image:
        palette = image.convert("RGB").quantize(method=Image.Quantize.FASTOCTREE)
        palette.save(small, "png", optimize=True)
    return small.getvalue()


def number(name, value, remedy, holds=math.isfinite):
    """Return ``value`` as a float if it is a finite number for which ``holds``."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a number, got {value!r}: {remedy}")
    if not math.isfinite(value) or not holds(value):
        raise ValueError(f"{name} is {value!r}: {remedy}")
    return float(value)


def whole(name, value, low, high):
    """Return ``value`` as an int if it is one between ``low`` and ``high``."""
    remedy = f"choose a whole number from {low} to {high}"
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be a whole number, got {value!r}: {remedy}")
    if not low <= value <= high:
        raise ValueError(f"{name} is {value!r}: {remedy}")
    return int(value)


def within(name, low, high):
    """Return a trait that holds a number from ``low`` to ``high``."""
    remedy = f"choose a number from {low} to {high}"
    return Checked(lambda value: number(name, value, remedy, lambda v: low <= v <= high))


def counted(name, low, high):
    """Return a trait that holds a whole number from ``low`` to ``high``."""
    return Checked(lambda value: whole(name, value, low, high))


def chosen(name, known):
    """Return a trait that holds one of ``known``."""
    return Checked(lambda value: choice(name, value, known))


def choice(name, value, known):
    """Return ``value`` if it is one of ``known``, or list them."""
    if value not in known:
        raise ValueError(f"unknown {name} {value!r}: known are {', '.join(known)}")
    return value


def digits(value):
    """Return ``value`` with three significant digits, and nothing finer than 1e-12.

    Below that, a printed number would show how a machine rounds rather than what a method does.
    """
    value = float(value)
    if value == 0:
        return "0"
    if abs(value) < 1e-12:
        return "< 1e-12"
    return f"{value:.3g}"
