"""The README's pictures show the explorers as they are now."""

import io

import numpy as np
import pictures
import pytest


@pytest.fixture(scope="module")
def taken(new_page):
    with new_page(height=1600, scale=pictures.SCALE) as page:
        yield dict(pictures.take(page))


def pixels(png):
    from PIL import Image

    with Image.open(io.BytesIO(png)) as shot:
        return np.asarray(shot.convert("RGB"), dtype=float)


def stored():
    return sorted(f"{name}-{kind}.png" for name in pictures.LINES for kind in pictures.THEMES)


@pytest.mark.parametrize("name", stored())
def test_a_picture_is_what_the_explorer_shows(taken, name):
    """Fonts and drawing differ a little between machines, an explorer that has changed much."""
    now, then = pixels(taken[name]), pixels((pictures.FOLDER / name).read_bytes())
    height = min(len(now), len(then))
    assert abs(len(now) - len(then)) <= 0.05 * len(then)
    assert now.shape[1] == then.shape[1]
    apart = np.abs(now[:height] - then[:height]).mean()
    assert apart < 6, "run python tests/browser/pictures.py"


def test_another_picture_is_noticed(taken):
    light, dark = (pixels(taken[f"league-{kind}.png"]) for kind in pictures.THEMES)
    assert np.abs(light - dark).mean() > 50


def test_no_other_picture_is_stored():
    assert sorted(path.name for path in pictures.FOLDER.glob("*.png")) == stored()
