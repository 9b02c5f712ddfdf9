// The range test: place a guess on the curves of several seeds, then see what full trainings say.

// The mean of a list of numbers.
const meanOf = (values) => values.reduce((sum, v) => sum + v, 0) / values.length;

// The mean accuracy at the trained rate nearest to `rate`, by their ratio.
function accuracyAt({ trained, accuracy }, rate) {
  return meanOf(accuracy[nearest(trained.map(Math.log), Math.log(rate))]);
}

// How far a rate lies from the best one.
function offBy(best, rate) {
  const ratio = rate / best;
  if (Math.abs(Math.log(ratio)) < Math.log(1.1)) return "right";
  return ratio > 1 ? `${brief(ratio)} times too high` : `${brief(1 / ratio)} times too low`;
}

class RangeTestView extends View {
  static traits = ["optimizer", "labels", "guess", "revealed"];
  static picture = "Loss while the learning rate grows, a line a seed; logarithmic axis of rates.";
  static aspect = 16 / 10;

  build() {
    this.found = this.model.get("found");
    const { names } = this.found;
    this.dials = {
      optimizer: this.menuFor("optimizer", "optimizer", names.optimizer),
      labels: this.menuFor("labels", "labels", names.labels),
      guess: this.dialFor("guess", "your best rate", inRatios(1e-4, 1, 20)),
      revealed: this.switchFor("revealed", "reveal: train in full with each rate"),
    };
    this.readouts = readouts("your guess gets", "your guess is", "the best rate", "it gets");
    this.side = this.furtherCanvas("Accuracy on validation data after full trainings, by learning rate.",
      16 / 10, (...all) => this.paintTruth(...all));
    return {
      panel: [...Object.values(this.dials).map((d) => d.root), this.readouts.root, this.side],
    };
  }

  refresh() {
    const { state, dials } = this;
    for (const [name, control] of Object.entries(dials)) control.set(state[name]);
    const here = this.here = this.found[`${state.optimizer}-${state.labels}`];
    this.ceiling = 1.3 * here.curves[0][0];
    const least = Math.min(...here.curves.flat());
    this.floor = Math.max(0, least - 0.4 * (this.ceiling - least)); // room for the rules' dots
    const hidden = "?";
    this.readouts.set({
      "your guess gets": state.revealed ? `${brief(100 * accuracyAt(here, state.guess))} %` : hidden,
      "your guess is": state.revealed ? offBy(here.best, state.guess) : hidden,
      "the best rate": state.revealed ? brief(here.best) : hidden,
      "it gets": state.revealed ? `${brief(100 * accuracyAt(here, here.best))} %` : hidden,
    });
  }

  axis() {
    return { range: [this.here.rates[0], this.here.rates.at(-1)], log: true, label: "learning rate (logarithmic) \u2192" };
  }

  paint(context, width, height) {
    const { here, state } = this;
    const theme = themeOf(this.root);
    const frame = drawFrame(context, theme, [40, 22, width - 12, height - 40], this.axis(),
      { range: [this.floor, this.ceiling], label: "training loss during the range test (smoothed) \u2191" });
    inFrame(context, frame, () => here.curves.forEach((curve, k) =>
      drawLine(context, frame, curve.map((loss, i) => [here.rates[i], loss]),
        { color: theme.colors[0], dash: DASHES[k], width: 1.2 })));
    if (state.revealed) this.paintRules(context, theme, frame);
    drawMark(context, theme, frame, { x: state.guess, text: "your guess" });
  }

  // What the rules advise, a dot a seed.
  paintRules(context, theme, frame) {
    const { here, found } = this;
    const [, top, , bottom] = frame.box;
    Object.entries(found.names.rules).forEach(([rule, text], k) => {
      const at = bottom - 34 + 20 * k, level = frame.up.back(at);
      drawDots(context, frame, here.advice[rule].map((lr) => [lr, level]),
        { color: theme.colors[k + 1], radius: k ? 3 : 5, edge: theme.text });
      context.font = "11px system-ui, sans-serif";
      context.textBaseline = "middle";
      context.textAlign = "left";
      context.fillStyle = theme.text;
      context.fillText(`rule: ${text}`, frame.box[0] + 6, Math.max(at, top));
    });
  }

  paintTruth(context, width, height) {
    const { here, state } = this;
    const theme = themeOf(this.root);
    const frame = drawFrame(context, theme, [40, 22, width - 12, height - 40], this.axis(),
      { range: [0, 100], label: "accuracy after full trainings (%) \u2191" });
    drawMark(context, theme, frame, { x: state.guess, text: state.revealed ? "" : "your guess" });
    if (!state.revealed) {
      context.textAlign = "center";
      context.fillStyle = theme.faint;
      context.font = "15px system-ui, sans-serif";
      context.fillText("guess, then reveal", (frame.box[0] + frame.box[2]) / 2, height / 2);
      return;
    }
    const spread = here.trained.map((lr, i) => [lr, 100 * Math.min(...here.accuracy[i]), 100 * Math.max(...here.accuracy[i])]);
    const means = here.trained.map((lr, i) => [lr, 100 * meanOf(here.accuracy[i])]);
    drawBand(context, frame, spread, theme.colors[2]);
    drawLine(context, frame, means, { color: theme.colors[2] });
    drawDots(context, frame, means, { color: theme.colors[2] });
    drawDots(context, frame, [[here.best, 100 * accuracyAt(here, here.best)]], { color: "rgba(0,0,0,0)", radius: 7, edge: theme.text });
    this.paintRules(context, theme, frame);
  }

  words() {
    const { state, here, found } = this;
    const what = `${found.names.optimizer[state.optimizer]}, labels ${found.names.labels[state.labels]}`;
    if (!state.revealed) return `${what}: ${here.curves.length} range tests. Which rate is best for a full training? Your guess is ${brief(state.guess)}.`;
    const rules = Object.entries(found.names.rules).map(([rule, text]) => {
      const advice = here.advice[rule];
      return `${text}: ${offBy(here.best, Math.min(...advice))} to ${offBy(here.best, Math.max(...advice))}`;
    });
    return `${what}: the best rate is ${brief(here.best)}. Your guess ${brief(state.guess)}: ${offBy(here.best, state.guess)}. Rules: ${rules.join("; ")}.`;
  }
}

const render = rendering(RangeTestView);
