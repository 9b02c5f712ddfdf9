// A gradient through time: one batch of sequences through a recurrent layer that is made here.

// Returns { norms, whole, clipped }: the gradient's norm at each step's state, that of all weights
// together, and that after clipping.
function timeNorms({ steps, nonlinearity, scale: recurrent, clip }, normal, { sizes, inputs }) {
  const [n, features, units] = sizes;
  let at = 0;
  const take = (count) => normal.subarray(at, at += count);
  const target = take(n * units);
  const wIn = take(units * features).map((v) => inputs * v);
  const w = orthonormal(take(units * units), units, units).map((v) => recurrent * v);
  const relu = nonlinearity === "relu";
  const states = [new Float64Array(n * units)], x = [];
  for (let t = 0; t < steps; t++) {
    x.push(take(n * features));
    const sums = timesTransposed(x[t], wIn, n, features, units);
    const carried = timesTransposed(states[t], w, n, units, units);
    states.push(sums.map((v, i) => (relu ? Math.max(v + carried[i], 0) : Math.tanh(v + carried[i]))));
  }
  const norms = new Array(steps);
  const gIn = new Float64Array(units * features), g = new Float64Array(units * units);
  let slope = states[steps].map((v, i) => (2 * (v - target[i])) / (n * units));
  for (let t = steps; t >= 1; t--) {
    norms[t - 1] = norm(slope);
    const delta = slope.map((v, i) => v * (relu ? +(states[t][i] > 0) : 1 - states[t][i] * states[t][i]));
    transposedTimes(delta, x[t - 1], n, units, features).forEach((v, i) => { gIn[i] += v; });
    transposedTimes(delta, states[t - 1], n, units, units).forEach((v, i) => { g[i] += v; });
    slope = times(delta, w, n, units, units);
  }
  const whole = norm(gIn, g);
  return { norms, whole, clipped: whole * Math.min(1, clip / (whole + 1e-6)) };
}

class TimeView extends View {
  static traits = ["steps", "nonlinearity", "scale", "clip"];
  static picture = "Norm of the gradient, on a logarithmic axis, by step in time.";

  build() {
    this.dials = {
      scale: this.dialFor("scale", "recurrent scale", evenly(0.5, 2, 0.05)),
      steps: this.dialFor("steps", "steps", evenly(2, 60, 1), 1),
      nonlinearity: this.menuFor("nonlinearity", "nonlinearity", this.choices.nonlinearity),
      clip: this.dialFor("clip", "clip the norm at", inRatios(1e-4, 1e4, 4)),
    };
    this.readouts = readouts("at the first step", "at the last step", "first over last", "all weights", "after clipping", "the gradient");
    return {
      key: ["lines: gradient of the loss with respect to the state after each step   dotted: the bound on the gradient of all weights together"],
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
    Object.assign(this, timeNorms(state, this.normal, choices));
    this.share = this.norms[0] / this.norms[state.steps - 1];
    this.readouts.set({
      "at the first step": brief(this.norms[0]), "at the last step": brief(this.norms[state.steps - 1]),
      "first over last": brief(this.share), "all weights": brief(this.whole),
      "after clipping": brief(this.clipped), "the gradient": fate(this.share, choices.far),
    });
  }

  paint(context, width, height) {
    const { state, norms, whole, clipped } = this;
    const theme = themeOf(this.root);
    const after = norms.map((v) => v * (clipped / whole));
    const frame = drawFrame(context, theme, [56, 22, width - 12, height - 60],
      { range: [1, state.steps], label: "step in time (the loss is at the last) \u2192",
        ticks: ticksOf(scale([1, state.steps], [0, 1])).filter(Number.isInteger) },
      { range: decades([...norms, ...after, state.clip]), log: true, label: "norm of the gradient \u2191" });
    const lines = [
      { text: "before clipping", color: theme.colors[0], dash: DASHES[0] },
      { text: "after clipping", color: theme.colors[1], dash: DASHES[1] },
    ];
    drawMark(context, theme, frame, { y: state.clip, text: `clip at ${brief(state.clip)}` });
    [norms, after].forEach((values, k) => {
      const pairs = values.map((v, i) => [i + 1, v]);
      drawLine(context, frame, pairs, { ...lines[k], width: 2.6 });
      if (state.steps <= 30) drawDots(context, frame, pairs, { ...lines[k], radius: 2.4 });
    });
    lines.forEach((line, k) => drawLegend(context, theme, 56 + k * 150, height - 12, [line]));
  }

  words() {
    const { state, choices, share, whole, clipped } = this;
    const cut = clipped < whole
      ? `divides every gradient by ${brief(whole / clipped)}: the line moves down and keeps its shape`
      : "changes nothing";
    return `${state.steps} steps of ${state.nonlinearity}, recurrent scale ${brief(state.scale)}: the gradient `
      + `${fate(share, choices.far)}, at the first step it is ${brief(share)} of that at the last. `
      + `Clipping at ${brief(state.clip)} ${cut}.`;
  }
}

const render = rendering(TimeView);
