// Weight decay under Adam: four weights, gradients of noise alone, two ways to decay.

// The weights of all replicas step by step, in the order of operations of optlearn/rules.py: the
// same bits. `draws` has a row a step; returns [replica][weight] paths.
function decayPaths({ decay, lr, weight_decay, steps }, draws, { noise, replicas }) {
  const beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
  const first = [], second = []; // what corrects the bias at each step
  for (let t = 1; t <= steps; t++) {
    first.push(1 - beta1 ** t);
    second.push(1 - beta2 ** t);
  }
  const coupled = decay === "coupled", keep = 1 - lr * weight_decay;
  const path = (size, replica) => {
    const points = new Float64Array(steps + 1);
    let w = points[0] = 1, m = 0, v = 0;
    for (let t = 0; t < steps; t++) {
      let g = draws[t * replicas + replica] * size;
      if (coupled) g = g + weight_decay * w;
      else w = keep * w;
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * (g * g);
      w = w - (lr * (m / first[t])) / (Math.sqrt(v / second[t]) + eps);
      points[t + 1] = w;
    }
    return points;
  };
  return Array.from({ length: replicas }, (_, r) => noise.map((size) => path(size, r)));
}

const mean = (values) => values.reduce((sum, v) => sum + v, 0) / values.length;

class DecayView extends View {
  static traits = ["decay", "lr", "weight_decay", "steps"];
  static picture = "Four weights over the steps, each with noise of another size.";

  build() {
    this.dials = {
      decay: this.menuFor("decay", "decay", this.choices.decay),
      weight_decay: this.dialFor("weight_decay", "weight decay", [0, ...inRatios(0.01, 1, 10)]),
      lr: this.dialFor("lr", "learning rate", inRatios(1e-4, 1e-2, 10)),
      steps: this.dialFor("steps", "steps", evenly(100, 2000, 50), 1),
    };
    this.names = this.choices.noise.map((size) => `noise ${brief(size)}`);
    this.readouts = readouts(...this.names, "decay alone");
    return {
      key: ["lines: mean of the runs; bands: all runs; dotted: what the decay alone would leave"],
      panel: [...Object.values(this.dials).map((d) => d.root), this.readouts.root],
    };
  }

  get choices() {
    return this.model.get("choices");
  }

  refresh() {
    const { state, dials, choices, names } = this;
    for (const [name, control] of Object.entries(dials)) control.set(state[name]);
    this.draws ??= drawsOf(this.model.get("normal"), NORMAL_STEP);
    this.paths = decayPaths(state, this.draws, choices);
    this.means = names.map((_, k) => mean(this.paths.map((run) => run[k][state.steps])));
    this.alone = (1 - state.lr * state.weight_decay) ** state.steps;
    const said = Object.fromEntries(names.map((name, k) => [name, `keeps ${brief(this.means[k])}`]));
    this.readouts.set({ ...said, "decay alone": `keeps ${brief(this.alone)}` });
  }

  paint(context, width, height) {
    const { state, paths, names } = this;
    const theme = themeOf(this.root);
    const every = Math.max(1, Math.floor(state.steps / 200));
    const shown = evenly(0, Math.floor(state.steps / every), 1).map((i) => i * every);
    const rows = names.map((_, k) => shown.map((t) => {
      const now = paths.map((run) => run[k][t]);
      return [t, Math.min(...now), Math.max(...now), mean(now)];
    }));
    const all = rows.flat();
    const low = Math.min(0, ...all.map((r) => r[1])), high = Math.max(1.1, ...all.map((r) => r[2]));
    const frame = drawFrame(context, theme, [44, 22, width - 12, height - 78],
      { range: [0, state.steps], label: "step \u2192" }, { range: [low, high], label: "weight (all start at 1) \u2191" });
    rows.forEach((row, k) => drawBand(context, frame, row, theme.colors[k]));
    const keep = 1 - state.lr * state.weight_decay;
    drawLine(context, frame, shown.map((t) => [t, keep ** t]), { color: theme.text, dash: [2, 3], width: 1.5 });
    // Under AdamW all four lie on each other: the thinner ones come last.
    rows.forEach((row, k) => drawLine(context, frame, row.map((r) => [r[0], r[3]]),
      { color: theme.colors[k], dash: DASHES[k], width: 4.6 - k }));
    names.forEach((text, k) => drawLegend(context, theme, 44 + (k % 2) * 160, height - 30 + 18 * (k >> 1),
      [{ text, color: theme.colors[k], dash: DASHES[k] }]));
  }

  words() {
    const { state, means, alone, choices } = this;
    const settings = `Learning rate ${brief(state.lr)}, weight decay ${brief(state.weight_decay)}, ${state.steps} steps: `;
    const last = means.length - 1;
    if (state.decay === "coupled") {
      return `${settings}L2 goes through Adam's denominator. The weight with noise ${brief(choices.noise[0])} keeps ${brief(means[0])}, `
        + `that with noise ${brief(choices.noise[last])} keeps ${brief(means[last])}; the decay alone would leave ${brief(alone)}.`;
    }
    return `${settings}AdamW shrinks all four weights alike, to ${brief(mean(means))}; the decay alone would leave ${brief(alone)}.`;
  }
}

const render = rendering(DecayView);
