// A saddle, two wells or a cliff: the path of one run on the map, and what hundreds of runs do.

const LABELS = {
  lr: "learning rate", noise: "noise", momentum: "momentum", clip: "clip (0: off)",
  distance: "distance",
};
const OFF = 30; // where "no clipping" stands on the axis

function medianOf(values) {
  const sorted = [...values].sort((a, b) => a - b), half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

const stepsText = (count) => (Number.isFinite(count) ? `${Math.round(count)} step${count === 1 ? "" : "s"}` : "never");
const arrivedIn = (all) => all.filter(Number.isFinite).length;

class SurfaceView extends View {
  static traits = ["lr", "noise", "momentum", "clip", "distance", "run"];
  static picture = "Contour map with the path of one run.";

  build() {
    const question = this.model.get("question");
    this.question = question;
    this.pool = numbersOf(this.model.get("numbers"), Int16Array);
    this.starts = numbersOf(this.model.get("starts"), Float64Array);
    this.land = landscape(question.name, question.coefficients);
    this.ground = document.createElement("canvas");
    this.player = new Player(() => this.path.length, () => this.draw(), () => this.tell());
    this.dials = Object.fromEntries(Object.entries(question.ranges).map(([name, values]) =>
      [name, name === "lr" ? this.dialFor(name, LABELS[name], values)
        : picker({ label: LABELS[name], values, change: (value) => this.change({ [name]: value }) })]));
    this.dials.run = picker({
      label: question.name === "cliff" ? "start shown" : "run shown",
      values: evenly(0, question.runs - 1, 1), change: (run) => this.change({ run }),
    });
    const label = { saddle: "Steps until the ridge is left", double_well: "Share of runs that end in the deeper well", cliff: "Share of starts that are solved" };
    const chart = this.furtherCanvas(`${label[question.name]}.`, 1.6, (...all) => this.paintChart(...all));
    const marks = question.name === "cliff" ? "\ngreen dots: starts that are solved   red crosses: those that are not" : "";
    this.counter = element("p", { className: "ol-key" });
    return {
      key: [`\u25cb start   \u25cf last step   \u2605 minimum${marks}`],
      stage: [this.player.root],
      panel: [...Object.values(this.dials).map((d) => d.root), chart, this.counter],
    };
  }

  closing() {
    return [() => this.player.stop(), () => cancelAnimationFrame(this.frame)];
  }

  refresh() {
    const { question, state, dials } = this;
    this.player.finish();
    for (const [name, control] of Object.entries(dials)) control.set(state[name]);
    dials.run.root.hidden = question.name !== "cliff" && !(state.noise > 0);
    const [start, settings] = setup(question, state, "here", state.run, this.starts);
    this.path = pathOf(question, this.land, start, state.run, settings, this.pool);
    const key = JSON.stringify({ ...state, run: null });
    if (key !== this.key) {
      this.key = key;
      this.survey();
    }
  }

  // Follow all runs: some at once, the rest between frames.
  survey() {
    const { question, state } = this;
    cancelAnimationFrame(this.frame);
    this.found = Object.fromEntries(["here", "random", ...question.values.keys()].map((c) => [c, []]));
    this.jobs = schedule(question, state.noise);
    this.done = 0;
    const next = () => {
      this.work(5);
      this.draw();
      if (this.done < this.jobs.length) this.frame = requestAnimationFrame(next);
      else this.tell();
    };
    this.work(3);
    if (this.done < this.jobs.length) this.frame = requestAnimationFrame(next);
  }

  work(milliseconds) {
    const { question, state, land, pool, jobs, found, starts } = this;
    const end = performance.now() + milliseconds;
    while (this.done < jobs.length && performance.now() < end) {
      const [column, run] = jobs[this.done++];
      found[column].push(arrival(question, land, ...at(setup(question, state, column, run, starts), run), pool));
    }
    this.counter.textContent = this.done < jobs.length
      ? `${this.done} of ${jobs.length} runs` : `${jobs.length} runs`;
  }

  paint(context, width, height, canvas, resized) {
    const { ground, path, question, player } = this;
    const { bounds, minima } = question;
    if (resized || !this.rings) {
      this.rings ??= ringMap(this.land.value, bounds);
      [ground.width, ground.height] = [canvas.width, canvas.height];
      shade(ground.getContext("2d"), this.rings, ground.width, ground.height);
    }
    context.drawImage(ground, 0, 0, width, height);
    if (question.name === "cliff") this.paintStarts(context, width, height);
    drawMap(context, width, height, { bounds, minima, path, shown: player.shown });
    player.counter.textContent = `step ${Math.min(player.shown, path.length)} of ${path.length}`;
  }

  paintStarts(context, width, height) {
    const { starts, found } = this, [[x0, x1], [y0, y1]] = this.question.bounds;
    found.here.forEach((when, run) => {
      const x = ((starts[2 * run] - x0) / (x1 - x0)) * width;
      const y = height - ((starts[2 * run + 1] - y0) / (y1 - y0)) * height;
      context.beginPath();
      if (Number.isFinite(when)) {
        context.arc(x, y, 2.6, 0, 2 * Math.PI);
        context.fillStyle = COLORS[2];
        context.fill();
      } else {
        for (const side of [-1, 1]) {
          context.moveTo(x - 3, y - 3 * side);
          context.lineTo(x + 3, y + 3 * side);
        }
        context.strokeStyle = "#a33c00";
        context.lineWidth = 1.5;
        context.stroke();
      }
    });
  }

  paintChart(context, width, height) {
    const { question, state, found } = this, theme = themeOf(this.root);
    const box = [52, 24, width - 12, height - 42], color = theme.colors[0];
    const value = { saddle: (all) => medianOf(all), double_well: share, cliff: share }[question.name];
    const pairs = question.values.map((v, i) => [v || (question.axis === "clip" ? OFF : v), value(found[i])])
      .filter((_, i) => found[i].length);
    const frame = drawFrame(context, theme, box, ...this.scales(pairs));
    inFrame(context, frame, () => {
      drawBand(context, frame, this.band(), color);
      drawLine(context, frame, pairs, { color });
    });
    drawDots(context, frame, pairs, { color });
    const here = state[question.axis] || (question.axis === "clip" ? OFF : 0);
    drawDots(context, frame, [[here, value(found.here)]], { color: theme.colors[1], radius: 6, edge: theme.text });
  }

  // The two axes.
  scales(pairs) {
    const percent = { range: [0, 1], ticks: [0, 0.25, 0.5, 0.75, 1], names: { 0: "0 %", 0.25: "25 %", 0.5: "50 %", 0.75: "75 %", 1: "100 %" } };
    const { axis } = this.question;
    if (axis === "noise") {
      return [{ range: [-0.1, 4.1], ticks: [0, 1, 2, 3, 4], label: "noise (standard deviation) \u2192" },
        { ...percent, label: "runs that end in the deeper well \u2191" }];
    }
    if (axis === "clip") {
      return [{ range: [0.007, 45], log: true, ticks: [0.01, 0.1, 1, 10, OFF], label: "clip (largest norm of the gradient) \u2192",
        names: { 0.01: "0.01", 0.1: "0.1", 1: "1", 10: "10", [OFF]: "off" } },
      { ...percent, label: "starts that are solved \u2191" }];
    }
    const most = Math.max(10, ...pairs.map(([, y]) => y).filter(Number.isFinite));
    return [{ range: [5e-13, 2], log: true, ticks: [1e-12, 1e-9, 1e-6, 1e-3, 1], label: "distance from the ridge \u2192",
      names: { 1e-12: "1e-12", 1e-9: "1e-9", 1e-6: "1e-6", 1e-3: "0.001", 1: "1" } },
    { range: [0, 1.1 * most], label: "steps until it leaves the ridge \u2191" }];
  }

  // From the tenth to the ninetieth of 100 runs, or the 95 % interval of a share.
  band() {
    const { question, found } = this;
    return question.values.flatMap((v, i) => {
      const all = found[i];
      if (all.length < 2) return [];
      if (question.axis !== "distance") return [[v || (question.axis === "clip" ? OFF : 0), ...interval(arrivedIn(all), all.length)]];
      const sorted = [...all].sort((a, b) => a - b);
      return [[v, sorted[Math.floor(0.1 * all.length)], sorted[Math.floor(0.9 * all.length)]]];
    });
  }

  words() {
    const { question, state, found } = this;
    const what = [state.momentum > 0 ? `Momentum ${brief(state.momentum)}` : "Gradient descent",
      `learning rate ${brief(state.lr)}`, state.noise > 0 ? `noise ${brief(state.noise)}` : "no noise"];
    if (state.clip > 0 || question.name === "cliff") what.push(state.clip > 0 ? `clip ${brief(state.clip)}` : "no clipping");
    return `${what.join(", ")}: ${question.name === "saddle" ? this.escape() : this.rate(found.here)}`;
  }

  escape() {
    const { state, found, question } = this;
    const where = state.distance > 0 ? `${brief(state.distance)} beside the ridge` : "exactly on the ridge";
    const takes = medianOf(found.here);
    const here = Number.isFinite(takes) ? `${where} it takes ${stepsText(takes)} to leave it`
      : `${where} it stays there for all ${question.steps} steps`;
    if (!found.random.length) return `${here}.`;
    const left = found.random.filter(Number.isFinite);
    const slowest = left.length ? `, the slowest in ${stepsText(Math.max(...left))}` : "";
    return `${here}. Of ${found.random.length} random starts ${left.length} leave it${slowest}.`;
  }

  rate(all) {
    const hits = arrivedIn(all), [low, high] = interval(hits, all.length).map((v) => Math.round(100 * v));
    const what = this.question.name === "cliff"
      ? ["start is solved", "starts are solved"] : ["run ends in the deeper well", "runs end in the deeper well"];
    if (all.length === 1) return `the ${what[0].replace("is ", hits ? "is " : "is not ").replace("ends", hits ? "ends" : "does not end")}.`;
    return `${Math.round((100 * hits) / all.length)} % of ${all.length} ${what[1]} (95 % interval ${low} to ${high} %).`;
  }
}

const share = (all) => arrivedIn(all) / all.length;
const at = ([start, settings], run) => [start, run, settings];

const render = rendering(SurfaceView);
