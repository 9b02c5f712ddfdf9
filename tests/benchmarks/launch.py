"""How long it takes from each way in to a lesson, and how much is brought, for docs/launch.md.

    python tests/benchmarks/launch.py [clone] [binder] [site]

Each name writes one section of the page anew; without a name all are. Whatever is installed comes
from the registries that this machine reaches, so a slow line makes other numbers. The browser's
part needs Chromium and a Pyodide (``python tests/fetch_pyodide.py``).
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import page

sys.path[:0] = [str(page.ROOT / "tests/browser"), str(page.ROOT / "tests")]

PAGE = page.ROOT / "docs/launch.md"
LESSON = "lessons/02_gradient_descent.ipynb"
WIDGET = "application/vnd.jupyter.widget-view+json"
RUNS = 3


def size(folder):
    """Return megabytes (1e6 bytes) of files, links not followed."""
    return (
        sum(p.stat(follow_symlinks=False).st_size for p in folder.rglob("*") if p.is_file()) / 1e6
    )


def clone(home):
    """Time the README's command in fresh clones, with nothing in uv's cache."""
    import launching

    rows = []
    for number in range(1, RUNS + 1):
        page.say(f"clone: run {number}")
        here = home / f"run-{number}"
        here.mkdir()
        begun = time.monotonic()
        command = ["git", "clone", "--quiet", str(page.ROOT), str(here / "optlearn")]
        subprocess.run(command, check=True)
        with launching.readme_lab(here / "optlearn", here) as lab:
            opened = time.monotonic() - begun
            ran = list(launching.run_lesson(lab, LESSON, until=WIDGET))
            assert WIDGET in ran[-1].types
            alive = time.monotonic() - begun
        rows.append([number, f"{opened:.0f}", f"{alive:.0f}"])
        megabytes = size(here / "optlearn/.venv")
        shutil.rmtree(here)
    yield "From a clone"
    yield (
        "`git clone`, then the README's command with an empty uv cache: seconds until the server "
        "hands out lesson 02, and until its first explorer is alive. uv itself is installed "
        f"before. The environment takes {megabytes:.0f} MB."
    )
    yield from page.table(["run", "lesson open", "explorer alive"], rows)


def binder(home):
    """Time the image's own steps, and the server that BinderHub starts in it."""
    import launching

    image = launching.replay(home)
    brought = set(image.after) - set(image.before)
    rows = []
    for number in range(1, RUNS + 1):
        page.say(f"binder: run {number}")
        own = home / f"home-{number}"
        own.mkdir()
        with launching.binder_server(image, own) as server:
            begun = time.monotonic()
            list(launching.run_lesson(server, LESSON, until=WIDGET))
            alive = server.seconds + time.monotonic() - begun
            rows.append([number, f"{server.seconds:.1f}", f"{alive:.1f}"])
    yield "On Binder"
    yield (
        f"The steps of the image that repo2docker renders, on Python {image.python}, without a "
        f"container: our {len(brought)} packages beside the image's {len(image.before)}, "
        f"{image.seconds['install']:.0f} s to install and {image.seconds['postBuild']:.0f} s for "
        f"the last step, {image.megabytes:.0f} MB in all. This is done once for each commit. Then, "
        "for each visitor: seconds from the start of the server until it answers, and until the "
        "first explorer of lesson 02 is alive. What Binder takes to find a machine and to bring "
        "the image there is not in these numbers."
    )
    yield from page.table(["run", "server up", "explorer alive"], rows)


def site(home):
    """Time the site's build, and a lesson in Chromium whose Python is in the page."""
    import conftest
    import test_site_in_browser as test_site
    from playwright.sync_api import sync_playwright

    from optlearn.course import site

    begun = time.monotonic()
    published = size(site.build(home / "published"))
    took = time.monotonic() - begun
    folder = site.build(home / "site", test_site.PYODIDE)
    test_site.let_tests_in(folder)
    rows = []
    with test_site.served(folder) as here, sync_playwright() as playwright:
        for number in range(1, RUNS + 1):
            page.say(f"site: run {number}")
            chromium = playwright.chromium.launch(
                executable_path=conftest.CHROMIUM, args=conftest.FLAGS
            )
            with conftest.open_page(chromium, here) as opened:
                begun = time.monotonic()
                opened.open(LESSON, seconds=300)
                rows.append([number, f"{time.monotonic() - begun:.0f}"])
                for until in (1, 6):  # the recall questions' cell, then the explorer's
                    test_site.run_cell(opened, until)
                    rows[-1].append(f"{time.monotonic() - begun:.0f}")
                opened.explorer()
                rows[-1][-1] = f"{time.monotonic() - begun:.0f}"
            chromium.close()
    yield "In the browser"
    yield (
        f"`optlearn course site` takes {took:.0f} s and makes {published:.0f} MB; with a Pyodide "
        f"of its own (`--pyodide`) it is {size(folder):.0f} MB. Seconds in Chromium with an empty "
        "cache, site and Pyodide from this machine, until Python is ready, the first cell has run, "
        "and the first explorer of lesson 02 is alive. From elsewhere, bringing Pyodide takes its "
        "own time, once."
    )
    yield from page.table(["run", "Python ready", "first cell", "explorer alive"], rows)


SECTIONS = {"clone": clone, "binder": binder, "site": site}


def main():
    names = sys.argv[1:] or list(SECTIONS)
    for name in names:
        load = os.getloadavg()[1]  # before: what is measured makes a load of its own
        with tempfile.TemporaryDirectory() as home:
            title, *lines = SECTIONS[name](Path(home))
        about = page.machine("numpy").replace("one core", f"{os.cpu_count()} cores")
        busy = f" The machine was busy with other work (load {load:.0f})." if load > 2.5 else ""
        made = f"Made by `python tests/benchmarks/launch.py {name}`. {about}{busy}"
        lines = [lines[0], "", *lines[1:]]
        page.write(name, [f"## {title}", "", lines[0], "", made, "", *lines[2:]], PAGE)


if __name__ == "__main__":
    main()
