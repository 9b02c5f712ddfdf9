// The edge of stability: plays back the sharpness and the loss of a network.

const LATE = 20; // the last looks, over which the sharpness is averaged

const meanOf = (values) => values.reduce((sum, v) => sum + v, 0) / values.length;

class EdgeView extends View {
  static traits = ["lr", "seed"];
  static aspect = 1.6;
  static picture = "Sharpness of a network by step, beside the line 2/lr.";

  build() {
    const found = this.model.get("found");
    this.found = found;
    this.dials = {
      lr: picker({ label: "learning rate", values: found.rates, change: (lr) => this.change({ lr }) }),
      seed: picker({ label: "seed", values: evenly(0, found.loss[0].length - 1, 1), change: (seed) => this.change({ seed }) }),
    };
    const loss = this.furtherCanvas("Loss by step.", 1.9, (...all) => this.paintLoss(...all));
    this.readouts = readouts("2/lr", "sharpness, late", "loss, first \u2192 last", "late steps it rose in");
    return {
      key: ["bold: the chosen seed   thin: the others   ┅ 2/lr, the largest stable curvature"],
      panel: [...Object.values(this.dials).map((d) => d.root), this.readouts.root, loss],
    };
  }

  // What is known of the chosen run.
  chosen() {
    const { found, state } = this, i = found.rates.indexOf(state.lr);
    const [sharpness, loss, rises, diverged] =
      ["sharpness", "loss", "rises", "diverged"].map((name) => found[name][i][state.seed]);
    return { i, sharpness, loss, rises, diverged, limit: 2 / state.lr, late: meanOf(sharpness.slice(-LATE)) };
  }

  refresh() {
    for (const [name, control] of Object.entries(this.dials)) control.set(this.state[name]);
    const { sharpness, loss, rises, diverged, limit, late } = this.chosen();
    this.readouts.set({
      "2/lr": brief(limit), "sharpness, late": diverged === null ? brief(late) : brief(sharpness[0]),
      "loss, first \u2192 last": diverged === null ? `${brief(loss[0])} \u2192 ${brief(loss.at(-1))}` : `diverges at step ${diverged}`,
      "late steps it rose in": rises === null ? "-" : `${Math.round(100 * rises)} %`,
    });
  }

  paint(context, width, height) {
    const { limit } = this.chosen(), theme = themeOf(this.root);
    const all = this.curves("sharpness");
    const most = Math.max(limit, ...all.flat().map(([, y]) => y));
    const frame = this.frameOf(context, theme, width, height, { range: [0, 1.12 * most], label: "sharpness: largest curvature of the loss \u2191" });
    this.paintCurves(context, theme, frame, all, theme.colors[0]);
    drawLine(context, frame, [[0, limit], [this.found.steps.at(-1), limit]], { color: theme.colors[1], dash: DASHES[1], width: 2.2 });
    this.nameLimit(context, theme, frame, limit);
  }

  // The name of the line 2/lr, where no curve runs: at the start, or at the end if they start above.
  nameLimit(context, theme, { across, up }, limit) {
    const { sharpness } = this.chosen(), below = sharpness[0] < 0.9 * limit;
    context.font = "bold 12px system-ui, sans-serif";
    context.textAlign = below ? "left" : "right";
    context.textBaseline = "alphabetic";
    context.fillStyle = theme.text;
    const [x, y] = below ? [across(0) + 6, up(limit) - 6] : [across(this.found.steps.at(-1)) - 6, up(limit) + 16];
    context.fillText(`2/lr = ${brief(limit)}`, x, y);
  }

  paintLoss(context, width, height) {
    const theme = themeOf(this.root), all = this.curves("loss");
    const values = all.flat().map(([, y]) => y);
    const frame = this.frameOf(context, theme, width, height, { range: [Math.min(0.02, ...values) / 1.3, Math.max(...values) * 1.3], log: true, ticks: [0.02, 0.05, 0.1, 0.2, 0.5], label: "loss \u2191" });
    this.paintCurves(context, theme, frame, all, theme.colors[2]);
  }

  frameOf(context, theme, width, height, y) {
    return drawFrame(context, theme, [48, 24, width - 12, height - 42], { range: [0, this.found.steps.at(-1)], label: "step \u2192" }, y);
  }

  curves(name) {
    const { found } = this;
    return found[name][this.chosen().i].map((run) => run.map((y, k) => [found.steps[k], y]));
  }

  paintCurves(context, theme, frame, all, color) {
    const { seed } = this.state;
    inFrame(context, frame, () => {
      context.globalAlpha = 0.45;
      all.forEach((pairs, k) => { if (k !== seed) drawLine(context, frame, pairs, { color, width: 1 }); });
      context.globalAlpha = 1;
      drawLine(context, frame, all[seed], { color, width: 2.6 });
    });
    if (all[seed].length < 3) drawDots(context, frame, all[seed], { color, radius: 5 });
  }

  words() {
    const { sharpness, loss, rises, diverged, limit, late } = this.chosen();
    const what = `Learning rate ${brief(this.state.lr)}, seed ${this.state.seed}: the sharpness`;
    if (diverged !== null) {
      return `${what} ${brief(sharpness[0])} is far above 2/lr = ${brief(limit)} at the start, and the run diverges at step ${diverged}.`;
    }
    const way = late > sharpness[0] ? "climbs" : "falls";
    const near = Math.abs(late / limit - 1) < 0.1 ? "and stays near" : "which is still below";
    return `${what} ${way} from ${brief(sharpness[0])} to ${brief(late)} ${near} 2/lr = ${brief(limit)}. The loss falls from `
      + `${brief(loss[0])} to ${brief(loss.at(-1))} although it rises in ${Math.round(100 * rises)} % of the late steps.`;
  }
}

const render = rendering(EdgeView);
