import numpy as np
import pytest

from optlearn import landscapes, plots, training


@pytest.mark.parametrize("name", landscapes.NAMES)
def test_a_landscape_is_drawn_with_axes_that_have_names(name):
    ax = plots.contour(landscapes.get(name))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("weight 1", "weight 2")
    assert (ax.get_xlim(), ax.get_ylim()) == landscapes.get(name).bounds
    assert any(line.get_marker() == "*" for line in ax.lines)


def test_several_paths_differ_in_colour_and_dash_and_have_a_legend():
    bowl = landscapes.get("quadratic")
    paths = {f"rate {lr}": training.trace(bowl, "sgd", (1, 1), 5, lr=lr) for lr in (0.1, 0.5, 1)}
    ax = plots.contour_with_path(bowl, paths)
    lines = [line for line in ax.lines if line.get_label() in paths]
    assert len({line.get_color() for line in lines}) == 3
    assert len({line.get_linestyle() for line in lines}) == 3
    assert [t.get_text() for t in ax.get_legend().get_texts()] == list(paths)


def test_the_rest_of_a_diverged_path_is_left_out():
    ax = plots.path([[0, 0], [1, 1], [np.inf, 0], [np.nan, 0]])
    assert ax.lines[0].get_xdata().tolist() == [0, 1]


def test_curves_show_the_middle_of_the_seeds_and_their_spread():
    runs = {"a": np.array([[1.0, 2.0], [3.0, 6.0], [8.0, 7.0]])}
    ax = plots.curves(runs)
    assert ax.lines[0].get_ydata().tolist() == [4, 5]
    corners = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (corners.min(), corners.max()) == (1, 8)
    middle = plots.curves(runs, center="median").lines[0].get_ydata()
    assert middle.tolist() == [3, 6]
    assert ax.get_yscale() == "log"
    assert plots.curves(runs, log=False).get_yscale() == "linear"


def test_a_picture_carries_its_finding_as_text_and_as_alternative_text():
    ax = plots.curves({"a": [3.0, 2.0]})
    ax.set_title("It falls\nfast")
    shown = plots.picture(ax, ["a: 3 to 2"])
    data, meta = shown._repr_mimebundle_()
    assert (
        repr(shown) == data["text/plain"] == meta["image/png"]["alt"] == "It falls fast\na: 3 to 2"
    )
    assert len(data["image/png"]) > 1000


def test_a_title_is_broken_into_lines_but_never_between_a_number_and_its_percent_sign():
    ax = plots.curves({"a": [3.0, 2.0]})
    finding = "With the same optimizer, plain sigmoids get 16 % right, skip connections 94 %"
    ax.set_title(finding)
    assert str(plots.picture(ax)) == finding
    lines = ax.get_title().split("\n")
    assert lines[0].endswith("get")
    assert lines[1].startswith("16\u00a0% right")


def test_a_picture_without_a_finding_or_with_too_much_text_is_refused():
    ax = plots.curves({"a": [3.0, 2.0]})
    with pytest.raises(ValueError, match="has no title"):
        plots.picture(ax)
    ax.set_title("It falls")
    with pytest.raises(ValueError, match="at most 12 rows with its title, got 13"):
        plots.picture(ax, ["row"] * 12)


def test_colours_and_dashes_are_all_different():
    assert len(set(plots.COLORS)) == len(set(plots.DASHES)) == 8
