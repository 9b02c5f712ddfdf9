"""How long a key press takes to change the picture: every explorer against ``interact``.

    python tests/benchmarks/explorer_latency.py [--moves 50] [NAME ...]

Every explorer of ``tests/gallery.py`` and one ``interact`` that plots anew stand in one JupyterLab
and take turns of five key presses on one slider each. The latency reaches from the key's time
stamp to the first animation frame in which the picture's pixels differ. A burst is 60 presses at
30 Hz: how many pictures are seen, and how long after the last press the last one comes. Ratios
count; milliseconds depend on the machine and on what else it does.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests/browser"), str(ROOT / "tests")]

TURN = 5
BASELINE = "interact"
FIRST_CELL = """
from optlearn import explore, landscapes, plots, training
from ipywidgets import FloatLogSlider, interact
from IPython.display import display
bowl = landscapes.get("quadratic", condition=10)
def show(lr=0.1):
    path = training.trace(bowl, "sgd", bowl.start, 50, lr=lr)
    ax = plots.contour_with_path(bowl, path)
    ax.set_title(f"learning rate {lr:.3g}")
    display(plots.picture(ax))
interact(show, lr=FloatLogSlider(value=0.1, base=10, min=-2, max=1, step=1 / 60));
"""

# Watch a picture, hashed in every frame at 300 x 225: `next(key)` is the latency of a press,
# `burst` counts what is seen until the picture rests for half a second.
PROBE = """
({ find, focus }) => {
    const small = document.createElement("canvas");
    [small.width, small.height] = [300, 225];
    const context = small.getContext("2d", { willReadFrequently: true });
    const hash = () => {
        const pictures = find();
        if (!pictures.length) return null; // cleared, and not drawn again yet
        let sum = 0;
        for (const picture of pictures) {
            if (picture.tagName === "IMG" && !picture.complete) return null;
            context.clearRect(0, 0, 300, 225);
            context.drawImage(picture, 0, 0, 300, 225);
            const data = new Uint32Array(context.getImageData(0, 0, 300, 225).data.buffer);
            for (const word of data) sum = (Math.imul(sum, 31) + word) | 0;
        }
        return sum;
    };
    const one = new Promise((resolve) => {
        const before = hash();
        setTimeout(() => resolve(null), 2000); // a press without effect must not be waited for
        focus.addEventListener("keydown", (event) => {
            const look = (now) => {
                const after = hash();
                const took = performance.now() - event.timeStamp;
                if (after !== null && after !== before) resolve(took);
                else if (took > 2000) resolve(null);
                else requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
        }, { once: true, capture: true });
        window.armed = true;
    });
    window.burst = () => {
        window.seen = 0; window.lastKey = 0; window.lastSeen = 0; window.watching = true;
        let last = hash();
        focus.addEventListener("keydown", (e) => { window.lastKey = e.timeStamp; }, true);
        const look = () => {
            const now = hash();
            if (now !== null && now !== last) {
                last = now; window.seen += 1; window.lastSeen = performance.now();
            }
            if (window.watching) requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
    };
    return one;
}
"""


@dataclass
class Way:
    """Where a way's pictures are, the control to press and the two keys, there and back."""

    pictures: str
    control: str
    keys: tuple = ("ArrowRight", "ArrowLeft")


def ways_of(number):
    """Yield an explorer's controls, the learning rate's slider first, then by their places."""
    root = f"document.querySelectorAll('.jp-OutputArea-output .ol-explorer')[{number}]"
    pictures = f"[...{root}.querySelectorAll('canvas')].filter(c => c.offsetWidth)"
    sliders = f"[...{root}.querySelectorAll('input[type=range]')].filter(i => i.offsetWidth)"
    sliders += ".sort((a, b) => (b.labels[0].innerText.startsWith('learning rate')"
    sliders += " - a.labels[0].innerText.startsWith('learning rate')) || b.max - a.max)"
    menus = f"[...{root}.querySelectorAll('select')].filter(i => i.offsetWidth)"
    for number in range(4):
        yield Way(pictures, f"({sliders})[{number}]")
    for number in range(4):
        yield Way(pictures, f"({menus})[{number}]", ("ArrowDown", "ArrowUp"))


def choose(page, number):
    """Return the first control of an explorer that changes its picture there and back."""
    for way in ways_of(number):
        if page.evaluate(f"Boolean({way.control})"):
            press(page, way, way.keys[0])  # without effect where it stands at its end
            if all(press(page, way, key) for key in reversed(way.keys)):
                return way
    raise RuntimeError(f"no control of explorer {number} moves its picture there and back")


def press(page, way, key):
    """Press ``key`` and return milliseconds to the new picture, or None if it stays."""
    page.evaluate(f"{way.control}.scrollIntoView({{block: 'center'}}); {way.control}.focus()")
    page.wait_for_timeout(60)
    page.evaluate(
        f"window.armed = false; window.took = ({PROBE})"
        f"({{find: () => {way.pictures}, focus: {way.control}}}); 0"
    )
    page.wait_for_function("window.armed")
    page.keyboard.press(key)
    return page.evaluate("window.took")


def burst(page, way, presses=60, hertz=30):
    """Return how many pictures a burst of presses shows, and the milliseconds until the last."""
    page.evaluate(
        f"{way.control}.focus();"
        f" ({PROBE})({{find: () => {way.pictures}, focus: {way.control}}}); window.burst()"
    )
    for number in range(presses):
        page.keyboard.press(way.keys[number % 2])
        page.wait_for_timeout(1000 / hertz)
    page.wait_for_timeout(2500)
    page.evaluate("window.watching = false")
    return page.evaluate("[window.seen, window.lastSeen - window.lastKey]")


def measure(page, ways, moves):
    """Return for every way its latencies, taken in turns, and what its burst showed."""
    took = {name: [] for name in ways}
    for turn in range(-1, moves // TURN):  # the first turn warms up
        for name, way in ways.items():
            for number in range(TURN):
                ms = press(page, way, way.keys[(turn * TURN + number) % 2])
                page.wait_for_timeout(400 if name == BASELINE else 60)
                if turn >= 0 and ms is not None:
                    took[name].append(ms)
    return took, {name: burst(page, way) for name, way in ways.items()}


def run(names, moves):
    """Open the baseline and the explorers in one JupyterLab, and measure them."""
    import gallery
    from conftest import CHROMIUM, FLAGS, Notebook, start_lab
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as home:
        lab = start_lab(Path(home))
        try:
            lab.wait()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                page = browser.new_page(viewport={"width": 1280, "height": 1600})
                lines = [gallery.LINES[name] for name in names]
                notebook = Notebook(page, lab)
                notebook.open(lab.write("latency.ipynb", FIRST_CELL, *lines)).run_each(len(names))
                page.locator(".widget-interact img").wait_for()
                ways = {
                    BASELINE: Way(
                        "[...document.querySelectorAll('.widget-interact img')]",
                        "document.querySelector('.widget-interact [role=slider]')",
                    )
                }
                ways |= {name: choose(page, number) for number, name in enumerate(names)}
                measured = measure(page, ways, moves)
                browser.close()
        finally:
            lab.process.terminate()
            lab.process.wait()
    return measured


def main():
    import gallery

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moves", type=int, default=50)
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all with a picture")
    options = parser.parse_args()
    names = options.names or [name for name in gallery.LINES if name not in gallery.FORMS]
    took, bursts = run(names, options.moves)
    base = np.percentile(took[BASELINE], [50, 95])
    rows = [("way", "moves", "p50 ms", "p95 ms", "p50 x", "p95 x", "seen", "drain")]
    for way, times in took.items():
        here = np.percentile(times, [50, 95]) if times else np.full(2, np.nan)
        seen, drain = bursts[way]
        figures = (*here.round(1), *(base / here).round(), seen, round(drain))
        rows.append((way, len(times), *figures))
    for way, *figures in rows:
        print(f"{way:24}", *(f"{figure:>7}" for figure in figures))


if __name__ == "__main__":
    main()
