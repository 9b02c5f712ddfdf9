// One neuron in training: who computes which number, worker by worker.

// What each worker computed in each step, in the operations of the library's parts.
function trainNeuron({ lr, factor, steps }, examples) {
  const rows = [];
  let w = 0.5, b = 0;
  for (let t = 0; t < steps; t++) {
    const [x, y] = examples[t % examples.length];
    const out = x * w + b;
    const error = out - y;
    const dw = 2 * error * x, db = 2 * error;
    const rate = lr * factor ** t;
    const row = { x, y, w, b, out, loss: error * error, dw, db, lr: rate };
    w -= rate * dw;
    b -= rate * db;
    rows.push({ ...row, w_new: w, b_new: b });
  }
  return rows;
}

// The number that a worker adds, in words.
const SAYS = {
  loader: ({ x, y }) => `x = ${x}, y = ${y}`,
  model: ({ w, x, b, out }) => `out = ${brief(w)} · ${x} + ${brief(b)} = ${brief(out)}`,
  loss: ({ out, y, loss }) => `(${brief(out)} \u2212 ${y})\u00b2 = ${brief(loss)}`,
  backpropagation: ({ dw, db }) => `d loss/dw = ${brief(dw)}, d loss/db = ${brief(db)}`,
  schedule: ({ lr }) => `learning rate ${brief(lr)}`,
  optimizer: ({ w, lr, dw, w_new, b_new }) =>
    `w = ${brief(w)} \u2212 ${brief(lr)} · ${brief(dw)} = ${brief(w_new)}, b = ${brief(b_new)}`,
};

class NeuronView extends View {
  static traits = ["lr", "factor", "steps"];
  static picture = "Six workers, one below the other, with the number that each computes.";
  static aspect = 16 / 13;

  build() {
    const { workers, examples } = this.model.get("choices");
    Object.assign(this, { workers, examples });
    this.dials = {
      lr: this.dialFor("lr", "learning rate", evenly(0.01, 0.5, 0.01)),
      factor: this.dialFor("factor", "schedule: times", evenly(0.5, 1, 0.01)),
      steps: this.dialFor("steps", "steps", evenly(1, 12, 1), 1),
    };
    this.player = new Player(() => this.works, () => this.draw(), () => this.tell());
    this.readouts = readouts("weight w", "bias b", "step", "whose turn");
    return {
      stage: [this.player.root],
      panel: [...Object.values(this.dials).map((d) => d.root), this.readouts.root],
    };
  }

  closing() {
    return [() => this.player.stop()];
  }

  refresh() {
    const { state, dials } = this;
    for (const [name, control] of Object.entries(dials)) control.set(state[name]);
    this.player.finish();
    this.rows = trainNeuron(state, this.examples);
    this.works = state.steps * this.workers.length;
  }

  // The step and the worker that are shown; before the first work nobody has worked.
  now() {
    const done = Math.min(this.player.shown, this.works);
    const step = Math.max(0, Math.ceil(done / this.workers.length) - 1);
    return { done, step, worker: done - step * this.workers.length - 1 };
  }

  paint(context, width, height) {
    const { workers, rows, state } = this;
    const theme = themeOf(this.root);
    const { done, step, worker } = this.now();
    const row = rows[step];
    const tall = (height - 26) / workers.length;
    const small = width < 380 ? 1.5 : 0; // a narrow pane takes smaller letters
    context.textBaseline = "alphabetic";
    context.textAlign = "left";
    context.fillStyle = theme.text;
    context.font = "bold 13px system-ui, sans-serif";
    context.fillText(`step ${step + 1} of ${state.steps}`, 4, 15);
    workers.forEach(([name, does], i) => {
      const top = 24 + i * tall, active = i === worker;
      context.fillStyle = active ? theme.colors[0] : theme.ground;
      context.strokeStyle = i <= worker ? theme.colors[0] : theme.edge;
      context.lineWidth = active ? 2.5 : 1.2;
      context.fillRect(4, top, width - 8, tall - 7);
      context.strokeRect(4, top, width - 8, tall - 7);
      context.fillStyle = active ? "#fff" : theme.text;
      context.font = `bold ${12.5 - small}px system-ui, sans-serif`;
      context.fillText(name, 12, top + 0.4 * tall - 2);
      const wide = context.measureText(`${name}  `).width;
      context.font = `${12 - small}px system-ui, sans-serif`;
      context.fillStyle = active ? "#fff" : theme.faint;
      context.fillText(does, 14 + wide, top + 0.4 * tall - 2);
      context.fillStyle = active ? "#fff" : theme.text;
      context.font = `${12 - 1.6 * small}px ui-monospace, monospace`;
      if (i <= worker) context.fillText(SAYS[name](row), 12, top + 0.4 * tall + 14 - small);
    });
    this.player.counter.textContent = `work ${done} of ${this.works}`;
    const moved = worker >= workers.length - 1;
    this.readouts.set({
      "weight w": brief(moved ? row.w_new : row.w),
      "bias b": brief(moved ? row.b_new : row.b),
      step: String(done ? step + 1 : 0),
      "whose turn": worker >= 0 ? workers[worker][0] : "nobody's yet",
    });
  }

  words() {
    const { worker, step } = this.now();
    if (worker < 0) return "Nobody has worked yet. Press Step.";
    const [name, does] = this.workers[worker];
    return `Step ${step + 1}, the ${name} ${does}: ${SAYS[name](this.rows[step])}.`;
  }
}

const render = rendering(NeuronView);
