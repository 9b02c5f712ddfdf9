"""Colours in numbers: contrast by WCAG 2.2, and distance also for the colour-blind."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest

plots = pytest.importorskip("optlearn.plots", reason="matplotlib is not installed: uv sync")
from matplotlib.colors import to_hex, to_rgb  # noqa: E402

JS = Path(plots.__file__).parent / "explore/js"
CSS = (JS / "explorer.css").read_text("utf8")
#: What lies behind a picture, and behind an explorer in JupyterLab's two themes.
WHITE, LIGHT, DARK = "#ffffff", "#ffffff", "#212121"

#: Linear RGB as seen without one kind of cone: Machado, Oliveira & Fernandes (2009), severity 1.
SEEN = {
    "all cones": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}  # fmt: skip


def linear(color):
    rgb = np.array(to_rgb(color))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """Return WCAG's ratio, from 1 to 21."""
    bright, dim = sorted(
        (linear(color) @ [0.2126, 0.7152, 0.0722] + 0.05 for color in (one, other)), reverse=True
    )
    return bright / dim


def lab(color, cones):
    """Return a colour's place in CIELAB, where a distance of 2.3 can just be seen."""
    seen = np.clip(np.array(SEEN[cones]) @ linear(color), 0, 1)
    to_xyz = [
        [0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]  # fmt: skip
    white = np.array([0.95047, 1, 1.08883])
    x, y, z = (
        np.cbrt(v) if v > 216 / 24389 else (24389 / 27 * v + 16) / 116
        for v in to_xyz @ seen / white
    )
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(one, other, cones):
    return np.linalg.norm(lab(one, cones) - lab(other, cones))


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000", "#fff", 21), ("#777", "#fff", 4.48), ("#123456", "#123456", 1)],
)
def test_contrast_is_what_the_standard_says(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)


def test_the_simulation_takes_away_what_the_cones_see():
    """Red and green of equal lightness fall together without the cones that tell them apart."""
    red, green = "#b06050", "#7a7a3c"
    assert distance(red, green, "all cones") > 25
    assert distance(red, green, "deuteranopia") < 12
    assert distance("#808080", "#ffffff", "protanopia") == pytest.approx(
        distance("#808080", "#ffffff", "all cones"), abs=0.1
    )


@pytest.mark.parametrize("cones", SEEN)
@pytest.mark.parametrize(("one", "other"), itertools.combinations(plots.COLORS, 2))
def test_two_lines_can_be_told_apart_by_their_colours(one, other, cones):
    assert distance(one, other, cones) >= 16


@pytest.mark.parametrize("color", plots.COLORS)
def test_a_line_stands_out_from_white_by_its_colour_or_its_edge(color):
    assert (contrast(color, WHITE) < 3) == (color in plots.PALE)
    assert contrast(plots.EDGE, WHITE) >= 7
    if color in plots.PALE:
        assert contrast(color, plots.EDGE) >= 3


@pytest.mark.parametrize("color", plots.COLORS)
def test_a_line_stands_out_from_the_dark_theme(color):
    shown = WHITE if color == "#000000" else color
    assert 'dark && c === "#000000" ? "#ffffff" : c' in (JS / "chart.js").read_text("utf8")
    assert contrast(shown, DARK) >= 3


def test_browser_and_pictures_edge_the_same_colours():
    pale, edge = re.search(
        r"const PALE = (\[.*?\]), EDGE = (.*?);", (JS / "canvas.js").read_text("utf8")
    ).groups()
    assert (tuple(eval(pale)), eval(edge)) == (plots.PALE, plots.EDGE)


VALLEY = [to_hex(plots.VALLEY(v)) for v in np.linspace(0, 1, 9)]


@pytest.mark.parametrize("ground", VALLEY)
def test_a_path_stands_out_from_the_valley(ground):
    for color in plots.COLORS[:2]:
        assert contrast(color, ground) > 1.8, color
    assert contrast(plots.EDGE, ground) >= 4.5, "text and the edges of pale paths"
    assert contrast("#222222", ground) >= 7, "names of ticks"


@pytest.mark.parametrize("cones", SEEN)
def test_what_shrinks_grows_darker_and_what_grows_has_a_colour_of_its_own(cones):
    fade = [to_hex(plots.FADE(v)) for v in np.linspace(0, 1, 17)]
    lightness = [lab(color, cones)[0] for color in fade]
    assert min(np.diff(lightness)) > 0.5
    assert min(distance(plots.GROWS, color, cones) for color in fade) > 12


#: JupyterLab's own values for what explorer.css takes from it, and what it stands on.
FAINT = {LIGHT: "#757575", DARK: "#999999"}


@pytest.mark.parametrize("ground", [LIGHT, DARK])
def test_focus_and_controls_stand_out(ground):
    light, dark = re.findall(r"--ol-focus: (#\w+);", CSS)
    assert "outline: 2px solid var(--ol-focus)" in CSS
    assert contrast(dark if ground == DARK else light, ground) >= 3
    assert "border: 1px solid var(--ol-faint)" in CSS
    assert contrast(FAINT[ground], ground) >= 4.5
    assert {contrast(color, ground) >= 3 for color in re.findall(r"accent-color: (#\w+)", CSS)} == {
        True
    }


def test_pale_lines_bars_and_their_names_get_an_edge():
    runs = {str(number): [number, number + 1.0] for number in range(8)}
    ax = plots.curves(runs, log=False)
    bar = ax.bar(0, 1, color=plots.PALE[1])[0]
    ax.set_title("Eight lines")
    plots.picture(ax)
    named = ax.get_legend().get_lines()
    for lines in ax.lines, named:
        assert {line.get_color() for line in lines if line.get_path_effects()} == set(plots.PALE)
    assert to_hex(bar.get_edgecolor()) == plots.EDGE
