// The budget game: ten runs from a computed table, then the score on test data.

const BUDGET = 10;

// The accuracy of a run [optimizer, batch size, learning rate] on one part of the data.
function lookUp({ rates, batches, ...parts }, [name, size, lr], part = "validation") {
  return parts[part][name][batches.indexOf(size)][rates.indexOf(lr)];
}

// The run that is best on validation data; the first of equal ones.
function bestOf(found, runs) {
  return runs.reduce((best, run) => (lookUp(found, run) > lookUp(found, best) ? run : best));
}

// All runs of the table.
function allRuns({ rates, batches, names }) {
  return Object.keys(names.optimizer).flatMap((name) =>
    batches.flatMap((size) => rates.map((lr) => [name, size, lr])));
}

const signed = (share) => `${share < 0 ? "\u2212" : "+"}${brief(Math.abs(100 * share))} points`;

class BudgetView extends View {
  static traits = ["optimizer", "batch_size", "lr", "spent"];
  static picture = "Validation accuracy by learning rate, a mark a run.";

  build() {
    const found = this.found = this.model.get("found");
    this.dials = {
      optimizer: this.menuFor("optimizer", "optimizer", found.names.optimizer),
      batch_size: menu({
        label: "batch size", options: Object.fromEntries(found.batches.map((size) => [size, size])),
        change: (size) => this.change({ batch_size: Number(size) }),
      }),
      lr: this.rateDial(),
    };
    this.run = button("Run", () => this.spend());
    this.list = element("ol", { className: "ol-runs" });
    this.readouts = readouts("runs left", "best so far", "Adam, rate 0.001", "best of the table");
    return {
      key: ["a number is a run, in its order   \u25cf plain SGD   \u25a0 momentum   \u25b2 Adam"],
      stage: [element("div", { className: "ol-buttons" }, this.run,
        button("Start over", () => this.change({ spent: [] })))],
      panel: [...Object.values(this.dials).map((d) => d.root), this.readouts.root, this.list],
    };
  }

  // Only rates of the table can be run: there is no box to type others, the picture names the rate.
  rateDial() {
    const control = this.dialFor("lr", "learning rate", this.found.rates);
    control.box.hidden = true;
    return control;
  }

  spend() {
    const { optimizer, batch_size, lr, spent } = this.state;
    if (spent.length >= BUDGET) this.warn("all ten runs are spent: start over for another game");
    else if (spent.some((run) => run.join() === [optimizer, batch_size, lr].join())) {
      this.warn("this run was made: change a setting first");
    } else this.change({ spent: [...spent, [optimizer, batch_size, lr]] });
  }

  refresh() {
    const { state, dials, found } = this;
    for (const [name, control] of Object.entries(dials)) control.set(state[name]);
    const over = state.spent.length >= BUDGET;
    const percent = (run, part) => `${brief(100 * lookUp(found, run, part))} %`;
    this.best = state.spent.length ? bestOf(found, state.spent) : null;
    this.top = over ? bestOf(found, allRuns(found)) : null;
    this.readouts.set({
      "runs left": String(BUDGET - state.spent.length),
      "best so far": this.best ? percent(this.best) : "none",
      "Adam, rate 0.001": percent(found.default),
      "best of the table": over ? percent(this.top) : "?",
    });
    this.list.replaceChildren(...state.spent.map((run) => element("li", {},
      `${found.names.optimizer[run[0]]}, batch ${run[1]}, rate ${brief(run[2])}: ${percent(run)}`)));
  }

  paint(context, width, height) {
    const { state, found } = this;
    const theme = themeOf(this.root);
    const frame = drawFrame(context, theme, [42, 22, width - 12, height - 40],
      { range: [0.7e-4, 1.4], log: true, label: "learning rate (logarithmic) \u2192" },
      { range: [0, 100], label: "accuracy on validation data (%) \u2191" });
    drawMark(context, theme, frame, { y: 100 * lookUp(found, found.default), text: "Adam's default rate" });
    const next = `next: ${found.names.optimizer[state.optimizer]}, batch ${state.batch_size}, rate ${brief(state.lr)}`;
    drawMark(context, theme, frame, { x: state.lr, text: next });
    const kinds = Object.keys(found.names.optimizer);
    state.spent.forEach((run, i) => {
      const kind = kinds.indexOf(run[0]);
      const at = [frame.across(run[2]), frame.up(100 * lookUp(found, run))];
      this.paintRun(context, theme, at, kind, i + 1);
    });
    if (this.top) {
      drawDots(context, frame, [[this.top[2], 100 * lookUp(found, this.top)]],
        { color: "rgba(0,0,0,0)", radius: 9, edge: theme.text });
    }
  }

  paintRun(context, theme, [x, y], kind, number) {
    context.fillStyle = theme.colors[kind];
    context.beginPath();
    if (kind === 0) context.arc(x, y, 5, 0, 2 * Math.PI);
    else if (kind === 1) context.rect(x - 5, y - 5, 10, 10);
    else [[0, -6], [6, 5], [-6, 5]].forEach(([dx, dy]) => context.lineTo(x + dx, y + dy));
    context.fill();
    context.font = "11px system-ui, sans-serif";
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.fillStyle = theme.text;
    context.fillText(String(number), x + 8, y + (number % 2 ? -7 : 7));
  }

  words() {
    const { state, found, best, top } = this;
    const left = BUDGET - state.spent.length;
    if (!best) return "Ten runs to beat Adam at its default rate 0.001. You see validation data only; test data decide in the end.";
    const last = state.spent.at(-1);
    if (!top) return `Run ${state.spent.length}: ${brief(100 * lookUp(found, last))} %. Best so far ${brief(100 * lookUp(found, best))} %, ${left} runs left.`;
    const base = lookUp(found, found.default, "test");
    const gain = lookUp(found, best, "test") - base, ideal = lookUp(found, top, "test") - base;
    const luck = found.expected < lookUp(found, best) ? "you beat" : "you did not beat";
    return `On test data your best run gets ${signed(gain)} over Adam's default; the best of the table, `
      + `${found.names.optimizer[top[0]]}, batch ${top[1]}, rate ${brief(top[2])}, ${signed(ideal)}. Ten random runs `
      + `find ${brief(100 * found.expected)} % on validation data on average: ${luck} chance.`;
  }
}

const render = rendering(BudgetView);
