// The trajectory explorer: an optimizer walks over a landscape of two weights.

const CONTROLS = ["landscape", "settings", "optimizer", "lr", "momentum", "steps", "start"];
const STEPS = [...evenly(1, 60, 1), ...evenly(65, 200, 5), ...evenly(225, 1000, 25)];
const OWN = {
  condition: ["condition number", inRatios(1, 1000, 30)],
  angle: ["angle in degrees", evenly(-90, 90, 1)],
  steepness: ["steepness", inRatios(1, 100, 30)],
};

// Learning rates from 0.01/L to 10/L, in steps of 4 %, and finer around the limit 2/L.
function learningRates(sharpness) {
  const around = [1.9, 1.95, 1.98, 1.99, 2, 2.01, 2.02, 2.05, 2.1];
  const steady = inRatios(0.01, 10, 60).filter((m) => m < 1.9 || m > 2.1);
  return [...steady, ...around].sort((a, b) => a - b).map((m) => Number((m / sharpness).toPrecision(12)));
}

// The curvature that learning rates are measured by: the sharpest minimum's.
const steepest = (land, minima) => Math.max(...minima.map(([x, y]) => land.sharpness(x, y)));

// What the explorer shows, in words.
function inWords(state, path, land, names) {
  const { optimizer, landscape: place } = names;
  const loss = brief(land.value(path.points[2 * path.length], path.points[2 * path.length + 1]));
  const end = `after ${path.length} step${path.length === 1 ? "" : "s"} the loss is ${loss}`;
  const way = manner(path, land);
  const how = way === "diverges" ? `diverged at step ${path.diverged}` : `${way}; ${end}`;
  return `${place}, ${optimizer}, learning rate ${brief(state.lr)}: ${how}.`;
}

class TrajectoryView {
  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.choices = model.get("choices");
    this.state = {};
    this.player = new Player(() => this.path.length, () => this.draw(), () => this.tell());
    this.ground = document.createElement("canvas");
    this.save = debounce(() => this.send(), 150);
    this.tell = debounce(() => this.announce(), 250);
    this.build();
    this.read(CONTROLS);
    const observer = new ResizeObserver(() => this.draw());
    observer.observe(this.canvas);
    const ends = [
      listen(model, CONTROLS, (name) => this.read([name])),
      listen(model, ["surface"], () => { if (this.resurface()) this.refresh(); }),
      () => observer.disconnect(),
    ];
    this.end = () => {
      ends.forEach((stop) => stop());
      this.player.stop();
      this.save.flush();
      this.tell.cancel();
    };
  }

  // ---- the page ----

  build() {
    this.canvas = element("canvas", { className: "ol-canvas", role: "img" });
    this.summary = element("p", { className: "ol-summary", "aria-live": "polite" });
    this.note = element("p", { className: "ol-note", role: "status" });
    const readouts = element("div", { className: "ol-readouts" });
    this.readouts = {};
    for (const name of ["loss", "gradient norm", "2/L here", "learning rate"]) {
      this.readouts[name] = element("span");
      readouts.append(element("div", {}, element("span", { className: "ol-name" }, name),
        this.readouts[name]));
    }
    this.dials = this.buildDials();
    this.root.classList.add("ol-explorer");
    this.root.append(
      element("div", { className: "ol-stage" }, this.canvas, this.key(), this.player.root,
        this.summary),
      element("div", { className: "ol-panel" },
        ...Object.values(this.dials).map((d) => d.root), readouts, this.note));
    keepKeys(this.root);
    this.watchPointer();
  }

  // What the signs on the map mean.
  key() {
    const sign = (text, color) => element("span", { style: `color: ${color}` }, text);
    return element("p", { className: "ol-key" },
      sign("\u25cb", COLORS[0]), " start: drag it   ", sign("\u25cf", COLORS[1]),
      " last step   \u2605 minimum");
  }

  buildDials() {
    const note = (text) => this.warn(text);
    const plain = (key, label, values) =>
      dial({ label, values, note, change: (value) => this.change({ [key]: value }) });
    const start = (i) => dial({
      label: `start weight ${i + 1}`, values: [0, 1], note,
      change: (value) => this.change({ start: this.state.start.map((w, k) => (k === i ? value : w)) }),
    });
    const own = Object.entries(OWN).map(([key, [label, values]]) => [key, dial({
      label, values, note,
      change: (value) => this.change({ settings: { ...this.state.settings, [key]: value } }),
    })]);
    const rate = plain("lr", "learning rate", [1]);
    return {
      landscape: menu({
        label: "landscape", options: this.names("landscapes"), change: (name) => this.visit(name),
      }),
      ...Object.fromEntries(own),
      optimizer: menu({
        label: "optimizer", options: this.choices.optimizers,
        change: (optimizer) => this.change({ optimizer }),
      }),
      lr: rate,
      momentum: plain("momentum", "momentum", [...evenly(0, 0.99, 0.01), 0.995, 0.999]),
      steps: dial({
        label: "steps", values: STEPS, note, least: 1,
        change: (value) => this.change({ steps: Math.round(value) }),
      }),
      start1: start(0),
      start2: start(1),
    };
  }

  names(kind) {
    return Object.fromEntries(
      Object.entries(this.choices[kind]).map(([name, { label }]) => [name, label]));
  }

  // Pressing on the map puts the start there; it follows the pointer until the release.
  watchPointer() {
    const move = (event) => {
      const box = this.canvas.getBoundingClientRect();
      const at = [(event.clientX - box.left) / box.width, (box.bottom - event.clientY) / box.height];
      const start = this.bounds.map(([low, high], i) => {
        const w = low + (high - low) * Math.min(Math.max(at[i], 0), 1);
        return Number(w.toPrecision(3));
      });
      this.change({ start });
    };
    this.canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.canvas.setPointerCapture(event.pointerId);
      event.preventDefault();
      move(event);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (this.canvas.hasPointerCapture(event.pointerId)) move(event);
    });
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

  // Take a value from a control.
  change(values) {
    this.warn("");
    this.update(values);
    this.save();
  }

  update(values) {
    Object.assign(this.state, values);
    this.player.finish();
    if ("landscape" in values || "settings" in values) this.resurface();
    this.refresh();
  }

  send() {
    for (const name of CONTROLS) this.model.set(name, this.state[name]);
    this.model.save_changes();
  }

  visit(name) {
    const { start, lr, settings } = this.choices.landscapes[name];
    this.change({ landscape: name, start, lr, settings });
  }

  // Fill in the landscape: with Python's coefficients where they belong to the present settings.
  // Returns whether it is another than before.
  resurface() {
    const { landscape: name, settings } = this.state;
    const surface = this.model.get("surface");
    const known = this.choices.landscapes[name];
    const same = surface.landscape === name
      && Object.keys(settings).every((key) => surface.settings[key] === settings[key]);
    const own = COEFFICIENTS[name];
    const coefficients = same ? surface.coefficients : own ? own(settings) : known.coefficients;
    this.minima = same ? surface.minima : known.minima;
    this.bounds = known.bounds;
    const key = JSON.stringify([name, coefficients]);
    if (key === this.surfaceKey) return false;
    this.surfaceKey = key;
    this.land = landscape(name, coefficients);
    this.rings = null;
    return true;
  }

  // Bring controls and picture up to date.
  refresh() {
    const { dials, state } = this;
    dials.lr.setValues(learningRates(steepest(this.land, this.minima)));
    this.bounds.forEach(([low, high], i) => {
      dials[`start${i + 1}`].setValues(evenly(low, high, (high - low) / 160));
      dials[`start${i + 1}`].set(state.start[i]);
    });
    for (const key of ["landscape", "optimizer", "lr", "momentum", "steps"]) dials[key].set(state[key]);
    dials.momentum.root.hidden = !HYPER[state.optimizer].includes("momentum");
    for (const key of Object.keys(OWN)) {
      const here = state.landscape in COEFFICIENTS && key in state.settings;
      dials[key].root.hidden = !here;
      if (here) dials[key].set(state.settings[key]);
    }
    this.path = simulate(this.land, state.optimizer, state, state.start, state.steps);
    this.draw();
    this.tell();
  }

  warn(text) {
    this.note.textContent = text;
  }

  announce() {
    const { state, choices } = this;
    const names = {
      optimizer: choices.optimizers[state.optimizer],
      landscape: choices.landscapes[state.landscape].label,
    };
    const part = this.player.shown < this.path.length ? ` Shown: step ${this.player.shown} of ${this.path.length}.` : "";
    this.summary.textContent = inWords(state, this.path, this.land, names) + part;
    this.canvas.setAttribute("aria-label", `Contour map with a path. ${this.summary.textContent}`);
  }

  // ---- the picture ----

  // Called from the event itself and not from an animation frame, so that the frame that follows
  // the event shows its effect. Browsers hand out pointer events at most once a frame.
  draw() {
    const { canvas, ground } = this;
    if (!canvas.clientWidth) return; // not on the page yet: the observer calls again
    const resized = sharpen(canvas);
    if (resized || this.rings === null) {
      this.rings ??= ringMap(this.land.value, this.bounds);
      [ground.width, ground.height] = [canvas.width, canvas.height];
      shade(ground.getContext("2d"), this.rings, ground.width, ground.height);
    }
    const context = canvas.getContext("2d");
    const ratio = canvas.width / canvas.clientWidth;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(ground, 0, 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const { bounds, minima, path, player } = this;
    const scene = { bounds, minima, path, shown: player.shown };
    drawMap(context, canvas.width / ratio, canvas.height / ratio, scene);
    this.fillReadouts();
  }

  fillReadouts() {
    const { points, length } = this.path;
    const step = Math.min(this.player.shown, length);
    const x = points[2 * step], y = points[2 * step + 1];
    const sharpness = this.land.sharpness(x, y);
    const limit = 2 / sharpness;
    const curved = sharpness > 0 && Number.isFinite(limit);
    this.player.counter.textContent = `step ${step} of ${this.state.steps}`;
    const text = {
      loss: brief(this.land.value(x, y)),
      "gradient norm": brief(Math.hypot(...this.land.gradient(x, y))),
      "2/L here": curved ? brief(limit) : "-",
      "learning rate": curved ? `${brief(this.state.lr / limit)} × 2/L` : brief(this.state.lr),
    };
    for (const [name, value] of Object.entries(text)) this.readouts[name].textContent = value;
  }
}

function render({ model, el }) {
  const root = document.createElement("div");
  el.append(root);
  return new TrajectoryView(model, root).end;
}
