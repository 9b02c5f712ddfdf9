// Muon's iteration on the singular values: each one goes through the same odd polynomial by itself.

// The values after `steps`, in the order in which they came.
function newtonSchulz(values, steps) {
  const length = Math.max(Math.sqrt(values.reduce((sum, s) => sum + s * s, 0)), 1e-7);
  let now = values.map((s) => s / length);
  for (let k = 0; k < steps; k++) {
    now = now.map((s) => 3.4445 * s + (-4.775 * s * s + 2.0315 * s ** 4) * s);
  }
  return now;
}

class SingularView extends View {
  static traits = ["matrix", "steps"];
  static picture = "Singular values on a logarithmic axis, before and after.";

  build() {
    this.choices = this.model.get("choices");
    this.dials = {
      steps: this.dialFor("steps", "steps of the iteration", evenly(0, 10, 1), 1),
      matrix: this.menuFor("matrix", "momentum", this.choices.matrix),
    };
    this.readouts = readouts("largest before", "smallest before", "largest after", "smallest after", "ratio before", "ratio after");
    return {
      key: ["each singular value s becomes 3.4445 s \u2212 4.775 s\u00b3 + 2.0315 s\u2075, once a step; Muon takes 5 steps"],
      panel: [...Object.values(this.dials).map((d) => d.root), this.readouts.root],
    };
  }

  refresh() {
    const { state, dials, choices } = this;
    for (const [name, control] of Object.entries(dials)) control.set(state[name]);
    this.before = newtonSchulz(choices.values[state.matrix], 0);
    this.after = newtonSchulz(choices.values[state.matrix], state.steps);
    this.extremes = [this.before, this.after].map((all) => [Math.max(...all), Math.min(...all)]);
    const [[a, b], [c, d]] = this.extremes;
    this.readouts.set({
      "largest before": brief(a), "smallest before": brief(b), "largest after": brief(c),
      "smallest after": brief(d), "ratio before": brief(a / b), "ratio after": brief(c / d),
    });
  }

  paint(context, width, height) {
    const { state, before, after } = this;
    const theme = themeOf(this.root);
    const low = 10 ** Math.floor(Math.log10(Math.min(...before, ...after)));
    const frame = drawFrame(context, theme, [52, 22, width - 12, height - 62],
      { range: [0.5, before.length + 0.5], label: "singular direction, the strongest first \u2192" },
      { range: [low, 3], log: true, label: "singular value (momentum scaled to length 1) \u2191" });
    drawMark(context, theme, frame, { y: 1, text: "all equal to 1: an orthogonal matrix" });
    const lines = [["before", before], [`after ${state.steps} steps`, after]];
    lines.forEach(([text, values], k) => {
      const style = { color: theme.colors[k], dash: DASHES[k] }, pairs = values.map((s, i) => [i + 1, s]);
      drawLine(context, frame, pairs, { ...style, width: 2.2 });
      drawDots(context, frame, pairs, style);
      drawLegend(context, theme, 52 + 120 * k, height - 12, [{ text, ...style }]);
    });
  }

  words() {
    const [[a, b], [c, d]] = this.extremes;
    return `After ${this.state.steps} steps the singular values lie between ${brief(d)} and ${brief(c)}, `
      + `before between ${brief(b)} and ${brief(a)}. The strongest direction has ${brief(c / d)} times the share `
      + `of the weakest in the step, before ${brief(a / b)} times.`;
  }
}

const render = rendering(SingularView);
