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
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests/browser"), str(ROOT / "tests")]

TURN = 5
BASELINE = "interact"
CELLS = (
    "from optlearn import explore, landscapes, plots, training\n"
    "from ipywidgets import FloatLogSlider, interact\n"
    "from IPython.display import display",
    "bowl = landscapes.get('quadratic', condition=10)\n"
    "def show(lr=0.1):\n"
    "    path = training.trace(bowl, 'sgd', bowl.start, 50, lr=lr)\n"
    "    ax = plots.contour_with_path(bowl, path)\n"
    "    ax.set_title(f'learning rate {lr:.3g}')\n"
    "    display(plots.picture(ax))\n"
    "interact(show, lr=FloatLogSlider(value=0.1, base=10, min=-2, max=1, step=1 / 60));",
)

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
        setTimeout(() => resolve(null), 6000); // a press that never arrives must not be waited for
        focus.addEventListener("keydown", (event) => {
            const look = (now) => {
                const after = hash();
                const took = performance.now() - event.timeStamp;
                if (after !== null && after !== before) resolve(took);
                else if (took > 5000) resolve(null);
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


def places(name, number):
    """Return JavaScript that finds the pictures of a way, and a control.

    The control is the learning rate's slider, else the one with the most places, else a menu.
    """
    if name == BASELINE:
        return (
            "[...document.querySelectorAll('.widget-interact img')]",
            "document.querySelector('.widget-interact [role=slider]')",
        )
    root = f"document.querySelectorAll('.jp-OutputArea-output .ol-explorer')[{number}]"
    sliders = f"[...{root}.querySelectorAll('input[type=range]')].filter(i => i.offsetWidth)"
    longest = f"{sliders}.sort((a, b) => (b.labels[0].innerText.startsWith('learning rate')"
    longest += " - a.labels[0].innerText.startsWith('learning rate')) || b.max - a.max)[0]"
    first = f"({longest} ?? [...{root}.querySelectorAll('select')].find(i => i.offsetWidth))"
    return f"[...{root}.querySelectorAll('canvas')].filter(c => c.offsetWidth)", first


def press(page, where, key):
    """Press ``key`` and return milliseconds to the new picture, or None if it stays."""
    find, focus = where
    page.evaluate(f"{focus}.scrollIntoView({{block: 'center'}}); {focus}.focus()")
    page.evaluate(
        f"window.armed = false; window.took = ({PROBE})({{find: () => {find}, focus: {focus}}}); 0"
    )
    page.wait_for_function("window.armed")
    page.keyboard.press(key)
    return page.evaluate("window.took")


def burst(page, where, key, presses=60, hertz=30):
    """Return how many pictures a burst of presses shows, and the milliseconds until the last."""
    find, focus = where
    page.evaluate(f"{focus}.focus(); ({PROBE})({{find: () => {find}, focus: {focus}}}); 0")
    page.keyboard.press("Home")
    page.wait_for_timeout(1000)
    page.evaluate("window.burst()")
    for _ in range(presses):
        page.keyboard.press(key)
        page.wait_for_timeout(1000 / hertz)
    page.wait_for_timeout(2500)
    page.evaluate("window.watching = false")
    return page.evaluate("[window.seen, window.lastSeen - window.lastKey]")


def run(names, moves):
    """Return for every way its latencies and what its burst showed."""
    import gallery
    from conftest import CHROMIUM, FLAGS, Notebook, start_lab
    from playwright.sync_api import sync_playwright

    ways = [BASELINE, *names]
    took, bursts = {way: [] for way in ways}, {}
    with tempfile.TemporaryDirectory() as home:
        lab = start_lab(Path(home))
        try:
            lab.wait()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                page = browser.new_page(viewport={"width": 1280, "height": 1600})
                lines = [gallery.LINES[name] for name in names]
                notebook = Notebook(page, lab)
                notebook.open(lab.write("latency.ipynb", *CELLS, *lines)).run_all()
                notebook.explorer(len(names) - 1)
                page.locator(".widget-interact img").wait_for()
                where = {way: places(way, i - 1) for i, way in enumerate(ways)}
                for turn in range(-1, moves // TURN):
                    key = "ArrowRight" if turn % 4 < 2 else "ArrowLeft"
                    for way in ways:
                        for _ in range(TURN):
                            ms = press(page, where[way], key)
                            page.wait_for_timeout(400 if way == BASELINE else 60)
                            if turn >= 0 and ms is not None:  # the first turn warms up
                                took[way].append(ms)
                for way in ways:
                    bursts[way] = burst(page, where[way], "ArrowRight")
                browser.close()
        finally:
            lab.process.terminate()
            lab.process.wait()
    return took, bursts


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
