// The cost of a batch: plays back computed runs, at tuned rates and at one rate for all.

// The cost of each run of a batch size; runs that never arrive have none.
function costsOf({ sizes, ...found }, rates, cost, parallel) {
  const each = { steps: () => 1, examples: (size) => size, time: (size) => Math.ceil(size / parallel) };
  return sizes.map((size, i) => found[rates].steps[i].map((steps) =>
    (typeof steps === "number" ? steps * each[cost](size) : Infinity)));
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b), half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

class BatchCostView extends View {
  static traits = ["rates", "cost", "batch_size", "parallel"];
  static picture = "Cost to reach a training loss against batch size, both axes logarithmic.";

  build() {
    const { found, names } = this.model.get("choices");
    Object.assign(this, { found, names });
    this.dials = {
      rates: this.menuFor("rates", "learning rate", names.rates),
      cost: this.menuFor("cost", "counted in", names.cost),
      batch_size: menu({
        label: "batch size", options: Object.fromEntries(found.sizes.map((size) => [size, size])),
        change: (size) => this.change({ batch_size: Number(size) }),
      }),
      parallel: this.dialFor("parallel", "examples at once", found.sizes, 1),
    };
    this.readouts = readouts("steps", "examples", "rounds", "learning rate");
    return {
      key: ["line: median of the seeds   band: all seeds   a gap: some run never arrives"],
      panel: [...Object.values(this.dials).map((d) => d.root), this.readouts.root],
    };
  }

  refresh() {
    const { state, dials, found } = this;
    for (const [name, control] of Object.entries(dials)) control.set(state[name]);
    dials.parallel.root.hidden = state.cost !== "time";
    const i = found.sizes.indexOf(state.batch_size);
    const said = (cost) => {
      const middle = median(costsOf(found, state.rates, cost, state.parallel)[i]);
      return Number.isFinite(middle) ? brief(middle) : "never arrives";
    };
    const { lr } = found[state.rates];
    this.readouts.set({
      steps: said("steps"), examples: said("examples"), rounds: said("time"),
      "learning rate": brief(Array.isArray(lr) ? lr[i] : lr),
    });
  }

  paint(context, width, height) {
    const { state, found, names } = this;
    const theme = themeOf(this.root);
    const both = Object.keys(names.rates).map((rates) => costsOf(found, rates, state.cost, state.parallel));
    const finite = both.flat(2).filter(Number.isFinite);
    const low = Math.min(...finite) / 1.5, high = Math.max(...finite);
    // Room for the legend above the highest line.
    const frame = drawFrame(context, theme, [52, 22, width - 12, height - 42],
      { range: [found.sizes[0] / 1.3, found.sizes.at(-1) * 1.3], log: true, ticks: found.sizes, label: "batch size (examples) \u2192" },
      { range: [low, high * (high / low) ** 0.45], log: true, label: `${names.cost[state.cost]} to the target \u2191` });
    Object.keys(names.rates).forEach((rates, k) => {
      const all = both[k], color = theme.colors[k];
      const pairs = found.sizes.map((size, i) => [size, all[i].every(Number.isFinite) ? median(all[i]) : NaN]);
      const band = found.sizes.flatMap((size, i) => (all[i].every(Number.isFinite)
        ? [[size, Math.min(...all[i]), Math.max(...all[i])]] : []));
      drawBand(context, frame, band, color);
      drawLine(context, frame, pairs, { color, dash: DASHES[k], width: rates === state.rates ? 3 : 1.4 });
      drawDots(context, frame, pairs, { color });
    });
    const i = found.sizes.indexOf(state.batch_size);
    const here = median(both[Object.keys(names.rates).indexOf(state.rates)][i]);
    drawMark(context, theme, frame, { x: state.batch_size, text: `batch ${state.batch_size}` });
    if (Number.isFinite(here)) drawDots(context, frame, [[state.batch_size, here]], { color: "rgba(0,0,0,0)", radius: 7, edge: theme.text });
    drawLegend(context, theme, 64, 36,
      Object.entries(names.rates).map(([, text], k) => ({ text, color: theme.colors[k], dash: DASHES[k] })));
  }

  words() {
    const { state, found, names } = this;
    const middles = costsOf(found, state.rates, state.cost, state.parallel).map(median);
    const said = (i) => (Number.isFinite(middles[i]) ? `${brief(middles[i])} ${names.cost[state.cost]}` : "never arrives");
    const last = found.sizes.length - 1, at = found.sizes.indexOf(state.batch_size);
    return `Learning rate ${names.rates[state.rates]}: batch ${found.sizes[0]}, ${said(0)}; batch `
      + `${state.batch_size}, ${said(at)}; batch ${found.sizes[last]}, ${said(last)}.`;
  }
}

const render = rendering(BatchCostView);
