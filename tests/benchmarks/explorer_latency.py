"""How long a key press takes to change the picture: the explorer against ``interact``.

    python tests/benchmarks/explorer_latency.py [--moves 50]

Both show the same bowl with the same path in one JupyterLab, in turns of five key presses. The
latency reaches from the key's time stamp to the first animation frame in which the picture's
pixels differ. Ratios count; milliseconds depend on the machine and on what else it does.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests/browser"))

TURN = 5
CELLS = (
    "from optlearn import explore, landscapes, plots\n"
    "from optlearn.explore.runners import follow\n"
    "from ipywidgets import FloatLogSlider, interact\n"
    "from IPython.display import display",
    "explore.trajectory('quadratic', 'sgd', lr=0.1, condition=10)",
    "bowl = landscapes.get('quadratic', condition=10)\n"
    "def show(lr=0.1):\n"
    "    walk = follow(bowl, 'sgd', bowl.start, 50, {'lr': lr})\n"
    "    ax = plots.contour_with_path(bowl, walk.points)\n"
    "    ax.set_title(f'learning rate {lr:.3g}')\n"
    "    display(plots.picture(ax))\n"
    "interact(show, lr=FloatLogSlider(value=0.1, base=10, min=-2, max=1, step=1 / 60));",
)

# Hash the picture in every frame from the key press on, at 300 x 225.
PROBE = """
({ find, focus }) => {
    const small = document.createElement("canvas");
    [small.width, small.height] = [300, 225];
    const context = small.getContext("2d", { willReadFrequently: true });
    const hash = () => {
        const picture = find();
        if (!picture) return null; // cleared, and not drawn again yet
        if (picture.tagName === "IMG" && !picture.complete) return null;
        context.drawImage(picture, 0, 0, 300, 225);
        const data = new Uint32Array(context.getImageData(0, 0, 300, 225).data.buffer);
        let sum = 0;
        for (const word of data) sum = (Math.imul(sum, 31) + word) | 0;
        return sum;
    };
    return new Promise((resolve, reject) => {
        const before = hash();
        focus.addEventListener("keydown", (event) => {
            const look = (now) => {
                const after = hash();
                const took = performance.now() - event.timeStamp;
                if (after !== null && after !== before) resolve(took);
                else if (took > 10000) reject(new Error("the picture did not change"));
                else requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
        }, { once: true, capture: true });
        window.armed = true;
    });
}
"""
WAYS = {
    "explorer": (
        "document.querySelector('.ol-explorer canvas')",
        "document.querySelector('.ol-explorer label:has(input[type=range]) input')",
    ),
    "interact": (
        "document.querySelector('.widget-interact img')",
        "document.querySelector('.widget-interact [role=slider]')",
    ),
}


def measure(page, way, key):
    """Press ``key`` on the learning rate of ``way``; return milliseconds to the new picture."""
    find, focus = WAYS[way]
    page.evaluate(f"{focus}.focus()")
    page.evaluate(
        f"window.armed = false; window.took = ({PROBE})({{find: () => {find}, focus: {focus}}}); 0"
    )
    page.wait_for_function("window.armed")
    page.keyboard.press(key)
    return page.evaluate("window.took")


def run(moves):
    """Return the latencies of both ways in milliseconds."""
    from conftest import CHROMIUM, FLAGS, Notebook, start_lab
    from playwright.sync_api import sync_playwright

    took = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as home:
        lab = start_lab(Path(home))
        try:
            lab.wait()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                page = browser.new_page(viewport={"width": 1280, "height": 1600})
                notebook = Notebook(page, lab)
                notebook.open(lab.write("latency.ipynb", *CELLS)).run_all()
                notebook.explorer()
                page.locator(".widget-interact img").wait_for()
                focus = "[...document.querySelectorAll('.ol-explorer label')].find("
                focus += "l => l.innerText === 'learning rate').querySelector('input')"
                WAYS["explorer"] = WAYS["explorer"][0], focus
                for move in range(-1, moves // TURN):
                    for way, times in took.items():
                        for _ in range(TURN):
                            ms = measure(page, way, "ArrowRight")
                            page.wait_for_timeout(400)  # until both are at rest
                            times += [ms] if move >= 0 else []  # the first turn warms up
                browser.close()
        finally:
            lab.process.terminate()
            lab.process.wait()
    return took


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moves", type=int, default=50)
    took = run(parser.parse_args().moves)
    print(f"{'way':10}{'moves':>7}{'p50 ms':>9}{'p95 ms':>9}")
    quantiles = {way: np.percentile(times, [50, 95]) for way, times in took.items()}
    for way, (p50, p95) in quantiles.items():
        print(f"{way:10}{len(took[way]):>7}{p50:>9.1f}{p95:>9.1f}")
    p50, p95 = quantiles["interact"] / quantiles["explorer"]
    print(f"interact / explorer: {p50:.0f} times at p50, {p95:.0f} times at p95")


if __name__ == "__main__":
    main()
