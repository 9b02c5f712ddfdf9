// The heat map: a run in each cell, and the path of the chosen one.

// From little left (dark) to all left (light), and the colour of what grows.
const FADE = ["#0b3c6f", "#2f72ad", "#86b6d9", "#d9e7f0", "#f7f7f2"].map(rgbOf);
const GROWS = rgbOf("#eeb58d");
const DEEPEST = -8; // decades; what is left beyond is as dark as can be

function rgbOf(hex) {
  return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
}

function shadeOf(share) {
  if (!(share < 1)) return GROWS;
  const at = Math.min(1, Math.max(0, 1 - Math.log10(share) / DEEPEST)) * (FADE.length - 1);
  const i = Math.min(Math.floor(at), FADE.length - 2);
  return FADE[i].map((channel, k) => channel + (FADE[i + 1][k] - channel) * (at - i));
}

// The share of the loss left after a run on a bowl whose axes are the weights'. The operations are
// those of RULES, written out: 4000 runs have to end within a frame.
function shareLeft(optimizer, [a, , c], [x, y], lr, mu, steps) {
  const begin = a * x * x + c * y * y;
  let bx = 0, by = 0;
  if (optimizer === "nesterov") {
    for (let t = 0; t < steps; t++) {
      const gx = a * x, gy = c * y;
      bx = mu * bx + gx;
      by = mu * by + gy;
      x -= lr * (gx + mu * bx);
      y -= lr * (gy + mu * by);
    }
  } else {
    const keep = optimizer === "sgd" ? 0 : mu;
    for (let t = 0; t < steps; t++) {
      bx = keep * bx + a * x;
      by = keep * by + c * y;
      x -= lr * bx;
      y -= lr * by;
    }
  }
  const share = (a * x * x + c * y * y) / begin;
  return Number.isFinite(share) ? share : Infinity;
}

// All cells, row by row from the bottom: shape (rows, rates).
function shares({ optimizer, across, momentum, condition, steps }, grid, start) {
  const rows = grid[across], rates = grid.lr;
  const all = new Float64Array(rows.length * rates.length);
  rows.forEach((row, j) => {
    const mu = across === "momentum" ? row : momentum;
    const bowl = bowlCoefficients({ condition: across === "condition" ? row : condition, angle: 0, sharpness: 1 });
    rates.forEach((lr, i) => {
      all[j * rates.length + i] = shareLeft(optimizer, bowl, start, lr, mu, steps);
    });
  });
  return all;
}

// The largest stable learning rate in units of 1/L.
function stableUpTo(optimizer, mu) {
  if (optimizer === "sgd") return 2;
  return optimizer === "nesterov" ? (2 * (1 + mu)) / (1 + 2 * mu) : 2 * (1 + mu);
}

// The learning rate and momentum that are fastest in the end.
function fastest(optimizer, k) {
  if (optimizer === "sgd") return [(2 * k) / (k + 1), 0];
  if (optimizer === "momentum") {
    const root = Math.sqrt(k);
    return [(4 * k) / (root + 1) ** 2, ((root - 1) / (root + 1)) ** 2];
  }
  const root = Math.sqrt(3 * k + 1);
  return [(4 * k) / (3 * k + 1), (root - 2) / (root + 2)];
}

class HeatmapView extends View {
  static traits = ["optimizer", "across", "lr", "momentum", "condition", "steps"];
  static picture = "Map of learning rates.";

  build() {
    const { grid, names } = this.model.get("choices");
    Object.assign(this, { grid, names, start: [-3.4, 1.5], bounds: [[-4, 4], [-3, 3]] });
    this.canvas.classList.add("ol-map");
    this.cells = document.createElement("canvas");
    this.ground = document.createElement("canvas");
    this.watchPointer();
    this.dials = {
      optimizer: this.menuFor("optimizer", "optimizer", names.optimizer),
      across: this.menuFor("across", "vertical axis", names.across),
      lr: this.dialFor("lr", "learning rate × L", grid.lr),
      momentum: this.dialFor("momentum", "momentum", grid.momentum),
      condition: this.dialFor("condition", "condition number", grid.condition),
      steps: this.dialFor("steps", "steps", [...evenly(10, 100, 5), ...evenly(110, 300, 10)], 1),
    };
    this.side = this.furtherCanvas("The path of the chosen cell.", 4 / 3, (...all) => this.paintPath(...all));
    this.side.classList.add("ol-side");
    return {
      key: ["dark: little of the loss is left   orange: it grows   ┅ limit of stability   ✕ theory's best"],
      panel: [...Object.values(this.dials).map((d) => d.root), this.side],
    };
  }

  // Pressing on the map chooses a cell; it follows the pointer until the release.
  watchPointer() {
    const move = (event) => {
      const box = this.canvas.getBoundingClientRect();
      const { across, up } = this.frame;
      const pick = (list, value) => list[nearest(list, value)];
      this.change({
        lr: pick(this.grid.lr, across.back(event.clientX - box.left)),
        [this.state.across]: pick(this.grid[this.state.across], up.back(event.clientY - box.top)),
      });
    };
    dragOn(this.canvas, move);
  }

  refresh() {
    const { state, dials, grid } = this;
    for (const [name, control] of Object.entries(dials)) control.set(state[name]);
    dials.momentum.root.hidden = state.optimizer === "sgd" && state.across !== "momentum";
    const { optimizer, across, momentum, condition, steps } = state;
    const key = [optimizer, across, across === "momentum" ? condition : momentum, steps].join();
    if (key !== this.key) {
      this.key = key;
      this.left = shares(state, grid, this.start);
      this.paintCells();
    }
    const coefficients = bowlCoefficients({ condition, angle: 0, sharpness: 1 });
    this.land = landscape("quadratic", coefficients);
    if (condition !== this.shown) {
      this.shown = condition;
      this.rings = null;
    }
    this.path = simulate(this.land, optimizer, state, this.start, steps);
    this.share = shareLeft(optimizer, coefficients, this.start, state.lr, momentum, steps);
  }

  // One pixel a cell; the browser scales them.
  paintCells() {
    const { cells, grid, left, state } = this;
    const columns = grid.lr.length, rows = grid[state.across].length;
    [cells.width, cells.height] = [columns, rows];
    const image = cells.getContext("2d").createImageData(columns, rows);
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++) {
        const at = 4 * ((rows - 1 - j) * columns + i);
        image.data.set([...shadeOf(left[j * columns + i]), 255], at);
      }
    }
    cells.getContext("2d").putImageData(image, 0, 0);
  }

  paint(context, width, height) {
    const { state, grid, cells } = this;
    const theme = themeOf(this.root);
    const rows = grid[state.across], log = state.across === "condition";
    const half = log ? Math.sqrt(rows[1] / rows[0]) : (rows[1] - rows[0]) / 2;
    const widen = ([low, high]) => (log ? [low / half, high * half] : [low - half, high + half]);
    const x = { range: [grid.lr[0] - 0.025, grid.lr.at(-1) + 0.025], ticks: [1, 2, 3, 4], label: "learning rate (units of 1/L) \u2192" };
    const y = { range: widen([rows[0], rows.at(-1)]), log, label: `${this.names.across[state.across]} \u2191` };
    const box = [46, 22, width - 10, height - 40];
    context.imageSmoothingEnabled = false;
    context.drawImage(cells, box[0], box[1], box[2] - box[0], box[3] - box[1]);
    this.frame = drawFrame(context, theme, box, x, y);
    inFrame(context, this.frame, () => this.paintMarks(context));
  }

  paintMarks(context) {
    const { state, grid, frame } = this;
    const limits = grid[state.across].map((row) =>
      [stableUpTo(state.optimizer, state.across === "momentum" ? row : state.momentum), row]);
    drawLine(context, frame, limits, { color: "#ffffff", width: 3.5 });
    drawLine(context, frame, limits, { color: "#000000", width: 1.6, dash: [6, 4] });
    const [rate, mu] = fastest(state.optimizer, state.condition);
    const best = [frame.across(rate), frame.up(state.across === "momentum" ? mu : state.condition)];
    drawCross(context, best, 6);
    drawDisc(context, [frame.across(state.lr), frame.up(state[state.across])], 6, "rgba(255,255,255,0.35)", "#000");
  }

  paintPath(context, width, height, canvas, resized) {
    const { ground, bounds, path } = this;
    if (resized || this.rings === null) {
      this.rings ??= ringMap(this.land.value, bounds);
      [ground.width, ground.height] = [canvas.width, canvas.height];
      shade(ground.getContext("2d"), this.rings, ground.width, ground.height);
    }
    context.drawImage(ground, 0, 0, width, height);
    drawMap(context, width, height, { bounds, minima: [[0, 0]], path, shown: Infinity });
  }

  words() {
    const { state, names, share } = this;
    const wall = stableUpTo(state.optimizer, state.momentum);
    const own = state.optimizer === "sgd" ? "" : `, momentum ${brief(state.momentum)}`;
    const end = share < 1 ? `${brief(share)} of the loss is left` : "the loss grows";
    return `${names.optimizer[state.optimizer]}, learning rate ${brief(state.lr)}/L${own}, condition `
      + `${brief(state.condition)}: after ${state.steps} steps ${end}. The limit is ${brief(wall)}/L.`;
  }
}

const render = rendering(HeatmapView);
