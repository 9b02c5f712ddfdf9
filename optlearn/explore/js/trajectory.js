// The trajectory explorer: an optimizer walks over a landscape of two weights.

// What the explorer shows, in words.
function inWords(place, optimizer, lr, path, land) {
  const loss = brief(land.value(path.points[2 * path.length], path.points[2 * path.length + 1]));
  const end = `after ${path.length} step${path.length === 1 ? "" : "s"} the loss is ${loss}`;
  const way = manner(path, land);
  const how = way === "diverges" ? `diverged at step ${path.diverged}` : `${way}; ${end}`;
  return `${place}, ${optimizer}, learning rate ${brief(lr)}: ${how}.`;
}

// How the paths before multiplying the loss are drawn.
const BEFORE = { color: "#555555", dash: [2, 3], width: 1.5 };

class TrajectoryView extends TrajectoryPanel {
  closing() {
    return [
      listen(this.model, ["surface"], () => { if (this.resurface()) this.update({}); }),
      () => this.player.stop(),
      () => this.regions.stop(),
    ];
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
    const { state } = this;
    this.player.finish();
    if ("landscape" in values || "settings" in values) this.resurface();
    this.run();
    this.refreshDials();
    this.refreshKey();
    this.board?.refresh();
    if (!state.basins) this.regions.stop();
    else this.regions.begin((at) => this.walk(state.optimizer, at), this.minima, this.bounds);
  }

  walk(name, start, given = this.given) {
    return simulate(this.land, name, this.hypers[name], start, this.state.steps, given);
  }

  // Let all optimizers walk.
  run() {
    const { state, choices } = this;
    const { optimizers, noise, seed, loss_scale: scale } = state;
    this.given = { scale, noise, first: seed * choices.shift, table: this.table };
    const pairs = (make) => Object.fromEntries(optimizers.map((name) => [name, make(name)]));
    this.hypers = pairs((name) => hyperOf(state, choices.usual, name));
    this.rates = optimizers.map((name) => this.hypers[name].lr);
    this.paths = pairs((name) => this.walk(name, state.start));
    this.heights = pairs((name) => above(this.paths[name], this.land, this.minima[0]));
    this.path = this.paths[state.optimizer];
    // Where the loss is multiplied, the path without that lies behind.
    const plain = { ...this.given, scale: 1 };
    this.before = scale === 1 ? null : pairs((name) => this.walk(name, state.start, plain));
  }

  // What the lines and signs on the map are.
  refreshKey() {
    const { optimizer, optimizers, arrows, basins, loss_scale: scale } = this.state;
    const shown = JSON.stringify([optimizer, optimizers, arrows, basins, scale]);
    if (shown === this.keyed) return; // new nodes cost a layout of the page
    this.keyed = shown;
    const entries = [];
    const line = (text, color, dash) => entries.push([lineSample(color, dash), text]);
    const sign = (text, color) => element("span", { style: `color: ${color}` }, text);
    if (optimizers.length === 1) {
      entries.push([sign("\u25cb", COLORS[0]), " start: drag it"], [sign("\u25cf", COLORS[1]), " last step"]);
    } else {
      optimizers.forEach((name, i) => line(this.names[name], COLORS[i], DASHES[i]));
      entries.push(["\u25cb start: drag it"]);
    }
    entries.push(["\u2605 minimum"]);
    if (scale !== 1) line("path before multiplying", BEFORE.color, BEFORE.dash);
    if (basins) entries.push(["colour of a start: the minimum it reaches"], ["hatched: diverges"], ["clear: none yet"]);
    if (arrows) {
      Object.keys(this.arrows().vectors).forEach((name, i) => line(name, ...ARROWS[i]));
      entries.push(["arrows show directions only"]);
    }
    this.key.replaceChildren(...entries.map((entry) => element("span", {}, ...entry)));
  }

  // Early in a whole path, since its last steps are too short to see; and never out of sight.
  arrows() {
    const { state, hypers, player, path } = this;
    const seen = ([[x0, x1], [y0, y1]], x, y) => x0 <= x && x <= x1 && y0 <= y && y <= y1;
    let step = Math.min(player.shown >= path.length ? this.choices.arrows : player.shown, path.length - 1);
    while (step > 0 && !seen(this.bounds, path.points[2 * step], path.points[2 * step + 1])) step -= 1;
    return compass(this.land, state.optimizer, hypers[state.optimizer], state.start, step, this.given);
  }

  // ---- what is said and drawn ----

  words() {
    const { state, names, player, paths } = this;
    const place = this.choices.landscapes[state.landscape].label;
    const length = player.length();
    const single = state.optimizers.length === 1 && !this.board;
    const said = single
      ? inWords(place, names[state.optimizer], this.rates[0], this.path, this.land)
      : `${place}, ${bannerOf(this.rates)}, ${state.steps} steps: ${verdictOf(this.heights, names)}.`;
    const moved = this.before === null ? []
      : state.optimizers.filter((name) => pathsPart(paths[name], this.before[name], this.bounds));
    const scaled = this.before === null ? "" : ` ${scaledWords(state, moved, names)}.`;
    const regions = !this.regions.complete ? ""
      : ` Of all starts with ${names[state.optimizer]}: ${this.regions.words(this.minima)}.`;
    const part = player.shown < length ? ` Shown: step ${player.shown} of ${length}.` : "";
    return said + scaled + (this.board?.words() ?? "") + regions + part;
  }

  paint(context, width, height, canvas, resized) {
    const { ground, bounds, minima, player, state } = this;
    if (resized || this.rings === null) {
      this.rings ??= ringMap(this.land.value, bounds);
      [ground.width, ground.height] = [canvas.width, canvas.height];
      shade(ground.getContext("2d"), this.rings, ground.width, ground.height);
    }
    context.drawImage(ground, 0, 0, width, height);
    if (this.regions.ends !== null) context.drawImage(this.regions.picture, 0, 0, width, height);
    const place = placeOn(bounds, width, height);
    for (const path of Object.values(this.before ?? {})) {
      drawPath(context, cornersOf(path, place, player.shown), BEFORE.color, { ...BEFORE, dots: false });
    }
    drawMap(context, width, height, { bounds, minima, paths: this.lines(), shown: player.shown });
    if (state.arrows) drawCompass(context, place, this.arrows());
    if (state.loss_scale !== 1) {
      context.font = "bold 12px system-ui, sans-serif";
      context.textAlign = "right";
      rimmed(context, `loss \u00d7 ${state.loss_scale}`, width - 8, 16);
    }
    this.fillReadouts();
  }

  // The paths in their colours, the shown optimizer's on top.
  lines() {
    const { optimizer, optimizers } = this.state;
    if (optimizers.length === 1) return [{ path: this.path, color: COLORS[0], tip: COLORS[1] }];
    const line = (name) => {
      const i = optimizers.indexOf(name), shown = name === optimizer;
      return { name: this.names[name], path: this.paths[name], color: COLORS[i], dash: DASHES[i], width: shown ? 3 : 1.8 };
    };
    return [...optimizers.filter((name) => name !== optimizer), optimizer].map(line);
  }

  fillReadouts() {
    const { points, length } = this.path;
    const { optimizer, loss_scale: scale, steps } = this.state;
    const step = Math.min(this.player.shown, length);
    const x = points[2 * step], y = points[2 * step + 1];
    const limit = 2 / (scale * this.land.sharpness(x, y));
    const { lr } = this.hypers[optimizer];
    const curved = limit > 1e-12 && Number.isFinite(limit);
    const measured = curved && CLASSICAL.includes(optimizer);
    this.player.counter.textContent = `step ${Math.min(this.player.shown, this.player.length())} of ${steps}`;
    this.readouts.set({
      loss: brief(this.land.value(x, y)),
      "gradient norm": brief(scale * Math.hypot(...this.land.gradient(x, y))),
      "2/L here": curved ? brief(limit) : "-",
      "learning rate": measured ? `${brief(lr / limit)} \u00d7 2/L` : brief(lr),
    });
  }
}

const render = rendering(TrajectoryView);
