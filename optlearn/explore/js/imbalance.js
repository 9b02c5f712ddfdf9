// Rare tokens: plays back computed runs of SGD and Adam, by token rank or over the run.

// [mean, least, most] of each column of rows.
function spreads(rows) {
  return rows[0].map((_, k) => {
    const column = rows.map((row) => row[k]);
    return [column.reduce((a, b) => a + b, 0) / column.length, Math.min(...column), Math.max(...column)];
  });
}

class ImbalanceView extends View {
  static traits = ["kind", "batch_size", "view"];
  static picture = "Loss above the least possible of SGD and of Adam.";

  build() {
    const { found, names } = this.model.get("choices");
    Object.assign(this, { found, names });
    this.dials = {
      kind: this.menuFor("kind", "frequencies", names.kind),
      batch_size: this.menuFor("batch_size", "batch size", names.batch_size),
      view: this.menuFor("view", "shown", names.view),
    };
    this.readouts = readouts("SGD leaves", "Adam leaves", "Adam is ahead by", "Adam ahead in", "rate of SGD", "rate of Adam");
    return {
      key: [`every run sees ${found.examples} pairs: a larger batch is also fewer steps, and this picture cannot tell the two apart   band: all seeds`],
      panel: [...Object.values(this.dials).map((d) => d.root), this.readouts.root],
    };
  }

  refresh() {
    const { state, dials, found, names } = this;
    for (const [name, control] of Object.entries(dials)) control.set(state[name]);
    this.arms = Object.keys(names.optimizers).map((name) => found.arms[`${state.kind}-${state.batch_size}-${name}`]);
    [this.sgd, this.adam] = this.arms.map((arm) => spreads(arm.total.map((v) => [v]))[0][0]);
    const [first, second] = this.arms.map((arm) => arm.total);
    const ahead = this.sgd < this.adam ? (a, b) => a < b : (a, b) => a > b;
    this.wins = first.filter((v, i) => ahead(v, second[i])).length;
    this.readouts.set({
      "SGD leaves": `${brief(this.sgd)} nats`, "Adam leaves": `${brief(this.adam)} nats`,
      "Adam is ahead by": `${brief(this.sgd - this.adam)} nats`,
      "Adam ahead in": `${this.sgd < this.adam ? first.length - this.wins : this.wins} of ${first.length} seeds`,
      "rate of SGD": brief(this.arms[0].lr), "rate of Adam": brief(this.arms[1].lr),
    });
  }

  paint(context, width, height) {
    const { state, found, names, arms } = this;
    const theme = themeOf(this.root);
    const byRank = state.view === "rank";
    const rows = arms.map((arm) => (byRank
      ? spreads(arm.groups).map(([middle, low, high], i) => [i, low, high, middle])
      : arm.course.map((v, i) => [(i * found.examples) / (arm.course.length - 1), v, v, v])));
    const top = 1.08 * Math.max(0.1, ...rows.flat().map((row) => row[2]));
    const ranks = found.groups.map(([a, b]) => (a === b ? String(a) : `${a}\u2013${b}`));
    const across = byRank
      ? { range: [-0.3, ranks.length - 0.7], ticks: ranks.map((_, i) => i), names: ranks, label: "rank of the token, the most frequent first \u2192" }
      : { range: [0, found.examples], label: "pairs of tokens seen \u2192" };
    const frame = drawFrame(context, theme, [48, 22, width - 12, height - 62], across,
      { range: [0, top], label: "excess loss (nats: above the least possible) \u2191" });
    rows.forEach((row, k) => {
      const color = theme.colors[k], pairs = row.map(([x, , , y]) => [x, y]);
      if (byRank) drawBand(context, frame, row, color);
      drawLine(context, frame, pairs, { color, dash: DASHES[k], width: 2.6 });
      drawDots(context, frame, pairs, { color });
    });
    Object.values(names.optimizers).forEach((text, k) => drawLegend(context, theme, 48 + 120 * k, height - 12,
      [{ text, color: theme.colors[k], dash: DASHES[k] }]));
  }

  words() {
    const { state, sgd, adam, wins, arms } = this;
    return `${state.kind}, batch ${state.batch_size}: SGD leaves ${brief(sgd)} nats, Adam ${brief(adam)}: `
      + `${sgd < adam ? "SGD" : "Adam"} is ahead, in ${wins} of ${arms[0].total.length} seeds.`;
  }
}

const render = rendering(ImbalanceView);
