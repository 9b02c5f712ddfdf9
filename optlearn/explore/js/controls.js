// Shared by all explorers: labelled native controls, the keyboard fix, stepping and playing.

function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key in node && key !== "style") node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

// JupyterLab handles keys of the whole page: it would eat a slider's arrows and take letters typed
// into a menu for its own shortcuts. Keys with a modifier, Tab and Escape stay JupyterLab's.
function isOurs(event) {
  const modified = event.ctrlKey || event.altKey || event.metaKey;
  const passes = modified || ["Tab", "Escape"].includes(event.key);
  return !passes && !(event.shiftKey && event.key === "Enter");
}

function keepKeys(root) {
  root.addEventListener("keydown", (event) => { if (isOurs(event)) event.stopPropagation(); });
  // JupyterLite's page hears a key before the explorer does. This attribute, which is Lumino's, tells
  // it whose the key is; it is set earlier still, by one listener for all explorers of the page.
  if (window.olKeepsKeys) return;
  window.olKeepsKeys = true;
  window.addEventListener("keydown", (event) => {
    if (!event.target.closest?.(".ol-explorer")) return;
    event.target.toggleAttribute("data-lm-suppress-shortcuts", isOurs(event));
  }, true);
}

// A slider over a sorted list of values, with a box to type any value between the two ends.
// A value that came from Python may lie between two list entries or beyond them: it is kept.
// `least` is the smallest step of the box, whose arrow keys change the third digit.
function dial({ label, values, change, note, least = 0 }) {
  const range = element("input", { type: "range", min: 0, step: 1, className: "ol-range" });
  const box = element("input", {
    type: "number", step: "any", className: "ol-box", "aria-label": `${label}, typed`,
  });
  const root = element("div", { className: "ol-dial" },
    element("label", {}, element("span", {}, label), range), box);
  const control = {
    root,
    range,
    box,
    setValues(list) {
      values = list;
      range.max = list.length - 1;
    },
    set(value) {
      range.value = nearest(values, value);
      range.setAttribute("aria-valuetext", brief(value));
      box.value = String(Number(value.toPrecision(6)));
      box.step = Math.max(least, 10 ** Math.floor(Math.log10(Math.abs(value) || 1) - 1.999));
    },
  };
  control.setValues(values);
  range.addEventListener("input", () => change(values[range.value]));
  box.addEventListener("change", () => {
    const low = values[0], high = values[values.length - 1];
    const typed = box.valueAsNumber;
    const kept = Math.min(Math.max(Number.isNaN(typed) ? low : typed, low), high);
    change(kept);
    const ends = `${brief(low)} to ${brief(high)}`;
    if (kept !== typed) note(`${label} goes from ${ends}: set to ${brief(kept)}`);
  });
  return control;
}

// A slider over a few values, with the chosen one beside it: for what was computed beforehand.
function picker({ label, values, change }) {
  const range = element("input", {
    type: "range", min: 0, max: values.length - 1, step: 1, className: "ol-range",
  });
  const shown = element("output", { className: "ol-shown" });
  const root = element("div", { className: "ol-dial" },
    element("label", {}, element("span", {}, label), range), shown);
  range.addEventListener("input", () => change(values[range.value]));
  return { root, range, set(value) {
    range.value = nearest(values, value);
    range.setAttribute("aria-valuetext", brief(value));
    shown.textContent = brief(value);
  } };
}

function menu({ label, options, change }) {
  const select = element("select", { className: "ol-menu" });
  const offer = (all) => {
    select.replaceChildren(...Object.entries(all).map(([value, text]) => new Option(text, value)));
  };
  offer(options);
  select.addEventListener("change", () => change(select.value));
  const root = element("label", { className: "ol-pick" }, element("span", {}, label), select);
  return { root, select, offer, set: (value) => { select.value = value; } };
}

// A checkbox.
function toggle({ label, change }) {
  const box = element("input", { type: "checkbox", className: "ol-check" });
  box.addEventListener("change", () => change(box.checked));
  const root = element("label", { className: "ol-switch" }, box, element("span", {}, label));
  return { root, box, set: (on) => { box.checked = on; } };
}

function button(label, press) {
  const node = element("button", { type: "button", className: "ol-button" }, label);
  node.addEventListener("click", press);
  return node;
}

// A small table of named numbers that change with the picture.
function readouts(...names) {
  const cells = Object.fromEntries(names.map((name) => [name, element("span")]));
  const root = element("div", { className: "ol-readouts" }, ...names.map((name) =>
    element("div", {}, element("span", { className: "ol-name" }, name), cells[name])));
  return { root, set(values) {
    for (const [name, text] of Object.entries(values)) cells[name].textContent = text;
  } };
}

// Call `move` with the events of a pointer from a press on a canvas to the release, wherever it goes.
function dragOn(canvas, move) {
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    event.preventDefault();
    move(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) move(event);
  });
}

// Index of the entry of a sorted list that is nearest to a value.
function nearest(values, value) {
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    if (Math.abs(values[i] - value) < Math.abs(values[best] - value)) best = i;
  }
  return best;
}

// Numbers from low to high, evenly spaced, without the crumbs of binary fractions.
function evenly(low, high, step) {
  const count = Math.round((high - low) / step);
  return Array.from({ length: count + 1 }, (_, i) => Number((low + i * step).toPrecision(12)));
}

// Numbers from low to high in equal ratios, rounded to three digits.
function inRatios(low, high, perDecade) {
  const count = Math.round(Math.log10(high / low) * perDecade);
  const all = Array.from({ length: count + 1 }, (_, i) =>
    Number((low * 10 ** (i / perDecade)).toPrecision(3)));
  return [...new Set(all)];
}

// Three significant digits, for a reader.
function brief(value) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "no number" : "beyond all bounds";
  if (value === 0) return "0";
  if (Math.abs(value) < 1e-12) return "< 1e-12";
  const size = Math.abs(value);
  const text = size >= 1e5 || size < 1e-4 ? value.toExponential(2) : String(+value.toPrecision(3));
  return text.replace("-", "\u2212").replace("e\u2212", "e-").replace("e+", "e");
}

// Call `action` once, `wait` milliseconds after the last request.
function debounce(action, wait) {
  let timer = null;
  const request = () => {
    clearTimeout(timer);
    timer = setTimeout(() => { timer = null; action(); }, wait);
  };
  request.cancel = () => clearTimeout(timer);
  request.flush = () => { if (timer !== null) { clearTimeout(timer); timer = null; action(); } };
  return request;
}

// The float64 numbers in bytes from Python, which need not begin at a multiple of eight.
function numbersOf(view, Kind = Float64Array) {
  return new Kind(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

// Call `handler` when any of the traits changes; returns the function that ends this.
function listen(model, names, handler) {
  const ends = names.map((name) => {
    const call = () => handler(name);
    model.on(`change:${name}`, call);
    return () => model.off(`change:${name}`, call);
  });
  return () => ends.forEach((end) => end());
}

// Buttons to step and play through `length()` steps. `shown` is the last step to draw; `show` is
// called when it changes and `rest` when it stays for now.
class Player {
  constructor(length, show, rest) {
    Object.assign(this, { length, show, rest, shown: Infinity, frame: null });
    this.counter = element("span");
    this.play = button("Play", () => this.toggle());
    this.root = element("div", { className: "ol-buttons" },
      button("Step", () => this.go(this.shown >= length() ? 1 : this.shown + 1)), this.play,
      button("Reset", () => this.go(0)), this.counter);
  }

  // The whole path, without a word to anyone.
  finish() {
    this.stop();
    this.shown = Infinity;
  }

  go(step) {
    this.stop();
    this.shown = Math.min(step, this.length());
    this.show();
    this.rest();
  }

  toggle() {
    if (this.frame !== null) {
      this.stop();
      this.rest();
    } else if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.go(Infinity);
    } else this.run();
  }

  run() {
    const length = this.length();
    const first = this.shown >= length ? 0 : this.shown;
    const pace = Math.max(10, length / 8); // steps a second
    let begun = null; // a frame's clock may lie behind performance.now()
    const tick = (now) => {
      begun ??= now;
      this.shown = Math.min(first + Math.floor(((now - begun) / 1000) * pace), length);
      this.show();
      if (this.shown >= length) {
        this.stop();
        this.rest();
      } else this.frame = requestAnimationFrame(tick);
    };
    this.frame = requestAnimationFrame(tick);
    this.play.textContent = "Pause";
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.frame = null;
    this.play.textContent = "Play";
  }
}
