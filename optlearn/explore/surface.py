"""Surfaces: what a saddle, two wells, a cliff and a real network do to gradient descent."""

import inspect

import numpy as np
import traitlets

from .. import landscapes, plots
from . import escape
from .base import VIEW, Checked, Explorer, choice, digits, module, number, whole
from .edge import Edge
from .xor import Xor

#: What is varied, and what is counted.
AXES = {
    "distance": "distance from the ridge",
    "noise": "noise (standard deviation)",
    "clip": "clip (largest norm of the gradient)",
}
ASKED = {
    "saddle": "steps until it leaves the ridge (median of the runs)",
    "double_well": "share of the runs that end in the deeper well",
    "cliff": "share of the starts that are solved",
}


def surface(name="saddle", **settings):
    """Return an explorer of a loss surface that is said to be hard, with hundreds of runs on it.

    Parameters
    ----------
    name : {"saddle", "double_well", "cliff", "edge", "xor"}, default "saddle"
        ``"saddle"`` counts the steps until a run leaves the ridge, by its distance from it.
        ``"double_well"`` counts the runs that end in the deeper well, by noise. ``"cliff"``
        counts the starts from which a recurrent unit learns its target, by clipping. ``"edge"``
        plays back the sharpness of a real network beside 2/lr, and ``"xor"`` the share of small
        networks that learn XOR.
    **settings
        What the controls show first, and attributes of the same names afterwards. The first three
        have ``lr``, ``noise`` (standard deviation, on each number of the gradient), ``momentum``,
        ``clip`` (largest norm of the gradient; 0 clips none) and ``run``, the number of the run
        that is drawn; the saddle also has ``distance``, from the ridge. The edge has ``lr`` and
        ``seed``; XOR has ``width``, ``activation`` and ``optimizer``.

    Examples
    --------
    >>> print(surface("saddle", distance=1e-6).text().splitlines()[0][-56:])
    1e-06 beside the ridge it takes 145 steps to leave it
    """
    kinds = {**dict.fromkeys(escape.QUESTIONS, Surface), "edge": Edge, "xor": Xor}
    kind = kinds[choice("surface", name, kinds)]
    if kind is Surface:
        known = (*escape.QUESTIONS[name].defaults, "run")
    else:
        known = tuple(inspect.signature(kind).parameters)
    for key in settings:
        if key not in known:
            raise TypeError(f"{name} has no setting {key!r}: it has {', '.join(known)}")
    return kind(name, **settings) if kind is Surface else kind(**settings)


def _setting(name):
    return Checked(lambda value: number(name, value, "choose a number >= 0", lambda v: v >= 0))


class Surface(Explorer):
    """The widget that :func:`surface` returns for a saddle, two wells or a cliff."""

    _esm = module("rules.js", "landscapes.js", "chart.js", *VIEW, "escape.js", "surface.js")

    lr = _setting("lr")
    noise = _setting("noise")
    momentum = _setting("momentum")
    clip = _setting("clip")
    distance = _setting("distance")
    run = Checked(lambda value: whole("run", value, 0, 199))
    #: What is asked, and what the controls offer.
    question = traitlets.Dict().tag(sync=True)
    #: Normal numbers for the noise, and starting points.
    numbers = traitlets.Bytes().tag(sync=True)
    starts = traitlets.Bytes().tag(sync=True)

    def __init__(self, name, **settings):
        self._asked, self._found = escape.QUESTIONS[name], (None, None)
        self._land = land = landscapes.get(name)
        self._numbers, self._starts = escape.pool(), escape.starts(name)
        well = name == "double_well"
        super().__init__(
            question={
                "name": name,
                "axis": self._asked.axis,
                "values": self._asked.values,
                "steps": self._asked.steps,
                "runs": self._asked.runs,
                "ranges": self._asked.ranges,
                "coefficients": land.coefficients,
                "minima": land.minima.tolist(),
                "bounds": land.bounds,
                "start": land.minima[1].tolist() if well else land.start,
                "ridge": escape.ridge(land) if well else 0.0,
            },
            numbers=self._numbers.tobytes(),
            starts=self._starts.tobytes(),
            **{"distance": 0.0, "run": 0, **self._asked.defaults, **settings},
        )

    @traitlets.validate("lr", "noise", "momentum", "clip", "distance")
    def _in_range(self, proposal):
        name, value = proposal.trait.name, proposal.value
        offered = self._asked.ranges.get(name, (0.0,))
        if not offered[0] <= value <= offered[-1]:
            remedy = f"choose a number from {offered[0]:g} to {offered[-1]:g}"
            raise ValueError(f"{name} is {value!r}: {remedy}")
        return value

    @traitlets.validate("run")
    def _is_a_run(self, proposal):
        return whole("run", proposal.value, 0, self._asked.runs - 1)

    def outcomes(self):
        """Return the steps of each run, infinite where it does not get where it should.

        A list of arrays: of the chosen settings, of random starts (none but on the saddle), and
        of each value along the axis.
        """
        key = tuple(self._settings().values())
        if self._found[0] != key:
            self._found = key, self._survey()
        return self._found[1]

    def _settings(self):
        return {
            name: getattr(self, name) for name in ("lr", "noise", "momentum", "clip", "distance")
        }

    def _survey(self):
        """Follow all runs at once."""
        asked, name = self._asked, self.question["name"]
        columns = [self._settings()] * 2
        columns += [{**self._settings(), asked.axis: value} for value in asked.values]
        counts = [
            asked.runs if name == "cliff" or settings["noise"] > 0 else 1 for settings in columns
        ]
        counts[1] = len(self._starts) if name == "saddle" else 0
        run = np.concatenate([np.arange(count) for count in counts])
        of = {key: np.repeat([c[key] for c in columns], counts) for key in columns[0]}
        start = np.tile(np.array(self.question["start"], float), (len(run), 1))
        if name == "saddle":
            start[:, 1] = of["distance"]
        scattered = slice(None) if name == "cliff" else slice(counts[0], counts[0] + counts[1])
        if name != "double_well":
            start[scattered] = self._starts[run[scattered]]
        steps = escape.when(name, start, run, of, self._numbers)
        return np.split(steps, np.cumsum(counts)[:-1])

    def text(self):
        _, scattered, *columns = self.outcomes()
        rows = [self.finding()]
        if len(scattered):
            left = scattered[np.isfinite(scattered)]
            slowest = f", the slowest in {_steps(left.max())}" if len(left) else ""
            rows.append(f"of {len(scattered)} random starts {len(left)} leave it{slowest}")
        rows.append(f"{AXES[self._asked.axis]}: {ASKED[self.question['name']]}")
        shown = range(0, len(columns), max(1, len(columns) // 8))
        return "\n".join([*rows, *(f"{self._value(i)}: {self._said(columns[i])}" for i in shown)])

    def _value(self, i):
        value = self._asked.values[i]
        return "no clipping" if self._asked.axis == "clip" and not value else digits(value)

    def _said(self, steps):
        if self._asked.axis == "distance":
            return _steps(np.median(steps))
        hits, of = np.isfinite(steps).sum(), len(steps)
        if of == 1:
            return "all" if hits else "none"
        if self._asked.axis == "clip":  # where the last bit of an exponential decides some runs
            share = 10 * round(10 * hits / of)
            return {0: "almost none", 100: "almost all"}.get(
                share, f"about {share} %"
            ) + f" of {of}"
        low, high = escape.interval(hits, of)
        return f"{hits / of:.0%} of {of} (95 % interval {100 * low:.0f} to {100 * high:.0f} %)"

    def finding(self):
        """Say in one line what the chosen settings do."""
        here, name = self.outcomes()[0], self.question["name"]
        rule = f"momentum {digits(self.momentum)}" if self.momentum else "gradient descent"
        what = [name.replace("_", " "), rule, f"learning rate {digits(self.lr)}"]
        what.append(f"noise {digits(self.noise)}" if self.noise else "no noise")
        if self.clip or name == "cliff":
            what.append(f"clip {digits(self.clip)}" if self.clip else "no clipping")
        what = ", ".join(what)
        if name == "saddle":
            place = f"{digits(self.distance)} beside" if self.distance else "exactly on"
            takes = np.median(here)
            end = (
                f"it takes {_steps(takes)} to leave it"
                if np.isfinite(takes)
                else f"it stays there for all {self._asked.steps} steps"
            )
            return f"{what}: {place} the ridge {end}"
        if len(here) == 1:
            return (
                f"{what}: {'every' if np.isfinite(here[0]) else 'no'} run ends in the deeper well"
            )
        does = "runs end in the deeper well" if name == "double_well" else "starts are solved"
        share, _, between = self._said(here).partition(" (")
        return f"{what}: {share} {does}" + (f" ({between}" if between else "")

    def path(self):
        """Return the weights of the run that is drawn, shape ``(steps + 1, 2)``."""
        name, run = self.question["name"], np.array([self.run])
        start = np.array([self.question["start"]], float)
        if name == "saddle":
            start[0, 1] = self.distance
        elif name == "cliff":
            start = self._starts[run]
        steps, settings = self._asked.steps, self._settings()
        arrived = escape.when(name, start, run, settings, self._numbers)[0]
        if name == "saddle":
            steps = int(min(steps, arrived + 60))
        walk = escape.walk(self._land, start, run, settings, self._numbers, steps)
        return np.concatenate([start, *(w for _, w in walk)])

    def axes(self):
        ax = plots.axes(9.6, 3.9)
        figure = ax.figure
        ax.remove()
        left, right = figure.subplots(1, 2)
        plots.contour_with_path(self._land, self.path(), left)
        self._chart(right)
        figure.suptitle(self.finding().replace(": ", ":\n", 1), fontsize=9)
        return right

    def _chart(self, ax):
        name, values = self.question["name"], np.array(self._asked.values)
        columns = self.outcomes()[2:]
        style = {"color": plots.COLORS[0], "marker": "o", "markersize": 4}
        if name == "saddle":
            middle = np.array([np.median(steps) for steps in columns])
            ax.plot(values, np.where(np.isfinite(middle), middle, np.nan), **style)
            ax.set(xscale="log", ylim=(0, None), ylabel="steps until it leaves the ridge")
        else:
            hits = np.array([np.isfinite(steps).mean() for steps in columns])
            ends = [escape.interval(np.isfinite(s).sum(), len(s)) for s in columns]
            low, high = np.transpose(
                [e if len(s) > 1 else (h, h) for e, s, h in zip(ends, columns, hits)]
            )
            where = np.arange(len(values)) if name == "cliff" else values
            ax.errorbar(where, 100 * hits, 100 * np.array([hits - low, high - hits]), **style)
            ax.set(ylim=(-3, 103), ylabel=f"{ASKED[name]}\n(%, 95 % intervals)")
            if name == "cliff":
                ax.set_xticks(where, [f"{v:g}" if v else "off" for v in values])
        ax.set_xlabel(AXES[self._asked.axis])


def _steps(count):
    if not np.isfinite(count):
        return "never"
    return "1 step" if count == 1 else f"{count:.0f} steps"
