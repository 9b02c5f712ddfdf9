// The counter: a box for each batch, a row for each epoch, an update for each box.

// The sizes of the batches of one epoch.
function batchSizes({ samples, batch_size, drop_last }) {
  const size = Math.min(batch_size, samples);
  const sizes = new Array(Math.floor(samples / size)).fill(size);
  const rest = samples % size;
  if (rest > 0 && !drop_last) sizes.push(rest);
  return sizes;
}

class CounterView extends View {
  static traits = ["samples", "batch_size", "epochs", "drop_last"];
  static picture = "Rows of boxes, a row an epoch, a box a batch.";
  static aspect = 16 / 9;

  build() {
    const many = [...evenly(1, 64, 1), ...evenly(70, 300, 10), ...evenly(320, 1000, 20), 1078, ...evenly(1100, 2000, 50)];
    this.dials = {
      samples: this.dialFor("samples", "samples", many, 1),
      batch_size: this.dialFor("batch_size", "batch size", many, 1),
      epochs: this.dialFor("epochs", "epochs", evenly(1, 12, 1), 1),
      drop_last: this.switchFor("drop_last", "drop the last batch if it is too small (drop_last)"),
    };
    this.player = new Player(() => this.steps, () => this.draw(), () => this.tell());
    this.readouts = readouts("steps an epoch", "updates in all", "samples seen", "left out an epoch");
    return {
      key: ["one box = one batch = one update of the weights   orange: a short batch   dashed: left out"],
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
    this.sizes = batchSizes(state);
    this.steps = this.sizes.length * state.epochs;
    const seen = this.sizes.reduce((sum, size) => sum + size, 0);
    this.seen = seen * state.epochs;
    this.readouts.set({
      "steps an epoch": String(this.sizes.length),
      "updates in all": String(this.steps),
      "samples seen": String(this.seen),
      "left out an epoch": String(state.samples - seen),
    });
  }

  paint(context, width, height) {
    const { state, sizes, player } = this;
    const theme = themeOf(this.root);
    const box = [40, 20, width - 10, height - 40];
    const frame = drawFrame(context, theme, box,
      { range: [0, state.samples], label: "samples of the data set \u2192" },
      { range: [state.epochs + 0.5, 0.5], ticks: evenly(1, state.epochs, 1), label: "epoch \u2193" });
    const { across, up } = frame;
    const kept = sizes.reduce((sum, size) => sum + size, 0);
    const shown = Math.min(player.shown, this.steps);
    const tall = Math.abs(up(2) - up(1)) * 0.72 || (box[3] - box[1]) * 0.6;
    for (let epoch = 1, step = 0; epoch <= state.epochs; epoch++) {
      if (kept < state.samples) {
        context.setLineDash([3, 3]);
        context.strokeStyle = theme.faint;
        context.strokeRect(across(kept) + 1, up(epoch) - tall / 2, across(state.samples) - across(kept) - 2, tall);
        context.setLineDash([]);
      }
      for (let i = 0, from = 0; i < sizes.length; from += sizes[i], i++) {
        step += 1;
        const short = sizes[i] < sizes[0];
        const left = across(from), wide = across(from + sizes[i]) - left;
        const gap = wide > 3 ? 1 : 0;
        context.fillStyle = step > shown ? theme.edge : COLORS[short ? 1 : i % 2 ? 5 : 0];
        context.fillRect(left, up(epoch) - tall / 2, Math.max(wide - gap, 0.5), tall);
        if (gap && step <= shown && i % 2 && !short) {
          context.strokeStyle = EDGE;
          context.lineWidth = 1;
          context.strokeRect(left + 0.5, up(epoch) - tall / 2 + 0.5, wide - gap - 1, tall - 1);
        }
        if (step === shown && shown < this.steps) {
          context.strokeStyle = theme.text;
          context.lineWidth = 2;
          context.strokeRect(left, up(epoch) - tall / 2, Math.max(wide - gap, 2), tall);
        }
        if (wide > 26 && tall > 14) {
          context.font = "11px system-ui, sans-serif";
          context.textAlign = "center";
          context.textBaseline = "middle";
          context.fillStyle = step > shown ? theme.text : i % 2 || short ? "#000" : "#fff";
          context.fillText(String(sizes[i]), left + wide / 2, up(epoch));
        }
      }
    }
    player.counter.textContent = `update ${shown} of ${this.steps}`;
  }

  words() {
    const { state, sizes, steps } = this;
    const s = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;
    const not = sizes.length > 1 ? `, not ${state.epochs}` : "";
    const part = this.player.shown < steps ? ` Shown: after ${s(this.player.shown, "update")}.` : "";
    return `${s(state.samples, "sample")} in batches of ${sizes[0]}: ${s(sizes.length, "step")} an epoch, `
      + `${s(steps, "update")} in ${s(state.epochs, "epoch")}${not}.${part}`;
  }
}

const render = rendering(CounterView);
