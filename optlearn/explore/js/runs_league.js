// The league: ranks of optimizers by task; the range of rates decides who wins.

// Each optimizer's best rate within a range, its score and its rank on a task. Behind another is who
// scores less by more than the standard deviation of either.
function entriesOf({ rates, scores, names }, task, range) {
  const [low, high] = names.ranges[range];
  const inside = rates.map((_, i) => i).filter((i) => rates[i] >= low && rates[i] <= high);
  const found = Object.fromEntries(Object.entries(scores[task]).map(([name, row]) => {
    const best = inside.reduce((a, b) => (row.validation[b] > row.validation[a] ? b : a));
    const edge = best === inside[0] || best === inside.at(-1);
    return [name, { lr: rates[best], test: row.test[best], sd: row.sd[best], edge }];
  }));
  for (const one of Object.values(found)) {
    one.rank = 1 + Object.values(found).filter((other) =>
      other.test - one.test > Math.max(one.sd, other.sd)).length;
  }
  return found;
}

// The mean rank of each optimizer, the best first.
function standingOf(found, range) {
  const tables = Object.keys(found.scores).map((task) => entriesOf(found, task, range));
  const means = Object.keys(tables[0]).map((name) =>
    [name, tables.reduce((sum, table) => sum + table[name].rank, 0) / tables.length]);
  return means.sort((a, b) => a[1] - b[1]);
}

class LeagueView extends View {
  static traits = ["rates", "task"];
  static picture = "Score on validation data by learning rate, a line an optimizer.";

  build() {
    const found = this.found = this.model.get("found");
    this.dials = {
      rates: this.menuFor("rates", "rates tried", found.names.rates),
      task: this.menuFor("task", "task drawn", found.names.task),
    };
    this.table = element("table", { className: "ol-table" });
    return {
      key: ["in the table: rank, score; same rank = within a standard deviation of 5 seeds; \u26a0 = best rate lies at the end of the range"],
      panel: [...Object.values(this.dials).map((d) => d.root), this.table],
    };
  }

  refresh() {
    const { state, dials, found } = this;
    for (const [name, control] of Object.entries(dials)) control.set(state[name]);
    const { names } = found;
    const standing = Object.fromEntries(standingOf(found, state.rates));
    const head = Object.keys(names.optimizer).map((name) => element("th", { scope: "col" }, names.optimizer[name]));
    const rows = Object.keys(names.task).map((task) => {
      const entries = entriesOf(found, task, state.rates);
      const cells = Object.keys(names.optimizer).map((name) => this.cell(task, entries[name]));
      return element("tr", {}, element("th", { scope: "row" }, task), ...cells);
    });
    const first = Math.min(...Object.values(standing));
    const last = element("tr", {}, element("th", { scope: "row" }, "mean rank"),
      ...Object.keys(names.optimizer).map((name) => element("td", {},
        element(standing[name] === first ? "b" : "span", {}, brief(standing[name])))));
    this.table.replaceChildren(element("thead", {}, element("tr", {}, element("td"), ...head)),
      element("tbody", {}, ...rows, last));
  }

  cell(task, { rank, test, edge }) {
    const score = brief(task === "bowl" ? test : 100 * test);
    const mark = edge ? [element("span", { title: "best rate at the end of the range" }, " \u26a0")] : [];
    return element("td", {}, element(rank === 1 ? "b" : "span", {}, String(rank)), ...mark,
      element("br"), element("small", {}, score));
  }

  paint(context, width, height) {
    const { state, found } = this;
    const theme = themeOf(this.root);
    const bowl = state.task === "bowl";
    const ticks = bowl ? evenly(0, 12, 2) : evenly(0, 100, 20);
    const frame = drawFrame(context, theme, [40, 22, width - 12, height - 40],
      { range: [found.rates[0] / 1.5, found.rates.at(-1) * 1.5], log: true, label: "learning rate (logarithmic; grey: the rates tried) \u2192" },
      { range: bowl ? [-1.2, 15.5] : [0, 128], ticks, label: `${found.names.task[state.task]} \u2191` });
    const [low, top] = found.names.ranges[state.rates];
    const { across, box } = frame;
    context.globalAlpha = 0.12;
    context.fillStyle = theme.text;
    const right = Math.min(across(top), box[2]);
    context.fillRect(Math.max(across(low / 1.2), box[0]), box[1], right - Math.max(across(low / 1.2), box[0]), box[3] - box[1]);
    context.globalAlpha = 1;
    const entries = entriesOf(found, state.task, state.rates);
    const factor = bowl ? 1 : 100;
    Object.entries(found.scores[state.task]).forEach(([name, row], k) => {
      const pairs = found.rates.map((lr, i) => [lr, factor * row.validation[i]]);
      drawLine(context, frame, pairs, { color: theme.colors[k], dash: DASHES[k] });
      const best = pairs.filter(([lr]) => lr === entries[name].lr);
      drawDots(context, frame, best, { color: theme.colors[k], radius: 5, edge: theme.text });
    });
    const names = Object.values(found.names.optimizer);
    const entry = (text, k) => ({ text, color: theme.colors[k], dash: DASHES[k] });
    const half = (box[2] - box[0]) / 2, all = names.map(entry); // two columns above the curves
    drawLegend(context, theme, box[0] + 8, box[1] + 12, all.slice(0, 3));
    drawLegend(context, theme, box[0] + 8 + half, box[1] + 12, all.slice(3));
  }

  words() {
    const { state, found } = this;
    const order = standingOf(found, state.rates).map(([name, mean]) => `${found.names.optimizer[name]} ${brief(mean)}`);
    const flags = Object.keys(found.names.task).map((task) =>
      Object.values(entriesOf(found, task, state.rates)).filter(({ edge }) => edge).length);
    const count = flags.reduce((a, b) => a + b, 0);
    const warning = count ? `${count} of ${5 * flags.length} best rates lie at the end of the range: do not believe this ranking.` : "No best rate lies at the end of the range.";
    return `Rates ${found.names.rates[state.rates]}, mean rank: ${order.join(", ")}. ${warning}`;
  }
}

const render = rendering(LeagueView);
