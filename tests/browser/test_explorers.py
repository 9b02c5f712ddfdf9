"""What a learner does with an explorer in JupyterLab: keys, pointer, screen reader, dark theme."""

import base64
import hashlib
import io
import re
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
#: The lessons whose first explorer is this one; the others' are moved in the gallery.
LESSONS = [
    f"lessons/{path.name}"
    for path in sorted((ROOT / "lessons").glob("*.ipynb"))
    if re.findall(r"explore\.(\w+)\(", path.read_text("utf8"))[:1] == ["trajectory"]
]
OWN = "browser/explorer.ipynb"
IMPORT = "from optlearn import explore"


@pytest.fixture(scope="module")
def tiny(new_page, lab):
    """Return a tiny notebook with an explorer, open: JupyterLab takes longest to open."""
    lab.write(OWN, IMPORT, 'explore.trajectory("rotated_quadratic", "momentum", lr=0.3)')
    with new_page() as page:
        page.open(OWN)
        assert_quiet(page)
        yield page


@pytest.fixture
def opened(tiny):
    """Return the tiny notebook with its explorer as new."""
    tiny.errors.clear()
    tiny.page.emulate_media(reduced_motion="no-preference")
    return tiny.run_all()


@pytest.fixture(scope="module")
def desk(new_page):
    """Return one JupyterLab for the notebooks of all other tests."""
    with new_page() as page:
        yield page


@pytest.fixture
def page(desk):
    """Return the JupyterLab in which a test may open a notebook of its own."""
    desk.errors.clear()
    desk.outside.clear()
    return desk


def pixels(root):
    """Return a fingerprint of the explorer's canvas."""
    data = root.locator("canvas").evaluate("canvas => canvas.toDataURL()")
    return hashlib.sha256(data.encode()).hexdigest()


def wait_for_pixels(page, root, before, what):
    for _ in range(40):
        after = pixels(root)
        if after != before:
            return after
        page.page.wait_for_timeout(25)
    raise AssertionError(f"the picture did not change: {what}")


def image(locator):
    from PIL import Image

    with Image.open(io.BytesIO(locator.screenshot())) as shot:
        return np.asarray(shot.convert("RGB"), dtype=float)


def settle(page):
    """Wait until changes have reached Python and the sentence is written."""
    page.page.wait_for_timeout(700)


def assert_quiet(page):
    assert page.errors == []
    assert page.outside == []


def move_every_control(opened):
    """Move every control of the first explorer by its arrow keys, and see the picture change."""
    root = opened.explorer()
    moved = []
    for control in root.locator("input, select").all():
        if not control.is_visible():
            continue
        what = control.evaluate("e => e.labels[0]?.innerText ?? e.getAttribute('aria-label')")
        state = "e => e.type === 'checkbox' ? String(e.checked) : e.value"
        before, value = pixels(root), control.evaluate(state)
        control.focus()
        kind = control.evaluate("e => e.type")
        least = kind == "number" or (kind == "range" and value == "0")
        key = "Space" if kind == "checkbox" else "ArrowUp" if least else "ArrowDown"
        if kind == "select-one" and control.evaluate("e => e.selectedIndex === e.length - 1"):
            key = "ArrowUp"
        if what.startswith("steps"):  # a step more may be too short to be seen
            key = "Home"
            if kind == "number":
                control.press_sequentially("7")
                key = "Enter"
        if what.startswith("eps"):  # a little more of almost nothing cannot be seen
            key = "End"
            if kind == "number":
                control.fill("0.01")
                key = "Enter"
        control.press(key)
        assert control.evaluate(state) != value, f"{key} did not move {what}"
        assert control.evaluate("e => e === document.activeElement"), f"{what} lost the focus"
        wait_for_pixels(opened, root, before, what)
        moved.append(what)
    assert len(moved) >= 9
    settle(opened)


def press_every_button(opened):
    """Press the buttons of the first explorer by keyboard, and see the picture change."""
    root = opened.explorer()
    for name in ("Reset", "Step", "Step", "Play"):
        before = pixels(root)
        button = root.get_by_role("button", name=name, exact=True)
        button.focus()
        button.press("Enter" if name == "Play" else "Space")
        wait_for_pixels(opened, root, before, name)
    root.get_by_role("button", name="Pause").press("Enter")
    stopped = pixels(root)
    opened.page.wait_for_timeout(300)
    assert pixels(root) == stopped


def test_every_control_works_by_keyboard(opened):
    move_every_control(opened)
    assert_quiet(opened)


def test_buttons_work_by_keyboard(opened):
    press_every_button(opened)
    assert_quiet(opened)


def test_reduced_motion_jumps_to_the_end(opened):
    root = opened.explorer()
    opened.page.emulate_media(reduced_motion="reduce")
    root.get_by_role("button", name="Reset").click()
    root.get_by_role("button", name="Play").click()
    opened.page.wait_for_timeout(100)
    assert "step 50 of 50" in root.inner_text()
    assert root.get_by_role("button", name="Play").is_visible()


def accessible(page):
    """Return (role, name, value) of the first explorer's controls, as a screen reader gets them."""
    session = page.page.context.new_cdp_session(page.page)
    explorer = {"expression": "document.querySelector('.ol-explorer')"}
    handle = session.send("Runtime.evaluate", explorer)["result"]["objectId"]
    rows = []
    for node in session.send("Accessibility.queryAXTree", {"objectId": handle})["nodes"]:
        role = node.get("role", {}).get("value")
        if not node.get("ignored") and role in INTERACTIVE:
            value = node.get("value", {}).get("value")
            rows.append((role, node.get("name", {}).get("value", ""), value))
    return rows


INTERACTIVE = {"slider", "spinbutton", "combobox", "button", "textbox", "image", "img"}


def read_every_control(opened):
    """Check names and values of the first explorer's controls as a screen reader gets them."""
    root = opened.explorer()
    settle(opened)
    rows = accessible(opened)
    assert all(name.strip() for _, name, _ in rows), rows
    names = [(role, name) for role, name, _ in rows]
    assert len(set(names)) == len(names)
    for role, name in [
        ("slider", "learning rate"), ("slider", "start weight 1"), ("slider", "start weight 2"),
        ("slider", "steps"), ("combobox", "landscape"), ("combobox", "optimizer"),
        ("button", "Step"), ("button", "Play"), ("button", "Reset"),
    ]:  # fmt: skip
        assert (role, name) in names
    typed = {name: float(value) for role, name, value in rows if role == "spinbutton"}
    for name in (name for role, name, _ in rows if role == "slider"):
        # Chromium's tree gives a slider's position; what it is read as stands in the attribute.
        said = root.get_by_role("slider", name=name, exact=True).get_attribute("aria-valuetext")
        assert float(said.replace("−", "-")) == pytest.approx(typed[f"{name}, typed"], rel=0.01)
    (summary,) = [name for role, name, _ in rows if role in ("image", "img")]
    assert summary.startswith("Contour map with a path.")
    assert "learning rate" in summary


def test_every_control_has_a_name_and_a_value(opened):
    read_every_control(opened)


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_runs_from_top_to_bottom_and_its_explorer_answers(page, lesson):
    opened = page.open(lesson).run_all()
    assert page.page.locator(".jp-OutputArea-output[data-mime-type*='error']").count() == 0
    read_every_control(opened)
    move_every_control(opened)
    press_every_button(opened)
    assert_quiet(opened)


def test_dragging_the_start(opened):
    root = opened.explorer()
    box = root.locator("canvas").bounding_box()
    before = pixels(root)
    mouse = opened.page.mouse
    mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.25 * box["height"])
    mouse.down()
    first = wait_for_pixels(opened, root, before, "pressing the pointer")
    mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.75 * box["height"], steps=4)
    wait_for_pixels(opened, root, first, "dragging")
    mouse.move(box["x"] - 500, box["y"] + 0.5 * box["height"])
    mouse.up()
    typed = [
        float(root.get_by_role("spinbutton", name=f"start weight {i}, typed").input_value())
        for i in (1, 2)
    ]
    assert typed[0] == -4, "beyond the frame it stays at the frame"
    assert abs(typed[1]) < 0.05
    done = pixels(root)
    mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.6 * box["height"])
    opened.page.wait_for_timeout(100)
    assert pixels(root) == done, "a released pointer moves nothing"
    assert_quiet(opened)


def test_divergence_is_said_and_shown(opened):
    root = opened.explorer()
    box = root.get_by_role("spinbutton", name="learning rate, typed")
    before = pixels(root)
    box.fill("5")
    box.press("Enter")
    after = wait_for_pixels(opened, root, before, "a learning rate that diverges")
    settle(opened)
    summary = root.locator("[aria-live=polite]").inner_text()
    assert re.search(r"diverged at step \d+", summary)
    assert "diverged at step" in root.locator("canvas").get_attribute("aria-label")
    box.fill("6")
    box.press("Enter")
    wait_for_pixels(opened, root, after, "another rate that diverges: the picture is not frozen")
    assert np.std(image(root.locator("canvas"))) > 10
    assert_quiet(opened)


def test_a_typed_value_out_of_range_is_clamped_with_a_note(opened):
    root = opened.explorer()
    box = root.get_by_role("spinbutton", name="momentum, typed")
    box.fill("7")
    box.press("Enter")
    assert box.input_value() == "0.999"
    assert "momentum goes from 0 to 0.999" in root.locator("[role=status]").inner_text()
    root.get_by_role("slider", name="steps").press("ArrowRight")
    assert root.locator("[role=status]").inner_text() == ""


def test_browser_and_python_agree(page, lab):
    cells = "w = explore.trajectory('quadratic', lr=1)", "w", "w.lr = 0.5"
    path = lab.write("browser/agree.ipynb", IMPORT, *cells)
    page.open(path).run_all()
    root = page.explorer()
    box = root.get_by_role("spinbutton", name="learning rate, typed")
    assert box.input_value() == "0.5", "assigning the attribute moves the control"
    root.get_by_role("combobox", name="landscape").select_option("ravine")
    root.get_by_role("slider", name="steepness").press("ArrowRight")
    box.fill("0.07")
    box.press("Enter")
    settle(page)
    answer = page.ask("(w.landscape, w.settings, w.lr, w.surface['settings'] == w.settings)")
    assert answer == "('ravine', {'steepness': 21.5}, 0.07, True)"
    assert_quiet(page)


def test_optimizers_are_added_by_keyboard_up_to_eight(page, lab):
    cells = "w = explore.trajectory('ravine', 'sgd', lr=0.03)", "w"
    page.open(lab.write("browser/several.ipynb", IMPORT, *cells)).run_all()
    root = page.explorer()
    root.locator("summary").press("Enter")
    boxes = root.get_by_role("group", name="optimizers on the map").get_by_role("checkbox")
    for number in range(1, 8):
        before = pixels(root)
        boxes.nth(number).press("Space")
        wait_for_pixels(page, root, before, f"optimizer {number}")
    boxes.nth(8).press("Space")
    assert not boxes.nth(8).is_checked()
    assert "At most 8 can walk at once" in root.locator("[role=status]").inner_text()
    settle(page)
    assert page.ask("(len(w.optimizers), w.optimizer)") == "(8, 'amsgrad')"
    root.get_by_role("combobox", name="learning rates").select_option("each")
    settle(page)
    assert page.ask("len({w.hyper(n)['lr'] for n in w.optimizers}) > 2") == "True"
    assert "each its own learning rate" in root.locator("[aria-live=polite]").inner_text()
    assert_quiet(page)


def test_explorers_are_independent_and_leave_nothing(page, lab):
    path = lab.write(
        "browser/two.ipynb", IMPORT, "explore.trajectory()", "explore.trajectory('saddle')"
    )
    page.open(path).run_all()
    first, second = page.explorer(0), page.explorer(1)
    untouched = pixels(second)
    first.get_by_role("slider", name="learning rate").press("ArrowRight")
    settle(page)
    assert pixels(second) == untouched
    # An explorer that is run again while it plays has to stop asking for frames.
    page.page.evaluate(
        "() => { window.asked = 0; const ask = window.requestAnimationFrame.bind(window);"
        "window.requestAnimationFrame ="
        " (f) => { window.asked += f.name === 'tick'; return ask(f) } }"
    )
    first.get_by_role("spinbutton", name="steps, typed").fill("1000")
    first.get_by_role("button", name="Play").click()
    page.page.wait_for_timeout(200)
    assert page.page.evaluate("window.asked") > 3
    page.run_all()
    page.explorer(1)
    asked = page.page.evaluate("window.asked")
    page.page.wait_for_timeout(300)
    assert page.page.evaluate("window.asked") == asked
    assert page.explorers().count() == 2
    assert_quiet(page)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_themes(opened, theme):
    root = opened.explorer()
    opened.theme(theme)
    try:
        opened.page.wait_for_timeout(300)
        shot = image(root)
        assert np.std(shot) > 15, "a blank picture"
        text, ground = root.evaluate(
            "e => [getComputedStyle(e).color, getComputedStyle(document.body).getPropertyValue("
            "'--jp-layout-color0')]"
        )
        bright = np.mean([float(v) for v in re.findall(r"[\d.]+", text)[:3]])
        assert (bright > 150) == ("Dark" in theme), (text, ground)
    finally:
        opened.theme("JupyterLab Light")
    assert_quiet(opened)


def test_a_narrow_pane_cuts_nothing_off(new_page, lab):
    with new_page() as page:
        page.page.set_viewport_size({"width": 480, "height": 1000})
        path = lab.write(
            "browser/narrow.ipynb", IMPORT, 'explore.trajectory("rotated_quadratic", "nesterov")'
        )
        page.open(path)
        page.command("application:toggle-left-area")
        page.run_all()
        root = page.explorer()
        width = root.evaluate("e => e.clientWidth")
        assert width <= 400
        inside = root.evaluate(
            "root => [...root.querySelectorAll('canvas, input, select, button, span, p')].filter("
            "e => e.offsetWidth && e.getBoundingClientRect().right > "
            "root.getBoundingClientRect().right + 1).map(e => e.outerHTML)"
        )
        assert inside == []
        assert root.evaluate("e => e.scrollWidth <= e.clientWidth")


@pytest.mark.parametrize("lesson", ["lessons/02_gradient_descent.ipynb"])
def test_a_lesson_links_to_its_exercise(page, lesson):
    page.open(lesson)
    link = page.page.locator(".jp-RenderedMarkdown:visible a[href*='exercises']").first
    assert page.follow(link) == lesson.replace("lessons", "exercises")[:-6] + "/exercise.ipynb"
    page.page.locator(".jp-NotebookPanel:visible .jp-Cell").first.wait_for()
    assert_quiet(page)


def test_links_between_notebooks_open_in_jupyterlab(page, lab):
    lab.write("exercises/browser_link/exercise.ipynb", "1 + 1")
    path = lab.write("lessons/browser_link.ipynb", "# [the exercise](../exercises)")
    lab.markdown(path, "[the exercise](../exercises/browser_link/exercise.ipynb)")
    page.open(path)
    link = page.page.locator(".jp-RenderedMarkdown:visible a[href*='exercises']").first
    assert page.follow(link) == "exercises/browser_link/exercise.ipynb"


def test_nothing_outside_is_reached(page, lab):
    page.open(lab.write("browser/guard.ipynb", "1 + 1"))
    page.page.evaluate("fetch('https://example.org/').catch(() => 0)")
    assert page.outside == ["https://example.org/"], "the guard itself works"


def test_saved_picture_without_running(page, lab):
    """A stored bundle without a widget entry shows its picture with the kernel untouched."""
    import json

    from optlearn import explore

    data, metadata = explore.trajectory("saddle")._repr_mimebundle_()
    data.pop("application/vnd.jupyter.widget-view+json")
    path = lab.folder / lab.write("browser/saved.ipynb", "explore.trajectory('saddle')")
    saved = json.loads(path.read_text("utf8"))
    saved["cells"][0]["execution_count"] = 1
    saved["cells"][0]["outputs"] = [
        {"output_type": "execute_result", "execution_count": 1, "data": data, "metadata": metadata}
    ]
    path.write_text(json.dumps(saved), "utf8")
    page.open("browser/saved.ipynb")
    shown = page.page.locator(".jp-OutputArea-output img")
    shown.wait_for()
    source = shown.get_attribute("src").split(",")[1]
    assert base64.b64decode(source) == base64.b64decode(data["image/png"])
