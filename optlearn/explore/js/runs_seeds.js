// How many seeds: a paired difference with its interval, and what sets of seeds would claim.

// What Python's Comparison says of the `count` seeds from `first` on.
function compareSeeds({ accuracy, quantiles }, pair, count, first) {
  const [a, b] = pair.split("-").map((name) => accuracy[name]);
  const differences = Array.from({ length: count }, (_, i) =>
    a[(first + i) % a.length] - b[(first + i) % a.length]);
  const mean = differences.reduce((sum, d) => sum + d, 0) / count;
  const deviation = Math.sqrt(differences.reduce((sum, d) => sum + (d - mean) ** 2, 0) / (count - 1));
  const error = deviation / Math.sqrt(count);
  const [wide, power] = quantiles.map((list) => list[count - 2]);
  return { differences, mean, low: mean - wide * error, high: mean + wide * error, smallest: (wide + power) * error };
}

const inPoints = (share) => `${share < 0 ? "\u2212" : "+"}${brief(Math.abs(100 * share))}`;

class SeedsView extends View {
  static traits = ["pair", "seeds", "first"];
  static picture = "Mean difference and its 95 % interval against the number of seeds.";
  static aspect = 16 / 10;

  build() {
    this.found = this.model.get("found");
    const { names, accuracy } = this.found;
    this.all = accuracy.adam.length;
    this.dials = {
      pair: this.menuFor("pair", "difference", names.pair),
      seeds: this.dialFor("seeds", "number of seeds", evenly(2, this.all, 1), 1),
      first: this.dialFor("first", "first seed", evenly(0, this.all - 1, 1), 1),
    };
    this.readouts = readouts("mean difference", "95 % interval", "could be seen", "verdict");
    this.side = this.furtherCanvas("What sets of so many seeds would say, in percent of all sets.", 16 / 10,
      (...all) => this.paintShares(...all));
    return {
      panel: [...Object.values(this.dials).map((d) => d.root), this.readouts.root, this.side],
    };
  }

  refresh() {
    const { state, dials, found } = this;
    for (const [name, control] of Object.entries(dials)) control.set(state[name]);
    this.made = evenly(2, this.all, 1).map((n) => compareSeeds(found, state.pair, n, state.first));
    const now = this.now = this.made[state.seeds - 2];
    this.verdict = now.low > 0 || now.high < 0 ? "they differ" : "undecided";
    this.readouts.set({
      "mean difference": `${inPoints(now.mean)} points`,
      "95 % interval": `${inPoints(now.low)} to ${inPoints(now.high)}`,
      "could be seen": `${brief(100 * now.smallest)} points`,
      verdict: this.verdict,
    });
  }

  axis() {
    return { range: [0, this.all + 1], ticks: [2, 5, 10, 20, 30, 40], label: "number of seeds \u2192" };
  }

  paint(context, width, height) {
    const { state, found, made, now } = this;
    const theme = themeOf(this.root);
    const frame = drawFrame(context, theme, [40, 22, width - 12, height - 40], this.axis(),
      { range: [-8, 8], label: `${found.names.pair[state.pair]} (points of accuracy) \u2191` });
    inFrame(context, frame, () => {
      drawBand(context, frame, made.map(({ low, high }, i) => [i + 2, 100 * low, 100 * high]), theme.colors[0]);
      drawLine(context, frame, [[0, 0], [this.all + 1, 0]], { color: theme.text, width: 1 });
      drawLine(context, frame, made.map(({ mean }, i) => [i + 2, 100 * mean]), { color: theme.colors[0] });
      drawDots(context, frame, now.differences.map((d, i) => [i + 1, 100 * d]), { color: theme.colors[4], radius: 2.5 });
      drawLine(context, frame, [[state.seeds, 100 * now.low], [state.seeds, 100 * now.high]], { color: theme.colors[1], width: 3 });
      drawDots(context, frame, [[state.seeds, 100 * now.mean]], { color: theme.colors[1], radius: 5 });
    });
    drawLegend(context, theme, frame.box[2] - 190, frame.box[1] + 12, [
      { text: "mean of so many seeds", color: theme.colors[0] },
      { text: "95 % interval, chosen", color: theme.colors[1] },
    ]);
  }

  paintShares(context, width, height) {
    const { state, found } = this;
    const theme = themeOf(this.root);
    const { sizes, opposite, claimed, claimed_opposite } = found.subsets[state.pair];
    const frame = drawFrame(context, theme, [40, 22, width - 12, height - 40], this.axis(),
      { range: [0, 100], label: "of all sets of so many seeds (%) \u2191" });
    const line = (values, k) => drawLine(context, frame, sizes.map((n, i) => [n, 100 * values[i]]),
      { color: theme.colors[k], dash: DASHES[k] });
    line(opposite, 1);
    line(claimed.map((share, i) => share + claimed_opposite[i]), 2);
    drawMark(context, theme, frame, { x: state.seeds, text: "" });
    drawLegend(context, theme, frame.box[2] - 236, frame.box[1] + 14, [
      { text: "the other one looks better", color: theme.colors[1], dash: DASHES[1] },
      { text: "the interval claims a difference", color: theme.colors[2], dash: DASHES[2] },
    ]);
  }

  words() {
    const { state, found, now, verdict } = this;
    const { sizes, opposite } = found.subsets[state.pair];
    const i = sizes.indexOf(state.seeds);
    const other = i < 0 ? "" : ` In ${brief(100 * opposite[i])} % of all sets of ${state.seeds} seeds the mean lies on the other side of 0 than with all ${this.all}.`;
    return `${state.seeds} seeds, ${found.names.pair[state.pair]}: ${inPoints(now.mean)} points, 95 % interval `
      + `${inPoints(now.low)} to ${inPoints(now.high)}: ${verdict}.${other}`;
  }
}

const render = rendering(SeedsView);
