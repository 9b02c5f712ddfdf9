// The X-ray: one step of an optimizer, each line of its rule with the numbers in it.

// How names are written for a reader.
const NAMES = {
  beta1: "β\u2081", beta2: "β\u2082", m_hat: "m\u0302", v_hat: "v\u0302", v_max: "v\u2098\u2090\u2093", alpha: "α",
  rho: "ρ", eps: "ε", lr: "η", weight_decay: "λ", momentum: "μ", sqrt: "√",
};
const NAME = /\b[a-zA-Z]\w*\b/g;

// A line in signs instead of Python's operators.
function signs(text) {
  return text.replaceAll("**2", "\u00b2").replaceAll("**t", "^t").replaceAll(" * ", " · ").replaceAll("-", "\u2212");
}

const readable = (text) => signs(text).replace(NAME, (name) => NAMES[name] ?? name);

// A line with numbers in place of its names.
function filled(text, values) {
  const marked = signs(text).replace(NAME, (name) => (name in values ? `{${name}}` : NAMES[name] ?? name));
  return marked.replace(/\{(\w+)\}/g, (_, name) => brief(values[name]));
}

function slope(gradient, t, { noise, rare }) {
  if (gradient === "constant") return 1;
  if (gradient === "noisy") return 1 + 2 * noise[t - 1];
  if (gradient === "sparse") return t % 10 === 1 ? 1 : 0;
  return t % 3 === 1 ? rare : -1;
}

// All steps: the weights, and for each step the numbers before each line and after the last.
function walk({ optimizer, gradient, settings }, correct, choices) {
  const { state, corrected, raw } = FORMULAS[optimizer];
  const lines = correct ? corrected : raw;
  const values = { w: 0, ...Object.fromEntries(state.map((name) => [name, 0])) };
  const weights = new Float64Array(choices.steps + 1), numbers = [];
  for (let t = 1; t <= choices.steps; t++) {
    Object.assign(values, settings, { t, g: slope(gradient, t, choices) * settings.scale });
    if (gradient === "reddi") values.lr = settings.lr / Math.sqrt(t);
    const before = [];
    for (const [name, line] of lines) {
      before.push({ ...values });
      values[name] = line(values);
    }
    if (gradient === "reddi") values.w = Math.min(1, Math.max(-1, values.w));
    numbers.push([...before, { ...values }]);
    weights[t] = values.w;
  }
  return { weights, numbers, lines };
}

// How far each step goes, in learning rates.
function lengths(weights, lr) {
  return Array.from(weights.subarray(1), (w, i) => Math.abs(w - weights[i]) / lr);
}

const LABELS = {
  lr: "learning rate η", beta1: "β\u2081", beta2: "β\u2082", momentum: "momentum μ", alpha: "decay rate α",
  rho: "decay rate ρ", eps: "ε", weight_decay: "weight decay λ", scale: "gradients times",
};

class XrayView extends View {
  static traits = ["optimizer", "gradient", "correct", "t", "settings"];
  static picture = "The length of each step.";
  static aspect = 16 / 9;

  build() {
    this.choices = this.model.get("choices");
    const { bounds, optimizers, gradients, steps } = this.choices;
    const listOf = (name) => {
      const [low, high] = bounds[name];
      if (["beta1", "beta2", "alpha", "rho", "momentum"].includes(name)) {
        const fine = [0.0588235294117647, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999].filter((v) => v <= high);
        return [...new Set([...evenly(0, 0.9, 0.05), ...fine])].sort((a, b) => a - b);
      }
      return low > 0 ? inRatios(low, high, 10) : [0, ...inRatios(1e-3, high, 10)];
    };
    const own = Object.keys(bounds).map((name) => [name, dial({
      label: LABELS[name], values: listOf(name), note: (text) => this.warn(text),
      change: (value) => this.change({ settings: { ...this.state.settings, [name]: value } }),
    })]);
    this.own = Object.fromEntries(own);
    this.dials = {
      optimizer: this.menuFor("optimizer", "optimizer", optimizers),
      gradient: this.menuFor("gradient", "gradient", gradients),
      correct: this.switchFor("correct", "correct the bias of the means"),
      t: this.dialFor("t", "step", [...evenly(1, 60, 1), ...evenly(65, 200, 5), ...evenly(220, steps, 20)], 1),
    };
    this.lines = element("div", { className: "ol-rule ol-shown" });
    const to = (move) => () => this.change({ t: Math.min(steps, Math.max(1, this.state.t + move)) });
    return {
      stage: [this.lines, element("div", { className: "ol-buttons" },
        button("Step", to(1)), button("Back", to(-1)))],
      panel: [...Object.values(this.dials), ...Object.values(this.own)].map((d) => d.root),
    };
  }

  refresh(values) {
    const { state, choices, dials, own } = this;
    for (const [name, control] of Object.entries(dials)) control.set(state[name]);
    for (const [name, control] of Object.entries(own)) {
      control.set(state.settings[name]);
      control.root.hidden = !choices.uses[state.optimizer].includes(name);
    }
    const { corrected, raw } = FORMULAS[state.optimizer];
    this.corrects = JSON.stringify(corrected) !== JSON.stringify(raw);
    dials.correct.root.hidden = !this.corrects;
    if (!this.now || Object.keys(values).some((name) => name !== "t")) {
      this.now = walk(state, state.correct, choices);
      this.other = this.corrects ? walk(state, !state.correct, choices) : null;
    }
    this.writeLines();
  }

  writeLines() {
    const { lines, numbers } = this.now;
    const step = numbers[this.state.t - 1];
    this.lines.replaceChildren(...lines.map(([name, , text, meaning], i) => element("p", {},
      element("b", {}, `${NAMES[name] ?? name} = ${readable(text)}`),
      element("span", { className: "ol-meaning" }, `  ${meaning}`), element("br"),
      element("code", {}, `= ${filled(text, step[i])} = ${brief(step[i + 1][name])}`))));
  }

  paint(context, width, height) {
    const { state, now, other, choices } = this;
    const theme = themeOf(this.root);
    const box = [48, 22, width - 12, height - 40];
    const steps = evenly(1, choices.steps, 1);
    if (state.gradient === "reddi") {
      const frame = drawFrame(context, theme, box,
        { range: [0, choices.steps], label: "step \u2192" }, { range: [-1.12, 1.12], label: "weight \u2191" });
      drawMark(context, theme, frame, { y: 1, text: "the worst point" });
      drawMark(context, theme, frame, { y: -1, text: "the best point" });
      drawLine(context, frame, [0, ...steps].map((t) => [t, now.weights[t]]), { color: theme.colors[0] });
      drawDots(context, frame, [[state.t, now.weights[state.t]]], { color: theme.colors[1], radius: 5 });
      return;
    }
    const { lr } = state.settings;
    const mine = lengths(now.weights, lr), theirs = other ? lengths(other.weights, lr) : [];
    const top = Math.max(...mine.filter(Number.isFinite), ...theirs.filter(Number.isFinite), 1e-12);
    const frame = drawFrame(context, theme, box, { range: [0.9, choices.steps * 1.1], log: true, label: "step \u2192" },
      { range: [0, top * 1.12], label: "length of the step (learning rates) \u2191" });
    inFrame(context, frame, () => {
      if (other) drawLine(context, frame, steps.map((t, i) => [t, theirs[i]]), { color: theme.colors[1], dash: DASHES[1], width: 1.5 });
      drawLine(context, frame, steps.map((t, i) => [t, mine[i]]), { color: theme.colors[0], width: 2.2 });
    });
    drawDots(context, frame, [[state.t, mine[state.t - 1]]], { color: theme.colors[0], radius: 5, edge: theme.text });
    if (other) {
      const texts = state.correct ? ["bias corrected", "not corrected"] : ["not corrected", "bias corrected"];
      drawLegend(context, theme, width - 150, 36, texts.map((text, k) => ({ text, color: theme.colors[k], dash: DASHES[k] })));
    }
  }

  words() {
    const { state, now, choices } = this;
    const name = choices.optimizers[state.optimizer];
    if (state.gradient === "reddi") {
      const end = now.weights[choices.steps];
      const place = end < -0.5 ? "the best point" : end > 0.5 ? "the worst point" : "neither end";
      return `${name} on Reddi's example ends at ${brief(end)}: ${place}. Shown: step ${state.t}.`;
    }
    const all = lengths(now.weights, state.settings.lr);
    return `${name}, step ${state.t}: ${brief(all[state.t - 1])} learning rates long; `
      + `the longest of ${choices.steps} is ${brief(Math.max(...all))}.`;
  }
}

const render = rendering(XrayView);
