"""Pictures: pure functions ``(data, ax=None) -> ax``, and ``picture`` to show one with its text.

Colours are those of Okabe & Ito (2008), which people with colour blindness can tell apart; lines
differ in dash as well. Nothing here touches ``pyplot``, so no figure is shown twice.
"""

import base64
import io
import textwrap

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.patheffects import Normal, Stroke
from matplotlib.ticker import MaxNLocator

#: Okabe & Ito's colours, darkest contrasts first.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
#: Those that white swallows (less than 3 to 1), and the edge that lines and bars in them get.
PALE, EDGE = ("#E69F00", "#56B4E9", "#F0E442"), "#444444"
#: Dashes that go with them.
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)))
#: From the bottom of a valley to its rim: light enough for paths to stand out everywhere.
VALLEY = LinearSegmentedColormap.from_list("valley", ["#8fb8d8", "#c9dcea", "#f3f3ee", "#d9d4c7"])


def axes(width=6.4, height=4.0):
    """Return new axes on a figure of their own, sized in inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    ax = figure.add_subplot()
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def contour(landscape, ax=None, *, levels=24, points=240):
    """Draw the level lines of a landscape, with its minima as stars.

    Parameters
    ----------
    landscape : Landscape
    ax : matplotlib.axes.Axes, optional
    levels : int, default 24
        Number of rings. Their spacing follows the landscape, so that a plain and a wall both
        show rings.
    points : int, default 240
        Grid points along ``x``.
    """
    ax = axes(6.0, 4.5) if ax is None else ax
    (x0, x1), (y0, y1) = landscape.bounds
    grid = np.meshgrid(np.linspace(x0, x1, points), np.linspace(y0, y1, points * 3 // 4))
    z = landscape.value(np.stack(grid, -1))
    span = np.ptp(z)
    power = np.log((np.median(z) - z.min()) / span) / np.log(0.5)
    rings = z.min() + span * np.linspace(0, 1, levels) ** max(power, 1)
    ax.contourf(*grid, z, levels=rings, cmap=VALLEY, norm=_even(rings))
    ax.contour(*grid, z, levels=rings, colors="#5b6b78", linewidths=0.35)
    for x, y in landscape.minima:
        if x0 <= x <= x1 and y0 <= y <= y1:
            ax.plot(x, y, "*", color="black", markersize=11, zorder=5, label="_minimum")
    ax.set(xlim=(x0, x1), ylim=(y0, y1), xlabel="weight 1", ylabel="weight 2")
    return ax


def path(points, ax=None, *, label=None, number=0):
    """Draw a path of weights, shape ``(steps + 1, 2)``; a diverged rest is left out.

    ``number`` picks the colour and the dash.
    """
    ax = axes(6.0, 4.5) if ax is None else ax
    points = np.asarray(points)
    finite = np.isfinite(points).all(axis=1)
    stop = len(points) if finite.all() else int(np.argmin(finite))
    color, dash = COLORS[number % len(COLORS)], DASHES[number % len(DASHES)]
    ax.plot(
        *points[:stop].T, color=color, linestyle=dash, linewidth=1.6, marker="o", markersize=3,
        label=label,
    )  # fmt: skip
    ax.plot(*points[0], marker="o", markersize=8, color="white", markeredgecolor=color)
    return ax


def contour_with_path(landscape, paths, ax=None):
    """Draw a landscape and the paths over it.

    Parameters
    ----------
    landscape : Landscape
    paths : array of shape (steps + 1, 2), or dict of label to such an array
    ax : matplotlib.axes.Axes, optional
    """
    ax = contour(landscape, ax)
    named = paths if isinstance(paths, dict) else {None: paths}
    for number, (label, points) in enumerate(named.items()):
        path(points, ax, label=label, number=number)
    if len(named) > 1:
        ax.legend(loc="upper right", framealpha=0.9)
    return ax


def regions(ends, bounds, ax):
    """Colour the squares of a landscape by their whole numbers; hatch those that are negative.

    Parameters
    ----------
    ends : array of int, shape (rows, columns)
        From the lower left.
    bounds : pair of pair of float
    ax : matplotlib.axes.Axes
    """
    (x0, x1), (y0, y1) = bounds
    rows, columns = ends.shape
    x, y = np.linspace(x0, x1, columns + 1), np.linspace(y0, y1, rows + 1)
    colors = np.array([to_rgba(c, 0.45) for c in (*COLORS[:5], "#00000000", "#555555")])
    ax.pcolormesh(x, y, colors[ends.astype(int)], linewidth=0)
    middles = (x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2
    hatches = [None, "///"]
    if (ends == -1).any():
        ax.contourf(*middles, ends == -1, levels=[-1, 0.5, 2], hatches=hatches, alpha=0)
    return ax


def directions(point, vectors, ax):
    """Draw arrows of one length from ``point``: the directions of named vectors."""
    for number, (label, vector) in enumerate(vectors.items()):
        size = np.hypot(*vector)
        if not 0 < size < np.inf:
            continue
        color = COLORS[(1, 2, 6)[number % 3]]
        ax.quiver(
            *point, *(vector / size), angles="xy", scale_units="inches", scale=1.4, color=color,
            width=0.012 - 0.003 * number, zorder=6, label=label,
        )  # fmt: skip
    ax.legend(loc="upper right", framealpha=0.9, fontsize=8)
    return ax


def curves(
    runs,
    ax=None,
    *,
    x=None,
    xlabel="step",
    ylabel="training loss",
    log=True,
    center="mean",
    band=(0, 100),
):
    """Draw one line a method with the spread of its seeds.

    Parameters
    ----------
    runs : dict of str to array
        Label to values of shape ``(steps,)`` or ``(seeds, steps)``, one line with a band each.
    ax : matplotlib.axes.Axes, optional
    x : array, optional
        Positions along the horizontal axis; 0, 1, 2, ... where none are given.
    xlabel, ylabel : str
    log : bool, default True
        Logarithmic vertical axis.
    center : {"mean", "median"}, default "mean"
        What the line shows of the seeds.
    band : (float, float), default (0, 100)
        The percentiles of the seeds between which the band reaches; by default all of them.
    """
    ax = axes() if ax is None else ax
    middle = {"mean": np.mean, "median": np.median}[center]
    for number, (label, values) in enumerate(runs.items()):
        values = np.atleast_2d(values)
        where = np.arange(values.shape[1]) if x is None else np.asarray(x)
        color, dash = COLORS[number % len(COLORS)], DASHES[number % len(DASHES)]
        style = {"color": color, "linestyle": dash, "marker": "o" if len(where) <= 20 else None}
        ax.plot(where, middle(values, 0), linewidth=1.8, markersize=4, label=label, **style)
        if len(values) > 1:
            edges = np.percentile(values, band, axis=0)
            ax.fill_between(where, *edges, color=color, alpha=0.2, linewidth=0)
    if log:
        ax.set_yscale("log")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if np.issubdtype(where.dtype, np.integer):
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if len(runs) > 1:
        ax.legend()
    return ax


#: From little of a loss left to all of it; what grows is drawn in ``GROWS``.
FADE = LinearSegmentedColormap.from_list(
    "fade", ["#0b3c6f", "#2f72ad", "#86b6d9", "#d9e7f0", "#f7f7f2"]
)
GROWS = "#eeb58d"


def shares(values, x, y, ax=None, *, deepest=-8):
    """Draw a map of the share of the loss that is left, on a logarithmic scale of colours.

    Parameters
    ----------
    values : array of shape (len(y), len(x))
        Shares of the loss at the start; from 1 on the cell counts as growing.
    x, y : array
        The middles of the cells.
    ax : matplotlib.axes.Axes, optional
    deepest : float, default -8
        The decade from which on all is equally dark.
    """
    ax = axes() if ax is None else ax
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = np.where(values < 1, np.maximum(np.log10(values), deepest), np.nan)
    ax.set_facecolor(GROWS)
    mesh = ax.pcolormesh(x, y, depth, cmap=FADE, vmin=deepest, vmax=0, shading="nearest")
    ax.figure.colorbar(mesh, ax=ax, label="log10 of the share of the loss left (orange: grows)")
    return ax


def edged(figure):
    """Give the lines and bars of a figure that are in pale colours a dark edge; return it."""
    pale = [color.lower() for color in PALE]
    for line in figure.findobj(lambda a: isinstance(a, Line2D) and to_hex(a.get_color()) in pale):
        wider = Stroke(linewidth=line.get_linewidth() + 1.2, foreground=EDGE)
        line.set_path_effects([wider, Normal()])
    for bar in figure.findobj(lambda a: isinstance(a, Rectangle)):
        if to_hex(bar.get_facecolor()) in pale:
            bar.set(edgecolor=EDGE, linewidth=0.8)
    return figure


def picture(ax, rows=(), *, dpi=90):
    """Return the figure of ``ax`` ready to be shown, with a text twin.

    The twin says what the picture shows: its title, which states the finding, and ``rows``, which
    give the numbers. It is the alternative text, what ``print`` gives, and what the tests of a
    notebook compare (they cannot compare pictures).

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Must have a title, which is broken into lines, and two labelled axes.
    rows : iterable of str, at most 11
    dpi : int, default 90
    """
    rows = tuple(rows)
    unlabelled = [k for k in ("title", "xlabel", "ylabel") if not getattr(ax, f"get_{k}")()]
    if unlabelled:
        raise ValueError(f"the picture has no {', '.join(unlabelled)}: a reader needs them")
    if len(rows) > 11:
        raise ValueError(f"a text twin has at most 12 rows with its title, got {len(rows) + 1}")
    finding = " ".join(ax.get_title().split())
    lines = -(-len(finding) // 60)
    whole = finding.replace(" %", "\u00a0%")  # no line begins with the % of a number
    ax.set_title(textwrap.fill(whole, len(whole) // lines + 8))  # lines of about one length
    return Picture(edged(ax.figure), "\n".join((finding, *rows)), dpi)


class Picture:
    """A figure with its text twin; made by :func:`picture`."""

    def __init__(self, figure, text, dpi):
        self.figure, self.text, self.dpi = figure, text, dpi

    def __repr__(self):
        return self.text

    def _repr_mimebundle_(self, include=None, exclude=None):
        png = io.BytesIO()
        self.figure.savefig(png, format="png", dpi=self.dpi)
        encoded = base64.b64encode(png.getvalue()).decode()
        return {"text/plain": self.text, "image/png": encoded}, {"image/png": {"alt": self.text}}


def _even(levels):
    """Map each ring to an equal share of the colours."""
    from matplotlib.colors import BoundaryNorm

    return BoundaryNorm(levels, 256)
