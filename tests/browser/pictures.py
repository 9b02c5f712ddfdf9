"""Make the README's pictures from the real explorers: ``python tests/browser/pictures.py``.

Chromium opens JupyterLab, as for the tests beside this file, and takes each explorer in both
themes. ``test_pictures.py`` takes them again and compares.
"""

import io
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/pictures"
#: Name of the picture: the line of a notebook's cell that shows the explorer.
LINES = {
    "trajectory": 'explore.trajectory("ravine", ["sgd", "momentum", "adam"], lr=0.09)',
    "league": 'explore.runs("league")',
}
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
#: Pixels of the picture for each of the page, so that it is sharp on good screens.
SCALE = 2


def take(page):
    """Yield ``(file name, PNG)`` of every picture.

    Parameters
    ----------
    page : Notebook
        A page with ``SCALE`` pixels a point; the gallery of ``LINES`` is opened in it.
    """
    cells = ["from optlearn import explore", *LINES.values()]
    page.open(page.lab.write("browser/pictures.ipynb", *cells)).run_each(len(LINES))
    for kind, theme in THEMES.items():
        page.theme(theme)
        page.page.mouse.move(0, 0)
        for number, name in enumerate(LINES):
            yield f"{name}-{kind}.png", page.explorer(number, rest=400).screenshot()
    page.theme(THEMES["light"])


def smaller(png):
    """Return a picture in 256 colours: a fifth of the bytes, and nobody sees it."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as shot:
        found = shot.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    file = io.BytesIO()
    found.save(file, "PNG", optimize=True)
    return file.getvalue()


def main():
    """Take all pictures and store them."""
    from conftest import CHROMIUM, FLAGS, missing, open_page, start_lab
    from playwright.sync_api import sync_playwright

    if missing():
        sys.exit(missing())
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        lab = start_lab(Path(home))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            with open_page(browser, lab.wait(), height=1600, scale=SCALE) as page:
                for name, png in take(page):
                    (FOLDER / name).write_bytes(smaller(png))
        finally:
            browser.close()
            lab.process.terminate()
            lab.process.wait()


if __name__ == "__main__":
    main()
