// A gradient through layers: one batch forward and backward through a network that is made here.

// Weights (rows, columns) from standard normal and uniform draws: the functions of optlearn.nn.init.
const INITS = {
  xavier: (z, u, rows, columns) => z.map((v) => Math.sqrt(2 / (columns + rows)) * v),
  he: (z, u, rows, columns) => z.map((v) => Math.sqrt(2 / columns) * v),
  lecun: (z, u, rows, columns) => z.map((v) => Math.sqrt(1 / columns) * v),
  orthogonal: (z, u, rows, columns) => orthonormal(z, rows, columns),
  torch(z, u, rows, columns) {
    const bound = 1 / Math.sqrt(columns);
    return u.map((v) => -bound + (bound + bound) * (0.5 + 0.5 * v));
  },
};

// The functions, and their derivatives where their value is `y`.
const ACTIVATIONS = {
  sigmoid: [(a) => 0.5 * Math.tanh(0.5 * a) + 0.5, (y) => y * (1 - y)],
  tanh: [Math.tanh, (y) => 1 - y * y],
  relu: [(a) => Math.max(a, 0), (y) => (y > 0 ? 1 : 0)],
  linear: [(a) => a, () => 1],
};

// The gradient, with respect to the outputs, of the cross-entropy of n examples with labels 0, 1, ...
function crossEntropySlope(out, n, classes) {
  const slope = new Float64Array(out.length);
  for (let i = 0; i < n; i++) {
    const row = out.subarray(i * classes, (i + 1) * classes);
    const top = Math.max(...row);
    const sum = row.reduce((all, v) => all + Math.exp(v - top), 0);
    row.forEach((v, j) => { slope[i * classes + j] = (Math.exp(v - top) / sum - (i === j)) / n; });
  }
  return slope;
}

// The norm of the gradient of each layer's weights, from the first layer to the output.
function layerNorms({ depth, activation, init, gain }, normal, uniform, [n, width, classes]) {
  const [act, slopeOf] = ACTIVATIONS[activation];
  const outs = [normal.subarray(0, n * width)], weights = [];
  for (let layer = 0; layer <= depth; layer++) {
    const from = layer * width * width, rows = layer < depth ? width : classes;
    const at = n * width + from, count = rows * width;
    const w = INITS[init](normal.subarray(at, at + count), uniform.subarray(from, from + count), rows, width);
    weights.push(w.map((v) => gain * v));
    const sums = timesTransposed(outs[layer], weights[layer], n, width, rows);
    outs.push(layer < depth ? sums.map(act) : sums);
  }
  const norms = new Array(depth + 1);
  let slope = crossEntropySlope(outs[depth + 1], n, classes);
  for (let layer = depth; layer >= 0; layer--) {
    const rows = layer < depth ? width : classes;
    norms[layer] = norm(transposedTimes(slope, outs[layer], n, rows, width));
    const back = times(slope, weights[layer], n, rows, width);
    slope = back.map((v, i) => v * slopeOf(outs[layer][i]));
  }
  return norms;
}

// What became of the gradient, in a word or two.
function layersFate(norms, far) {
  const last = norms[norms.length - 1], share = norms[0] / last;
  if (!(share > 0)) return "dies on the way";
  const even = share >= 1 / far && share <= far;
  if (even && (last < 1 / far || last > far)) return last < 1 ? "tiny everywhere" : "huge everywhere";
  return fate(share, far);
}

class LayersView extends View {
  static traits = ["depth", "activation", "init", "gain"];
  static picture = "Norm of the gradient, on a logarithmic axis, by layer.";
  static aspect = 5 / 4;

  build() {
    const { choices } = this;
    this.dials = {
      activation: this.menuFor("activation", "activation", choices.activation),
      init: this.menuFor("init", "initialisation", choices.init),
      depth: this.dialFor("depth", "hidden layers", evenly(2, 30, 1), 1),
      gain: this.dialFor("gain", "all weights times", [0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, ...evenly(1, 2, 0.1), 2.25, 2.5, 2.75, 3, 3.5, 4]),
    };
    this.readouts = readouts("first layer", "output layer", "first over output", "the gradient");
    return {
      key: ["one batch, before any training   thick: the chosen initialisation; thin: the others"],
      panel: [...Object.values(this.dials).map((d) => d.root), this.readouts.root],
    };
  }

  get choices() {
    return this.model.get("choices");
  }

  refresh() {
    const { state, dials, choices } = this;
    for (const [name, control] of Object.entries(dials)) control.set(state[name]);
    this.normal ??= drawsOf(this.model.get("normal"), NORMAL_STEP);
    this.uniform ??= drawsOf(this.model.get("uniform"), UNIFORM_STEP);
    this.norms = Object.fromEntries(Object.keys(choices.init).map((init) =>
      [init, layerNorms({ ...state, init }, this.normal, this.uniform, choices.sizes)]));
    const here = this.norms[state.init];
    this.share = here[0] / here[state.depth];
    const dead = !(this.share > 0);
    this.verdict = layersFate(here, choices.far);
    this.readouts.set({
      "first layer": brief(here[0]), "output layer": brief(here[state.depth]),
      "first over output": dead ? "0" : brief(this.share),
      "the gradient": this.verdict,
    });
  }

  paint(context, width, height) {
    const { state, norms, choices } = this;
    const theme = themeOf(this.root);
    const names = Object.keys(choices.init);
    const rows = Math.ceil(names.length / 3);
    const frame = drawFrame(context, theme, [56, 22, width - 12, height - 52 - 18 * rows],
      { range: [1, state.depth + 1], label: "layer (the last is the output) \u2192",
        ticks: ticksOf(scale([1, state.depth + 1], [0, 1])).filter(Number.isInteger) },
      { range: decades(Object.values(norms).flat()), log: true, label: "norm of the gradient of the layer's weights \u2191" });
    inFrame(context, frame, () => names.forEach((init, k) => {
      const color = theme.colors[k], pairs = norms[init].map((v, i) => [i + 1, v]);
      drawLine(context, frame, pairs, { color, dash: DASHES[k], width: init === state.init ? 3.4 : 1.3 });
      if (init === state.init) drawDots(context, frame, pairs, { color });
    }));
    names.forEach((init, k) => drawLegend(context, theme, 8 + (k % 3) * (width / 3),
      height - 12 - 18 * (rows - 1 - Math.floor(k / 3)),
      [{ text: choices.init[init].replace("PyTorch's default", "PyTorch"), color: theme.colors[k], dash: DASHES[k] }]));
  }

  words() {
    const { state, choices, share, verdict, norms } = this;
    const gain = state.gain === 1 ? "" : ` times ${brief(state.gain)}`;
    const what = `${state.depth} hidden layers of ${state.activation}, ${choices.init[state.init]}${gain}: `;
    if (!(share > 0)) return `${what}no gradient reaches the first layer: units that give 0 pass nothing back.`;
    if (verdict.endsWith("everywhere")) {
      return `${what}the gradient is ${verdict.split(" ")[0]} in all layers alike, ${brief(norms[state.init][state.depth])} in the last one.`;
    }
    return `${what}the gradient ${verdict}, the first layer's is ${brief(share)} of the last one's.`;
  }
}

const render = rendering(LayersView);
