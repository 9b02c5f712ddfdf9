"""Experiments whose results are kept in files, and the proof that a file belongs to the code."""

import hashlib
import importlib
import inspect
import json
import math
import platform
import re
import time
from dataclasses import dataclass
from importlib import resources
from importlib.metadata import version

#: The modules that hold experiments, in the order of the lessons.
FAMILIES = (
    "batch", "momentum", "bowl", "edge", "xor", "depth", "labels", "constructed", "large", "search",
    "steps", "imbalance", "architectures", "layerwise", "ranges", "budget", "seeds", "league",
    "doctor",
)  # fmt: skip
#: Digits that are kept of each number.
DIGITS = 6


@dataclass(frozen=True)
class Experiment:
    """A question to data: a function from settings to plain data.

    Attributes
    ----------
    function : callable
        Takes the settings as keywords, draws only from seeds among them, returns what JSON holds.
    settings : dict
        Of the full run, whose result is stored.
    rtol : float
        How far a number may be from the stored one when the run is repeated elsewhere.
    """

    function: object
    settings: dict
    rtol: float = 0.05

    @property
    def name(self):
        """``"family.function"``, such as ``"batch.cost"``."""
        return f"{self.function.__module__.rpartition('.')[2]}.{self.function.__name__}"

    def run(self, **changes):
        """Run it now; ``changes`` replace settings of the full run, such as ``seeds=2``."""
        unknown = [name for name in changes if name not in self.settings]
        if unknown:
            raise TypeError(
                f"{self.name} has no setting {unknown[0]!r}: it has {', '.join(self.settings)}"
            )
        return self.function(**{**self.settings, **changes})

    def result(self):
        """Return what the full run found."""
        return self._file()["result"]

    def about(self):
        """Return in one sentence how the stored result was computed."""
        stored = self._file()
        packages = ", ".join(f"{name} {number}" for name, number in stored["versions"].items())
        settings = ", ".join(f"{k} {v}" for k, v in stored["settings"].items())
        return f"{self.name}: computed in {stored['seconds']:.0f} s with {settings} ({packages})"

    def compute(self):
        """Run it in full and return the content of its file."""
        begun = time.perf_counter()
        result = rounded(self.run())
        return {
            "experiment": self.name,
            "settings": self.settings,
            "hash": self.hash(),
            "versions": {"python": platform.python_version(), "numpy": version("numpy")},
            "seconds": round(time.perf_counter() - begun),
            "result": result,
        }

    def hash(self):
        """Return a fingerprint of the settings and of the code of the experiment's module.

        Comments and empty lines do not count. Code in the library below it does not either: the
        repeated run of the slow tests is what holds that.
        """
        source = inspect.getsource(inspect.getmodule(self.function))
        lines = [line.strip() for line in source.splitlines()]
        code = "\n".join(line for line in lines if line and not line.startswith("#"))
        settings = json.dumps(self.settings, sort_keys=True)
        return hashlib.sha256(f"{code}\n{settings}".encode()).hexdigest()[:16]

    def stale(self):
        """Return why the stored result cannot be trusted, or an empty string."""
        try:
            stored = self._file()
        except FileNotFoundError:
            return f"{self.name} was never computed: optlearn course experiments {self.name}"
        if stored["hash"] != self.hash():
            return (
                f"the code or the settings of {self.name} changed since it was computed: "
                f"optlearn course experiments {self.name}"
            )
        return ""

    def store(self, content):
        """Write the content of the file."""
        text = json.dumps(content, indent=1, allow_nan=False) + "\n"
        _path(self.name).write_text(_compact(text), encoding="utf8")

    def _file(self):
        return json.loads(_path(self.name).read_text(encoding="utf8"))


def experiment(*, rtol=0.05, **settings):
    """Make an :class:`Experiment` of a function; ``settings`` are those of its full run."""

    def wrap(function):
        return Experiment(function, settings, rtol)

    return wrap


def get(name):
    """Return the experiment of a name such as ``"batch.cost"``, or list the known names."""
    family, _, _ = name.partition(".")
    found = _members(family) if family in FAMILIES else {}
    if name not in found:
        raise ValueError(f"unknown experiment {name!r}: known are {', '.join(names())}")
    return found[name]


def names():
    """Return the names of all experiments."""
    return [name for family in FAMILIES for name in _members(family)]


def __getattr__(name):
    if name == "NAMES":  # computed when asked for: the families import what they need
        return tuple(names())
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def rounded(value):
    """Return plain data with numbers cut to a few digits; what is not finite becomes text."""
    if isinstance(value, dict):
        return {str(k): rounded(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(v) for v in value]
    if hasattr(value, "tolist"):
        return rounded(value.tolist())
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else str(value)
    return value


def close(stored, again, rtol, where="result"):
    """Return where two results differ by more than ``rtol``, or an empty string."""
    if isinstance(stored, dict) and isinstance(again, dict) and stored.keys() == again.keys():
        pairs = [(f"{where}.{k}", stored[k], again[k]) for k in stored]
    elif isinstance(stored, list) and isinstance(again, list) and len(stored) == len(again):
        pairs = [(f"{where}[{i}]", a, b) for i, (a, b) in enumerate(zip(stored, again))]
    else:
        numbers = isinstance(stored, int | float) and isinstance(again, int | float)
        same = math.isclose(stored, again, rel_tol=rtol) if numbers else stored == again
        return "" if same else f"{where}: {stored!r} was stored, {again!r} is found now"
    return next(filter(None, (close(a, b, rtol, place) for place, a, b in pairs)), "")


def _members(family):
    module = importlib.import_module(f".{family}", __package__)
    members = [value for value in vars(module).values() if isinstance(value, Experiment)]
    return {member.name: member for member in members}


def _path(name):
    return resources.files(__package__) / "results" / f"{name}.json"


def _compact(text):
    """Put innermost lists on one line: a table of numbers is read by rows."""
    return re.sub(
        r"\[[^\[\]{}]*\]", lambda match: " ".join(match[0].split()).replace("[ ", "["), text
    ).replace(" ]", "]")
