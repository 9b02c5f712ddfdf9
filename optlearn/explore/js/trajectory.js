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

class TrajectoryView extends View {
  static traits = CONTROLS;
  static picture = "Contour map with a path.";

  build() {
    this.choices = this.model.get("choices");
    this.player = new Player(() => this.path.length, () => this.draw(), () => this.tell());
    this.ground = document.createElement("canvas");
    this.canvas.classList.add("ol-map");
    this.watchPointer();
    this.readouts = readouts("loss", "gradient norm", "2/L here", "learning rate");
    this.dials = this.buildDials();
    const sign = (text, color) => element("span", { style: `color: ${color}` }, text);
    return {
      key: [
        sign("\u25cb", COLORS[0]), " start: drag it   ", sign("\u25cf", COLORS[1]),
        " last step   \u2605 minimum",
      ],
      stage: [this.player.root],
      panel: [...Object.values(this.dials).map((d) => d.root), this.readouts.root],
    };
  }

  closing() {
    return [
      listen(this.model, ["surface"], () => { if (this.resurface()) this.update({}); }),
      () => this.player.stop(),
    ];
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

  refresh(values) {
    const { dials, state } = this;
    this.player.finish();
    if ("landscape" in values || "settings" in values) this.resurface();
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
  }

  words() {
    const { state, choices } = this;
    const names = {
      optimizer: choices.optimizers[state.optimizer],
      landscape: choices.landscapes[state.landscape].label,
    };
    const part = this.player.shown < this.path.length ? ` Shown: step ${this.player.shown} of ${this.path.length}.` : "";
    return inWords(state, this.path, this.land, names) + part;
  }

  paint(context, width, height, canvas, resized) {
    const { ground, bounds, minima, path, player } = this;
    if (resized || this.rings === null) {
      this.rings ??= ringMap(this.land.value, bounds);
      [ground.width, ground.height] = [canvas.width, canvas.height];
      shade(ground.getContext("2d"), this.rings, ground.width, ground.height);
    }
    context.drawImage(ground, 0, 0, width, height);
    drawMap(context, width, height, { bounds, minima, path, shown: player.shown });
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
    this.readouts.set(text);
  }
}

const render = rendering(TrajectoryView);
