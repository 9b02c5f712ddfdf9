"""Every explorer of the gallery in one JupyterLab: keys, names, themes, narrow panes, axe."""

import io
import os
import re
from pathlib import Path

import gallery
import numpy as np
import pytest

NAMES = list(gallery.LINES)
#: Where to keep the screenshots; nowhere if the variable is not set.
SHOTS = os.environ.get("OPTLEARN_SHOTS")
LIGHT, DARK = "JupyterLab Light", "JupyterLab Dark"
CONTROLS = "input, select, textarea"


@pytest.fixture(scope="module")
def shown(new_page, lab):
    """Return the gallery notebook, open and run; it must have stayed on this machine."""
    with new_page(height=1600) as page:
        path = lab.write(
            "browser/gallery.ipynb", "from optlearn import explore", *gallery.LINES.values()
        )
        page.open(path).run_each(len(NAMES))
        yield page
        assert page.outside == []


@pytest.fixture
def explorer(shown, request):
    """Return the root of one explorer, in view and at rest; the console must stay quiet."""
    shown.errors.clear()
    yield shown.explorer(NAMES.index(request.param))
    assert shown.errors == []


def each(names=NAMES):
    return pytest.mark.parametrize("explorer", names, indirect=True, ids=names)


#: A fingerprint of the explorer's pictures and of what it writes beside them (that has the class
#: ``ol-shown``); of a form, its text and the state of its controls.
FINGERPRINT = """
const fingerprint = (root) => {
    const mix = (canvas) => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        let all = 7;
        for (const pixel of new Uint32Array(data.buffer)) all = Math.imul(all ^ pixel, 16777619);
        return all;
    };
    const pictures = [...root.querySelectorAll("canvas")].filter((c) => c.offsetWidth);
    const shown = [...root.querySelectorAll(".ol-shown")].map((e) => e.innerText);
    if (pictures.length) return [...pictures.map(mix), ...shown].join();
    const controls = [...root.querySelectorAll("input")].map((i) => [i.checked, i.value]);
    return JSON.stringify([root.innerText, controls]);
};
"""
CHANGES = f"""async (root, before) => {{
    {FINGERPRINT}
    for (const end = performance.now() + 1000; performance.now() < end;) {{
        if (fingerprint(root) !== before) return true;
        await new Promise(requestAnimationFrame);
    }}
    return fingerprint(root) !== before;
}}"""


def snapshot(root):
    return root.evaluate(f"root => {{ {FINGERPRINT} return fingerprint(root) }}")


def changes(root, before):
    """Tell whether the picture changes within a second."""
    return root.evaluate(CHANGES, before)


def keys_for(control):
    """Return the keys that may move a control, in the order to try."""
    kind = control.evaluate("e => e.type")
    if kind == "checkbox":
        return ["Space", "Space"]
    if kind in ("text", "textarea"):
        return ["a"]
    if kind == "radio":
        return ["ArrowDown", "Space"]
    if kind == "number":
        return ["ArrowUp", "ArrowDown"]
    return ["ArrowDown", "ArrowUp", "End", "Home"]


VALUE = "e => ['checkbox', 'radio'].includes(e.type) ? e.checked : e.value"


def said(root):
    """Return the explorer's sentence, which is written a quarter of a second after a change."""
    sentence = root.locator("[aria-live=polite]")
    sentence.filter(has_text=re.compile(".{21}", re.DOTALL)).wait_for(state="attached")
    return sentence.inner_text()


@each()
def test_every_control_moves_the_picture_by_keyboard(explorer):
    moved = 0
    for control in explorer.locator(CONTROLS).all():
        if not control.is_visible() or not control.is_enabled():
            continue
        what = control.evaluate("e => e.labels?.[0]?.innerText || e.getAttribute('aria-label')")
        control.focus()
        for key in keys_for(control):
            before, value = snapshot(explorer), control.evaluate(VALUE)
            control.press(key)
            # A key that does nothing at an end is not worth a second.
            if control.evaluate(VALUE) != value and changes(explorer, before):
                break
        else:
            raise AssertionError(f"no key of {keys_for(control)} on {what!r} changed the picture")
        assert explorer.evaluate("e => e.contains(document.activeElement)"), (
            f"{what} lost the focus"
        )
        moved += 1
    assert moved or explorer.locator("button").count()


@each()
def test_every_button_does_something_by_keyboard(explorer):
    for number in range(explorer.locator("button").count()):
        button = explorer.locator("button").nth(number)
        if not button.is_visible() or not button.is_enabled():
            continue
        before, text = snapshot(explorer), explorer.inner_text()
        label = button.get_attribute("aria-label") or button.inner_text()
        button.focus()
        button.press("Enter")
        assert changes(explorer, before) or explorer.inner_text() != text, label
        pause = explorer.get_by_role("button", name="Pause")
        if pause.count():
            pause.press("Enter")


#: Put every control to its least, its greatest and 20 random places; return what is no number.
ANYWHERE = """
async root => {
    const bad = [];
    let state = 7; // numbers of our own, the same in every run
    const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
    for (let round = 0; round < 22; round++) {
        for (const control of root.querySelectorAll("input, select")) {
            if (!control.offsetWidth || control.disabled) continue;
            const at = round < 2 ? round : random();
            if (control.type === "range") {
                const low = Number(control.min), high = Number(control.max);
                control.value = Math.round(low + at * (high - low));
                control.dispatchEvent(new Event("input", { bubbles: true }));
            } else if (control.tagName === "SELECT") {
                control.selectedIndex = Math.round(at * (control.options.length - 1));
                control.dispatchEvent(new Event("change", { bubbles: true }));
            } else if (control.type === "checkbox" && control.checked !== at > 0.5) control.click();
        }
        await new Promise(requestAnimationFrame);
        // The sentence comes a quarter of a second later.
        if (round % 11 === 10) await new Promise((done) => setTimeout(done, 300));
        const said = root.innerText.match(/.*(NaN|undefined|null).*/);
        if (said) bad.push(`round ${round}: ${said[0]}`);
    }
    return bad;
}
"""


@each()
def test_no_setting_breaks_an_explorer(explorer):
    assert explorer.evaluate(ANYWHERE) == []
    for picture in explorer.locator("canvas:visible").all():
        assert np.std(image(picture)) > 3, "a blank picture"


INTERACTIVE = {
    "slider", "spinbutton", "combobox", "button", "textbox", "image", "img", "checkbox", "radio",
}  # fmt: skip


@each()
def test_a_screen_reader_gets_names_and_values(explorer, request):
    said(explorer)
    session = explorer.page.context.new_cdp_session(explorer.page)
    number = explorer.evaluate(
        "root => [...document.querySelectorAll('.jp-OutputArea-output .ol-explorer')].indexOf(root)"
    )
    expression = f"document.querySelectorAll('.jp-OutputArea-output .ol-explorer')[{number}]"
    found = session.send("Runtime.evaluate", {"expression": expression})
    handle = found["result"]["objectId"]
    nodes = session.send("Accessibility.queryAXTree", {"objectId": handle})["nodes"]
    rows = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if not node.get("ignored") and node.get("role", {}).get("value") in INTERACTIVE
    ]
    assert rows
    assert all(name.strip() for _, name in rows), rows
    assert len(set(rows)) == len(rows), rows
    for slider in explorer.locator("input[type=range]:visible").all():
        assert slider.get_attribute("aria-valuetext")
    pictures = explorer.locator("canvas:visible").all()
    assert bool(pictures) is (request.node.callspec.params["explorer"] not in gallery.FORMS)
    for canvas in pictures:
        assert canvas.get_attribute("role") == "img"
        assert len(canvas.get_attribute("aria-label")) > 30
    assert explorer.locator("[aria-live=polite]").count() == 1


@each()
def test_the_text_matches_what_python_says(explorer):
    """The browser's sentence is written, and it is not the same for a blank picture."""
    assert len(said(explorer)) > 20
    assert "undefined" not in explorer.inner_text()
    assert "NaN" not in explorer.inner_text()


def image(locator):
    from PIL import Image

    with Image.open(io.BytesIO(locator.screenshot())) as shot:
        return np.asarray(shot.convert("RGB"), dtype=float)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_themes(shown, theme):
    from axe_playwright_python.sync_playwright import Axe

    shown.theme(theme)
    try:
        shown.page.wait_for_timeout(300)
        for number, name in enumerate(NAMES):
            root = shown.explorer(number)
            shot = image(root)
            assert np.std(shot) > 10, f"{name} is a blank picture"
            color = root.evaluate("e => getComputedStyle(e).color")
            bright = np.mean([float(v) for v in re.findall(r"[\d.]+", color)[:3]])
            assert (bright > 150) == (theme == DARK), (name, color)
            if SHOTS:
                kind = "dark" if theme == DARK else "light"
                root.screenshot(path=str(Path(SHOTS) / f"{name}-{kind}.png"))
        options = {"resultTypes": ["violations"]}
        found = Axe().run(shown.page, context=".ol-explorer", options=options).response
        serious = [
            (v["id"], [n["html"][:120] for n in v["nodes"][:3]])
            for v in found["violations"]
            if v["impact"] in ("serious", "critical")
        ]
        assert serious == []
    finally:
        shown.theme(LIGHT)


def test_a_narrow_pane_cuts_nothing_off(shown):
    shown.page.set_viewport_size({"width": 440, "height": 1600})
    shown.page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    try:
        shown.page.wait_for_timeout(500)
        for number, name in enumerate(NAMES):
            root = shown.explorer(number)
            assert root.evaluate("e => e.clientWidth") <= 370, name
            outside = root.evaluate(
                "root => [...root.querySelectorAll('canvas, input, select, button, span, p, td')]"
                ".filter(e => e.offsetWidth && e.getBoundingClientRect().right >"
                " root.getBoundingClientRect().right + 1).map(e => e.outerHTML.slice(0, 200))"
            )
            assert outside == [], name
            if SHOTS:
                root.screenshot(path=str(Path(SHOTS) / f"{name}-narrow.png"))
    finally:
        shown.page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
        shown.page.set_viewport_size({"width": 1280, "height": 1600})


def test_running_again_leaves_nothing_behind(shown):
    count = shown.explorers().count()
    shown.page.evaluate(
        "() => { window.asked = 0; const ask = window.requestAnimationFrame.bind(window);"
        "window.requestAnimationFrame ="
        " (f) => { window.asked += f.name === 'tick'; return ask(f) } }"
    )
    plays = [shown.explorers().nth(i).locator("button", has_text="Play") for i in range(count)]
    playing = [number for number, play in enumerate(plays) if play.count()]
    assert len(playing) > 10
    for number in playing:  # the others ask for no frames
        before = shown.page.evaluate("window.asked")
        plays[number].click()
        shown.frames()
        asked = shown.page.evaluate("window.asked")
        assert asked > before, f"{NAMES[number]} does not play"
        shown.run(number)
        asked = shown.page.evaluate("window.asked")
        shown.frames()
        assert shown.page.evaluate("window.asked") == asked, f"{NAMES[number]} still plays"
    assert shown.explorers().count() == count == len(NAMES)
