// What all explorers share in the browser: controls beside a canvas, values kept in step with
// Python, a sentence that says what is shown, and a picture drawn within the event itself.

// A subclass gives
//   static traits      the values that Python and the browser share
//   static aspect      the width of the picture over its height; null where there is no picture
//   build()            makes the controls; returns { key, stage, panel }, lists of nodes
//   refresh(values)    brings controls and results up to date with `this.state`
//   static picture     what the picture is, for those who cannot see it
//   paint(context, width, height, canvas, resized)     draws, in CSS pixels
//   words()            the sentence
// and may override `prepare` (once, before the first refresh) and `closing` (at the end).
class View {
  static traits = [];
  static aspect = 4 / 3;

  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.state = {};
    this.save = debounce(() => this.send(), 150);
    this.tell = debounce(() => this.announce(), 250);
    this.canvas = element("canvas", { className: "ol-canvas", role: "img" });
    this.canvas.style.aspectRatio = this.constructor.aspect;
    this.canvas.hidden = this.constructor.aspect === null;
    this.summary = element("p", { className: "ol-summary", "aria-live": "polite" });
    this.note = element("p", { className: "ol-note", role: "status" });
    this.further = [];
    this.compose(this.build());
    keepKeys(root);
    this.read(this.constructor.traits);
    this.ends = [...this.watch(), ...this.closing()];
  }

  compose({ key = [], stage = [], panel = [] }) {
    const legend = key.length ? [element("p", { className: "ol-key" }, ...key)] : [];
    this.root.classList.add("ol-explorer");
    if (this.canvas.hidden) this.root.classList.add("ol-form");
    this.root.append(
      element("div", { className: "ol-stage" }, this.canvas, ...legend, ...stage, this.summary),
      element("div", { className: "ol-panel" }, ...panel, this.note));
  }

  // Follow Python, the size on the screen and the theme.
  watch() {
    const resizes = new ResizeObserver(() => this.draw());
    for (const { canvas } of this.pictures()) resizes.observe(canvas);
    // A frame later: while JupyterLab changes its theme, canvases may have no width.
    const themes = new MutationObserver(() => requestAnimationFrame(() => this.draw()));
    themes.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
    return [
      listen(this.model, this.constructor.traits, (name) => this.read([name])),
      () => resizes.disconnect(),
      () => themes.disconnect(),
    ];
  }

  // Functions to call when the cell is run again, besides those of `watch`.
  closing() {
    return [];
  }

  end() {
    this.ends.forEach((stop) => stop());
    this.save.flush();
    this.tell.cancel();
  }

  // ---- state: the browser's copy leads, Python's follows ----

  // Take values from Python.
  read(names) {
    const fresh = {};
    for (const name of names) {
      const value = this.model.get(name);
      if (JSON.stringify(value) !== JSON.stringify(this.state[name])) fresh[name] = value;
    }
    if (Object.keys(fresh).length) this.update(fresh);
  }

  // Take values from a control.
  change(values) {
    this.warn("");
    this.update(values);
    this.save();
  }

  update(values) {
    Object.assign(this.state, values);
    this.refresh(values);
    this.draw();
    this.tell();
  }

  send() {
    for (const name of this.constructor.traits) this.model.set(name, this.state[name]);
    this.model.save_changes();
  }

  // ---- what is said ----

  warn(text) {
    this.note.textContent = text;
  }

  announce() {
    this.summary.textContent = this.words();
    for (const { canvas, label } of this.pictures()) {
      canvas.setAttribute("aria-label", `${label} ${this.summary.textContent}`);
    }
  }

  // ---- the picture ----

  // The main picture and those that `furtherCanvas` added.
  pictures() {
    const { aspect, picture: label } = this.constructor;
    if (aspect === null) return [];
    const paint = (...all) => this.paint(...all);
    return [{ canvas: this.canvas, aspect, label, paint }, ...this.further];
  }

  // A second canvas, for `build` to put on the page: `paint` gets the context, the width and height
  // in CSS pixels, the canvas, and whether its size has changed.
  furtherCanvas(label, aspect, paint) {
    const canvas = element("canvas", { className: "ol-canvas", role: "img" });
    canvas.style.aspectRatio = aspect;
    this.further.push({ canvas, aspect, label, paint });
    return canvas;
  }

  // Called from the event itself and not from an animation frame, so that the frame that follows
  // the event shows its effect. Browsers hand out pointer events at most once a frame.
  draw() {
    for (const { canvas, aspect, paint } of this.pictures()) {
      if (!canvas.clientWidth) continue; // not on the page yet: the observer calls again
      const resized = sharpen(canvas, aspect);
      const context = canvas.getContext("2d");
      const ratio = canvas.width / canvas.clientWidth;
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      paint(context, canvas.width / ratio, canvas.height / ratio, canvas, resized);
    }
  }

  // ---- controls that change one value ----

  // A slider with a box; `least` is the smallest step of the box.
  dialFor(name, label, values, least = 0) {
    return dial({
      label, values, least, note: (text) => this.warn(text),
      change: (value) => this.change({ [name]: least >= 1 ? Math.round(value) : value }),
    });
  }

  menuFor(name, label, options) {
    return menu({ label, options, change: (value) => this.change({ [name]: value }) });
  }

  switchFor(name, label) {
    return toggle({ label, change: (on) => this.change({ [name]: on }) });
  }
}

// The function that anywidget calls, for a class of views.
function rendering(Kind) {
  return ({ model, el }) => {
    const root = document.createElement("div");
    el.append(root);
    const view = new Kind(model, root);
    return () => view.end();
  };
}
