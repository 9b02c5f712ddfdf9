// The panel of the trajectory explorer: its controls, and what they change.

const CONTROLS = [
  "landscape", "settings", "optimizer", "optimizers", "own", "shared", "lr", "momentum", "steps",
  "start", "noise", "seed", "loss_scale", "arrows", "basins", "favourite",
];
const CLASSICAL = ["sgd", "momentum", "nesterov"]; // 2/L limits their learning rate
const MOST = COLORS.length;
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

// Learning rates that suit some optimizer somewhere, in steps of 8 %.
const RATES = inRatios(1e-4, 10, 30);

class TrajectoryPanel extends View {
  static traits = CONTROLS;
  static picture = "Contour map with a path.";

  build() {
    this.choices = this.model.get("choices");
    this.names = this.choices.optimizers;
    this.table = numbersOf(this.model.get("table"));
    const steps = () => Math.max(...Object.values(this.paths).map((path) => path.length));
    this.player = new Player(steps, () => this.draw(), () => this.tell());
    this.regions = new Basins(this.choices.grid, () => this.draw(), () => this.tell());
    this.ground = document.createElement("canvas");
    this.canvas.classList.add("ol-map");
    this.watchPointer();
    this.readouts = readouts("loss", "gradient norm", "2/L here", "learning rate");
    this.settings = new SettingDials((text) => this.warn(text), (key, value) => this.turn(key, value));
    this.board = this.choices.racing ? new RaceBoard(this) : null;
    this.dials = this.buildDials();
    this.more = this.buildMore();
    this.key = element("span", { className: "ol-names" });
    const { landscape: place, optimizer, rates, lr, ...rest } = this.dials;
    const { noise, seed, loss_scale: scale, arrows, basins, ...where } = rest;
    const roots = (controls) => Object.values(controls).map((control) => control.root);
    return {
      key: [this.key],
      stage: [this.player.root, this.readouts.root],
      panel: [
        ...(this.board?.nodes ?? []), place.root,
        ...Object.keys(OWN).map((key) => where[key].root), optimizer.root, this.more, rates.root, lr.root,
        ...this.settings.roots, where.steps.root, where.start1.root, where.start2.root,
        ...roots({ noise, seed, scale, arrows, basins }),
      ],
    };
  }

  buildDials() {
    const note = (text) => this.warn(text);
    const start = (i) => dial({
      label: `start weight ${i + 1}`, values: [0, 1], note,
      change: (value) => this.change({ start: this.state.start.map((w, k) => (k === i ? value : w)) }),
    });
    const own = Object.entries(OWN).map(([key, [label, values]]) => [key, dial({
      label, values, note,
      change: (value) => this.change({ settings: { ...this.state.settings, [key]: value } }),
    })]);
    const places = Object.entries(this.choices.landscapes).map(([name, { label }]) => [name, label]);
    const scales = { 1: "1", 10: "10", 100: "100", 1000: "1000" };
    return {
      landscape: menu({
        label: "landscape", options: Object.fromEntries(places), change: (name) => this.visit(name),
      }),
      ...Object.fromEntries(own),
      optimizer: menu({
        label: "optimizer", options: this.names, change: (name) => this.choose(name),
      }),
      rates: menu({
        label: "learning rates", options: { one: "one for all", each: "each its own best of 11" },
        change: (which) => (which === "one" ? this.change({ shared: true }) : this.tune()),
      }),
      lr: dial({ label: "learning rate", values: [1], note, change: (value) => this.turn("lr", value) }),
      steps: this.dialFor("steps", "steps", STEPS, 1),
      start1: start(0),
      start2: start(1),
      noise: this.dialFor("noise", "gradient noise", [0, ...inRatios(0.01, 10, 20)]),
      seed: this.dialFor("seed", "seed of the noise", evenly(0, this.choices.seeds - 1, 1), 1),
      loss_scale: menu({
        label: "multiply loss by", options: scales,
        change: (scale) => this.change({ loss_scale: Number(scale) }),
      }),
      arrows: this.switchFor("arrows", "arrows: gradient, momentum, step"),
      basins: this.switchFor("basins", "colour starts by where they end"),
    };
  }

  // Which optimizers walk: folded away, since most pictures show one.
  buildMore() {
    this.runs = Object.fromEntries(Object.entries(this.names).map(([name, label]) =>
      [name, toggle({ label, change: (on) => this.enter(name, on) })]));
    this.moreTitle = element("summary");
    const boxes = Object.values(this.runs).map(({ root }) => root);
    return element("details", { className: "ol-more" }, this.moreTitle,
      element("div", { className: "ol-grid", role: "group", "aria-label": "optimizers on the map" }, ...boxes));
  }

  // ---- what controls do ----

  // Show another optimizer's settings; where one walks alone, the other walks in its place.
  choose(name) {
    const alone = this.state.optimizers.length === 1;
    this.change(alone ? { optimizer: name, optimizers: [name] } : { optimizer: name });
  }

  enter(name, on) {
    const others = this.state.optimizers.filter((other) => other !== name);
    if (on ? others.length >= MOST : others.length === 0) {
      this.runs[name].set(!on);
      this.warn(on ? `At most ${MOST} can walk at once: take one away first` : "One has to stay");
      return;
    }
    const optimizers = on ? [...others, name] : others;
    this.change({ optimizers, optimizer: on ? name : optimizers[0] });
  }

  // Change a setting of the shown optimizer: the common one, unless it has one of its own.
  turn(key, value) {
    const { optimizer, own, shared } = this.state;
    const kept = own[optimizer] ?? {};
    const common = key === "lr" ? shared || !("lr" in kept)
      : key === "momentum" && CLASSICAL.includes(optimizer) && !("momentum" in kept);
    if (common) this.change({ [key]: value });
    else this.change({ own: { ...own, [optimizer]: { ...kept, [key]: value } } });
  }

  // Give each optimizer the learning rate, of those that are tried, with which it ends lowest.
  tune() {
    const { state, land, minima, choices } = this;
    const own = { ...state.own };
    for (const name of state.optimizers) {
      const hyper = hyperOf(state, choices.usual, name);
      const lr = tunedRate(choices.tried, land, minima[0], name, hyper, state.start, state.steps, this.given);
      own[name] = { ...own[name], lr };
    }
    this.change({ own, shared: false });
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
    dragOn(this.canvas, move);
  }

  visit(name) {
    const { start, lr, settings } = this.choices.landscapes[name];
    const rate = this.board ? {} : { lr };
    this.change({ landscape: name, start, settings, ...rate });
  }

  refreshDials() {
    const { dials, state, hypers } = this;
    const { optimizer, optimizers } = state;
    const alone = optimizers.length === 1;
    const measured = alone && CLASSICAL.includes(optimizer);
    dials.lr.setValues(measured ? learningRates(steepest(this.land, this.minima)) : RATES);
    this.bounds.forEach(([low, high], i) => {
      dials[`start${i + 1}`].setValues(evenly(low, high, (high - low) / 160));
      dials[`start${i + 1}`].set(state.start[i]);
    });
    const offered = alone ? this.names : Object.fromEntries(optimizers.map((name) => [name, this.names[name]]));
    if (JSON.stringify(offered) !== this.offered) {
      this.offered = JSON.stringify(offered);
      dials.optimizer.offer(offered);
    }
    for (const key of ["landscape", "optimizer", "steps", "noise", "seed", "arrows", "basins"]) {
      dials[key].set(state[key]);
    }
    dials.loss_scale.set(String(state.loss_scale));
    dials.lr.set(hypers[optimizer].lr);
    dials.seed.root.hidden = state.noise === 0;
    dials.rates.root.hidden = alone;
    const own = !state.shared && optimizers.some((name) => state.own[name]?.lr !== undefined);
    dials.rates.set(own ? "each" : "one");
    this.settings.refresh(optimizer, hypers[optimizer]);
    for (const key of Object.keys(OWN)) {
      const here = state.landscape in COEFFICIENTS && key in state.settings;
      dials[key].root.hidden = !here;
      if (here) dials[key].set(state.settings[key]);
    }
    for (const [name, { set }] of Object.entries(this.runs)) set(optimizers.includes(name));
    this.moreTitle.textContent = `compare optimizers (${optimizers.length} on the map)`;
  }
}
